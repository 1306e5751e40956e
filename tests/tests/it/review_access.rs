//! Who may do what: every route, every role, every queue.

use std::collections::{BTreeMap, BTreeSet};

use detect::Flag;
use platform::Source;
use reviewer::{Limits, roles};
use schema::ReasonCode;
use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;

use crate::desk::{Desk, Setup, flag};

/// A flag that speaks of bulk contact alone.
fn bulk(n: u32) -> Flag {
    let mut flag = flag(n, 0, 0.8);
    flag.reasons.iter_mut().for_each(|reason| reason.code = ReasonCode::RC11);
    flag
}

/// A flag that speaks of neither.
fn general(n: u32) -> Flag {
    let mut flag = flag(n, 0, 0.7);
    flag.reasons.iter_mut().for_each(|reason| reason.code = ReasonCode::RC03);
    flag
}

/// A desk at which everybody has one role and its name, and one case in each queue.
fn desk_of_roles() -> (Desk, BTreeMap<String, String>) {
    let every = roles::parse(roles::SHIPPED).unwrap();
    let staff = every.0.keys().fold(Setup::default(), |setup, role| {
        let role: &'static str = role.clone().leak();
        setup.and(role, &[role])
    });
    let desk = Desk::with(staff.and("nobody_special", &[]));
    desk.feed(&[flag(0, 0, 0.9), bulk(1), general(2)]);
    desk.wait_for_records("opened", 3);
    let cases = desk.get("/v1/cases").json()["cases"].clone();
    let by_queue = |case: &Value| {
        (case["queue"].as_str().unwrap().to_owned(), case["case_id"].as_str().unwrap().to_owned())
    };
    let cases = cases.as_array().unwrap().iter().map(by_queue).collect();
    (desk, cases)
}

pub(crate) fn filled(path: &str, case: &str) -> String {
    let path = if path.contains("/cases/") { path.replace("{id}", case) } else { path.to_owned() };
    path.replace("{id}", "p00000000000000000000")
        .replace("{queue}", "bulk")
        .replace("{name}", "nobody")
        .replace("{role}", "lead")
        + if path.ends_with("events") { "?seconds=0" } else { "" }
        + if path.ends_with("inclusion") { "?entry=0&size=1" } else { "" }
        + if path.ends_with("consistency") { "?old=1&size=1" } else { "" }
}

#[test]
fn every_route_is_open_to_exactly_the_roles_that_the_document_says() {
    let (desk, cases) = desk_of_roles();
    let every = roles::parse(roles::SHIPPED).unwrap();
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    let mut cells = 0;
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] == json!([{}]) || operation["operationId"] == "signOut" {
                continue;
            }
            let needed = operation["x-permissions"].as_array();
            let needed = needed.unwrap_or_else(|| panic!("{method} {path} has no rule in the document"));
            let needed: BTreeSet<&str> = needed.iter().map(|word| word.as_str().unwrap()).collect();
            let path = filled(path, &cases["bulk"]);
            let anonymous = desk.ask(&method.to_uppercase(), &path, &[], None);
            assert_eq!(anonymous.status, 401, "{method} {path}");
            for name in every.0.keys().map(String::as_str).chain(["nobody_special"]) {
                let role = every.0.get(name).cloned().unwrap_or_default();
                let may = needed.is_empty() || role.permissions.iter().any(|p| needed.contains(p.as_str()));
                // A page shows all of a case or nothing.
                let may = may && (path.starts_with("/v1") || role.masks.is_empty() || path == "/");
                let body = (method == "post" && path.starts_with("/v1")).then(|| json!({ "no": "field" }));
                let answer = desk.command(name, &method.to_uppercase(), &path, body);
                let is_forbidden = answer.status == 403 && answer.problem() == "forbidden";
                assert_eq!(is_forbidden, !may, "{name} {method} {path}: {answer:?}");
                cells += 1;
            }
        }
    }
    println!("{cells} cells of route and role, each as documented");
    assert!(cells > 300, "{cells}");
}

