//! The room plan, checked: what may import what, what the pure rooms may not touch, sizes, names, wording.

mod purity;
mod rooms;
mod rust;
mod sizes;
mod tree;
mod wording;

use std::fmt;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;

use rust::Rust;
use tree::Source;

/// One breach, and what would be right.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Complaint {
    file: String,
    /// From 1.
    line: usize,
    fault: String,
    right: String,
}

impl fmt::Display for Complaint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}\n    right: {}", self.file, self.line, self.fault, self.right)
    }
}

/// Checks the workspace and prints every breach together. Returns whether there was none.
pub(crate) fn run(root: &Path) -> anyhow::Result<bool> {
    let start = Instant::now();
    let crates = rooms::read(root)?;
    let sources = tree::read(root)?;
    let ratchet = sizes::Ratchet::read(&sources)?;

    let mut complaints = check(&sources, &ratchet);
    complaints.extend(rooms::check(&crates));
    complaints.sort();
    for complaint in &complaints {
        eprintln!("{complaint}");
    }
    let seconds = start.elapsed().as_secs_f64();
    eprintln!("tidy: {} files, {} complaints, {seconds:.2} s", sources.len(), complaints.len());
    Ok(complaints.is_empty())
}

/// Everything that is seen in the files themselves.
fn check(sources: &[Source], ratchet: &sizes::Ratchet) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    let mut sizes = Vec::new();
    for source in sources {
        complaints.extend(wording::check(source));
        sizes.extend(sizes::of_file(source));
        if !source.is_rust() {
            continue;
        }
        match Rust::read(&source.text).with_context(|| format!("could not read {} as Rust", source.path)) {
            Ok(rust) => {
                sizes.extend(sizes::of_functions(source, &rust));
                complaints.extend(purity::check(source, &rust));
                complaints.extend(wording::check_waiting(source, &rust));
            }
            Err(error) => complaints.push(source.complaint(1, format!("{error:#}"), "source that compiles")),
        }
    }
    complaints.extend(sizes::check(&sizes, ratchet));
    complaints
}

#[cfg(test)]
mod tests;
