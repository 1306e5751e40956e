//! Events in, feature vectors out: at each tick of event time, for the accounts that it touched.

use std::collections::{BTreeSet, VecDeque};

use events::{Event, Millis, Token};
use schema::Vector;
use serde::{Deserialize, Serialize};

use crate::Evidence;
use crate::features::vector;
use crate::reorder::{Arrival, Reorder, ReorderSettings};
use crate::state::State;

/// How event time is cut and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of a tick in milliseconds, at least 1: scores are taken at its multiples.
    pub tick_ms: Millis,
    /// How much later than a partition's latest event another one may come and still be counted, in
    /// milliseconds.
    pub lateness_ms: Millis,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tick_ms: 60_000, lateness_ms: 10_000 }
    }
}

/// One account's vector at a tick.
#[derive(Debug)]
pub struct Row<'a> {
    /// The account.
    pub account: &'a Token,
    /// The tick, milliseconds since the epoch: the vector holds all and only the events up to it.
    pub at: Millis,
    /// The vector, of [`crate::feature_schema`].
    pub x: Vector,
    /// The events behind it, oldest first.
    pub evidence: &'a VecDeque<Evidence>,
}

/// The state of detection. What it gives depends on the set of events alone, not on their order of arrival
/// within the allowed lateness, on their partitions, or on how often each was delivered.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Engine {
    state: State,
    reorder: Reorder,
}

impl Engine {
    /// An engine for a stream of these partitions, before its first event.
    pub fn new(settings: Settings, partitions: &[i32]) -> Self {
        let Settings { tick_ms, lateness_ms } = settings;
        let cut = ReorderSettings { tick_ms, lateness_ms, late_merge_ms: 0, ..ReorderSettings::default() };
        let reorder = Reorder::new(cut, partitions);
        Self { state: State::default(), reorder }
    }

    /// Takes in one event of a partition.
    pub fn push(&mut self, partition: i32, event: Event) -> Arrival {
        self.reorder.push(partition, event)
    }

    /// Says that a partition has nothing to read for now, so that the others need not wait for it.
    pub fn set_idle(&mut self, partition: i32) {
        self.reorder.set_idle(partition, Millis::MAX);
    }

    /// Closes every tick that all partitions have passed; visits the accounts that each touched, in order of
    /// (tick, token).
    pub fn close(&mut self, mut visit: impl FnMut(Row<'_>)) {
        while let Some(closed) = self.reorder.close_next() {
            let at = closed.at();
            let mut touched = BTreeSet::new();
            for (event, _) in closed.iter() {
                self.state.apply(event, &mut touched);
            }
            let mut touched: Vec<_> = touched.into_iter().map(|id| (self.state.token(id), id)).collect();
            touched.sort_unstable();
            for (account, id) in touched {
                let remembered = self.state.account(id);
                let x = vector(remembered, at);
                visit(Row { account, at, x, evidence: &remembered.evidence });
            }
        }
    }

    /// Visits every account as it is at `at`, in order of token.
    pub fn survey(&self, at: Millis, mut visit: impl FnMut(Row<'_>)) {
        let mut all: Vec<_> = self.state.ids().map(|id| (self.state.token(id), id)).collect();
        all.sort_unstable();
        for (account, id) in all {
            let remembered = self.state.account(id);
            visit(Row { account, at, x: vector(remembered, at), evidence: &remembered.evidence });
        }
    }

    /// How many accounts have been met.
    pub fn accounts(&self) -> usize {
        self.state.len()
    }

    /// How many events wait for their tick.
    pub fn waiting(&self) -> usize {
        self.reorder.waiting()
    }

    /// The latest event time heard, milliseconds since the epoch.
    pub fn latest(&self) -> Option<Millis> {
        self.reorder.latest()
    }

    /// Partitions whose event time runs more than `ahead_ms` ahead of the one furthest behind.
    pub fn running_ahead(&self, ahead_ms: Millis) -> Vec<i32> {
        self.reorder.running_ahead(ahead_ms)
    }
}
