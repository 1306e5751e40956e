//! What may import what: models <- pipelines <- services <- tests, where an arrow points at what is imported.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};
use serde_json::Value;

use super::Complaint;
use crate::cargo;

/// Crates that bring the outside world with them, which the pure rooms do without.
const OUTSIDE: &[(&str, &str)] = &[
    ("tokio", "sockets, clocks and threads"),
    ("rdkafka", "a message broker"),
    ("sqlx", "a database"),
    ("object_store", "files and buckets"),
    ("axum", "an HTTP server"),
    ("axum-extra", "an HTTP server"),
    ("tower-http", "an HTTP server"),
    ("hyper", "HTTP"),
    ("reqwest", "an HTTP client"),
    ("ureq", "an HTTP client"),
    ("prometheus", "a process-wide registry"),
    ("tracing", "a process-wide subscriber"),
    ("tracing-subscriber", "a process-wide subscriber"),
    ("clap", "the command line"),
    ("indicatif", "a terminal"),
    ("tempfile", "files"),
];

/// Crates that only some of ours may depend on.
const RESERVED: &[(&str, &[&str], &str)] = &[
    ("polars", &["dataset"], "it compiles for minutes and serves only the training rows"),
    ("linfa", &["training"], "only training fits models"),
    ("linfa-logistic", &["training"], "only training fits models"),
    ("forust-ml", &["training"], "only training fits models"),
];

/// A folder of crates, in the order of the arrow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Room {
    Models,
    Pipelines,
    Services,
    Tests,
    Xtask,
}

impl Room {
    fn of(folder: &str) -> Option<Room> {
        match folder.split('/').next()? {
            "models" => Some(Room::Models),
            "pipelines" => Some(Room::Pipelines),
            "services" => Some(Room::Services),
            "tests" => Some(Room::Tests),
            "xtask" => Some(Room::Xtask),
            _ => None,
        }
    }

    fn is_pure(self) -> bool {
        matches!(self, Room::Models | Room::Pipelines)
    }
}

/// One crate of the workspace.
pub(super) struct Crate {
    name: String,
    room: Room,
    /// Its manifest: where it is, and its text.
    manifest_path: String,
    manifest: String,
    dependencies: Vec<Dependency>,
}

/// What a crate's manifest names.
struct Dependency {
    name: String,
    rename: Option<String>,
    kind: Option<String>,
}

impl Dependency {
    fn read(dependency: &Value) -> Option<Dependency> {
        let kind = text(&dependency["kind"]);
        Some(Dependency { name: text(&dependency["name"])?, rename: text(&dependency["rename"]), kind })
    }
}

/// Reads the workspace's crates from cargo, in the order of the root manifest's list.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<Crate>> {
    let output = cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]).output()?;
    if !output.status.success() {
        bail!("could not read cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    }
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut packages: Vec<&Value> = items(&metadata["packages"]).collect();
    packages.sort_by_key(|package| items(&metadata["workspace_members"]).position(|id| *id == package["id"]));
    packages.into_iter().map(|package| Crate::read(root, package)).collect()
}

fn items(array: &Value) -> impl Iterator<Item = &Value> {
    array.as_array().into_iter().flatten()
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(String::from)
}

impl Crate {
    fn read(root: &Path, package: &Value) -> anyhow::Result<Crate> {
        let name = text(&package["name"]).context("cargo names no package")?;
        let path = text(&package["manifest_path"]).context("cargo names no manifest")?;
        let manifest = fs::read_to_string(&path).with_context(|| format!("could not read {path}"))?;
        let manifest_path = Path::new(&path).strip_prefix(root)?.to_string_lossy().into_owned();
        let room = Room::of(&manifest_path).with_context(|| format!("{manifest_path} stands in no room"))?;
        let dependencies = items(&package["dependencies"]).filter_map(Dependency::read).collect();
        Ok(Crate { name, room, manifest_path, manifest, dependencies })
    }

    fn complaint(&self, dependency: &Dependency, fault: String, right: String) -> Complaint {
        let key = dependency.rename.as_ref().unwrap_or(&dependency.name);
        let names_it = |line: &str| {
            line.strip_prefix(key.as_str()).is_some_and(|rest| rest.starts_with([' ', '.', '=']))
        };
        let line = self.manifest.lines().position(names_it).unwrap_or_default() + 1;
        Complaint { file: self.manifest_path.clone(), line, fault, right }
    }
}

/// Checks every dependency of every crate; `crates` stand in the order of the root manifest's list.
pub(super) fn check(crates: &[Crate]) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for (from, importer) in crates.iter().enumerate() {
        for dependency in &importer.dependencies {
            let name = &dependency.name;
            let refusal = match crates.iter().position(|imported| imported.name == *name) {
                Some(to) => wrong_arrow(crates, from, to),
                None => outside(importer, dependency),
            };
            let fault = || format!("{} imports {name}", importer.name);
            complaints.extend(refusal.map(|right| importer.complaint(dependency, fault(), right)));
        }
    }
    complaints
}

/// What is right, where the crate at `from` may not import the crate at `to`. Tests obey as well, because a
/// crate that is tested with what comes after it cannot be understood alone.
fn wrong_arrow(crates: &[Crate], from: usize, to: usize) -> Option<String> {
    let (importer, imported) = (&crates[from], &crates[to]);
    match (importer.room, imported.room) {
        (Room::Xtask, _) | (_, Room::Xtask) => Some("xtask is built alone, and for nobody".into()),
        (a, b) if b > a => Some("imports go one way: models <- pipelines <- services <- tests".into()),
        (Room::Models, Room::Models) | (Room::Pipelines, Room::Pipelines) if to >= from => {
            Some("only what stands before it in the root manifest, which is the order of the data".into())
        }
        (Room::Services, Room::Services) => match (importer.name.as_str(), imported.name.as_str()) {
            ("silhouette", _) | ("detector" | "reviewer" | "trainer", "platform") => None,
            _ => Some("services meet only in platform; silhouette alone runs them all".into()),
        },
        _ => None,
    }
}

/// What is right, where the crate may not import this crate from outside. What only tests use is free.
fn outside(importer: &Crate, dependency: &Dependency) -> Option<String> {
    let name = dependency.name.as_str();
    let pure = importer.room.is_pure() && dependency.kind.as_deref() != Some("dev");
    if let Some((_, brings)) = OUTSIDE.iter().find(|(outside, _)| pure && *outside == name) {
        return Some(format!("it brings {brings}, which belongs to services"));
    }
    let (_, allowed, reason) = RESERVED.iter().find(|(reserved, _, _)| *reserved == name)?;
    let refused = !allowed.contains(&importer.name.as_str());
    refused.then(|| format!("only {} may: {reason}", allowed.join(", ")))
}

#[cfg(test)]
mod tests;
