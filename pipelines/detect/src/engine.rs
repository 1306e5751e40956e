//! Events in, feature vectors out: at each tick of event time, for the accounts that it touched.

use std::cell::OnceCell;

use events::{Event, Millis, Token};
use schema::{Schema, Vector};
use serde::{Deserialize, Serialize};

use crate::cohort::Cohort;
use crate::features::Catalogue;
use crate::reorder::{Arrival, Counters, Reorder, ReorderSettings};
use crate::state::pair::Sizes;
use crate::state::{AccountId, Diary, GROUP, State};
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
    /// How far before the end of what is closed a late event may lie and still be merged, in milliseconds; at most seven
    /// days.
    pub late_merge_ms: Millis,
    /// The most events of closed ticks that are remembered by id, at four bytes each, to recognise redelivery.
    pub ids_max: usize,
    /// What the deployment's servers know.
    pub profile: Profile,
    /// Into how many shards accounts are spread; it changes nothing but where they lie. At least 1.
    pub shards: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            tick_ms: 60_000,
            lateness_ms: 10_000,
            late_merge_ms: 24 * 60 * 60 * 1000,
            ids_max: 128 * 1024 * 1024,
            profile: Profile::default(),
            shards: 1,
        }
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
    /// Whether the account has turned to anybody within 28 days.
    pub has_turned_to_anybody: bool,
    pub(crate) source: Option<(&'a State, AccountId)>,
}

impl Row<'_> {
    /// A row that is not an engine's, without evidence, of an account that has turned to somebody.
    pub fn new(account: Token, at: Millis, x: Vector) -> Self {
        Self { account, at, x, cohort: Cohort::default(), has_turned_to_anybody: true, source: None }
    }

    /// The events behind the vector, oldest first.
    pub fn evidence(&self) -> Vec<Evidence> {
        let Some((state, id)) = self.source else { return Vec::new() };
        let (shard, account) = state.account(id);
        shard.evidence(account).collect()
    }
}

/// What is known of an account before it is looked at: enough to say what its score cannot reach.
pub struct Outline<'a> {
    pub(crate) approaches: usize,
    pub(crate) pairs: usize,
    pub(crate) messages: usize,
    /// Sum of the approaches' probabilities, in ten-thousandths.
    pub(crate) minors: u32,
    /// How many of the approaches are in each set.
    pub(crate) sizes: Sizes,
    /// Whether there are first contacts beyond the approaches.
    pub(crate) has_crowd: bool,
    state: &'a State,
    id: AccountId,
    now: Second,
    seen: OnceCell<View<'a>>,
}

impl<'a> Outline<'a> {
    fn of(state: &'a State, id: AccountId, now: Second) -> Self {
        let (shard, account) = state.account(id);
        let (approaches, pairs, minors) = account.counts();
        Self {
            approaches,
            pairs,
            messages: shard.diary(account).map_or(0, Diary::len),
            minors,
            sizes: account.sizes(),
            has_crowd: account.crowd.is_some(),
            state,
            id,
            now,
            seen: OnceCell::new(),
        }
    }

    /// All but the pairs, of which only numbers.
    pub(crate) fn glance(&self) -> View<'a> {
        View::glance(self.state, self.id, self.now)
    }

    /// Everything, pairs included.
    pub(crate) fn seen(&self) -> &View<'a> {
        self.seen.get_or_init(|| View::of(self.state, self.id, self.now))
    }
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
    pub(crate) settings: Settings,
    schema: Schema,
    catalogue: Catalogue,
    pub(crate) state: State,
    pub(crate) reorder: Reorder,
    pub(crate) gate: GateCounts,
    /// How many segments were written.
    pub(crate) segments: u64,
}

/// How many accounts were looked at, and how many of these were scored whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateCounts {
    /// For which something happened in a tick.
    pub looked_at: u64,
    /// Whose score might reach the threshold.
    pub scored: u64,
}

