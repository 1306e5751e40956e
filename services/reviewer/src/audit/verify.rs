//! What an auditor runs: the whole log, held against itself, its signatures, and notes kept elsewhere.

use std::collections::BTreeMap;

use super::Entry;
use super::notary::Verifier;
use super::tree::{Frontier, Hash, NodePlace, chain, leaf_hash, parse_hash};

/// The log as it is stored, row by row.
#[derive(Clone, Debug, Default)]
pub struct Log {
    /// Entries: sequence, body, leaf, chain; in the order of their sequence.
    pub entries: Vec<(i64, String, String, String)>,
    /// Inner nodes: level, position, hash.
    pub nodes: Vec<(i64, i64, String)>,
    /// Kept checkpoints: size, note.
    pub checkpoints: Vec<(i64, String)>,
    /// The head: size, chain, peaks, note.
    pub head: (i64, String, String, String),
}

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Where: an entry, a node, a checkpoint, the head.
    pub at: String,
    /// What is wrong.
    pub fault: String,
}

/// What verification found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries there are.
    pub entries: usize,
    /// How many checkpoints were checked, kept ones and those from elsewhere.
    pub checkpoints: usize,
    /// Everything that is wrong; empty where the log is whole.
    pub findings: Vec<Finding>,
}

/// Reads the whole log of a database, a SQLite file's path or a `postgres://` address, and verifies it.
///
/// # Errors
/// Where there is no such database, or it has no audit log.
pub async fn verify_database(
    database: &str,
    verifier: &Verifier,
    witnessed: &[String],
) -> anyhow::Result<Report> {
    let is_address = database.contains("://");
    anyhow::ensure!(is_address || std::path::Path::new(database).is_file(), "there is no file {database}");
    Ok(verify(&crate::store::read_log(database).await?, verifier, witnessed))
}

/// Holds a log against itself, against `verifier`'s signatures, and against `witnessed` notes of its earlier heads
/// that were kept where whoever can write the log cannot.
///
/// Without a witnessed note, a log that was cut back to an earlier head of its own looks whole.
pub fn verify(log: &Log, verifier: &Verifier, witnessed: &[String]) -> Report {
    let mut check = Check { findings: Vec::new(), roots: BTreeMap::new(), nodes: BTreeMap::new() };
    let (frontier, link) = check.entries(log);
    check.inner_nodes(log);
    check.head(log, verifier, &frontier, &link);
    for (size, note) in &log.checkpoints {
        check.note(&format!("checkpoint {size}"), note, verifier, Some(*size));
    }
    for (i, note) in witnessed.iter().enumerate() {
        check.note(&format!("witnessed note {}", i + 1), note, verifier, None);
    }
    let checkpoints = log.checkpoints.len() + witnessed.len();
    Report { entries: log.entries.len(), checkpoints, findings: check.findings }
}

struct Check {
    findings: Vec<Finding>,
    /// The root of the log at every size that it had.
    roots: BTreeMap<u64, Hash>,
    nodes: BTreeMap<NodePlace, Hash>,
}

impl Check {
    fn fault(&mut self, at: &str, fault: &str) {
        self.findings.push(Finding { at: at.to_owned(), fault: fault.to_owned() });
    }

    fn require(&mut self, at: &str, is_good: bool, fault: &str) {
        if !is_good {
            self.fault(at, fault);
        }
    }

    /// Recomputes the tree and the chain from the bodies alone.
    fn entries(&mut self, log: &Log) -> (Frontier, Hash) {
        let (mut frontier, mut link) = (Frontier::default(), Hash::default());
        self.roots.insert(0, frontier.root());
        for (place, (sequence, body, leaf, chained)) in log.entries.iter().enumerate() {
            let at = format!("entry {sequence}");
            let expected = i64::try_from(place).unwrap_or(i64::MAX);
            self.require(&at, *sequence == expected, &format!("entry {expected} is missing"));
            let hash = leaf_hash(body.as_bytes());
            self.require(&at, parse_hash(leaf) == Some(hash), "its body is not what its hash was made of");
            link = chain(&link, &hash);
            self.require(
                &at,
                parse_hash(chained) == Some(link),
                "it does not follow from the entry before it",
            );
            let own = serde_json::from_str::<Entry>(body).ok().map(|entry| entry.seq);
            self.require(&at, own == Some(*sequence), "its body names another place");
            self.nodes.extend(frontier.push(hash));
            self.roots.insert(frontier.size(), frontier.root());
        }
        (frontier, link)
    }

    fn inner_nodes(&mut self, log: &Log) {
        let stored: BTreeMap<_, _> = log
            .nodes
            .iter()
            .filter_map(|(level, position, hash)| {
                let place =
                    NodePlace { level: (*level).try_into().ok()?, position: (*position).try_into().ok()? };
                Some((place, parse_hash(hash)?))
            })
            .collect();
        let is_whole = stored == self.nodes && stored.len() == log.nodes.len();
        self.require("nodes", is_whole, "the stored tree is not the one that the entries make");
    }

    fn head(&mut self, log: &Log, verifier: &Verifier, frontier: &Frontier, link: &Hash) {
        let (size, chained, peaks, note) = &log.head;
        let is_empty = frontier.size() == 0 && *size == 0 && note.is_empty();
        if is_empty {
            return;
        }
        self.require("head", u64::try_from(*size).ok() == Some(frontier.size()), "its size is not the log's");
        self.require("head", parse_hash(chained) == Some(*link), "its chain is not the log's");
        let peaks: Option<Vec<Hash>> = peaks.split_terminator(',').map(parse_hash).collect();
        self.require("head", peaks.as_deref() == Some(frontier.peaks()), "its tree is not the log's");
        self.note("head", note, verifier, Some(*size));
    }

    /// A note must be signed, and tell what the log was at its size.
    fn note(&mut self, at: &str, note: &str, verifier: &Verifier, expected: Option<i64>) {
        let Some((size, root)) = verifier.read(note) else {
            return self.fault(at, "its signature is not good");
        };
        if expected.is_some_and(|expected| u64::try_from(expected).ok() != Some(size)) {
            self.fault(at, "its note is of another size");
        }
        match self.roots.get(&size) {
            None => self.fault(at, &format!("the log had {size} entries and no longer has")),
            Some(known) if *known != root => self.fault(at, "the log was another one then"),
            Some(_) => {}
        }
    }
}

#[cfg(test)]
mod tests;
