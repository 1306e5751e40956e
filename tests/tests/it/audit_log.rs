//! The audit log over HTTP, held against a second verifier that shares no line with the first.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, UnparsedPublicKey};
use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;

use crate::desk::{Desk, Setup, flag};

type Hash = Vec<u8>;

fn sha256(bytes: &[u8]) -> Hash {
    digest(&SHA256, bytes).as_ref().to_vec()
}

fn leaf(body: &str) -> Hash {
    sha256(&[&[0], body.as_bytes()].concat())
}

/// The root as RFC 6962 defines it, over all leaves, by recursion.
fn root(leaves: &[Hash]) -> Hash {
    if leaves.is_empty() {
        return sha256(&[]);
    }
    if leaves.len() == 1 {
        return leaves[0].clone();
    }
    let mut left = 1;
    while left * 2 < leaves.len() {
        left *= 2;
    }
    sha256(&[vec![1], root(&leaves[..left]), root(&leaves[left..])].concat())
}

/// The proof that RFC 6962 defines for a leaf, by recursion.
fn path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
    if leaves.len() == 1 {
        return vec![];
    }
    let mut left = 1;
    while left * 2 < leaves.len() {
        left *= 2;
    }
    let (mut below, beside) = if index < left {
        (path(index, &leaves[..left]), root(&leaves[left..]))
    } else {
        (path(index - left, &leaves[left..]), root(&leaves[..left]))
    };
    below.push(beside);
    below
}

/// The proof that RFC 6962 defines for an earlier tree, by recursion.
fn subproof(old: usize, leaves: &[Hash], is_whole: bool) -> Vec<Hash> {
    if old == leaves.len() {
        return if is_whole { vec![] } else { vec![root(leaves)] };
    }
    let mut left = 1;
    while left * 2 < leaves.len() {
        left *= 2;
    }
    let (mut below, beside) = if old <= left {
        (subproof(old, &leaves[..left], is_whole), root(&leaves[left..]))
    } else {
        (subproof(old - left, &leaves[left..], false), root(&leaves[..left]))
    };
    below.push(beside);
    below
}

/// The size and root of a signed note, once its signature is known to be good.
fn read_note(note: &str, verifier: &str) -> (usize, Hash) {
    let key = STANDARD.decode(verifier.splitn(3, '+').nth(2).unwrap()).unwrap();
    let (text, signature) = note.split_once("\n\n").unwrap();
    let signature = STANDARD.decode(signature.trim().rsplit(' ').next().unwrap()).unwrap();
    let signed = format!("{text}\n");
    UnparsedPublicKey::new(&ED25519, &key[1..]).verify(signed.as_bytes(), &signature[4..]).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    (lines[1].parse().unwrap(), STANDARD.decode(lines[2]).unwrap())
}

/// Every body of the log, exactly as it was served.
fn bodies(desk: &Desk) -> Vec<String> {
    let (mut bodies, mut from) = (Vec::new(), 0);
    loop {
        let page = desk.get(&format!("/v1/audit/entries?from={from}&limit=200")).body;
        #[derive(serde::Deserialize)]
        struct Page<'a> {
            #[serde(borrow)]
            entries: Vec<&'a serde_json::value::RawValue>,
            next: Option<usize>,
        }
        let page: Page<'_> = serde_json::from_str(&page).unwrap();
        bodies.extend(page.entries.iter().map(|entry| entry.get().to_owned()));
        match page.next {
            Some(next) => from = next,
            None => return bodies,
        }
    }
}

fn hexadecimal(hashes: &[Hash]) -> Value {
    let hex = |hash: &Hash| -> String { hash.iter().map(|byte| format!("{byte:02x}")).collect() };
    json!(hashes.iter().map(hex).collect::<Vec<_>>())
}

