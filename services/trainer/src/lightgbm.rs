//! A model that LightGBM trained, as an artefact.

use std::path::Path;

use anyhow::Context;
use detect::Profile;
use platform::files;
use scorers::{Artifact, Model, lightgbm};

use crate::card;
use crate::manifest::{ImportManifest, Input};

/// Makes an artefact of LightGBM's text, beside its card, its manifest and the text itself. What is usual, and what it was made from, are taken from a model of the same
/// features, whose data set it was trained on; probabilities are its own. Returns the model's id.
///
/// # Errors
/// Where a file cannot be read or written, or the text is of something that trees here do not do.
pub fn import_lightgbm(file: &Path, like: &Model, profile: &Profile, out: &Path) -> anyhow::Result<String> {
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    let schema = detect::feature_schema(profile);
    let (mut trees, calibration) =
        lightgbm::read(&text, &schema).with_context(|| format!("could not import {}", file.display()))?;
    let (like_id, like) = (like.id().to_owned(), like.artifact());
    for (column, (_, baseline)) in trees.columns.iter_mut().zip(like.scorer.columns()) {
        column.baseline = baseline;
    }
    let mut artifact = Artifact::new(&schema, trees, calibration, like.provenance.clone());
    artifact.baselines = like.baselines.clone();
    let document = artifact.encode();
    let model = Model::decode(&document, &schema).context("the model just made does not read back")?;
    let manifest = ImportManifest {
        model: model.id().to_owned(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        lightgbm: Input::of(file)?,
        like: like_id,
        profile: profile.name().to_owned(),
        schema: schema.hash().to_owned(),
        dataset: model.artifact().provenance.dataset_hash.clone(),
    };
    files::write(&out.join("manifest.json"), &format!("{}\n", serde_json::to_string_pretty(&manifest)?))?;
    files::write(&out.join("card.md"), &card::write(&model, &schema, None))?;
    files::write(&out.join("lightgbm.txt"), &text)?;
    files::write(&out.join("model.json"), &document)?;
    Ok(model.id().to_owned())
}
