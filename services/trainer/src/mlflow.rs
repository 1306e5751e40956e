//! The registry as MLflow's file store, so that people who live in MLflow see the models there.

use std::path::Path;

use anyhow::{Context, bail};
use platform::{ModelStore, files};
use registry::{Entry, History};
use serde_json::{Value, json};

/// The one experiment, by number and name.
const EXPERIMENT: (&str, &str) = ("1", "silhouette");

/// The registered model whose versions are ours.
const NAME: &str = "silhouette";

/// Writes every registered model as a run with its files, and as a version of one registered model with the aliases.
/// The directory must not be there yet: nothing in it is merged. Returns how many models there are.
///
/// # Errors
/// Where it is there, something in the registry was changed, or the disk does not take it.
pub fn export_mlflow(store: &ModelStore, out: &Path) -> anyhow::Result<usize> {
    if out.exists() {
        bail!("{} is there already; name a new directory", out.display());
    }
    std::fs::create_dir_all(out).with_context(|| format!("could not make {}", out.display()))?;
    let root = out.canonicalize().with_context(|| format!("could not find {}", out.display()))?;
    let history = store.history()?;
    let mut entries = store.models()?.iter().map(|id| store.entry(id)).collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(|entry| entry.at);
    let (number, name) = EXPERIMENT;
    let first = entries.first().map_or(0, |entry| entry.at);
    let latest = entries.last().map_or(0, |entry| entry.at);
    meta(
        &root.join(number),
        &[
            ("artifact_location", json!(uri(&root.join(number)))),
            ("creation_time", json!(first)),
            ("experiment_id", json!(number)),
            ("last_update_time", json!(latest)),
            ("lifecycle_stage", json!("active")),
            ("name", json!(name)),
        ],
    )?;
    let registered = root.join("models").join(NAME);
    for (at, entry) in entries.iter().enumerate() {
        write_run(&root.join(number), store, entry, &history)?;
        write_version(&registered, at + 1, entry, &root.join(number))?;
    }
    let version = |model: &str| entries.iter().position(|entry| entry.model == model).map(|at| at + 1);
    let challenger = history.challenger().map(|challenger| challenger.model.as_str());
    let aliases: serde_json::Map<String, Value> =
        [("champion", history.champion()), ("challenger", challenger)]
            .into_iter()
            .filter_map(|(alias, model)| Some((alias.to_owned(), json!(version(model?)?.to_string()))))
            .collect();
    for (alias, version) in &aliases {
        let version = version.as_str().unwrap_or_default();
        files::write(&registered.join("aliases").join(alias), version)?;
    }
    meta(
        &registered,
        &[
            ("aliases", Value::Object(aliases)),
            ("creation_timestamp", json!(first)),
            ("description", json!("Models of Silhouette. A score is a signal, not proof.")),
            ("last_updated_timestamp", json!(latest)),
            ("name", json!(NAME)),
        ],
    )?;
    Ok(entries.len())
}

/// MLflow names runs by 32 hexadecimal digits.
fn run_id(entry: &Entry) -> String {
    format!("{:.32}", blake3::hash(entry.model.as_bytes()).to_hex().as_str())
}

fn write_run(experiment: &Path, store: &ModelStore, entry: &Entry, history: &History) -> anyhow::Result<()> {
    let run = experiment.join(run_id(entry));
    meta(
        &run,
        &[
            ("artifact_uri", json!(uri(&run.join("artifacts")))),
            ("end_time", json!(entry.at)),
            ("entry_point_name", json!("")),
            ("experiment_id", json!(EXPERIMENT.0)),
            ("lifecycle_stage", json!("active")),
            ("run_id", json!(run_id(entry))),
            ("run_name", json!(entry.model)),
            ("source_name", json!("silhouette")),
            ("source_type", json!(4)),
            ("source_version", json!("")),
            ("start_time", json!(entry.at)),
            // Finished.
            ("status", json!(3)),
            ("tags", json!([])),
            ("user_id", json!(entry.by)),
        ],
    )?;
    let mut card = String::new();
    for name in entry.files.keys() {
        let text =
            String::from_utf8(store.file(entry, name)?).with_context(|| format!("{name} is no text"))?;
        files::write(&run.join("artifacts").join(name), &text)?;
        match name.as_str() {
            "manifest.json" => parameters(&run.join("params"), &serde_json::from_str(&text)?, "")?,
            "card.md" => card = text,
            _ => {}
        }
    }
    for (name, figure) in &entry.metrics {
        if let Some(figure) = figure {
            files::write(&run.join("metrics").join(name), &format!("{} {figure} 0\n", entry.at))?;
        }
    }
    let gates = store.gates(&entry.model)?;
    let verdict = gates.map(|gates| if gates.failed().next().is_none() { "passed" } else { "did not pass" });
    let is_champion = history.champion() == Some(entry.model.as_str());
    let hash = &entry.files[registry::MODEL_FILE].blake3;
    for (name, tag) in [
        ("mlflow.runName", entry.model.as_str()),
        ("mlflow.user", entry.by.as_str()),
        ("mlflow.note.content", card.as_str()),
        ("silhouette.family", entry.family.as_str()),
        ("silhouette.schema", entry.schema_hash.as_str()),
        ("silhouette.blake3", hash.as_str()),
        ("silhouette.gates", verdict.unwrap_or("not judged")),
        ("silhouette.champion", if is_champion { "yes" } else { "no" }),
    ] {
        files::write(&run.join("tags").join(name), tag)?;
    }
    Ok(())
}

/// Every word and number of a manifest, by where it stands.
fn parameters(folder: &Path, value: &Value, at: &str) -> anyhow::Result<()> {
    let Value::Object(fields) = value else {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        return Ok(files::write(&folder.join(at), &text)?);
    };
    for (key, value) in fields.iter().filter(|(_, value)| !value.is_null()) {
        let below = if at.is_empty() { key.clone() } else { format!("{at}.{key}") };
        parameters(folder, value, &below)?;
    }
    Ok(())
}

fn write_version(registered: &Path, version: usize, entry: &Entry, experiment: &Path) -> anyhow::Result<()> {
    let artifacts = uri(&experiment.join(run_id(entry)).join("artifacts"));
    meta(
        &registered.join(format!("version-{version}")),
        &[
            ("creation_timestamp", json!(entry.at)),
            ("current_stage", json!("None")),
            ("description", json!(format!("Model {}", entry.model))),
            ("last_updated_timestamp", json!(entry.at)),
            ("name", json!(NAME)),
            ("run_id", json!(run_id(entry))),
            ("run_link", Value::Null),
            ("source", json!(artifacts)),
            ("status", json!("READY")),
            ("status_message", Value::Null),
            ("storage_location", json!(artifacts)),
            ("user_id", json!(entry.by)),
            ("version", json!(version)),
        ],
    )
}

/// Writes `meta.yaml` into a folder: what is JSON is YAML.
fn meta(folder: &Path, fields: &[(&str, Value)]) -> anyhow::Result<()> {
    let text: String = fields.iter().map(|(key, value)| format!("{key}: {value}\n")).collect();
    Ok(files::write(&folder.join("meta.yaml"), &text)?)
}

fn uri(path: &Path) -> String {
    format!("file://{}", path.display())
}
