//! What went into a model, by hash: who has the same gets the same model.

use std::fs::File;
use std::path::Path;

use anyhow::Context;
use dataset::Selection;
use events::Millis;
use scorers::Model;
use serde::Serialize;

use crate::TrainJob;

/// Everything that a model was made from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Manifest {
    /// The model's id.
    model: String,
    /// The version of the program.
    program: &'static str,
    events: Input,
    labels: Input,
    /// Accounts that training did not see.
    left_out: Option<Input>,
    /// The name of what the platform's servers know.
    profile: String,
    /// The hash of the feature schema.
    schema: String,
    /// The hash over the rows that were fitted and calibrated on.
    dataset: String,
    as_of: Millis,
    embargo_ms: Millis,
    folds: usize,
    /// One row in so many of accounts of which nothing was known.
    one_in: u32,
    /// The family of models and its parameters.
    family: String,
    /// Whether half of the log was replayed again to look for columns that know the other half; there were none.
    leaks_checked: bool,
}

/// A file that was read.
#[derive(Clone, Debug, Serialize)]
struct Input {
    file: String,
    bytes: u64,
    blake3: String,
}

impl Input {
    fn of(path: &Path) -> anyhow::Result<Self> {
        let reading = || format!("could not read {}", path.display());
        let mut hasher = blake3::Hasher::new();
        let bytes =
            std::io::copy(&mut File::open(path).with_context(reading)?, &mut hasher).with_context(reading)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { file, bytes, blake3: hasher.finalize().to_hex().to_string() })
    }
}

impl Manifest {
    pub(crate) fn of(
        job: &TrainJob<'_>,
        model: &Model,
        selection: Selection,
        one_in: u32,
        leaks_checked: bool,
    ) -> anyhow::Result<Self> {
        let artifact = model.artifact();
        Ok(Self {
            model: model.id().to_owned(),
            program: env!("CARGO_PKG_VERSION"),
            events: Input::of(job.events)?,
            labels: Input::of(job.labels)?,
            left_out: job.leave_out.map(Input::of).transpose()?,
            profile: job.settings.profile.name().to_owned(),
            schema: artifact.schema_hash.clone(),
            dataset: artifact.provenance.dataset_hash.clone(),
            as_of: selection.as_of,
            embargo_ms: selection.embargo_ms,
            folds: selection.folds,
            one_in,
            family: format!("{:?}", job.family),
            leaks_checked,
        })
    }
}
