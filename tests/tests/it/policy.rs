//! The policy on the command line, over flags that detection made.

use std::path::PathBuf;
use std::sync::LazyLock;

use serde_json::Value;

use crate::lab::{Lab, flags_of_file, run, succeed, text};

/// The shared world's flags, as a file.
static FLAGS: LazyLock<PathBuf> = LazyLock::new(|| {
    let lab = Lab::shared();
    let file = lab.folder.join("flags-for-policy.jsonl");
    std::fs::write(&file, flags_of_file(&lab.events, &lab.folder).join("\n") + "\n").unwrap();
    file
});

#[test]
fn a_dry_run_says_whom_each_rung_would_reach() {
    let flags = text(&FLAGS);
    let reach = |more: &[&str]| -> Value {
        let args = [&["policy", "dry-run", "--flags", flags, "--json"], more].concat();
        serde_json::from_str(&succeed(&args)).unwrap()
    };
    let open = |reach: &Value, rung: &str| {
        let rungs = reach["rungs"].as_array().unwrap();
        rungs.iter().find(|entry| entry["rung"] == rung).unwrap()["accounts"].as_u64().unwrap()
    };
    let in_britain = reach(&["--country", "GB"]);
    let accounts = in_britain["accounts"].as_u64().unwrap();
    let at = |level: &str| in_britain["levels"][level].as_u64().unwrap_or(0);
    assert_eq!(at("E1") + at("E2"), accounts, "{in_britain}");
    assert!(at("E2") > 0, "{in_britain}");
    assert!(open(&in_britain, "notice") > 0 && open(&in_britain, "notice") >= open(&in_britain, "friction"));
    assert_eq!(open(&in_britain, "suspend") + open(&in_britain, "refer"), 0, "no flag confirms itself");
    // Where no country is known, or none may be processed for it, nothing is open.
    assert!(reach(&[])["rungs"].as_array().unwrap().iter().all(|entry| entry["accounts"] == 0));

    let folder = tempfile::tempdir().unwrap();
    let stricter = folder.path().join("stricter.toml");
    std::fs::write(&stricter, review::SHIPPED_LADDER.replace("min_p = 0.50", "min_p = 0.80")).unwrap();
    let compared = reach(&["--country", "GB", "--against", text(&stricter)]);
    let route = compared["rungs"].as_array().unwrap().iter().find(|entry| entry["rung"] == "route").unwrap();
    assert_eq!(route["gained"], 0);
    assert!(route["lost"].as_u64() <= route["accounts"].as_u64());
    assert_ne!(compared["policy"], compared["against"]);
}

#[test]
fn a_flag_says_what_it_rests_on_and_what_is_missing() {
    let flags = std::fs::read_to_string(&*FLAGS).unwrap();
    let flag: Value = serde_json::from_str(flags.lines().next().unwrap()).unwrap();
    let id = flag["flag_id"].as_str().unwrap();
    let args = ["policy", "explain", id, "--flags", text(&FLAGS), "--country", "GB"];
    let explained: Value = serde_json::from_str(&succeed(&[&args[..], &["--json"]].concat())).unwrap();
    assert!(["E1", "E2"].contains(&explained["level"].as_str().unwrap()), "{explained}");
    assert!(!explained["missing"].as_array().unwrap().is_empty(), "{explained}");
    let suspend =
        explained["rungs"].as_array().unwrap().iter().find(|rung| rung["rung"] == "suspend").unwrap();
    assert!(suspend["against"][0].as_str().unwrap().contains("needs E3"), "{explained}");
    assert!(succeed(&args).contains("suspend      not open: "));
}

#[test]
fn a_policy_that_is_none_is_refused_with_all_its_faults() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("policy.toml");
    let lower = review::SHIPPED_LADDER.replace("consent = \"two_people\"", "consent = \"automatic\"");
    std::fs::write(&file, lower).unwrap();
    let output = run(&["policy", "check", text(&file)]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    for rung in ["suspend", "refer"] {
        let fault = format!("rungs.{rung}.consent: automatic is less than two_people, the least for it");
        assert!(error.contains(&fault), "{error}");
    }
    std::fs::write(&file, review::SHIPPED_LADDER).unwrap();
    succeed(&["policy", "check", text(&file)]);
    assert!(succeed(&["policy", "show"]).contains("suspend: from E3 and 0.95 on, two_people"));
}
