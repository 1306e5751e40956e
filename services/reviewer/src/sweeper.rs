//! Sees to what is over: what is kept for a time only, and proposals that nobody approved in time.

use std::time::Duration;

use tokio::sync::watch;

use crate::store::{Error, Store};

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Tells of what was found over, or that it could not be looked for.
fn said(found: Result<u64, Error>, what: &str) {
    match found {
        Ok(0) => {}
        Ok(count) => tracing::info!(count, what),
        Err(error) => {
            let error = format!("{:#}", anyhow::Error::new(error));
            tracing::error!(error, what, "could not be seen to; will try again");
        }
    }
}

/// Looks again and again until told to stop. What could not be forgotten is tried again with the next look; nothing of
/// it is shown meanwhile, because reading heeds the time too.
pub(crate) async fn run(store: Store, mut stop: watch::Receiver<bool>) {
    loop {
        said(store.forget_sides().await, "what is known of counterparts is kept no longer");
        said(store.expire_proposals().await, "proposals have expired");
        if tokio::time::timeout(PAUSE, stop.wait_for(|stop| *stop)).await.is_ok() {
            return;
        }
    }
}
