//! Which events of closed ticks have been counted, so that none is counted twice: four bytes each.

use std::collections::{BTreeMap, BTreeSet};

use events::{Millis, Token};
use serde::{Deserialize, Serialize};

/// How long a closed tick's events are recognised, in milliseconds of event time: seven days.
pub(super) const REMEMBERED_MS: Millis = 7 * 24 * 60 * 60 * 1000;

/// Shorter ticks share a list, so that a list's own weight stays small beside what it holds.
const LIST_MS_MIN: Millis = 1_000;

/// How many latecomers a list holds apart before it takes them in: moving the whole list for each would be
/// dear when a partition comes back with an hour's backlog.
const RECENT_MAX: usize = 2_048;

/// What is known of an event whose tick is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It has been counted.
    Counted,
    /// It has not been counted.
    New,
    /// Nobody knows any more.
    Forgotten,
}

/// The events of closed ticks by their fingerprints.
///
/// An event that has not been counted is taken for one that has with probability n / 2^32, where n events of its
/// list have been. That can only happen to an event that is late.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Seen {
    list_ms: Millis,
    ids_max: usize,
    /// Lists that end here or before are gone.
    forgotten: Millis,
    /// By the last millisecond that they cover. Stored apart: see [`Self::take_due`].
    #[serde(skip)]
    lists: BTreeMap<Millis, List>,
    #[serde(skip)]
    dirty: BTreeSet<Millis>,
    #[serde(skip)]
    ids: usize,
}

impl Seen {
    pub(super) fn new(tick_ms: Millis, ids_max: usize) -> Self {
        Self {
            list_ms: tick_ms.saturating_mul(LIST_MS_MIN.div_ceil(tick_ms)),
            ids_max,
            forgotten: 0,
            lists: BTreeMap::new(),
            dirty: BTreeSet::new(),
            ids: 0,
        }
    }

    /// Sets how many are remembered, from the next list on.
    pub(super) fn set_ids_max(&mut self, ids_max: usize) {
        self.ids_max = ids_max;
    }

    /// Remembers the events of a tick that closes.
    pub(super) fn record(&mut self, tick: Millis, mut fingerprints: Vec<u32>) {
        let end = self.end_of_list(tick);
        if fingerprints.is_empty() || end <= self.forgotten {
            return;
        }
        fingerprints.sort_unstable();
        fingerprints.dedup();
        let list = self.lists.entry(end).or_default();
        self.ids += list.take_in(fingerprints);
        self.dirty.insert(end);
        self.keep_within_bounds();
    }

    /// What is known of an event of a closed tick.
    pub(super) fn look_up(&self, tick: Millis, fingerprint: u32) -> Known {
        let end = self.end_of_list(tick);
        match self.lists.get(&end) {
            _ if end <= self.forgotten => Known::Forgotten,
            Some(list) if list.contains(fingerprint) => Known::Counted,
            _ => Known::New,
        }
    }

    /// Remembers an event that came after its tick had closed and is not known.
    pub(super) fn insert(&mut self, tick: Millis, fingerprint: u32) {
        let end = self.end_of_list(tick);
        self.lists.entry(end).or_default().insert(fingerprint);
        self.dirty.insert(end);
        self.ids += 1;
        self.keep_within_bounds();
    }

    /// Forgets everything that lies more than seven days before `closed`.
    pub(super) fn forget_before(&mut self, closed: Millis) {
        self.forgotten = self.since(closed);
        while self.lists.first_key_value().is_some_and(|(end, _)| *end <= self.forgotten) {
            self.forget_oldest();
        }
    }

    /// The event time after which events are recognised, with ticks closed up to `closed`.
    pub(super) fn since(&self, closed: Millis) -> Millis {
        self.forgotten.max(closed.saturating_sub(REMEMBERED_MS))
    }

    /// How many events are remembered.
    pub(super) fn ids(&self) -> usize {
        self.ids
    }

    /// The lists that have changed since this was last asked and those that are due (asked with their number in
    /// time), by the time at which they end, as the distances between their fingerprints in order: small numbers,
    /// that encode in few bytes.
    pub(super) fn take_due(&mut self, is_due: impl Fn(u64) -> bool) -> Vec<(Millis, Vec<u32>)> {
        let dirty = std::mem::take(&mut self.dirty);
        let list_ms = self.list_ms;
        let due = self.lists.iter_mut().filter(|(end, _)| dirty.contains(end) || is_due(*end / list_ms));
        due.map(|(end, list)| (*end, list.distances())).collect()
    }

