//! Labels that say nothing teach nothing: where they are dealt out anew among the same accounts, training refuses, or
//! what it finds is near chance. `docs/population.md` has the figures of a larger world.

use std::path::{Path, PathBuf};
use std::process::Output;

use serde_json::Value;

use crate::lab::{Lab, run, text};

/// Times that the labels are dealt out anew.
const SHUFFLES: u64 = 5;

/// The same labels of the same moments, each with another account's verdict.
fn shuffled(labels: &Path, seed: u64, folder: &Path) -> PathBuf {
    let lines = std::fs::read_to_string(labels).unwrap();
    let labels: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let mut order: Vec<usize> = (0..labels.len()).collect();
    order.sort_by_key(|place| *blake3::hash(format!("{seed} {place}").as_bytes()).as_bytes());
    let dealt = labels.iter().zip(order).map(|(label, from)| {
        let mut label = label.clone();
        for what in ["label", "category"] {
            label[what] = labels[from][what].clone();
        }
        if label["category"].is_null() {
            label.as_object_mut().unwrap().remove("category");
        }
        label.to_string() + "\n"
    });
    let path = folder.join(format!("labels-{seed}.jsonl"));
    std::fs::write(&path, dealt.collect::<String>()).unwrap();
    path
}

/// Trains on all rows of abusive accounts and on one in ten of the others, so that several models are fitted in a minute.
fn train(events: &Path, labels: &Path, out: &Path) -> Output {
    let files = ["--events", text(events), "--labels", text(labels), "--out", text(out)];
    run(&[&["train", "--one-in", "10"][..], &files].concat())
}

/// Average precision on accounts that training never saw, at the proportions of all accounts.
fn precision(model: &Path) -> f64 {
    let report = std::fs::read_to_string(model.join("report.json")).unwrap();
    let test = serde_json::from_str::<Value>(&report).unwrap()["test"].clone();
    test["average_precision"].as_f64().unwrap_or_else(|| panic!("average_precision in {test}"))
}

#[test]
fn shuffled_labels_teach_nothing() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let (events, labels) =
        (lab.folder.join("training/events.jsonl"), lab.folder.join("training/labels.jsonl"));
    let (mut found, mut refused) = (Vec::new(), 0);
    for seed in 1..=SHUFFLES {
        let (labels, out) = (shuffled(&labels, seed, folder.path()), folder.path().join(seed.to_string()));
        let output = train(&events, &labels, &out);
        if output.status.success() {
            found.push(precision(&out));
        } else {
            let said = String::from_utf8(output.stderr).unwrap();
            assert!(said.contains("not more often abusive"), "{said}");
            refused += 1;
        }
    }
    let out = folder.path().join("learnt");
    assert!(train(&events, &labels, &out).status.success());
    let learnt = precision(&out);
    println!("average precision: {learnt:.3} with labels, {found:.3?} shuffled; {refused} refused");
    assert!(found.len() + refused == usize::try_from(SHUFFLES).unwrap());
    // Some fifteen accounts are judged, each with many rows: chance itself reaches a few times the base rate.
    assert!(found.iter().all(|found| *found < learnt / 4.0), "{learnt} {found:?}");
}
