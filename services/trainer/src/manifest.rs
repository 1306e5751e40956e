//! What went into a model, by hash: who has the same gets the same model.

use std::fs::File;
use std::path::Path;

use anyhow::{Context, bail};
use dataset::Selection;
use events::Millis;
use scorers::Model;
use serde::{Deserialize, Serialize};
use training::Family;

use crate::TrainJob;

/// Everything that a model was made from.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Manifest {
    /// The model's id.
    pub(crate) model: String,
    /// The version of the program.
    program: String,
    pub(crate) events: Input,
    pub(crate) labels: Input,
    /// Accounts that training did not see.
    pub(crate) left_out: Option<Input>,
    /// The name of what the platform's servers know.
    pub(crate) profile: String,
    /// The hash of the feature schema.
    schema: String,
    /// The hash over the rows that were fitted and calibrated on.
    dataset: String,
    pub(crate) as_of: Millis,
    pub(crate) embargo_ms: Millis,
    folds: usize,
    /// One row in so many of accounts of which nothing was known.
    pub(crate) one_in: u32,
    /// The family of models and its parameters.
    pub(crate) family: Family,
    /// Whether half of the log was replayed again to look for columns that know the other half; there were none.
    leaks_checked: bool,
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Input {
    file: String,
    bytes: u64,
    blake3: String,
}

impl Input {
    pub(crate) fn of(path: &Path) -> anyhow::Result<Self> {
        let reading = || format!("could not read {}", path.display());
        let mut hasher = blake3::Hasher::new();
        let bytes =
            std::io::copy(&mut File::open(path).with_context(reading)?, &mut hasher).with_context(reading)?;
        let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Ok(Self { file, bytes, blake3: hasher.finalize().to_hex().to_string() })
    }

    /// That a file, whatever it is called now, is the one that was read.
    pub(crate) fn check(&self, path: &Path) -> anyhow::Result<()> {
        let found = Self::of(path)?;
        if found.blake3 != self.blake3 {
            bail!(
                "{} hashes to {}, and the model was made from {} with {}",
                path.display(),
                found.blake3,
                self.file,
                self.blake3
            );
        }
        Ok(())
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
            program: env!("CARGO_PKG_VERSION").to_owned(),
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
            family: job.family,
            leaks_checked,
        })
    }
}

/// What an imported model was made from.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ImportManifest {
    /// The model's id.
    pub(crate) model: String,
    /// The version of the program.
    pub(crate) program: String,
    /// The text that was imported.
    pub(crate) lightgbm: Input,
    /// The model that says what is usual, and of what data set.
    pub(crate) like: String,
    /// The name of what the platform's servers know.
    pub(crate) profile: String,
    /// The hash of the feature schema.
    pub(crate) schema: String,
    /// The hash over the rows that it says it was fitted on.
    pub(crate) dataset: String,
}
