//! Events in, feature vectors out: at each tick of event time, for the accounts that it touched.

use events::{Event, Millis, Token};
use schema::{Schema, Vector};
use serde::{Deserialize, Serialize};

use crate::cohort::Cohort;
use crate::features::Catalogue;
use crate::reorder::{Arrival, Reorder};
use crate::state::{AccountId, State};
use crate::time::{Second, second};
use crate::view::View;
use crate::{Evidence, Profile, feature_schema};

/// How event time is cut, how long it waits, and what there is to see.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings {
    /// Length of a tick in milliseconds, a multiple of 1000: scores are taken at its multiples.
    pub tick_ms: Millis,
    /// How much later than a partition's latest event another one may come and still be in its tick, in
    /// milliseconds.
    pub lateness_ms: Millis,
    /// What the deployment's servers know.
    pub profile: Profile,
    /// Into how many shards accounts are spread; it changes nothing but where they lie. At least 1.
    pub shards: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self { tick_ms: 60_000, lateness_ms: 10_000, profile: Profile::default(), shards: 1 }
    }
}

/// One account's vector at a tick.
#[derive(Debug)]
pub struct Row<'a> {
    /// The account.
    pub account: Token,
    /// The tick, milliseconds since the epoch: the vector holds all and only the events up to it.
    pub at: Millis,
    /// The vector, of the engine's schema; percentiles are absent.
    pub x: Vector,
    /// With whom the account is compared.
    pub cohort: Cohort,
    source: Option<(&'a State, AccountId)>,
}

impl Row<'_> {
    /// A row that is not an engine's, without evidence.
    pub fn new(account: Token, at: Millis, x: Vector) -> Self {
        Self { account, at, x, cohort: Cohort::default(), source: None }
    }

    /// The events behind the vector, oldest first.
    pub fn evidence(&self) -> Vec<Evidence> {
        let Some((state, id)) = self.source else { return Vec::new() };
        let (shard, account) = state.account(id);
        shard.evidence(account).collect()
    }
}

/// What is known of an account before its pairs are looked at: enough to say what its score cannot reach.
pub struct Outline<'a> {
    pub(crate) approaches: usize,
    pub(crate) pairs: usize,
    /// Whether there are first contacts beyond those that are remembered one by one.
    pub(crate) is_crowded: bool,
    pub(crate) view: View<'a>,
}

impl std::fmt::Debug for Outline<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Outline")
            .field("approaches", &self.approaches)
            .field("pairs", &self.pairs)
            .finish_non_exhaustive()
    }
}

/// The state of detection. What it gives depends on the set of events alone, not on their order of arrival
/// within the allowed lateness, on their partitions, or on how often each was delivered.
#[derive(Clone, Debug)]
pub struct Engine {
    settings: Settings,
    schema: Schema,
    catalogue: Catalogue,
    state: State,
    reorder: Reorder,
    /// How many accounts were looked at, and how many of these were scored whole.
    looked_at: u64,
    scored: u64,
}

impl Engine {
    /// An engine for a stream of these partitions, before its first event.
    pub fn new(settings: Settings, partitions: &[i32]) -> Self {
        let reorder = Reorder::new(settings.tick_ms.max(1), settings.lateness_ms, partitions);
        Self {
            schema: feature_schema(&settings.profile),
            catalogue: Catalogue::new(&settings.profile),
            state: State::new(settings.shards),
            settings,
            reorder,
            looked_at: 0,
            scored: 0,
        }
    }

    /// How it was set up.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The schema of its vectors.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Takes in one event of a partition.
    pub fn push(&mut self, partition: i32, event: Event) -> Arrival {
        self.reorder.push(partition, event)
    }

    /// Says that a partition has nothing to read for now, so that the others need not wait for it.
    pub fn set_idle(&mut self, partition: i32) {
        self.reorder.set_idle(partition);
    }

    /// Closes every tick that all partitions have passed; visits the accounts that each touched, in order of
    /// (tick, token).
    pub fn close(&mut self, visit: impl FnMut(Row<'_>)) {
        self.close_where(|_| true, visit);
    }

    /// The same, but visits only accounts whose outline is worth it.
    pub fn close_where(
        &mut self,
        mut is_worth: impl FnMut(&Outline<'_>) -> bool,
        mut visit: impl FnMut(Row<'_>),
    ) {
        while let Some((at, events)) = self.reorder.close_next() {
            for event in &events {
                self.state.apply(event, false);
            }
            let now = second(at);
            for id in self.state.end_tick(now) {
                self.looked_at += 1;
                if is_worth(&outline(&self.state, id, now)) {
                    self.scored += 1;
                    visit(self.row(id, at));
                }
            }
        }
    }

    /// Visits every account as it is at `at`, in order of token.
    pub fn survey(&self, at: Millis, mut visit: impl FnMut(Row<'_>)) {
        let mut all: Vec<AccountId> = self.state.ids().collect();
        self.state.in_order_of_token(&mut all);
        for id in all {
            visit(self.row(id, at));
        }
    }

    fn row(&self, id: AccountId, at: Millis) -> Row<'_> {
        let view = View::of(&self.state, id, second(at));
        Row {
            account: self.state.directory().token(id),
            at,
            x: self.catalogue.vector(&view),
            cohort: Cohort::of(view.card, view.now),
            source: Some((&self.state, id)),
        }
    }

    /// How many accounts have been met.
    pub fn accounts(&self) -> usize {
        self.state.len()
    }

    /// How many bytes are kept of each account, in the order in which they were met.
    pub fn account_bytes(&self) -> impl Iterator<Item = usize> + '_ {
        self.state.ids().map(|id| self.state.bytes_of(id))
    }

    /// How many accounts were looked at so far, and how many of these were scored whole.
    pub fn gate_counts(&self) -> (u64, u64) {
        (self.looked_at, self.scored)
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

fn outline(state: &State, id: AccountId, now: Second) -> Outline<'_> {
    let (shard, account) = state.account(id);
    let (approaches, pairs) = shard.sizes(account);
    Outline { approaches, pairs, is_crowded: account.is_crowded(), view: View::without_pairs(state, id, now) }
}
