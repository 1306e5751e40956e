//! Where the page and the engine once did not say the same: the smallest stream for each.

use events::{Event, Millis};
use serde_json::json;

use super::stream::{BASE, DAY, HOUR, SECOND, draft_event};
use super::{check, events_in_order};

/// A page that says what an account does says it of what it does to itself too: only pairs are left alone.
#[test]
fn what_an_account_does_to_itself_is_in_its_diary_and_on_its_card() {
    let mut failures = Vec::new();
    for (kind, then) in [
        // Refusals and views are counted whomever they are of, and a refusal has its actor scored.
        ("gate.refused", None),
        ("discovery.viewed", None),
        // A message taken back from "anybody", and then a protest by whom it contacted.
        ("message.unsent", Some(("contact.blocked", 1, 0))),
        // Courted or protesting, as whoever contacts it next finds it.
        ("contact.requested", Some(("contact.requested", 2, 0))),
        ("contact.blocked", Some(("contact.requested", 2, 0))),
        ("report.filed", Some(("contact.requested", 2, 0))),
    ] {
        let mut events = vec![
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event(kind, 0, 0, BASE + SECOND, json!({})),
            draft_event("account.updated", 0, 0, BASE + 3 * SECOND, json!({})),
        ];
        if let Some((kind, actor, target)) = then {
            events.push(draft_event(kind, actor, target, BASE + 2 * SECOND, json!({})));
        }
        if let Err(failure) = check(&events_in_order(events), SECOND) {
            failures.push(format!("{kind}: {failure}"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// The same of a circle: "the target's country to the actor's circle and the actor's to the target's".
#[test]
fn an_account_that_accepts_itself_is_in_its_own_circle() {
    let in_country = |country: &str| json!({"country": country});
    let of_itself = json!({"actor_ctx": in_country("FR")});
    let mut events = vec![draft_event("contact.accepted", 0, 0, BASE, of_itself)];
    for other in [0, 1, 2, 3, 4] {
        let more = json!({"actor_ctx": in_country("GB"), "target_ctx": in_country("GB")});
        events.push(draft_event("contact.requested", 9, other, BASE + HOUR, more));
    }
    check(&events_in_order(events), SECOND).unwrap();
}

/// `group.created` makes a group with its actor: whoever was in one of that name before is not in it.
#[test]
fn a_group_that_is_made_again_has_one_member() {
    let mut events: Vec<Event> = (1..4)
        .map(|i| {
            let minor = json!({"actor_ctx": {"p_minor": 1.0}});
            draft_event("group.joined", i, i, BASE + i as Millis * SECOND, minor)
        })
        .collect();
    events.push(draft_event("group.created", 5, 5, BASE + 10 * SECOND, json!({})));
    events.push(draft_event("group.joined", 0, 0, BASE + 20 * SECOND, json!({"via": "link"})));
    check(&events, SECOND).unwrap();
}

/// What has become a bond with time alone is not entered under its banned account.
#[test]
fn only_approaches_are_entered_under_a_banned_account() {
    let device = json!({"device": "device-of-both-of-them"});
    let young = json!({"created": BASE + 28 * DAY, "device": "device-of-both-of-them"});
    let events = [
        draft_event("device.linked", 0, 0, BASE, device),
        draft_event("contact.requested", 0, 1, BASE, json!({})),
        draft_event("contact.requested", 0, 2, BASE + 10 * DAY, json!({})),
        draft_event("account.status", 0, 0, BASE + 29 * DAY, json!({"status": "suspended"})),
        draft_event("account.created", 3, 3, BASE + 29 * DAY + HOUR, young),
        draft_event("contact.requested", 3, 2, BASE + 29 * DAY + 2 * HOUR, json!({})),
    ];
    check(&events, SECOND).unwrap();
}

/// Whom an account has forgotten does not learn of its age from it.
#[test]
fn a_restated_age_reaches_only_those_who_are_remembered() {
    let events = [
        draft_event("contact.requested", 1, 0, BASE, json!({})),
        draft_event("gate.refused", 0, 1, BASE + 29 * DAY, json!({})),
        draft_event("account.updated", 1, 1, BASE + 29 * DAY + HOUR, json!({"age": "u13"})),
        draft_event("account.updated", 0, 0, BASE + 29 * DAY + 2 * HOUR, json!({})),
    ];
    check(&events, SECOND).unwrap();
}
