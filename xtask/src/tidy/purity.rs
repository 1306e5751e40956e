//! The pure rooms see no clock, socket, file, environment, thread or unseeded random.

use super::rust::Rust;
use super::{Complaint, Source};

/// What the pure rooms do not name, and what is right instead.
const IMPURE: &[(&str, &str)] = &[
    ("std::fs", "take bytes or a reader as an argument; files belong to services"),
    ("std::net", "sockets belong to services"),
    ("std::env", "take the setting as an argument; the environment is read in services/platform"),
    ("std::process", "processes belong to services; return an error instead"),
    ("std::thread", "take one batch and return; threads belong to services"),
    ("std::io::stdin", "take a reader as an argument"),
    ("std::io::stdout", "take a writer as an argument"),
    ("std::io::stderr", "return an error; services log it"),
    ("std::time::SystemTime", "take `now` in milliseconds as an argument"),
    ("std::time::Instant", "take `now` in milliseconds as an argument; services measure durations"),
    ("jiff::Timestamp::now", "take `now` in milliseconds as an argument"),
    ("jiff::Zoned::now", "take `now` in milliseconds as an argument"),
    ("uuid::Uuid::now_v7", "build the id from event time and a seeded generator"),
    ("uuid::Uuid::new_v4", "build the id from a seeded generator"),
    ("rand::rng", "take a seed as an argument"),
    ("rand::random", "take a seed as an argument"),
    ("rand::rngs::ThreadRng", "take a seed as an argument"),
    ("rand::rngs::SysRng", "take a seed as an argument"),
    ("rand::rngs::OsRng", "take a seed as an argument"),
];

/// Checks one file, if it stands in a pure room and is no test.
pub(super) fn check(source: &Source, rust: &Rust) -> Vec<Complaint> {
    let pure = source.path.starts_with("models/") || source.path.starts_with("pipelines/");
    if !pure || source.is_test() {
        return vec![];
    }
    let breach = |path: &str| IMPURE.iter().find(|(impure, _)| reaches(path, impure));
    let found = rust
        .paths
        .iter()
        .filter_map(|path| breach(&path.name).map(|(impure, right)| (path.line, impure, right)));
    found
        .map(|(line, impure, right)| source.complaint(line, format!("{impure} in a pure room"), right))
        .collect()
}

/// Whether naming `path` names `impure`, something inside it, or everything around it.
fn reaches(path: &str, impure: &str) -> bool {
    let inside = |whole: &str, part: &str| {
        part.strip_prefix(whole).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    };
    inside(impure, path) || path.strip_suffix("::*").is_some_and(|around| inside(around, impure))
}