impl Engine {
    /// An engine for a stream of these partitions, before its first event.
    pub fn new(settings: Settings, partitions: &[i32]) -> Self {
        assert!(
            settings.tick_ms.is_multiple_of(1000) && settings.tick_ms > 0,
            "a tick is a multiple of a second"
        );
        let Settings { tick_ms, lateness_ms, late_merge_ms, ids_max, .. } = settings;
        let reorder =
            Reorder::new(ReorderSettings { tick_ms, lateness_ms, late_merge_ms, ids_max }, partitions);
        Self {
            schema: feature_schema(&settings.profile),
            catalogue: Catalogue::new(&settings.profile),
            state: State::new(settings.shards),
            settings,
            reorder,
            gate: GateCounts::default(),
            segments: 0,
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

    /// Says that a partition has nothing to read for now, and that nothing more is expected up to `upto`, so that the
    /// others need not wait for it.
    pub fn set_idle(&mut self, partition: i32, upto: Millis) {
        self.reorder.set_idle(partition, upto);
    }

    /// Says that the stream has ended: every tick may be closed.
    pub fn finish(&mut self) {
        self.reorder.finish();
    }

    /// Closes every tick that all partitions have passed; visits the accounts that each touched, in order of
    /// (tick, token).
    pub fn close(&mut self, visit: impl FnMut(Row<'_>)) {
        self.close_where(|_| true, visit);
    }

    /// The same, but visits only accounts whose outline is worth it.
    pub fn close_where(&mut self, is_worth: impl FnMut(&Outline<'_>) -> bool, visit: impl FnMut(Row<'_>)) {
        self.close_up_to(Millis::MAX, is_worth, visit);
    }

    /// The same of ticks up to and with `last`.
    pub fn close_up_to(
        &mut self,
        last: Millis,
        mut is_worth: impl FnMut(&Outline<'_>) -> bool,
        mut visit: impl FnMut(Row<'_>),
    ) {
        while self.next_due().is_some_and(|at| at <= last)
            && let Some(at) = self.take_in_tick()
        {
            let now = second(at);
            let touched = self.state.end_tick(now);
            self.gate.looked_at += touched.len() as u64;
            let mut rows: Vec<Row<'_>> = Vec::new();
            for group in touched.chunks(GROUP) {
                self.state.foresee_looks(group);
                for id in group {
                    let outline = Outline::of(&self.state, *id, now);
                    if is_worth(&outline) {
                        rows.push(row(&self.catalogue, &outline, at));
                    }
                }
            }
            self.gate.scored += rows.len() as u64;
            rows.sort_unstable_by(|a, b| a.account.cmp(&b.account));
            rows.into_iter().for_each(&mut visit);
        }
    }

    /// The next tick that can be closed and has events.
    pub fn next_due(&self) -> Option<Millis> {
        self.reorder.next_due()
    }

    /// Every tick up to here is closed, milliseconds since the epoch; 0 before the first.
    pub fn closed(&self) -> Millis {
        self.reorder.closed()
    }

    /// Applies the events of the next tick that can be closed.
    fn take_in_tick(&mut self) -> Option<Millis> {
        let closed = self.reorder.close_next()?;
        self.state.take_in(closed.iter());
        Some(closed.at())
    }

    /// Visits every account as it is at `at`, in order of token.
    pub fn survey(&self, at: Millis, mut visit: impl FnMut(Row<'_>)) {
        let mut all: Vec<(Token, AccountId)> =
            self.state.ids().map(|id| (self.state.directory().token(id), id)).collect();
        all.sort_unstable();
        for (_, id) in all {
            visit(row(&self.catalogue, &Outline::of(&self.state, id, second(at)), at));
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
    pub fn gate_counts(&self) -> GateCounts {
        self.gate
    }

    /// How many events did not go the usual way.
    pub fn counters(&self) -> Counters {
        self.reorder.counters()
    }

    /// How many events of closed ticks are remembered by id, and from which event time on all of them are.
    pub fn remembered_ids(&self) -> (usize, Millis) {
        (self.reorder.remembered_ids(), self.reorder.ids_since())
    }

    /// How many events wait for their tick.
    pub fn waiting(&self) -> usize {
        self.reorder.waiting()
    }

    /// Up to when each partition has been heard, milliseconds since the epoch, ascending by partition; none where too
    /// little has been.
    pub fn heard(&self) -> impl Iterator<Item = (i32, Option<Millis>)> + '_ {
        self.reorder.heard()
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

fn row<'a>(catalogue: &Catalogue, outline: &Outline<'a>, at: Millis) -> Row<'a> {
    let view = outline.seen();
    Row {
        account: outline.state.directory().token(outline.id),
        at,
        x: catalogue.vector(view),
        cohort: Cohort::of(view.card, view.now),
        has_turned_to_anybody: view.approaches().next().is_some(),
        source: Some((outline.state, outline.id)),
    }
}
