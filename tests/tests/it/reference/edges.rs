//! What small random streams do not reach: how much is remembered at most, and the last moment of what is kept for long.

use events::{Event, Millis};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

use super::stream::{BASE, DAY, HOUR, MINUTE, SECOND, Stream, draft_event};
use super::{check, events_in_order, runner};

fn is_right(events: Vec<Event>, tick_ms: Millis) {
    check(&events_in_order(events), tick_ms).unwrap();
}

/// A moment before, at, and after an edge.
fn around(edge: Millis) -> [Millis; 3] {
    [edge - SECOND, edge, edge + SECOND]
}

fn device() -> Value {
    json!({"device": "device-of-both-of-them"})
}

/// An account that meets more others than it keeps bonds with, over less than the 28 days of an approach.
fn acquaintances() -> impl Strategy<Value = Stream> {
    let kinds = vec!["contact.requested", "message.sent", "message.read", "gate.refused", "account.updated"];
    let meeting = (select(kinds), 1..200_usize, any::<bool>(), any::<bool>(), 0..660_u64, 0..100_u32);
    prop::collection::vec(meeting, 1..900).prop_map(|meetings| {
        let event = |(kind, other, is_own, is_known, hours, percent): (&str, _, _, _, Millis, u32)| {
            let (actor, target) = if is_own { (0, other) } else { (other, 0) };
            let ctx = json!({"p_minor": f64::from(percent) / 100.0});
            let edge = if is_known { "connected" } else { "none" };
            let more = match kind {
                "account.updated" => json!({}),
                _ => json!({"actor_ctx": ctx, "target_ctx": ctx, "rel": {"edge": edge}}),
            };
            draft_event(kind, actor, target, BASE + hours * HOUR, more)
        };
        let mut events = events_in_order(meetings.into_iter().map(event).collect());
        events.dedup_by(|a, b| a.id == b.id);
        Stream { tick_ms: HOUR, events }
    })
}

#[test]
fn bonds_beyond_what_is_kept_go_by_when_they_were_last_heard_of() {
    runner(150).run(&acquaintances(), |Stream { tick_ms, events }| check(&events, tick_ms)).unwrap();
}

#[test]
fn an_account_with_as_many_approaches_as_are_kept_is_exact() {
    let mut events = Vec::new();
    for i in 1..=256_usize {
        let ts = BASE + i as Millis * HOUR;
        let p_minor = (i * 37 % 100) as f64 / 100.0;
        events.push(draft_event("contact.requested", 0, i, ts, json!({"target_ctx": {"p_minor": p_minor}})));
        if i % 3 == 0 {
            let answer = ["contact.accepted", "contact.blocked", "message.sent"][i / 3 % 3];
            events.push(draft_event(answer, i, 0, ts + HOUR / 2, json!({})));
        }
    }
    is_right(events, MINUTE);
}

#[test]
fn counters_stop_where_they_are_full() {
    let mut events = vec![draft_event("contact.requested", 0, 1, BASE, json!({}))];
    for i in 0..300 {
        let more = json!({"target_ctx": {"age": "u13", "country": "GB"}});
        events.push(draft_event("message.sent", 0, 1, BASE + i * SECOND, more));
        events.push(draft_event("message.unsent", 0, 1, BASE + i * SECOND + 1, json!({})));
    }
    for i in 2..7 {
        let more = json!({"target_ctx": {"age": "u13", "country": "US"}});
        events.push(draft_event("message.sent", 0, i, BASE + HOUR, more));
    }
    events.push(draft_event("message.sent", 1, 0, BASE + HOUR, json!({})));
    is_right(events, MINUTE);
}

#[test]
fn circles_are_halved_when_they_are_full() {
    let mut events = Vec::new();
    let accept = |country: &str| json!({"actor_ctx": {"country": country}, "target_ctx": {"country": "FR"}});
    for i in 0..300 {
        let country = ["GB", "GB", "GB", "GB", "GB", "GB", "DE", "US"][i % 8];
        events.push(draft_event("contact.accepted", 1, 0, BASE + i as Millis * SECOND, accept(country)));
    }
    for i in 300..420 {
        let country = ["GB", "JP", "GB", "IN"][i % 4];
        events.push(draft_event("contact.accepted", 1, 0, BASE + i as Millis * SECOND, accept(country)));
    }
    // Five who come to it, so that the mean of their mismatches is there, and each to five others.
    for i in 2..7 {
        for other in [0, 21, 22, 23, 24] {
            let more = json!({"actor_ctx": {"country": "GB"}, "target_ctx": {"country": "FR"}});
            events.push(draft_event("contact.requested", i, other, BASE + HOUR + i as Millis, more));
        }
    }
    is_right(events, MINUTE);
}

