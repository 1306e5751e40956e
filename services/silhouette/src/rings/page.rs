//! Clusters, accounts and links as they are printed.

use std::collections::BTreeMap;

use events::Token;
use rings::{Cluster, Kind, Link, Pair, Rings, RollUp};
use serde::Serialize;

/// A cluster with what it does as a whole.
#[derive(Debug, Serialize)]
pub(super) struct ClusterPage {
    pub(super) id: Token,
    pub(super) accounts: usize,
    /// The weakest link that holds it together.
    pub(super) confidence: f64,
    pub(super) since: u64,
    pub(super) last: u64,
    /// By kind, how many pairs it links.
    pub(super) links: BTreeMap<&'static str, usize>,
    pub(super) does: Does,
    pub(super) members: Vec<Token>,
}

/// What accounts do together, over the last 28 days.
#[derive(Debug, Serialize)]
pub(super) struct Does {
    pub(super) suspended: usize,
    pub(super) targets: usize,
    pub(super) minors: usize,
    pub(super) minors_expected: f64,
    pub(super) minors_expected_7d: f64,
    pub(super) minors_expected_24h: f64,
    /// The most minors that one account alone turned to.
    pub(super) minors_of_one: usize,
    /// Targets that several turned to within three hours.
    pub(super) synchronised: usize,
    pub(super) first_contact: Option<u64>,
    pub(super) last_contact: Option<u64>,
}

/// Two accounts with what links them.
#[derive(Debug, Serialize)]
pub(super) struct PairPage {
    pub(super) a: Token,
    pub(super) b: Token,
    pub(super) strength: f64,
    pub(super) links: Vec<LinkPage>,
}

/// One kind of evidence.
#[derive(Debug, Serialize)]
pub(super) struct LinkPage {
    pub(super) kind: &'static str,
    pub(super) strength: f64,
    pub(super) since: u64,
    pub(super) last: u64,
    pub(super) count: u32,
    pub(super) text: String,
    /// Events behind it, at most eight; only where they were looked for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) events: Vec<Token>,
}

impl ClusterPage {
    pub(super) fn of(rings: &Rings, cluster: &Cluster) -> Self {
        Self {
            id: cluster.id.clone(),
            accounts: cluster.members.len(),
            confidence: round(cluster.confidence),
            since: cluster.since,
            last: cluster.last,
            links: cluster.kinds.iter().map(|(kind, n)| (kind.as_str(), *n)).collect(),
            does: Does::of(&rings.linker().roll_up(&cluster.members)),
            members: cluster.members.clone(),
        }
    }
}

impl Does {
    fn of(sum: &RollUp) -> Self {
        Self {
            suspended: sum.suspended,
            targets: sum.targets,
            minors: sum.minors,
            minors_expected: round(sum.minors_expected),
            minors_expected_7d: round(sum.minors_expected_7d),
            minors_expected_24h: round(sum.minors_expected_24h),
            minors_of_one: sum.minors_of_one,
            synchronised: sum.synchronised,
            first_contact: sum.span.map(|(first, _)| first),
            last_contact: sum.span.map(|(_, last)| last),
        }
    }
}

impl PairPage {
    pub(super) fn of(pair: &Pair) -> Self {
        Self::with(pair, &BTreeMap::new())
    }

    /// The same with events by kind. A return rests on the same events as common targets.
    pub(super) fn with(pair: &Pair, events: &BTreeMap<Kind, Vec<Token>>) -> Self {
        let link = |link: &Link| {
            let kind = if link.kind == Kind::Return { Kind::Targets } else { link.kind };
            LinkPage {
                kind: link.kind.as_str(),
                strength: round(link.strength),
                since: link.since,
                last: link.last,
                count: link.count,
                text: link.kind.sentence(link.count),
                events: events.get(&kind).cloned().unwrap_or_default(),
            }
        };
        let links = pair.links.iter().map(link).collect();
        Self { a: pair.a.clone(), b: pair.b.clone(), strength: round(pair.strength), links }
    }
}

/// To four places.
pub(super) fn round(x: f64) -> f64 {
    (x * 10_000.0).round() / 10_000.0
}
