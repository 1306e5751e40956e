//! A state that an earlier version stored is read by this one, to the last bit.

use std::path::PathBuf;

use detect::{Engine, Restoring, Settings};
use proptest::strategy::{Strategy, ValueTree};
use serde_json::{Value, json};

use super::stream::{MINUTE, Stream, streams};
use super::{full_schema, named, runner};

/// The first segment of an engine that has taken in [`stream`], as the version wrote it in whose format it is. Once a format
/// is published its file stays; a new format comes with a file of its own, and with a reader of the one before.
const STORED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden/segment-4");

/// The longest of some streams, which are the same in every version as long as their makers are.
fn stream() -> Stream {
    let mut runner = runner(1);
    let mut longest = streams().new_tree(&mut runner).unwrap().current();
    for _ in 0..40 {
        let next = streams().new_tree(&mut runner).unwrap().current();
        if next.events.len() > longest.events.len() {
            longest = next;
        }
    }
    longest
}

#[test]
fn what_was_stored_is_still_read() {
    let folder = PathBuf::from(STORED);
    if std::env::var_os("UPDATE").is_some() {
        let Stream { tick_ms, events } = stream();
        let mut engine = Engine::new(Settings { tick_ms, lateness_ms: 1, ..Settings::default() }, &[0]);
        events.iter().for_each(|event| {
            engine.push(0, event.clone());
        });
        engine.finish();
        engine.close(|_| ());
        let mut segment = Vec::new();
        engine.segment(|part| segment.extend(part));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("segment"), segment).unwrap();
        let lines: Vec<String> = vectors(&engine).iter().map(Value::to_string).collect();
        std::fs::write(folder.join("vectors.json"), format!("[{}]\n", lines.join(",\n"))).unwrap();
    }
    let settings = Settings { tick_ms: MINUTE, lateness_ms: 1, ..Settings::default() };
    let mut restoring = Restoring::new(settings);
    restoring.take(std::fs::read(folder.join("segment")).unwrap()).unwrap();
    let engine = restoring.finish().unwrap();
    let stored: Vec<Value> =
        serde_json::from_slice(&std::fs::read(folder.join("vectors.json")).unwrap()).unwrap();
    let read = vectors(&engine);
    assert!(stored.len() == read.len() && stored.len() > 10, "{} accounts of {}", read.len(), stored.len());
    for (stored, read) in stored.iter().zip(&read) {
        for what in ["account", "evidence"] {
            assert_eq!(stored[what], read[what]);
        }
        // There may be more columns by now.
        for (name, value) in stored["columns"].as_object().unwrap() {
            assert_eq!(*value, read["columns"][name], "{name} of {}", stored["account"]);
        }
    }
}

/// Every account's evidence and known columns at the end.
fn vectors(engine: &Engine) -> Vec<Value> {
    let names: Vec<String> = full_schema().names().map(str::to_owned).collect();
    let mut rows = Vec::new();
    engine.survey(engine.latest().unwrap_or(0), |row| {
        let mut columns = named(&row, &names).columns;
        columns.retain(|_, value| value.is_some());
        rows.push(json!({"account": row.account, "evidence": row.evidence(), "columns": columns}));
    });
    rows
}
