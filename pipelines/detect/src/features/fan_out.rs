//! Whom an account turns to first, how many, how fast, and how it found them.

use schema::{Direction, ReasonCode, Transform, Unit, Window};

use super::{Family, expected, shrunk_share};
use crate::age::MinorOdds;

/// Expected share of minors among an adult's first contacts: 7 % of the accounts recommended to adults were
/// minors (exhibit of 2019 in FTC v. Meta, as reported in the press).
const ADULTS_MINOR_SHARE: f64 = 0.07;

/// Expected share of minors among a minor's first contacts: most ties are within an age band.
const MINORS_MINOR_SHARE: f64 = 0.80;

pub(super) const FIRST_CONTACTS: Family = Family {
    name: "first_contacts",
    meaning: "accounts that this one turned to first: a request, message, call, group addition or refused \
              attempt with no contact before it from either side",
    unit: Unit::Accounts,
    windows: &Window::ALL,
    reason: ReasonCode::RC03,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Accounts contacted first in {window}: {value}; usual is {baseline}.",
    null_when: None,
    value: |_, tally| Some(tally.contacts as f64),
};

pub(super) const MINORS_EXPECTED: Family = Family {
    name: "minors_expected",
    meaning: "sum, over first contacts, of the probability that the other is a minor",
    unit: Unit::ExpectedAccounts,
    windows: &Window::ALL,
    reason: ReasonCode::RC01,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Likely minors contacted first in {window}: {value} expected; usual is {baseline}.",
    null_when: None,
    value: |_, tally| Some(expected(tally.contact_minors)),
};

pub(super) const MINOR_SHARE_EXCESS: Family = Family {
    name: "minor_share_excess",
    meaning: "share of minors among first contacts, less the share expected of an account whose holder is as \
              likely a minor as this one's (0.07 for an adult, 0.80 for a minor); shrunk towards none by 5 \
              accounts",
    unit: Unit::ShareDifference,
    windows: &[Window::D7, Window::D28],
    reason: ReasonCode::RC02,
    direction: Direction::More,
    transform: Transform::Identity,
    sentence: "Share of likely minors among first contacts in {window}: {value} against what is expected of such an \
               account; usual is {baseline}.",
    null_when: Some("fewer than 5 first contacts"),
    value: |view, tally| {
        let holder = view.holder_minor.unwrap_or(MinorOdds::PRIOR).probability();
        let usual = holder * MINORS_MINOR_SHARE + (1.0 - holder) * ADULTS_MINOR_SHARE;
        let share = shrunk_share(expected(tally.contact_minors), tally.contacts, usual, 5.0)?;
        Some(share - usual)
    },
};

pub(super) const STRANGER_SHARE: Family = Family {
    name: "stranger_share",
    meaning: "share of first contacts with no mutual contact, no common group and not in the other's address \
              book, among those of which the platform says; shrunk towards 0.3 by 5 accounts",
    unit: Unit::Share,
    windows: &[Window::D7, Window::D28],
    reason: ReasonCode::RC03,
    direction: Direction::More,
    transform: Transform::Identity,
    sentence: "Strangers among first contacts in {window}: {value}; usual is {baseline}.",
    null_when: Some("fewer than 5 first contacts of which the platform says"),
    value: |_, tally| shrunk_share(tally.strangers as f64, tally.relation_known, 0.3, 5.0),
};

pub(super) const OPEN_DISCOVERY_SHARE: Family = Family {
    name: "open_discovery_share",
    meaning: "share of first contacts found by suggestion, search, comments, nearby, games or groups, among \
              those with a known surface; shrunk towards 0.4 by 5 accounts",
    unit: Unit::Share,
    windows: &[Window::D7, Window::D28],
    reason: ReasonCode::RC06,
    direction: Direction::More,
    transform: Transform::Identity,
    sentence: "First contacts in {window} found where anybody can be found: {value}; usual is {baseline}.",
    null_when: Some("fewer than 5 first contacts with a known surface"),
    value: |_, tally| shrunk_share(tally.open_surface as f64, tally.surface_known, 0.4, 5.0),
};

pub(super) const GATE_ATTEMPTS: Family = Family {
    name: "gate_attempts",
    meaning: "accounts to whom the platform itself refused a contact",
    unit: Unit::Accounts,
    windows: &[Window::H24, Window::D7, Window::D28],
    reason: ReasonCode::RC07,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Accounts to whom the platform refused its contacts in {window}: {value}; usual is {baseline}.",
    null_when: None,
    value: |_, tally| Some(tally.gated as f64),
};

pub(super) const BURST: Family = Family {
    name: "burst",
    meaning: "most first contacts within any ten minutes of the last 24 hours",
    unit: Unit::Accounts,
    windows: &[],
    reason: ReasonCode::RC11,
    direction: Direction::More,
    transform: Transform::Log1p,
    sentence: "Most first contacts within ten minutes, over 24 hours: {value}; usual is {baseline}.",
    null_when: None,
    value: |view, _| Some(view.burst as f64),
};
