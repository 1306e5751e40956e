//! Detection on a live stream and on files.
//!
//! Owns the order in which things become durable: flags, then state, then positions. It is the one writer of
//! flags and dead letters. Start reading at [`live`].

mod dead_letter;
mod file;
mod live;
mod model;
mod reproduce;
mod resume;
mod serving;
mod watch;
mod writer;

pub use dead_letter::DeadLetter;
pub use file::{FileJob, FileReport, detect_file};
pub use live::{Live, PAUSES_APART, Settings, Signals, Streams};
pub use model::{load_model, load_profile};
pub use reproduce::{Difference, Log, Reproduced, flag_in_file, flag_on_topic, reproduce};
pub use serving::Models;

/// The ingester's clock: milliseconds since the epoch.
pub fn wall_clock() -> events::Millis {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
