//! Forgets what is kept for a time only, once the time is over.

use std::time::Duration;

use tokio::sync::watch;

use crate::store::Store;

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_secs(2);

/// Looks again and again until told to stop. What could not be forgotten is tried again with the next look; nothing of
/// it is shown meanwhile, because reading heeds the time too.
pub(crate) async fn run(store: Store, mut stop: watch::Receiver<bool>) {
    loop {
        match store.forget_sides().await {
            Ok(0) => {}
            Ok(flags) => tracing::info!(flags, "what was known of counterparts is forgotten"),
            Err(error) => {
                let error = format!("{:#}", anyhow::Error::new(error));
                tracing::error!(error, "could not forget what is known of counterparts; will try again");
            }
        }
        if tokio::time::timeout(PAUSE, stop.wait_for(|stop| *stop)).await.is_ok() {
            return;
        }
    }
}
