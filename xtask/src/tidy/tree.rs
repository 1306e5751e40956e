//! The project's text files.

use std::fs;
use std::path::Path;

use anyhow::Context;

use super::Complaint;

/// One text file.
pub(super) struct Source {
    /// From the workspace's root, with `/`.
    pub(super) path: String,
    pub(super) text: String,
}

impl Source {
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Whether it holds nothing but tests or benches.
    pub(super) fn is_test(&self) -> bool {
        let mut parts = self.path.rsplit('/');
        parts.next() == Some("tests.rs") || parts.any(|folder| folder == "tests" || folder == "benches")
    }

    pub(super) fn complaint(&self, line: usize, fault: String, right: &str) -> Complaint {
        Complaint { file: self.path.clone(), line, fault, right: right.to_string() }
    }
}

/// Reads every text file below `root`, apart from what git keeps to itself or is told to ignore at the root.
/// It asks the folders rather than git, so that a checkout without history is checked as well.
pub(super) fn read(root: &Path) -> anyhow::Result<Vec<Source>> {
    let gitignore = fs::read_to_string(root.join(".gitignore")).unwrap_or_default();
    let ignored = gitignore.lines().filter_map(|line| line.strip_prefix('/'));
    let ignored: Vec<&str> = ignored.map(|name| name.trim_end_matches('/')).chain([".git"]).collect();
    let mut sources = Vec::new();
    read_folder(root, "", &ignored, &mut sources)?;
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(sources)
}

fn read_folder(root: &Path, folder: &str, ignored: &[&str], sources: &mut Vec<Source>) -> anyhow::Result<()> {
    let entries = fs::read_dir(root.join(folder)).with_context(|| format!("could not list {folder:?}"))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
        if ignored.contains(&path.as_str()) {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            read_folder(root, &path, ignored, sources)?;
        } else if kind.is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("could not read {path}"))?;
            let text = String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'));
            sources.extend(text.map(|text| Source { path, text }));
        }
    }
    Ok(())
}
