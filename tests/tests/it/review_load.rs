//! How quick the API is with a million flags: a measurement, run by name with `--ignored --nocapture`.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use silhouette_tests::postgres::Postgres;
use sqlx::{AssertSqlSafe, Connection, PgConnection};

use crate::desk::{BEARER, Desk, Setup, flag};

const FLAGS: u32 = 1_000_000;
const OPEN: u32 = 10_000;
const RATE: u32 = 200;
const SECONDS: u32 = 60;
const WORKERS: usize = 32;

/// A million cases from one, of which ten thousand are open.
fn multiply(database: &str) {
    let case = "'c' || lpad(to_hex(n), 20, '0')";
    let account = "'acct_' || lpad(to_hex(n), 24, '0')";
    let decided = FLAGS - OPEN;
    let statements = [
        format!(
            "INSERT INTO cases (case_id, account, queue, status, version, opened_at, due_at, risk, minors, priority, \
             latest_flag, flag_count) SELECT {case}, {account}, queue, \
             CASE WHEN n <= {OPEN} THEN 'open' ELSE 'decided' END, version, opened_at - n, due_at - n, risk, minors, \
             priority - n / 1000.0, latest_flag, 1 FROM cases, generate_series(1, {FLAGS} - 1) n"
        ),
        format!(
            "INSERT INTO flags (account, flag_id, case_id, position, body) SELECT {account}, flag_id, {case}, 1, \
             replace(body, account, {account}) FROM flags, generate_series(1, {FLAGS} - 1) n"
        ),
        format!(
            "INSERT INTO decisions (decision_id, case_id, outcome, reason, decided_by, decided_at, queue) \
             SELECT 'd' || lpad(to_hex(n), 20, '0'), {case}, 'benign', 'evidence_too_thin', 'somebody', 1000 + n, \
             'child_safety' FROM generate_series({OPEN} + 1, {OPEN} + {decided} - 1) n"
        ),
        "VACUUM ANALYZE".to_owned(),
        // What was loaded lies on the disk before the clock runs; else its gigabytes are written meanwhile.
        "CHECKPOINT".to_owned(),
    ];
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let mut db = PgConnection::connect(database).await.unwrap();
        for statement in statements {
            sqlx::raw_sql(AssertSqlSafe(statement)).execute(&mut db).await.unwrap();
        }
    });
}

/// What each kind of request was answered, and how many milliseconds after it was due.
type Answered = BTreeMap<&'static str, Vec<(u16, f64)>>;

/// Requests at a fixed rate, each timed from when it was due, so that a wait behind others counts.
fn drive(ask: impl Fn(u32) -> (&'static str, u16) + Sync) -> Answered {
    let total = RATE * SECONDS;
    let (next, began) = (AtomicU32::new(0), Instant::now());
    let answered: Mutex<Answered> = Mutex::default();
    thread::scope(|scope| {
        let work = || {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                if n >= total {
                    return;
                }
                let due = began + Duration::from_secs(1) * n / RATE;
                while let Some(left) = due.checked_duration_since(Instant::now()) {
                    thread::park_timeout(left);
                }
                let (what, status) = ask(n);
                let took_ms = due.elapsed().as_secs_f64() * 1000.0;
                answered.lock().unwrap().entry(what).or_default().push((status, took_ms));
            }
        };
        (0..WORKERS).for_each(|_| drop(scope.spawn(work)));
    });
    answered.into_inner().unwrap()
}

/// How long answers took, in words, and the 99th of a hundred, in milliseconds.
fn p99_of(what: &str, answers: &[(u16, f64)]) -> (String, f64) {
    let mut took_ms: Vec<f64> = answers.iter().map(|(_, took_ms)| *took_ms).collect();
    took_ms.sort_by(f64::total_cmp);
    let mut statuses: BTreeMap<u16, usize> = BTreeMap::new();
    answers.iter().for_each(|(status, _)| *statuses.entry(*status).or_default() += 1);
    let at = |thousandth: usize| took_ms[(took_ms.len() - 1) * thousandth / 1000];
    let said = format!(
        "{what:<24} {:>6}: p50 {:.1} ms, p99 {:.1} ms, most {:.1} ms; by status {statuses:?}",
        took_ms.len(),
        at(500),
        at(990),
        at(1000)
    );
    (said, at(990))
}

#[test]
#[ignore = "a measurement of several minutes"]
fn a_million_flags_on_postgresql_at_200_requests_a_second() {
    let Some(server) = Postgres::shared() else { return };
    let database = server.database().unwrap();
    let setup = Setup { database: Some(database.clone()), ..Setup::default() };
    let desk = Desk::with(
        (0..50).fold(setup, |setup, n| setup.and(&format!("analyst{n}"), &["child_safety_analyst"])),
    );
    desk.feed(&[flag(0, 0, 0.9)]);
    desk.wait_for_records("opened", 1);
    let began = Instant::now();
    multiply(&database);
    println!("{FLAGS} flags in {:.0} s", began.elapsed().as_secs_f64());
    let case = |n: u32| format!("c{:020x}", u64::from(n) * 7919 % u64::from(FLAGS - 1) + 1);
    let open = |n: u32| format!("c{:020x}", n % OPEN + 1);
    let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
    let analyst = |n: u32| format!("analyst{}", n / 20 % 50);
    let ask = |n: u32| match n % 20 {
        0..=6 => ("list", desk.get("/v1/cases?status=open&limit=25").status),
        7 => ("queues", desk.get("/v1/queues").status),
        8 => ("checkpoint", desk.get("/v1/audit/checkpoint").status),
        9 => ("read and decide", desk.decide_as("ana", &open(n), &benign).status),
        10 => ("next", desk.command(&analyst(n), "POST", "/v1/next", None).status),
        11 => ("console", desk.ask("GET", "/", &[BEARER, ("accept", "text/html")], None).status),
        _ => ("case", desk.get(&format!("/v1/cases/{}", case(n))).status),
    };
    let answered = drive(ask);
    for (what, answers) in &answered {
        println!("{}", p99_of(what, answers).0);
    }
    let all: Vec<(u16, f64)> = answered.into_values().flatten().collect();
    let (said, p99) = p99_of(&format!("all at {RATE} a second"), &all);
    println!("{said}");
    assert!(all.iter().all(|(status, _)| *status < 500), "a request failed");
    let done = all.iter().filter(|(status, _)| *status == 200).count();
    assert!(done * 50 > all.len() * 49, "{done} of {}", all.len());
    assert!(p99 <= 150.0, "{p99}");
}

#[test]
#[ignore = "a measurement"]
fn audit_entries_a_second() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let kind = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        let desk = Desk::with(Setup { database, ..Setup::default() });
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..WORKERS {
                scope.spawn(|| (0..300).for_each(|_| assert_eq!(desk.get("/v1/me").status, 200)));
            }
        });
        let rate = f64::from(u32::try_from(WORKERS * 300).unwrap()) / began.elapsed().as_secs_f64();
        println!("{kind}: {rate:.0} audited requests a second from {WORKERS} clients");
    }
}
