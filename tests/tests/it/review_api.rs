//! The review service over HTTP, as programs use it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use serde_json::Value;

use crate::desk::{BEARER, Desk, flag};

const BENIGN: &str = r#"{"outcome":"benign","reason":"works_with_young_people"}"#;
const ABUSIVE: &str = r#"{"outcome":"abusive","category":"child_safety","policy":"minor_safety",
    "reason":"pattern_without_innocent_cause","action":"limit_contacts"}"#;
const JSON: (&str, &str) = ("content-type", "application/json");

/// Every case, page by page.
fn all_cases(desk: &Desk, query: &str) -> Vec<Value> {
    cases_after(desk, query, String::new())
}

/// Every case from a cursor parameter on, page by page.
fn cases_after(desk: &Desk, query: &str, mut cursor: String) -> Vec<Value> {
    let mut cases = Vec::new();
    loop {
        let page = desk.get(&format!("/v1/cases?{query}{cursor}"));
        assert_eq!(page.status, 200, "{page:?}");
        let page = page.json();
        cases.extend(page["cases"].as_array().unwrap().iter().cloned());
        match page["next"].as_str() {
            Some(next) => cursor = format!("&cursor={next}"),
            None => return cases,
        }
    }
}

fn first_case(desk: &Desk) -> String {
    desk.get("/v1/cases?status=open&limit=1").json()["cases"][0]["case_id"].as_str().unwrap().to_owned()
}

/// A desk with one case, its name and its ETag.
fn desk_with_a_case() -> (Desk, String, String) {
    let desk = Desk::start();
    desk.feed(&[flag(1, 0, 0.91)]);
    desk.wait_for_records("opened", 1);
    let case = first_case(&desk);
    let etag = desk.get(&format!("/v1/cases/{case}")).header("etag").to_owned();
    (desk, case, etag)
}

#[test]
fn pages_of_the_queue_stay_stable_while_cases_come_in() {
    let desk = Desk::start();
    let p = |n: u32| f64::from(1 + n * 37 % 50) / 51.0;
    desk.feed(&(0..60).map(|n| flag(n, 0, p(n))).collect::<Vec<_>>());
    desk.wait_for_records("opened", 60);
    let before = all_cases(&desk, "status=open&limit=200");
    assert_eq!(before.len(), 60);
    assert!(before[0]["order_reason"].as_str().unwrap().contains("severity 8"), "{}", before[0]);

    let first = desk.get("/v1/cases?status=open&limit=25").json();
    desk.feed(&(100..180).map(|n| flag(n, 0, p(n))).collect::<Vec<_>>());
    desk.wait_for_records("opened", 140);
    let rest =
        cases_after(&desk, "status=open&limit=9", format!("&cursor={}", first["next"].as_str().unwrap()));

    let names = |cases: &[Value]| -> Vec<String> {
        cases.iter().map(|case| case["case_id"].as_str().unwrap().to_owned()).collect()
    };
    let paged: Vec<String> = [names(first["cases"].as_array().unwrap()), names(&rest)].concat();
    let distinct: BTreeSet<&String> = paged.iter().collect();
    assert_eq!(distinct.len(), paged.len(), "a case was shown twice");
    assert!(names(&before).iter().all(|case| distinct.contains(case)), "a case was left out");
}

#[test]
fn the_limit_is_coerced_and_a_cursor_belongs_to_its_query() {
    let desk = Desk::start();
    desk.feed(&(0..5).map(|n| flag(n, 0, 0.5)).collect::<Vec<_>>());
    desk.wait_for_records("opened", 5);
    for (limit, expected) in [("0", 1), ("-3", 1), ("2", 2), ("100000", 5), ("99999999999999999999999", 5)] {
        let page = desk.get(&format!("/v1/cases?limit={limit}"));
        assert_eq!(page.json()["cases"].as_array().unwrap().len(), expected, "limit {limit}");
    }
    let next = desk.get("/v1/cases?status=open&limit=2").json()["next"].as_str().unwrap().to_owned();
    assert_eq!(desk.get(&format!("/v1/cases?status=open&limit=3&cursor={next}")).status, 200);
    for query in
        [format!("cursor={next}"), format!("status=decided&cursor={next}"), "cursor=garbled".to_owned()]
    {
        let refused = desk.get(&format!("/v1/cases?{query}"));
        assert_eq!((refused.status, refused.problem().as_str()), (400, "bad-cursor"), "{query}");
    }
    for query in ["limit=many", "status=unknown"] {
        assert_eq!(desk.get(&format!("/v1/cases?{query}")).problem(), "bad-parameter", "{query}");
    }
}

