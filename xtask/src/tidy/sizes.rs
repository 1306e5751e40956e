//! Sizes, as a ratchet: what is too large today is listed with its size and may only shrink.

use std::collections::BTreeMap;

use anyhow::{Context, anyhow};

use super::rust::Rust;
use super::{Complaint, Source};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const RATCHET: &str = "xtask/ratchet.toml";
/// Files that are written by hand and read from top to bottom.
const CODE: &[&str] = &["rs", "html", "css", "js", "sql", "sh", "py"];

/// The exceptions that stand for now: what, and its size in lines.
pub(super) struct Ratchet {
    /// By `path` or `path::function`.
    entries: BTreeMap<String, Entry>,
}

struct Entry {
    /// Where it stands in the list.
    line: usize,
    /// The size that it lets stand.
    lines: usize,
}

impl Ratchet {
    /// Finds the ratchet among the project's files.
    ///
    /// # Errors
    /// Where it is missing or holds anything but sizes and comments.
    pub(super) fn read(sources: &[Source]) -> anyhow::Result<Ratchet> {
        let source = sources.iter().find(|source| source.path == RATCHET);
        Ratchet::parse(&source.with_context(|| format!("could not find {RATCHET}"))?.text)
    }

    /// Reads lines of `"what" = lines`, a table of TOML without the rest of TOML.
    pub(super) fn parse(text: &str) -> anyhow::Result<Ratchet> {
        let lines =
            text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty() && !line.starts_with('#'));
        let entry = |(i, line): (usize, &str)| {
            let (what, lines) = line.split_once(" = ")?;
            let what = what.strip_prefix('"')?.strip_suffix('"')?;
            Some((what.to_string(), Entry { line: i + 1, lines: lines.trim().parse().ok()? }))
        };
        let read =
            |(i, line)| entry((i, line)).ok_or_else(|| anyhow!("could not read {RATCHET}:{}: {line}", i + 1));
        Ok(Ratchet { entries: lines.map(read).collect::<anyhow::Result<_>>()? })
    }
}

/// How large something is.
pub(super) struct Size {
    /// `path` or `path::function`.
    what: String,
    file: String,
    line: usize,
    lines: usize,
    lines_max: usize,
}

/// The size of a file of code, unless it is a test.
pub(super) fn of_file(source: &Source) -> Option<Size> {
    let extension = source.path.rsplit_once('.').map(|(_, extension)| extension);
    let counted = extension.is_some_and(|extension| CODE.contains(&extension)) && !source.is_test();
    let file = &source.path;
    let lines = source.text.lines().count();
    counted.then(|| Size {
        what: file.clone(),
        file: file.clone(),
        line: 1,
        lines,
        lines_max: FILE_LINES_MAX,
    })
}

/// The size of each function of a file.
pub(super) fn of_functions(source: &Source, rust: &Rust) -> Vec<Size> {
    let size = |function: &super::rust::Function| Size {
        what: format!("{}::{}", source.path, function.name),
        file: source.path.clone(),
        line: function.line,
        lines: function.lines,
        lines_max: FUNCTION_LINES_MAX,
    };
    rust.functions.iter().map(size).collect()
}

/// Compares sizes with the limits and the ratchet. Functions of one name in one file share an entry, which is
/// the size of the largest.
pub(super) fn check(sizes: &[Size], ratchet: &Ratchet) -> Vec<Complaint> {
    let mut large: BTreeMap<&str, &Size> = BTreeMap::new();
    for size in sizes.iter().filter(|size| size.lines > size.lines_max) {
        let largest = large.entry(&size.what).or_insert(size);
        if size.lines > largest.lines {
            *largest = size;
        }
    }
    let mut complaints: Vec<Complaint> = large.values().filter_map(|size| too_large(size, ratchet)).collect();
    for (what, entry) in &ratchet.entries {
        let (fault, right) = match large.get(what.as_str()).map(|size| size.lines) {
            Some(lines) if lines >= entry.lines => continue,
            Some(lines) => {
                let fault = format!("{what} has shrunk from {} to {lines} lines", entry.lines);
                (fault, format!("lower the ratchet to {lines}"))
            }
            None => (format!("{what} is gone or within the limit"), "remove the entry".into()),
        };
        complaints.push(Complaint { file: RATCHET.into(), line: entry.line, fault, right });
    }
    complaints
}

fn too_large(size: &Size, ratchet: &Ratchet) -> Option<Complaint> {
    let Size { what, file, line, lines, lines_max } = size;
    let (fault, right) = match ratchet.entries.get(what).map(|entry| entry.lines) {
        Some(listed) if *lines <= listed => return None,
        Some(listed) => {
            (format!("{what} has grown from {listed} to {lines} lines"), format!("at most {listed}"))
        }
        None => {
            (format!("{what} has {lines} lines"), format!("at most {lines_max}: split it by what it does"))
        }
    };
    Some(Complaint { file: file.clone(), line: *line, fault, right })
}
