//! What waits in the queues, for those who follow it: read once for all of them, when something changed.

use std::time::Duration;

use review::Queue;
use tokio::sync::watch;

use crate::store::{QueueState, Store};

/// How long to wait between two readings at least, whatever changes.
const PAUSE_MIN: Duration = Duration::from_millis(250);

/// How long at most: also another process may change something, and time does.
const PAUSE_MAX: Duration = Duration::from_secs(2);

/// Reads the queues again and again until told to stop, as long as anybody besides the one receiver that is always there
/// follows them.
pub(crate) async fn run(
    store: Store,
    board: watch::Sender<Vec<QueueState>>,
    mut stop: watch::Receiver<bool>,
) {
    let mut changes = store.changes();
    loop {
        if board.receiver_count() > 1 {
            match read(&store).await {
                Ok(states) => {
                    board.send_if_modified(|known| {
                        let is_new = *known != states;
                        *known = states;
                        is_new
                    });
                }
                Err(error) => {
                    let error = format!("{:#}", anyhow::Error::new(error));
                    tracing::warn!(error, "could not read the queues for those who follow them");
                }
            }
        }
        if tokio::time::timeout(PAUSE_MIN, stop.wait_for(|stop| *stop)).await.is_ok() {
            return;
        }
        tokio::select! {
            // Its sender lives as long as the store.
            _ = changes.changed() => {}
            stopped = tokio::time::timeout(PAUSE_MAX, stop.wait_for(|stop| *stop)) => {
                if stopped.is_ok() {
                    return;
                }
            }
        }
    }
}

async fn read(store: &Store) -> Result<Vec<QueueState>, crate::store::Error> {
    let (mut unit, mut states) = (store.read().await?, Vec::new());
    for queue in Queue::ALL {
        let now = unit.now();
        states.push(unit.queue_state(*queue, now).await?);
    }
    Ok(states)
}
