//! A whole stream from its first event to its last, in one partition: a file.

use std::collections::BTreeMap;

use events::{EventType, Millis, Reject, Rule, decode};

use crate::{Arrival, Engine, Outline, Row, Settings};

/// How many lines are taken in before ticks are closed.
const LINES_A_BATCH: u64 = 8192;

/// Replays a stream line by line through a fresh engine.
#[derive(Debug)]
pub struct Replay {
    engine: Engine,
    counts: Counts,
}

/// What a replay met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Lines read.
    pub lines: u64,
    /// Events taken in, by type.
    pub events: BTreeMap<EventType, u64>,
    /// Lines refused, by rule.
    pub rejects: BTreeMap<Rule, u64>,
    /// Events that came after their tick had been closed and were merged into a later one.
    pub merged: u64,
    /// Events that had been delivered before, and came after their tick had been closed.
    pub duplicates: u64,
    /// Events that came too late altogether.
    pub late: u64,
}

impl Counts {
    /// Lines refused.
    pub fn rejected(&self) -> u64 {
        self.rejects.values().sum()
    }

    /// Counts what became of one event.
    pub fn count(&mut self, event_type: EventType, arrival: Arrival) {
        *self.events.entry(event_type).or_default() += 1;
        self.merged += u64::from(arrival == Arrival::Merged);
        self.duplicates += u64::from(arrival == Arrival::Duplicate);
        self.late += u64::from(arrival == Arrival::Late);
    }
}

impl Replay {
    /// A replay before its first line.
    pub fn new(settings: Settings) -> Self {
        Self { engine: Engine::new(settings, &[0]), counts: Counts::default() }
    }

    /// Takes in one line and visits the accounts of every tick that it closed.
    ///
    /// # Errors
    /// The refusal, which has been counted; the replay goes on.
    pub fn take(&mut self, line: &[u8], now: Millis, visit: impl FnMut(Row<'_>)) -> Result<(), Reject> {
        self.take_where(line, now, |_| true, visit)
    }

    /// The same, but visits only accounts whose outline is worth it.
    ///
    /// # Errors
    /// The refusal, which has been counted; the replay goes on.
    pub fn take_where(
        &mut self,
        line: &[u8],
        now: Millis,
        is_worth: impl FnMut(&Outline<'_>) -> bool,
        visit: impl FnMut(Row<'_>),
    ) -> Result<(), Reject> {
        self.counts.lines += 1;
        let event = decode(line, now).inspect_err(|reject| {
            *self.counts.rejects.entry(reject.rule).or_default() += 1;
        })?;
        let event_type = event.event_type();
        let arrival = self.engine.push(0, event);
        self.counts.count(event_type, arrival);
        if self.counts.lines.is_multiple_of(LINES_A_BATCH) {
            self.engine.close_where(is_worth, visit);
        }
        Ok(())
    }

    /// Ends the stream: visits the accounts of every tick that is left.
    pub fn finish(&mut self, visit: impl FnMut(Row<'_>)) {
        self.finish_where(|_| true, visit);
    }

    /// The same, but visits only accounts whose outline is worth it.
    pub fn finish_where(&mut self, is_worth: impl FnMut(&Outline<'_>) -> bool, visit: impl FnMut(Row<'_>)) {
        self.engine.finish();
        self.engine.close_where(is_worth, visit);
    }

    /// What has been met so far.
    pub fn counts(&self) -> &Counts {
        &self.counts
    }

    /// The engine.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }
}
