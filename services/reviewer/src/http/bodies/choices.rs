//! Schemas of closed words.

use detect::EvidenceKind;
use events::{Category, Surface};
use review::{AbusiveReason, Action, BenignReason, Claimed, Due, Level, Outcome, Policy, Queue};
use serde_json::Value;
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::store::Status;
use crate::view;

pub(in crate::http) fn words(description: &str, words: impl IntoIterator<Item = &'static str>) -> Object {
    let builder = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
    builder.description(Some(description)).build()
}

pub(in crate::http) fn status_schema() -> Object {
    words(
        "Where a case stands. A list without it holds every case.",
        Status::ALL.iter().map(|status| status.as_str()),
    )
}

pub(super) fn outcome_schema() -> Object {
    words("What was found.", Outcome::ALL.iter().map(|o| o.as_str()))
}

pub(in crate::http) fn queue_schema() -> Object {
    words("A queue: cases of one kind of harm.", Queue::ALL.iter().map(|q| q.as_str()))
}

pub(in crate::http) fn claim_schema() -> Object {
    words("In whose hand a case is.", Claimed::ALL.iter().map(|c| c.as_str()))
}

pub(in crate::http) fn due_schema() -> Object {
    words("How a case stands to its time.", Due::ALL.iter().map(|d| d.as_str()))
}

pub(super) fn policy_schema() -> Object {
    let when = "Which rule it breaks: required where the outcome is abusive, and only there.";
    words(when, Policy::ALL.iter().map(|p| p.as_str()))
}

pub(super) fn action_schema() -> Object {
    let when = "What is to be done: required where the outcome is abusive, and only there. `suspend` and `refer` \
                take a second person.";
    words(when, Action::ALL.iter().map(|a| a.as_str()))
}

pub(super) fn category_schema() -> Object {
    let when = "What it is about: required where the outcome is abusive, and only there.";
    words(when, Category::ALL.iter().map(|c| c.as_str()))
}

pub(super) fn reason_schema() -> Object {
    let abusive = AbusiveReason::ALL.iter().map(|r| r.as_str());
    let (count, benign) = (AbusiveReason::ALL.len(), BenignReason::ALL.iter().map(|r| r.as_str()));
    let whose = format!("Why. The first {count} belong to an abusive outcome, the others to a benign one.");
    words(&whose, abusive.chain(benign))
}

pub(super) fn kind_schema() -> Object {
    use EvidenceKind::{Accepted, Blocked, Declined, FirstContact, GateRefused, Reported};
    let kinds = [FirstContact, GateRefused, Accepted, Declined, Blocked, Reported];
    words("What happened, seen from the account.", kinds.map(view::kind_word))
}

pub(super) fn surface_schema() -> Object {
    words("Where they found each other.", Surface::ALL.iter().map(|s| s.as_str()))
}

/// A whole number of any size; it is brought into what there can be.
pub(in crate::http) fn whole_schema() -> Object {
    ObjectBuilder::new().schema_type(Type::Integer).build()
}

pub(in crate::http) fn limit_schema() -> Object {
    let builder = ObjectBuilder::new().schema_type(Type::Integer).default(Some(Value::from(50)));
    builder.description(Some("At most so many; brought into 1 to 200.")).build()
}

pub(super) fn level_schema() -> Object {
    words("How much evidence there is.", Level::ALL.iter().map(|level| level.as_str()))
}
