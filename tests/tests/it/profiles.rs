//! Deployments whose servers know less: what they have, and whose models they refuse.

use std::path::Path;

use dataset::Absences;
use detect::{Profile, feature_schema};

use crate::lab::{Lab, run, succeed, text};

/// What the program says when it fails.
fn refusal(args: &[&str]) -> String {
    let output = run(args);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{args:?}: {said}");
    said
}

/// What is absent in the features of the shared world under a profile.
fn absences(profile: &str, folder: &Path) -> Absences {
    let out = folder.join("features.parquet");
    let events = text(&Lab::shared().events);
    succeed(&["features", "--events", events, "--out", text(&out), "--profile", profile]);
    Absences::of_parquet(&std::fs::read(out).unwrap()).unwrap()
}

#[test]
fn what_is_not_known_is_null_in_every_row() {
    let folder = tempfile::tempdir().unwrap();
    let (sealed, all) = (absences("sealed", folder.path()), absences("discovery", folder.path()));
    assert!(sealed.rows == all.rows && sealed.rows >= 1_500, "{} {}", sealed.rows, all.rows);
    let schema = feature_schema(&Profile::shipped("sealed").unwrap());
    let names: Vec<&str> = schema.names().chain(["account", "ts", "cohort"]).collect();
    assert_eq!(sealed.absent.len(), names.len());
    let mut left_out = 0;
    for feature in schema.features() {
        if feature.unavailable.is_some() {
            left_out += 1;
            assert_eq!(sealed.absent[&feature.name], sealed.rows, "{}", feature.name);
        } else {
            assert_eq!(sealed.absent[&feature.name], all.absent[&feature.name], "{}", feature.name);
        }
    }
    assert!(left_out > 100 && left_out < schema.len(), "{left_out} of {}", schema.len());
    // A platform that knows ages says of nearly everybody when the account was made.
    assert!(all.absent["fc_rate_all_7d"] == 0 && all.absent["account_age"] * 100 < all.rows);
}

#[test]
fn a_model_belongs_to_its_profile() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let (model, out) = (folder.path().join("model"), folder.path().join("flags.jsonl"));
    let world = lab.folder.join("training");
    let (events, labels) = (world.join("events.jsonl"), world.join("labels.jsonl"));
    let train = ["train", "--events", text(&events), "--labels", text(&labels), "--out", text(&model)];
    succeed(&[&train[..], &["--profile", "number"]].concat());

    let detect = |model: &Path, profile: &str| -> Vec<String> {
        [
            "detect",
            "--events",
            text(&lab.events),
            "--model",
            text(model),
            "--out",
            text(&out),
            "--profile",
            profile,
        ]
        .map(str::to_owned)
        .to_vec()
    };
    let refused = |model: &Path, profile: &str| {
        let args = detect(model, profile);
        refusal(&args.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let said = refused(&model, "discovery");
    assert!(said.contains("where it was trained, number has no contact.requested, "), "{said}");
    assert!(said.contains("more columns differ") && said.contains("train it again"), "{said}");
    let said = refused(&lab.model, "sealed");
    assert!(said.contains("here, sealed has no ") && !said.contains("where it was trained, "), "{said}");
    assert!(!out.exists());

    let args = detect(&model, "number");
    succeed(&args.iter().map(String::as_str).collect::<Vec<_>>());
    let flags = std::fs::read_to_string(&out).unwrap();
    let flag: detect::Flag = serde_json::from_str(flags.lines().next().expect("flags")).unwrap();
    assert_eq!(flag.features["gate_probe_24h"], None);
    assert!(flag.features["fc_rate_all_24h"].is_some());
}

#[test]
fn a_misspelt_profile_is_refused_with_what_is_possible() {
    let folder = tempfile::tempdir().unwrap();
    let (file, out) = (folder.path().join("mine.toml"), folder.path().join("features.parquet"));
    let events = text(&Lab::shared().events);
    let said =
        |profile: &str| refusal(&["features", "--events", events, "--out", text(&out), "--profile", profile]);
    let unknown = said("seeled");
    for name in Profile::names() {
        assert!(unknown.contains(&name), "{unknown}");
    }
    std::fs::write(&file, "name = \"mine\"\nlacks = [\"message.sent.typed\"]\n").unwrap();
    let misspelt = said(text(&file));
    assert!(
        misspelt.contains("\"message.sent.typed\"") && misspelt.contains("message.sent.typing"),
        "{misspelt}"
    );
    std::fs::write(&file, "lacks = []\n").unwrap();
    assert!(said(text(&file)).contains("expected `name` and `lacks`"));
    assert!(!out.exists());

    std::fs::write(&file, "name = \"mine\"\nlacks = [\"message.sent.typing\"]\n").unwrap();
    let mine = absences(text(&file), folder.path());
    assert_eq!(mine.absent["automation_untyped"], mine.rows);
}