#[test]
fn courting_and_protests_are_forgotten_after_72_hours_and_full_at_255() {
    for gap in around(72 * HOUR) {
        let mut events = Vec::new();
        for i in 0..300 {
            let kind = ["contact.requested", "contact.requested", "contact.blocked"][i % 3];
            let (actor, target) = if i % 3 == 2 { (0, 1) } else { (1, 0) };
            events.push(draft_event(kind, actor, target, BASE + i as Millis * SECOND, json!({})));
        }
        let last = BASE + 299 * SECOND;
        events.push(draft_event("contact.requested", 2, 0, last + gap, json!({})));
        events.push(draft_event("contact.requested", 3, 0, last + gap + 1, json!({})));
        is_right(events, SECOND);
    }
}

#[test]
fn entries_are_kept_for_90_days() {
    for gap in around(90 * DAY) {
        let young = json!({"created": BASE + 89 * DAY, "device": "device-of-both-of-them"});
        is_right(
            vec![
                draft_event("device.linked", 0, 0, BASE, device()),
                draft_event("contact.requested", 0, 1, BASE, json!({})),
                draft_event("account.status", 0, 0, BASE + MINUTE, json!({"status": "suspended"})),
                draft_event("account.created", 3, 3, BASE + 89 * DAY, young),
                draft_event("contact.requested", 3, 1, BASE + MINUTE + gap, json!({})),
            ],
            SECOND,
        );
    }
}

#[test]
fn a_second_ban_enters_anew() {
    for reinstated in [false, true] {
        let young = json!({"created": BASE + 3 * DAY, "device": "device-of-both-of-them"});
        let suspended = json!({"status": "suspended"});
        let mut events = vec![
            draft_event("device.linked", 0, 0, BASE, device()),
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event("account.status", 0, 0, BASE + MINUTE, suspended.clone()),
            draft_event("contact.requested", 0, 2, BASE + 2 * MINUTE, json!({})),
            draft_event("contact.requested", 0, 3, BASE + 2 * MINUTE, json!({})),
            draft_event("account.status", 0, 0, BASE + DAY, suspended),
            draft_event("account.created", 5, 5, BASE + 3 * DAY, young),
            draft_event("contact.requested", 5, 1, BASE + 3 * DAY + HOUR, json!({})),
            draft_event("contact.requested", 5, 2, BASE + 3 * DAY + 2 * HOUR, json!({})),
        ];
        if reinstated {
            let more = json!({"status": "reinstated"});
            events.push(draft_event("account.status", 0, 0, BASE + HOUR, more));
        }
        is_right(events, SECOND);
    }
}

#[test]
fn only_the_latest_64_are_entered() {
    let young = json!({"created": BASE + 3 * DAY, "device": "device-of-both-of-them"});
    let mut events = vec![
        draft_event("device.linked", 0, 0, BASE, device()),
        draft_event("account.status", 0, 0, BASE + DAY, json!({"status": "suspended"})),
        draft_event("account.created", 999, 999, BASE + 3 * DAY, young),
    ];
    for i in 1..=70 {
        events.push(draft_event("contact.requested", 0, i, BASE + i as Millis * SECOND, json!({})));
        let ts = BASE + 3 * DAY + i as Millis * MINUTE;
        events.push(draft_event("contact.requested", 999, i, ts, json!({})));
    }
    is_right(events, SECOND);
}

#[test]
fn a_group_starts_anew_after_28_days() {
    for gap in around(28 * DAY) {
        let minor = json!({"actor_ctx": {"p_minor": 1.0}});
        let mut events: Vec<Event> =
            (1..4).map(|i| draft_event("group.joined", i, i, BASE, minor.clone())).collect();
        events.push(draft_event("group.joined", 0, 0, BASE + gap, json!({"via": "link"})));
        is_right(events, SECOND);
    }
}

