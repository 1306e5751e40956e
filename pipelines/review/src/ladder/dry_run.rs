//! What a ladder would have meant for accounts that were flagged, and what another would change.

use std::collections::BTreeMap;

use super::{Consent, Ladder, Rung, Standing};
use crate::level::Level;

/// How many accounts a ladder reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// Accounts at each level.
    pub levels: BTreeMap<Level, u64>,
    /// Accounts to which each rung is open, and who must agree.
    pub rungs: BTreeMap<Rung, (Consent, u64)>,
}

/// What becomes of one rung under another ladder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Accounts to which it would be open, and is not.
    pub gained: u64,
    /// Accounts to which it is open, and would not be.
    pub lost: u64,
}

/// Accounts one after the other under a ladder, and under another where there is one.
#[derive(Clone, Debug)]
pub struct DryRun<'a> {
    ladder: &'a Ladder,
    other: Option<&'a Ladder>,
    reach: Reach,
    changes: BTreeMap<Rung, Change>,
}

impl<'a> DryRun<'a> {
    /// No accounts yet.
    pub fn new(ladder: &'a Ladder, other: Option<&'a Ladder>) -> Self {
        Self { ladder, other, reach: Reach::default(), changes: BTreeMap::new() }
    }

    /// Takes in an account: where it stands under the ladder, and where under the other one, whose bars may give it
    /// another level.
    pub fn take(&mut self, standing: Standing, under_other: Standing) {
        *self.reach.levels.entry(standing.level).or_default() += 1;
        for rung in Rung::ALL {
            let now = self.ladder.consent(*rung, standing);
            if let Ok(consent) = now {
                self.reach.rungs.entry(*rung).or_insert((consent, 0)).1 += 1;
            }
            let Some(other) = self.other else { continue };
            let then = other.consent(*rung, under_other).is_ok();
            let change = self.changes.entry(*rung).or_default();
            change.gained += u64::from(then && now.is_err());
            change.lost += u64::from(!then && now.is_ok());
        }
    }

    /// How many accounts the ladder reaches.
    pub fn reach(&self) -> &Reach {
        &self.reach
    }

    /// What the other ladder would change, rung by rung; empty where there is no other.
    pub fn changes(&self) -> &BTreeMap<Rung, Change> {
        &self.changes
    }
}