/// A body of an operation as the document describes it: of each field the first that it may hold.
pub(crate) fn body_of(document: &Value, operation: &Value, other: &str) -> Option<Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    let schema = &document["components"]["schemas"][name];
    if let Some(example) = schema["examples"].get(0) {
        return Some(example.clone());
    }
    let first = |name: &str| {
        let field = &schema["properties"][name];
        match name {
            "to" => json!("lead"),
            "cases" => json!([other]),
            _ => field["enum"]
                .get(0)
                .or_else(|| field["examples"].get(0))
                .cloned()
                .unwrap_or_else(|| panic!("{name}: {field}")),
        }
    };
    let required = schema["required"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap());
    Some(Value::Object(required.map(|name| (name.to_owned(), first(name))).collect()))
}

/// A desk of roles with two cases in each queue, and these by queue.
fn desk_of_pairs() -> (Desk, BTreeMap<String, Vec<String>>) {
    let (desk, _) = desk_of_roles();
    desk.feed(&[flag(3, 0, 0.9), bulk(4), general(5)]);
    desk.wait_for_records("opened", 6);
    let mut cases: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for case in desk.get("/v1/cases").json()["cases"].as_array().unwrap() {
        let id = case["case_id"].as_str().unwrap().to_owned();
        cases.entry(case["queue"].as_str().unwrap().to_owned()).or_default().push(id);
    }
    (desk, cases)
}

#[test]
fn every_operation_on_a_case_heeds_the_queue_that_it_is_in_claimed_or_not() {
    let (desk, cases) = desk_of_pairs();
    let every = roles::parse(roles::SHIPPED).unwrap();
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    let mut cells = 0;
    for is_claimed in [false, true] {
        for case in cases.values().flatten().filter(|_| is_claimed) {
            desk.command("ana", "POST", &format!("/v1/cases/{case}/claim"), None);
        }
        for (path, item) in document["paths"].as_object().unwrap() {
            let Some(route) = path.strip_prefix("/v1/cases/{id}") else { continue };
            for (method, operation) in item.as_object().unwrap() {
                let needed: BTreeSet<&str> = operation["x-permissions"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|word| word.as_str().unwrap())
                    .collect();
                for (name, role) in &every.0 {
                    let may = role.permissions.iter().any(|permission| needed.contains(permission.as_str()));
                    for (queue, cases) in &cases {
                        let ask = |case: &str| {
                            let body = body_of(&document, operation, &cases[1]);
                            let path = format!("/v1/cases/{case}{route}");
                            let answer = desk.command(name, &method.to_uppercase(), &path, body);
                            (answer.status, answer.body)
                        };
                        let (known, unknown) = (ask(&cases[0]), ask("c00000000000000000000"));
                        let cell =
                            format!("{name} {method} {queue}{route}, claimed: {is_claimed}: {known:?}");
                        let is_theirs = role.queues.iter().any(|own| own.as_str() == queue);
                        let is_emergency = operation["operationId"] == "readInEmergency";
                        if !may {
                            assert_eq!((known.0, unknown.0), (403, 403), "{cell}");
                        } else if is_emergency {
                            assert!(matches!(known.0, 201 | 409) && unknown.0 == 404, "{cell}");
                        } else if is_theirs {
                            assert!(![401, 403, 404].contains(&known.0) && known.0 < 500, "{cell}");
                        } else {
                            assert_eq!(known, unknown, "{cell}");
                        }
                        cells += 1;
                    }
                }
            }
        }
    }
    for (name, role) in &every.0 {
        let listed = desk.get_as(name, "/v1/cases?limit=200");
        for (queue, cases) in cases.iter().filter(|_| listed.status == 200) {
            let is_theirs = role.queues.iter().any(|own| own.as_str() == queue);
            assert!(
                cases.iter().all(|case| listed.body.contains(case.as_str()) == is_theirs),
                "{name} {queue}"
            );
        }
    }
    println!("{cells} cells of operation, role, queue and claim");
    assert!(cells > 600, "{cells}");
}

