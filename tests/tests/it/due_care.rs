//! Emergencies, second looks, and what the work asks of those who do it; on SQLite and on PostgreSQL.

use std::collections::BTreeSet;

use platform::Source;
use review::{Care, Quality};
use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;

use crate::desk::{Answer, Desk, Setup, flag};

const MINUTE_MS: u64 = 60 * 1000;

/// A desk on each database with a case for each of so many accounts, and their names, first the first to look at.
fn on_each(setup: &Setup, accounts: u32, test: impl Fn(&mut Desk, &[String])) {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let clock = reviewer::Clock::default();
        let mut desk = Desk::with(Setup { database, clock, ..setup.clone() });
        desk.feed(&(0..accounts).map(|n| flag(n * 3, 0, 0.9 - f64::from(n) / 1000.0)).collect::<Vec<_>>());
        desk.wait_for_records("opened", accounts);
        let cases = desk.get("/v1/cases?limit=200").json()["cases"].clone();
        let name = |case: &Value| case["case_id"].as_str().unwrap().to_owned();
        let cases: Vec<String> = cases.as_array().unwrap().iter().map(name).collect();
        test(&mut desk, &cases);
    }
}

fn benign() -> Value {
    json!({ "outcome": "benign", "reason": "evidence_too_thin" })
}

fn abusive() -> Value {
    json!({ "outcome": "abusive", "category": "child_safety", "policy": "minor_safety",
            "reason": "persists_after_refusals", "action": "watch" })
}

fn next(desk: &Desk, name: &str) -> Answer {
    desk.command(name, "POST", "/v1/queues/child_safety/next", None)
}

/// What becomes of a decision on a case that was perhaps never read.
fn decide_any(desk: &Desk, name: &str, case: &str) -> Answer {
    let bearer = crate::desk::bearer(name);
    let headers =
        [("authorization", bearer.as_str()), ("content-type", "application/json"), ("if-match", "*")];
    desk.ask("POST", &format!("/v1/cases/{case}/decision"), &headers, Some(&benign().to_string()))
}

fn case_of(answer: &Answer) -> String {
    assert_eq!(answer.status, 200, "{answer:?}");
    answer.json()["case_id"].as_str().unwrap().to_owned()
}

#[test]
fn an_emergency_is_read_at_once_and_judged_by_somebody_else_afterwards() {
    let setup =
        Setup::default().and("eve", &["analyst"]).and("cy", &["child_safety_analyst"]).and("bo", &["lead"]);
    on_each(&setup, 4, |desk, cases| {
        let read = |name: &str, case: &str| {
            let path = format!("/v1/cases/{case}/emergency-reads");
            desk.command(name, "POST", &path, Some(json!({ "reason": "child_in_danger" })))
        };
        assert_eq!(desk.get_as("eve", &format!("/v1/cases/{}", cases[0])).problem(), "not-found");
        let seen = read("eve", &cases[0]);
        assert_eq!(seen.status, 201, "{seen:?}");
        let seen = seen.json();
        assert_eq!(seen["case"]["case_id"], cases[0]);
        assert!(
            seen["case"]["account"].as_str().unwrap().starts_with("acct_")
                && seen["case"]["hidden"] == json!([])
        );
        assert_eq!(decide_any(desk, "eve", &cases[0]).problem(), "not-found", "it gives no right to decide");
        assert_eq!(read("cy", &cases[0]).problem(), "no-emergency", "cy may read it anyway");
        assert_eq!(read("eve", "c00000000000000000000").problem(), "not-found");

        // The platform is told, and it is in the log, before anything was answered.
        let mut source = desk.decisions();
        source.seek(&Default::default()).unwrap();
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        let told: Value = loop {
            let batch = source.poll(10, std::time::Duration::from_millis(100)).unwrap();
            if let Some(record) = batch.records.first() {
                break serde_json::from_slice(&record.value).unwrap();
            }
            assert!(std::time::Instant::now() < deadline, "nobody was told");
        };
        assert_eq!((&told["kind"], &told["case_id"]), (&json!("emergency_read"), &json!(cases[0])));
        assert!(desk.get("/v1/audit/entries?limit=200").body.contains("\"act\":\"readInEmergency\""));
        assert!(
            desk.ask("GET", "/metrics", &[], None).body.contains("silhouette_review_emergency_reads_total 1")
        );

        // After three that nobody has judged there is no fourth.
        assert_eq!((read("eve", &cases[1]).status, read("eve", &cases[2]).status), (201, 201));
        assert_eq!(read("eve", &cases[3]).problem(), "unreviewed-emergencies");
        let path = format!("/v1/emergencies/{}/review", seen["emergency"]["emergency_id"].as_str().unwrap());
        let judge = |name: &str| desk.command(name, "POST", &path, Some(json!({ "finding": "justified" })));
        assert_eq!(judge("eve").problem(), "forbidden");
        assert_eq!(desk.get_as("bo", "/v1/emergencies").json()["emergencies"].as_array().unwrap().len(), 3);
        assert_eq!((judge("bo").status, judge("bo").problem().as_str()), (200, "already-settled"));
        assert_eq!(read("eve", &cases[3]).status, 201);
    });
}

