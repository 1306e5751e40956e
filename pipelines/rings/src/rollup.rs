//! What a cluster does as a whole: whom its accounts have turned to, each counted once (feature F21 over a cluster, F34).

use std::collections::BTreeMap;

use events::{Millis, Token};

use crate::account::Number;
use crate::linker::Linker;
use crate::{DAY, MEMORY, Second, strength};

/// What accounts did together, over the last 28 days.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RollUp {
    /// Accounts.
    pub accounts: usize,
    /// Suspended ones among them.
    pub suspended: usize,
    /// Different accounts that any of them turned to first, each counted once, but for each other.
    pub targets: usize,
    /// Of these, how many are more likely minors than not.
    pub minors: usize,
    /// How many minors are to be expected among them: the sum of the probabilities.
    pub minors_expected: f64,
    /// The same within the last 24 hours.
    pub minors_expected_24h: f64,
    /// The same within the last 7 days.
    pub minors_expected_7d: f64,
    /// The most minors that one of them alone turned to: what is seen of the ring without linking it.
    pub minors_of_one: usize,
    /// Targets that two or more of them turned to within three hours.
    pub synchronised: usize,
    /// First and last of these contacts, milliseconds since the epoch; none where there is none.
    pub span: Option<(Millis, Millis)>,
}

/// One target of a cluster.
#[derive(Default)]
struct Target {
    minor: u8,
    times: Vec<Second>,
}

impl Target {
    fn is_synchronised(&self) -> bool {
        let mut times = self.times.clone();
        times.sort_unstable();
        times.windows(2).any(|two| two[1] - two[0] <= strength::SYNCHRONISED)
    }
}

/// From which probability on, in 250ths, somebody is more likely a minor than not.
const LIKELY: u8 = 125;

impl Linker {
    /// What these accounts did together. Accounts that were never met count for nothing.
    pub fn roll_up(&self, members: &[Token]) -> RollUp {
        let numbers: Vec<Number> = members.iter().filter_map(|token| self.number_of(token)).collect();
        let mut targets: BTreeMap<Number, Target> = BTreeMap::new();
        let mut of_one = 0;
        for member in &numbers {
            let mut minors = 0;
            let fresh =
                self.of(*member).asked.iter().filter(|ask| self.at().saturating_sub(ask.at) <= MEMORY);
            for ask in fresh.filter(|ask| !numbers.contains(&ask.who)) {
                let target = targets.entry(ask.who).or_default();
                target.minor = target.minor.max(ask.minor);
                target.times.push(ask.at);
                minors += usize::from(ask.minor >= LIKELY);
            }
            of_one = of_one.max(minors);
        }
        let times = || targets.values().flat_map(|target| &target.times);
        let ms = |at: &Second| u64::from(*at) * 1000;
        RollUp {
            accounts: numbers.len(),
            suspended: numbers.iter().filter(|number| self.of(**number).banned.is_some()).count(),
            targets: targets.len(),
            minors: targets.values().filter(|target| target.minor >= LIKELY).count(),
            minors_expected: self.expected(&targets, MEMORY),
            minors_expected_24h: self.expected(&targets, DAY),
            minors_expected_7d: self.expected(&targets, 7 * DAY),
            minors_of_one: of_one,
            synchronised: targets.values().filter(|target| target.is_synchronised()).count(),
            span: times().min().map(ms).zip(times().max().map(ms)),
        }
    }

    /// Minors to be expected among those turned to lately.
    fn expected(&self, targets: &BTreeMap<Number, Target>, within: Second) -> f64 {
        let since = self.at().saturating_sub(within);
        let late = targets.values().filter(|target| target.times.iter().any(|at| *at >= since));
        f64::from(late.map(|target| u32::from(target.minor)).sum::<u32>()) / 250.0
    }
}
