//! Event time as its page defines it, slowly.

use std::collections::{BTreeMap, BTreeSet};

use events::{Event, Millis};

use super::{Arrival, DAY, MINUTE, ReorderSettings, Tick};

/// Everything that was ever heard, in plain lists.
pub(super) struct Slow {
    settings: ReorderSettings,
    heard: BTreeMap<i32, Vec<Millis>>,
    clocks: BTreeMap<i32, Option<Millis>>,
    closed: Millis,
    counted: BTreeSet<(Millis, String)>,
    /// With the tick with which each comes out, late ones first.
    out: BTreeMap<Millis, BTreeSet<(bool, Millis, String)>>,
    /// What would be closed if every clock were believed.
    closed_by_latest: Millis,
    pub(super) late_by_latest: bool,
}

impl Slow {
    pub(super) fn new(settings: ReorderSettings, partitions: &[i32]) -> Self {
        Self {
            settings,
            heard: partitions.iter().map(|p| (*p, Vec::new())).collect(),
            clocks: partitions.iter().map(|p| (*p, None)).collect(),
            closed: 0,
            counted: BTreeSet::new(),
            out: BTreeMap::new(),
            closed_by_latest: 0,
            late_by_latest: false,
        }
    }

    pub(super) fn push(&mut self, partition: i32, event: &Event) -> Arrival {
        let tick_ms = self.settings.tick_ms;
        let tick = event.ts.div_ceil(tick_ms) * tick_ms;
        self.late_by_latest = tick <= self.closed_by_latest;
        let arrival = self.judge(tick, event);
        let key = (event.ts, event.id.to_string());
        let out_with = match arrival {
            Arrival::Kept => Some((tick, false)),
            Arrival::Merged => Some(((self.closed / tick_ms + 1) * tick_ms, true)),
            _ => None,
        };
        if let Some((at, is_late)) = out_with {
            self.out.entry(at).or_default().insert((!is_late, key.0, key.1.clone()));
            self.counted.insert(key);
        }
        self.hear(partition, event.ts);
        arrival
    }

    fn judge(&self, tick: Millis, event: &Event) -> Arrival {
        let second = self.settings.tick_ms * 1_000_u64.div_ceil(self.settings.tick_ms);
        if tick > self.closed {
            Arrival::Kept
        } else if tick.div_ceil(second) * second + 7 * DAY <= self.closed {
            Arrival::Late
        } else if self.counted.contains(&(event.ts, event.id.to_string())) {
            Arrival::Duplicate
        } else if event.ts + self.settings.late_merge_ms > self.closed {
            Arrival::Merged
        } else {
            Arrival::Late
        }
    }

    fn hear(&mut self, partition: i32, ts: Millis) {
        let heard = self.heard.entry(partition).or_default();
        heard.push(ts);
        let clock = self.clocks.entry(partition).or_default();
        let is_ahead = |ts: Millis, clock: Option<Millis>| clock.is_none_or(|c| ts > c + 5 * MINUTE);
        if is_ahead(ts, *clock) {
            let last = &heard[heard.len().saturating_sub(32)..];
            let ahead: Vec<_> = last.iter().copied().filter(|ts| is_ahead(*ts, *clock)).collect();
            if ahead.len() >= 28 {
                *clock = ahead.into_iter().min();
            }
        } else {
            *clock = (*clock).max(Some(ts));
        }
        let less = |ts: Option<Millis>| ts.unwrap_or(0).saturating_sub(self.settings.lateness_ms);
        let slowest = self.clocks.values().map(|clock| less(*clock)).min();
        self.closed = self.closed.max(slowest.unwrap_or(0));
        let latest = self.heard.values().map(|heard| less(heard.iter().copied().max())).min();
        self.closed_by_latest = self.closed_by_latest.max(latest.unwrap_or(0));
    }

    /// Every tick with what comes out with it.
    pub(super) fn finish(self) -> Vec<Tick> {
        let events = |all: BTreeSet<(bool, Millis, String)>| {
            all.into_iter().map(|(is_own, ts, id)| (ts, id, !is_own)).collect()
        };
        self.out.into_iter().map(|(at, all)| (at, events(all))).collect()
    }
}
