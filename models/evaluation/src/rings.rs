//! How well accounts are put together, against who really belongs together.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

/// Accounts that really belong together, or only live alike: one JSON line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Together {
    /// The kind of abuse that they pursue together, or what they share: `household`, `library`, `changed_number`.
    pub kind: String,
    /// Whether they act as one, in abuse.
    pub is_ring: bool,
    /// The accounts' tokens, at least two.
    pub accounts: Vec<String>,
}

/// What became of one suspended person's new account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Return {
    /// Minors whom it turned to first.
    pub minors: u32,
    /// How many those were when it was in one cluster with the suspended account; none where it never was.
    pub linked_after: Option<u32>,
}

/// Pairs of accounts that really belong together, and how many of these were found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Found {
    /// Groups.
    pub groups: usize,
    /// Pairs within them.
    pub pairs: usize,
    /// Pairs of which both are in one cluster.
    pub found: usize,
    /// Clusters that hold any of them, and those who are in none: what a reviewer would have to open.
    pub cases: usize,
}

/// Innocent groups, and how many of these were taken for a ring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Spared {
    /// Groups.
    pub groups: usize,
    /// Groups of which two accounts that are of no ring are in one cluster.
    pub wrong: usize,
}

/// How well accounts are put together.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct RingFigures {
    /// Clusters.
    pub clusters: usize,
    /// Accounts in them.
    pub clustered: usize,
    /// Share of the pairs of ring accounts that are in one cluster; none where there is no ring.
    pub pairwise_recall: Option<f64>,
    /// Share of the pairs within clusters that are of one ring; none where there is no cluster. Pairs of one innocent
    /// holder are left out.
    pub pairwise_precision: Option<f64>,
    /// Pairs within clusters that are of one ring, of none, and of one innocent holder.
    pub pairs_right: usize,
    /// See above.
    pub pairs_wrong: usize,
    /// See above.
    pub pairs_of_one_holder: usize,
    /// Rings, by kind of abuse.
    pub rings: BTreeMap<String, Found>,
    /// Innocent groups, by what they share.
    pub innocent: BTreeMap<String, Spared>,
    /// The largest ring: its accounts, and the cases that a reviewer would have to open for it.
    pub largest: Option<(usize, usize)>,
    /// New accounts of suspended people that turned to a minor.
    pub returns: usize,
    /// Those that were linked at any time.
    pub returns_linked: usize,
    /// Those that were linked before their tenth minor.
    pub returns_linked_by_ten: usize,
    /// Those that turned to ten minors or more, and were not linked by then.
    pub returns_missed: usize,
}

/// Whether two accounts are of one holder, who is no abuser.
const ONE_HOLDER: &str = "changed_number";

impl RingFigures {
    /// Holds clusters against who really belongs together. `groups` name only accounts that were seen.
    pub fn of(clusters: &[Vec<String>], groups: &[Together], returns: &[Return]) -> Self {
        let mut figures = Self { clusters: clusters.len(), ..Self::default() };
        let mut cluster_of: HashMap<&str, usize> = HashMap::new();
        for (number, members) in clusters.iter().enumerate() {
            figures.clustered += members.len();
            cluster_of.extend(members.iter().map(|member| (member.as_str(), number)));
        }
        let pairs = |is: &dyn Fn(&Together) -> bool| -> BTreeSet<(&str, &str)> {
            groups.iter().filter(|group| is(group)).flat_map(|group| pairs_of(&group.accounts)).collect()
        };
        let (ring, holder) = (pairs(&|group| group.is_ring), pairs(&|group| group.kind == ONE_HOLDER));
        for pair in clusters.iter().flat_map(|members| pairs_of(members)) {
            let count = match (ring.contains(&pair), holder.contains(&pair)) {
                (true, _) => &mut figures.pairs_right,
                (false, true) => &mut figures.pairs_of_one_holder,
                (false, false) => &mut figures.pairs_wrong,
            };
            *count += 1;
        }
        let is_one = |pair: &(&str, &str)| {
            let (a, b) = (cluster_of.get(pair.0), cluster_of.get(pair.1));
            a.is_some() && a == b
        };
        for group in groups.iter().filter(|group| group.accounts.len() > 1) {
            let found: Vec<(&str, &str)> = pairs_of(&group.accounts).filter(|pair| is_one(pair)).collect();
            if group.is_ring {
                let cases = cases(&group.accounts, &cluster_of);
                let kind = figures.rings.entry(group.kind.clone()).or_default();
                kind.groups += 1;
                kind.pairs += pairs_of(&group.accounts).count();
                kind.found += found.len();
                kind.cases += cases;
                figures.largest = figures.largest.max(Some((group.accounts.len(), cases)));
            } else if group.kind != ONE_HOLDER {
                let kind = figures.innocent.entry(group.kind.clone()).or_default();
                kind.groups += 1;
                let is_wrong = |pair: &(&str, &str)| !ring.contains(pair) && !holder.contains(pair);
                kind.wrong += usize::from(found.iter().any(is_wrong));
            }
        }
        figures.note_returns(returns);
        figures.sum_up();
        figures
    }

