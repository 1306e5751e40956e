//! The one place that asks what time it is.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use events::Millis;

/// Processing time, milliseconds since the epoch; clones show the same.
///
/// It can be put forward, and never back, so that what happens after days can be seen without waiting for it.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    forward_ms: Arc<AtomicU64>,
}

impl Clock {
    /// Puts it forward.
    pub fn advance(&self, ms: Millis) {
        self.forward_ms.fetch_add(ms, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> Millis {
        let system = Millis::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0);
        system.saturating_add(self.forward_ms.load(Ordering::SeqCst))
    }
}
