//! Notes, rings, views, turns between queues, and what is forgotten; on SQLite and on PostgreSQL.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use schema::ReasonCode;
use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;
use sqlx::Row;

use crate::desk::{Desk, Setup, flag};

const HOUR_MS: u64 = 60 * 60 * 1000;

/// A desk on each database with a case for each of these flags, and their names, first the first to look at.
fn on_each(setup: &Setup, flags: &[detect::Flag], test: impl Fn(&Desk, &[String])) {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let clock = reviewer::Clock::default();
        let desk = Desk::with(Setup { database, clock, ..setup.clone() });
        desk.feed(flags);
        desk.wait_for_records("opened", u32::try_from(flags.len()).unwrap());
        let cases = desk.get("/v1/cases?limit=200").json()["cases"].clone();
        let name = |case: &Value| case["case_id"].as_str().unwrap().to_owned();
        let cases: Vec<String> = cases.as_array().unwrap().iter().map(name).collect();
        test(&desk, &cases);
    }
}

fn child_safety(count: u32) -> Vec<detect::Flag> {
    (0..count).map(|n| flag(n * 3, 0, 0.9 - f64::from(n) / 100.0)).collect()
}

/// A flag that speaks of bulk contact alone.
fn bulk(n: u32) -> detect::Flag {
    let mut flag = flag(n, 0, 0.8);
    flag.reasons.iter_mut().for_each(|reason| reason.code = ReasonCode::RC11);
    flag
}

fn staff() -> Setup {
    Setup::default().and("bo", &["lead"]).and("cy", &["child_safety_analyst"]).and("eve", &["analyst"])
}

fn post(desk: &Desk, name: &str, path: &str, body: Value) -> crate::desk::Answer {
    desk.command(name, "POST", path, Some(body))
}

fn next(desk: &Desk, name: &str) -> Option<String> {
    let answer = desk.command(name, "POST", "/v1/queues/child_safety/next", None);
    (answer.status == 200).then(|| answer.json()["case_id"].as_str().unwrap().to_owned())
}

#[test]
fn a_note_is_a_closed_word_that_everybody_on_the_case_sees_and_there_is_nowhere_to_type() {
    on_each(&staff(), &child_safety(2), |desk, cases| {
        let path = format!("/v1/cases/{}/notes", cases[0]);
        let written = post(desk, "cy", &path, json!({ "code": "same_holder", "about_case": cases[1] }));
        assert_eq!(written.status, 201, "{written:?}");
        let history = desk.get(&format!("/v1/cases/{}", cases[0])).json()["history"].clone();
        let note = history.as_array().unwrap().iter().find(|entry| entry["kind"] == "note").unwrap().clone();
        assert_eq!(
            (&note["code"], &note["about_case"], &note["by"]),
            (&json!("same_holder"), &json!(cases[1]), &json!("cy"))
        );

        for (body, pointer) in [
            (json!({ "code": "he wrote that she" }), "/code"),
            (json!({ "code": "urgent", "text": "she said" }), ""),
            (json!({ "code": "urgent", "about_case": cases[1] }), "/about_case"),
            (json!({ "code": "same_holder" }), "/about_case"),
            (json!({ "code": "same_holder", "about_case": null }), "/about_case"),
        ] {
            let refused = post(desk, "cy", &path, body);
            assert_eq!(
                (refused.status, refused.json()["errors"][0]["pointer"].clone()),
                (422, json!(pointer))
            );
            assert!(!refused.body.contains("she"), "what was sent came back");
        }
        assert_eq!(post(desk, "eve", &path, json!({ "code": "urgent" })).problem(), "not-found");
        let itself = json!({ "code": "same_holder", "about_case": cases[0] });
        assert_eq!(post(desk, "cy", &path, itself).problem(), "not-found");
        let unknown = json!({ "code": "acts_together", "about_case": "c00000000000000000000" });
        assert_eq!(post(desk, "cy", &path, unknown).problem(), "not-found");
    });
}

