//! Whom to look at first, and why.

use std::cmp::Ordering;

use events::Millis;

use crate::{CaseId, Queue};

/// The order of a queue, in words.
pub const QUEUE_ORDER: &str = "Probability × severity × likely minors contacted, doubled for every allowed waiting \
                               time that has passed; what weighs most comes first.";

/// What a case weighs, besides its queue and its age.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weight {
    /// Probability of the latest flag, 0 to 1.
    pub risk: f64,
    /// Likely minors contacted first within 7 days, at least 0.
    pub minors_expected: f64,
}

impl Queue {
    /// What cases are ordered by, highest first.
    ///
    /// It is the binary logarithm of `risk × severity × (1 + minors) × 2^(waiting / allowed)` at time 0. That
    /// two cases differ by the same at any time is what keeps the order, and pages of it, still while time
    /// passes. A graver queue's cases come before all of another's, where queues are listed together.
    pub fn priority(self, weight: Weight, opened_at: Millis) -> f64 {
        let Weight { risk, minors_expected } = weight;
        let weight = risk.max(f64::MIN_POSITIVE) * self.severity() * (1.0 + minors_expected);
        // More than the second term differs between queues until the year 5000, and little enough to lose no digit.
        let precedence = 4e6 * self.severity().log2();
        precedence + weight.log2() - opened_at as f64 / self.allowed_wait() as f64
    }

    /// Why a case stands where it stands.
    pub fn order_reason(self, weight: Weight, opened_at: Millis, now: Millis) -> String {
        let Weight { risk, minors_expected } = weight;
        let waited = now.saturating_sub(opened_at) as f64 / self.allowed_wait() as f64;
        format!(
            "{:.0} % × severity {} × {:.1} for likely minors contacted, and {:.0} % of the allowed wait is over.",
            risk * 100.0,
            self.severity(),
            1.0 + minors_expected,
            waited * 100.0
        )
    }
}

/// A case's place in the queue. What sorts first is looked at first.
#[derive(Clone, Debug, PartialEq)]
pub struct Rank {
    /// As [`Queue::priority`] gives it.
    pub priority: f64,
    /// When the case was opened, processing time.
    pub opened_at: Millis,
    /// The case.
    pub case: CaseId,
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
            .priority
            .total_cmp(&self.priority)
            .then(self.opened_at.cmp(&other.opened_at))
            .then_with(|| self.case.cmp(&other.case))
    }
}
