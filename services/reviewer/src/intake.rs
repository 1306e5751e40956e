//! From the flags stream into cases.

use std::time::Duration;

use detect::Flag;
use platform::stream::{Positions, Record, Source};
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::metrics::Metrics;
use crate::store::Store;

/// How many flags one transaction takes in.
const BATCH_MAX: usize = 500;

/// How long one poll waits, and so how long a stop takes to be noticed.
const POLL_WAIT: Duration = Duration::from_millis(100);

/// How often a failed step is tried again before the service gives up and lets its supervisor restart it.
const RETRIES_MAX: u32 = 5;

/// The longest record that can be a flag.
const FLAG_BYTES_MAX: usize = 1024 * 1024;

/// What reads the flags stream, on a thread of its own.
pub(crate) struct Intake {
    pub(crate) source: Box<dyn Source>,
    pub(crate) store: Store,
    pub(crate) metrics: Metrics,
    /// Becomes true when the service stops.
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) runtime: Handle,
}

impl Intake {
    /// Reads flags and makes cases of them, on the calling thread, until told to stop.
    ///
    /// # Errors
    /// Where the stream or the database fails again and again.
    pub(crate) fn run(mut self) -> anyhow::Result<()> {
        let mut failures = 0;
        while !*self.stop.borrow() {
            let Err(error) = self.follow(&mut failures) else { break };
            failures += 1;
            anyhow::ensure!(failures <= RETRIES_MAX, error.context("gave up on taking in flags"));
            self.metrics.intake_failed();
            tracing::warn!(failures, error = format!("{error:#}"), "could not take in flags; will try again");
            self.pause(Duration::from_secs(1 << failures.min(4)));
        }
        Ok(())
    }

    /// Reads on from the database's position until told to stop or something fails. After a failure that is
    /// where reading begins again, so nothing is lost.
    fn follow(&mut self, failures: &mut u32) -> anyhow::Result<()> {
        let mut positions = self.runtime.block_on(self.store.positions())?;
        self.source.seek(&positions)?;
        while !*self.stop.borrow() {
            let batch = self.source.poll(BATCH_MAX, POLL_WAIT)?;
            if batch.records.is_empty() {
                continue;
            }
            let flags = decode(&batch.records, &self.metrics);
            positions.extend(next_offsets(&batch.records));
            let now = self.store.now();
            let admitted = self.runtime.block_on(self.store.admit(&flags, &positions, now))?;
            self.metrics.admitted(admitted);
            flags.iter().for_each(|flag| self.metrics.on_a_desk(flag.ts, now));
            self.source.commit(&positions)?;
            *failures = 0;
        }
        Ok(())
    }

    /// Waits to be told to stop, at most so long.
    fn pause(&mut self, at_most: Duration) {
        let stop = &mut self.stop;
        // Running out of time is the usual end of a pause.
        drop(
            self.runtime.block_on(async { tokio::time::timeout(at_most, stop.wait_for(|stop| *stop)).await }),
        );
    }
}

/// The flags among these records. What is none is counted and passed over; its bytes go nowhere.
fn decode(records: &[Record], metrics: &Metrics) -> Vec<Flag> {
    let mut flags = Vec::with_capacity(records.len());
    for record in records {
        match flag(&record.value) {
            Some(flag) => flags.push(flag),
            None => {
                metrics.undecodable(1);
                let Record { partition, offset, value } = record;
                tracing::warn!(
                    partition,
                    offset,
                    length = value.len(),
                    "skipped a record that is not a flag"
                );
            }
        }
    }
    flags
}

/// The flag in these bytes; none where they hold anything else.
fn flag(bytes: &[u8]) -> Option<Flag> {
    let flag: Flag = (bytes.len() <= FLAG_BYTES_MAX).then(|| serde_json::from_slice(bytes).ok())??;
    let named = (1..=128).contains(&flag.flag_id.len())
        && flag.flag_id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
    (named && (0.0..=1.0).contains(&flag.p)).then_some(flag)
}

/// Per partition, the offset after its last record.
fn next_offsets(records: &[Record]) -> Positions {
    let mut next = Positions::new();
    for record in records {
        next.insert(record.partition, record.offset + 1);
    }
    next
}

#[cfg(test)]
mod tests;
