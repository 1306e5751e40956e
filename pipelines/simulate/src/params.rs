//! What a world is made from.

use events::Millis;

use crate::DAY;
use crate::scenario::Scenario;

/// The last millisecond that an event's id has room for.
const TS_MAX: Millis = (1 << 48) - 1;

/// What a world is made from, not yet checked. The same parameters make the same world, to the byte.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    /// Accounts, 200 to 20 million: fewer hold no school class.
    pub accounts: u32,
    /// Days, 2 to 1000.
    pub days: u32,
    /// Whatever is drawn follows from it.
    pub seed: u64,
    /// When the world starts, milliseconds since the epoch, UTC; a midnight keeps days and nights in place.
    pub start: Millis,
    /// What the world is like.
    pub scenario: Scenario,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            accounts: 50_000,
            days: 60,
            seed: 1,
            start: 1_736_121_600_000, // 2025-01-06T00:00Z, a Monday
            scenario: Scenario::default(),
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
        let mut faults = self.scenario.faults();
        if !(200..=20_000_000).contains(&self.accounts) {
            faults.push(format!("accounts must be 200 to 20000000, not {}", self.accounts));
        }
        if !(2..=1000).contains(&self.days) {
            faults.push(format!("days must be 2 to 1000, not {}", self.days));
        }
        if self.start < 4000 * DAY || end.is_none_or(|end| end > TS_MAX) {
            faults.push(format!(
                "start must be milliseconds after 1980 and before the year 10889, not {}",
                self.start
            ));
        }
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
