//! What stays: sessions over a restart, older databases, pages while entries come in; and what is told as it changes.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;
use sqlx::AssertSqlSafe;

use crate::desk::{BEARER, Desk, Setup, bearer, flag};

const HOUR_MS: u64 = 60 * 60 * 1000;

fn on_each(setup: &Setup, test: impl Fn(&mut Desk)) {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let clock = reviewer::Clock::default();
        test(&mut Desk::with(Setup { database, clock, ..setup.clone() }));
    }
}

/// The cookie of somebody who signs in with a browser.
fn sign_in(desk: &Desk, name: &str) -> String {
    let headers = [("content-type", "application/x-www-form-urlencoded"), ("sec-fetch-site", "same-origin")];
    let signed_in = desk.ask("POST", "/login", &headers, Some(&format!("token=token-of-{name}&next=/")));
    assert_eq!(signed_in.status, 303, "{signed_in:?}");
    signed_in.header("set-cookie").split(';').next().unwrap().to_owned()
}

#[test]
fn a_session_survives_a_restart_and_ends_with_the_next_request_once_it_is_ended() {
    let setup = Setup::default().and("bo", &["lead"]).and("ops", &["operator"]);
    on_each(&setup, |desk| {
        let (first, second, ops) = (sign_in(desk, "bo"), sign_in(desk, "bo"), sign_in(desk, "ops"));
        let status =
            |desk: &Desk, cookie: &str| desk.ask("GET", "/v1/me", &[("cookie", cookie)], None).status;
        assert_eq!((status(desk, &first), status(desk, &second)), (200, 200));
        desk.restart();
        assert_eq!((status(desk, &first), status(desk, &second)), (200, 200));
        assert_eq!(status(desk, "silhouette-session=somebody-elses"), 401);

        let away = [("cookie", first.as_str()), ("sec-fetch-site", "same-origin")];
        assert_eq!(desk.ask("POST", "/logout", &away, Some("")).status, 303);
        assert_eq!((status(desk, &first), status(desk, &second)), (401, 200), "one of two");
        let signed_out = desk.command("ops", "DELETE", "/v1/people/bo/sessions", None);
        assert_eq!((signed_out.status, signed_out.json()["sessions"].clone()), (200, json!(1)));
        assert_eq!(status(desk, &second), 401, "on the very next request");

        // Used again and again it lasts for twelve hours; unused for two.
        for _ in 0..11 {
            assert_eq!(status(desk, &ops), 200);
            desk.setup().clock.advance(HOUR_MS);
        }
        assert_eq!(status(desk, &ops), 200);
        desk.setup().clock.advance(HOUR_MS);
        assert_eq!(status(desk, &ops), 401);
        let idle = sign_in(desk, "ops");
        desk.setup().clock.advance(2 * HOUR_MS);
        assert_eq!(status(desk, &idle), 401);
    });
}

/// A stream of events, read line by line.
struct Followed(BufReader<TcpStream>);

impl Followed {
    fn start(desk: &Desk, name: &str, query: &str) -> Self {
        let address = desk.url("").replace("http://", "");
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        let bearer = bearer(name);
        write!(
            stream,
            "GET /v1/queues/events{query} HTTP/1.1\r\nhost: {address}\r\nauthorization: {bearer}\r\n\r\n"
        )
        .unwrap();
        let mut followed = Self(BufReader::new(stream));
        assert!(followed.line().unwrap().contains("200"), "it was refused");
        followed
    }

    /// The next line; none at the end.
    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        let read = self.0.read_line(&mut line).unwrap();
        // Chunks are framed by lines of their own; the last is of no length.
        (read > 0 && line.trim() != "0").then_some(line)
    }

    /// The next queue that is told of; none at the end.
    fn next(&mut self) -> Option<Value> {
        loop {
            if let Some(data) = self.line()?.strip_prefix("data: ") {
                return Some(serde_json::from_str(data).unwrap());
            }
        }
    }
}

#[test]
fn whoever_follows_the_queues_is_told_of_changes_in_those_that_they_may_read() {
    let setup = Setup::default().and("cy", &["child_safety_analyst"]).and("ops", &["operator"]);
    on_each(&setup, |desk| {
        let mut all = Followed::start(desk, "ana", "");
        let first: Vec<Value> = (0..3).map(|_| all.next().unwrap()).collect();
        assert_eq!(
            first.iter().map(|state| state["queue"].as_str().unwrap()).collect::<Vec<_>>(),
            ["child_safety", "general", "bulk"]
        );
        let mut own = Followed::start(desk, "cy", "");
        assert_eq!(own.next().unwrap()["queue"], "child_safety");

        desk.feed(&[flag(0, 0, 0.9), flag(3, 0, 0.8)]);
        let until = |followed: &mut Followed, field: &str, value: i64| loop {
            let state = followed.next().expect("the stream goes on");
            assert_eq!(state["queue"], "child_safety", "nothing else has changed");
            if state[field] == value {
                return;
            }
        };
        until(&mut all, "open", 2);
        until(&mut own, "open", 2);
        assert_eq!(desk.command("ana", "POST", "/v1/queues/child_safety/next", None).status, 200);
        until(&mut own, "claimed", 1);

        // A right that is revoked ends the stream; so does the time that was asked for.
        assert_eq!(
            desk.command("ops", "DELETE", "/v1/people/cy/roles/child_safety_analyst", None).status,
            204
        );
        desk.feed(&[flag(6, 0, 0.9)]);
        assert_eq!(own.next(), None);
        let mut short = Followed::start(desk, "ana", "?seconds=0");
        assert!((0..3).all(|_| short.next().is_some()) && short.next().is_none());
        assert_eq!(desk.get_as("ops", "/v1/queues/events").problem(), "forbidden");
        let refused = desk.ask("GET", "/v1/queues/events", &[BEARER, ("accept", "application/json")], None);
        assert_eq!(refused.problem(), "not-acceptable");
        assert_eq!(desk.get("/v1/queues/events?seconds=soon").problem(), "bad-parameter");
    });
}

