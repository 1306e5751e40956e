//! The command line as outside tools rely on it.

use serde_json::Value;

use crate::lab::{Lab, run, succeed, text};

fn fails(args: &[&str], code: i32, said: &str) {
    let output = run(args);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(code), "{args:?}: {error}");
    assert!(error.contains(said), "{args:?}: {error}");
    assert!(output.stdout.is_empty(), "{args:?}");
}

#[test]
fn evaluation_prints_its_figures() {
    let lab = Lab::shared();
    let (events, truth, model) = (text(&lab.events), text(&lab.truth), text(&lab.model));
    let args =
        ["evaluate", "--events", events, "--truth", truth, "--model", model, "--capacity", "30", "--json"];
    let figures: Value = serde_json::from_str(&succeed(&args)).unwrap();
    for name in [
        "precision_at_capacity",
        "recall_at_capacity",
        "flags_per_million_per_day",
        "minors_before_flag_median",
        "recall_without_reports",
        "calibration_error",
    ] {
        assert!(figures[name].is_number(), "{name} in {figures}");
    }
    // Thirty abusive accounts of 1,500; half of the kinds are too patient for so short a world.
    assert!(figures["recall_at_capacity"].as_f64() > Some(0.3), "{figures}");
    let chance = 30.0 / 1500.0;
    assert!(figures["precision_at_capacity"].as_f64() > Some(15.0 * chance), "{figures}");
    assert!(figures["calibration_error"].as_f64() < Some(0.02), "{figures}");
}

#[test]
fn the_same_seed_and_the_same_data_give_the_same_model() {
    let lab = Lab::shared();
    let (world, again) = (lab.folder.join("training"), lab.folder.join("model-again"));
    let (events, labels) = (world.join("events.jsonl"), world.join("labels.jsonl"));
    succeed(&["train", "--events", text(&events), "--labels", text(&labels), "--out", text(&again)]);
    let read = |folder: &std::path::Path| std::fs::read_to_string(folder.join("model.json")).unwrap();
    assert_eq!(read(&again), read(&lab.model));
    for made in ["card.md", "report.json", "manifest.json", "dataset.parquet"] {
        assert!(again.join(made).exists(), "{made}");
    }
}

/// A log and labels that end at a moment give the model that longer ones give as of that moment; the events after it are
/// not read, and no feature knows them.
#[test]
fn what_came_later_changes_no_model() {
    let lab = Lab::shared();
    let (world, folder) = (lab.folder.join("training"), tempfile::tempdir().unwrap());
    let until = 1_736_121_600_000 + 14 * 24 * 60 * 60 * 1000_u64;
    let ts = |line: &str| serde_json::from_str::<Value>(line).unwrap()["ts"].as_u64().unwrap();
    let ends = |name: &str| {
        let (whole, cut) = (world.join(name), folder.path().join(name));
        let lines = std::fs::read_to_string(&whole).unwrap();
        let kept: Vec<&str> = lines.lines().filter(|line| ts(line) <= until).collect();
        assert!(kept.len() < lines.lines().count());
        std::fs::write(&cut, kept.join("\n") + "\n").unwrap();
        (whole, cut)
    };
    let (events, labels) = (ends("events.jsonl"), ends("labels.jsonl"));
    let until = until.to_string();
    let train = |events: &std::path::Path, labels: &std::path::Path, name: &str| {
        let out = folder.path().join(name);
        let args = ["train", "--events", text(events), "--labels", text(labels), "--out", text(&out)];
        succeed(&[&args[..], &["--as-of", &until, "--trees", "20", "--check-leaks"]].concat());
        std::fs::read_to_string(out.join("model.json")).unwrap()
    };
    assert_eq!(train(&events.0, &labels.0, "whole"), train(&events.1, &labels.1, "cut"));
}

