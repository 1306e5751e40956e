//! Detection on a file, from its first line to its last.

use std::path::Path;

use anyhow::Context;
use detect::{Counts, Flagger, Replay, Settings};
use events::Millis;
use platform::files::{Lines, Output};
use scorers::Model;

use crate::DeadLetter;

/// What to detect with and where to write.
#[derive(Debug)]
pub struct FileJob<'a> {
    /// Events, JSON Lines, plain or `.zst`.
    pub events: &'a Path,
    /// The model.
    pub model: Model,
    /// Probability from which accounts are flagged; none for the model's own.
    pub min_p: Option<f64>,
    /// How event time is cut.
    pub settings: Settings,
    /// Where flags go, one JSON line each.
    pub flags: &'a Path,
    /// Where refusals go, if anywhere.
    pub dead_letters: Option<&'a Path>,
}

/// What detection on a file met and gave.
#[derive(Clone, Debug)]
pub struct FileReport {
    /// What was read.
    pub counts: Counts,
    /// Flags written.
    pub flags: u64,
    /// Accounts met.
    pub accounts: usize,
}

/// Detects on a file. Nothing is written under the outputs' names unless all of it succeeds.
///
/// `now` is the clock against which future times are refused; `progress` is told of every 10,000 lines.
///
/// # Errors
/// Where a file cannot be read or written.
pub fn detect_file(
    job: FileJob<'_>,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<FileReport> {
    let mut lines = Lines::open(job.events)?;
    let mut flags = Output::create(job.flags)?;
    let mut dead_letters = job.dead_letters.map(Output::create).transpose()?;
    let mut flagger = Flagger::new(job.model, &job.settings.profile, job.min_p);
    let gate = flagger.gate();
    let mut replay = Replay::new(job.settings);
    let mut ready = Vec::new();
    let mut written = 0;
    let name = job.events.display().to_string();
    while let Some(line) = lines.next_line()? {
        let taken =
            replay.take_where(line, now, |o| gate.is_worth(o), |row| ready.extend(flagger.consider(&row).1));
        if let (Err(reject), Some(output)) = (taken, &mut dead_letters) {
            let offset = i64::try_from(replay.counts().lines - 1)?;
            output.line(&DeadLetter::new(&name, 0, offset, reject).encode())?;
        }
        written += write(&mut flags, &mut ready)?;
        if replay.counts().lines.is_multiple_of(10_000) {
            progress(replay.counts().lines);
        }
    }
    replay.finish_where(|o| gate.is_worth(o), |row| ready.extend(flagger.consider(&row).1));
    written += write(&mut flags, &mut ready)?;
    dead_letters.map(Output::finish).transpose()?;
    flags.finish()?;
    Ok(FileReport { counts: replay.counts().clone(), flags: written, accounts: replay.engine().accounts() })
}

fn write(output: &mut Output, ready: &mut Vec<detect::Flag>) -> anyhow::Result<u64> {
    let n = ready.len() as u64;
    for flag in ready.drain(..) {
        output.line(&serde_json::to_string(&flag).context("could not encode a flag")?)?;
    }
    Ok(n)
}
