//! Features of the graph of accepted contacts, in batch: communities and sweeps over them (F8), trust that spreads from
//! known accounts (F37), how closely new contacts know each other (F38).
//!
//! Pure functions of a graph. Whoever numbers accounts in the order of their tokens gets the same from the same contacts.

use std::collections::BTreeMap;

use petgraph::Directed;
use petgraph::csr::Csr;

/// Accepted contacts between accounts, by number from 0; each contact with a weight above 0.
#[derive(Clone, Debug)]
pub struct Contacts {
    rows: Csr<(), f32, Directed, u32>,
}

/// Rounds after which communities are taken as they are: most are found within five.
const ROUNDS_MAX: usize = 10;

impl Contacts {
    /// Of contacts between accounts below `accounts`, each once, in any order. What names another account, or one account
    /// twice, is left out.
    pub fn of(accounts: u32, contacts: &[(u32, u32, f32)]) -> Self {
        let sound = contacts.iter().filter(|(a, b, weight)| a != b && a.max(b) < &accounts && *weight > 0.0);
        let mut both: Vec<(u32, u32, f32)> =
            sound.flat_map(|(a, b, w)| [(*a, *b, *w), (*b, *a, *w)]).collect();
        both.sort_unstable_by(|x, y| (x.0, x.1).cmp(&(y.0, y.1)).then(y.2.total_cmp(&x.2)));
        both.dedup_by_key(|(a, b, _)| (*a, *b));
        let mut rows = Csr::from_sorted_edges(&both).unwrap_or_default();
        while rows.node_count() < accounts as usize {
            rows.add_node(());
        }
        Self { rows }
    }