#[test]
fn every_role_sees_of_a_case_what_its_masks_leave() {
    let (desk, cases) = desk_of_roles();
    let every = roles::parse(roles::SHIPPED).unwrap();
    let mut cells = 0;
    for (name, role) in &every.0 {
        for queue in role.queues.iter().filter(|_| role.permissions.contains(&review::Permission::CasesRead))
        {
            let case = desk.get_as(name, &format!("/v1/cases/{}", cases[queue.as_str()])).json();
            for mask in review::Mask::ALL {
                let is_masked = role.masks.contains(mask);
                let hidden = case["hidden"].as_array().unwrap().contains(&json!(mask.as_str()));
                let is_hidden = match mask {
                    review::Mask::Account => case["account"] == "hidden",
                    review::Mask::Features => case["features"] == json!({}),
                    review::Mask::Timeline => case["timeline"] == json!([]),
                    review::Mask::People => is_masked,
                };
                assert_eq!((hidden, is_hidden), (is_masked, is_masked), "{name} {}", mask.as_str());
                cells += 1;
            }
        }
    }
    println!("{cells} cells of role, queue and mask");
}

#[test]
fn no_other_site_changes_anything_and_nothing_that_was_read_stays_in_a_browser() {
    let (desk, cases) = desk_of_roles();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let same = ("sec-fetch-site", "same-origin");
    let signed_in = desk.ask("POST", "/login", &[form, same], Some("token=token-of-ana&next=/"));
    let cookie = signed_in.header("set-cookie").split(';').next().unwrap().to_owned();
    let cookie = ("cookie", cookie.as_str());
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    let entries = |desk: &Desk| desk.get("/v1/cases").body;
    let before = entries(&desk);
    let (mut refused, mut read) = (0, 0);
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            if operation["security"] == json!([{}]) {
                continue;
            }
            let path = filled(path, &cases["bulk"]);
            if method == "get" {
                let answer = desk.ask("GET", &path, &[cookie], None);
                assert_eq!(answer.header("cache-control"), "no-store", "{path}");
                let policy = answer.header("content-security-policy");
                assert!(
                    policy.starts_with("default-src 'none';") && !policy.contains("unsafe"),
                    "{path}: {policy}"
                );
                read += 1;
                continue;
            }
            let body = body_of(&document, operation, &cases["bulk"]).map(|body| body.to_string());
            let json = ("content-type", if path.starts_with("/v1") { "application/json" } else { form.1 });
            for from in [
                None,
                Some(("origin", "https://elsewhere.example")),
                Some(("origin", "null")),
                Some(("sec-fetch-site", "cross-site")),
                Some(("sec-fetch-site", "same-site")),
                Some(("sec-fetch-site", "none")),
            ] {
                let headers: Vec<_> = [cookie, json, ("if-match", "*")].into_iter().chain(from).collect();
                let answer = desk.ask(&method.to_uppercase(), &path, &headers, body.as_deref().or(Some("")));
                assert_eq!(
                    (answer.status, answer.problem().as_str()),
                    (403, "cross-site"),
                    "{method} {path} {from:?}"
                );
                refused += 1;
            }
        }
    }
    assert_eq!(entries(&desk), before);
    println!("{refused} changes from elsewhere, all refused; {read} answers, none to be kept");
    let out = desk.ask("POST", "/logout", &[form, cookie, same], Some(""));
    assert_eq!(out.header("clear-site-data"), "\"cache\", \"cookies\", \"storage\"");
}

