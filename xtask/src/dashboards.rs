//! The dashboards for Grafana: made from what is said of them here, checked by the rules of Grafana's own linter, and
//! held against the metrics that there are; with the alerts, their tests and their runbooks.
//!
//! Start reading at [`board`].

mod board;
mod lint;
mod mission;
mod models;
mod pipeline;
mod review;
mod rules;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use board::Board;

/// Where the dashboards lie.
const FOLDER: &str = "dashboards";

/// Metrics that no dashboard and no alert uses, on purpose, and why.
const UNUSED: &[(&str, &str)] = &[
    ("process_virtual_memory_bytes", "addresses cost nothing"),
    ("process_threads", "a limit on them would be a guess"),
];

/// Every dashboard, in the order in which they are read.
const BOARDS: [&Board; 4] = [&mission::BOARD, &pipeline::BOARD, &models::BOARD, &review::BOARD];

/// Writes the dashboards anew.
pub(crate) fn write(root: &Path) -> anyhow::Result<bool> {
    for board in BOARDS {
        let path = root.join(FOLDER).join(board.file());
        fs::write(&path, text(board)).with_context(|| format!("could not write {}", path.display()))?;
        println!("{}", path.display());
    }
    Ok(true)
}

/// Checks dashboards, rules and runbooks, and prints every fault together. Returns whether there was none. Whether alerts
/// fire and queries are answered is for the tests to say.
pub(crate) fn check(root: &Path) -> anyhow::Result<bool> {
    let faults = faults(root)?;
    for fault in &faults {
        eprintln!("{fault}");
    }
    Ok(faults.is_empty())
}

/// Every fault.
fn faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let (mut faults, mut queries) = (Vec::new(), Vec::new());
    for board in BOARDS {
        let file = board.file();
        let published = fs::read_to_string(root.join(FOLDER).join(&file)).unwrap_or_default();
        if published != text(board) {
            faults.push(format!("{FOLDER}/{file} is not current: run `cargo xtask dashboards`"));
        }
        faults
            .extend(lint::check(&board.json()).into_iter().map(|fault| format!("{FOLDER}/{file}: {fault}")));
        queries.extend(lint::queries(&board.json()));
    }
    let rules = rules::read(root)?;
    faults.extend(rules.faults(root)?);
    queries.extend(rules.queries().map(str::to_owned));
    let page = fs::read_to_string(root.join("docs/metrics.md")).context("could not read docs/metrics.md")?;
    faults.extend(names(&page, &queries, &rules));
    Ok(faults)
}

/// Names that are used and do not exist, and names that exist and are neither used nor left out on purpose.
fn names(page: &str, queries: &[String], rules: &rules::Rules) -> Vec<String> {
    let exist: BTreeSet<&str> = page.lines().filter_map(|line| line.strip_prefix("### ")).collect();
    let used: BTreeSet<String> = queries.iter().flat_map(|query| lint::metrics(query)).collect();
    let base = |name: &str| {
        let cut = ["_bucket", "_sum", "_count"].iter().find_map(|end| name.strip_suffix(end));
        cut.filter(|cut| exist.contains(cut)).unwrap_or(name).to_owned()
    };
    let used: BTreeSet<String> = used.iter().map(|name| base(name)).collect();
    let is_known = |name: &str| exist.contains(name) || rules.records(name) || name == "up";
    let unknown = used.iter().filter(|name| !is_known(name));
    let unknown =
        unknown.map(|name| format!("{name} is used and does not exist; docs/metrics.md has what does"));
    let is_left_out = |name: &str| UNUSED.iter().any(|(unused, _)| *unused == name);
    let idle = exist.iter().filter(|name| !used.contains(**name) && !is_left_out(name));
    let idle = idle
        .map(|name| format!("{name} is in no dashboard and no rule, nor among those left out on purpose"));
    let stale = UNUSED.iter().filter(|(name, _)| used.contains(*name) || !exist.contains(name));
    let stale = stale.map(|(name, _)| format!("{name} is said to be unused, and is used or does not exist"));
    unknown.chain(idle).chain(stale).collect()
}

fn text(board: &Board) -> String {
    let json: Value = board.json();
    format!("{json:#}\n")
}

#[cfg(test)]
mod tests;
