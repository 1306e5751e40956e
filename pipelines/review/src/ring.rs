//! Rings: open cases that are worked on together. Each is still decided by itself, because each is about one account.

use crate::words::spoken;

/// The most cases that a ring holds.
pub const RING_CASES_MAX: usize = 50;

spoken! {
    /// Why cases are worked on together.
    MergeReason {
        ActTogether = "act_together", "They act together";
        SameHolder = "same_holder", "They seem to have one holder";
        SameTargets = "same_targets", "They turn to the same people";
    }
    /// Why a case is taken out of its ring.
    SplitReason {
        ActsAlone = "acts_alone", "It has nothing to do with the others";
        MergedByMistake = "merged_by_mistake", "Another case was meant";
    }
}
