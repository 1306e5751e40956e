//! What somebody may not know of is told apart neither by what is answered nor by how long that takes from what is not
//! there.

use std::time::Instant;

use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;

use crate::desk::{Answer, Desk, Setup, flag};

/// A desk on each database with so many cases about likely minors, none of them eve's to read.
fn on_each(cases: u32, test: impl Fn(&str, &Desk, &[String])) {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let kind = if database.is_some() { "PostgreSQL" } else { "SQLite" };
        let setup = Setup { database, ..Setup::default() };
        let setup = setup.and("eve", &["analyst"]).and("cy", &["child_safety_analyst"]);
        let desk = Desk::with(setup.and("bo", &["lead"]));
        desk.feed(&(0..cases).map(|n| flag(n * 3, 0, 0.7)).collect::<Vec<_>>());
        desk.wait_for_records("opened", cases);
        let (mut ids, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = desk.get(&format!("/v1/cases?limit=200{cursor}")).json();
            let page_ids = page["cases"].as_array().unwrap().iter();
            ids.extend(page_ids.map(|case| case["case_id"].as_str().unwrap().to_owned()));
            match page["next"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
        }
        assert_eq!(ids.len(), cases as usize);
        test(kind, &desk, &ids);
    }
}

/// A name as the service gives them, which it has not given.
fn unknown(kind: char, n: usize) -> String {
    format!("{kind}{:020x}", (n as u128 + 1) * 0x9E37_79B9_7F4A_7C15_u128 % (1 << 80))
}

/// Everything of an answer but the clock's time.
fn seen(answer: Answer) -> (u16, Vec<(String, String)>, String) {
    let mut headers: Vec<(String, String)> = answer
        .headers
        .iter()
        .filter(|(name, _)| *name != "date")
        .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
        .collect();
    headers.sort();
    (answer.status, headers, answer.body)
}

#[test]
fn an_unknown_name_and_a_forbidden_one_are_answered_alike_to_the_byte() {
    on_each(2, |kind, desk, cases| {
        let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
        let post = |name: &str, path: &str, body: Value| desk.command(name, "POST", path, Some(body)).json();
        let benign = json!({ "outcome": "benign", "reason": "evidence_too_thin" });
        assert_eq!(desk.decide_as("cy", &cases[1], &benign).status, 200);
        let proposal = post("cy", "/v1/proposals", json!({ "act": "read_more" }));
        let view = post("cy", "/v1/views", json!({ "claim": "mine" }));
        let names = [
            ("/v1/cases/{id}", cases[0].clone(), 'c'),
            ("/v1/cases/{id}", cases[1].clone(), 'c'),
            ("/v1/proposals/{id}", proposal["proposal_id"].as_str().unwrap().to_owned(), 'p'),
            ("/v1/views/{id}", view["view_id"].as_str().unwrap().to_owned(), 'v'),
        ];
        let mut compared = 0;
        for (start, forbidden, letter) in names {
            for (path, item) in document["paths"].as_object().unwrap() {
                let Some(rest) = path.strip_prefix(start) else { continue };
                for (method, operation) in item.as_object().unwrap() {
                    // Only those with the right read in an emergency, and that is in the log and judged.
                    if operation["operationId"] == "readInEmergency" {
                        continue;
                    }
                    let body = crate::review_access::body_of(&document, operation, &unknown('c', 1 << 20));
                    let body = body.map(|body| body.to_string());
                    let ask = |id: &str| {
                        let path = format!("{}{rest}", start.replace("{id}", id));
                        let bearer = crate::desk::bearer("eve");
                        let headers = [
                            ("authorization", bearer.as_str()),
                            ("content-type", "application/json"),
                            ("if-match", "*"),
                        ];
                        seen(desk.ask(&method.to_uppercase(), &path, &headers, body.as_deref()))
                    };
                    let (there, not_there) = (ask(&forbidden), ask(&unknown(letter, compared)));
                    assert_eq!(there, not_there, "{kind}: {method} {path}");
                    compared += 1;
                }
            }
        }
        assert!(compared > 25, "{compared}");
    });
}

fn median(took_us: &mut [f64]) -> f64 {
    took_us.sort_by(f64::total_cmp);
    took_us[took_us.len() / 2]
}

#[test]
#[ignore = "a measurement"]
fn how_long_an_unknown_name_and_a_forbidden_one_take() {
    const PAIRS: usize = 6000;
    on_each(2000, |kind, desk, cases| {
        let proposals: Vec<String> = (0..500)
            .map(|_| {
                let made = desk.command("cy", "POST", "/v1/proposals", Some(json!({ "act": "read_more" })));
                made.json()["proposal_id"].as_str().unwrap().to_owned()
            })
            .collect();
        let skip = json!({ "reason": "needs_a_break" });
        type Route<'a> = (&'a str, &'a str, &'a [String], char, Option<Value>);
        let routes: [Route<'_>; 5] = [
            ("GET", "/v1/cases/{id}", cases, 'c', None),
            ("GET", "/v1/cases/{id}/statement", cases, 'c', None),
            ("POST", "/v1/cases/{id}/claim", cases, 'c', None),
            ("POST", "/v1/cases/{id}/skip", cases, 'c', Some(skip)),
            ("GET", "/v1/proposals/{id}", &proposals, 'p', None),
        ];
        for (method, path, known, letter, body) in routes {
            let ask = |id: &str| {
                let path = path.replace("{id}", id);
                let began = Instant::now();
                let answer = desk.command("eve", method, &path, body.clone());
                let took = began.elapsed().as_secs_f64() * 1e6;
                assert_eq!(answer.status, 404, "{answer:?}");
                took
            };
            let (mut forbidden, mut missing) = (Vec::new(), Vec::new());
            for n in 0..PAIRS + 200 {
                // Each of a pair comes first as often as the other; the first pairs only warm up.
                let (id, other) = (&known[n * 7919 % known.len()], unknown(letter, n));
                let (a, b) = if n % 2 == 0 {
                    let a = ask(id);
                    (a, ask(&other))
                } else {
                    let b = ask(&other);
                    (ask(id), b)
                };
                if n >= 200 {
                    forbidden.push(a);
                    missing.push(b);
                }
            }
            let (a, b) = (median(&mut forbidden), median(&mut missing));
            let percent = (a - b).abs() / b * 100.0;
            println!("{kind} {method} {path}: forbidden {a:.0} us, unknown {b:.0} us, {percent:.1} % apart");
            assert!(percent < 5.0, "{percent}");
        }
    });
}
