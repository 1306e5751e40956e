//! One column of a feature vector.

use serde::{Deserialize, Serialize};

use crate::ReasonCode;

/// A length of event time over which a feature looks back, open at its start: (t − length, t].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Window {
    /// As it stands in a feature's name, such as `24h`.
    pub name: &'static str,
    /// As it stands in a sentence, such as "24 hours".
    pub words: &'static str,
    /// Length in milliseconds.
    pub length_ms: u64,
}

const HOUR_MS: u64 = 60 * 60 * 1000;

impl Window {
    /// One hour.
    pub const H1: Window = Window { name: "1h", words: "the last hour", length_ms: HOUR_MS };
    /// One day.
    pub const H24: Window = Window { name: "24h", words: "24 hours", length_ms: 24 * HOUR_MS };
    /// One week.
    pub const D7: Window = Window { name: "7d", words: "7 days", length_ms: 7 * 24 * HOUR_MS };
    /// Four weeks.
    pub const D28: Window = Window { name: "28d", words: "28 days", length_ms: 28 * 24 * HOUR_MS };
    /// Every window, shortest first.
    pub const ALL: [Window; 4] = [Self::H1, Self::H24, Self::D7, Self::D28];
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
    /// Days.
    Days,
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
            Unit::Days => "days",
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
            Unit::Accounts | Unit::ExpectedAccounts => plain(value),
            Unit::Share | Unit::Probability => format!("{:.0} %", value * 100.0),
            Unit::ShareDifference => format!("{:+.0} points", value * 100.0),
            Unit::Days => format!("{} days", plain(value)),
        }
    }
}

/// How a model looks at a column before it weighs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Transform {
    /// The value as it is.
    Identity,
    /// ln(1 + value), for counts and durations.
    Log1p,
}

impl Transform {
    /// The transformed value.
    pub fn apply(self, value: f64) -> f64 {
        match self {
            Transform::Identity => value,
            Transform::Log1p => value.ln_1p(),
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
    /// Unique name, such as `minors_expected_24h`.
    pub name: String,
    /// What the number is, in one sentence.
    pub meaning: &'static str,
    /// Unit.
    pub unit: Unit,
    /// How far it looks back; none for what has no window.
    pub window: Option<Window>,
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
}

impl Feature {
    /// Everything that makes this column what it is, as one line.
    pub fn definition(&self) -> String {
        let window = self.window.map_or(0, |w| w.length_ms);
        format!(
            "{}|{}|{}|{window}|{}|{:?}|{}",
            self.name,
            self.meaning,
            self.unit.as_str(),
            self.reason.code(),
            self.transform,
            self.null_when.unwrap_or("never"),
        )
    }

    /// The sentence with this account's number and the usual one in it.
    pub fn explain(&self, value: f64, baseline: f64) -> String {
        self.sentence
            .replace("{value}", &self.unit.in_words(value))
            .replace("{baseline}", &self.unit.in_words(baseline))
            .replace("{window}", self.window.map_or("its lifetime", |w| w.words))
    }
}
