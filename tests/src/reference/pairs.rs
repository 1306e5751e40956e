//! What is known of each pair.

use std::collections::BTreeMap;

use super::pair::{Approach, Request};
use super::{PairRow, Second};

pub(super) fn row(account: &str, approach: &Approach, now: Second) -> PairRow {
    let mut columns = BTreeMap::new();
    let mut put = |name: &str, value: Option<f64>| {
        columns.insert(name.to_owned(), value);
    };
    moments(approach, now, &mut put);
    beginning(approach, &mut put);
    messages(approach, &mut put);
    marks(approach, &mut put);
    PairRow { account: account.to_owned(), other: approach.other.clone(), columns }
}

fn moments(a: &Approach, now: Second, put: &mut impl FnMut(&str, Option<f64>)) {
    put("age_s", number(now.saturating_sub(a.start)));
    put("silence_s", number(now.saturating_sub(a.last)));
    put("p_minor", Some(a.p as f64 / 10_000.0));
    put("escalated_min", a.escalation.and_then(number));
    put("protested_min", a.protest.and_then(|protest| number(protest.after)));
}

fn beginning(a: &Approach, put: &mut impl FnMut(&str, Option<f64>)) {
    let first = a.first;
    put("surface", first.surface.and_then(|surface| number(surface as u64)));
    put("stranger", first.is_stranger.and_then(yes));
    put("mutuals_rank", first.mutuals.map(|rank| rank as f64));
    put("actor_has_target", first.has.and_then(yes));
    put("target_has_actor", first.had.and_then(yes));
    put("mismatch_share", first.mismatch.map(|percent| percent as f64 / 100.0));
    put("requested", yes(a.request.is_some()));
    let is_accepted = a.request.filter(|r| *r != Request::Open).map(|r| r == Request::Accepted);
    put("accepted", is_accepted.and_then(yes));
    let gained = first.mutuals.zip(a.mutuals_at_acceptance).map(|(before, after)| (after - before) as f64);
    put("mutuals_gained_rank", gained);
    put("after_gate", yes(first.is_after_gate));
    put("viewed", yes(first.is_viewed));
    put("exposed", yes(first.is_exposed));
}

fn messages(a: &Approach, put: &mut impl FnMut(&str, Option<f64>)) {
    put("messages_out", number(a.out));
    put("messages_in", number(a.back));
    put("longest_run", number(a.longest_run));
    put("messages_at_night", number(a.night));
    put("messages_early", number(a.early));
    put("messages_unsent", number(a.unsent));
    put("own_answer_rank", a.answer.and_then(number));
    put("other_answer_rank", a.answer_of_other.and_then(number));
    put("answered_at_night", yes(a.has_answered_at_night));
    put("card_passed", yes(a.is_card_passed));
    put("forwarded", yes(a.is_forwarded_to));
    put("vanishes", yes(a.vanishes));
}

fn marks(a: &Approach, put: &mut impl FnMut(&str, Option<f64>)) {
    put("gated", yes(a.is_gated));
    put("added", yes(a.is_added));
    put("left_quickly", yes(a.has_left_quickly));
    put("blocked", yes(a.is_blocked));
    put("reported", yes(a.is_reported));
    put("reported_grave", yes(a.is_grave));
    put("removed", yes(a.is_removed));
    put("spoken", yes(a.protest.is_some_and(|protest| protest.is_spoken)));
    put("cleaned", yes(a.protest.is_some_and(|protest| protest.is_cleaned)));
}

fn yes(holds: bool) -> Option<f64> {
    number(holds.into())
}

fn number(n: u64) -> Option<f64> {
    Some(n as f64)
}
