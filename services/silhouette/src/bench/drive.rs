//! The one place where the bench touches the engine.

use anyhow::Context;
use detect::{Arrival, Engine, Flagger, Gate, Restoring, Settings};
use events::{Encoding, Event, Millis};
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
    gate: Gate,
    pub(crate) counts: Counts,
}

/// What went in and what came out.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub(crate) refused: u64,
    pub(crate) late: u64,
    pub(crate) flags: u64,
}

/// Reads a record; none where it is refused, which the workload never is.
pub(crate) fn decode(encoding: Encoding, record: &[u8]) -> Option<Event> {
    encoding.decode(record, NOW).ok()
}

/// Writes lines of JSON anew in an encoding.
pub(crate) fn translate(encoding: Encoding, lines: &Chunk, into: &mut Chunk) {
    into.clear();
    for line in lines.records() {
        match (encoding, decode(Encoding::Json, line)) {
            (Encoding::Protobuf, Some(event)) => into.push(&event.to_protobuf()),
            _ => into.push(line),
        }
    }
}

impl Drive {
    pub(crate) fn new(model: Model) -> Self {
        let settings = Settings::default();
        let flagger = Flagger::new(model, &settings.profile, None);
        Self { engine: Engine::new(settings, &[0]), gate: flagger.gate(), flagger, counts: Counts::default() }
    }

    /// Takes in records from bytes to flags: decode, put in order, and close the ticks that a batch completes.
    pub(crate) fn take(&mut self, records: &Chunk, encoding: Encoding) {
        for (n, record) in records.records().enumerate() {
            match decode(encoding, record) {
                Some(event) => self.push(event),
                None => self.counts.refused += 1,
            }
            if (n + 1).is_multiple_of(BATCH) {
                self.close(|| ());
            }
        }
        self.close(|| ());
    }

    pub(crate) fn push(&mut self, event: Event) {
        self.counts.late += u64::from(self.engine.push(0, event) != Arrival::Kept);
    }

    /// Closes ticks, scores every account that they touched and that the gate lets through, and calls `scored` each
    /// time one was scored and its flag was there.
    pub(crate) fn close(&mut self, mut scored: impl FnMut()) {
        let Self { engine, gate, flagger, counts } = self;
        engine.close_where(
            |outline| gate.is_worth(outline),
            |row| {
                counts.flags += u64::from(flagger.consider(&row).1.is_some());
                scored();
            },
        );
    }

    /// Closes ticks without looking at anybody.
    pub(crate) fn close_unseen(&mut self) {
        self.engine.close_where(|_| false, |_| ());
    }

    pub(crate) fn accounts(&self) -> usize {
        self.engine.accounts()
    }

    /// Accounts that were looked at so far, and those among them that the gate let through.
    pub(crate) fn looked_at_and_scored(&self) -> (u64, u64) {
        let counts = self.engine.gate_counts();
        (counts.looked_at, counts.scored)
    }

    /// Bytes that each account's state takes.
    pub(crate) fn account_bytes(&self) -> Vec<u32> {
        self.engine.account_bytes().map(|bytes| u32::try_from(bytes).unwrap_or(u32::MAX)).collect()
    }

    /// Writes the next segment of a snapshot, part by part: the first holds everything, later ones what changed and a
    /// share of the rest.
    pub(crate) fn segment(&mut self, write: impl FnMut(Vec<u8>)) {
        self.engine.segment(write);
    }

    /// Takes up what these segments hold, latest first, each read when it is needed.
    pub(crate) fn restore(&mut self, segments: impl Iterator<Item = Vec<u8>>) -> anyhow::Result<()> {
        let mut restoring = Restoring::new(self.engine.settings().clone());
        for segment in segments {
            restoring.take(segment).context("could not take over a segment")?;
        }
        self.engine = restoring.finish().context("could not restore the engine")?;
        Ok(())
    }

    /// Forgets all state.
    pub(crate) fn forget(&mut self) {
        self.engine = Engine::new(self.engine.settings().clone(), &[0]);
    }
}
