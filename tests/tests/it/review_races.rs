//! Many people at once, and a process that is killed between any two steps of a decision.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use platform::{EmbeddedLog, Sink};
use reviewer::TokenHash;
use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;
use sqlx::{Connection, PgConnection, Row};

use crate::desk::{Desk, Setup, flag};

const ANALYSTS: usize = 50;

/// How many cases; `SILHOUETTE_CASES` asks for more than a change is held against.
fn cases() -> u32 {
    let told = std::env::var_os("SILHOUETTE_CASES").and_then(|text| text.into_string().ok());
    told.and_then(|text| text.parse().ok()).unwrap_or(1000)
}

#[test]
fn fifty_analysts_never_get_the_same_case_and_never_decide_one_twice() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    let staff = (0..ANALYSTS)
        .fold(Setup::default(), |setup, n| setup.and(&format!("analyst{n}"), &["child_safety_analyst"]));
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let kind = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        let desk = Desk::with(Setup { database, ..staff.clone() });
        let flags: Vec<_> = (0..cases()).map(|n| flag(n * 3, 0, 0.3 + f64::from(n % 60) / 100.0)).collect();
        desk.feed(&flags);
        desk.wait_for_records("opened", cases());
        let began = Instant::now();
        let claimed: Vec<String> = thread::scope(|scope| {
            let workers: Vec<_> = (0..ANALYSTS)
                .map(|n| {
                    scope.spawn({
                        let desk = &desk;
                        move || work_through(desk, &format!("analyst{n}"))
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        let seconds = began.elapsed().as_secs_f64();
        let mut count: BTreeMap<&String, u32> = BTreeMap::new();
        claimed.iter().for_each(|case| *count.entry(case).or_default() += 1);
        let twice = count.values().filter(|n| **n > 1).count();
        println!("{kind}: {} cases by {ANALYSTS} analysts in {seconds:.1} s, {twice} twice", count.len());
        assert_eq!((claimed.len(), twice), (cases() as usize, 0));
        assert_eq!(desk.get("/v1/labels").body.lines().count(), cases() as usize);
        assert_eq!(desk.get("/v1/queues").json()["queues"][0]["open"], 0);
    }
}

/// Takes cases in hand and decides them until none is left; every other one somebody else tries to decide too.
fn work_through(desk: &Desk, name: &str) -> Vec<String> {
    let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
    let mut done = Vec::new();
    loop {
        let next = desk.command(name, "POST", "/v1/queues/child_safety/next", None);
        if next.status == 204 {
            return done;
        }
        assert_eq!(next.status, 200, "{next:?}");
        let case = next.json()["case_id"].as_str().unwrap().to_owned();
        if done.len() % 16 == 0 {
            let other = desk.decide_as("ana", &case, &benign);
            assert_eq!((other.status, other.problem().as_str()), (409, "case-claimed"));
        }
        let decided = desk.decide_as(name, &case, &benign);
        assert_eq!(decided.status, 200, "{decided:?}");
        done.push(case);
    }
}

#[test]
fn a_case_that_is_skipped_or_put_off_is_hidden_from_whom_it_should_be() {
    let desk = Desk::with(Setup::default().and("bo", &["lead"]).and("cy", &["lead"]));
    desk.feed(&[flag(0, 0, 0.9), flag(3, 0, 0.4)]);
    desk.wait_for_records("opened", 2);
    let next = |name: &str| {
        let answer = desk.command(name, "POST", "/v1/queues/child_safety/next", None);
        (answer.status == 200).then(|| answer.json()["case_id"].as_str().unwrap().to_owned())
    };
    let first = next("bo").unwrap();
    assert_eq!(next("bo"), Some(first.clone()), "a claim is kept");
    let second = next("cy").unwrap();
    assert_ne!(second, first);
    let skip = json!({ "reason": "knows_the_holder" });
    assert_eq!(desk.command("bo", "POST", &format!("/v1/cases/{first}/skip"), Some(skip)).status, 204);
    assert_eq!(next("bo"), None, "the other is cy's, and this one bo has passed on");
    assert_eq!(next("ana"), Some(first.clone()));
    assert_eq!(
        desk.command("cy", "POST", &format!("/v1/cases/{first}/claim"), None).problem(),
        "case-claimed"
    );
    let over =
        desk.command("ana", "POST", &format!("/v1/cases/{first}/hand-over"), Some(json!({ "to": "cy" })));
    assert_eq!((over.status, over.json()["by"].clone()), (200, json!("cy")));
    let snooze = json!({ "reason": "waits_for_platform", "until": 9_999_999_999_999_u64 });
    let put_off = desk.command("cy", "POST", &format!("/v1/cases/{first}/snooze"), Some(snooze));
    assert_eq!(put_off.status, 200);
    let month_ms = 31 * 24 * 3_600_000_u64;
    let now = u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap();
    assert!(put_off.json()["until"].as_u64().unwrap() < now + month_ms, "at most a month");
    assert_eq!(next("ana"), None);
    assert_eq!(desk.get("/v1/queues").json()["queues"][0]["snoozed"], 1);
}

/// A way to the database that ends the service at the n-th message after it was armed: before the database gets it,
/// or after and before the service hears of it.
struct Proxy {
    port: u16,
    left: Arc<AtomicI64>,
    is_after: Arc<AtomicI64>,
    victim: Arc<Mutex<Option<Child>>>,
}

impl Proxy {
    fn start(database: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let proxy = Self {
            port: listener.local_addr().unwrap().port(),
            left: Arc::new(AtomicI64::new(i64::MAX)),
            is_after: Arc::default(),
            victim: Arc::default(),
        };
        let (left, is_after, victim) = (proxy.left.clone(), proxy.is_after.clone(), proxy.victim.clone());
        thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) =
                    (client.unwrap(), TcpStream::connect(("127.0.0.1", database)).unwrap());
                let (back, answers) = (client.try_clone().unwrap(), server.try_clone().unwrap());
                thread::spawn(move || copy(answers, back, |_| false));
                let (left, is_after, victim) = (left.clone(), is_after.clone(), victim.clone());
                thread::spawn(move || {
                    // Others may pass on messages of their own before this one has been sent.
                    let is_it = Cell::new(false);
                    copy(client, server, |is_sent| {
                        if !is_sent {
                            is_it.set(left.fetch_sub(1, Ordering::SeqCst) == 1);
                        }
                        let is_wanted =
                            is_it.get() && (is_after.load(Ordering::SeqCst) == i64::from(is_sent));
                        if is_wanted {
                            end(&victim);
                        }
                        is_wanted
                    })
                });
            }
        });
        proxy
    }
}

