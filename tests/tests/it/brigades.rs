//! Reports help and are never enough: a thousand accounts that report a hundred innocent ones get none of them flagged.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use detect::Flag;
use serde_json::{Value, json};

use crate::lab::{Lab, succeed, text};

const INNOCENTS: usize = 100;
const REPORTERS: usize = 1000;
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// From where on the lifts of probability are looked at, far below any threshold.
const PROBE: [&str; 2] = ["--min-p", "0.02"];

/// The highest probability at which each account is flagged, at the model's own threshold or another.
fn flagged(events: &Path, folder: &Path, threshold: &[&str]) -> BTreeMap<String, f64> {
    let out = folder.join("flags.jsonl");
    let model = text(&Lab::shared().model);
    let detect = ["detect", "--events", text(events), "--model", model, "--out", text(&out)];
    succeed(&[&detect[..], threshold].concat());
    let mut flagged: BTreeMap<String, f64> = BTreeMap::new();
    for line in std::fs::read_to_string(&out).unwrap().lines() {
        let flag: Flag = serde_json::from_str(line).unwrap();
        let highest = flagged.entry(flag.account.as_str().to_owned()).or_default();
        *highest = highest.max(flag.p);
    }
    flagged
}

/// The same world in which every reporter reports every innocent account within its last week: half of them accounts of
/// long standing, among them those whom the innocent ones turned to, half made for it.
fn brigaded(events: &str, innocents: &[String], old: &[String], folder: &Path) -> std::path::PathBuf {
    let ts_of = |line: &str| serde_json::from_str::<Value>(line).unwrap()["ts"].as_u64().unwrap();
    let end = ts_of(events.lines().last().unwrap());
    let mut lines: Vec<(u64, String)> = events.lines().map(|line| (ts_of(line), line.to_owned())).collect();
    let start = end - 7 * DAY_MS;
    let fresh = (0..REPORTERS - old.len()).map(|n| format!("acct_fresh_reporter_{n:08}"));
    for (n, reporter) in (0u64..).zip(old.iter().cloned().chain(fresh)) {
        if n >= old.len() as u64 {
            let id = format!("evt_made_for_it_{n:08}");
            let made = json!({ "v": 1, "id": id, "ts": start - n, "type": "account.created",
                               "actor": reporter, "created": start - n });
            lines.push((start - n, made.to_string()));
        }
        for (m, innocent) in (0u64..).zip(innocents) {
            // Each innocent account is reported from within an hour on; all of them over the week.
            let ts = start + m * 6 * DAY_MS / INNOCENTS as u64 + n * 3600;
            let id = format!("evt_brigade_{n:06}_{m:06}");
            let report = json!({ "v": 1, "id": id, "ts": ts, "type": "report.filed",
                                 "actor": reporter, "target": innocent, "category": "child_safety" });
            lines.push((ts, report.to_string()));
        }
    }
    lines.sort_by_key(|(ts, _)| *ts);
    let path = folder.join("brigaded.jsonl");
    std::fs::write(&path, lines.into_iter().map(|(_, line)| line + "\n").collect::<String>()).unwrap();
    path
}

#[test]
fn a_thousand_reporters_get_none_of_a_hundred_innocents_flagged() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let before = flagged(&lab.events, folder.path(), &PROBE);
    let truth = std::fs::read_to_string(&lab.truth).unwrap();
    let innocent = |line: &str| -> Option<String> {
        let account: Value = serde_json::from_str(line).unwrap();
        (account["abusive"] == false).then(|| account["account"].as_str().unwrap().to_owned())
    };
    let quiet: Vec<String> = truth.lines().filter_map(innocent).filter(|a| !before.contains_key(a)).collect();
    let innocents = &quiet[..INNOCENTS];
    let events = std::fs::read_to_string(&lab.events).unwrap();
    // Whom they turned to reports first, because only of those does a report count at all.
    let turned_to: BTreeSet<String> = events
        .lines()
        .filter(|line| line.contains("\"contact.requested\"") || line.contains("\"message.sent\""))
        .filter_map(|line| {
            let event: Value = serde_json::from_str(line).unwrap();
            let is_theirs = innocents.iter().any(|innocent| event["actor"] == **innocent);
            is_theirs.then(|| event["target"].as_str().unwrap_or("").to_owned())
        })
        .filter(|target| !target.is_empty() && !innocents.contains(target))
        .collect();
    let others = quiet[INNOCENTS..].iter().filter(|account| !turned_to.contains(*account)).cloned();
    let old: Vec<String> = turned_to.iter().cloned().chain(others).take(REPORTERS / 2).collect();
    assert_eq!(old.len(), REPORTERS / 2);

    let brigaded = brigaded(&events, innocents, &old, folder.path());
    let (after, own) = (flagged(&brigaded, folder.path(), &PROBE), flagged(&brigaded, folder.path(), &[]));
    let risen: Vec<_> = innocents.iter().filter_map(|account| after.get_key_value(account)).collect();
    let others = |flagged: &BTreeMap<String, f64>| {
        flagged.keys().filter(|account| !account.starts_with("acct_fresh")).cloned().collect::<BTreeSet<_>>()
    };
    let (lost, reporters) = (
        others(&before).difference(&others(&after)).count(),
        after.keys().filter(|account| account.starts_with("acct_fresh")).count(),
    );
    println!(
        "{REPORTERS} reporters, {} of whom {INNOCENTS} innocents had turned to, {} reports: {} innocents at 0.02 or \
         more, {lost} of {} flagged accounts no longer, {reporters} fresh reporters flagged; at the model's own threshold {} flagged",
        old.iter().filter(|account| turned_to.contains(*account)).count(),
        REPORTERS * INNOCENTS,
        risen.len(),
        before.len(),
        own.len(),
    );
    assert!(!own.is_empty() && innocents.iter().all(|account| !own.contains_key(account)), "{risen:?}");
    // Before, none of them was at 0.02.
    assert!(risen.len() <= 2, "{risen:?}");
    assert!(lost * 50 <= before.len(), "{lost} of {}", before.len());
}
