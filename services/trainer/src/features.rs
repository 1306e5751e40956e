//! Feature vectors as Parquet.

use std::path::Path;

use dataset::{Keep, Rows};
use detect::Settings;
use events::Millis;
use platform::files::Output;

use crate::replay::replay;

/// Writes one row an account: its vector at the end of the events. Returns the number of rows.
///
/// # Errors
/// Where a file cannot be read or written, or holds no valid event.
pub fn write_features(
    events: &Path,
    out: &Path,
    settings: Settings,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<usize> {
    let replayed = replay(events, settings, now, &mut progress, &mut |_| {})?;
    let mut rows = Rows::new(replayed.engine().schema().clone(), Keep::Every);
    let end = replayed.engine().latest().unwrap_or(0);
    replayed.engine().survey(end, |row| rows.push(&row));
    let mut output = Output::create(out)?;
    rows.write_parquet(&mut output)?;
    output.finish()?;
    Ok(rows.len())
}