    /// Brings back a list as [`Self::take_due`] gave it; of several for one time the last one stands.
    pub(super) fn restore(&mut self, end: Millis, distances: &[u32]) {
        if end <= self.forgotten {
            return;
        }
        let list = List::from_distances(distances);
        self.ids += list.len();
        self.ids -= self.lists.insert(end, list).map_or(0, |replaced| replaced.len());
        self.keep_within_bounds();
    }

    /// The list of an event or a tick: where the event's tick falls, its time falls too.
    fn end_of_list(&self, at: Millis) -> Millis {
        at.div_ceil(self.list_ms).saturating_mul(self.list_ms)
    }

    fn keep_within_bounds(&mut self) {
        while self.ids > self.ids_max {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((end, list)) = self.lists.pop_first() {
            self.ids -= list.len();
            self.dirty.remove(&end);
            self.forgotten = self.forgotten.max(end);
        }
    }
}

/// Fingerprints, each once.
#[derive(Clone, Debug, Default)]
struct List {
    /// In order.
    settled: Vec<u32>,
    /// In order too, few, and none of them settled.
    recent: Vec<u32>,
}

impl List {
    fn len(&self) -> usize {
        self.settled.len() + self.recent.len()
    }

    fn contains(&self, fingerprint: u32) -> bool {
        self.recent.binary_search(&fingerprint).is_ok() || self.settled.binary_search(&fingerprint).is_ok()
    }

    fn insert(&mut self, fingerprint: u32) {
        if let Err(at) = self.recent.binary_search(&fingerprint) {
            self.recent.insert(at, fingerprint);
        }
        if self.recent.len() >= RECENT_MAX {
            self.settle();
        }
    }

    /// Takes in fingerprints that are in order, and says how many were new.
    fn take_in(&mut self, fingerprints: Vec<u32>) -> usize {
        let before = self.len();
        if before == 0 {
            self.settled = fingerprints;
        } else {
            // A list that ticks share, or one whose tick has been read back from storage.
            let new = fingerprints.into_iter().filter(|fingerprint| !self.contains(*fingerprint));
            new.collect::<Vec<u32>>().into_iter().for_each(|fingerprint| self.insert(fingerprint));
        }
        self.len() - before
    }

    fn settle(&mut self) {
        let recent = std::mem::take(&mut self.recent);
        self.settled.reserve_exact(recent.len());
        self.settled.extend(recent);
        // Two runs in order: a stable sort merges them.
        self.settled.sort();
    }

    fn distances(&mut self) -> Vec<u32> {
        self.settle();
        let before = std::iter::once(0).chain(self.settled.iter().copied());
        self.settled.iter().zip(before).map(|(fingerprint, before)| fingerprint - before).collect()
    }

    fn from_distances(distances: &[u32]) -> Self {
        let mut settled = Vec::with_capacity(distances.len());
        settled.extend(distances.iter().scan(0_u32, |last, distance| {
            *last = last.wrapping_add(*distance);
            Some(*last)
        }));
        Self { settled, recent: Vec::new() }
    }
}

/// 32 bits of an event's id and time.
///
/// Fingerprints are stored: another hash, or other constants, would take every redelivery for something new.
/// The construction is that of wyhash: each step multiplies two 64-bit words and folds the halves of the product
/// together. The constants are its secret, chosen there for as many ones as zeros in every byte.
pub(super) fn fingerprint(id: &Token, ts: Millis) -> u32 {
    const SECRET: [u64; 3] = [0xa076_1d64_78bd_642f, 0xe703_7ed1_a0b4_28db, 0x8ebc_6af0_9c88_c6e3];
    let (words, rest) = id.as_str().as_bytes().as_chunks::<8>();
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    let mut hash = fold(ts ^ SECRET[0], SECRET[1]);
    for word in words {
        hash = fold(hash ^ u64::from_le_bytes(*word), SECRET[1]);
    }
    hash = fold(hash ^ u64::from_le_bytes(last), SECRET[2] ^ id.as_str().len() as u64);
    (hash >> 32) as u32
}

fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is meant, and then the upper")]
    let halves = (product as u64, (product >> 64) as u64);
    halves.0 ^ halves.1
}
