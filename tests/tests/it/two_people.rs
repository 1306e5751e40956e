//! What takes two people, what can be taken back, and appeals; on SQLite and on PostgreSQL.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Barrier, mpsc};
use std::thread;

use reviewer::Resolver;
use serde_json::{Value, json};
use silhouette_tests::postgres::Postgres;

use crate::desk::{Desk, Setup, bearer, flag};

fn abusive(action: &str) -> Value {
    json!({ "outcome": "abusive", "category": "child_safety", "policy": "minor_safety",
            "reason": "persists_after_refusals", "action": action })
}

/// An approval as it goes over the wire, on a connection of its own.
fn approval(name: &str, proposal: &Value) -> String {
    let (id, hash) = (proposal["proposal_id"].as_str().unwrap(), &proposal["content_hash"]);
    let body = json!({ "content_hash": hash }).to_string();
    format!(
        "POST /v1/proposals/{id}/approval HTTP/1.1\r\nhost: localhost\r\nauthorization: {}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
        bearer(name),
        body.len(),
    )
}

/// A desk on each database with a case for each of so many accounts, and their names, first the first to look at.
fn on_each(setup: &Setup, accounts: u32, test: impl Fn(&Desk, &[String])) {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let clock = reviewer::Clock::default();
        let desk = Desk::with(Setup { database, clock, ..setup.clone() });
        desk.feed(&(0..accounts).map(|n| flag(n * 3, 0, 0.5 + f64::from(n) / 100.0)).collect::<Vec<_>>());
        desk.wait_for_records("opened", accounts);
        let cases = desk.get("/v1/cases?limit=200").json()["cases"].clone();
        let cases: Vec<String> = cases
            .as_array()
            .unwrap()
            .iter()
            .map(|case| case["case_id"].as_str().unwrap().to_owned())
            .collect();
        test(&desk, &cases);
    }
}

fn staff() -> Setup {
    Setup::default()
        .and("cy", &["child_safety_analyst"])
        .and("bo", &["lead"])
        .and("dee", &["lead"])
        .and("eve", &["analyst"])
        .and("pat", &["privacy_officer"])
        .and("quinn", &["privacy_officer"])
        .and("ops", &["operator"])
        .and("platform", &["external"])
        .and("sam", &["data_scientist"])
}

fn see(desk: &Desk, name: &str, case: &str) {
    assert_eq!(desk.get_as(name, &format!("/v1/cases/{case}")).status, 200);
}

fn approve(desk: &Desk, name: &str, proposal: &Value) -> (u16, String) {
    let id = proposal["proposal_id"].as_str().unwrap();
    let body = json!({ "content_hash": proposal["content_hash"] });
    let answer = desk.command(name, "POST", &format!("/v1/proposals/{id}/approval"), Some(body));
    let said = if answer.status == 200 {
        answer.json()["status"].as_str().unwrap().to_owned()
    } else {
        answer.problem()
    };
    (answer.status, said)
}

#[test]
fn a_suspension_takes_another_person_who_saw_the_evidence() {
    on_each(&staff(), 2, |desk, cases| {
        let case = &cases[0];
        let unseen = desk.command("cy", "POST", &format!("/v1/cases/{case}/claim"), None);
        assert_eq!(unseen.status, 200);
        let headers = [
            ("authorization", "Bearer token-of-cy"),
            ("content-type", "application/json"),
            ("if-match", "\"1\""),
        ];
        let path = format!("/v1/cases/{case}/decision");
        let unseen = desk.ask("POST", &path, &headers, Some(&abusive("suspend").to_string()));
        assert_eq!((unseen.status, unseen.problem().as_str()), (409, "evidence-not-seen"));

        let proposed = desk.decide_as("cy", case, &abusive("suspend"));
        assert_eq!(proposed.status, 202, "{proposed:?}");
        let proposal = proposed.json();
        assert_eq!(desk.get(&format!("/v1/cases/{case}")).json()["status"], "open");
        assert_eq!(desk.get("/v1/labels").body, "");
        assert_eq!(approve(desk, "cy", &proposal), (403, "forbidden".to_owned()), "cy approves nothing");
        assert_eq!(approve(desk, "bo", &proposal), (409, "evidence-not-seen".to_owned()));
        see(desk, "bo", case);
        let other = json!({ "proposal_id": proposal["proposal_id"], "content_hash": "0".repeat(64) });
        assert_eq!(approve(desk, "bo", &other), (409, "other-content".to_owned()));
        assert_eq!(approve(desk, "bo", &proposal), (200, "approved".to_owned()));
        see(desk, "dee", case);
        assert_eq!(approve(desk, "dee", &proposal), (409, "already-settled".to_owned()));

        let decided = desk.get(&format!("/v1/cases/{case}")).json();
        assert_eq!(
            (&decided["decision"]["by"], &decided["decision"]["seconded_by"]),
            (&json!("cy"), &json!("bo"))
        );
        assert_eq!(desk.get("/v1/labels").body.lines().count(), 1);

        // A lead may do both halves, but not alone.
        let own = desk.decide_as("bo", &cases[1], &abusive("refer")).json();
        assert_eq!(approve(desk, "bo", &own), (403, "own-proposal".to_owned()));
    });
}