#[test]
fn a_second_verifier_accepts_the_log_its_signature_and_its_proofs() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let desk = Desk::with(Setup { database, ..Setup::default() });
        desk.feed(&[flag(1, 0, 0.9)]);
        desk.wait_for_records("opened", 1);
        let early = desk.get("/v1/audit/checkpoint").json();
        (0..150).for_each(|_| assert_eq!(desk.get("/v1/queues").status, 200));
        let late = desk.get("/v1/audit/checkpoint").json();
        let note = |of: &Value| read_note(of["note"].as_str().unwrap(), of["verifier"].as_str().unwrap());
        let ((old, old_root), (size, whole_root)) = (note(&early), note(&late));
        assert!(size >= old + 150);

        let leaves: Vec<Hash> = bodies(&desk).iter().map(|body| leaf(body)).collect();
        assert_eq!(root(&leaves[..size]), whole_root);
        assert_eq!(root(&leaves[..old]), old_root);
        for index in (0..size).step_by(7) {
            let proof = desk.get(&format!("/v1/audit/inclusion?entry={index}&size={size}")).json();
            assert_eq!(
                proof["hashes"],
                hexadecimal(&path(index, &leaves[..size])),
                "entry {index} of {size}"
            );
        }
        for from in (1..size).step_by(11) {
            let proof = desk.get(&format!("/v1/audit/consistency?old={from}&size={size}")).json();
            let expected = hexadecimal(&subproof(from, &leaves[..size], true));
            assert_eq!(proof["hashes"], expected, "{from} to {size}");
        }
    }
}

/// How many calls; `SILHOUETTE_CALLS` asks for more than a change is held against.
fn call_count() -> usize {
    let told = std::env::var_os("SILHOUETTE_CALLS").and_then(|text| text.into_string().ok());
    told.and_then(|text| text.parse().ok()).unwrap_or(1000)
}

#[test]
fn every_call_has_its_entry_before_its_answer() {
    let desk = Desk::with(Setup::default().and("eve", &["analyst"]));
    desk.feed(&(0..5).map(|n| flag(n * 3, 0, 0.7)).collect::<Vec<_>>());
    desk.wait_for_records("opened", 5);
    let case = desk.get("/v1/cases?limit=1").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
    let calls: [(&str, String, &str, &str); 8] = [
        ("ana", format!("/v1/cases/{case}"), "readCase", "done"),
        ("eve", format!("/v1/cases/{case}"), "readCase", "refused"),
        ("eve", "/v1/labels".to_owned(), "listLabels", "refused"),
        ("ana", "/v1/cases?limit=2".to_owned(), "listCases", "done"),
        ("ana", "/v1/cases?limit=many".to_owned(), "listCases", "refused"),
        ("nobody", "/v1/cases".to_owned(), "listCases", "refused"),
        ("ana", "/v1/cases/c00000000000000000000".to_owned(), "readCase", "refused"),
        ("ana", "/v1/me".to_owned(), "readMe", "done"),
    ];
    let mut expected = Vec::new();
    let start = bodies(&desk).len();
    for n in 0..call_count() {
        let (name, path, act, outcome) = &calls[n * 31 % calls.len()];
        desk.get_as(name, path);
        let who = if *name == "nobody" { "-" } else { name };
        expected.push((who.to_owned(), (*act).to_owned(), (*outcome).to_owned()));
    }
    let word = |entry: &Value, name: &str| entry[name].as_str().unwrap().to_owned();
    let mut found = Vec::new();
    for body in bodies(&desk).iter().skip(start) {
        let entry: Value = serde_json::from_str(body).unwrap();
        if entry["act"] != "listAuditEntries" {
            found.push((word(&entry, "who"), word(&entry, "act"), word(&entry, "outcome")));
        }
    }
    assert_eq!(found, expected);
    println!("{} calls, one after the other: each has its entry, in order", expected.len());
    let whole = bodies(&desk).join("\n");
    assert!(
        !whole.contains("acct_") && !whole.contains("many"),
        "an account or what was typed is in the log"
    );
}

