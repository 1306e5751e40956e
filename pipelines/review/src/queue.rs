//! Queues: cases by the harm that they speak of, each with people and waiting times of its own, so that much of
//! one never keeps another waiting.

use detect::Flag;
use events::Millis;
use schema::ReasonCode;

use crate::words::spoken;

const HOUR_MS: Millis = 60 * 60 * 1000;

spoken! {
    /// A queue, gravest first.
    Queue {
        ChildSafety = "child_safety", "Contacts with likely minors";
        General = "general", "Other behaviour unlike that of peers";
        Bulk = "bulk", "Automated and bulk contact";
    }
    /// In whose hand a case is.
    Claimed {
        Mine = "mine", "In my hand";
        Others = "others", "In somebody else's hand";
        Nobody = "nobody", "In nobody's hand";
    }
    /// How a case stands to its time.
    Due {
        Overdue = "overdue", "Open for longer than is allowed";
        InTime = "in_time", "Not yet overdue";
    }
    /// Why a case is put off.
    SnoozeReason {
        WaitsForPlatform = "waits_for_platform", "The platform's own records are being looked up";
        WaitsForReports = "waits_for_reports", "Reports about it are being decided";
        WaitsForActivity = "waits_for_activity", "Too little has happened yet";
    }
    /// Why somebody passes a case on to the others.
    SkipReason {
        NotMyField = "not_my_field", "Somebody else knows more about it";
        KnowsTheHolder = "knows_the_holder", "I may know who it is";
        NeedsABreak = "needs_a_break", "Not now";
        Inconclusive = "inconclusive", "I cannot decide it";
    }
}

impl Queue {
    /// The queue that a flag speaks of: that of the kind of harm whose reasons weigh most. Where likely minors
    /// weigh as much as anything else, it is theirs.
    pub fn of_flag(flag: &Flag) -> Self {
        let sum = |harm: Queue| -> f64 {
            let of_harm = flag.reasons.iter().filter(|reason| Self::of_reason(reason.code) == harm);
            of_harm.map(|reason| reason.contribution.max(0.0)).sum()
        };
        let (minors, bulk) = (sum(Queue::ChildSafety), sum(Queue::Bulk));
        if minors > 0.0 && minors >= bulk {
            Queue::ChildSafety
        } else if bulk > 0.0 {
            Queue::Bulk
        } else {
            Queue::General
        }
    }

    /// The harm that a reason speaks of.
    fn of_reason(code: ReasonCode) -> Self {
        use ReasonCode::{
            RC01, RC02, RC04, RC05, RC06, RC07, RC11, RC12, RC13, RC14, RC15, RC19, RC20, RC21, RC22,
        };
        match code {
            RC01 | RC02 | RC04 | RC05 | RC06 | RC07 | RC19 | RC20 | RC21 => Queue::ChildSafety,
            RC11 | RC12 | RC13 | RC14 | RC15 | RC22 => Queue::Bulk,
            _ => Queue::General,
        }
    }

    /// How grave it is to be late, against bulk contact.
    pub const fn severity(self) -> f64 {
        match self {
            Queue::ChildSafety => 8.0,
            Queue::General => 2.0,
            Queue::Bulk => 1.0,
        }
    }

    /// How long a case may wait for a decision, in milliseconds; also the time in which its weight doubles.
    pub const fn allowed_wait(self) -> Millis {
        match self {
            Queue::ChildSafety => 4 * HOUR_MS,
            Queue::General => 24 * HOUR_MS,
            Queue::Bulk => 72 * HOUR_MS,
        }
    }
}

#[cfg(test)]
mod tests;
