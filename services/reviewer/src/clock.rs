//! The one place that asks what time it is.

use events::Millis;

/// Processing time, milliseconds since the epoch.
pub(crate) fn now() -> Millis {
    Millis::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}
