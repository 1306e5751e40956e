//! The one place where the bench touches the engine.

use std::time::Instant;

use anyhow::Context;
use detect::{Arrival, Engine, Flagger, Settings};
use events::{Event, Millis};
use scorers::Model;

use crate::bench::Chunk;

/// Far enough ahead that no event of the workload lies in the future.
const NOW: Millis = 1 << 60;

/// Events that are handed over at a time, as a poll of the stream would give them.
pub(crate) const BATCH: usize = 256;

/// An engine and a flagger, driven as the detector drives them, and a count of what came out.
#[derive(Debug)]
pub(crate) struct Drive {
    engine: Engine,
    flagger: Flagger,
    pub(crate) counts: Counts,
}

/// What went in and what came out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) refused: u64,
    pub(crate) late: u64,
    pub(crate) rows: u64,
    pub(crate) flags: u64,
}

/// How a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Json,
    Protobuf,
}

impl Encoding {
    /// What the bench is doing, for the progress bar.
    pub(crate) fn doing(self) -> &'static str {
        match self {
            Encoding::Json => "everyday traffic as JSON",
            Encoding::Protobuf => "everyday traffic as protobuf",
        }
    }

    /// Reads a record; none where it is refused, which the workload never is.
    pub(crate) fn decode(self, record: &[u8]) -> Option<Event> {
        match self {
            Encoding::Json => events::decode(record, NOW).ok(),
            Encoding::Protobuf => None,
        }
    }

    /// Writes lines of JSON anew in this encoding; false where there is no such encoding yet.
    pub(crate) fn translate(self, lines: &Chunk, into: &mut Chunk) -> bool {
        into.clear();
        if self == Encoding::Protobuf {
            return false;
        }
        lines.records().for_each(|line| into.push(line));
        true
    }
}

impl Drive {
    pub(crate) fn new(model: Model) -> Self {
        let engine = Engine::new(Settings::default(), &[0]);
        Self { engine, flagger: Flagger::new(model, None), counts: Counts::default() }
    }

    /// Takes in records from bytes to flags: decode, put in order, and close the ticks that a batch completes.
    pub(crate) fn take(&mut self, records: &Chunk, encoding: Encoding) {
        for (n, record) in records.records().enumerate() {
            match encoding.decode(record) {
                Some(event) => self.push(event),
                None => self.counts.refused += 1,
            }
            if (n + 1).is_multiple_of(BATCH) {
                self.close();
            }
        }
        self.close();
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.counts.late += u64::from(self.engine.push(0, event) == Arrival::Late);
    }

    /// Closes ticks and scores every account that they touched.
    pub(crate) fn close(&mut self) {
        let Self { engine, flagger, counts } = self;
        engine.close(|row| {
            counts.rows += 1;
            counts.flags += u64::from(flagger.consider(&row).1.is_some());
        });
    }

    /// Closes ticks without scoring anybody.
    pub(crate) fn close_unscored(&mut self) {
        let Self { engine, counts, .. } = self;
        engine.close(|_| counts.rows += 1);
    }

    /// Closes ticks; for each account, the nanoseconds from `since` until it was scored and its flag was there.
    pub(crate) fn close_timed(&mut self, since: Instant, latencies: &mut Vec<u32>) {
        let Self { engine, flagger, counts } = self;
        engine.close(|row| {
            counts.rows += 1;
            counts.flags += u64::from(flagger.consider(&row).1.is_some());
            latencies.push(u32::try_from(since.elapsed().as_nanos()).unwrap_or(u32::MAX));
        });
    }

    pub(crate) fn accounts(&self) -> usize {
        self.engine.accounts()
    }

    /// Bytes that each account's state takes; none while the engine does not say.
    pub(crate) fn account_bytes(&self) -> Option<Vec<u32>> {
        None
    }

    /// Forgets all state; how many accounts were in it.
    pub(crate) fn forget(&mut self) -> usize {
        let accounts = self.accounts();
        self.engine = Engine::new(Settings::default(), &[0]);
        accounts
    }

    /// The state as a snapshot holds it.
    pub(crate) fn snapshot(&self) -> anyhow::Result<Vec<u8>> {
        postcard::to_stdvec(&self.engine).context("could not encode the state")
    }

    /// The engine of a snapshot; how many accounts are in it.
    pub(crate) fn restore(snapshot: &[u8]) -> anyhow::Result<usize> {
        let engine: Engine = postcard::from_bytes(snapshot).context("could not read the snapshot")?;
        Ok(engine.accounts())
    }

    /// Takes in records while a snapshot is being written piece by piece; false where the engine has no such thing.
    pub(crate) fn take_while_snapshotting(&mut self, _records: &Chunk, _encoding: Encoding) -> bool {
        false
    }
}