#[test]
fn a_ring_is_one_piece_of_work_and_each_of_its_cases_is_decided_by_itself() {
    on_each(&staff(), &child_safety(5), |desk, cases| {
        let merge = |name: &str, case: &str, others: &[&String]| {
            post(
                desk,
                name,
                &format!("/v1/cases/{case}/merge"),
                json!({ "cases": others, "reason": "same_holder" }),
            )
        };
        let ring = merge("cy", &cases[0], &[&cases[2], &cases[3]]);
        assert_eq!(ring.status, 200, "{ring:?}");
        let names: Vec<&str> = ring.json()["cases"]
            .as_array()
            .unwrap()
            .iter()
            .map(|case| case["case_id"].as_str().unwrap().to_owned().leak() as &str)
            .collect();
        assert_eq!(names, [&cases[0], &cases[2], &cases[3]]);
        assert_eq!(
            desk.get(&format!("/v1/cases/{}", cases[2])).json()["ring"]["ring_id"],
            ring.json()["ring_id"]
        );

        // All of it is in one hand, so that others get other cases.
        assert_eq!(next(desk, "bo").as_ref(), Some(&cases[1]));
        assert_eq!(merge("bo", &cases[1], &[&cases[3]]).problem(), "case-claimed");
        assert_eq!(
            desk.command("bo", "POST", &format!("/v1/cases/{}/claim", cases[3]), None).problem(),
            "case-claimed"
        );
        let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
        assert_eq!(desk.decide_as("cy", &cases[0], &benign).status, 200);
        assert_eq!(
            desk.get("/v1/labels").body.lines().count(),
            1,
            "the others wait for decisions of their own"
        );
        assert_eq!(next(desk, "cy").as_ref(), Some(&cases[2]), "the ring goes on in the same hand");

        // Passed on as a whole; taken out one by one.
        let skip = json!({ "reason": "knows_the_holder" });
        assert_eq!(post(desk, "cy", &format!("/v1/cases/{}/skip", cases[3]), skip).status, 204);
        assert_eq!(next(desk, "cy").as_ref(), Some(&cases[4]));
        let split = |name: &str, case: &str| {
            post(desk, name, &format!("/v1/cases/{case}/split"), json!({ "reason": "acts_alone" }))
        };
        assert_eq!(split("bo", &cases[2]).status, 204);
        assert_eq!(split("bo", &cases[2]).problem(), "no-ring");
        assert!(desk.get(&format!("/v1/cases/{}", cases[2])).json()["ring"].is_null());
        assert_eq!(merge("bo", &cases[2], &[&cases[2]]).problem(), "no-ring", "one case is no ring");
        assert_eq!(merge("eve", &cases[2], &[&cases[3]]).problem(), "not-found");
    });
}

#[test]
fn a_view_is_a_list_to_come_back_to_and_shows_each_person_what_they_may_read() {
    on_each(&staff(), &[child_safety(3), vec![bulk(50)]].concat(), |desk, cases| {
        assert_eq!(next(desk, "bo").as_ref(), Some(&cases[0]));
        let save = |body: Value| post(desk, "bo", "/v1/views", body);
        let mine = save(json!({ "claim": "mine", "status": "open" }));
        assert_eq!(mine.status, 201, "{mine:?}");
        let free = save(json!({ "claim": "nobody", "is_shared": true })).json();
        let ids = |name: &str, path: &str| -> Vec<String> {
            let listed = desk.get_as(name, path);
            assert_eq!(listed.status, 200, "{listed:?}");
            listed.json()["cases"]
                .as_array()
                .unwrap()
                .iter()
                .map(|case| case["case_id"].as_str().unwrap().to_owned())
                .collect()
        };
        assert_eq!(ids("bo", mine.json()["path"].as_str().unwrap()), cases[..1]);
        assert_eq!(ids("bo", free["path"].as_str().unwrap()), cases[1..]);
        assert_eq!(ids("eve", free["path"].as_str().unwrap()), cases[3..], "only what eve may read");
        assert_eq!(ids("cy", "/v1/cases?claim=others"), cases[..1]);
        assert!(ids("bo", "/v1/cases?due=overdue").is_empty());
        assert_eq!(ids("bo", "/v1/cases?due=in_time").len(), 4);

        let seen = |name: &str| desk.get_as(name, "/v1/views").json()["views"].as_array().unwrap().len();
        assert_eq!((seen("bo"), seen("eve")), (2, 1));
        assert_eq!(
            save(json!({ "name": "the bad ones" })).problem(),
            "invalid-body",
            "a view has no name to type"
        );
        let path = format!("/v1/views/{}", free["view_id"].as_str().unwrap());
        assert_eq!(desk.command("eve", "DELETE", &path, None).problem(), "not-found", "not eve's to forget");
        assert_eq!(desk.command("bo", "DELETE", &path, None).status, 204);
        assert_eq!((seen("bo"), seen("eve")), (1, 0));
    });
}

#[test]
fn a_flood_of_bulk_contact_does_not_keep_child_safety_waiting() {
    let flags = [(0..60).map(|n| bulk(1000 + n)).collect(), child_safety(8)].concat();
    on_each(&staff(), &flags, |desk, cases| {
        let queue_of =
            |case: &str| desk.get(&format!("/v1/cases/{case}")).json()["queue"].as_str().unwrap().to_owned();
        let mut queues = Vec::new();
        for _ in 0..14 {
            let case =
                desk.command("bo", "POST", "/v1/next", None).json()["case_id"].as_str().unwrap().to_owned();
            queues.push(queue_of(&case));
            let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
            assert_eq!(desk.decide_as("bo", &case, &benign).status, 200);
        }
        let child_safety = queues.iter().take(9).filter(|queue| *queue == "child_safety").count();
        assert!(child_safety >= 7, "{queues:?}");
        assert!(queues.iter().filter(|queue| *queue == "bulk").count() >= 5, "{queues:?}");
        assert!(cases.len() == 68);
    });
    on_each(&staff(), &[bulk(1), flag(3, 0, 0.3)], |desk, _| {
        let bulk_next = |name: &str| desk.command(name, "POST", "/v1/queues/bulk/next", None);
        desk.setup().clock.advance(5 * HOUR_MS);
        assert_eq!(bulk_next("bo").problem(), "graver-queue-waits");
        assert_eq!(bulk_next("eve").status, 200, "eve could not take it anyway");
        assert!(next(desk, "cy").is_some());
        assert_eq!(
            desk.command("bo", "POST", "/v1/queues/bulk/next", None).status,
            204,
            "the one there is, is eve's"
        );
    });
}