#[test]
fn a_case_tells_why_and_what_else_it_could_be() {
    let desk = Desk::start();
    desk.feed(&[flag(1, 0, 0.71), flag(1, 1, 0.93)]);
    desk.wait_for_records("appended", 1);
    let case = desk.get(&format!("/v1/cases/{}", first_case(&desk)));
    assert_eq!(case.header("etag"), "\"2\"");
    assert_eq!(case.header("cache-control"), "no-store");
    let case = case.json();
    assert_eq!(case["risk"], 0.93);
    assert_eq!(case["note"], "A signal, not proof.");
    assert!(case["reasons"][0]["text"].as_str().unwrap().contains("usual is"));
    assert!(!case["reasons"][0]["benign_alternatives"].as_str().unwrap().is_empty());
    assert!(case["features"]["fc_rate_all_7d"].is_number());
    assert_eq!(case["history"].as_array().unwrap().len(), 2);
    let times: Vec<u64> =
        case["timeline"].as_array().unwrap().iter().map(|event| event["ts"].as_u64().unwrap()).collect();
    assert!(times.is_sorted() && times.len() == 32, "{times:?}");
}

#[test]
fn a_decision_is_recorded_once_and_becomes_a_label() {
    let (desk, case, etag) = desk_with_a_case();
    let decided = desk.decide(&case, &etag, ABUSIVE);
    assert_eq!(decided.status, 200, "{decided:?}");
    let decision = decided.json()["decision"].clone();
    assert_eq!((&decision["outcome"], &decision["by"]), (&"abusive".into(), &"ana".into()));

    let again = desk.decide(&case, &etag, ABUSIVE);
    assert_eq!((again.status, again.problem().as_str()), (412, "case-changed"));
    let again = desk.decide(&case, decided.header("etag"), BENIGN);
    assert_eq!((again.status, again.problem().as_str()), (409, "case-decided"));

    let labels = desk.get("/v1/labels");
    assert_eq!(labels.header("content-type"), "application/jsonl");
    let lines: Vec<Value> = labels.body.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["label"], "abusive");
    assert_eq!(lines[0]["category"], "child_safety");
    assert_eq!(lines[0]["source"], "reviewer");
    assert_eq!(lines[0]["ts"], decision["at"]);

    desk.feed(&[flag(1, 1, 0.97)]);
    desk.wait_for_records("opened", 2);
    let next = desk.get(&format!("/v1/cases/{}", first_case(&desk))).json();
    assert_eq!(next["earlier_case"], case);
}

#[test]
fn a_flag_that_joins_meanwhile_is_a_conflict() {
    let (desk, case, etag) = desk_with_a_case();
    desk.feed(&[flag(1, 1, 0.97)]);
    desk.wait_for_records("appended", 1);
    let refused = desk.decide(&case, &etag, BENIGN);
    assert_eq!((refused.status, refused.problem().as_str()), (412, "case-changed"));
    let etag = desk.get(&format!("/v1/cases/{case}")).header("etag").to_owned();
    assert_eq!(desk.decide(&case, &etag, BENIGN).status, 200);
}

