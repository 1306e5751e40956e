//! What is known of the account itself.

use schema::{Direction, ReasonCode, Transform, Unit};

use super::Family;
use crate::state::age_ms;

const DAY_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

pub(super) const ACCOUNT_AGE: Family = Family {
    name: "account_age",
    meaning: "days since the account was created",
    unit: Unit::Days,
    windows: &[],
    reason: ReasonCode::RC10,
    direction: Direction::Less,
    transform: Transform::Log1p,
    sentence: "Age of the account: {value}; usual is {baseline}.",
    null_when: Some("the platform has not said when it was created"),
    value: |view, _| view.created.map(|created| age_ms(created, view.now) as f64 / DAY_MS),
};

pub(super) const HOLDER_MINOR: Family = Family {
    name: "holder_minor",
    meaning: "probability that the account's holder is a minor",
    unit: Unit::Probability,
    windows: &[],
    reason: ReasonCode::RC18,
    direction: Direction::Neither,
    transform: Transform::Identity,
    sentence: "Probability that the holder is a minor: {value}; usual is {baseline}.",
    null_when: Some("the platform has said nothing of the holder's age"),
    value: |view, _| view.holder_minor.map(|minor| minor.probability()),
};
