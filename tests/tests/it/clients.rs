//! The clients, against a running service.

use client::{Client, Decided, Finding};
use serde_json::{Value, json};
use silhouette_tests::typescript;

use crate::desk::{Desk, Setup, flag};

fn desk() -> Desk {
    let desk = Desk::with(Setup::default().and("cy", &["child_safety_analyst"]).and("bo", &["lead"]));
    desk.feed(&(0..5).map(|n| flag(n * 3, 0, 0.9 - f64::from(n) / 100.0)).collect::<Vec<_>>());
    desk.wait_for_records("opened", 5);
    desk
}

const BENIGN: Finding<'_> = Finding::Benign { reason: "evidence_too_thin" };

#[test]
fn the_rust_client_works_through_a_queue_and_tells_refusals_apart() {
    let desk = desk();
    let of = |name: &str| Client::new(&desk.url(""), &format!("token-of-{name}"));
    let (cy, bo) = (of("cy"), of("bo"));
    assert_eq!(cy.me().unwrap().permissions["cases.decide"], ["child_safety"]);
    assert_eq!(bo.queues().unwrap().iter().map(|queue| queue.open).collect::<Vec<_>>(), [5, 0, 0]);
    let mut followed = cy.follow().unwrap();
    assert_eq!(followed.next().unwrap().unwrap().open, 5);

    let listed: Vec<String> = cy.cases("status=open&limit=2").map(|case| case.unwrap().case_id).collect();
    assert_eq!(listed.len(), 5, "three pages");
    let in_hand = cy.next(Some("child_safety")).unwrap().unwrap();
    assert_eq!((&in_hand.case_id, in_hand.by.as_str()), (&listed[0], "cy"));
    let case = cy.case(&in_hand.case_id).unwrap();
    let Decided::Stands(decided) = cy.decide(&case, &BENIGN, "first").unwrap() else {
        panic!("one person is enough")
    };
    assert_eq!((decided.status.as_str(), decided.version), ("decided", 2));
    assert_eq!(
        cy.decide(&case, &BENIGN, "first").unwrap(),
        Decided::Stands(decided),
        "the same key, the same answer"
    );
    let changed = cy.decide(&case, &BENIGN, "second").unwrap_err();
    assert_eq!(changed.problem(), Some("case-changed"), "{changed}");
    let told = followed.find(|queue| queue.as_ref().is_ok_and(|queue| queue.open == 4));
    assert!(told.is_some(), "whoever follows is told");

    let abusive = Finding::Abusive {
        category: "child_safety",
        policy: "minor_safety",
        reason: "persists_after_refusals",
        action: "suspend",
    };
    let case = cy.case(&cy.next(None).unwrap().unwrap().case_id).unwrap();
    let Decided::Waits(proposal) = cy.decide(&case, &abusive, "third").unwrap() else {
        panic!("it takes two")
    };
    assert_eq!(bo.approve(&proposal).unwrap_err().problem(), Some("evidence-not-seen"));
    bo.case(&case.case_id).unwrap();
    assert_eq!(bo.approve(&proposal).unwrap().status, "approved");
    let labels = bo.labels(None).unwrap();
    assert_eq!((labels.lines.lines().count(), labels.next), (2, None));

    let note: Value = cy
        .command(
            "POST".parse().unwrap(),
            &format!("/v1/cases/{}/notes", listed[2]),
            &json!({ "code": "urgent" }),
        )
        .unwrap();
    assert_eq!(note["by"], "cy", "what has no function can be called too");
    assert_eq!(of("nobody").me().unwrap_err().problem(), Some("unauthenticated"));
    assert_eq!(Client::new("http://127.0.0.1:1", "x").me().unwrap_err().problem(), None);
}

#[test]
fn the_typescript_client_is_generated_from_what_is_served_and_works() {
    let Some(tools) = typescript::tools() else { return };
    let desk = desk();
    let document = desk.ask("GET", "/v1/openapi.json", &[], None);
    let said = typescript::example(tools, &document.body, &[&desk.url(""), "token-of-cy"]).unwrap();
    let said: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["before"].as_array().unwrap().len(), 5, "{said}");
    assert_eq!((&said["decided"], &said["refused"]), (&said["before"][0], &json!("case-changed")));
    assert_eq!(desk.get("/v1/labels").body.lines().count(), 1);

    // It is the document that keeps wrong calls from compiling.
    let mut other: Value = document.json();
    other["components"]["schemas"]["CaseDetail"]["properties"].as_object_mut().unwrap().remove("version");
    other["components"]["schemas"]["CaseDetail"]["required"]
        .as_array_mut()
        .unwrap()
        .retain(|name| name != "version");
    let error = typescript::example(tools, &other.to_string(), &[]).unwrap_err().to_string();
    assert!(error.contains("version"), "{error}");
}
