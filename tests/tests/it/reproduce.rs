//! A flag that is computed again, from files and from a topic; and days that differ.

use std::path::Path;
use std::time::Duration;

use detect::Flag;
use serde_json::Value;

use crate::lab::{Lab, flags_of_file, run, succeed, text};
use crate::live::{Life, Stage};

fn reproduce(flag: &str, flags: &Path, events: &Path) -> (Option<i32>, Value, String) {
    let model = text(&Lab::shared().model);
    let files = ["--flags", text(flags), "--events", text(events), "--model", model, "--json"];
    let output = run(&[&["reproduce", flag], &files[..]].concat());
    let said = String::from_utf8(output.stderr).unwrap();
    (output.status.code(), serde_json::from_slice(&output.stdout).unwrap_or_default(), said)
}

#[test]
fn every_flag_of_a_file_comes_out_to_the_bit_and_a_changed_one_does_not() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let lines = flags_of_file(&lab.events, folder.path());
    let flags = folder.path().join("flags-of-file.jsonl");
    assert!(lines.len() > 5);
    for line in lines.iter().step_by(lines.len() / 5) {
        let flag: Flag = serde_json::from_str(line).unwrap();
        let (code, found, said) = reproduce(&flag.flag_id, &flags, &lab.events);
        assert_eq!((code, &found["is_same"]), (Some(0), &Value::Bool(true)), "{found} {said}");
        assert_eq!(found["score"].as_f64().unwrap().to_bits(), flag.score.to_bits());
    }

    // The last bit of the score, and one feature.
    let mut flag: Flag = serde_json::from_str(&lines[0]).unwrap();
    flag.score = f64::from_bits(flag.score.to_bits() ^ 1);
    let (name, value) = flag.features.iter().find_map(|(name, v)| Some((name.clone(), (*v)?))).unwrap();
    flag.features.insert(name.clone(), Some(value + 1.0));
    let changed = folder.path().join("changed.jsonl");
    std::fs::write(&changed, serde_json::to_string(&flag).unwrap() + "\n").unwrap();
    let (code, found, said) = reproduce(&flag.flag_id, &changed, &lab.events);
    let at: Vec<&str> =
        found["differences"].as_array().unwrap().iter().map(|d| d["at"].as_str().unwrap()).collect();
    assert_eq!((code, at), (Some(1), vec![format!("features.{name}").as_str(), "score"]), "{said}");

    // A log that lost an event of the account.
    let account = format!("\"{}\"", flag.account);
    let world = std::fs::read_to_string(&lab.events).unwrap();
    let lost: Vec<&str> = world.lines().filter(|line| !line.contains(&account)).collect();
    let torn = folder.path().join("torn.jsonl");
    std::fs::write(&torn, lost.join("\n")).unwrap();
    let (code, _, said) = reproduce(&flag.flag_id, &flags, &torn);
    assert!(code == Some(1) && said.contains("gives no flag of the account"), "{said}");
    let (code, _, said) = reproduce("0000", &flags, &lab.events);
    assert!(code == Some(1) && said.contains("there is no flag 0000"), "{said}");
}

#[test]
fn a_live_detectors_flag_comes_out_of_its_log() {
    let (lab, stage) = (Lab::shared(), Stage::new());
    stage.write(std::fs::read_to_string(&lab.events).unwrap().lines());
    let life = stage.start(5_000, Duration::from_secs(3600));
    life.wait("the end of the stream", Life::has_caught_up);
    life.stop();
    let flags = stage.flags();
    let config = stage.configuration(&lab.model);
    for line in flags.iter().step_by(flags.len() / 3) {
        let flag: Flag = serde_json::from_str(line).unwrap();
        let found = succeed(&["reproduce", &flag.flag_id, "--config", text(&config), "--json"]);
        let found: Value = serde_json::from_str(&found).unwrap();
        assert_eq!(found["is_same"], true, "{found}");
    }
}

/// Two and a half weeks are too few to tell much, but enough to run on.
#[test]
fn drift_is_looked_for_on_a_log() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let (metrics, page) = (folder.path().join("drift.prom"), folder.path().join("drift.html"));
    let (events, model) = (lab.folder.join("training/events.jsonl"), text(&lab.model));
    let out = ["--metrics", text(&metrics), "--report", text(&page), "--json"];
    let args = [&["drift", "--events", text(&events), "--model", model][..], &out].concat();
    let found: Value = serde_json::from_str(&succeed(&args)).unwrap();
    assert_eq!(found["days"].as_array().unwrap().len(), 7, "{found}");
    assert!(found["reference_days"].as_u64() >= Some(7) && found["numbers"].as_u64() > Some(500), "{found}");
    let metrics = std::fs::read_to_string(metrics).unwrap();
    assert!(metrics.contains("silhouette_drift_alarms{model=") && page.exists(), "{metrics}");
}
