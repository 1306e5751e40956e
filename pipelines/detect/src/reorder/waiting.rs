//! Events that wait for their tick, and the order in which they come out of it.

use std::collections::BTreeMap;
use std::ops::Bound::{Excluded, Included};

use events::{Event, Millis, decode};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::seen::fingerprint;

/// How many empty buckets keep their memory for ticks to come.
const SPARE_MAX: usize = 4;

/// The open ticks that have events, each with its bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    buckets: Vec<Bucket>,
    /// Which of the buckets are empty.
    free: Vec<usize>,
    open: BTreeMap<Millis, usize>,
    /// The tick of the last event and its bucket: the next event's, nearly always.
    hot: Option<(Millis, usize)>,
    count: usize,
}

/// What waits for one tick.
#[derive(Clone, Debug, Default)]
struct Bucket {
    /// Events of ticks that were closed when they came.
    late: Lane,
    /// The tick's own.
    own: Lane,
}

/// Events in order of arrival, and their places in the order in which they come out.
#[derive(Clone, Debug, Default)]
struct Lane {
    events: Vec<Event>,
    /// Sorted instead of the events, which are large.
    keys: Vec<Key>,
}

#[derive(Clone, Copy, Debug)]
struct Key {
    ts: Millis,
    /// The id's first eight characters, which tell nearly all ids of one millisecond apart.
    prefix: u64,
    index: u32,
    fingerprint: u32,
}

impl Waiting {
    /// The tick of the last event that was kept.
    pub(super) fn hot_tick(&self) -> Option<Millis> {
        self.hot.map(|(tick, _)| tick)
    }

    /// Keeps an event for its tick.
    pub(super) fn keep(&mut self, tick: Millis, event: Event) {
        let fingerprint = fingerprint(&event.id, event.ts);
        self.bucket(tick).own.push(event, fingerprint);
        self.count += 1;
    }

    /// Keeps an event that is late for its own tick, to come out with `tick`.
    pub(super) fn keep_late(&mut self, tick: Millis, event: Event, fingerprint: u32) {
        self.bucket(tick).late.push(event, fingerprint);
        self.count += 1;
    }

    fn bucket(&mut self, tick: Millis) -> &mut Bucket {
        let index = match self.hot {
            Some((hot, index)) if hot == tick => index,
            _ => self.open_bucket(tick),
        };
        &mut self.buckets[index]
    }

    fn open_bucket(&mut self, tick: Millis) -> usize {
        let index = *self.open.entry(tick).or_insert_with(|| {
            self.free.pop().unwrap_or_else(|| {
                self.buckets.push(Bucket::default());
                self.buckets.len() - 1
            })
        });
        self.hot = Some((tick, index));
        index
    }

    /// The first tick for which something waits.
    pub(super) fn first(&self) -> Option<Millis> {
        self.open.keys().next().copied()
    }

    /// How many ticks have ever waited at once.
    #[cfg(test)]
    pub(super) fn bucket_count(&self) -> usize {
        self.buckets.len()
    }

    /// How many events wait.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// Puts the first tick of (`after`, `upto`] in order, each event once. Gives the tick, the fingerprints of
    /// its own events, and how many were there more than once.
    pub(super) fn sort_next(&mut self, after: Millis, upto: Millis) -> Option<(Millis, Vec<u32>, usize)> {
        if after >= upto {
            return None;
        }
        let (tick, index) = self.open.range((Excluded(after), Included(upto))).next()?;
        let bucket = &mut self.buckets[*index];
        let removed = bucket.own.sort() + bucket.late.sort();
        self.count -= removed;
        Some((*tick, bucket.own.keys.iter().map(|key| key.fingerprint).collect(), removed))
    }

