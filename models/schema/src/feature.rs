//! One column of a feature vector.

use serde::{Deserialize, Serialize};

use crate::{Family, ReasonCode};

/// A length of event time over which a feature looks back, open at its start: (t − length, t].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window(u8);

const HOUR_MS: u64 = 60 * 60 * 1000;

/// Name, words and length in milliseconds of each window.
const WINDOWS: [(&str, &str, u64); 7] = [
    ("10m", "ten minutes", HOUR_MS / 6),
    ("1h", "the last hour", HOUR_MS),
    ("24h", "24 hours", 24 * HOUR_MS),
    ("7d", "7 days", 7 * 24 * HOUR_MS),
    ("28d", "28 days", 28 * 24 * HOUR_MS),
    ("2h", "two hours", 2 * HOUR_MS),
    ("life", "its lifetime", u64::MAX),
];

impl Window {
    /// Ten minutes.
    pub const M10: Window = Window(0);
    /// One hour.
    pub const H1: Window = Window(1);
    /// One day.
    pub const H24: Window = Window(2);
    /// One week.
    pub const D7: Window = Window(3);
    /// Four weeks.
    pub const D28: Window = Window(4);
    /// Two hours: how soon something follows upon a first contact.
    pub const H2: Window = Window(5);
    /// A lifetime that fades by half in 14 days.
    pub const LIFE: Window = Window(6);
    /// The windows over which first contacts are looked at, shortest first.
    pub const ALL: [Window; 5] = [Self::M10, Self::H1, Self::H24, Self::D7, Self::D28];

    /// As it stands in a feature's name, such as `24h`.
    pub const fn name(self) -> &'static str {
        WINDOWS[self.0 as usize].0
    }

    /// As it stands in a sentence, such as "24 hours".
    pub const fn words(self) -> &'static str {
        WINDOWS[self.0 as usize].1
    }

    /// Length in milliseconds.
    pub const fn length_ms(self) -> u64 {
        WINDOWS[self.0 as usize].2
    }

    /// Length in seconds, as far as 32 bits hold it.
    pub const fn seconds(self) -> u32 {
        let seconds = self.length_ms() / 1000;
        #[expect(clippy::cast_possible_truncation, reason = "it is looked at before")]
        let fits = seconds as u32;
        if seconds > u32::MAX as u64 { u32::MAX } else { fits }
    }

    /// Its place in [`Window::ALL`]; the last one's for what is not there.
    pub const fn place(self) -> usize {
        if (self.0 as usize) < Self::ALL.len() { self.0 as usize } else { Self::ALL.len() - 1 }
    }
}

/// What a feature's number counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Unit {
    /// A whole number of accounts.
    Accounts,
    /// A sum of probabilities over accounts.
    ExpectedAccounts,
    /// A share, in 0 to 1.
    Share,
    /// A difference of shares, in −1 to 1.
    ShareDifference,
    /// A probability, in 0 to 1.
    Probability,
    /// A whole number of events.
    Events,
    /// Days.
    Days,
    /// Minutes.
    Minutes,
    /// Years.
    Years,
    /// Hours of the day, 0 to 24.
    Hours,
    /// Natural units of information, or a difference of logarithms.
    Nats,
    /// Bits of information, or a difference of binary logarithms.
    Bits,
    /// Standard deviations from the account's own past.
    Deviations,
    /// A share of accounts of the same cohort that have less, in 0 to 1.
    Percentile,
    /// A plain number.
    Ratio,
}

