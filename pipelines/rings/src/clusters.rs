//! Clusters: accounts that belong together, put together from pairs, kept as pairs come and go.
//!
//! Pairs are joined strongest first (Kruskal); a pair that would make a cluster of more than the cap is left out, and so is
//! one that is the only one between two groups of three or more. So a component that is too large falls apart at its
//! weakest links, one wrong pair does not make one ring of two, and what falls apart where depends on the pairs alone.

use std::collections::{BTreeMap, BTreeSet};

use events::{Millis, Token};
use petgraph::unionfind::UnionFind;

use crate::link::{Kind, Pair};

/// From what strength on a pair of accounts belongs together.
pub const TOGETHER: f64 = 0.55;

/// The most accounts of a cluster.
pub const MEMBERS_MAX: usize = 256;

/// Accounts from which on a group is one that a single pair does not join to another such: it takes two.
const GROUP: usize = 3;

/// Accounts that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Cluster {
    /// The token that comes first among the members: what the cluster is known by.
    pub id: Token,
    /// In order.
    pub members: Vec<Token>,
    /// The weakest of the links that hold it together, 0 to 1.
    pub confidence: f64,
    /// When its first link began.
    pub since: Millis,
    /// When one was last seen.
    pub last: Millis,
    /// How many pairs each kind links.
    pub kinds: BTreeMap<Kind, usize>,
}

/// Every cluster, and the pairs behind them.
#[derive(Clone, Debug)]
pub struct Clusters {
    members_max: usize,
    /// By account, the pairs that reach [`TOGETHER`], by the other.
    pairs: BTreeMap<Token, BTreeMap<Token, Pair>>,
    clusters: BTreeMap<Token, Cluster>,
    /// By account, the id of its cluster.
    cluster_of: BTreeMap<Token, Token>,
}

impl Default for Clusters {
    fn default() -> Self {
        Self::new(MEMBERS_MAX)
    }
}

impl Clusters {
    /// None yet, and none of more than `members_max` accounts, which is at least 2.
    pub fn new(members_max: usize) -> Self {
        Self {
            members_max: members_max.max(2),
            pairs: BTreeMap::new(),
            clusters: BTreeMap::new(),
            cluster_of: BTreeMap::new(),
        }
    }

    /// Of all pairs there are, in any order.
    pub fn of(pairs: impl IntoIterator<Item = Pair>, members_max: usize) -> Self {
        let mut clusters = Self::new(members_max);
        let mut touched = BTreeSet::new();
        for pair in pairs {
            clusters.insert(pair, &mut touched);
        }
        clusters.settle(touched);
        clusters
    }

    /// The same cap, of other pairs.
    pub(crate) fn anew(&self, pairs: impl IntoIterator<Item = Pair>) -> Self {
        Self::of(pairs, self.members_max)
    }

    /// Replaces everything that is known of some accounts' pairs, and puts those clusters together again that this
    /// touches. `pairs` of each account are all that it has now.
    pub fn update(&mut self, changed: impl IntoIterator<Item = (Token, Vec<Pair>)>) {
        let mut touched = BTreeSet::new();
        for (account, pairs) in changed {
            self.remove(&account, &mut touched);
            pairs.into_iter().for_each(|pair| self.insert(pair, &mut touched));
        }
        self.settle(touched);
    }

    /// All clusters, by id.
    pub fn iter(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.values()
    }

    /// The cluster of an account.
    pub fn of_account(&self, account: &Token) -> Option<&Cluster> {
        self.cluster_of.get(account).and_then(|id| self.clusters.get(id))
    }

    /// The pairs that reach [`TOGETHER`] of an account, strongest first.
    pub fn pairs_of(&self, account: &Token) -> Vec<&Pair> {
        let mut pairs: Vec<&Pair> = self.pairs.get(account).into_iter().flat_map(BTreeMap::values).collect();
        pairs.sort_by(|x, y| strongest_first(x, y));
        pairs
    }

    /// The pairs within a cluster, strongest first.
    pub fn pairs_within(&self, cluster: &Cluster) -> Vec<&Pair> {
        let members: BTreeSet<&Token> = cluster.members.iter().collect();
        let mut pairs: Vec<&Pair> = cluster
            .members
            .iter()
            .filter_map(|member| self.pairs.get(member).map(|pairs| (member, pairs)))
            .flat_map(|(member, pairs)| pairs.values().filter(move |pair| pair.a == *member))
            .filter(|pair| members.contains(&pair.b))
            .collect();
        pairs.sort_by(|x, y| strongest_first(x, y));
        pairs
    }

    /// Pairs that reach [`TOGETHER`] and were left out, because the cluster would have become too large or because nothing
    /// else joined two groups.
    pub fn cut(&self) -> Vec<&Pair> {
        self.pairs
            .iter()
            .flat_map(|(account, pairs)| pairs.values().filter(move |pair| pair.a == *account))
            .filter(|pair| self.cluster_of.get(&pair.a) != self.cluster_of.get(&pair.b))
            .collect()
    }

    fn insert(&mut self, pair: Pair, touched: &mut BTreeSet<Token>) {
        if pair.strength < TOGETHER {
            return;
        }
        touched.extend([pair.a.clone(), pair.b.clone()]);
        self.pairs.entry(pair.b.clone()).or_default().insert(pair.a.clone(), pair.clone());
        self.pairs.entry(pair.a.clone()).or_default().insert(pair.b.clone(), pair);
    }