#[test]
fn what_is_on_its_way_out_says_so_and_where_to_go() {
    let desk = Desk::start();
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    for (path, item) in document["paths"].as_object().unwrap() {
        let Some(operation) = item.get("get").filter(|_| !path.contains('{')) else { continue };
        let path = if path.ends_with("/events") { format!("{path}?seconds=0") } else { path.clone() };
        let answer = desk.get(&path);
        let is_deprecated = operation["deprecated"] == true;
        assert_eq!(answer.headers.contains_key("deprecation"), is_deprecated, "{path}: {answer:?}");
        if is_deprecated {
            assert!(answer.header("deprecation").starts_with('@'), "{answer:?}");
            assert!(answer.header("sunset").ends_with(" GMT"), "{answer:?}");
            assert!(answer.header("link").contains("rel=\"successor-version\""), "{answer:?}");
        }
    }
    assert_eq!(document["paths"]["/openapi.json"]["get"]["deprecated"], true);
    let old = desk.ask("GET", "/openapi.json", &[], None);
    assert_eq!(old.json(), document, "it goes on working");
}

/// Everything of a list, page by page, while more comes in after the first page.
fn paged(desk: &Desk, path: &str, field: &str, id: &str, meanwhile: impl Fn()) -> Vec<String> {
    let (mut found, mut cursor, mut pages) = (Vec::new(), String::new(), 0);
    loop {
        let page = desk.get(&format!("{path}?limit=2{cursor}"));
        assert_eq!(page.status, 200, "{path}: {page:?}");
        let page = page.json();
        let entries = page[field].as_array().unwrap();
        assert!(entries.len() <= 2, "{path}: {page}");
        found.extend(entries.iter().map(|entry| entry[id].as_str().unwrap().to_owned()));
        pages += 1;
        let Some(next) = page["next"].as_str() else { break };
        if pages == 1 {
            meanwhile();
        }
        cursor = format!("&cursor={next}");
    }
    assert!(pages > 1, "{path} has one page only");
    let foreign = desk.get("/v1/cases?limit=1").json()["next"].as_str().unwrap().to_owned();
    let foreign = desk.get(&format!("{path}?cursor={foreign}"));
    assert_eq!(foreign.problem(), "bad-cursor", "{path}");
    found
}

#[test]
fn pages_of_every_list_hold_each_entry_once_also_while_others_come_in() {
    let setup = Setup::default().and("bo", &["lead", "privacy_officer", "operator", "child_safety_analyst"]);
    on_each(&setup, |desk| {
        desk.feed(&(0..9).map(|n| flag(n * 3, 0, 0.5)).collect::<Vec<_>>());
        desk.wait_for_records("opened", 9);
        let cases = desk.get("/v1/cases").json()["cases"].clone();
        let case = |n: usize| cases[n]["case_id"].as_str().unwrap().to_owned();
        let post = |name: &str, path: &str, body: Value| {
            let made = desk.command(name, "POST", path, Some(body));
            assert!(made.status < 300, "{path}: {made:?}");
            made.json()
        };
        let id = |made: &Value, field: &str| made[field].as_str().unwrap().to_owned();

        let propose = || {
            id(
                &post("bo", "/v1/proposals", json!({ "act": "grant_role", "person": "eve", "role": "lead" })),
                "proposal_id",
            )
        };
        let known: BTreeSet<String> = (0..5).map(|_| propose()).collect();
        let found = paged(desk, "/v1/proposals", "proposals", "proposal_id", || drop(propose()));
        check(&known, &found);

        let hold = |n: usize| id(&post("bo", "/v1/holds", json!({ "case_id": case(n) })), "hold_id");
        let known: BTreeSet<String> = (0..5).map(hold).collect();
        check(&known, &paged(desk, "/v1/holds", "holds", "hold_id", || drop(hold(5))));

        let view = || id(&post("ana", "/v1/views", json!({ "status": "open" })), "view_id");
        let known: BTreeSet<String> = (0..5).map(|_| view()).collect();
        check(&known, &paged(desk, "/v1/views", "views", "view_id", || drop(view())));

        let abusive = json!({ "outcome": "abusive", "category": "child_safety", "policy": "minor_safety",
                              "reason": "persists_after_refusals", "action": "watch" });
        let appeal = |n: usize| {
            assert_eq!(desk.decide_as("bo", &case(n), &abusive).status, 200);
            id(
                &post("ana", &format!("/v1/cases/{}/appeals", case(n)), json!({ "ground": "wrong_rule" })),
                "appeal_id",
            )
        };
        let known: BTreeSet<String> = (0..5).map(appeal).collect();
        check(&known, &paged(desk, "/v1/appeals", "appeals", "appeal_id", || drop(appeal(5))));

        let roles = paged(desk, "/v1/people", "roles", "role", || ());
        assert_eq!(roles.len(), desk.get("/v1/people?limit=200").json()["roles"].as_array().unwrap().len());

        // Labels are lines; their next page is in a header.
        let (mut lines, mut path) = (Vec::new(), "/v1/labels?limit=2".to_owned());
        loop {
            let page = desk.get(&path);
            lines.extend(page.body.lines().map(str::to_owned));
            let link = page.header("link").to_owned();
            let Some((next, _)) = link.split_once('>') else { break };
            path = next.trim_start_matches('<').to_owned();
        }
        assert_eq!(lines.len(), 6);
        assert_eq!(lines.concat(), desk.get("/v1/labels").body.replace('\n', ""));
    });
}

