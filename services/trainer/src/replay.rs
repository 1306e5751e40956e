//! A file of events through a fresh engine.

use std::path::Path;

use anyhow::bail;
use detect::{Replay, Row, Settings};
use events::{Millis, decode};
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
    replay_until(events, settings, (now, Millis::MAX), progress, visit)
}

/// The same as if the log ended at a moment, with all that had happened by then.
pub(crate) fn replay_until(
    events: &Path,
    settings: Settings,
    (now, until): (Millis, Millis),
    progress: &mut dyn FnMut(u64),
    visit: &mut dyn FnMut(Row<'_>),
) -> anyhow::Result<Replay> {
    let mut lines = Lines::open(events)?;
    let mut replay = Replay::new(settings);
    while let Some(line) = lines.next_line()? {
        if until < Millis::MAX && decode(line, now).is_ok_and(|event| event.ts > until) {
            continue;
        }
        // A refusal has been counted, and one bad line never stops the stream.
        let mut seen = |row: Row<'_>| {
            if row.at <= until {
                visit(row)
            }
        };
        if replay.take(line, now, &mut seen).is_err() || replay.counts().lines.is_multiple_of(10_000) {
            progress(replay.counts().lines);
        }
    }
    // The tick in which the log ends is not over.
    replay.finish(|row| {
        if row.at <= until {
            visit(row)
        }
    });
    if replay.counts().events.is_empty() {
        bail!("{} holds no valid event ({} lines refused)", events.display(), replay.counts().rejected());
    }
    Ok(replay)
}
