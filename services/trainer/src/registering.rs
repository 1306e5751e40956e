//! From a model's directory into the registry, and back.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, bail};
use detect::Profile;
use events::Millis;
use platform::{ModelStore, ModelWriter, files};
use registry::{Blob, Entry, FORMAT, MODEL_FILE, is_name};
use scorers::Model;
use serde_json::Value;

/// The files of a model's directory that are registered. The data set is not: it holds people's rows, and is named by
/// its hash in the manifest.
const FILES: [&str; 5] = [MODEL_FILE, "manifest.json", "card.md", "report.json", "lightgbm.txt"];

/// Those of them that there must be.
const NEEDED: [&str; 3] = [MODEL_FILE, "manifest.json", "card.md"];

/// Registers the model in a directory, as somebody.
///
/// # Errors
/// Where a file is missing, the model is damaged or of another feature schema than this profile's, or it is registered
/// already.
pub fn register(
    writer: &ModelWriter,
    directory: &Path,
    (by, profile): (&str, &Profile),
    now: Millis,
) -> anyhow::Result<Entry> {
    if !is_name(by) {
        bail!("{by:?} is no name: letters, digits, dots, dashes, underscores, spaces and at-signs");
    }
    let mut files = BTreeMap::new();
    for name in FILES {
        match std::fs::read(directory.join(name)) {
            Ok(bytes) => drop(files.insert(name.to_owned(), bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound && !NEEDED.contains(&name) => {}
            Err(error) => {
                let path = directory.join(name);
                return Err(error).with_context(|| format!("could not read {}", path.display()));
            }
        }
    }
    let schema = detect::feature_schema(profile);
    let model = Model::decode(&String::from_utf8_lossy(&files[MODEL_FILE]), &schema)
        .with_context(|| format!("could not use the model in {}", directory.display()))?;
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).context("manifest.json")?;
    if manifest["model"] != model.id() {
        bail!("manifest.json is of model {}, and {MODEL_FILE} of {}", manifest["model"], model.id());
    }
    let entry = Entry {
        format: FORMAT,
        model: model.id().to_owned(),
        family: model.artifact().scorer.family().to_owned(),
        schema_hash: schema.hash().to_owned(),
        profile: profile.name().to_owned(),
        metrics: metrics(files.get("report.json"))?,
        files: files.iter().map(|(name, bytes)| (name.clone(), Blob::of(bytes))).collect(),
        by: by.to_owned(),
        at: now,
    };
    writer.register(&entry, &files)?;
    Ok(entry)
}

/// The figures of the report's test.
fn metrics(report: Option<&Vec<u8>>) -> anyhow::Result<BTreeMap<String, Option<f64>>> {
    let Some(report) = report else { return Ok(BTreeMap::new()) };
    let report: Value = serde_json::from_slice(report).context("report.json")?;
    let test = report["test"].as_object().context("report.json has no figures of a test")?;
    Ok(test.iter().map(|(name, figure)| (name.clone(), figure.as_f64())).collect())
}

/// Writes every file of a registered model into a directory, the model last.
///
/// # Errors
/// Where there is no such model, something of it was changed, or the disk does not take it.
pub fn fetch(store: &ModelStore, model: &str, out: &Path) -> anyhow::Result<Entry> {
    let entry = store.entry(model)?;
    let names = entry.files.keys().filter(|name| *name != MODEL_FILE);
    for name in names.map(String::as_str).chain([MODEL_FILE]) {
        let bytes = store.file(&entry, name)?;
        let text = String::from_utf8(bytes).with_context(|| format!("{name} is no text"))?;
        files::write(&out.join(name), &text)?;
    }
    Ok(entry)
}

/// Everything that is wrong with a registry, in words; and how many models and moves were held against their hashes and
/// signatures.
///
/// # Errors
/// Where the directory cannot be read.
pub fn verify(store: &ModelStore) -> anyhow::Result<(Vec<String>, usize, usize)> {
    let models = store.models()?;
    let mut findings = Vec::new();
    let mut note = |error: platform::model_store::Error| {
        findings.push(format!("{:#}", anyhow::Error::from(error)));
    };
    for model in &models {
        match store.entry(model) {
            Ok(entry) => {
                let files = entry.files.values();
                files.filter_map(|blob| store.object(blob).err()).for_each(&mut note);
            }
            Err(error) => note(error),
        }
        store.gates(model).err().into_iter().for_each(&mut note);
    }
    let moves = match store.history() {
        Ok(history) => {
            let judged = history.moves().iter().filter_map(|moved| moved.gates.as_ref());
            judged.filter_map(|gates| store.object(gates).err()).for_each(&mut note);
            history.moves().len()
        }
        Err(error) => {
            note(error);
            0
        }
    };
    Ok((findings, models.len(), moves))
}