#[test]
fn a_masked_role_sees_that_something_is_hidden_and_not_what() {
    let (desk, cases) = desk_of_roles();
    let whole = desk.get(&format!("/v1/cases/{}", cases["bulk"])).json();
    let account = whole["account"].as_str().unwrap();
    for path in [format!("/v1/cases/{}", cases["bulk"]), "/v1/cases".to_owned()] {
        let masked = desk.get_as("auditor", &path);
        assert_eq!(masked.status, 200);
        assert!(!masked.body.contains(account) && !masked.body.contains("evt_"), "{masked:?}");
    }
    let masked = desk.get_as("auditor", &format!("/v1/cases/{}", cases["bulk"])).json();
    assert_eq!(masked["hidden"], json!(["account", "features", "timeline"]));
    assert_eq!((&masked["features"], &masked["timeline"]), (&json!({}), &json!([])));
    let page = format!("/cases/{}", cases["bulk"]);
    assert_eq!(desk.get_as("auditor", &page).problem(), "forbidden", "a page shows all or nothing");
    assert_eq!(desk.get_as("analyst", &page).status, 200);
}

/// The case of an account, found by its whole pseudonym, which is no list.
fn case_of_account(desk: &Desk, n: u32) -> String {
    let search = json!({ "account": crate::desk::account(n).as_str(), "purpose": "review_of_case" });
    let found = desk.command("ana", "POST", "/v1/searches", Some(search));
    found.json()["case_id"].as_str().unwrap().to_owned()
}

#[test]
fn more_cases_in_an_hour_than_one_person_reads_take_a_second_person_also_in_lists() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let limits = Limits { cases_an_hour: 4, ..Setup::default().limits };
        let setup = Setup { database, limits, clock: reviewer::Clock::default(), ..Setup::default() };
        let desk = Desk::with(
            setup.and("bo", &["lead"]).and("cy", &["child_safety_analyst"]).and("al", &["auditor"]),
        );
        desk.feed(&(0..9).map(|n| flag(n * 3, 0, 0.9 - f64::from(n) / 100.0)).collect::<Vec<_>>());
        desk.wait_for_records("opened", 9);
        let cases: Vec<String> = (0..9).map(|n| case_of_account(&desk, n * 3)).collect();
        let read = |name: &str, n: usize| {
            let answer = desk.get_as(name, &format!("/v1/cases/{}", cases[n]));
            if answer.status == 200 { String::new() } else { answer.problem() }
        };
        let list = |name: &str, limit: u32| desk.get_as(name, &format!("/v1/cases?limit={limit}"));
        assert_eq!([0, 1, 2, 3, 4].map(|n| read("cy", n)), ["", "", "", "", "read-limit"]);
        assert_eq!((list("cy", 4).status, list("cy", 4).status), (200, 200), "the same again are no more");
        let refused = list("cy", 5);
        assert_eq!((refused.status, refused.problem().as_str()), (429, "read-limit"));
        assert!(!refused.body.contains("acct_"));
        assert_eq!(desk.ask("GET", "/", &[("authorization", "Bearer token-of-cy")], None).status, 429);
        assert_eq!(list("al", 9).status, 200, "from whom accounts are hidden");
        let metric = "silhouette_review_limits_reached_total{limit=\"read-limit\"} 3";
        assert!(desk.ask("GET", "/metrics", &[], None).body.contains(metric), "nobody would be woken");

        // Cy asks for more; somebody else who may looks at it, and lets them.
        let asked = desk.command("cy", "POST", "/v1/proposals", Some(json!({ "act": "read_more" })));
        assert_eq!(asked.status, 201, "{asked:?}");
        let approve = |name: &str, proposal: &Value| {
            let path = format!("/v1/proposals/{}/approval", proposal["proposal_id"].as_str().unwrap());
            desk.command(name, "POST", &path, Some(json!({ "content_hash": proposal["content_hash"] })))
        };
        assert_eq!(approve("cy", &asked.json()).problem(), "forbidden");
        assert_eq!(approve("bo", &asked.json()).status, 200);
        assert_eq!([4, 5, 6, 7, 8].map(|n| read("cy", n)), ["", "", "", "", "read-limit"]);
        assert_eq!((list("cy", 8).status, list("cy", 9).status), (200, 429));
        let own = desk.command("bo", "POST", "/v1/proposals", Some(json!({ "act": "read_more" })));
        assert_eq!(approve("bo", &own.json()).problem(), "own-proposal");
        desk.setup().clock.advance(3_600_000);
        assert_eq!(read("cy", 8), "", "another hour");
    }
}

