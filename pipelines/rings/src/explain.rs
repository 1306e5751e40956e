//! Why two accounts are linked or not, what is around an account, and which events bear on it.

use std::collections::{BTreeMap, BTreeSet};

use events::{Event, Token};
use petgraph::unionfind::UnionFind;

use crate::clusters::Clusters;
use crate::link::{Kind, Pair};
use crate::linker::{Linker, key};
use crate::place::PlaceKind;

/// The most accounts of a picture.
pub const NODES_MAX: usize = 50;

/// The weakest pair that a picture shows.
pub(crate) const SHOWN: f64 = 0.3;

/// Why two accounts are linked or not.
#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// Everything that links the two directly, however little; none where nothing does, or a reviewer broke it.
    pub direct: Option<Pair>,
    /// Whether a reviewer has broken what linked them.
    pub is_broken: bool,
    /// The cluster that both are in.
    pub cluster: Option<Token>,
    /// From the first to the second, the pairs of the chain whose weakest is strongest; empty where none connects them.
    pub chain: Vec<Pair>,
    /// What made shared devices and networks count for less.
    pub softened: Vec<&'static str>,
}

/// An account and those around it.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// Accounts with their distance in links from the first, nearest and most strongly linked first; at most 50.
    pub nodes: Vec<(Token, u8)>,
    /// The pairs among them.
    pub pairs: Vec<Pair>,
    /// Accounts that there was no room for.
    pub left_out: usize,
}

/// What to look for in events to find those that link two accounts.
#[derive(Clone, Debug)]
pub struct Trail {
    accounts: [Token; 2],
    places: BTreeMap<u64, Kind>,
    targets: BTreeSet<Token>,
}

pub(crate) fn explain(linker: &Linker, clusters: &Clusters, one: &Token, other: &Token) -> Explanation {
    let cluster = |token| clusters.of_account(token).map(|cluster| cluster.id.clone());
    Explanation {
        direct: linker.between(one, other),
        is_broken: linker.is_broken(one, other),
        cluster: cluster(one).filter(|id| cluster(other).as_ref() == Some(id)),
        chain: chain(clusters, one, other),
        softened: linker.softened(one, other),
    }
}

/// Pairs strongest first are joined until the two hang together; then the path between them is the chain.
fn chain(clusters: &Clusters, one: &Token, other: &Token) -> Vec<Pair> {
    let Some(cluster) = clusters.of_account(one).filter(|cluster| cluster.members.contains(other)) else {
        return Vec::new();
    };
    let place = |token: &Token| cluster.members.binary_search(token).unwrap_or_default();
    let mut sets = UnionFind::<usize>::new(cluster.members.len());
    let mut tree: BTreeMap<&Token, Vec<&Pair>> = BTreeMap::new();
    for pair in clusters.pairs_within(cluster) {
        if sets.union(place(&pair.a), place(&pair.b)) {
            tree.entry(&pair.a).or_default().push(pair);
            tree.entry(&pair.b).or_default().push(pair);
        }
        if sets.equiv(place(one), place(other)) {
            break;
        }
    }
    path(&tree, one, other).unwrap_or_default().into_iter().cloned().collect()
}

