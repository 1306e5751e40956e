//! What a world is made from.

use events::Millis;

use crate::DAY;

/// The last millisecond that an event's id has room for.
const TS_MAX: Millis = (1 << 48) - 1;

/// What a world is made from, not yet checked. The same parameters make the same world, to the byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Accounts, at least 200: fewer hold no school class.
    pub accounts: u32,
    /// Days, at least 2.
    pub days: u32,
    /// Whatever is drawn follows from it.
    pub seed: u64,
    /// When the world starts, milliseconds since the epoch, UTC; a midnight keeps days and nights in place.
    pub start: Millis,
    /// Share of accounts that are abusive, 0 to 0.05. Above 0 there are at least six of each archetype.
    pub abusive_share: f64,
    /// Share of accounts whose holder is under 18, 0.05 to 0.3.
    pub minor_share: f64,
    /// Messages that an active account sends on an ordinary day, median, above 0 and at most 100.
    pub messages_median: f64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            accounts: 4_000,
            days: 28,
            seed: 1,
            start: 1_736_121_600_000, // 2025-01-06T00:00Z, a Monday
            abusive_share: 0.005,
            minor_share: 0.12,
            messages_median: 6.0,
        }
    }
}

/// Parameters from which no world can be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("could not make a world: {}", .faults.join("; "))]
pub struct Error {
    /// Every fault, with what would be right.
    pub faults: Vec<String>,
}

/// Parameters from which a world can be made.
#[derive(Clone, Debug, PartialEq)]
pub struct CheckedParams(Params);

impl Params {
    /// Checks every parameter.
    ///
    /// # Errors
    /// All faults together.
    pub fn check(self) -> Result<CheckedParams, Error> {
        let end = self.start.checked_add(u64::from(self.days) * DAY);
        let rules = [
            (self.accounts >= 200, format!("accounts must be at least 200, not {}", self.accounts)),
            (self.days >= 2, format!("days must be at least 2, not {}", self.days)),
            (
                self.start >= 4000 * DAY && end.is_some_and(|end| end <= TS_MAX),
                format!(
                    "start must be milliseconds after 1980 and before the year 10889, not {}",
                    self.start
                ),
            ),
            (
                (0.0..=0.05).contains(&self.abusive_share),
                format!("abusive_share must lie in 0 to 0.05, not {}", self.abusive_share),
            ),
            (
                (0.05..=0.3).contains(&self.minor_share),
                format!("minor_share must lie in 0.05 to 0.3, not {}", self.minor_share),
            ),
            (
                self.messages_median > 0.0 && self.messages_median <= 100.0,
                format!("messages_median must lie above 0 and at most at 100, not {}", self.messages_median),
            ),
        ];
        let faults: Vec<String> =
            rules.into_iter().filter_map(|(is_right, fault)| (!is_right).then_some(fault)).collect();
        if faults.is_empty() { Ok(CheckedParams(self)) } else { Err(Error { faults }) }
    }
}

impl CheckedParams {
    /// The parameters.
    pub fn get(&self) -> &Params {
        &self.0
    }

    /// The first millisecond after the world, since the epoch.
    pub fn end(&self) -> Millis {
        self.0.start + u64::from(self.0.days) * DAY
    }
}

#[cfg(test)]
mod tests;