#[test]
fn one_person_can_ask_read_and_decide_only_so_much() {
    let limits = Limits { requests_a_second: 100_000, cases_an_hour: 3, decisions_a_minute: 1 };
    let desk = Desk::with(Setup { limits, ..Setup::default().and("bo", &["lead"]) });
    desk.feed(&(0..5).map(|n| flag(n, 0, 0.5)).collect::<Vec<_>>());
    desk.wait_for_records("opened", 5);
    let cases: Vec<String> = (0..5).map(|n| case_of_account(&desk, n)).collect();
    let case = |n: usize| format!("/v1/cases/{}", cases[n]);
    for n in [0, 1, 2, 0, 1] {
        assert_eq!(desk.get(&case(n)).status, 200);
    }
    let refused = desk.get(&case(3));
    assert_eq!((refused.status, refused.problem().as_str()), (429, "read-limit"));
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
    assert_eq!(desk.get_as("bo", &case(3)).status, 200, "somebody else's hour is their own");

    let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
    assert_eq!(desk.decide_as("ana", &cases[0], &benign).status, 200);
    let refused = desk.decide_as("ana", &cases[1], &benign);
    assert_eq!((refused.status, refused.problem().as_str()), (429, "too-many-requests"));

    let limits = Limits { requests_a_second: 1, ..Limits::default() };
    let desk = Desk::with(Setup { limits, ..Setup::default() });
    let statuses: BTreeSet<u16> = (0..20).map(|_| desk.get("/v1/me").status).collect();
    assert_eq!(statuses, [200, 429].into());
}

#[test]
fn a_command_sent_again_changes_nothing_and_the_platform_is_told_once() {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let desk = Desk::with(Setup { database, ..Setup::default() });
        desk.feed(&[flag(1, 0, 0.9)]);
        desk.wait_for_records("opened", 1);
        let case = desk.get("/v1/cases").json()["cases"][0]["case_id"].as_str().unwrap().to_owned();
        desk.get(&format!("/v1/cases/{case}"));
        let decide = |key: &str, etag: &str, body: &str| {
            let headers = [
                crate::desk::BEARER,
                ("content-type", "application/json"),
                ("if-match", etag),
                ("idempotency-key", key),
            ];
            desk.ask("POST", &format!("/v1/cases/{case}/decision"), &headers, Some(body))
        };
        let body = r#"{"outcome":"benign","reason":"evidence_too_thin"}"#;
        let first = decide("key-1", "\"1\"", body);
        let again = decide("key-1", "\"1\"", body);
        assert_eq!((first.status, again.status), (200, 200));
        assert_eq!((first.body, first.headers["etag"].clone()), (again.body, again.headers["etag"].clone()));
        let other = decide("key-1", "\"1\"", r#"{"outcome":"benign","reason":"new_user_or_number"}"#);
        assert_eq!((other.status, other.problem().as_str()), (409, "idempotency-key-reused"));
        assert_eq!(decide("key-2", "\"1\"", body).problem(), "case-changed");
        assert_eq!(decide("a key of words", "\"1\"", body).problem(), "bad-parameter");
        assert_eq!(desk.get("/v1/labels").body.lines().count(), 1);

        let mut source = desk.decisions();
        source.seek(&Default::default()).unwrap();
        let mut told = Vec::new();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while told.is_empty() && std::time::Instant::now() < deadline {
            let batch = source.poll(10, std::time::Duration::from_millis(100)).unwrap();
            told.extend(batch.records.into_iter().map(|record| record.value));
        }
        let event: Value = serde_json::from_slice(&told[0]).unwrap();
        assert_eq!((&event["kind"], &event["case_id"], told.len()), (&json!("decided"), &json!(case), 1));
    }
}