#[test]
fn a_quick_leave_comes_within_a_day() {
    for gap in around(DAY) {
        let mut events = Vec::new();
        for i in 1..7 {
            events.push(draft_event("group.member_added", 0, i, BASE, json!({})));
        }
        events.push(draft_event("group.left", 1, 1, BASE + gap, json!({})));
        events.push(draft_event("group.left", 1, 1, BASE + gap + MINUTE, json!({})));
        events.push(draft_event("account.updated", 0, 0, BASE + 2 * DAY, json!({})));
        is_right(events, SECOND);
    }
}

/// Whether one who adds itself is the last who added it.
#[test]
fn one_who_is_added_by_itself_leaves_whoever_added_it() {
    let mut events = Vec::new();
    for i in 1..7 {
        events.push(draft_event("group.member_added", 0, i, BASE, json!({})));
    }
    events.push(draft_event("group.member_added", 1, 1, BASE + SECOND, json!({})));
    events.push(draft_event("group.left", 1, 1, BASE + MINUTE, json!({})));
    events.push(draft_event("account.updated", 0, 0, BASE + HOUR, json!({})));
    is_right(events, SECOND);
}

/// The source of a protest is the device that was taught last, whichever came first among the last two.
#[test]
fn a_source_is_the_device_of_the_card() {
    let mut events = Vec::new();
    for i in 1..4 {
        let more = json!({"target_ctx": {"p_minor": 1.0}});
        events.push(draft_event("contact.requested", 0, i, BASE, more));
        for (step, device) in ["a-device-of-many-people", "device-of-its-own"].iter().enumerate() {
            let device = format!("{device}-{}", if step == 0 { 0 } else { i });
            let ts = BASE + (1 + step as Millis) * SECOND;
            events.push(draft_event("device.linked", i, i, ts, json!({"device": device})));
        }
    }
    // The first two come back to what they share.
    for i in 1..3 {
        let more = json!({"device": "a-device-of-many-people-0"});
        events.push(draft_event("device.linked", i, i, BASE + 5 * SECOND, more));
    }
    for i in 1..4 {
        events.push(draft_event("contact.blocked", i, 0, BASE + MINUTE, json!({})));
    }
    is_right(events, SECOND);
}

/// Each kind of protest is kept once, but any report may be the grave one.
#[test]
fn a_later_report_can_be_grave() {
    let report = |category: &str| json!({"category": category});
    is_right(
        vec![
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event("report.filed", 1, 0, BASE + MINUTE, report("spam")),
            draft_event("report.filed", 1, 0, BASE + 2 * MINUTE, report("sexual")),
            draft_event("account.updated", 0, 0, BASE + HOUR, json!({})),
        ],
        SECOND,
    );
}

#[test]
fn a_ban_of_a_banned_account_is_none() {
    let suspended = json!({"status": "suspended"});
    let mut events = vec![
        draft_event("device.linked", 0, 0, BASE, device()),
        draft_event("device.linked", 1, 1, BASE + SECOND, device()),
        draft_event("account.status", 0, 0, BASE + HOUR, suspended.clone()),
        draft_event("account.updated", 1, 1, BASE + 2 * HOUR, json!({})),
        draft_event("account.status", 0, 0, BASE + 3 * HOUR, suspended.clone()),
        draft_event("account.updated", 1, 1, BASE + 4 * HOUR, json!({})),
        draft_event("account.status", 0, 0, BASE + 5 * HOUR, json!({"status": "reinstated"})),
        draft_event("account.updated", 1, 1, BASE + 6 * HOUR, json!({})),
    ];
    // One that is banned already comes to the device, and another moves away from it.
    events.push(draft_event("account.status", 2, 2, BASE + 6 * HOUR, suspended));
    events.push(draft_event("device.linked", 2, 2, BASE + 7 * HOUR, device()));
    events.push(draft_event("account.updated", 1, 1, BASE + 8 * HOUR, json!({})));
    for (hours, other) in [(9, "another-device-of-its-own"), (10, "a-third-device-of-its-own")] {
        events.push(draft_event("device.linked", 2, 2, BASE + hours * HOUR, json!({"device": other})));
        events.push(draft_event("account.updated", 1, 1, BASE + hours * HOUR + MINUTE, json!({})));
    }
    is_right(events, SECOND);
}