#[test]
fn a_proposal_is_void_once_the_case_has_changed() {
    on_each(&staff(), 1, |desk, cases| {
        let proposal = desk.decide_as("cy", &cases[0], &abusive("suspend")).json();
        let again = desk.decide_as("cy", &cases[0], &abusive("watch"));
        assert_eq!((again.status, again.problem().as_str()), (409, "waits-for-second-person"));
        desk.feed(&[flag(0, 1, 0.97)]);
        desk.wait_for_records("appended", 1);
        see(desk, "bo", &cases[0]);
        assert_eq!(approve(desk, "bo", &proposal), (200, "void".to_owned()));
        assert_eq!(desk.get("/v1/labels").body, "");
        assert_eq!(desk.decide_as("cy", &cases[0], &abusive("watch")).status, 200, "it can be decided again");
    });
}

#[test]
fn what_nobody_approves_within_a_day_expires_and_its_case_waits_again() {
    on_each(&staff(), 1, |desk, cases| {
        let case = &cases[0];
        let next = |name: &str| desk.command(name, "POST", "/v1/queues/child_safety/next", None).status;
        let proposal = desk.decide_as("cy", case, &abusive("suspend")).json();
        see(desk, "bo", case);
        desk.setup().clock.advance(24 * 3_600_000 - 60_000);
        assert_eq!(
            (next("cy"), desk.get("/v1/queues").json()["queues"][0]["waiting_for_second"].clone()),
            (204, json!(1))
        );
        desk.setup().clock.advance(60_000);
        assert_eq!(approve(desk, "bo", &proposal).0, 409);
        crate::review_races::until("the case to wait again", || (next("cy") == 200).then_some(()));
        let path = format!("/v1/proposals/{}", proposal["proposal_id"].as_str().unwrap());
        assert_eq!(desk.get_as("cy", &path).json()["status"], "expired");
        assert_eq!(desk.decide_as("cy", case, &abusive("watch")).status, 200);
        assert!(desk.get("/v1/audit/entries?limit=200").body.contains("\"act\":\"expireProposal\""));
    });
}

#[test]
fn a_claim_that_is_not_renewed_goes_back_after_ten_minutes() {
    on_each(&staff(), 1, |desk, cases| {
        let next = |name: &str| desk.command(name, "POST", "/v1/queues/child_safety/next", None).status;
        assert_eq!((next("cy"), next("bo")), (200, 204));
        desk.setup().clock.advance(9 * 60_000);
        assert_eq!((next("cy"), next("bo")), (200, 204), "asking again renews it");
        desk.setup().clock.advance(9 * 60_000);
        assert_eq!(next("bo"), 204);
        desk.setup().clock.advance(60_000);
        assert_eq!(next("bo"), 200);
        assert_eq!(desk.decide_as("cy", &cases[0], &abusive("watch")).problem(), "case-claimed");
    });
}

