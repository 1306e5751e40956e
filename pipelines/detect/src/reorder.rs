//! Event time: events wait until every partition has passed their tick, and then come in one order.
//!
//! What became of an event, and with which tick it comes out, depends on the order of arrival alone, as long as
//! no partition is idle: not on how often ticks are taken out, and not on storage in between.

mod clock;
mod seen;
mod waiting;

use events::{Event, Millis};
use serde::{Deserialize, Serialize};

use clock::Clocks;
use seen::{Known, Seen};
use waiting::{Taken, Waiting};

/// What became of an event that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It waits for its tick. If it is there already it will still count once.
    Kept,
    /// Its tick has been closed, not long ago: it comes out with the next tick.
    Merged,
    /// Its tick has been closed, and it has been counted before.
    Duplicate,
    /// Its tick has been closed for too long: it is dropped.
    Late,
}

/// How event time is cut, how long it waits, and what is remembered of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ReorderSettings {
    /// Length of a tick in milliseconds, at least 1.
    pub(crate) tick_ms: Millis,
    /// How much later than its partition's clock an event may come and still be in time, in milliseconds.
    pub(crate) lateness_ms: Millis,
    /// How far before the end of what is closed an event may lie and still be merged, in milliseconds; beyond
    /// seven days nothing is.
    pub(crate) late_merge_ms: Millis,
    /// The most events of closed ticks that are remembered by id, at four bytes each.
    pub(crate) ids_max: usize,
}

impl Default for ReorderSettings {
    fn default() -> Self {
        Self {
            tick_ms: 60_000,
            lateness_ms: 10_000,
            late_merge_ms: 24 * 60 * 60 * 1000,
            ids_max: 128 * 1024 * 1024,
        }
    }
}

/// How many events did not go the usual way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Delivered again, in time or late. Those in time are known, and counted, when their tick closes.
    pub duplicates: u64,
    /// Late, and merged.
    pub merged: u64,
    /// Late, and dropped.
    pub late: u64,
}

/// How far event time has come, and the events that wait for it.
///
/// A tick is a moment that is a multiple of `tick_ms`; it covers the events of (tick − tick_ms, tick]. Everything is
/// stored but who is idle and the lists of what has been counted, which [`Self::take_due_seen`] gives.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reorder {
    tick_ms: Millis,
    late_merge_ms: Millis,
    clocks: Clocks,
    /// Every tick up to here is closed.
    closed: Millis,
    /// Every waiting tick up to here is in order and has been counted. Not stored, since doing it again changes
    /// nothing.
    #[serde(skip)]
    counted: Millis,
    waiting: Waiting,
    seen: Seen,
    counters: Counters,
}

impl Reorder {
    pub(crate) fn new(settings: ReorderSettings, partitions: &[i32]) -> Self {
        let tick_ms = settings.tick_ms.max(1);
        Self {
            tick_ms,
            late_merge_ms: settings.late_merge_ms,
            clocks: Clocks::new(settings.lateness_ms, partitions),
            closed: 0,
            counted: 0,
            waiting: Waiting::default(),
            seen: Seen::new(tick_ms, settings.ids_max),
            counters: Counters::default(),
        }
    }

    /// Sets how late an event is still merged, and how many are remembered by id, to other than was stored.
    pub(crate) fn set_limits(&mut self, late_merge_ms: Millis, ids_max: usize) {
        self.late_merge_ms = late_merge_ms;
        self.seen.set_ids_max(ids_max);
    }

    /// Takes in one event of a partition.
    #[inline]
    pub(crate) fn push(&mut self, partition: i32, event: Event) -> Arrival {
        let ts = event.ts;
        let tick = self.tick_of(ts);
        let arrival = if tick > self.closed {
            self.waiting.keep(tick, event);
            Arrival::Kept
        } else {
            self.push_late(tick, event)
        };
        // At once, and not when somebody next asks: what is late must not depend on the size of a batch.
        self.closed = self.closed.max(self.clocks.hear(partition, ts));
        arrival
    }

    #[cold]
    fn push_late(&mut self, tick: Millis, event: Event) -> Arrival {
        // Here and not only when ticks are taken out, so that what is known depends on arrivals alone.
        self.count_up_to(self.closed);
        let fingerprint = seen::fingerprint(&event.id, event.ts);
        let known = self.seen.look_up(tick, fingerprint);
        if known == Known::Counted {
            self.counters.duplicates += 1;
            return Arrival::Duplicate;
        }
        let is_recent = self.closed - event.ts < self.late_merge_ms;
        match self.first_open_tick() {
            // What might have been counted is not counted again.
            Some(next) if is_recent && known == Known::New => {
                self.seen.insert(tick, fingerprint);
                self.waiting.keep_late(next, event, fingerprint);
                self.counters.merged += 1;
                Arrival::Merged
            }
            _ => {
                self.counters.late += 1;
                Arrival::Late
            }
        }
    }

