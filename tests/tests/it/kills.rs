//! A process on SQLite that is killed at any step of a decision: at each of its writes to files.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use anyhow::{Context, ensure};
use platform::{EmbeddedLog, Sink};
use serde_json::Value;
use silhouette_tests::component;
use sqlx::{Connection, Row, SqliteConnection};

use crate::desk::flag;
use crate::review_races::{PARTS, ask, serve, until};

/// What a process does to files, and to whoever waits for it; the kernel ends it as it enters the n-th of these. The
/// tracer counts each call of each thread by itself, so each has its turn: the pages of the database's log, of which the
/// last makes the decision stand; what makes them durable; the answer.
const STEPS: [&str; 5] = ["pwrite64", "write", "fsync,fdatasync", "ftruncate", "writev,sendto"];

/// The tracer, where this machine has it and lets it trace.
fn tracer() -> anyhow::Result<()> {
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let traced = traced.context("strace is not installed")?;
    ensure!(traced.status.success(), "strace may not trace: {}", String::from_utf8_lossy(&traced.stderr));
    Ok(())
}

/// Ends a process as it enters its n-th step from now on.
fn arm(victim: &Child, steps: &str, step: u32) -> Child {
    let mut strace = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={steps}"), "-e"])
        .arg(format!("inject={steps}:signal=SIGKILL:when={step}"))
        .args(["-p", &victim.id().to_string()])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It must be read to its end: a tracer that cannot write ends, and lets go of whom it traces.
    let mut said = BufReader::new(strace.stderr.take().unwrap()).lines().map_while(Result::ok);
    assert!(said.any(|line| line.contains("attached")), "strace did not attach");
    thread::spawn(move || said.for_each(drop));
    strace
}

/// What of a decision is in the database.
fn parts(runtime: &tokio::runtime::Runtime, database: &str) -> [i64; 5] {
    runtime.block_on(async {
        let mut db = SqliteConnection::connect(&format!("sqlite://{database}")).await.unwrap();
        let row = sqlx::query(PARTS).fetch_one(&mut db).await.unwrap();
        std::array::from_fn(|column| row.get(column))
    })
}

/// Holds the audit log against its hashes and its signature.
fn verify(folder: &Path, database: &str) {
    let audit = |arguments: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_silhouette-under-test"));
        program.arg("audit").args(arguments).output().unwrap()
    };
    let key = audit(&["key", &folder.join("audit.key").display().to_string()]).stdout;
    let key = String::from_utf8(key).unwrap();
    let verified = audit(&["verify", "--database", database, "--verifier", key.trim()]);
    assert!(verified.status.success(), "{verified:?}");
}

#[test]
fn a_process_on_sqlite_killed_at_any_step_of_a_decision_leaves_all_of_it_or_nothing() {
    if component("strace", tracer()).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("review.sqlite").display().to_string();
    let mut sink = EmbeddedLog::new(folder.path().join("log"), 1).sink("flags").unwrap();
    for n in 0..u32::try_from(STEPS.len()).unwrap() {
        let flagged = flag(n * 3, 0, 0.9);
        sink.send(flagged.account.as_str(), &serde_json::to_vec(&flagged).unwrap()).unwrap();
    }
    sink.flush().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = r#"{"outcome":"benign","reason":"evidence_too_thin"}"#;

    let (mut nothing, mut everything, mut before) = (0, 0, 0);
    for steps in STEPS {
        for step in 1.. {
            let mut victim = serve(folder.path(), &database, port);
            let cases = until("a case", || {
                let (status, _, text) = ask(port, "GET", "/v1/cases?status=open", "", None)?;
                let cases: Value = serde_json::from_str(&text).ok()?;
                (status == 200 && cases["cases"][0].is_object()).then_some(cases)
            });
            let case = cases["cases"][0]["case_id"].as_str().unwrap().to_owned();
            let (_, etag, _) = ask(port, "GET", &format!("/v1/cases/{case}"), "", None).unwrap();
            let mut strace = arm(&victim, steps, step);
            let answer = ask(port, "POST", &format!("/v1/cases/{case}/decision"), &etag, Some(body));
            let is_answered = answer.is_some_and(|(status, ..)| status == 200);
            // What was not answered was killed; what was answered may be killed a step later.
            if !is_answered {
                until("the end of the process", || victim.try_wait().unwrap());
            }
            victim.kill().ok();
            victim.wait().unwrap();
            strace.kill().ok();
            strace.wait().unwrap();
            let parts = parts(&runtime, &database);
            assert!(
                parts == [before; 5] || parts == [before + 1; 5],
                "torn at step {step} of {steps}: {parts:?}"
            );
            let is_there = parts == [before + 1; 5];
            assert!(is_there || !is_answered, "answered, and lost, at step {step} of {steps}");
            nothing += u32::from(!is_there);
            everything += u32::from(is_there && !is_answered);
            if is_there {
                before += 1;
                break;
            }
        }
    }
    println!("killed {nothing} times with nothing of the decision left, {everything} times with all of it");
    assert!(
        nothing >= 5 && everything >= 2,
        "{nothing} and {everything} kills: the tracer saw hardly anything"
    );
    verify(folder.path(), &database);
}
