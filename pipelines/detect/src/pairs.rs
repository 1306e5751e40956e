//! What is known of each pair: what a model of pairs is fitted to, which says how soon an approach ends in harm.
//!
//! A column of times to something is the event time of a survival model; where it is null, it has not happened within
//! the age of the pair (censored). Nothing here tells of the other side what it did with anybody else.

use events::Token;

use crate::engine::Row;
use crate::state::pair::{Answer, Approach, Marks, Request};
use crate::time::{Second, ago, second};

/// One column of a pair.
pub struct PairColumn {
    /// Its name, with its unit.
    pub name: &'static str,
    /// Its definition, in the terms of `docs/detection.md`.
    pub meaning: &'static str,
    /// When it is null; none for never.
    pub null_when: Option<&'static str>,
    value: fn(&Approach, Second) -> Option<f64>,
}

impl std::fmt::Debug for PairColumn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name)
    }
}

/// One approach of an account as it is at a tick.
#[derive(Clone, Debug, PartialEq)]
pub struct Pair {
    /// Whom the account turned to.
    pub other: Token,
    /// One value for each of [`PAIR_COLUMNS`]; absent ones are no numbers.
    pub x: Vec<f64>,
}

impl Row<'_> {
    /// The account's approaches of the last 28 days, in the order in which they were made.
    pub fn pairs(&self) -> Vec<Pair> {
        let Some((state, id)) = self.source else { return Vec::new() };
        let now = second(self.at);
        let (shard, account) = state.account(id);
        let young = shard.approaches(account).filter(|(_, approach)| approach.is_young(now));
        let x = |approach: &Approach| {
            PAIR_COLUMNS.iter().map(|column| (column.value)(approach, now).unwrap_or(f64::NAN)).collect()
        };
        young.map(|(other, a)| Pair { other: state.directory().token(other), x: x(a) }).collect()
    }
}

const fn always(
    name: &'static str,
    meaning: &'static str,
    value: fn(&Approach, Second) -> Option<f64>,
) -> PairColumn {
    PairColumn { name, meaning, null_when: None, value }
}

const fn known(
    name: &'static str,
    meaning: &'static str,
    null_when: &'static str,
    value: fn(&Approach, Second) -> Option<f64>,
) -> PairColumn {
    PairColumn { name, meaning, null_when: Some(null_when), value }
}

const UNSAID: &str = "the platform does not say";
const NOT_YET: &str = "it has not happened yet";

/// Every column of a pair, in order.
pub const PAIR_COLUMNS: &[PairColumn] = &[
    always("age_s", "seconds since the first contact", |a, now| count(ago(a.start, now))),
    always("silence_s", "seconds since last", |a, now| count(ago(a.last(), now))),
    always("p_minor", "p(B)", |a, _| Some(a.minor.probability())),
    known("surface", "place of the surface in the contract's list, from 0", UNSAID, |a, _| {
        a.known.surface().and_then(|surface| count(surface as u32))
    }),
    known("stranger", "whether strangers", UNSAID, |a, _| said(a.known.stranger())),
    known("mutuals_rank", "mutuals", UNSAID, |a, _| a.known.mutuals().and_then(count)),
    known("actor_has_target", "has", UNSAID, |a, _| said(a.known.has())),
    known("target_has_actor", "had", UNSAID, |a, _| said(a.known.had())),
    known("mismatch_share", "mismatch / 100", "it is unknown", |a, _| {
        a.mismatch().map(|percent| f64::from(percent) / 100.0)
    }),
    always("requested", "whether there is or was a request", |a, _| is(a.known.request() != Request::None)),
    known("accepted", "whether the request was accepted", "it was not answered", |a, _| {
        match a.known.request() {
            Request::Accepted => Some(1.0),
            Request::Declined => Some(0.0),
            Request::None | Request::Open => None,
        }
    }),
    known("mutuals_gained_rank", "mutuals at acceptance − mutuals", "either is unknown", |a, _| {
        let (before, after) = (a.known.mutuals()?, a.known.mutuals_at_acceptance()?);
        Some(f64::from(after) - f64::from(before))
    }),
    always("messages_out", "out", |a, _| count(a.sent.into())),
    always("messages_in", "in", |a, _| count(a.received.into())),
    always("longest_run", "longest run", |a, _| count(a.longest_run.into())),
    always("messages_at_night", "night", |a, _| count(a.night.into())),
    always("messages_early", "early", |a, _| count(a.early.into())),
    always("messages_unsent", "unsent", |a, _| count(a.unsent.into())),
    known("own_answer_rank", "A's answer time", NOT_YET, |a, _| a.own_answer().and_then(count)),
    known("other_answer_rank", "B's answer time", NOT_YET, |a, _| a.other_answer().and_then(count)),
    known("escalated_min", "time to escalate", NOT_YET, |a, _| a.escalated_after().and_then(count)),
    known("protested_min", "time to protest", NOT_YET, |a, _| a.protested_after().and_then(count)),
    always("gated", "whether gated", |a, _| has(a, Marks::GATED)),
    always("after_gate", "whether after a gate", |a, _| has(a, Marks::AFTER_GATE)),
    always("viewed", "whether viewed", |a, _| has(a, Marks::VIEWED)),
    always("exposed", "whether exposed", |a, _| has(a, Marks::EXPOSED)),
    always("added", "whether added", |a, _| has(a, Marks::ADDED)),
    always("left_quickly", "whether B left quickly", |a, _| has(a, Marks::LEFT)),
    always("answered_at_night", "whether A answered at night", |a, _| has(a, Marks::NIGHT_ANSWER)),
    always("card_passed", "whether a card was passed", |a, _| has(a, Marks::CARD)),
    always("forwarded", "whether forwarded to", |a, _| has(a, Marks::FORWARDED)),
    always("vanishes", "whether it vanishes", |a, _| has(a, Marks::VANISHES)),
    always("blocked", "whether B blocked A", |a, _| has(a, Marks::BLOCKED)),
    always("reported", "whether B reported A", |a, _| has(a, Marks::REPORTED)),
    always("reported_grave", "whether a report of B is grave", |a, _| has(a, Marks::GRAVE)),
    always("removed", "whether B removed A", |a, _| has(a, Marks::REMOVED)),
    always("spoken", "whether B had written before the first protest", |a, _| has(a, Marks::SPOKEN)),
    always("cleaned", "whether A had cleaned up before the first protest", |a, _| has(a, Marks::CLEANED)),
];

#[expect(clippy::unnecessary_wraps, reason = "a value like those that can be absent")]
fn is(yes: bool) -> Option<f64> {
    Some(f64::from(u8::from(yes)))
}

fn has(approach: &Approach, mark: Marks) -> Option<f64> {
    is(approach.marks.has(mark))
}

fn said(answer: Answer) -> Option<f64> {
    answer.and_then(is)
}

#[expect(clippy::unnecessary_wraps, reason = "a value like those that can be absent")]
fn count(n: u32) -> Option<f64> {
    Some(f64::from(n))
}