    /// Takes out a tick, which must have been put in order and must be given back.
    pub(super) fn take(&mut self, tick: Millis) -> Option<Taken> {
        let index = self.open.remove(&tick)?;
        self.hot = self.hot.filter(|(hot, _)| *hot != tick);
        let bucket = std::mem::take(&mut self.buckets[index]);
        self.count -= bucket.late.keys.len() + bucket.own.keys.len();
        Some(Taken { index, bucket })
    }

    /// Takes back the memory of a tick that has come out.
    pub(super) fn give_back(&mut self, taken: &mut Taken) {
        if self.free.len() < SPARE_MAX {
            taken.bucket.late.clear();
            taken.bucket.own.clear();
            self.buckets[taken.index] = std::mem::take(&mut taken.bucket);
        }
        self.free.push(taken.index);
    }
}

/// The events of a tick that is out.
#[derive(Debug)]
pub(super) struct Taken {
    index: usize,
    bucket: Bucket,
}

impl Taken {
    /// The late ones and then the tick's own, each in order of (time, id), with whether they are late.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Event, bool)> {
        let late = self.bucket.late.iter().map(|event| (event, true));
        late.chain(self.bucket.own.iter().map(|event| (event, false)))
    }
}

impl Lane {
    fn push(&mut self, event: Event, fingerprint: u32) {
        let key = Key { ts: event.ts, prefix: prefix(&event), index: index(self.events.len()), fingerprint };
        self.keys.push(key);
        self.events.push(event);
    }

    /// Puts the events in order of (time, id), each once, and says how many were there again. Of several that
    /// have the same time and id the first to arrive stays.
    fn sort(&mut self) -> usize {
        let (events, keys) = (&self.events, &mut self.keys);
        keys.sort_unstable_by_key(Key::order);
        for alike in keys.chunk_by_mut(|a, b| a.order() == b.order()).filter(|alike| alike.len() > 1) {
            alike.sort_unstable_by_key(|key| (events[key.index as usize].id.as_str(), key.index));
        }
        let before = keys.len();
        keys.dedup_by(|next, last| {
            next.order() == last.order() && events[next.index as usize].id == events[last.index as usize].id
        });
        before - keys.len()
    }

    fn iter(&self) -> impl Iterator<Item = &Event> {
        self.keys.iter().map(|key| &self.events[key.index as usize])
    }

    fn clear(&mut self) {
        self.events.clear();
        self.keys.clear();
    }
}

impl Key {
    /// One number that sorts as (time, prefix).
    fn order(&self) -> u128 {
        u128::from(self.ts) << 64 | u128::from(self.prefix)
    }
}

/// Sorts as the id's first eight bytes do.
fn prefix(event: &Event) -> u64 {
    event.id.as_str().as_bytes().first_chunk().map_or(0, |first| u64::from_be_bytes(*first))
}

fn index(events: usize) -> u32 {
    #[expect(clippy::expect_used, reason = "four thousand million events do not fit in memory")]
    u32::try_from(events).expect("a tick has fewer events than that")
}

/// Waiting events are stored as the contract writes them, and come back through the same door: for each tick the
/// late ones and its own.
type Lines = BTreeMap<Millis, (Vec<String>, Vec<String>)>;

impl Serialize for Waiting {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let lines = |lane: &Lane| lane.iter().map(Event::to_json).collect::<Vec<String>>();
        serializer.collect_map(self.open.iter().map(|(tick, index)| {
            let Bucket { late, own } = &self.buckets[*index];
            (tick, (lines(late), lines(own)))
        }))
    }
}

impl<'de> Deserialize<'de> for Waiting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let read = |line: &String| decode(line.as_bytes(), Millis::MAX).map_err(de::Error::custom);
        let mut waiting = Self::default();
        for (tick, (late, own)) in Lines::deserialize(deserializer)? {
            for event in late.iter().map(read) {
                let event = event?;
                let fingerprint = fingerprint(&event.id, event.ts);
                waiting.keep_late(tick, event, fingerprint);
            }
            for event in own.iter().map(read) {
                waiting.keep(tick, event?);
            }
        }
        Ok(waiting)
    }
}
