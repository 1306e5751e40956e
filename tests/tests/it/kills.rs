//! A process on SQLite that is killed at any step of a decision: at each of its writes to files.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use anyhow::{Context, ensure};
use platform::{EmbeddedLog, Sink};
use silhouette_tests::component;
use sqlx::{Connection, Row, SqliteConnection};

use crate::desk::flag;
use crate::review_races::{PARTS, ask, first_case, serve, until};

/// What a process does to files, and to whoever waits in it; the kernel ends it as it enters the n-th of these.
const STEPS: &str = "write,pwrite64,fsync,fdatasync,ftruncate";

/// The tracer, where this machine has it and lets it trace.
fn tracer() -> anyhow::Result<()> {
    let traced = Command::new("strace").args(["-f", "-o", "/dev/null", "true"]).output();
    let traced = traced.context("strace is not installed")?;
    ensure!(traced.status.success(), "strace may not trace: {}", String::from_utf8_lossy(&traced.stderr));
    Ok(())
}

/// Ends a process as it enters its n-th step from now on.
fn arm(victim: &Child, step: u32) -> Child {
    let mut strace = Command::new("strace")
        .args(["-f", "-o", "/dev/null", "-e", &format!("trace={STEPS}"), "-e"])
        .arg(format!("inject={STEPS}:signal=SIGKILL:when={step}"))
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

#[test]
fn a_process_on_sqlite_killed_at_any_step_of_a_decision_leaves_all_of_it_or_nothing() {
    if component("strace", tracer()).is_none() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("review.sqlite").display().to_string();
    let mut sink = EmbeddedLog::new(folder.path().join("log"), 1).sink("flags").unwrap();
    let flagged = flag(1, 0, 0.9);
    sink.send(flagged.account.as_str(), &serde_json::to_vec(&flagged).unwrap()).unwrap();
    sink.flush().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = r#"{"outcome":"benign","reason":"evidence_too_thin"}"#;

    let (mut nothing, mut everything, mut step) = (0, 0, 1);
    loop {
        let mut victim = serve(folder.path(), &database, port);
        let (case, etag) = first_case(port);
        let mut strace = arm(&victim, step);
        let answer = ask(port, "POST", &format!("/v1/cases/{case}/decision"), &etag, Some(body));
        let is_answered = answer.is_some_and(|(status, ..)| status == 200);
        // What was answered may be killed as well, a step later; what was not answered was killed.
        let was_killed = if is_answered {
            victim.try_wait().unwrap().is_some()
        } else {
            until("the end of the process", || victim.try_wait().unwrap().map(|_| true))
        };
        victim.kill().ok();
        victim.wait().unwrap();
        strace.kill().ok();
        strace.wait().unwrap();
        let parts = parts(&runtime, &database);
        assert!(parts == [0; 5] || parts == [1; 5], "torn at step {step}: {parts:?}");
        assert!(parts == [1; 5] || !is_answered, "answered, and lost, at step {step}");
        if parts == [1; 5] {
            everything += u32::from(was_killed);
            break;
        }
        nothing += 1;
        step += 1;
        thread::park_timeout(Duration::from_millis(1));
    }
    println!(
        "killed at each of {step} steps: {nothing} times nothing of the decision, {everything} times all of it"
    );
    assert!(nothing >= 5, "only {nothing} kills: the tracer saw hardly anything");
}
