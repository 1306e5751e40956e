//! The embedded shape of a stream: an append-only log in one SQLite file, for a laptop, a demo and the tests.
//!
//! Any number of threads and processes may have the same log open. What [`Sink::flush`] or
//! [`Source::commit`] returned for survives a power cut, because the file is synchronised before they return.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::stream::{Batch, Error, Positions, Sink, Source, check_positions, partition_of};

mod store;

use store::{Incoming, Store};

/// How often a waiting reader looks for records of another process. Those of its own process wake it.
const LOOK_INTERVAL: Duration = Duration::from_millis(10);

/// A sink writes by itself once it holds this many records, or this many bytes of them.
const BUFFER_RECORDS_MAX: usize = 4096;
const BUFFER_BYTES_MAX: usize = 4 << 20;

/// A directory that holds a log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmbeddedLog {
    dir: PathBuf,
    partitions: i32,
}

impl EmbeddedLog {
    /// The log in `dir`, made on first use. Each of its topics has `partitions` partitions, for good.
    pub fn new(dir: impl Into<PathBuf>, partitions: i32) -> Self {
        Self { dir: dir.into(), partitions }
    }

    /// Where it is.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// A consumer of `topic`, which is made if it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened, or the topic has another number of partitions.
    pub fn source(&self, topic: &str, group: &str) -> Result<EmbeddedSource, Error> {
        let attempt = || format!("open topic {topic:?} of the embedded log for group {group:?}");
        let mut store =
            Store::open(&self.dir, topic, self.partitions).map_err(|cause| Error::new(attempt(), cause))?;
        let committed = store.committed(group).map_err(|cause| Error::new(attempt(), cause))?;
        let mut source = EmbeddedSource {
            store,
            group: group.into(),
            partitions: self.partitions,
            next: Positions::new(),
            held: BTreeSet::new(),
            turn: 0,
        };
        source.seek(&committed)?;
        Ok(source)
    }

    /// A producer to `topic`, which is made if it is not there.
    ///
    /// # Errors
    /// When the file cannot be opened, or the topic has another number of partitions.
    pub fn sink(&self, topic: &str) -> Result<EmbeddedSink, Error> {
        let store = Store::open(&self.dir, topic, self.partitions)
            .map_err(|cause| Error::new(format!("open topic {topic:?} of the embedded log"), cause))?;
        Ok(EmbeddedSink { store, partitions: self.partitions, buffer: Vec::new(), bytes: 0 })
    }
}

/// A consumer of one topic of an [`EmbeddedLog`].
#[derive(Debug)]
pub struct EmbeddedSource {
    store: Store,
    group: String,
    partitions: i32,
    // Names every partition.
    next: Positions,
    held: BTreeSet<i32>,
    // Which partition a poll begins with, so that a small `max` starves none.
    turn: usize,
}

impl EmbeddedSource {
    /// What is there now, shared evenly among the partitions that are not held.
    fn look(&mut self, max: usize) -> anyhow::Result<Batch> {
        let ends = self.store.ends()?;
        let mut readable: Vec<i32> = (0..self.partitions).filter(|p| !self.held.contains(p)).collect();
        if !readable.is_empty() {
            self.turn = (self.turn + 1) % readable.len();
            readable.rotate_left(self.turn);
        }

        let mut batch = Batch::default();
        // Taken over only when every partition was read, so that an error passes no record over.
        let mut next = self.next.clone();
        for (at, partition) in readable.iter().enumerate() {
            let end = ends.get(partition).copied().unwrap_or_default();
            let position = next.entry(*partition).or_default();
            if *position > end {
                *position = 0;
            }
            let share = (max - batch.records.len()).div_ceil(readable.len() - at);
            if *position < end && share > 0 {
                let records = self.store.read(*partition, *position, share)?;
                let last = records.last().map_or(*position, |last| last.offset + 1);
                *position = if records.len() < share { last.max(end) } else { last };
                batch.records.extend(records);
            }
            if *position >= end {
                batch.at_end.push(*partition);
            }
        }
        batch.at_end.sort_unstable();
        self.next = next;
        Ok(batch)
    }