/// A new number each time, the same ones in each run.
fn dice() -> impl FnMut(usize) -> usize {
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    move |sides| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap() % sides
    }
}

/// The entries from this one on, read beside the service.
async fn entries_from(db: &mut sqlx::AnyConnection, from: i64) -> Vec<Value> {
    let query = sqlx::query_scalar("SELECT body FROM audit_entries WHERE sequence >= $1 ORDER BY sequence");
    let bodies: Vec<String> = query.bind(from).fetch_all(db).await.unwrap();
    bodies.iter().map(|body| serde_json::from_str(body).unwrap()).collect()
}

/// Under which names an operation is in the log: its own, or that of what it came to.
fn acts_of(operation: &str) -> Vec<&str> {
    let more: &[&str] = match operation {
        "decideCase" => &["proposeDecision"],
        "decideOnPage" => &["decideCase", "proposeDecision"],
        "claimNext" | "nextOnPage" => &["claimNextCase"],
        "skipOnPage" => &["skipCase"],
        "noteOnPage" => &["writeNote"],
        "snoozeOnPage" => &["snoozeCase"],
        "releaseOnPage" => &["releaseCase"],
        "handOverOnPage" => &["handOverCase"],
        "undoOnPage" => &["undoDecision"],
        "approveOnPage" => &["approve"],
        "withdrawOnPage" => &["withdrawProposal"],
        _ => &[],
    };
    [&[operation], more].concat()
}

#[test]
fn whatever_anybody_asks_is_in_the_log_before_the_answer_arrives() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    let every = reviewer::roles::parse(reviewer::roles::SHIPPED).unwrap();
    let people: Vec<&str> =
        every.0.keys().map(|role| &*role.clone().leak()).chain(["ana", "nobody"]).collect();
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let kind = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        let setup = Setup { database: database.clone(), ..Setup::default() };
        let desk =
            Desk::with(every.0.keys().fold(setup, |setup, role| setup.and(role, &[role.clone().leak()])));
        desk.feed(&(0..40).map(|n| flag(n, 0, 0.7)).collect::<Vec<_>>());
        desk.wait_for_records("opened", 40);
        let cases = desk.get("/v1/cases").json()["cases"].clone();
        let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
        let items = document["paths"].as_object().unwrap().iter();
        let operations: Vec<(&String, &String, &Value)> = items
            .flat_map(|(path, item)| {
                item.as_object().unwrap().iter().map(move |(method, op)| (path, method, op))
            })
            .filter(|(.., operation)| operation["x-permissions"].is_array())
            .collect();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let address = database.unwrap_or_else(|| format!("sqlite://{}", desk.database()));
        sqlx::any::install_default_drivers();
        let mut db = runtime.block_on(<sqlx::AnyConnection as sqlx::Connection>::connect(&address)).unwrap();
        let known = runtime.block_on(entries_from(&mut db, 0)).len();
        let (mut next, mut roll) = (i64::try_from(known).unwrap(), dice());
        let (mut missing, mut done) = (Vec::new(), 0);
        for _ in 0..call_count() {
            let (path, method, operation) = operations[roll(operations.len())];
            let name = people[roll(people.len())];
            let case = cases[roll(40)]["case_id"].as_str().unwrap();
            let case = if roll(8) == 0 { "c00000000000000000000" } else { case };
            let path = crate::review_access::filled(path, case);
            let body = crate::review_access::body_of(&document, operation, case).map(|body| body.to_string());
            let bearer = crate::desk::bearer(name);
            let headers =
                [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
            let is_form = method == "post" && !path.starts_with("/v1");
            let headers = if method == "get" || is_form { &headers[..1] } else { &headers[..] };
            let answer = desk.ask(&method.to_uppercase(), &path, headers, body.as_deref());
            let fresh = runtime.block_on(entries_from(&mut db, next));
            next += i64::try_from(fresh.len()).unwrap();
            let who = if name == "nobody" { "-" } else { name };
            let (acts, is_refused) =
                (acts_of(operation["operationId"].as_str().unwrap()), answer.status >= 400);
            let is_it = |entry: &Value| {
                entry["who"] == who
                    && acts.contains(&entry["act"].as_str().unwrap())
                    && (entry["outcome"] == "refused") == is_refused
            };
            done += usize::from(!is_refused);
            if !fresh.iter().any(is_it) {
                missing.push(format!("{name} {method} {path}: {} {fresh:?}", answer.status));
            }
        }
        println!(
            "{kind}: {} calls of {} operations by {} people, {done} done, the others refused: {} without an entry",
            call_count(),
            operations.len(),
            people.len(),
            missing.len()
        );
        assert!(missing.is_empty(), "{missing:#?}");
        assert!(done * 10 > call_count(), "only {done} calls did anything");
    }
}

