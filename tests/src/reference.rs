//! Detection as its page defines it, slowly: what the right answer is.
//!
//! Written from `docs/detection.md` alone, so that a mistake of the engine is not repeated here. An account's memory
//! of another is the plain list of events that it took in, and whatever is said of a pair is read off that list
//! whenever it is asked for. Start reading at [`score_all`].

use std::collections::{BTreeMap, BTreeSet};

use events::{Event, Millis};

mod age;
mod columns;
mod flags;
mod known;
mod pair;

pub use flags::{FlagRow, flag_all};

use known::Known;

/// An account's columns at a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoredRow {
    /// The tick, milliseconds since the epoch.
    pub at: Millis,
    /// The account.
    pub account: String,
    /// Value by the column's name; none where it is absent.
    pub columns: BTreeMap<String, Option<f64>>,
}

/// Every account's columns at every tick at which it is scored, in order of (tick, account). The events may come in any
/// order and any number of times.
pub fn score_all(events: &[Event], tick_ms: Millis) -> Vec<ScoredRow> {
    let mut known = Known::default();
    let mut rows = Vec::new();
    for (at, events) in ticks(events, tick_ms) {
        let mut scored = BTreeSet::new();
        for event in events {
            scored.extend(known.take_in(event));
        }
        for account in scored {
            rows.push(ScoredRow { at, columns: columns::at(&known, &account, at), account });
        }
    }
    rows
}

/// The tick that covers `ts`: the first multiple of the tick length that is not before it.
pub fn tick_of(ts: Millis, tick_ms: Millis) -> Millis {
    ts.div_ceil(tick_ms) * tick_ms
}

/// The ticks that have events, each with its events in order of (ts, id), each event once.
fn ticks(events: &[Event], tick_ms: Millis) -> BTreeMap<Millis, Vec<&Event>> {
    let once: BTreeMap<(Millis, &str), &Event> =
        events.iter().map(|event| ((event.ts, event.id.as_str()), event)).collect();
    let mut ticks: BTreeMap<Millis, Vec<&Event>> = BTreeMap::new();
    for event in once.into_values() {
        ticks.entry(tick_of(event.ts, tick_ms)).or_default().push(event);
    }
    ticks
}