/// Ends a process at once.
fn end(victim: &Mutex<Option<Child>>) {
    if let Some(mut child) = victim.lock().unwrap().take() {
        child.kill().ok();
        child.wait().ok();
    }
}

/// Copies until either side ends, or until `stop` says so, asked before and after each message is passed on.
fn copy(mut from: TcpStream, mut to: TcpStream, stop: impl Fn(bool) -> bool) {
    let mut bytes = vec![0; 65536];
    while let Ok(read @ 1..) = from.read(&mut bytes) {
        if stop(false) || to.write_all(&bytes[..read]).is_err() || stop(true) {
            break;
        }
    }
    to.shutdown(Shutdown::Both).ok();
    from.shutdown(Shutdown::Both).ok();
}

/// The review service as a process of its own.
pub(crate) fn serve(folder: &Path, database: &str, port: u16) -> Child {
    let hash = TokenHash::of("token-of-ana").to_hex();
    let config = format!(
        "[transport]\ndirectory = {:?}\npartitions = 1\n[review]\nlisten = \"127.0.0.1:{port}\"\n\
         database = {database:?}\naudit_key = {:?}\n\
         tokens = [{{ name = \"ana\", blake3 = \"{hash}\", roles = [\"lead\"] }}]\n",
        folder.join("log"),
        folder.join("audit.key"),
    );
    let file = folder.join("silhouette.toml");
    std::fs::write(&file, config).unwrap();
    Command::new(env!("CARGO_BIN_EXE_silhouette-under-test"))
        .args(["review", "--config"])
        .arg(file)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

pub(crate) fn ask(
    port: u16,
    method: &str,
    path: &str,
    etag: &str,
    body: Option<&str>,
) -> Option<(u16, String, String)> {
    let config = ureq::Agent::config_builder().http_status_as_error(false).build();
    let agent = ureq::Agent::from(config);
    let request = ureq::http::Request::builder()
        .method(method)
        .uri(format!("http://127.0.0.1:{port}{path}"))
        .header("authorization", "Bearer token-of-ana")
        .header("content-type", "application/json")
        .header("if-match", etag);
    let answer = match body {
        Some(body) => agent.run(request.body(body.to_owned()).unwrap()),
        None => agent.run(request.body(()).unwrap()),
    };
    let mut answer = answer.ok()?;
    let etag = answer.headers().get("etag").map(|tag| tag.to_str().unwrap().to_owned());
    let text = answer.body_mut().read_to_string().ok()?;
    Some((answer.status().as_u16(), etag.unwrap_or_default(), text))
}

pub(crate) fn until<T>(what: &str, mut attempt: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = attempt() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what} did not happen");
        thread::park_timeout(Duration::from_millis(20));
    }
}

