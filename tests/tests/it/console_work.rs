//! What people do on a case's page besides deciding it, as a browser sends it; on SQLite and on PostgreSQL.

use serde_json::json;
use silhouette_tests::postgres::Postgres;

use crate::desk::{Answer, Desk, Setup, bearer, flag};

const SUSPEND: &str = "version=1&outcome=abusive&category=child_safety&policy=minor_safety\
                       &abusive_reason=persists_after_refusals&action=suspend";

/// A desk on each database with three cases, and their names, first the first to look at.
fn on_each(test: impl Fn(&Desk, &[String])) {
    let postgres = Postgres::shared().map(|server| server.database().unwrap());
    for database in [Some(None), postgres.map(Some)].into_iter().flatten() {
        let setup = Setup { database, ..Setup::default() }
            .and("cy", &["child_safety_analyst"])
            .and("dee", &["child_safety_analyst"])
            .and("eve", &["analyst"])
            .and("bo", &["lead"]);
        let desk = Desk::with(setup);
        desk.feed(&(0..3).map(|n| flag(n * 3, 0, 0.9 - f64::from(n) / 100.0)).collect::<Vec<_>>());
        desk.wait_for_records("opened", 3);
        let listed = desk.get("/v1/cases").json()["cases"].clone();
        let listed = listed.as_array().unwrap().iter();
        let cases: Vec<String> = listed.map(|case| case["case_id"].as_str().unwrap().to_owned()).collect();
        test(&desk, &cases);
    }
}

fn page(desk: &Desk, name: &str, case: &str) -> String {
    let bearer = bearer(name);
    let headers = [("authorization", bearer.as_str()), ("accept", "text/html")];
    desk.ask("GET", &format!("/cases/{case}"), &headers, None).body
}

fn send(desk: &Desk, name: &str, case: &str, (form, fields): (&str, &str)) -> Answer {
    let bearer = bearer(name);
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/x-www-form-urlencoded")];
    desk.ask("POST", &format!("/cases/{case}/{form}"), &headers, Some(fields))
}

/// Sends a form that is done, and gives where it leads to.
#[track_caller]
fn done(desk: &Desk, name: &str, case: &str, form: (&str, &str)) -> String {
    let answer = send(desk, name, case, form);
    assert_eq!(answer.status, 303, "{form:?}: {answer:?}");
    answer.header("location").to_owned()
}

/// The values of the choices of a form's field.
fn choices(page: &str, field: &str) -> Vec<String> {
    let select = page.split(&format!("id=\"{field}\"")).nth(1).unwrap().split("</select>").next().unwrap();
    let values = select.split("<option value=\"").skip(1).map(|option| option.split('"').next().unwrap());
    values.filter(|value| !value.is_empty()).map(str::to_owned).collect()
}

#[test]
fn a_case_is_noted_on_handed_over_let_go_and_put_off_on_its_page() {
    on_each(|desk, cases| {
        let case = &cases[0];
        let shown = page(desk, "cy", case);
        assert_eq!(choices(&shown, "hand-over-to"), ["ana", "bo", "dee"], "who may take it, but oneself");
        for (form, field) in [("notes", "note-code"), ("snooze", "snooze-reason")] {
            assert!(!choices(&shown, field).is_empty());
            assert_eq!(send(desk, "cy", case, (form, "")).status, 400, "nothing was chosen");
        }
        let other = ("notes", "code=same_holder");
        assert_eq!(send(desk, "cy", case, other).status, 400, "there is no other case to name here");
        for code in choices(&shown, "note-code") {
            let to = done(desk, "cy", case, ("notes", &format!("code={code}")));
            assert_eq!(to, format!("/cases/{case}"));
        }
        assert!(page(desk, "bo", case).contains("An innocent cause looks likely"));

        assert_eq!(desk.command("cy", "POST", &format!("/v1/cases/{case}/claim"), None).status, 200);
        assert_eq!(send(desk, "dee", case, ("release", "")).problem(), "case-claimed");
        assert_eq!(done(desk, "cy", case, ("hand-over", "to=dee")), "/");
        let hand = || desk.get(&format!("/v1/cases/{case}")).json()["claim"]["by"].clone();
        assert_eq!(hand(), "dee");
        assert_eq!(
            send(desk, "dee", case, ("hand-over", "to=eve")).problem(),
            "forbidden",
            "not eve's queue"
        );
        assert_eq!(done(desk, "dee", case, ("release", "")), "/");
        assert!(hand().is_null());
        assert_eq!(send(desk, "eve", case, ("release", "")).problem(), "not-found");

        assert_eq!(send(desk, "cy", case, ("snooze", "reason=waits_for_platform&days=31")).status, 400);
        assert_eq!(done(desk, "cy", case, ("snooze", "reason=waits_for_platform&days=3")), "/");
        let next = desk.command("cy", "POST", "/v1/next", None).json();
        assert_eq!(next["case_id"], json!(cases[1]), "the next one is another");
        assert_eq!(desk.get("/v1/queues").json()["queues"][0]["snoozed"], 1);
    });
}

#[test]
fn a_second_person_says_yes_or_no_on_the_page_and_a_decision_is_taken_back_there() {
    on_each(|desk, cases| {
        let case = &cases[0];
        let propose = || {
            page(desk, "cy", case);
            done(desk, "cy", case, ("decision", SUSPEND));
        };
        let second = |name: &str| {
            let page = page(desk, name, case);
            let value = |field: &str| {
                let field = page.split(&format!("name=\"{field}\" value=\"")).nth(1)?;
                Some(field.split('"').next().unwrap().to_owned())
            };
            (value("proposal"), value("content_hash"), page)
        };
        propose();
        let (proposal, hash, own) = second("cy");
        assert!(hash.is_none() && own.contains(">Withdraw<") && !own.contains(">Approve<"), "{own}");
        let withdraw = format!("proposal={}", proposal.unwrap());
        assert_eq!(done(desk, "cy", case, ("withdrawal", &withdraw)), format!("/cases/{case}"));

        propose();
        let (proposal, hash, seen) = second("bo");
        assert!(seen.contains("Suspend an account") && seen.contains(">Refuse<"), "{seen}");
        let approve = format!("proposal={}&content_hash={}", proposal.unwrap(), hash.unwrap());
        assert_eq!(send(desk, "cy", case, ("approval", &approve)).problem(), "forbidden");
        let wrong = approve.replace("content_hash=", "content_hash=0");
        assert_eq!(send(desk, "bo", case, ("approval", &wrong)).problem(), "other-content");
        done(desk, "bo", case, ("approval", &approve));
        assert_eq!(send(desk, "bo", case, ("approval", &approve)).problem(), "already-settled");
        let decided = desk.get(&format!("/v1/cases/{case}")).json();
        assert_eq!(
            (&decided["status"], &decided["decision"]["seconded_by"]),
            (&json!("decided"), &json!("bo"))
        );

        assert!(!page(desk, "dee", case).contains("Take the decision back"), "dee had no part in it");
        let version = decided["version"].as_u64().unwrap();
        assert!(page(desk, "bo", case).contains("Take the decision back"));
        let undo = |version: u64| ("undo", format!("version={version}&reason=new_information"));
        let (form, stale) = undo(version - 1);
        assert_eq!(send(desk, "bo", case, (form, &stale)).problem(), "case-changed");
        let (form, now) = undo(version);
        assert_eq!(done(desk, "bo", case, (form, &now)), format!("/cases/{case}"));
        assert_eq!(desk.get(&format!("/v1/cases/{case}")).json()["status"], "open");
        assert_eq!(desk.get("/v1/labels").body, "");
    });
}