#[test]
fn a_thousand_approvals_at_once_have_one_effect() {
    on_each(&staff(), 1, |desk, cases| {
        let proposal = desk.decide_as("cy", &cases[0], &abusive("suspend")).json();
        for name in ["bo", "dee", "ana"] {
            see(desk, name, &cases[0]);
        }
        let together = Barrier::new(1000);
        let address = desk.url("").replace("http://", "");
        let answers: Vec<String> = thread::scope(|scope| {
            let run = |n: usize| {
                let (request, together) = (approval(["bo", "dee", "ana"][n % 3], &proposal), &together);
                let mut connection = TcpStream::connect(&address).unwrap();
                let ask = move || {
                    together.wait();
                    connection.write_all(request.as_bytes()).unwrap();
                    let mut answer = String::new();
                    connection.read_to_string(&mut answer).unwrap();
                    answer
                };
                thread::Builder::new().stack_size(256 * 1024).spawn_scoped(scope, ask).unwrap()
            };
            let threads: Vec<_> = (0..1000).map(run).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let with = |text: &str| answers.iter().filter(|answer| answer.contains(text)).count();
        let (approved, settled) = (with("\"status\":\"approved\""), with("problem:already-settled"));
        assert_eq!((approved, settled, answers.len()), (1, 999, 1000));
        assert_eq!(desk.get("/v1/labels").body.lines().count(), 1);
    });
}

#[test]
fn a_decision_is_taken_back_as_an_event_and_the_label_with_it() {
    on_each(&staff(), 1, |desk, cases| {
        let case = &cases[0];
        assert_eq!(desk.decide_as("cy", case, &abusive("watch")).status, 200);
        let undo = |name: &str, etag: &str| {
            let bearer = crate::desk::bearer(name);
            let headers = [
                ("authorization", bearer.as_str()),
                ("content-type", "application/json"),
                ("if-match", etag),
            ];
            let path = format!("/v1/cases/{case}/decision");
            desk.ask("DELETE", &path, &headers, Some(r#"{"reason":"wrong_choice"}"#))
        };
        assert_eq!(undo("cy", "\"1\"").problem(), "case-changed");
        assert_eq!(
            undo("eve", "\"2\"").problem(),
            "not-found",
            "another queue's case does not exist for eve"
        );
        let undone = undo("cy", "\"2\"");
        assert_eq!((undone.status, undone.header("etag")), (200, "\"3\""), "{undone:?}");
        assert_eq!(undone.json()["status"], "open");
        let kinds: Vec<String> = undone.json()["history"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["kind"].as_str().unwrap().to_owned())
            .collect();
        assert_eq!(kinds, ["flag", "decision", "undone"]);
        assert_eq!(desk.get("/v1/labels").body, "");
        assert_eq!(undo("cy", "\"3\"").problem(), "case-not-decided");
        let again =
            desk.decide_as("bo", case, &json!({ "outcome": "benign", "reason": "evidence_too_thin" }));
        assert_eq!(again.status, 200, "{again:?}");
        assert_eq!(desk.get("/v1/labels").body.lines().count(), 1);
    });
}

#[test]
fn an_appeal_goes_to_somebody_else_and_reaches_the_labels() {
    on_each(&staff(), 1, |desk, cases| {
        let case = &cases[0];
        let proposal = desk.decide_as("bo", case, &abusive("suspend")).json();
        see(desk, "dee", case);
        assert_eq!(approve(desk, "dee", &proposal).0, 200);

        let statement = desk.get_as("platform", &format!("/v1/cases/{case}/statement")).json();
        assert!(statement["ground"].as_str().unwrap().contains("Safety of minors"), "{statement}");
        assert!(statement["redress"].as_str().unwrap().contains("six months"));
        assert!(statement["scope"].as_str().unwrap().contains("until the decision is lifted"));
        assert!(statement["initiative"].as_str().unwrap().contains("not enough alone"), "{statement}");
        assert!(statement["means"].as_str().unwrap().contains("automated means"));
        assert_eq!(desk.get_as("platform", &format!("/v1/cases/{case}")).problem(), "forbidden");
        let appeal = json!({ "ground": "innocent_cause" });
        let path = format!("/v1/cases/{case}/appeals");
        let opened = desk.command("platform", "POST", &path, Some(appeal.clone()));
        assert_eq!(opened.status, 201, "{opened:?}");
        assert_eq!(desk.command("platform", "POST", &path, Some(appeal)).problem(), "appeal-open");
        let id = opened.json()["appeal_id"].as_str().unwrap().to_owned();

        let body = json!({ "outcome": "overturn", "reason": "innocent_cause_shown" });
        let settle = |name: &str| {
            see(desk, name, case);
            desk.command(name, "POST", &format!("/v1/appeals/{id}/decision"), Some(body.clone()))
        };
        for own in ["bo", "dee"] {
            assert_eq!(desk.get_as(own, "/v1/appeals").json()["appeals"], json!([]), "{own} decided it");
            assert_eq!(settle(own).problem(), "own-decision");
        }
        assert_eq!(desk.get("/v1/appeals").json()["appeals"][0]["appeal_id"], id);
        assert_eq!(settle("ana").status, 200);
        assert_eq!(settle("ana").problem(), "already-settled");
        let labels = desk.get("/v1/labels").body;
        let labels: Vec<Value> = labels.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!((&labels[0]["label"], &labels[0]["source"]), (&json!("abusive"), &json!("reviewer")));
        assert_eq!((&labels[1]["label"], &labels[1]["source"]), (&json!("benign"), &json!("appeal")));
        assert!(labels[1]["ts"].as_u64().unwrap() >= labels[0]["ts"].as_u64().unwrap());
    });
}

#[test]
fn roles_erasures_holds_and_models_take_two_as_well() {
    on_each(&staff(), 2, |desk, cases| {
        let propose = |name: &str, body: Value| desk.command(name, "POST", "/v1/proposals", Some(body));
        // A role: granted by two, revoked by one, from the next request on.
        let grant = propose("ops", json!({ "act": "grant_role", "person": "eve", "role": "lead" }));
        assert_eq!(grant.status, 201, "{grant:?}");
        assert_eq!(desk.get_as("eve", "/v1/appeals").problem(), "forbidden");
        assert_eq!(approve(desk, "ops", &grant.json()), (403, "forbidden".to_owned()));
        assert_eq!(approve(desk, "bo", &grant.json()), (200, "approved".to_owned()));
        assert_eq!(desk.get_as("eve", "/v1/appeals").status, 200);
        assert_eq!(desk.command("ops", "DELETE", "/v1/people/eve/roles/lead", None).status, 204);
        assert_eq!(desk.get_as("eve", "/v1/appeals").problem(), "forbidden", "on the very next request");

        // An erasure, kept back by a hold until that is released.
        let held = desk.command("pat", "POST", "/v1/holds", Some(json!({ "case_id": cases[0] })));
        assert_eq!(held.status, 201, "{held:?}");
        let erase = propose("pat", json!({ "act": "erase", "case_id": cases[0] })).json();
        assert_eq!(approve(desk, "pat", &erase), (403, "own-proposal".to_owned()));
        assert_eq!(approve(desk, "quinn", &erase), (409, "under-hold".to_owned()));
        let release =
            propose("pat", json!({ "act": "release_hold", "hold_id": held.json()["hold_id"] })).json();
        assert_eq!(approve(desk, "quinn", &release), (200, "approved".to_owned()));
        let account =
            desk.get(&format!("/v1/cases/{}", cases[0])).json()["account"].as_str().unwrap().to_owned();
        assert_eq!(approve(desk, "quinn", &erase), (200, "approved".to_owned()));
        assert_eq!(desk.get(&format!("/v1/cases/{}", cases[0])).status, 404);
        let search = json!({ "account": account, "purpose": "access_request" });
        assert_eq!(desk.command("ana", "POST", "/v1/searches", Some(search)).status, 404);

        // A model.
        let model = propose("sam", json!({ "act": "promote_model", "model": "8a1f03c2d4e5b697" })).json();
        assert_eq!(approve(desk, "sam", &model), (403, "forbidden".to_owned()));
        assert_eq!(approve(desk, "dee", &model), (200, "approved".to_owned()));
        let outside = propose("sam", json!({ "act": "erase", "case_id": cases[1] }));
        assert_eq!(outside.problem(), "forbidden");
        let text = propose("sam", json!({ "act": "promote_model", "model": "the best one" }));
        assert_eq!((text.status, text.json()["errors"][0]["pointer"].clone()), (422, json!("/model")));
    });
}

#[test]
fn an_identity_is_asked_of_the_platform_after_two_agreed_and_never_kept() {
    let (requests, received) = mpsc::channel();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/resolve", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut text = Vec::new();
            let mut part = [0; 4096];
            while !text.ends_with(b"}") {
                let read = stream.read(&mut part).unwrap();
                text.extend_from_slice(&part[..read]);
            }
            requests.send(String::from_utf8(text).unwrap()).unwrap();
            let body = r#"{"name":"a name that is nowhere kept"}"#;
            write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len()).unwrap();
        }
    });
    let secret = b"a secret of this test alone".to_vec();
    let setup = Setup { resolver: Some(Resolver { url, secret: secret.clone() }), ..staff() };
    on_each(&setup, 1, |desk, cases| {
        let body = json!({ "act": "reveal", "case_id": cases[0], "purpose": "referral" });
        let proposal = desk.command("cy", "POST", "/v1/proposals", Some(body)).json();
        let path = format!("/v1/proposals/{}/identity", proposal["proposal_id"].as_str().unwrap());
        assert_eq!(desk.command("cy", "POST", &path, None).problem(), "forbidden");
        assert_eq!(approve(desk, "pat", &proposal), (200, "approved".to_owned()));
        assert_eq!(desk.command("bo", "POST", &path, None).problem(), "not-found", "only for who asked");
        let identity = desk.command("cy", "POST", &path, None);
        assert_eq!(identity.json()["name"], "a name that is nowhere kept", "{identity:?}");
        assert_eq!(identity.header("cache-control"), "no-store");

        let request = received.recv().unwrap();
        let header = |name: &str| {
            let line = request.lines().find(|line| line.to_lowercase().starts_with(name)).unwrap();
            line.split_once(": ").unwrap().1.to_owned()
        };
        let body = request.split_once("\r\n\r\n").unwrap().1;
        let signed = format!("{}.{}.{body}", header("webhook-id"), header("webhook-timestamp"));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &secret);
        let tag = ring::hmac::sign(&key, signed.as_bytes());
        use base64::Engine;
        let expected = format!("v1,{}", base64::engine::general_purpose::STANDARD.encode(tag));
        assert_eq!(header("webhook-signature"), expected);

        let log = desk.get("/v1/audit/entries?limit=200").body;
        assert!(log.contains("revealIdentity") && !log.contains("nowhere kept"), "{log}");
    });
}