    fn remove(&mut self, account: &Token, touched: &mut BTreeSet<Token>) {
        let others = self.pairs.remove(account).unwrap_or_default();
        if others.is_empty() {
            return;
        }
        touched.insert(account.clone());
        for other in others.into_keys() {
            if let Some(pairs) = self.pairs.get_mut(&other) {
                pairs.remove(account);
                if pairs.is_empty() {
                    self.pairs.remove(&other);
                }
            }
            touched.insert(other);
        }
    }

    /// Puts together again whatever hangs together with the touched accounts.
    fn settle(&mut self, touched: BTreeSet<Token>) {
        let mut seen: BTreeSet<Token> = BTreeSet::new();
        let mut components = Vec::new();
        for start in touched {
            if !seen.contains(&start) {
                let component = self.component(start);
                seen.extend(component.iter().cloned());
                components.push(component);
            }
        }
        // What was one cluster may now be several: all go before any comes.
        for account in &seen {
            if let Some(id) = self.cluster_of.remove(account) {
                self.clusters.remove(&id);
            }
        }
        for cluster in
            components.iter().flat_map(|component| self.put_together(component)).collect::<Vec<_>>()
        {
            for member in &cluster.members {
                self.cluster_of.insert(member.clone(), cluster.id.clone());
            }
            self.clusters.insert(cluster.id.clone(), cluster);
        }
    }

    /// Everybody whom pairs connect with an account, however large, in order.
    fn component(&self, start: Token) -> Vec<Token> {
        let mut found = BTreeSet::from([start.clone()]);
        let mut open = vec![start];
        while let Some(account) = open.pop() {
            for other in self.pairs.get(&account).into_iter().flat_map(BTreeMap::keys) {
                if found.insert(other.clone()) {
                    open.push(other.clone());
                }
            }
        }
        found.into_iter().collect()
    }

    /// Whether two groups may be joined: where both have [`GROUP`] accounts or more, one pair is not enough.
    fn is_supported(&self, component: &[Token], (one, other): (&[usize], &[usize])) -> bool {
        if one.len().min(other.len()) < GROUP {
            return true;
        }
        let theirs: BTreeSet<&Token> = other.iter().map(|place| &component[*place]).collect();
        let ours = one.iter().filter_map(|place| self.pairs.get(&component[*place]));
        ours.flat_map(BTreeMap::keys).filter(|token| theirs.contains(token)).take(2).count() == 2
    }

    /// The clusters of one component.
    fn put_together(&self, component: &[Token]) -> Vec<Cluster> {
        let place = |token: &Token| component.binary_search(token).unwrap_or_default();
        let mut pairs: Vec<&Pair> = component
            .iter()
            .filter_map(|account| self.pairs.get(account).map(|pairs| (account, pairs)))
            .flat_map(|(account, pairs)| pairs.values().filter(move |pair| pair.a == *account))
            .collect();
        pairs.sort_by(|x, y| strongest_first(x, y));
        let mut sets = UnionFind::<usize>::new(component.len());
        let mut groups: Vec<Vec<usize>> = (0..component.len()).map(|place| vec![place]).collect();
        let mut weakest = vec![1.0_f64; component.len()];
        for pair in &pairs {
            let (a, b) = (sets.find_mut(place(&pair.a)), sets.find_mut(place(&pair.b)));
            let fits = groups[a].len() + groups[b].len() <= self.members_max;
            if a == b || !fits || !self.is_supported(component, (&groups[a], &groups[b])) {
                continue;
            }
            let least = weakest[a].min(weakest[b]).min(pair.strength);
            let both = [std::mem::take(&mut groups[a]), std::mem::take(&mut groups[b])].concat();
            sets.union(a, b);
            let whole = sets.find_mut(a);
            (groups[whole], weakest[whole]) = (both, least);
        }
        let mut clusters: BTreeMap<usize, Cluster> = BTreeMap::new();
        for (index, account) in component.iter().enumerate() {
            let whole = sets.find_mut(index);
            if groups[whole].len() > 1 {
                let new = || Cluster::of(account, weakest[whole]);
                clusters.entry(whole).or_insert_with(new).members.push(account.clone());
            }
        }
        for pair in pairs {
            let (a, b) = (sets.find_mut(place(&pair.a)), sets.find_mut(place(&pair.b)));
            if let Some(cluster) = clusters.get_mut(&a).filter(|_| a == b) {
                cluster.count(pair);
            }
        }
        clusters.into_values().collect()
    }
}

impl Cluster {
    fn of(first: &Token, confidence: f64) -> Self {
        Self {
            id: first.clone(),
            members: Vec::new(),
            confidence,
            since: Millis::MAX,
            last: 0,
            kinds: BTreeMap::new(),
        }
    }

    fn count(&mut self, pair: &Pair) {
        self.since = self.since.min(pair.since());
        self.last = self.last.max(pair.last());
        for link in &pair.links {
            *self.kinds.entry(link.kind).or_default() += 1;
        }
    }
}

/// The order in which pairs are joined: by strength, then by token.
fn strongest_first(x: &Pair, y: &Pair) -> std::cmp::Ordering {
    y.strength.total_cmp(&x.strength).then_with(|| (&x.a, &x.b).cmp(&(&y.a, &y.b)))
}

#[cfg(test)]
mod tests;
