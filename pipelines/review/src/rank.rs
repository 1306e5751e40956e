//! Whom to look at first, and why.

use std::cmp::Ordering;

use events::Millis;

use crate::CaseId;

/// The order of the queue, in words.
pub const QUEUE_ORDER: &str =
    "Highest probability in the latest flag first; among equals, the case that has waited longest.";

/// A case's place in the queue. What sorts first is looked at first.
#[derive(Clone, Debug, PartialEq)]
pub struct Rank {
    /// Probability of the latest flag, 0 to 1.
    pub risk: f64,
    /// When the case was opened, processing time.
    pub opened_at: Millis,
    /// The case.
    pub case: CaseId,
}

impl Rank {
    /// Why the case stands where it stands.
    pub fn reason(&self) -> String {
        format!("The latest flag says {:.0} %.", self.risk * 100.0)
    }
}

impl Eq for Rank {}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        other
            .risk
            .total_cmp(&self.risk)
            .then(self.opened_at.cmp(&other.opened_at))
            .then_with(|| self.case.cmp(&other.case))
    }
}
