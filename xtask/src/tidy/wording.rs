//! What people read and what files are called. A score is a signal, not proof, and words follow from that.

use super::rust::Rust;
use super::{Complaint, Source};

/// Words that call a person something that no score can show.
const VERDICTS: &[&str] = &["predator", "guilty"];
/// Words that turn a verdict into a statement of this rule.
const NEGATIONS: &[&str] = &["never", "not", "no", "nor", "without"];
/// The file that states this rule, and its tests.
const RULE: &str = "xtask/src/tidy/wording";

/// Names that say nothing of what a file or folder holds.
const EMPTY_NAMES: &[&str] = &["utils", "util", "helpers", "helper", "common"];

/// Checks the text and the name of one file.
pub(super) fn check(source: &Source) -> Vec<Complaint> {
    let mut complaints = names(source);
    if !source.path.starts_with(RULE) {
        complaints.extend(verdicts(source));
    }
    complaints
}

fn names(source: &Source) -> Vec<Complaint> {
    let mut complaints = Vec::new();
    for part in source.path.split('/') {
        let stem = part.split('.').next().unwrap_or_default();
        if EMPTY_NAMES.contains(&stem) {
            let fault = format!("`{part}` does not say what it holds");
            complaints.push(source.complaint(1, fault, "name it for the noun it owns"));
        }
        if part == "mod.rs" {
            complaints.push(source.complaint(1, "mod.rs".into(), "foo.rs beside foo/"));
        }
    }
    complaints
}

fn verdicts(source: &Source) -> Vec<Complaint> {
    let text = source.text.to_ascii_lowercase();
    let mut complaints = Vec::new();
    for verdict in VERDICTS {
        for (at, _) in text.match_indices(verdict) {
            let (before, from) = text.split_at(at);
            let after = from.strip_prefix(verdict).unwrap_or_default();
            let quoted = before.ends_with('"') && after.starts_with('"');
            if states_the_rule(before) || (quoted && source.is_test()) {
                continue;
            }
            let line = before.matches('\n').count() + 1;
            let fault = format!("`{verdict}` is a verdict");
            complaints.push(source.complaint(line, fault, "say what was seen: a signal, not proof"));
        }
    }
    complaints
}

/// Whether the sentence so far denies the verdict.
fn states_the_rule(before: &str) -> bool {
    let sentence = before.rsplit(['.', '!', '?', ';']).next().unwrap_or_default();
    let last = sentence.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).rev().take(8);
    last.into_iter().any(|word| NEGATIONS.contains(&word))
}

/// Checks that no test waits for time to pass.
pub(super) fn check_waiting(source: &Source, rust: &Rust) -> Vec<Complaint> {
    let sleeps = rust.calls.iter().filter(|call| source.is_test() && call.name == "sleep");
    let right = "wait for the condition itself, with a deadline";
    sleeps.map(|call| source.complaint(call.line, "a test sleeps".into(), right)).collect()
}

#[cfg(test)]
mod tests;