impl Unit {
    /// The unit's name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Unit::Accounts => "accounts",
            Unit::ExpectedAccounts => "expected accounts",
            Unit::Share => "share",
            Unit::ShareDifference => "difference of shares",
            Unit::Probability => "probability",
            Unit::Events => "events",
            Unit::Days => "days",
            Unit::Minutes => "minutes",
            Unit::Years => "years",
            Unit::Hours => "hours",
            Unit::Nats => "nats",
            Unit::Bits => "bits",
            Unit::Deviations => "standard deviations",
            Unit::Percentile => "percentile",
            Unit::Ratio => "ratio",
        }
    }

    /// The least and the greatest value that the unit can have.
    pub const fn range(self) -> (f64, f64) {
        match self {
            Unit::Share | Unit::Probability | Unit::Percentile => (0.0, 1.0),
            Unit::ShareDifference => (-1.0, 1.0),
            Unit::Hours => (0.0, 24.0),
            Unit::Nats | Unit::Bits | Unit::Deviations => (f64::NEG_INFINITY, f64::INFINITY),
            _ => (0.0, f64::INFINITY),
        }
    }

    /// A value in words: counts plainly, shares as a percentage; an absent one as "unknown".
    pub fn in_words(self, value: f64) -> String {
        if value.is_nan() {
            return "unknown".to_owned();
        }
        let plain = |v: f64| {
            let text = format!("{v:.1}");
            text.strip_suffix(".0").map_or_else(|| text.clone(), str::to_owned)
        };
        match self {
            Unit::Accounts | Unit::ExpectedAccounts | Unit::Events | Unit::Ratio => plain(value),
            Unit::Share | Unit::Probability | Unit::Percentile => format!("{:.0} %", value * 100.0),
            Unit::ShareDifference => format!("{:+.0} points", value * 100.0),
            Unit::Days => format!("{} days", plain(value)),
            Unit::Minutes => format!("{} minutes", plain(value)),
            Unit::Years => format!("{} years", plain(value)),
            Unit::Hours => format!("{} hours", plain(value)),
            Unit::Nats | Unit::Bits | Unit::Deviations => format!("{value:+.1}"),
        }
    }
}

/// How a model looks at a column before it weighs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// The value as it is.
    Identity,
    /// sign(value) · ln(1 + |value|), for counts, durations and what has a long tail.
    Log1p,
}

impl Transform {
    /// The transformed value.
    pub fn apply(self, value: f64) -> f64 {
        match self {
            Transform::Identity => value,
            // Most counts are none.
            Transform::Log1p if value == 0.0 => value,
            Transform::Log1p => value.abs().ln_1p().copysign(value),
        }
    }
}

/// On which side of the usual value a feature is a reason for a flag.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Direction {
    /// More than usual.
    More,
    /// Less than usual.
    Less,
    /// Neither: it only helps a model to judge the others.
    Neither,
}

impl Direction {
    /// Whether `value` lies on this side of `usual`.
    pub fn holds(self, value: f64, usual: f64) -> bool {
        match self {
            Direction::More => value > usual,
            Direction::Less => value < usual,
            Direction::Neither => false,
        }
    }
}

/// One column: what it means, in which unit, over which window, and what it is a reason for.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// Unique name, such as `fc_minor_expected_24h`.
    pub name: String,
    /// What the number is, in one sentence.
    pub meaning: String,
    /// Unit.
    pub unit: Unit,
    /// How far it looks back; none for what has no window.
    pub window: Option<Window>,
    /// The kind of evidence that it is.
    pub family: Family,
    /// The reason that it stands for.
    pub reason: ReasonCode,
    /// On which side of the usual value it stands for it.
    pub direction: Direction,
    /// How a model looks at it.
    pub transform: Transform,
    /// Sentence for an analyst, with `{value}`, `{baseline}` and `{window}` in it.
    pub sentence: &'static str,
    /// Whether the value can be absent, and when.
    pub null_when: Option<&'static str>,
    /// Why the deployment cannot know it: what its servers do not see. Then it is always absent.
    pub unavailable: Option<String>,
}

impl Feature {
    /// Everything that makes this column what it is, as one line.
    pub fn definition(&self) -> String {
        let window = self.window.map_or(0, Window::length_ms);
        format!(
            "{}|{}|{}|{window}|{}|{}|{:?}|{}|{}",
            self.name,
            self.meaning,
            self.unit.as_str(),
            self.family.as_str(),
            self.reason.code(),
            self.transform,
            self.null_when.unwrap_or("never"),
            self.unavailable.as_deref().unwrap_or("available"),
        )
    }

    /// Whether more of it can only be worse, whatever the rest: likely minors turned to, objections, refusals, and links
    /// with who was suspended. A model may not hold more of it against a suspicion.
    pub fn is_only_worse(&self) -> bool {
        let is_such = self.unit == Unit::ExpectedAccounts
            || self.family == Family::Protest
            || matches!(self.reason, ReasonCode::RC07 | ReasonCode::RC16 | ReasonCode::RC22);
        self.direction == Direction::More && is_such
    }

    /// The sentence with this account's number and the usual one in it.
    pub fn explain(&self, value: f64, baseline: f64) -> String {
        self.sentence
            .replace("{value}", &self.unit.in_words(value))
            .replace("{baseline}", &self.unit.in_words(baseline))
            .replace("{window}", self.window.map_or("its lifetime", Window::words))
    }
}
