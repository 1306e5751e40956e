//! What a change must pass before its tests run: format, lints, dependencies, the room plan, dashboards and alerts.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{cargo, components, dashboards, loud, succeeds, tidy};

/// A check, and whether it passed.
type Step = fn(&Path) -> anyhow::Result<bool>;

/// Runs every check, also after one has failed. Returns whether all passed.
pub(crate) fn run(root: &Path) -> anyhow::Result<bool> {
    let steps: [(&str, Step); 5] = [
        ("tidy", tidy::run),
        ("format", format),
        ("dependencies", dependencies),
        ("lints", lints),
        ("dashboards", dashboards::check),
    ];
    let mut summary = Vec::new();
    let mut passed = true;
    for (name, step) in steps {
        eprintln!("check: {name}");
        let start = Instant::now();
        let step_passed = step(root)?;
        passed &= step_passed;
        let outcome = if step_passed { "passed" } else { "FAILED" };
        summary.push(format!("check: {name} {outcome} in {:.1} s", start.elapsed().as_secs_f64()));
    }
    eprintln!("{}", summary.join("\n"));
    Ok(passed)
}

fn format(root: &Path) -> anyhow::Result<bool> {
    succeeds(cargo(root).args(["fmt", "--all", "--check"]))
}

/// In the release profile, because its build scripts (librdkafka, SQLite, zstd) then serve the tests as well.
fn lints(root: &Path) -> anyhow::Result<bool> {
    succeeds(cargo(root).args("clippy --release --workspace --all-targets -- -D warnings".split(' ')))
}

/// cargo-deny, with the advisories where their database can be reached.
fn dependencies(root: &Path) -> anyhow::Result<bool> {
    let ours = root.join("target/tools/bin/cargo-deny");
    let program = if ours.is_file() { ours } else { "cargo-deny".into() };
    if !program.is_file() && !components::on_path("cargo-deny") {
        loud::print(&[
            "LEFT OUT: cargo-deny is not installed: licences, bans and sources were not checked".into(),
            "  cargo install cargo-deny --locked --version 0.20.2 --root target/tools".into(),
        ]);
        return Ok(true);
    }
    let deny = || {
        let mut command = Command::new(&program);
        command.current_dir(root);
        command
    };
    let reachable = succeeds(deny().args(["fetch", "db"]).stdout(Stdio::null()).stderr(Stdio::null()))?;
    if !reachable {
        loud::print(&[
            "LEFT OUT: the advisory database cannot be reached: advisories were not checked".into()
        ]);
    }
    let advisories: &[&str] = if reachable { &["advisories"] } else { &[] };
    succeeds(deny().args(["check", "bans", "licenses", "sources"]).args(advisories))
}
