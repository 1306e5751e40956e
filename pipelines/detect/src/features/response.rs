//! How the other side answers.

use schema::{Direction, ReasonCode, Transform, Unit, Window};

use super::{Family, expected, shrunk_share};

pub(super) const ACCEPTANCE: Family = Family {
    name: "acceptance",
    meaning: "share accepted of the first contacts' requests that were accepted, declined or lapsed; shrunk \
              towards 0.4 by 5 requests",
    unit: Unit::Share,
    windows: &[Window::D7, Window::D28],
    reason: ReasonCode::RC04,
    direction: Direction::Less,
    transform: Transform::Identity,
    sentence: "Requests of {window} that were accepted: {value}; usual is {baseline}.",
    null_when: Some("fewer than 5 decided requests"),
    value: |_, tally| shrunk_share(tally.accepted as f64, tally.decided, 0.4, 5.0),
};

pub(super) const REPLY_RATE: Family = Family {
    name: "reply_rate",
    meaning: "share that wrote back of the first contacts to whom a message was sent; shrunk by 5 towards 0.467, \
              the rate in a real student network (Panzarasa, Opsahl and Carley 2009)",
    unit: Unit::Share,
    windows: &[Window::H24, Window::D7, Window::D28],
    reason: ReasonCode::RC03,
    direction: Direction::Less,
    transform: Transform::Identity,
    sentence: "Those it wrote to first in {window} that wrote back: {value}; usual is {baseline}.",
    null_when: Some("fewer than 5 first contacts written to"),
    value: |_, tally| shrunk_share(tally.replied as f64, tally.messaged, 0.467, 5.0),
};

pub(super) const BLOCKS: Family = Family {
    name: "blocks",
    meaning: "accounts that this one had reached out to and that blocked it",
    unit: Unit::Accounts,
    windows: &[Window::H24, Window::D7, Window::D28],
    reason: ReasonCode::RC03,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Accounts it had contacted that blocked it in {window}: {value}; usual is {baseline}.",
    null_when: None,
    value: |_, tally| Some(tally.blocks as f64),
};

pub(super) const BLOCKS_BY_MINORS: Family = Family {
    name: "blocks_by_minors",
    meaning: "sum, over accounts that this one had reached out to and that blocked it, of the probability that \
              the other is a minor",
    unit: Unit::ExpectedAccounts,
    windows: &[Window::D7, Window::D28],
    reason: ReasonCode::RC05,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Likely minors it had contacted that blocked it in {window}: {value} expected; usual is {baseline}.",
    null_when: None,
    value: |_, tally| Some(expected(tally.block_minors)),
};

pub(super) const REPORTS_BY_MINORS: Family = Family {
    name: "reports_by_minors",
    meaning: "sum, over accounts that this one had reached out to and that reported it, of the probability that \
              the other is a minor",
    unit: Unit::ExpectedAccounts,
    windows: &[Window::D28],
    reason: ReasonCode::RC05,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Likely minors it had contacted that reported it in {window}: {value} expected; usual is {baseline}.",
    null_when: None,
    value: |_, tally| Some(expected(tally.report_minors)),
};