/// The way from one account to another through a forest.
fn path<'a>(tree: &BTreeMap<&'a Token, Vec<&'a Pair>>, from: &Token, to: &Token) -> Option<Vec<&'a Pair>> {
    let mut ways: Vec<(&Token, Vec<&'a Pair>)> = vec![(from, Vec::new())];
    let mut seen = BTreeSet::from([from]);
    while let Some((account, way)) = ways.pop() {
        if account == to {
            return Some(way);
        }
        for pair in tree.get(account).into_iter().flatten() {
            let next = pair.other(account);
            if seen.insert(next) {
                let mut further = way.clone();
                further.push(*pair);
                ways.push((next, further));
            }
        }
    }
    None
}

impl Linker {
    /// An account and those linked with it, over `hops` links, with at most [`NODES_MAX`] accounts.
    pub fn picture(&self, account: &Token, hops: u8) -> Picture {
        let mut nodes = vec![(account.clone(), 0)];
        let mut seen = BTreeSet::from([account.clone()]);
        let (mut first, mut left_out) = (0, 0);
        for hop in 1..=hops {
            let edge: Vec<Token> = nodes.iter().skip(first).map(|(token, _)| token.clone()).collect();
            first = nodes.len();
            for from in &edge {
                let mut pairs = self.links_of(from, SHOWN);
                pairs.sort_by(|x, y| y.strength.total_cmp(&x.strength));
                for next in pairs.iter().map(|pair| pair.other(from)) {
                    if !seen.insert(next.clone()) {
                        continue;
                    }
                    if nodes.len() < NODES_MAX {
                        nodes.push((next.clone(), hop));
                    } else {
                        left_out += 1;
                    }
                }
            }
        }
        let shown: BTreeSet<&Token> = nodes.iter().map(|(token, _)| token).collect();
        let within = |(token, _): &(Token, u8)| {
            let pairs = self.links_of(token, SHOWN).into_iter();
            pairs.filter(|pair| pair.a == *token && shown.contains(&pair.b)).collect::<Vec<_>>()
        };
        let pairs = nodes.iter().flat_map(within).collect();
        Picture { nodes, pairs, left_out }
    }

    /// Why shared devices and networks of two accounts count for less.
    fn softened(&self, one: &Token, other: &Token) -> Vec<&'static str> {
        let Some((one, other)) = self.number_of(one).zip(self.number_of(other)) else { return Vec::new() };
        let kin = self.kin(one, other);
        [
            (kin.old_contacts, "they are old contacts of each other"),
            (
                kin.community,
                "they share a device or a network with people who are old contacts of each other",
            ),
            (kin.generations, "their holders seem to be of different generations"),
        ]
        .into_iter()
        .filter_map(|(holds, sentence)| holds.then_some(sentence))
        .collect()
    }

    /// What to look for in events to find those that link two accounts; none where one was never met.
    pub fn trail(&self, one: &Token, other: &Token) -> Option<Trail> {
        let (a, b) = (self.of(self.number_of(one)?), self.of(self.number_of(other)?));
        let mut places = BTreeMap::new();
        let lists = [
            (Kind::Device, a.devices.as_slice(), b.devices.as_slice()),
            (Kind::Network, &a.networks, &b.networks),
            (Kind::PhonePrefix, a.prefix.as_slice(), b.prefix.as_slice()),
        ];
        for (kind, ours, theirs) in lists {
            let common = ours.iter().filter(|place| theirs.contains(place));
            places.extend(common.map(|place| (self.place(*place).key, kind)));
        }
        let targets = a.asked.iter().filter(|ask| b.has_asked(ask.who));
        let targets = targets.map(|ask| self.of(ask.who).token.clone()).collect();
        Some(Trail { accounts: [one.clone(), other.clone()], places, targets })
    }
}

impl Trail {
    /// For what kind of link an event of one of the two speaks, if for any.
    pub fn bears_on(&self, event: &Event) -> Option<Kind> {
        use events::Body;
        event.actor.as_ref().filter(|actor| self.accounts.contains(actor))?;
        let at = |kind: PlaceKind, token: Option<&Token>| self.places.get(&key(kind as u8, token?)).copied();
        match &event.body {
            Body::AccountCreated(created) => at(PlaceKind::Device, created.device.as_ref())
                .or_else(|| at(PlaceKind::Network, created.network.as_ref()))
                .or_else(|| at(PlaceKind::PhonePrefix, created.phone_prefix.as_ref())),
            Body::SessionStarted(session) => at(PlaceKind::Device, session.device.as_ref())
                .or_else(|| at(PlaceKind::Network, session.network.as_ref())),
            Body::DeviceLinked(linked) => at(PlaceKind::Device, Some(&linked.device)),
            body => {
                let turns = crate::linker::turns_to(body).is_some();
                let common = event.target.as_ref().is_some_and(|target| self.targets.contains(target));
                (turns && common).then_some(Kind::Targets)
            }
        }
    }
}