/// Of refusals, only the last 48 hours that had any are remembered.
#[test]
fn refusals_are_remembered_for_48_hours_that_have_any() {
    for step in [2, 3, 4] {
        let refused =
            |i: usize| draft_event("gate.refused", 0, 1 + i % 3, BASE + i as Millis * step * HOUR, json!({}));
        is_right((0..70).map(refused).collect(), MINUTE);
    }
}

#[test]
fn views_replace_each_other_and_are_32_at_most() {
    let viewed = |i: usize| {
        let more = json!({"target_ctx": {"p_minor": (i % 10) as f64 / 10.0}});
        draft_event("discovery.viewed", 0, 1 + i * 7 % 40, BASE + i as Millis * HOUR, more)
    };
    let mut events: Vec<Event> = (0..90).map(viewed).collect();
    for i in 1..40 {
        events.push(draft_event("contact.requested", 0, i, BASE + (60 + i as Millis) * HOUR + 1, json!({})));
    }
    is_right(events, MINUTE);
}

#[test]
fn sums_of_a_lifetime_fade_over_gaps_of_any_length() {
    let mut events = Vec::new();
    let mut day = 0;
    for i in 1..200_usize {
        day += [0, 0, 1, 3, 14, 27, 100][i % 7];
        let ts = BASE + day * DAY + i as Millis * MINUTE;
        let more = json!({"target_ctx": {"p_minor": 0.5 + (i % 50) as f64 / 100.0}});
        events.push(draft_event("contact.requested", 0, i, ts, more));
        let answer = ["contact.accepted", "contact.declined", "contact.blocked"][i % 3];
        events.push(draft_event(answer, i, 0, ts + SECOND, json!({})));
    }
    is_right(events, MINUTE);
}

#[test]
fn a_view_counts_for_a_contact_within_seven_days() {
    for gap in around(7 * DAY) {
        let mut events = vec![draft_event("discovery.viewed", 0, 1, BASE, json!({}))];
        for i in 2..8 {
            events.push(draft_event("discovery.viewed", 0, i, BASE + 6 * DAY, json!({})));
        }
        events.push(draft_event("contact.requested", 0, 1, BASE + gap, json!({})));
        is_right(events, SECOND);
    }
}

#[test]
fn an_exposure_counts_for_a_contact_within_fourteen_days() {
    // In the midst of an hour too: how many there were is remembered by the hour, but this is not.
    let midst = 30 * MINUTE;
    let gaps = [14 * DAY - midst, 14 * DAY, 14 * DAY + midst].into_iter().flat_map(around);
    for (gap, start) in gaps.flat_map(|gap| [(gap, BASE), (gap, BASE + midst)]) {
        let minor = json!({"actor_ctx": {"p_minor": 1.0}});
        let mut events: Vec<Event> =
            (1..4).map(|i| draft_event("group.joined", i, i, BASE - DAY, minor.clone())).collect();
        events.push(draft_event("group.joined", 0, 0, start, json!({"via": "search"})));
        let shared = json!({"rel": {"shared_groups": "1"}});
        events.push(draft_event("contact.requested", 0, 1, start + gap, shared));
        is_right(events, SECOND);
    }
}

#[test]
fn an_approach_is_a_bond_after_28_days() {
    for gap in around(28 * DAY) {
        is_right(
            vec![
                draft_event("contact.requested", 0, 1, BASE, json!({})),
                draft_event("message.read", 0, 1, BASE + 10 * DAY, json!({})),
                draft_event("contact.blocked", 1, 0, BASE + gap, json!({})),
                draft_event("account.updated", 0, 0, BASE + gap, json!({})),
            ],
            SECOND,
        );
    }
}

/// Forty messages in less than three hours, and then a day of silence.
#[test]
fn a_pair_drops_off_after_an_early_rush() {
    let minor = json!({"target_ctx": {"p_minor": 1.0}, "kind": "contact_card"});
    for (early, silence) in around(3 * HOUR).into_iter().flat_map(|e| around(DAY).map(|s| (e, s))) {
        let mut events = vec![draft_event("message.sent", 0, 1, BASE, minor.clone())];
        for i in 1..39 {
            events.push(draft_event("message.sent", 0, 1, BASE + i * MINUTE, json!({})));
        }
        events.push(draft_event("message.sent", 1, 0, BASE + early, json!({})));
        events.push(draft_event("account.updated", 0, 0, BASE + early + silence, json!({})));
        is_right(events, SECOND);
    }
}
