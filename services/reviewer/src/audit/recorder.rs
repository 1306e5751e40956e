//! Writes what was read and what was refused, before the answer leaves: many entries in one transaction.

use events::Millis;
use tokio::sync::{mpsc, oneshot};

use super::Entry;
use crate::metrics::Metrics;
use crate::store::{Error, Store};

/// Entries of one transaction, at most.
const BATCH_MAX: usize = 256;

/// Entries that wait, at most; who comes later waits for room.
const WAITING_MAX: usize = 4096;

/// That a person was served a case's evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sighting {
    pub(crate) person: String,
    pub(crate) case: String,
    pub(crate) version: u32,
    pub(crate) at: Millis,
}

/// The way into the log for what changes nothing else; clones share it. It ends with its last clone.
#[derive(Clone, Debug)]
pub(crate) struct Recorder {
    queue: mpsc::Sender<Job>,
}

#[derive(Debug)]
struct Job {
    entry: Entry,
    sighting: Option<Sighting>,
    written: oneshot::Sender<()>,
}

/// The log could not be written, so nothing may be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log could not be written")]
pub(crate) struct Unwritten;

impl Recorder {
    /// Starts the one task that writes.
    pub(crate) fn start(store: Store, metrics: Metrics) -> Self {
        let (queue, jobs) = mpsc::channel(WAITING_MAX);
        tokio::spawn(run(store, metrics, jobs));
        Self { queue }
    }

    /// Writes an entry, and that somebody saw a case; comes back once both are durable.
    pub(crate) async fn record(&self, entry: Entry, sighting: Option<Sighting>) -> Result<(), Unwritten> {
        let (written, is_written) = oneshot::channel();
        self.queue.send(Job { entry, sighting, written }).await.map_err(|_| Unwritten)?;
        is_written.await.map_err(|_| Unwritten)
    }
}

async fn run(store: Store, metrics: Metrics, mut jobs: mpsc::Receiver<Job>) {
    let mut batch = Vec::with_capacity(BATCH_MAX);
    while jobs.recv_many(&mut batch, BATCH_MAX).await > 0 {
        match write(&store, &batch).await {
            Ok(()) => {
                for job in batch.drain(..) {
                    // Whoever no longer waits for it has gone away.
                    job.written.send(()).ok();
                }
            }
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::error!(error, entries = batch.len(), "could not write the audit log");
                metrics.unrecorded(batch.len());
                batch.clear();
            }
        }
    }
}

async fn write(store: &Store, batch: &[Job]) -> Result<(), Error> {
    let mut unit = store.write().await?;
    for Job { entry, sighting, .. } in batch {
        unit.append(entry.clone());
        if let Some(sighting) = sighting {
            unit.saw(sighting).await?;
        }
    }
    unit.commit().await
}
