//! The one test command: every test of the workspace, then what was left out and how to get it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::components::{self, Component};
use crate::{cargo, loud, succeeds, tidy};

const MARK: &str = "LEFT OUT:";

/// Runs the tests with `arguments` for cargo, then tidy. Returns whether everything passed; with
/// `require_all`, what is left out fails.
pub(crate) fn run(root: &Path, require_all: bool, arguments: &[String]) -> anyhow::Result<bool> {
    let components = components::find(root);
    for component in &components {
        let state = if component.missing.is_empty() {
            "there".to_string()
        } else {
            format!("MISSING: {}", component.missing.join(", "))
        };
        eprintln!("test: {} ({}): {state}", component.name, component.purpose);
    }
    if require_all && components.iter().any(|component| !component.missing.is_empty()) {
        loud::print(&missing(&components));
        return Ok(false);
    }

    let record = std::env::temp_dir().join(format!("silhouette-left-out-{}", std::process::id()));
    fs::write(&record, "").with_context(|| format!("could not write {}", record.display()))?;
    let tests_passed = succeeds(&mut tests(root, require_all, arguments, &record))?;
    let tidy_passed = tidy::run(root)?;

    let left_out = left_out(&fs::read_to_string(&record)?);
    fs::remove_file(&record)?;
    if !left_out.is_empty() {
        loud::print(&with_advice(&left_out, &components));
    }
    let complete = left_out.is_empty() || !require_all;
    Ok(tests_passed && tidy_passed && complete)
}

/// One profile serves the binary, the tests and the benches, so that nothing is built twice.
fn tests(root: &Path, require_all: bool, arguments: &[String], record: &Path) -> std::process::Command {
    let mut command = cargo(root);
    command.args(["test", "--release", "--no-fail-fast"]);
    if !names_a_package(arguments) {
        command.arg("--workspace");
    }
    command.args(arguments).env("SILHOUETTE_LEFT_OUT", record);
    if require_all {
        command.env("SILHOUETTE_REQUIRE_ALL", "1");
    }
    if let Some(path) = components::collegemsg(root) {
        command.env("SILHOUETTE_COLLEGEMSG", path);
    }
    command
}

/// Whether cargo's own arguments, those before a second `--`, say which package to test.
fn names_a_package(arguments: &[String]) -> bool {
    let own = arguments.iter().take_while(|argument| *argument != "--");
    own.into_iter().any(|argument| argument.starts_with("-p") || argument.starts_with("--package"))
}

/// The lines of the record that say what was left out, each once.
fn left_out(record: &str) -> BTreeSet<String> {
    record.lines().filter(|line| line.contains(MARK)).map(|line| line.trim().to_string()).collect()
}

fn missing(components: &[Component]) -> Vec<String> {
    let lacking = components.iter().filter(|component| !component.missing.is_empty());
    let lines =
        lacking.flat_map(|c| [format!("MISSING: {}", c.missing.join(", ")), format!("  {}", c.install)]);
    ["Nothing may be left out, and this machine lacks something. No test was run.".into()]
        .into_iter()
        .chain(lines)
        .collect()
}

/// The lines, and after each how to get the component that it names.
fn with_advice(left_out: &BTreeSet<String>, components: &[Component]) -> Vec<String> {
    let mut lines =
        vec!["These tests were LEFT OUT, so nothing is known of what they would have shown:".into()];
    for line in left_out {
        lines.push(line.clone());
        let lower = line.to_lowercase();
        let named = components.iter().filter(|component| lower.contains(&component.name.to_lowercase()));
        lines.extend(named.map(|component| format!("  {}", component.install)));
    }
    lines
}

#[cfg(test)]
mod tests;