    /// Says that a partition has nothing to read for now, and that the caller's clock expects nothing more up to
    /// `upto`: it holds nobody back until it speaks again.
    pub(crate) fn set_idle(&mut self, partition: i32, upto: Millis) {
        self.clocks.set_idle(partition, upto);
    }

    /// Says that the stream has ended: every tick may be closed.
    pub(crate) fn finish(&mut self) {
        self.clocks.finish();
    }

    /// The next tick that can be closed and has events.
    pub(crate) fn next_due(&self) -> Option<Millis> {
        self.waiting.first().filter(|at| *at <= self.closed.max(self.clocks.watermark()))
    }

    /// Every tick up to here is closed.
    pub(crate) fn closed(&self) -> Millis {
        self.closed
    }

    /// Closes it.
    pub(crate) fn close_next(&mut self) -> Option<Closed<'_>> {
        let at = self.next_due()?;
        self.count_up_to(at);
        self.closed = self.closed.max(at);
        let taken = self.waiting.take(at)?;
        Some(Closed { at, taken, waiting: &mut self.waiting })
    }

    /// Puts the waiting ticks up to `upto` in order and remembers their events. They get no more of them.
    fn count_up_to(&mut self, upto: Millis) {
        self.seen.forget_before(self.closed);
        while let Some((tick, fingerprints, again)) = self.waiting.sort_next(self.counted, upto) {
            self.seen.record(tick, fingerprints);
            self.counters.duplicates += again as u64;
            self.counted = tick;
        }
        self.counted = self.counted.max(upto);
    }

    /// The tick that covers an event.
    fn tick_of(&self, ts: Millis) -> Millis {
        match self.waiting.hot_tick() {
            // Spares a division. The last tick of all may be a shorter one.
            Some(hot) if ts <= hot && hot - ts < self.tick_ms && hot < Millis::MAX => hot,
            _ => ts.div_ceil(self.tick_ms).saturating_mul(self.tick_ms),
        }
    }

    /// The first tick that is not closed; none at the end of time.
    fn first_open_tick(&self) -> Option<Millis> {
        (self.closed / self.tick_ms).checked_add(1)?.checked_mul(self.tick_ms)
    }

    /// How many events wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.count()
    }

    /// The partitions' clocks, milliseconds since the epoch; none where too little has been heard.
    pub(crate) fn heard(&self) -> impl Iterator<Item = (i32, Option<Millis>)> + '_ {
        self.clocks.heard()
    }

    /// The latest of the partitions' clocks, milliseconds since the epoch.
    pub(crate) fn latest(&self) -> Option<Millis> {
        self.clocks.latest()
    }

    /// Partitions whose clock is more than `ahead_ms` ahead of the partition that is furthest behind.
    pub(crate) fn running_ahead(&self, ahead_ms: Millis) -> Vec<i32> {
        self.clocks.running_ahead(ahead_ms)
    }

    /// How many events did not go the usual way, since the first.
    pub(crate) fn counters(&self) -> Counters {
        self.counters
    }

    /// How many events of closed ticks are remembered by id.
    pub(crate) fn remembered_ids(&self) -> usize {
        self.seen.ids()
    }

    /// Events after this time are recognised when they are delivered again.
    pub(crate) fn ids_since(&self) -> Millis {
        self.seen.since(self.closed)
    }

    /// The lists of counted events that have changed since this was last asked and those that are due, by the time
    /// at which they end, in a form of small numbers for [`Self::restore_seen`]. They must be stored with what
    /// they belong to: the rest of this, as it is now.
    pub(crate) fn take_due_seen(&mut self, is_due: impl Fn(u64) -> bool) -> Vec<(Millis, Vec<u32>)> {
        self.seen.take_due(is_due)
    }

    /// Brings back a list; those that end at [`Self::ids_since`] or before are no longer needed.
    pub(crate) fn restore_seen(&mut self, end: Millis, list: &[u32]) {
        self.seen.restore(end, list);
    }
}

/// A tick that has been closed, with its events. Its memory serves further ticks when it is dropped.
#[derive(Debug)]
pub(crate) struct Closed<'a> {
    at: Millis,
    taken: Taken,
    waiting: &'a mut Waiting,
}

impl Closed<'_> {
    /// The tick.
    pub(crate) fn at(&self) -> Millis {
        self.at
    }

    /// The events that came too late for their own ticks, then the tick's own, each once, each part in order of
    /// (time, id); with each whether it is late.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Event, bool)> {
        self.taken.iter()
    }
}

impl Drop for Closed<'_> {
    fn drop(&mut self) {
        self.waiting.give_back(&mut self.taken);
    }
}

#[cfg(test)]
mod tests;
