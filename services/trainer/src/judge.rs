//! A registered model before the gates: evaluated beside the champion, and trained again.

use std::path::Path;

use anyhow::{Context, bail};
use detect::{Profile, Settings};
use events::Millis;
use platform::ModelWriter;
use registry::{Blob, Entry, Gates, MODEL_FILE, Proof};

use crate::manifest::Manifest;
use crate::{EvaluateJob, TrainJob};

/// What to judge a model by.
#[derive(Debug)]
pub struct JudgeJob<'a> {
    /// The model's id.
    pub model: &'a str,
    /// Events that it was not trained on, JSON Lines.
    pub events: &'a Path,
    /// Their truth, JSON Lines.
    pub truth: &'a Path,
    /// How many accounts reviewers can look at; none for as many as there are active offenders.
    pub capacity: Option<usize>,
    /// Judge from then on, milliseconds since the epoch; none for all of it.
    pub from: Option<Millis>,
    /// The most that probabilities of the surest hundredth may be off, 0 to 1.
    pub calibration_error_max: f64,
    /// How it is made again.
    pub again: Again<'a>,
    /// What the platform's servers know.
    pub profile: Profile,
}

/// How a model is made again.
#[derive(Clone, Copy, Debug)]
pub enum Again<'a> {
    /// From what its manifest names: events, labels, and the accounts that were left out.
    Trained(&'a Path, &'a Path, Option<&'a Path>),
    /// Somebody else did, into this directory.
    Elsewhere(&'a Path),
}

/// Judges a model, and keeps in the registry what was found.
///
/// # Errors
/// Where the model or the champion cannot be used, or a file cannot be read. A gate that is shut is no error.
pub fn judge(
    writer: &ModelWriter,
    job: &JudgeJob<'_>,
    now: Millis,
    mut progress: impl FnMut(u64),
) -> anyhow::Result<Gates> {
    let schema = detect::feature_schema(&job.profile);
    let store = writer.store();
    let (entry, model) = store.model(job.model, &schema)?;
    let history = store.history()?;
    let champion = history.champion().filter(|champion| *champion != job.model);
    let beside = champion.map(|champion| store.model(champion, &schema)).transpose()?;
    let again = made_again(writer, &entry, job, now, &mut progress).map_err(|error| format!("{error:#}"));
    let evaluation = crate::evaluate(
        &EvaluateJob {
            events: job.events,
            truth: job.truth,
            model,
            beside: beside.map(|(_, model)| model),
            capacity: job.capacity,
            from: job.from,
            settings: Settings { profile: job.profile.clone(), ..Settings::default() },
        },
        now,
        &mut progress,
    )?;
    let proof = Proof {
        model: job.model,
        champion,
        schema: &schema,
        evaluation: &evaluation,
        calibration_error_max: job.calibration_error_max,
        reproduced: (&entry.files[MODEL_FILE].blake3, again),
    };
    let gates = Gates::judge(&proof, now);
    writer.judged(&gates)?;
    Ok(gates)
}

/// The hash of the model, made again.
fn made_again(
    writer: &ModelWriter,
    entry: &Entry,
    job: &JudgeJob<'_>,
    now: Millis,
    progress: &mut dyn FnMut(u64),
) -> anyhow::Result<String> {
    let hash = |directory: &Path| {
        let path = directory.join(MODEL_FILE);
        let bytes = std::fs::read(&path).with_context(|| format!("could not read {}", path.display()))?;
        anyhow::Ok(Blob::of(&bytes).blake3)
    };
    let (events, labels, left_out) = match job.again {
        Again::Elsewhere(directory) => return hash(directory),
        Again::Trained(events, labels, left_out) => (events, labels, left_out),
    };
    let manifest: Manifest = serde_json::from_slice(&writer.store().file(entry, "manifest.json")?)
        .context("its manifest is none of `silhouette train`: name the directory where it was made again")?;
    if manifest.profile != job.profile.name() {
        bail!("it was trained under profile {}, not {}", manifest.profile, job.profile.name());
    }
    manifest.events.check(events)?;
    manifest.labels.check(labels)?;
    match (&manifest.left_out, left_out) {
        (Some(named), Some(file)) => named.check(file)?,
        (None, None) => {}
        (Some(_), None) => bail!("accounts were left out: name the file of them"),
        (None, Some(_)) => bail!("no accounts were left out of it"),
    }
    let folder = tempfile::tempdir().context("could not make a folder")?;
    let again = TrainJob {
        events,
        labels,
        out: folder.path(),
        as_of: Some(manifest.as_of),
        embargo_ms: manifest.embargo_ms,
        one_in: Some(manifest.one_in),
        settings: Settings { profile: job.profile.clone(), ..Settings::default() },
        family: manifest.family,
        check_leaks: false,
        leave_out: left_out,
    };
    crate::train(&again, now, progress)?;
    hash(folder.path())
}