    /// How many accounts there are.
    pub fn len(&self) -> usize {
        self.rows.node_count()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those in contact with an account, in order.
    pub fn of_account(&self, account: u32) -> &[u32] {
        self.rows.neighbors_slice(account)
    }

    /// To which community each account belongs, named by one of its accounts: label propagation, each account in turn
    /// taking the community of most of its contacts: of several its own, or else whichever a hash of the two picks, since
    /// any order of theirs would let one community flood the rest.
    ///
    /// Source: Raghavan, Albert and Kumara, "Near linear time algorithm to detect community structures in large-scale
    /// networks", Physical Review E 76, 2007.
    pub fn communities(&self) -> Vec<u32> {
        let mut labels: Vec<u32> = (0..).take(self.len()).collect();
        for _ in 0..ROUNDS_MAX {
            let mut has_changed = false;
            for account in 0..labels.len() {
                let Ok(number) = u32::try_from(account) else { break };
                let mut votes: BTreeMap<u32, u32> = BTreeMap::new();
                for other in self.of_account(number) {
                    *votes.entry(labels[*other as usize]).or_default() += 1;
                }
                let Some(most) = votes.values().copied().max() else { continue };
                let own = labels[account];
                let is_kept = votes.get(&own) == Some(&most);
                let even = votes.iter().filter(|(_, n)| **n == most).map(|(label, _)| *label);
                let best = even.min_by_key(|label| mix(number, *label)).unwrap_or(own);
                if !is_kept {
                    labels[account] = best;
                    has_changed = true;
                }
            }
            if !has_changed {
                break;
            }
        }
        labels
    }

    /// How much each account is trusted, given `seeds` that are known to be genuine: a walk from the seeds that is ended
    /// after log2(n) rounds, before it has mixed, divided by the account's contacts. With weights of 1, 1 is what everybody
    /// would have if nobody were better connected to the seeds; accounts without contacts have 0.
    ///
    /// A contact's weight is what is left of it after negative feedback ([`discounted`]): the walk passes by what is refused.
    ///
    /// Sources: Cao et al., "Aiding the detection of fake accounts in large scale social online services" (SybilRank),
    /// NSDI 2012; Cao and Yang, "SybilFence: improving social-graph-based Sybil defenses with user negative feedback",
    /// 2013.
    pub fn trust(&self, seeds: &[u32]) -> Vec<f64> {
        let n = self.len();
        let weights: Vec<f64> = (0..)
            .take(n)
            .map(|a: u32| self.rows.edges_slice(a).iter().map(|w| f64::from(*w)).sum())
            .collect();
        let all: f64 = weights.iter().sum();
        let seeds: Vec<usize> = seeds
            .iter()
            .map(|seed| *seed as usize)
            .filter(|seed| weights.get(*seed).is_some_and(|w| *w > 0.0))
            .collect();
        let mut trust = vec![0.0; n];
        for seed in &seeds {
            trust[*seed] += all / seeds.len() as f64;
        }
        for _ in 0..n.max(2).ilog2() {
            let mut next = vec![0.0; n];
            for (place, (to, account)) in next.iter_mut().zip(0_u32..).enumerate() {
                let own = trust[place];
                // A walk that may stay: without it, two sides of a pair take turns.
                let stays = if weights[place] > 0.0 { 0.5 * own } else { own };
                let comes: f64 = self
                    .of_account(account)
                    .iter()
                    .zip(self.rows.edges_slice(account))
                    .map(|(other, w)| trust[*other as usize] * f64::from(*w) / weights[*other as usize])
                    .sum();
                *to = stays + 0.5 * comes;
            }
            trust = next;
        }
        let per_contact = |(trust, account): (f64, u32)| trust / self.of_account(account).len().max(1) as f64;
        trust.into_iter().zip(0..).map(per_contact).collect()
    }

    /// Share of the pairs among `new` contacts of an account that are in contact with each other; none for fewer than
    /// two. (Repeated accounts count once.)
    pub fn clustering(&self, new: &[u32]) -> Option<f64> {
        let mut new: Vec<u32> =
            new.iter().copied().filter(|account| (*account as usize) < self.len()).collect();
        new.sort_unstable();
        new.dedup();
        let pairs = new.len() * new.len().saturating_sub(1) / 2;
        let met = |(place, a): (usize, &u32)| {
            let others = self.of_account(*a);
            new[place + 1..].iter().filter(|b| others.binary_search(b).is_ok()).count()
        };
        let linked: usize = new.iter().enumerate().map(met).sum();
        (pairs > 0).then(|| linked as f64 / pairs as f64)
    }
}

/// An order of communities that is another for each account (the finaliser of SplitMix64).
fn mix(account: u32, label: u32) -> u64 {
    let mut x = u64::from(account) << 32 | u64::from(label);
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// What is left of a contact between two accounts after negative feedback about either: each leaves the share of its
/// accepted contacts among those and what was refused, blocked and reported. 1 for nothing negative.
#[allow(clippy::cast_possible_truncation, reason = "weights are small")]
pub fn discounted((accepted_a, negative_a): (u32, u32), (accepted_b, negative_b): (u32, u32)) -> f32 {
    let left = |accepted: u32, negative: u32| {
        f64::from(accepted.max(1)) / (f64::from(accepted.max(1)) + f64::from(negative))
    };
    (left(accepted_a, negative_a) * left(accepted_b, negative_b)) as f32
}

/// How far an account, or a ring, has gone through one community.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sweep {
    /// The community.
    pub community: u32,
    /// Its accounts that were turned to.
    pub targets: usize,
    /// Its accounts.
    pub size: usize,
    /// Spread of all targets over communities, in bits: 0 for all in one.
    pub entropy: f64,
}

impl Sweep {
    /// The share of the community that was turned to, 0 to 1.
    pub fn share(&self) -> f64 {
        self.targets as f64 / self.size as f64
    }
}

/// The community of which most, as a share, was turned to, among those of at least `size_min` accounts; none where no
/// target is in one. `communities` are those of [`Contacts::communities`] on the contacts among minors: no school needs
/// a name.
pub fn sweep(targets: &[u32], communities: &[u32], size_min: usize) -> Option<Sweep> {
    let mut sizes: BTreeMap<u32, usize> = BTreeMap::new();
    for community in communities {
        *sizes.entry(*community).or_default() += 1;
    }
    let mut targets: Vec<u32> = targets.to_vec();
    targets.sort_unstable();
    targets.dedup();
    let mut hits: BTreeMap<u32, usize> = BTreeMap::new();
    for community in targets.iter().filter_map(|target| communities.get(*target as usize)) {
        *hits.entry(*community).or_default() += 1;
    }
    let all: usize = hits.values().sum();
    let bits = |n: &usize| {
        let share = *n as f64 / all as f64;
        -share * libm::log2(share)
    };
    let entropy: f64 = hits.values().map(bits).sum();
    hits.iter()
        .map(|(community, n)| Sweep { community: *community, targets: *n, size: sizes[community], entropy })
        .filter(|sweep| sweep.size >= size_min)
        .max_by(|x, y| {
            x.share()
                .total_cmp(&y.share())
                .then(x.targets.cmp(&y.targets))
                .then(y.community.cmp(&x.community))
        })
}

#[cfg(test)]
mod tests;