#[track_caller]
fn check(known: &BTreeSet<String>, found: &[String]) {
    let distinct: BTreeSet<String> = found.iter().cloned().collect();
    assert_eq!(distinct.len(), found.len(), "an entry was shown twice");
    assert!(known.is_subset(&distinct), "an entry was left out");
}

/// Runs statements in a database.
pub(crate) fn run(database: &str, statements: &str) {
    let statements = AssertSqlSafe(statements.to_owned());
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        if database.starts_with("postgres") {
            let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(database).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut db).await.unwrap();
        } else {
            let address = format!("sqlite://{database}");
            let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&address).await.unwrap();
            sqlx::raw_sql(statements).execute(&mut db).await.unwrap();
        }
    });
}

#[test]
fn an_older_database_is_brought_up_to_date_and_one_that_cannot_be_says_what_to_do() {
    let folder = format!("{}/../services/reviewer/migrations", env!("CARGO_MANIFEST_DIR"));
    let newer = ["0005_counted_by_queue", "0004_quality", "0003_sessions_and_emergencies", "0002_cases"];
    on_each(&Setup::default(), |desk| {
        desk.feed(&[flag(0, 0, 0.9), flag(3, 0, 0.8)]);
        desk.wait_for_records("opened", 2);
        let case = desk.get("/v1/cases").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
        assert_eq!(
            desk.decide_as("ana", &case, &json!({ "outcome": "benign", "reason": "evidence_too_thin" }))
                .status,
            200
        );
        let labels = desk.get("/v1/labels").body;
        desk.stop();

        // Back to the tables of the first version, with what is in them.
        let database = desk.database();
        run(
            &database,
            "DROP TABLE golden; DROP TABLE looks; DROP TABLE emergencies; DROP TABLE sessions; DROP TABLE saved_views; \
             DROP TABLE notes; DROP INDEX flags_by_sides; DROP INDEX cases_by_ring; DROP INDEX cases_by_claim; \
             DROP INDEX cases_by_due; DROP INDEX decisions_by_queue; ALTER TABLE decisions DROP COLUMN queue; \
             ALTER TABLE views DROP COLUMN queue; ALTER TABLE flags DROP COLUMN sides_until; ALTER TABLE cases DROP COLUMN ring; \
             DELETE FROM _sqlx_migrations WHERE version > 1",
        );
        desk.restart();
        assert_eq!(desk.get("/v1/labels").body, labels);
        let open =
            desk.get("/v1/cases?status=open").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
        let note = desk.command(
            "ana",
            "POST",
            &format!("/v1/cases/{open}/notes"),
            Some(json!({ "code": "urgent" })),
        );
        assert_eq!(note.status, 201, "{note:?}");
        assert!(desk.get(&format!("/v1/cases/{open}")).json()["timeline"][0]["p_minor"].is_number());
        assert!(newer.iter().all(|name| std::path::Path::new(&format!("{folder}/{name}.sql")).is_file()));

        for (change, said) in [
            ("UPDATE _sqlx_migrations SET version = 9999 WHERE version = 2", "a later version"),
            (
                "UPDATE _sqlx_migrations SET version = 2 WHERE version = 9999; UPDATE _sqlx_migrations SET success = false WHERE version = 2",
                "cut short",
            ),
            (
                "UPDATE _sqlx_migrations SET success = true, checksum = CHECKSUM WHERE version = 2",
                "name a new database",
            ),
        ] {
            desk.stop();
            let is_postgres = database.starts_with("postgres");
            run(&database, &change.replace("CHECKSUM", if is_postgres { "'\\x00'" } else { "x'00'" }));
            let error = desk.try_to_run().unwrap_err();
            let error = format!("{error:#}");
            assert!(error.contains(said), "{error}");
        }
    });
}