#[test]
fn nobody_judges_their_own_emergency() {
    let setup = Setup::default().and("eve", &["analyst", "privacy_officer"]);
    on_each(&setup, 1, |desk, cases| {
        let path = format!("/v1/cases/{}/emergency-reads", cases[0]);
        let read = desk.command("eve", "POST", &path, Some(json!({ "reason": "life_in_danger" })));
        let path =
            format!("/v1/emergencies/{}/review", read.json()["emergency"]["emergency_id"].as_str().unwrap());
        let judge = |name: &str| desk.command(name, "POST", &path, Some(json!({ "finding": "unjustified" })));
        assert_eq!(judge("eve").problem(), "own-emergency");
        assert_eq!(judge("ana").json()["finding"], "unjustified");
    });
}

#[test]
fn a_second_look_is_given_by_a_stranger_who_knows_nothing_of_the_first() {
    let quality = Quality { double_review: 1.0, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"]);
    on_each(&setup, 3, |desk, cases| {
        assert_eq!(case_of(&next(desk, "cy")), cases[0]);
        assert_eq!(desk.decide_as("cy", &cases[0], &abusive()).status, 200);
        let labels = desk.get("/v1/labels").body;
        let account = desk.get(&format!("/v1/cases/{}", cases[0])).json()["account"].clone();

        // Cy is not asked again, and neither is ana, who has just read what cy decided.
        assert_eq!(case_of(&next(desk, "cy")), cases[1]);
        assert_eq!(case_of(&next(desk, "ana")), cases[2]);
        let look = case_of(&next(desk, "dee"));
        assert!(!cases.contains(&look), "under a name of its own");
        let shown = desk.get_as("dee", &format!("/v1/cases/{look}"));
        let shown = shown.json();
        assert_eq!((&shown["status"], &shown["account"]), (&json!("open"), &account));
        assert!(shown["decision"].is_null());
        assert!(shown["history"].as_array().unwrap().iter().all(|entry| entry["kind"] == "flag"), "{shown}");
        for name in ["ana", "cy"] {
            assert_eq!(
                desk.get_as(name, &format!("/v1/cases/{look}")).problem(),
                "not-found",
                "for nobody else"
            );
        }
        // The case itself is kept from dee until they have decided: read, listed, by statement.
        assert_eq!(desk.get_as("dee", &format!("/v1/cases/{}", cases[0])).problem(), "second-look");
        assert_eq!(desk.get_as("dee", &format!("/v1/cases/{}/statement", cases[0])).problem(), "second-look");
        assert!(!desk.get_as("dee", "/v1/cases?limit=200").body.contains(&cases[0]));
        assert_eq!(case_of(&next(desk, "dee")), look, "it is kept in hand");

        let given = desk.decide_as("dee", &look, &benign());
        assert_eq!((given.status, given.json()["decision"]["by"].clone()), (200, json!("dee")), "{given:?}");
        assert_eq!(desk.decide_as("dee", &look, &benign()).problem(), "case-decided");
        assert_eq!(desk.get("/v1/labels").body, labels, "it changes nothing about the case");
        assert_eq!(desk.get_as("dee", &format!("/v1/cases/{}", cases[0])).json()["decision"]["by"], "cy");

        let found = desk.get("/v1/quality/disagreements").json()["disagreements"].clone();
        assert_eq!(
            (&found[0]["case_id"], &found[0]["first"], &found[0]["second"]),
            (&json!(cases[0]), &json!("child_safety"), &json!("benign"))
        );
        let quality = desk.get("/v1/quality").json()["queues"][0].clone();
        assert_eq!((&quality["pairs"], &quality["alike"]), (&json!(1), &json!(0)));
    });
}

#[test]
fn a_second_look_can_be_let_go_and_passed_on_and_one_that_lies_goes_back() {
    let quality = Quality { double_review: 1.0, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"])
        .and("fay", &["child_safety_analyst"]);
    on_each(&setup, 1, |desk, cases| {
        assert_eq!(desk.decide_as("cy", &cases[0], &benign()).status, 200);
        let look = case_of(&next(desk, "dee"));
        assert_eq!(next(desk, "fay").status, 204, "dee has it");
        assert_eq!(desk.command("dee", "DELETE", &format!("/v1/cases/{look}/claim"), None).status, 204);
        assert_eq!(case_of(&next(desk, "fay")), look);
        desk.setup().clock.advance(11 * MINUTE_MS);
        assert_eq!(case_of(&next(desk, "dee")), look, "back after ten minutes");
        assert_eq!(decide_any(desk, "fay", &look).problem(), "not-found", "no longer fay's");
        let skip = json!({ "reason": "knows_the_holder" });
        assert_eq!(desk.command("dee", "POST", &format!("/v1/cases/{look}/skip"), Some(skip)).status, 204);
        assert_eq!(next(desk, "dee").status, 204, "passed on");
    });
}

#[test]
fn a_second_look_is_noted_on_put_off_and_handed_over_as_any_case_is() {
    let quality = Quality { double_review: 1.0, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"])
        .and("eve", &["analyst"])
        .and("fay", &["child_safety_analyst"])
        .and("gus", &["child_safety_analyst"]);
    on_each(&setup, 1, |desk, cases| {
        assert_eq!(desk.decide_as("cy", &cases[0], &benign()).status, 200);
        let look = case_of(&next(desk, "dee"));
        let post = |name: &str, what: &str, body: serde_json::Value| {
            desk.command(name, "POST", &format!("/v1/cases/{look}/{what}"), Some(body))
        };
        let noted = post("dee", "notes", json!({ "code": "urgent" }));
        assert_eq!((noted.status, &noted.json()["case_id"]), (201, &json!(look)), "{noted:?}");
        let notes = |name: &str, case: &str| {
            let history = desk.get_as(name, &format!("/v1/cases/{case}")).json()["history"].clone();
            history.as_array().unwrap().iter().filter(|entry| entry["kind"] == "note").count()
        };
        assert_eq!((notes("dee", &look), notes("ana", &cases[0])), (1, 1));

        assert_eq!(post("dee", "hand-over", json!({ "to": "eve" })).problem(), "forbidden");
        let over = post("dee", "hand-over", json!({ "to": "fay" }));
        assert_eq!((over.status, over.json()["by"].clone()), (200, json!("fay")), "{over:?}");
        assert_eq!(next(desk, "dee").status, 204, "it is no longer dee's");
        assert_eq!(case_of(&next(desk, "fay")), look);
        assert_eq!(notes("fay", &look), 0, "what dee noted is not fay's to know");

        // Whoever decided is not given it, and nobody can tell from the answer.
        let over = post("fay", "hand-over", json!({ "to": "cy" }));
        assert_eq!((over.status, over.json()["by"].clone()), (200, json!("cy")), "{over:?}");
        assert_eq!(next(desk, "cy").status, 204);
        assert_eq!(case_of(&next(desk, "gus")), look);
        let until = u64::try_from(std::time::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap() + 3_600_000;
        let put_off = post("gus", "snooze", json!({ "reason": "waits_for_platform", "until": until }));
        assert_eq!((put_off.status, put_off.json()["until"].clone()), (200, json!(until)), "{put_off:?}");
        assert_eq!(next(desk, "gus").status, 204);
    });
}

#[test]
fn a_tenth_of_decisions_is_made_again_and_kappa_is_of_what_was_said() {
    let quality = Quality { double_review: 0.1, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"]);
    on_each(&setup, 150, |desk, cases| {
        for (n, case) in cases.iter().enumerate() {
            let finding = if n % 3 == 0 { abusive() } else { benign() };
            assert_eq!(desk.decide_as("cy", case, &finding).status, 200);
        }
        let (mut pairs, mut n) = (Vec::new(), 0);
        loop {
            let handed = next(desk, "dee");
            if handed.status == 204 {
                break;
            }
            let look = case_of(&handed);
            let account = desk.get_as("dee", &format!("/v1/cases/{look}")).json()["account"].clone();
            let finding = if n % 4 == 0 { abusive() } else { benign() };
            assert_eq!(desk.decide_as("dee", &look, &finding).status, 200);
            let search = json!({ "account": account, "purpose": "review_of_case" });
            let original =
                desk.command("dee", "POST", "/v1/searches", Some(search)).json()["case_id"].clone();
            let first = desk.get_as("dee", &format!("/v1/cases/{}", original.as_str().unwrap())).json()["decision"]["outcome"].clone();
            pairs.push((first.as_str().unwrap().to_owned(), finding["outcome"].as_str().unwrap().to_owned()));
            n += 1;
        }
        // Five standard deviations of 150 throws at a tenth are 18.
        assert!((2..=33).contains(&pairs.len()), "{} of 150", pairs.len());
        let expected = review::Agreement::of(&pairs);
        let found = desk.get("/v1/quality").json()["queues"][0].clone();
        assert_eq!(
            (found["pairs"].as_u64(), found["alike"].as_u64()),
            (Some(expected.pairs), Some(expected.alike))
        );
        match expected.kappa {
            Some(kappa) => {
                assert!((found["kappa"].as_f64().unwrap() - kappa).abs() < 1e-9, "{found} {expected:?}")
            }
            None => assert!(found["kappa"].is_null()),
        }
        println!("{} of 150 decisions made again, kappa {:?}", expected.pairs, expected.kappa);
    });
}

#[test]
fn a_case_whose_decision_is_known_to_be_right_is_handed_out_like_any_other() {
    let quality = Quality { double_review: 0.0, golden: 1.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"])
        .and("bo", &["lead"]);
    on_each(&setup, 3, |desk, cases| {
        let mark =
            |name: &str| desk.command(name, "POST", "/v1/golden", Some(json!({ "case_id": cases[0] })));
        assert_eq!(mark("bo").problem(), "case-not-decided");
        assert_eq!(desk.decide_as("cy", &cases[0], &abusive()).status, 200);
        assert_eq!(mark("dee").problem(), "forbidden");
        assert_eq!((mark("bo").status, mark("bo").status), (204, 204));
        let golden = case_of(&next(desk, "dee"));
        assert!(!cases.contains(&golden));
        assert_eq!(desk.decide_as("dee", &golden, &abusive()).status, 200);
        assert!(cases[1..].contains(&case_of(&next(desk, "dee"))), "once for each person");
        assert!(cases[1..].contains(&case_of(&next(desk, "cy"))), "never for who decided it");
        assert_eq!(next(desk, "bo").status, 204, "nor for who marked it");
        let own = desk.get_as("dee", "/v1/quality/mine").json();
        assert_eq!((&own["golden"], &own["golden_right"]), (&json!(1), &json!(1)));
        assert_eq!(desk.command("bo", "DELETE", &format!("/v1/golden/{}", cases[0]), None).status, 204);
        assert_eq!(
            desk.command("bo", "DELETE", &format!("/v1/golden/{}", cases[0]), None).problem(),
            "not-found"
        );
    });
}

#[test]
fn nobody_is_shown_more_than_is_good_for_them_and_breaks_are_reminded_of() {
    let care = Care { exposures_a_day: 4, ..Care::default() };
    let setup = Setup { care, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"]);
    on_each(&setup, 8, |desk, _| {
        let mut breaks = Vec::new();
        for _ in 0..4 {
            let handed = next(desk, "cy");
            let case = case_of(&handed);
            breaks.push(handed.json()["is_break_due"].as_bool().unwrap());
            assert_eq!(desk.decide_as("cy", &case, &benign()).status, 200);
            desk.setup().clock.advance(9 * MINUTE_MS);
        }
        assert_eq!(breaks, [false; 4]);
        let refused = next(desk, "cy");
        assert_eq!((refused.status, refused.problem().as_str()), (429, "exposure-limit"));
        assert_eq!(next(desk, "dee").status, 200, "others take over");
        let me = desk.get_as("cy", "/v1/me").json()["wellbeing"].clone();
        assert_eq!(
            (&me["exposures"], &me["exposures_a_day"], &me["is_break_due"]),
            (&json!(4), &json!(4), &json!(false))
        );
        desk.setup().clock.advance(24 * 60 * MINUTE_MS);
        assert_eq!(next(desk, "cy").status, 200, "a new day");
    });
    on_each(&Setup::default().and("cy", &["child_safety_analyst"]), 9, |desk, _| {
        let mut due = Vec::new();
        for _ in 0..7 {
            let handed = next(desk, "cy");
            due.push(handed.json()["is_break_due"].as_bool().unwrap());
            let case = case_of(&handed);
            assert_eq!(desk.decide_as("cy", &case, &benign()).status, 200);
            desk.setup().clock.advance(9 * MINUTE_MS);
        }
        assert_eq!(due, [false, false, false, false, false, false, true], "after 54 minutes without a break");
        assert_eq!(desk.get_as("cy", "/v1/me").json()["wellbeing"]["is_break_due"], true);
        desk.setup().clock.advance(10 * MINUTE_MS);
        assert_eq!(desk.get_as("cy", "/v1/me").json()["wellbeing"]["is_break_due"], false);
    });
}

#[test]
fn whoever_has_a_case_in_hand_keeps_it_also_where_a_second_look_waits_meanwhile() {
    let quality = Quality { double_review: 1.0, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"]);
    on_each(&setup, 2, |desk, cases| {
        assert_eq!(case_of(&next(desk, "cy")), cases[0]);
        assert_eq!(case_of(&next(desk, "dee")), cases[1]);
        assert_eq!(desk.decide_as("cy", &cases[0], &benign()).status, 200);
        assert_eq!(case_of(&next(desk, "dee")), cases[1]);
        assert_eq!(desk.decide_as("dee", &cases[1], &benign()).status, 200);
        let look = case_of(&desk.command("dee", "POST", "/v1/next", None));
        assert!(!cases.contains(&look), "also where no other case waits");
        let again = case_of(&desk.command("dee", "POST", "/v1/next", None));
        assert_eq!(again, look);
    });
}

/// A page without what is of one case alone: names, numbers, times.
fn shape_of(page: &str, case: &str) -> String {
    let short = page.split("title=\"acct_").nth(1).unwrap();
    let (account, short) = short.split_once("\">").unwrap();
    let short = short.split_once('<').unwrap().0;
    let mut page = page.replace(case, "CASE").replace(account, "ACCOUNT").replace(short, "SHORT");
    let name = page.split("name=\"proposal\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    if let Some(name) = name.map(str::to_owned) {
        page = page.replace(&name, "PROPOSAL");
    }
    let digits = page.chars().map(|c| if c.is_ascii_digit() { '#' } else { c });
    let mut shape = String::new();
    digits.for_each(|c| {
        if !(c == '#' && shape.ends_with(['#', '.'])) {
            shape.push(c);
        }
    });
    shape
}

/// What somebody sees of a case on the console from taking it to having decided it, and where it leads to.
fn seen_on_console(desk: &Desk, at: &str, form: &str) -> (Vec<String>, String) {
    let html = [("authorization", "Bearer token-of-dee"), ("accept", "text/html")];
    let case = at.trim_start_matches("/cases/").split('?').next().unwrap();
    let page = |path: &str| shape_of(&desk.ask("GET", path, &html, None).body, case);
    let before = page(&format!("/cases/{case}"));
    assert!(before.contains("Pass it on instead"), "{before}");
    let queue = desk.ask("GET", "/", &html, None).body;
    let hand = queue.split("id=\"h-hand\"").nth(1).unwrap().split("</section>").next().unwrap().to_owned();
    assert!(hand.contains(case) && !queue.contains(&format!("data-case=\"{case}\"")), "{queue}");
    let counted = queue.split("<span class=\"count\">").nth(1).unwrap().split('<').next().unwrap();
    assert_eq!(counted, queue.matches("data-case=").count().to_string(), "what is in hand is counted apart");
    let headers = [html[0], html[1], ("content-type", "application/x-www-form-urlencoded")];
    let decided = desk.ask("POST", &format!("/cases/{case}/decision"), &headers, Some(form));
    assert_eq!(decided.status, 303, "{decided:?}");
    let to = decided.header("location").to_owned();
    let query = to.split_once('?').unwrap().1.replace(case, "CASE");
    let told = desk.ask("GET", &to, &html, None).body;
    let told = told.split("<div class=\"notice done\"").nth(1).unwrap().split("</div>").next().unwrap();
    let told = told.replace(case, "CASE");
    (vec![before, shape_of(&hand, case), query, told, page(&format!("/cases/{case}"))], to)
}

#[test]
fn the_console_shows_a_second_look_as_it_shows_any_case() {
    let quality = Quality { double_review: 1.0, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"]);
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let desk = Desk::with(Setup { database, ..setup.clone() });
        // Weeks apart within a month, and alike but for that.
        let flags = [(1, 0.88), (3, 0.87), (2, 0.86), (4, 0.85)].map(|(week, p)| flag(week * 168, 0, p));
        desk.feed(&flags);
        desk.wait_for_records("opened", 4);
        for _ in 0..2 {
            let case = case_of(&next(&desk, "cy"));
            assert_eq!(desk.decide_as("cy", &case, &abusive()).status, 200);
        }
        let headers = [("authorization", "Bearer token-of-dee")];
        let taken = desk.ask("POST", "/next", &headers, Some(""));
        assert_eq!(taken.status, 303, "{taken:?}");
        let benign = "version=1&outcome=benign&benign_reason=evidence_too_thin";
        let suspend = "version=1&outcome=abusive&category=child_safety&policy=minor_safety\
                       &abusive_reason=persists_after_refusals&action=suspend";
        let mut at = taken.header("location").to_owned();
        let mut seen = Vec::new();
        for form in [benign, suspend, benign, suspend] {
            let (pages, to) = seen_on_console(&desk, &at, form);
            seen.push(pages);
            at = to;
        }
        assert!(at.starts_with("/?proposed="), "nothing else waits: {at}");
        for (second, first) in [(0, 2), (1, 3)] {
            for (second, first) in seen[second].iter().zip(&seen[first]) {
                assert_eq!(second, first, "a second look can be told from a first one");
            }
        }
        // Two of the four were second looks, and nothing came of them but that.
        let labels = desk.get("/v1/labels").body;
        assert_eq!(labels.lines().count(), 3, "{labels}");
        assert_eq!(desk.get("/v1/quality").json()["queues"][0]["pairs"], 2);
    }
}

#[test]
fn there_is_no_leader_board() {
    let quality = Quality { double_review: 1.0, golden: 0.0 };
    let setup = Setup { quality, ..Setup::default() }
        .and("cy", &["child_safety_analyst"])
        .and("dee", &["child_safety_analyst"]);
    let desk = Desk::with(setup);
    desk.feed(&[flag(0, 0, 0.9)]);
    desk.wait_for_records("opened", 1);
    let case = case_of(&next(&desk, "cy"));
    assert_eq!(desk.decide_as("cy", &case, &abusive()).status, 200);
    let look = case_of(&next(&desk, "dee"));
    assert_eq!(desk.decide_as("dee", &look, &benign()).status, 200);
    for path in ["/v1/quality", "/v1/quality/mine", "/v1/quality/disagreements"] {
        let answer = desk.get(path);
        assert_eq!(answer.status, 200);
        assert!(!["cy", "dee"].iter().any(|name| answer.body.contains(&format!("\"{name}\""))), "{answer:?}");
    }
    // And no way to ask for somebody else's figures.
    let document = desk.ask("GET", "/v1/openapi.json", &[], None).json();
    let paths = document["paths"].as_object().unwrap();
    let parameters = paths.iter().filter(|(path, _)| path.starts_with("/v1/quality"));
    let parameters =
        parameters.flat_map(|(_, item)| item["get"]["parameters"].as_array().into_iter().flatten());
    let names: BTreeSet<&str> = parameters.map(|parameter| parameter["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["cursor", "limit"].into());
}
