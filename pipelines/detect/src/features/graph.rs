//! What an account's choice of people says, seen from them and from others.

use schema::{Family, ReasonCode, Transform, Unit, Window};

use super::{BLANK, Definition, Over, RATIO_N_MIN, Range, shrunk};
use crate::state::pair::Set;
use crate::time::{DAY, ago};

const ACCEPTED: &[&str] = &["contact.requested", "contact.accepted", "rel.mutuals", "ctx.p_minor|ctx.age"];
const PROTESTS: &[&str] = &["contact.requested", "contact.blocked|report.filed"];
const BANS: &[&str] =
    &["account.status", "contact.requested|message.sent.target", "ctx.created|account.created"];

/// How many of the earliest approaches say whom an account chose.
const CHOSEN: usize = 20;

/// What the definitions here have in common.
const GRAPH: Definition = Definition { family: Family::Graph, ..BLANK };

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "mutual_manufacture",
        meaning: "mean, over accepted approaches to likely minors in the window of which both are known, of mutuals at acceptance \
                  less mutuals; absent below 5 of them",
        unit: Unit::Ratio,
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC17,
        sentence: "Common contacts gained with likely minors of {window} until they accepted: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 accepted requests to likely minors with known common contacts"),
        needs: ACCEPTED,
        range: Range::Ratio(-4.0, 4.0),
        over: Over::In(Set::Mutual),
        value: |_, tally, _| {
            let known = tally.mutuals_known;
            (known >= RATIO_N_MIN).then(|| f64::from(tally.mutuals_gained) / f64::from(known))
        },
        ..GRAPH
    },
    Definition {
        name: "mutual_manufacture_seeded",
        meaning: "(k + 5 · 0.2) / (n + 5), with n accepted approaches to likely minors in the window of which mutuals is known, k of \
                  them with 0",
        windows: &[Window::D7],
        reason: ReasonCode::RC17,
        sentence: "Likely minors of {window} that accepted without a common contact: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 accepted requests to likely minors with known common contacts"),
        needs: ACCEPTED,
        over: Over::In(Set::Mutual),
        value: |_, tally, _| shrunk(tally.minors_seeded, tally.minors_seeded_known, 0.2),
        ..GRAPH
    },
    Definition {
        name: "target_susceptibility_weighted",
        transform: Transform::Log1p,
        meaning: "Σ susceptibility / 16 over the first 20 approaches of the last 28 days, in the order in which they were made",
        unit: Unit::Nats,
        reason: ReasonCode::RC17,
        sentence: "How often those it turned to had objected to others: {value}; usual is {baseline}.",
        needs: PROTESTS,
        range: Range::PerOne(-2.0, 6.0),
        value: |view, _, _| {
            let first = view.approaches().take(CHOSEN);
            Some(f64::from(first.map(|a| i32::from(a.susceptibility)).sum::<i32>()) / 16.0)
        },
        ..GRAPH
    },
    Definition {
        name: "ban_evasion_recontact",
        meaning: "the greatest, over accounts under which counterparts are entered, of c / (a + b − c), half of it if the two share \
                  neither a device nor a registration: a the first 20 approaches of the last 28 days, b the entered \
                  counterparts, c common ones; 0 if there are none in common; absent if created is unknown or 7 days or more ago",
        unit: Unit::Ratio,
        reason: ReasonCode::RC16,
        sentence: "Overlap of those it turned to with those a suspended account had turned to: {value}; usual is {baseline}.",
        null_when: Some("it is not known that the account is younger than 7 days"),
        needs: BANS,
        over: Over::Other,
        range: Range::Fixed(0.0, 1.0),
        value: |view, _, _| {
            let is_new = view.card.created().is_some_and(|created| ago(created, view.now) < 7 * DAY);
            is_new.then_some(view.recontact)
        },
        ..GRAPH
    },
];