#[test]
fn an_incomplete_decision_is_refused_with_pointers() {
    let (desk, case, etag) = desk_with_a_case();
    let check = |body: &str, expected: &[&str]| {
        let refused = desk.decide(&case, &etag, body);
        assert_eq!((refused.status, refused.problem().as_str()), (422, "invalid-decision"), "{body}");
        let errors = refused.json()["errors"].clone();
        let pointers: Vec<&str> =
            errors.as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
        assert_eq!(pointers, expected, "{body}");
        assert!(!refused.body.contains("hello"), "what was sent came back");
    };
    check("{}", &["/outcome"]);
    check(r#"{"outcome":"abusive"}"#, &["/category", "/policy", "/reason", "/action"]);
    let rest = r#""policy":"spam_and_automation","action":"watch""#;
    check(&format!(r#"{{"outcome":"abusive","category":"spam","reason":"hello",{rest}}}"#), &["/reason"]);
    check(r#"{"outcome":"benign","reason":7}"#, &["/reason"]);
    check(r#"{"outcome":"benign","reason":"evidence_too_thin","category":"spam"}"#, &["/category"]);
    check(r#"{"outcome":"benign","reason":"evidence_too_thin","note":"hello"}"#, &[""]);
    let refused = desk.decide(&case, &etag, "[]");
    assert_eq!((refused.status, refused.problem().as_str()), (422, "invalid-body"));
    assert_eq!(desk.get("/v1/labels").body, "");
}

#[test]
fn every_error_is_a_problem_document() {
    let (desk, case, etag) = desk_with_a_case();
    let decision = format!("/v1/cases/{case}/decision");
    let unknown = "/v1/cases/c00000000000000000000";
    let match_it = ("if-match", etag.as_str());
    let large = "x".repeat(20_000);
    type Check<'a> = (&'a str, &'a str, Vec<(&'a str, &'a str)>, Option<&'a str>, u16, &'a str);
    let checks: [Check<'_>; 19] = [
        ("GET", "/nowhere", vec![], None, 404, "not-found"),
        ("GET", "/v1/nowhere", vec![BEARER], None, 404, "not-found"),
        ("GET", unknown, vec![BEARER], None, 404, "not-found"),
        ("GET", "/v1/cases/not-a-case", vec![BEARER], None, 404, "not-found"),
        ("DELETE", "/v1/cases", vec![BEARER], None, 405, "method-not-allowed"),
        ("GET", &decision, vec![BEARER], None, 405, "method-not-allowed"),
        ("GET", "/v1/cases", vec![], None, 401, "unauthenticated"),
        ("GET", "/v1/cases", vec![("authorization", "Bearer wrong")], None, 401, "unauthenticated"),
        ("GET", "/v1/cases", vec![("authorization", "Basic YTpi")], None, 401, "unauthenticated"),
        ("POST", &decision, vec![JSON, match_it], Some(BENIGN), 401, "unauthenticated"),
        ("GET", "/v1/cases", vec![BEARER, ("accept", "text/csv")], None, 406, "not-acceptable"),
        ("POST", "/v1/proposals", vec![BEARER, JSON], Some("{}"), 422, "invalid-body"),
        ("POST", "/v1/queues/nowhere/next", vec![BEARER], None, 404, "not-found"),
        ("POST", &decision, vec![BEARER, match_it], Some(BENIGN), 415, "unsupported-media-type"),
        ("POST", &decision, vec![BEARER, JSON, match_it], Some("{"), 400, "malformed-body"),
        ("POST", &decision, vec![BEARER, JSON, match_it], Some(&large), 413, "body-too-large"),
        ("POST", &decision, vec![BEARER, JSON], Some(BENIGN), 428, "precondition-required"),
        ("POST", &decision, vec![BEARER, JSON, ("if-match", "W/\"1\"")], Some(BENIGN), 412, "case-changed"),
        ("POST", &decision, vec![BEARER, JSON, ("if-match", "\"99\"")], Some(BENIGN), 412, "case-changed"),
    ];
    for (method, path, headers, body, status, kind) in checks {
        let answer = desk.ask(method, path, &headers, body);
        assert_eq!((answer.status, answer.problem().as_str()), (status, kind), "{method} {path} {headers:?}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
    }
    let refused = desk.ask("DELETE", "/v1/cases", &[BEARER], None);
    assert_eq!(refused.header("allow"), "GET,HEAD");
    let refused = desk.ask("GET", "/v1/cases", &[], None);
    assert!(refused.header("www-authenticate").starts_with("Bearer"));
    assert!(!refused.header("content-security-policy").contains("unsafe"));
}

/// Every path, with its methods.
const ROUTES: [(&str, &str); 66] = [
    ("/", "get"),
    ("/next", "post"),
    ("/cases/{id}/skip", "post"),
    ("/cases/{id}/notes", "post"),
    ("/cases/{id}/snooze", "post"),
    ("/cases/{id}/release", "post"),
    ("/cases/{id}/hand-over", "post"),
    ("/cases/{id}/undo", "post"),
    ("/cases/{id}/approval", "post"),
    ("/cases/{id}/withdrawal", "post"),
    ("/assets/console.css", "get"),
    ("/assets/icon.svg", "get"),
    ("/cases/{id}", "get"),
    ("/cases/{id}/decision", "post"),
    ("/livez", "get"),
    ("/login", "get post"),
    ("/login/oidc", "get"),
    ("/login/oidc/callback", "get"),
    ("/logout", "post"),
    ("/metrics", "get"),
    ("/openapi.json", "get"),
    ("/readyz", "get"),
    ("/v1/cases", "get"),
    ("/v1/cases/{id}", "get"),
    ("/v1/appeals", "get"),
    ("/v1/appeals/{id}/decision", "post"),
    ("/v1/audit/checkpoint", "get"),
    ("/v1/audit/consistency", "get"),
    ("/v1/audit/entries", "get"),
    ("/v1/audit/inclusion", "get"),
    ("/v1/cases/{id}/appeals", "post"),
    ("/v1/cases/{id}/claim", "delete post"),
    ("/v1/cases/{id}/decision", "delete post"),
    ("/v1/cases/{id}/hand-over", "post"),
    ("/v1/cases/{id}/skip", "post"),
    ("/v1/cases/{id}/snooze", "post"),
    ("/v1/cases/{id}/statement", "get"),
    ("/v1/holds", "get post"),
    ("/v1/labels", "get"),
    ("/v1/me", "get"),
    ("/v1/people", "get"),
    ("/v1/people/{name}/roles/{role}", "delete"),
    ("/v1/proposals", "get post"),
    ("/v1/proposals/{id}", "delete get"),
    ("/v1/proposals/{id}/approval", "post"),
    ("/v1/proposals/{id}/identity", "post"),
    ("/v1/cases/{id}/merge", "post"),
    ("/v1/cases/{id}/notes", "post"),
    ("/v1/cases/{id}/split", "post"),
    ("/v1/cases/{id}/emergency-reads", "post"),
    ("/v1/emergencies", "get"),
    ("/v1/emergencies/{id}/review", "post"),
    ("/v1/golden", "post"),
    ("/v1/golden/{id}", "delete"),
    ("/v1/openapi.json", "get"),
    ("/v1/people/{name}/sessions", "delete"),
    ("/v1/quality", "get"),
    ("/v1/quality/disagreements", "get"),
    ("/v1/quality/mine", "get"),
    ("/v1/queues/events", "get"),
    ("/v1/next", "post"),
    ("/v1/views", "get post"),
    ("/v1/views/{id}", "delete"),
    ("/v1/queues", "get"),
    ("/v1/queues/{queue}/next", "post"),
    ("/v1/searches", "post"),
];

#[test]
fn the_openapi_document_has_exactly_the_routes_that_exist() {
    let desk = Desk::start();
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1."), "{}", document["openapi"]);
    let routes: BTreeMap<&str, BTreeSet<&str>> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(path, item)| (path.as_str(), item.as_object().unwrap().keys().map(String::as_str).collect()))
        .collect();
    let expected =
        BTreeMap::from_iter(ROUTES.map(|(path, methods)| (path, BTreeSet::from_iter(methods.split(' ')))));
    assert_eq!(routes, expected);

    for (path, methods) in routes {
        let path = path.replace("{id}", "c00000000000000000000").replace("{queue}", "bulk");
        let path = path.replace("{name}", "nobody").replace("{role}", "lead");
        let path = if path.ends_with("/events") { path + "?seconds=0" } else { path };
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE"] {
            let exists = methods.contains(method.to_lowercase().as_str());
            let body = (method != "GET").then_some("");
            let answer = desk.ask(method, &path, &[BEARER], body);
            assert_eq!(answer.status != 405, exists, "{method} {path}: {answer:?}");
        }
    }
    let text = document.to_string();
    assert!(!text.contains("\"nullable\""));
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let mut names = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            assert!(names.insert(operation["operationId"].to_string()), "{method} {path} has another's name");
            assert!(
                operation["responses"]["500"].is_object(),
                "{method} {path} has no response for an error"
            );
            assert!(operation["summary"].is_string(), "{method} {path} has no summary");
            assert!(operation["security"].is_array(), "{method} {path} says nothing of security");
        }
    }
}

#[test]
fn a_restart_keeps_everything_and_a_redelivered_flag_changes_nothing() {
    let mut desk = Desk::start();
    let flags: Vec<_> = (0..8).map(|n| flag(n, 0, 0.5 + f64::from(n) / 20.0)).collect();
    desk.feed(&flags);
    desk.wait_for_records("opened", 8);
    let case = first_case(&desk);
    let etag = desk.get(&format!("/v1/cases/{case}")).header("etag").to_owned();
    assert_eq!(desk.decide(&case, &etag, BENIGN).status, 200);
    let without_order = |cases: Vec<Value>| -> Vec<Value> {
        let strip = |mut case: Value| {
            // The sentence tells how much of the allowed wait is over, which time changes.
            case.as_object_mut().unwrap().remove("order_reason");
            case
        };
        cases.into_iter().map(strip).collect()
    };
    let all_cases = |desk: &Desk, query: &str| without_order(all_cases(desk, query));
    let (cases, labels) = (all_cases(&desk, ""), desk.get("/v1/labels").body);
    let cursor = desk.get("/v1/cases?limit=3").json()["next"].as_str().unwrap().to_owned();

    desk.restart();
    assert_eq!(all_cases(&desk, ""), cases);
    assert_eq!(desk.get("/v1/labels").body, labels);
    assert_eq!(desk.get(&format!("/v1/cases?limit=3&cursor={cursor}")).status, 200);

    desk.feed(&flags);
    desk.wait_for_records("seen", 8);
    assert_eq!(all_cases(&desk, ""), cases);
    assert_eq!(desk.get("/v1/labels").body, labels);
}

#[test]
fn what_is_no_flag_is_counted_and_skipped() {
    let desk = Desk::start();
    desk.feed_bytes(b"\xff\xfe");
    desk.feed_bytes(br#"{"text":"hello"}"#);
    desk.feed(&[flag(1, 0, 0.8)]);
    desk.wait_for_records("opened", 1);
    desk.wait_for_records("undecodable", 2);
    assert_eq!(all_cases(&desk, "").len(), 1);
    assert_eq!(desk.ask("GET", "/readyz", &[], None).status, 200);
    assert_eq!(desk.ask("GET", "/livez", &[], None).status, 200);
}

#[test]
fn metrics_hold_routes_and_no_ids() {
    let (desk, case, etag) = desk_with_a_case();
    desk.decide(&case, &etag, BENIGN);
    let metrics = desk.ask("GET", "/metrics", &[], None).body;
    assert!(metrics.contains(r#"silhouette_review_decisions_total{outcome="benign"} 1"#), "{metrics}");
    assert!(metrics.contains("silhouette_review_cases_open{queue=\"child_safety\"} 0"), "{metrics}");
    assert!(metrics.contains(r#"route="/v1/cases/{id}/decision",status="2xx"} 1"#), "{metrics}");
    assert!(!metrics.contains(&case) && !metrics.contains("acct_"), "an id is in the metrics");
}

#[test]
fn a_browser_signs_in_and_another_site_cannot_use_it() {
    let (desk, case, _) = desk_with_a_case();
    let html = ("accept", "text/html");
    let away = desk.ask("GET", &format!("/cases/{case}"), &[html], None);
    assert_eq!((away.status, away.header("location")), (303, format!("/login?next=/cases/{case}").as_str()));

    let form = ("content-type", "application/x-www-form-urlencoded");
    let same = ("sec-fetch-site", "same-origin");
    let wrong = desk.ask("POST", "/login", &[html, form, same], Some("token=wrong&next=/"));
    assert_eq!(wrong.status, 401);
    assert!(wrong.body.contains("not known here"));
    let foreign =
        desk.ask("POST", "/login", &[form, ("origin", "http://elsewhere")], Some("token=token-of-ana"));
    assert_eq!(foreign.problem(), "cross-site");

    let signed_in =
        desk.ask("POST", "/login", &[html, form, same], Some("token=token-of-ana&next=//elsewhere"));
    assert_eq!((signed_in.status, signed_in.header("location")), (303, "/"));
    let cookie = signed_in.header("set-cookie").to_owned();
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict") && cookie.contains("Path=/"));
    let cookie = ("cookie", cookie.split(';').next().unwrap());
    assert_eq!(desk.ask("GET", "/", &[html, cookie], None).status, 200);

    let path = format!("/cases/{case}/decision");
    let body = "version=1&outcome=benign&benign_reason=evidence_too_thin";
    for origin in [vec![], vec![("origin", "http://elsewhere")], vec![("sec-fetch-site", "cross-site")]] {
        let headers = [vec![form, cookie], origin].concat();
        assert_eq!(desk.ask("POST", &path, &headers, Some(body)).problem(), "cross-site");
    }
    assert_eq!(desk.ask("POST", &path, &[form, cookie, same], Some(body)).status, 303);
    assert_eq!(desk.ask("POST", "/logout", &[form, cookie, same], Some("")).status, 303);
    assert_eq!(desk.ask("GET", "/v1/cases", &[cookie], None).problem(), "unauthenticated");
}

#[test]
fn the_demo_is_open_to_this_machine_only() {
    let desk = Desk::open_to_this_machine();
    desk.feed(&[flag(1, 0, 0.8)]);
    desk.wait_for_records("opened", 1);
    let page = desk.ask("GET", "/", &[("accept", "text/html")], None);
    assert!(page.body.contains("Everyone on this machine is signed in as demo analyst."));
    let rebound = desk.ask("GET", "/v1/cases", &[("host", "elsewhere.example")], None);
    assert_eq!((rebound.status, rebound.problem().as_str()), (421, "misdirected"));
    let headers = [JSON, ("if-match", "\"1\"")];
    let case = first_case(&desk);
    assert_eq!(desk.ask("GET", &format!("/v1/cases/{case}"), &[], None).status, 200);
    let path = format!("/v1/cases/{case}/decision");
    let decided = desk.ask("POST", &path, &headers, Some(BENIGN));
    assert_eq!(decided.json()["decision"]["by"], "demo analyst");
}

#[test]
fn the_queue_is_quick_with_ten_thousand_cases() {
    let desk = Desk::start();
    let risk = |n: u32| f64::from(1 + n * 7919 % 10_000) / 10_001.0;
    desk.feed(&(0..10_000).map(|n| flag(n, 0, risk(n))).collect::<Vec<_>>());
    let began = Instant::now();
    desk.wait_for_records("opened", 10_000);
    println!("10,000 flags taken in within {:.1} s of the last one", began.elapsed().as_secs_f64());
    let mut took_ms: Vec<f64> = (0..200)
        .map(|_| {
            let began = Instant::now();
            assert_eq!(desk.get("/v1/cases?status=open&limit=50").status, 200);
            began.elapsed().as_secs_f64() * 1000.0
        })
        .collect();
    took_ms.sort_by(f64::total_cmp);
    println!("GET /v1/cases, 50 of 10,000 cases: p50 {:.2} ms, p99 {:.2} ms", took_ms[100], took_ms[198]);
    assert!(took_ms[100] < 100.0, "{took_ms:?}");
}
