//! A file of events through a fresh engine.

use std::path::Path;

use anyhow::bail;
use detect::{Replay, Row, Settings};
use events::Millis;
use platform::files::Lines;

/// Replays `events` from the first line to the last; lines that are refused are counted and passed over.
///
/// `progress` is told of every 10,000 lines.
pub(crate) fn replay(
    events: &Path,
    settings: Settings,
    now: Millis,
    progress: &mut dyn FnMut(u64),
    visit: &mut dyn FnMut(Row<'_>),
) -> anyhow::Result<Replay> {
    let mut lines = Lines::open(events)?;
    let mut replay = Replay::new(settings);
    while let Some(line) = lines.next_line()? {
        // A refusal has been counted, and one bad line never stops the stream.
        if replay.take(line, now, &mut *visit).is_err() || replay.counts().lines.is_multiple_of(10_000) {
            progress(replay.counts().lines);
        }
    }
    replay.finish(visit);
    if replay.counts().events.is_empty() {
        bail!("{} holds no valid event ({} lines refused)", events.display(), replay.counts().rejected());
    }
    Ok(replay)
}