/// Judged from its tenth day on, beside another model, with a page.
#[test]
fn an_evaluation_stands_beside_others() {
    let lab = Lab::shared();
    let (world, folder) = (lab.folder.join("training"), tempfile::tempdir().unwrap());
    let (events, labels) = (world.join("events.jsonl"), world.join("labels.jsonl"));
    let (other, page) = (folder.path().join("other"), folder.path().join("report.html"));
    let left_out = folder.path().join("left-out");
    std::fs::write(&left_out, "nobody_is_called_like_this\n").unwrap();
    let train = ["train", "--events", text(&events), "--labels", text(&labels), "--out", text(&other)];
    let more = ["--family", "logistic", "--one-in", "10", "--leave-out", text(&left_out)];
    succeed(&[&train[..], &more].concat());
    let from = (1_736_121_600_000 + 10 * 24 * 60 * 60 * 1000_u64).to_string();
    let (events, truth, model) = (text(&lab.events), text(&lab.truth), text(&lab.model));
    let args = ["evaluate", "--events", events, "--truth", truth, "--model", model, "--json"];
    let more = ["--from", &from, "--beside", text(&other), "--report", text(&page)];
    let figures: Value = serde_json::from_str(&succeed(&[&args[..], &more].concat())).unwrap();
    assert!(figures["days"].as_f64() < Some(5.0), "{}", figures["days"]);
    assert_eq!(figures["capacity"], figures["abusive"]);
    let names: Vec<&str> =
        figures["beside"].as_array().unwrap().iter().map(|f| f["by"].as_str().unwrap()).collect();
    assert!(names.len() == 2 && names[0].starts_with("model ") && names[1].starts_with("rule "), "{names:?}");
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(page.contains("</html>") && page.contains("<svg") && !page.contains("http"), "{page}");
    assert!(names.iter().all(|name| page.contains(name)));
}

#[test]
fn flags_have_the_form_that_others_rely_on() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("flags.jsonl");
    let (events, model) = (text(&lab.events), text(&lab.model));
    succeed(&["detect", "--events", events, "--model", model, "--out", text(&out), "--min-p", "0.3"]);
    let lines = std::fs::read_to_string(&out).unwrap();
    for line in lines.lines() {
        let flag: Value = serde_json::from_str(line).unwrap();
        assert!(flag["p"].as_f64() >= Some(0.3), "{flag}");
        for field in ["flag_id", "account", "model"] {
            assert!(flag[field].is_string(), "{field} in {flag}");
        }
        assert!(flag["ts"].is_u64() && flag["score"].is_number());
        assert!(!flag["evidence"].as_array().unwrap().is_empty(), "{flag}");
        for reason in flag["reasons"].as_array().unwrap() {
            assert!(reason["code"].as_str().unwrap().starts_with("RC"), "{reason}");
            assert!(reason["text"].is_string());
            for number in ["value", "baseline", "contribution"] {
                assert!(reason[number].is_number(), "{reason}");
            }
        }
    }
    assert!(lines.lines().count() > 10, "{lines}");
}

#[test]
fn what_is_wrong_is_said() {
    let lab = Lab::shared();
    let (events, model) = (text(&lab.events), text(&lab.model));
    let nowhere = lab.folder.join("nowhere");
    let nowhere = text(&nowhere);
    fails(&["detect", "--events", nowhere, "--model", model, "--out", nowhere], 1, "could not open");
    fails(
        &["detect", "--events", events, "--model", nowhere, "--out", nowhere],
        1,
        "`silhouette train` makes one",
    );
    fails(
        &["detect", "--events", events, "--model", model, "--out", nowhere, "--min-p", "7"],
        2,
        "from 0 to 1",
    );
    fails(&["detect", "--events", events], 2, "--model");
    fails(
        &["simulate", "--accounts", "5", "--days", "1", "--seed", "1", "--out", nowhere],
        2,
        "days must be 2 to 1000",
    );
    fails(&["produce", "--events", events, "--brokers", "127.0.0.1:1", "--topic", "t"], 1, "127.0.0.1:1");
    fails(&["config", "check", "--config", nowhere], 2, "cannot be read");
    let misspelt = lab.folder.join("misspelt.toml");
    std::fs::write(&misspelt, "[detect]\nprofile = \"sealed_sender\"\n").unwrap();
    fails(&["config", "check", "--config", misspelt.to_str().unwrap()], 1, "shipped profile");
    assert!(!lab.folder.join("nowhere").exists(), "nothing half-done is left");
}

#[test]
fn a_changed_model_is_refused() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let document = std::fs::read_to_string(lab.model.join("model.json")).unwrap();
    std::fs::write(folder.path().join("model.json"), document.replacen("0.5", "0.4", 1)).unwrap();
    let (events, out) = (text(&lab.events), folder.path().join("flags.jsonl"));
    let args = ["detect", "--events", events, "--model", text(folder.path()), "--out", text(&out)];
    fails(&args, 1, "it was changed or damaged");
}

#[test]
fn every_command_has_help() {
    let commands = [
        "demo", "simulate", "import", "produce", "detect", "features", "train", "evaluate", "review",
        "audit", "config", "bench",
    ];
    let overview = succeed(&["--help"]);
    for command in commands {
        assert!(overview.contains(command), "{command}");
        assert!(succeed(&[command, "--help"]).contains("Usage"), "{command}");
    }
}
