//! Feature vectors as Parquet.

use std::path::Path;

use dataset::{Keep, Pairs, Rows};
use detect::Settings;
use events::Millis;
use platform::files::Output;

use crate::replay::replay;

/// What to write.
#[derive(Debug)]
pub struct FeaturesJob<'a> {
    /// The events.
    pub events: &'a Path,
    /// Where one row an account goes: its vector at the end of the events.
    pub out: &'a Path,
    /// Where one row for each of its first contacts goes.
    pub pairs: Option<&'a Path>,
    /// How they are computed.
    pub settings: Settings,
}

/// How many rows were written.
#[derive(Clone, Copy, Debug)]
pub struct FeaturesWritten {
    /// Of accounts.
    pub accounts: usize,
    /// Of pairs.
    pub pairs: usize,
}

/// Writes accounts and their pairs as they are at the end of the events.
///
/// # Errors
/// Where a file cannot be read or written, or holds no valid event.
pub fn write_features(
    job: &FeaturesJob<'_>,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<FeaturesWritten> {
    let replayed = replay(job.events, job.settings.clone(), now, &mut progress, &mut |_| {})?;
    let engine = replayed.engine();
    let (mut rows, mut pairs) = (Rows::new(engine.schema().clone(), Keep::Every), Pairs::default());
    engine.survey(engine.latest().unwrap_or(0), |row| {
        rows.push(&row);
        if job.pairs.is_some() {
            pairs.push(&row);
        }
    });
    let mut output = Output::create(job.out)?;
    rows.write_parquet(&mut output)?;
    output.finish()?;
    if let Some(path) = job.pairs {
        let mut output = Output::create(path)?;
        pairs.write_parquet(&mut output)?;
        output.finish()?;
    }
    Ok(FeaturesWritten { accounts: rows.len(), pairs: pairs.len() })
}