#[test]
fn nothing_is_answered_that_cannot_be_recorded() {
    let desk = Desk::start();
    desk.feed(&[flag(1, 0, 0.9)]);
    desk.wait_for_records("opened", 1);
    let case = desk.get("/v1/cases").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
    assert_eq!(desk.get(&format!("/v1/cases/{case}")).status, 200);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = format!("sqlite://{}", desk.database());
    runtime.block_on(async {
        let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&database).await.unwrap();
        let full =
            "CREATE TRIGGER full BEFORE INSERT ON audit_entries BEGIN SELECT RAISE(ABORT, 'full'); END";
        sqlx::raw_sql(full).execute(&mut db).await.unwrap();
    });
    let refused = desk.get(&format!("/v1/cases/{case}"));
    assert_eq!((refused.status, refused.problem().as_str()), (503, "audit-unavailable"));
    desk.wait_for_metric("silhouette_review_audit_failures_total", |count| count == 1.0);
    let refused = desk.decide(&case, "\"1\"", r#"{"outcome":"benign","reason":"evidence_too_thin"}"#);
    assert!(refused.status >= 500, "{refused:?}");
    runtime.block_on(async {
        let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&database).await.unwrap();
        sqlx::raw_sql("DROP TRIGGER full").execute(&mut db).await.unwrap();
    });
    assert_eq!(desk.get("/v1/labels").body, "", "the decision was not made");
    assert_eq!(desk.get(&format!("/v1/cases/{case}")).json()["status"], "open");
}

#[test]
fn the_command_line_verifies_and_finds_what_was_changed() {
    let mut desk = Desk::start();
    desk.feed(&[flag(1, 0, 0.9)]);
    desk.wait_for_records("opened", 1);
    (0..20).for_each(|_| drop(desk.get("/v1/queues")));
    let checkpoint = desk.get("/v1/audit/checkpoint").json();
    let witness = desk.folder().join("witness");
    std::fs::write(&witness, checkpoint["note"].as_str().unwrap()).unwrap();
    let database = desk.database();
    desk.stop();

    let verify = || {
        std::process::Command::new(env!("CARGO_BIN_EXE_silhouette-under-test"))
            .args(["audit", "verify", "--database", &database, "--witness"])
            .arg(&witness)
            .args(["--verifier", checkpoint["verifier"].as_str().unwrap()])
            .output()
            .unwrap()
    };
    let whole = verify();
    assert!(whole.status.success(), "{whole:?}");
    assert!(String::from_utf8_lossy(&whole.stderr).contains("the audit log is whole"), "{whole:?}");

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let address = format!("sqlite://{database}");
        let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&address).await.unwrap();
        let change = "UPDATE audit_entries SET body = replace(body, '\"ana\"', '\"bob\"') WHERE sequence = 5";
        sqlx::raw_sql(change).execute(&mut db).await.unwrap();
    });
    let changed = verify();
    assert_eq!(changed.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&changed.stdout).contains("entry 5"), "{changed:?}");
}