    fn note_returns(&mut self, returns: &[Return]) {
        for back in returns.iter().filter(|back| back.minors > 0 || back.linked_after.is_some()) {
            self.returns += 1;
            self.returns_linked += usize::from(back.linked_after.is_some());
            let by_ten = back.linked_after.is_some_and(|after| after < 10);
            self.returns_linked_by_ten += usize::from(by_ten);
            self.returns_missed += usize::from(!by_ten && back.minors >= 10);
        }
    }

    fn sum_up(&mut self) {
        let sum = |of: fn(&Found) -> usize| self.rings.values().map(of).sum::<usize>();
        let share = |part: usize, whole: usize| (whole > 0).then(|| part as f64 / whole as f64);
        self.pairwise_recall = share(sum(|found| found.found), sum(|found| found.pairs));
        self.pairwise_precision = share(self.pairs_right, self.pairs_right + self.pairs_wrong);
    }
}

/// Clusters that hold any of these accounts, and those who are in none.
fn cases(accounts: &[String], cluster_of: &HashMap<&str, usize>) -> usize {
    let clusters: BTreeSet<usize> =
        accounts.iter().filter_map(|account| cluster_of.get(account.as_str()).copied()).collect();
    let alone = accounts.iter().filter(|account| !cluster_of.contains_key(account.as_str())).count();
    clusters.len() + alone
}

/// Every pair of them, each in order.
fn pairs_of(accounts: &[String]) -> impl Iterator<Item = (&str, &str)> {
    accounts.iter().enumerate().flat_map(|(place, a)| {
        accounts[place + 1..]
            .iter()
            .map(move |b| if a < b { (a.as_str(), b.as_str()) } else { (b.as_str(), a.as_str()) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &str) -> Vec<String> {
        names.split(' ').map(str::to_owned).collect()
    }

    fn group(kind: &str, is_ring: bool, accounts: &str) -> Together {
        Together { kind: kind.to_owned(), is_ring, accounts: names(accounts) }
    }

    #[test]
    fn pairs_are_counted_both_ways() {
        let groups = [
            group("farm", true, "a b c d"),
            group("household", false, "e f g"),
            group("household", false, "h i"),
            group(ONE_HOLDER, false, "j k"),
        ];
        let clusters = [names("c b a"), names("e f"), names("k j"), names("d x")];
        let figures = RingFigures::of(&clusters, &groups, &[]);
        assert_eq!(figures.rings["farm"], Found { groups: 1, pairs: 6, found: 3, cases: 2 });
        assert_eq!(figures.innocent["household"], Spared { groups: 2, wrong: 1 });
        assert_eq!((figures.pairs_right, figures.pairs_wrong, figures.pairs_of_one_holder), (3, 2, 1));
        assert_eq!((figures.pairwise_recall, figures.pairwise_precision), (Some(0.5), Some(0.6)));
        assert_eq!((figures.clusters, figures.clustered, figures.largest), (4, 9, Some((4, 2))));
    }

    #[test]
    fn a_return_is_in_time_before_its_tenth_minor() {
        let back = |minors, linked_after| Return { minors, linked_after };
        let returns = [back(30, Some(9)), back(30, Some(10)), back(4, None), back(12, None), back(0, None)];
        let figures = RingFigures::of(&[], &[], &returns);
        assert_eq!((figures.returns, figures.returns_linked, figures.returns_linked_by_ten), (4, 2, 1));
        assert_eq!((figures.returns_missed, figures.pairwise_recall), (2, None));
    }
}
