//! Those whom an account turned to object: they block, report or remove it. Never needed, and never enough.

use schema::{Family, ReasonCode, Unit, Window};

use super::{COUNT, Definition, Derived, EXPECTED, FEW_CONTACTS, Over, RATIO_N_MIN, Range, expected};
use crate::state::Sum;
use crate::state::pair::{Approach, Marks, Set};
use crate::time::{MINUTE, within};
use crate::view::View;

const PROTESTS: &[&str] = &[
    "contact.requested|message.sent.target|call.placed|group.member_added",
    "contact.blocked|report.filed|contact.removed",
    "ctx.p_minor|ctx.age",
];
const BLOCKS: &[&str] =
    &["contact.requested|message.sent.target|call.placed|group.member_added", "contact.blocked"];
const REPORTS: &[&str] = &[
    "contact.requested|message.sent.target|call.placed|group.member_added",
    "report.filed",
    "ctx.p_minor|ctx.age",
];

const FROM_H24: &[Window] = &[Window::H24, Window::D7, Window::D28];

/// Protests in the same ten minutes beyond these are taken for a brigade.
const BRIGADE: usize = 3;
const BRIGADE_MINUTES: u32 = 10;

/// What the definitions here have in common.
const PROTEST: Definition = Definition { family: Family::Protest, reason: ReasonCode::RC05, ..EXPECTED };

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "victim_protest",
        meaning: "Σ w p(B) over approaches in the window whose time to protest is at most 1,440 minutes, in the order in which the \
                  approaches were made, where w is 0.5 if it was only removed, else 1, and half as much again if spoken or grave; \
                  of several with the same source other than none only the first counts, and of those whose protests (start, in \
                  minutes of the epoch, + time to protest) fall in the same ten minutes only the first three. Over a lifetime, the \
                  faded sum of p(B) over first protests",
        windows: &[Window::H24, Window::D7, Window::D28, Window::LIFE],
        sentence: "Likely minors of {window} who objected within a day of the first contact: {value} expected; usual is {baseline}.",
        needs: PROTESTS,
        range: Range::PerOne(0.0, 1.5),
        derived: Derived::Percentile,
        over: Over::In(Set::Protested),
        value: |view, _, window| match window {
            Window::LIFE => {
                Some(view.life.map_or(0.0, |life| life.sum(view.now, Sum::ProtestMinors) / 10_000.0))
            }
            _ => Some(protest(view, window, 24 * 60)),
        },
        ..PROTEST
    },
    Definition {
        name: "victim_protest_share",
        meaning: "(x + 5 · 0.02) / (m + 5), with x as in victim_protest and m = Σ p(B) over approaches in the window; absent below \
                  5 approaches",
        unit: Unit::Ratio,
        windows: &[Window::D7, Window::D28],
        transform: schema::Transform::Identity,
        sentence: "Likely minors of {window} who objected within a day, for each that was contacted: {value}; usual is {baseline}.",
        null_when: FEW_CONTACTS,
        needs: PROTESTS,
        range: Range::ShareOf { per_one: 1.5, usual: 0.02 },
        over: Over::In(Set::Protested),
        value: |view, tally, window| {
            let x = protest(view, window, 24 * 60);
            (tally.contacts >= RATIO_N_MIN).then(|| (x + 0.1) / (expected(tally.minors) + 5.0))
        },
        ..PROTEST
    },
    Definition {
        name: "victim_protest_late",
        meaning: "as victim_protest, with a time to protest of at most 10,080 minutes (7 days)",
        windows: &[Window::D7, Window::D28],
        sentence: "Likely minors of {window} who objected within a week of the first contact: {value} expected; usual is {baseline}.",
        needs: PROTESTS,
        range: Range::PerOne(0.0, 1.5),
        over: Over::In(Set::Protested),
        value: |view, _, window| Some(protest(view, window, 7 * 24 * 60)),
        ..PROTEST
    },
    Definition {
        name: "blocks",
        meaning: "approaches in the window that were blocked",
        unit: Unit::Accounts,
        windows: FROM_H24,
        reason: ReasonCode::RC03,
        sentence: "Accounts contacted first in {window} that blocked it: {value}; usual is {baseline}.",
        needs: BLOCKS,
        family: Family::Protest,
        derived: Derived::Percentile,
        over: Over::In(Set::Protested),
        value: |_, tally, _| Some(f64::from(tally.blocked)),
        ..COUNT
    },
    Definition {
        name: "reports_by_minors",
        meaning: "Σ p(B) over approaches in the window that were reported",
        windows: &[Window::D28],
        sentence: "Likely minors contacted first in {window} that reported it: {value} expected; usual is {baseline}.",
        needs: REPORTS,
        over: Over::In(Set::Protested),
        value: |_, tally, _| Some(expected(tally.reported_minors)),
        ..PROTEST
    },
];

/// Expected minors who objected within so many minutes of the first contact, weighted.
fn protest(view: &View<'_>, window: Window, minutes_max: u32) -> f64 {
    if view.has_none(Set::Protested) {
        return 0.0;
    }
    let mut sources: Vec<u16> = Vec::new();
    let mut tens: Vec<u32> = Vec::new();
    let mut quarters = 0;
    for approach in view.approaches() {
        let Some(after) = approach.protested_after().filter(|after| *after <= minutes_max) else { continue };
        if !within(approach.start, window.seconds(), view.now) || sources.contains(&approach.source) {
            continue;
        }
        let ten = (approach.start / MINUTE + after) / BRIGADE_MINUTES;
        if tens.iter().filter(|t| **t == ten).count() >= BRIGADE {
            continue;
        }
        tens.push(ten);
        if approach.source != 0 {
            sources.push(approach.source);
        }
        quarters += weight(approach) * approach.minor.ten_thousandths();
    }
    f64::from(quarters) / 4.0 / 10_000.0
}

/// In quarters.
fn weight(approach: &Approach) -> u32 {
    let marks = approach.marks;
    let is_strong = marks.has(Marks::BLOCKED) || marks.has(Marks::REPORTED);
    let weight = if is_strong { 4 } else { 2 };
    if marks.has(Marks::SPOKEN) || marks.has(Marks::GRAVE) { weight + weight / 2 } else { weight }
}