/// How often a text stands in the flags as they are stored.
fn stored(desk: &Desk, text: &str) -> i64 {
    let database = desk.database();
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let sql = format!("SELECT count(*) FROM flags WHERE body LIKE '%{text}%'");
        let sql = sqlx::AssertSqlSafe(sql);
        if database.starts_with("postgres") {
            let mut db = <sqlx::PgConnection as sqlx::Connection>::connect(&database).await.unwrap();
            sqlx::query(sql).fetch_one(&mut db).await.unwrap().get(0)
        } else {
            let address = format!("sqlite://{database}");
            let mut db = <sqlx::SqliteConnection as sqlx::Connection>::connect(&address).await.unwrap();
            sqlx::query(sql).fetch_one(&mut db).await.unwrap().get(0)
        }
    })
}

#[test]
fn how_likely_counterparts_are_minors_is_kept_for_72_hours_and_can_never_be_searched() {
    on_each(&staff(), &child_safety(3), |desk, cases| {
        let shown = |case: &str| -> BTreeSet<bool> {
            let case = desk.get(&format!("/v1/cases/{case}")).json();
            case["timeline"].as_array().unwrap().iter().map(|event| event["p_minor"].is_number()).collect()
        };
        assert_eq!(shown(&cases[0]), [true].into());
        assert_eq!(stored(desk, r#""p_minor":0.86"#), 3);
        desk.setup().clock.advance(71 * HOUR_MS);
        assert_eq!(shown(&cases[0]), [true].into());
        desk.setup().clock.advance(HOUR_MS);
        assert_eq!(shown(&cases[0]), [false].into(), "at once, whoever sweeps when");
        let deadline = Instant::now() + Duration::from_secs(30);
        while stored(desk, r#""p_minor":0."#) > 0 {
            assert!(Instant::now() < deadline, "it was never forgotten");
            std::thread::park_timeout(Duration::from_millis(50));
        }
        assert_eq!(stored(desk, "p_minor"), 3, "the events themselves stay");
        let page = desk.ask(
            "GET",
            &format!("/cases/{}", cases[0]),
            &[crate::desk::BEARER, ("accept", "text/html")],
            None,
        );
        assert!(page.body.contains("no longer kept"), "{}", page.body);
        assert!(desk.get("/v1/audit/entries?limit=200").body.contains("forgetCounterparts"));
    });
}

#[test]
fn nothing_of_a_counterpart_can_be_asked_for() {
    let desk = Desk::start();
    desk.feed(&child_safety(2));
    desk.wait_for_records("opened", 2);
    let case = desk.get("/v1/cases").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
    let event =
        desk.get(&format!("/v1/cases/{case}")).json()["timeline"][0]["event"].as_str().unwrap().to_owned();
    let search = |account: &str| {
        let body = json!({ "account": account, "purpose": "review_of_case" });
        post(&desk, "ana", "/v1/searches", body).status
    };
    let account = desk.get(&format!("/v1/cases/{case}")).json()["account"].as_str().unwrap().to_owned();
    assert_eq!(
        (search(&account), search(&event)),
        (200, 404),
        "an account under review is found, an event is not"
    );

    // No operation has a parameter or a field by which a counterpart, an event or a score could be asked for.
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    let mut asked: BTreeSet<String> = BTreeSet::new();
    for item in document["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            for parameter in operation["parameters"].as_array().into_iter().flatten() {
                asked.insert(parameter["name"].as_str().unwrap().to_owned());
            }
        }
    }
    for (name, schema) in document["components"]["schemas"].as_object().unwrap() {
        if name.ends_with("Request") {
            let bodies = std::iter::once(schema).chain(schema["oneOf"].as_array().into_iter().flatten());
            asked.extend(
                bodies
                    .filter_map(|body| body["properties"].as_object())
                    .flat_map(|fields| fields.keys().cloned()),
            );
        }
    }
    assert!(asked.contains("account") && asked.contains("limit") && asked.contains("outcome"), "{asked:?}");
    for word in ["event", "minor", "counterpart", "victim", "target", "score", "text"] {
        let found: Vec<_> = asked.iter().filter(|name| name.contains(word)).collect();
        assert!(found.is_empty(), "{found:?}");
    }
}