/// What of a decision is in the database: the decision, its label, its outgoing event, its audit entry, its case.
pub(crate) const PARTS: &str = "SELECT (SELECT count(*) FROM decisions), (SELECT count(*) FROM labels), \
    (SELECT count(*) FROM outbox), \
    (SELECT count(*) FROM audit_entries WHERE body LIKE '%decideCase%' AND body LIKE '%\"done\"%'), \
    (SELECT count(*) FROM cases WHERE status = 'decided')";

/// The first case of a service that has begun to answer, and its version.
pub(crate) fn first_case(port: u16) -> (String, String) {
    let case = until("a case", || {
        let (status, _, text) = ask(port, "GET", "/v1/cases", "", None)?;
        let cases: Value = serde_json::from_str(&text).ok().filter(|_| status == 200)?;
        cases["cases"][0]["case_id"].as_str().map(str::to_owned)
    });
    let (_, etag, _) = ask(port, "GET", &format!("/v1/cases/{case}"), "", None).unwrap();
    (case, etag)
}

fn parts(runtime: &tokio::runtime::Runtime, database: &str) -> [i64; 5] {
    runtime.block_on(async {
        let mut db = PgConnection::connect(database).await.unwrap();
        let row = sqlx::query(PARTS).fetch_one(&mut db).await.unwrap();
        std::array::from_fn(|column| row.get(column))
    })
}

#[test]
fn a_process_killed_between_any_two_steps_of_a_decision_leaves_all_of_it_or_nothing() {
    let Some(server) = Postgres::shared() else { return };
    let direct = server.database().unwrap();
    let proxy = Proxy::start(server.port());
    let through = direct.replace(&format!(":{}/", server.port()), &format!(":{}/", proxy.port));
    let folder = tempfile::tempdir().unwrap();
    let log = EmbeddedLog::new(folder.path().join("log"), 1);
    let mut sink = log.sink("flags").unwrap();
    let flagged = flag(1, 0, 0.9);
    sink.send(flagged.account.as_str(), &serde_json::to_vec(&flagged).unwrap()).unwrap();
    sink.flush().unwrap();
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let body = r#"{"outcome":"benign","reason":"evidence_too_thin"}"#;

    let (mut kills, mut message) = (0, 1);
    'messages: loop {
        for is_after in [0, 1] {
            *proxy.victim.lock().unwrap() = Some(serve(folder.path(), &through, port));
            let (case, etag) = first_case(port);
            proxy.is_after.store(is_after, Ordering::SeqCst);
            proxy.left.store(message, Ordering::SeqCst);
            let answer = ask(port, "POST", &format!("/v1/cases/{case}/decision"), &etag, Some(body));
            let was_killed = proxy.victim.lock().unwrap().is_none();
            proxy.left.store(i64::MAX, Ordering::SeqCst);
            let parts = parts(&runtime, &direct);
            assert!(parts == [0; 5] || parts == [1; 5], "torn at message {message}: {parts:?}");
            if parts == [1; 5] {
                if was_killed {
                    kills += 1;
                }
                end(&proxy.victim);
                break 'messages;
            }
            assert!(was_killed, "not killed, and nothing was done: {answer:?}");
            kills += 1;
        }
        message += 1;
    }
    println!(
        "killed {kills} times, before and after each of {message} messages to the database: nothing torn"
    );
    assert!(kills > 20, "only {kills} kills: the proxy saw hardly anything");
}
