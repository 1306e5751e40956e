//! Detection as its page defines it, slowly: what the right answer is.
//!
//! Written from `docs/detection.md` and `docs/features.md` alone, so that a mistake of the engine is not repeated here. An
//! account's memory of another is the plain list of events that it took in, its diary the list of what it did, and
//! whatever is said of either is read off the list whenever it is asked for. Start reading at [`score_ticks`].

use std::collections::{BTreeMap, BTreeSet};

use events::{Event, Millis};

mod age;
mod card;
mod columns;
mod diary;
mod flags;
mod life;
mod memories;
mod pair;
mod pairs;
mod registers;
mod world;

pub use flags::{FlagRow, flag_all};

use world::World;

/// Seconds since the epoch.
type Second = u64;

const MINUTE: Second = 60;
const HOUR: Second = 60 * MINUTE;
const DAY: Second = 24 * HOUR;

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

/// One approach of an account at a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct PairRow {
    /// Whose approach it is.
    pub account: String,
    /// Whom it turned to.
    pub other: String,
    /// Value by the column's name; none where it is absent.
    pub columns: BTreeMap<String, Option<f64>>,
}

/// An event as it came to its tick.
#[derive(Clone, Copy, Debug)]
pub struct Heard<'a> {
    /// The event.
    pub event: &'a Event,
    /// Whether the tick that covers its time had been closed before it came.
    pub is_late: bool,
}

/// A tick that was closed, and what was taken in with it.
#[derive(Clone, Debug)]
pub struct Tick<'a> {
    /// The tick, milliseconds since the epoch.
    pub at: Millis,
    /// Its events, in any order, each once.
    pub heard: Vec<Heard<'a>>,
}

/// Every account's columns at every tick at which it is scored, in order of (tick, account). The events may come in any
/// order and any number of times; none of them counts as late.
pub fn score_all(events: &[Event], tick_ms: Millis) -> Vec<ScoredRow> {
    score_ticks(&ticks(events, tick_ms))
}

/// The same, of ticks in their order.
pub fn score_ticks(ticks: &[Tick<'_>]) -> Vec<ScoredRow> {
    let mut rows = Vec::new();
    visit(ticks, |world, account, at| {
        let columns = columns::at(world, account, second(at));
        rows.push(ScoredRow { at, account: account.to_owned(), columns });
    });
    rows
}

/// Visits every account that is scored, in order of (tick, account).
fn visit<'a>(ticks: &[Tick<'a>], mut look: impl FnMut(&mut World<'a>, &'a str, Millis)) {
    let mut world = World::default();
    for Tick { at, heard } in ticks {
        let mut heard = heard.clone();
        heard.sort_by_key(|heard| (heard.event.ts, heard.event.id.as_str()));
        let mut scored = BTreeSet::new();
        for heard in heard {
            scored.extend(world.take_in(heard));
        }
        scored.extend(world.end_tick(second(*at)));
        scored.into_iter().for_each(|account| look(&mut world, account, *at));
    }
}

/// Every account's pairs at every tick at which it is scored, in order of (tick, account), each account's in the order in
/// which it made them.
pub fn pairs_all(events: &[Event], tick_ms: Millis) -> Vec<PairRow> {
    let mut pairs = Vec::new();
    visit(&ticks(events, tick_ms), |world, account, at| {
        let now = second(at);
        let approaches = world.memories(account).approaches(now);
        pairs.extend(approaches.iter().map(|approach| pairs::row(account, approach, now)));
    });
    pairs
}

/// The tick that covers `ts`: the first multiple of the tick length that is not before it.
pub fn tick_of(ts: Millis, tick_ms: Millis) -> Millis {
    ts.div_ceil(tick_ms) * tick_ms
}

/// The ticks that have events, each with its events, each event once.
pub fn ticks(events: &[Event], tick_ms: Millis) -> Vec<Tick<'_>> {
    let once: BTreeMap<(Millis, &str), &Event> =
        events.iter().map(|event| ((event.ts, event.id.as_str()), event)).collect();
    let mut ticks: BTreeMap<Millis, Vec<Heard<'_>>> = BTreeMap::new();
    for event in once.into_values() {
        ticks.entry(tick_of(event.ts, tick_ms)).or_default().push(Heard { event, is_late: false });
    }
    ticks.into_iter().map(|(at, heard)| Tick { at, heard }).collect()
}

/// The second of a moment.
fn second(ts: Millis) -> Second {
    ts / 1000
}

/// Whether a second lies in the window of this length that ends now, open at its start.
fn is_within(at: Second, length: Second, now: Second) -> bool {
    at <= now && at + length > now
}

/// The rank of a time: the number of binary digits of it plus one, less one.
fn rank(seconds: Second) -> u64 {
    u64::from((seconds + 1).ilog2()).min(20)
}
