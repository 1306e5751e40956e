//! Sends what the platform is to be told, in the order in which it happened, at least once.

use std::time::Duration;

use platform::stream::Sink;
use tokio::runtime::Handle;
use tokio::sync::watch;

use crate::store::Store;

/// Events of one sending, at most.
const BATCH_MAX: u32 = 500;

/// How long to wait where there is nothing to send, and after a failure.
const PAUSE: Duration = Duration::from_millis(500);

/// What sends the outgoing events, on a thread of its own.
pub(crate) struct Relay {
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) store: Store,
    /// Becomes true when the service stops.
    pub(crate) stop: watch::Receiver<bool>,
    pub(crate) runtime: Handle,
}

impl Relay {
    /// Sends on the calling thread until told to stop. What cannot be sent is kept and tried again.
    pub(crate) fn run(mut self) {
        loop {
            match self.send() {
                Ok(sent) if sent > 0 => continue,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(error = format!("{error:#}"), "could not send decisions; will try again");
                }
            }
            let stop = &mut self.stop;
            let waited = self
                .runtime
                .block_on(async { tokio::time::timeout(PAUSE, stop.wait_for(|stop| *stop)).await });
            if waited.is_ok() {
                return;
            }
        }
    }

    /// Sends what waits; how many that were.
    fn send(&mut self) -> anyhow::Result<usize> {
        let events = self.runtime.block_on(self.store.unsent(BATCH_MAX))?;
        let Some((last, _, _)) = events.last() else { return Ok(0) };
        for (_, key, body) in &events {
            self.sink.send(key, body.as_bytes())?;
        }
        self.sink.flush()?;
        self.runtime.block_on(self.store.sent(*last, self.store.now()))?;
        Ok(events.len())
    }
}
