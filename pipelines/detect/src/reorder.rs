//! Event time: events wait until every partition has passed their tick, and then come in one order.

use std::collections::BTreeMap;

use events::{Event, Millis, decode};
use serde::{Deserialize, Serialize};

/// What became of an event that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// It waits for its tick.
    Kept,
    /// Its tick has been closed: it came later than the allowed lateness, or had been delivered before.
    Late,
}

/// How far event time has come, and the events that wait for it.
///
/// A tick is a moment that is a multiple of `tick_ms`; it covers the events of (tick − tick_ms, tick].
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Reorder {
    tick_ms: Millis,
    lateness_ms: Millis,
    clocks: BTreeMap<i32, Clock>,
    /// Every tick up to here is closed.
    closed: Millis,
    #[serde(with = "as_lines")]
    waiting: BTreeMap<Millis, Vec<Event>>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
struct Clock {
    latest: Option<Millis>,
    /// Not stored: what was quiet then may have much to say when the engine is read back.
    #[serde(skip)]
    idle: bool,
}

impl Reorder {
    pub(crate) fn new(tick_ms: Millis, lateness_ms: Millis, partitions: &[i32]) -> Self {
        let clocks = partitions.iter().map(|p| (*p, Clock::default())).collect();
        Self { tick_ms, lateness_ms, clocks, closed: 0, waiting: BTreeMap::new() }
    }

    pub(crate) fn push(&mut self, partition: i32, event: Event) -> Arrival {
        let tick = event.ts.div_ceil(self.tick_ms) * self.tick_ms;
        let is_late = tick <= self.closed;
        let clock = self.clocks.entry(partition).or_default();
        clock.latest = clock.latest.max(Some(event.ts));
        clock.idle = false;
        // At once, and not when somebody next asks: what is late must not depend on the size of a batch.
        self.closed = self.closed.max(self.heard_up_to(self.clocks.values()));
        if is_late {
            return Arrival::Late;
        }
        self.waiting.entry(tick).or_default().push(event);
        Arrival::Kept
    }

    /// A partition that has nothing to read holds nobody back until it speaks again.
    pub(crate) fn set_idle(&mut self, partition: i32) {
        self.clocks.entry(partition).or_default().idle = true;
    }

    /// Up to when every partition that is not idle has been heard; all of time if all are idle.
    fn watermark(&self) -> Millis {
        self.heard_up_to(self.clocks.values().filter(|clock| !clock.idle))
    }

    fn heard_up_to<'a>(&self, clocks: impl Iterator<Item = &'a Clock>) -> Millis {
        let heard = clocks.map(|clock| clock.latest.unwrap_or(0).saturating_sub(self.lateness_ms));
        heard.min().unwrap_or(Millis::MAX)
    }

    /// The next tick that can be closed with its events: each once, in order of (time, id).
    pub(crate) fn close_next(&mut self) -> Option<(Millis, Vec<Event>)> {
        let tick = *self.waiting.keys().next()?;
        if tick > self.watermark() {
            return None;
        }
        let (tick, mut events) = self.waiting.pop_first()?;
        events.sort_unstable_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
        events.dedup_by(|a, b| (a.ts, &a.id) == (b.ts, &b.id));
        self.closed = self.closed.max(tick);
        Some((tick, events))
    }

    /// How many events wait.
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.values().map(Vec::len).sum()
    }

    /// The latest event time heard on any partition, milliseconds since the epoch.
    pub(crate) fn latest(&self) -> Option<Millis> {
        self.clocks.values().filter_map(|clock| clock.latest).max()
    }

    /// Partitions whose event time is more than `ahead_ms` ahead of the partition that is furthest behind.
    pub(crate) fn running_ahead(&self, ahead_ms: Millis) -> Vec<i32> {
        let limit = self.watermark().saturating_add(self.lateness_ms).saturating_add(ahead_ms);
        self.clocks.iter().filter(|(_, c)| c.latest.is_some_and(|ts| ts > limit)).map(|(p, _)| *p).collect()
    }
}

/// Waiting events are stored as the contract writes them, and come back through the same door.
mod as_lines {
    use serde::{Deserializer, Serializer, de};

    use super::{BTreeMap, Deserialize, Event, Millis, decode};

    pub(super) fn serialize<S: Serializer>(
        waiting: &BTreeMap<Millis, Vec<Event>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let lines = |events: &Vec<Event>| events.iter().map(Event::to_json).collect::<Vec<String>>();
        serializer.collect_map(waiting.iter().map(|(tick, events)| (tick, lines(events))))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<Millis, Vec<Event>>, D::Error> {
        let ticks = BTreeMap::<Millis, Vec<String>>::deserialize(deserializer)?;
        let read = |line: &String| decode(line.as_bytes(), Millis::MAX).map_err(de::Error::custom);
        ticks
            .into_iter()
            .map(|(tick, lines)| Ok((tick, lines.iter().map(read).collect::<Result<_, _>>()?)))
            .collect()
    }
}
