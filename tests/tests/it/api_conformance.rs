//! The API held against its own OpenAPI document by schemathesis: every check, every phase, once for each role.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::thread;

use anyhow::{Context, ensure};
use reviewer::roles;
use serde_json::json;
use silhouette_tests::component;

use crate::desk::{Desk, Setup, bearer, flag};

/// Examples of each operation; `SILHOUETTE_EXAMPLES` asks for more than a change is held against.
fn examples() -> String {
    std::env::var_os("SILHOUETTE_EXAMPLES")
        .and_then(|text| text.into_string().ok())
        .unwrap_or_else(|| "8".to_owned())
}

/// Schemathesis, installed beside what was built.
fn install() -> anyhow::Result<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = own.join("../target/schemathesis");
    let program = folder.join("bin/schemathesis");
    if !program.is_file() {
        let made = Command::new("python3").args(["-m", "venv"]).arg(&folder).output();
        let made = made.context("python3 is not installed")?;
        ensure!(made.status.success(), "no virtual environment: {}", String::from_utf8_lossy(&made.stderr));
        let requirements = own.join("schemathesis/requirements.txt");
        let mut pip = Command::new(folder.join("bin/pip"));
        let pip = pip.args(["install", "--quiet", "--requirement"]).arg(requirements).output()?;
        ensure!(pip.status.success(), "pip failed: {}", String::from_utf8_lossy(&pip.stderr));
    }
    Ok(program)
}

#[test]
fn schemathesis_finds_nothing_whatever_the_role() {
    let Some(program) = component("schemathesis", install()) else { return };
    let every = roles::parse(roles::SHIPPED).unwrap();
    let staff = every.0.keys().fold(Setup::default(), |setup, role| {
        let role: &'static str = role.clone().leak();
        setup.and(role, &[role])
    });
    let desk = Desk::with(staff);
    desk.feed(&(0..40).map(|n| flag(n, 0, 0.5)).collect::<Vec<_>>());
    desk.wait_for_records("opened", 40);
    let cases = desk.get("/v1/cases").json()["cases"].clone();
    let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
    for n in 0..3 {
        desk.decide_as("ana", cases[n]["case_id"].as_str().unwrap(), &benign);
    }
    let names = std::iter::once("ana").chain(every.0.keys().map(String::as_str));
    // Schemathesis takes one core; the service and the database leave room for another one beside it.
    let names = Mutex::new(names);
    let next = || names.lock().unwrap().next();
    thread::scope(|scope| {
        let work = || {
            while let Some(name) = next() {
                println!("{name}: {}", test_as(name, &program, &desk));
            }
        };
        (0..2).for_each(|_| drop(scope.spawn(work)));
    });
}

/// Lets schemathesis ask everything that the document knows, as one person, and tells how much that was.
fn test_as(name: &str, program: &Path, desk: &Desk) -> String {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new(program)
        .current_dir(folder.path())
        .arg("--config-file")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("schemathesis/schemathesis.toml"))
        .args(["run", &desk.url("/v1/openapi.json"), "--checks", "all", "--no-color", "--max-examples"])
        .args([&examples(), "--seed", "7", "-H", &format!("Authorization: {}", bearer(name))])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let summary = said.split("SUMMARY").nth(1).unwrap_or("").to_owned();
    assert!(output.status.success(), "{name}:\n{said}");
    let tested = summary.lines().filter(|line| line.contains("Tested:") || line.contains("generated"));
    tested.map(str::trim).collect::<Vec<_>>().join(", ")
}