    fn read_error(&self, cause: anyhow::Error) -> Error {
        Error::new(format!("read topic {:?} of the embedded log", self.store.topic()), cause)
    }
}

impl Source for EmbeddedSource {
    fn partitions(&self) -> Vec<i32> {
        (0..self.partitions).collect()
    }

    fn seek(&mut self, positions: &Positions) -> Result<(), Error> {
        check_positions(positions, self.partitions)
            .map_err(|cause| Error::new(format!("seek in topic {:?}", self.store.topic()), cause))?;
        self.next = (0..self.partitions).map(|p| (p, positions.get(&p).copied().unwrap_or(0))).collect();
        Ok(())
    }

    fn poll(&mut self, max: usize, wait: Duration) -> Result<Batch, Error> {
        let deadline = Instant::now() + wait;
        loop {
            let writes_seen = WRITES.count();
            let batch = self.look(max).map_err(|cause| self.read_error(cause))?;
            let left = deadline.saturating_duration_since(Instant::now());
            if !batch.records.is_empty() || left.is_zero() {
                return Ok(batch);
            }
            WRITES.wait(writes_seen, left.min(LOOK_INTERVAL));
        }
    }

    fn hold(&mut self, partitions: &[i32]) -> Result<(), Error> {
        self.held = partitions.iter().copied().collect();
        Ok(())
    }

    fn commit(&mut self, positions: &Positions) -> Result<(), Error> {
        check_positions(positions, self.partitions)
            .and_then(|()| self.store.commit(&self.group, positions))
            .map_err(|cause| {
                let (topic, group) = (self.store.topic(), &self.group);
                Error::new(format!("commit positions of group {group:?} in topic {topic:?}"), cause)
            })
    }

    fn committed(&mut self) -> Result<Positions, Error> {
        self.store.committed(&self.group).map_err(|cause| self.read_error(cause))
    }

    fn earliest(&mut self) -> Result<Positions, Error> {
        self.store.earliest().map_err(|cause| self.read_error(cause))
    }

    fn ends(&mut self) -> Result<Positions, Error> {
        self.store.ends().map_err(|cause| self.read_error(cause))
    }
}

/// A producer to one topic of an [`EmbeddedLog`].
#[derive(Debug)]
pub struct EmbeddedSink {
    store: Store,
    partitions: i32,
    buffer: Vec<Incoming>,
    bytes: usize,
}

impl EmbeddedSink {
    /// Writes what is buffered; if that fails it stays buffered.
    fn write(&mut self) -> Result<(), Error> {
        if !self.buffer.is_empty() {
            self.store.append(&self.buffer).map_err(|cause| {
                Error::new(format!("write to topic {:?} of the embedded log", self.store.topic()), cause)
            })?;
            self.buffer.clear();
            self.bytes = 0;
            WRITES.add();
        }
        Ok(())
    }
}

impl Sink for EmbeddedSink {
    fn send(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        if self.buffer.len() >= BUFFER_RECORDS_MAX || self.bytes >= BUFFER_BYTES_MAX {
            self.write()?;
        }
        self.bytes += key.len() + value.len();
        self.buffer.push(Incoming {
            partition: partition_of(key, self.partitions),
            key: key.into(),
            value: value.into(),
        });
        Ok(())
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.write()
    }
}

/// The writes of this process, for its waiting readers.
struct Writes {
    count: Mutex<u64>,
    added: Condvar,
}

static WRITES: Writes = Writes { count: Mutex::new(0), added: Condvar::new() };

impl Writes {
    fn count(&self) -> u64 {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self) {
        *self.count.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.added.notify_all();
    }

    /// Returns once there are more than `seen` of them, or `timeout` is over.
    fn wait(&self, seen: u64, timeout: Duration) {
        let count = self.count.lock().unwrap_or_else(PoisonError::into_inner);
        let woken = self.added.wait_timeout_while(count, timeout, |count| *count == seen);
        drop(woken.unwrap_or_else(PoisonError::into_inner));
    }
}

#[cfg(test)]
mod tests;
