//! The engine against the reference: same ticks, same accounts, same order, and every column to the last bit.

use std::collections::BTreeSet;

use detect::{Engine, PAIRS_MAX, Row, Settings, feature_schema};
use events::{Event, Millis};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use serde_json::json;
use silhouette_tests::reference::{ScoredRow, score_all};

mod delivery;
mod flags;
mod stream;

use stream::{BASE, DAY, HOUR, Stream, account, draft_event, streams};

/// A runner that tries the same cases every time, so that a failure on one machine is one on all.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha))
}

/// A row of the engine with its columns by name.
fn named(row: &Row<'_>, names: &[String]) -> ScoredRow {
    let values = row.x.values().iter().map(|value| (!value.is_nan()).then_some(*value));
    ScoredRow {
        at: row.at,
        account: row.account.to_string(),
        columns: names.iter().cloned().zip(values).collect(),
    }
}

/// What the engine says of events that come in order, through one partition.
fn engine_rows(events: &[Event], tick_ms: Millis) -> Vec<ScoredRow> {
    let names: Vec<String> = feature_schema().names().map(str::to_owned).collect();
    let mut engine = Engine::new(Settings { tick_ms, lateness_ms: tick_ms }, &[0]);
    let mut rows = Vec::new();
    for event in events {
        engine.push(0, event.clone());
        engine.close(|row| rows.push(named(&row, &names)));
    }
    engine.set_idle(0);
    engine.close(|row| rows.push(named(&row, &names)));
    rows
}

/// The first thing in which `found` differs from what is `right`, in words.
fn difference(right: &[ScoredRow], found: &[ScoredRow]) -> Option<String> {
    for (index, (right, found)) in right.iter().zip(found).enumerate() {
        let (r, f) = ((right.at, &right.account), (found.at, &found.account));
        if r != f {
            return Some(format!("row {index} is of {f:?}, it must be of {r:?}"));
        }
        let (r, f): (Vec<_>, Vec<_>) = (right.columns.keys().collect(), found.columns.keys().collect());
        if r != f {
            return Some(format!("the columns are {f:?}, they must be {r:?}"));
        }
        for (name, r) in &right.columns {
            let f = found.columns[name];
            if f.map(f64::to_bits) != r.map(f64::to_bits) {
                let account = &right.account;
                return Some(format!("row {index}, {account} at {}: {name} is {f:?}, not {r:?}", right.at));
            }
        }
    }
    let (r, f) = (right.len(), found.len());
    (r != f).then(|| {
        format!("there are {f} rows, there must be {r}; the first beyond the others' end is {:?}", {
            let longer = if r > f { right } else { found };
            &longer[r.min(f)]
        })
    })
}

fn check(events: &[Event], tick_ms: Millis) -> Result<(), TestCaseError> {
    let difference = difference(&score_all(events, tick_ms), &engine_rows(events, tick_ms));
    prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    Ok(())
}

#[test]
fn engine_is_right_on_small_adversarial_streams() {
    runner(2_500).run(&streams(), |Stream { tick_ms, events }| check(&events, tick_ms)).unwrap();
}

/// Without this the test above could pass because nothing ever happens in its streams.
#[test]
fn small_adversarial_streams_reach_every_column() {
    let mut runner = runner(1);
    let mut seen: Vec<(String, Option<u64>)> = Vec::new();
    for _ in 0..400 {
        let Stream { tick_ms, events } = streams().new_tree(&mut runner).unwrap().current();
        for row in score_all(&events, tick_ms) {
            seen.extend(row.columns.into_iter().map(|(name, value)| (name, value.map(f64::to_bits))));
        }
    }
    let seen: BTreeSet<_> = seen.into_iter().collect();
    for feature in feature_schema().features() {
        let values = seen.iter().filter(|(name, value)| *name == feature.name && value.is_some()).count();
        assert!(values > 3, "{} takes {values} values", feature.name);
        let is_absent = seen.contains(&(feature.name.clone(), None));
        assert_eq!(is_absent, feature.null_when.is_some(), "{} is absent somewhere", feature.name);
    }
}

#[test]
fn engine_is_right_on_a_simulated_world() {
    let params = simulate::Params { accounts: 300, days: 10, seed: 7, ..simulate::Params::default() };
    let events: Vec<Event> = simulate::World::new(&params.check().unwrap()).flatten().collect();
    check(&events, 60_000).unwrap();
}

/// One account that contacts, and is contacted by, more than it can remember; then some come back to it.
#[test]
fn engine_is_right_beyond_what_an_account_remembers() {
    let many = PAIRS_MAX + 300;
    let mut events = Vec::new();
    let mut add = |kind, actor: usize, target: usize, ts: Millis, rel: &str| {
        events.push(draft_event(kind, actor, target, ts, json!({"rel": {"edge": rel}})));
    };
    for i in 1..=many {
        let ts = BASE + i as Millis * 1_000;
        // Every fifth is old acquaintance, so that it is no first contact and goes first.
        let edge = if i % 5 == 0 { "connected" } else { "none" };
        add("contact.requested", 0, i, ts, edge);
        if i % 3 == 0 {
            // Equal times in both memories, so that only the order of meeting decides.
            add("message.sent", many + i, 0, ts, "none");
        }
        if i % 7 == 0 {
            add("contact.accepted", i, 0, ts + 500, "requested");
        }
    }
    for (days, step) in [(1, 11), (2, 13), (27, 17), (29, 19), (60, 23)] {
        for i in (1..2 * many).step_by(step) {
            let ts = BASE + days * DAY + (i / 4) as Millis;
            add(["contact.blocked", "report.filed", "message.sent"][i % 3], i, 0, ts, "none");
            add(["message.sent", "gate.refused", "contact.requested"][i % 3], 0, i, ts, "none");
        }
    }
    check(&events_in_order(events), 6 * HOUR).unwrap();
}

/// Where all else is equal, who was met first goes first; how many blocks by likely minors are left tells who went.
#[test]
fn engine_lets_go_first_whom_it_met_first() {
    let others = 1..=PAIRS_MAX + 60;
    let mut events = Vec::new();
    for i in others.clone().step_by(7) {
        events.push(draft_event("message.read", i, i, BASE - i as Millis, json!({})));
    }
    for i in others {
        let p_minor = (i * 37 % 10_000) as f64 / 10_000.0;
        events.push(draft_event(
            "contact.requested",
            0,
            i,
            BASE,
            json!({"target_ctx": {"p_minor": p_minor}}),
        ));
        events.push(draft_event("contact.blocked", i, 0, BASE + HOUR, json!({})));
    }
    check(&events_in_order(events), HOUR).unwrap();
}

/// What is forgotten makes room before anything that is not.
#[test]
fn engine_lets_go_what_is_forgotten_before_the_rest() {
    let recent = PAIRS_MAX - 50..PAIRS_MAX;
    let mut events: Vec<Event> =
        (1..recent.start).map(|i| draft_event("contact.requested", 0, i, BASE, json!({}))).collect();
    for i in recent.clone() {
        events.push(draft_event("contact.requested", i, 0, BASE + 20 * DAY, json!({})));
    }
    for i in PAIRS_MAX + 1..PAIRS_MAX + 30 {
        events.push(draft_event("contact.requested", 0, i, BASE + 28 * DAY + 1, json!({})));
    }
    // Those whom it remembers had reached out to it, so that this is no first contact.
    for i in recent {
        events.push(draft_event("call.placed", 0, i, BASE + 29 * DAY, json!({})));
    }
    check(&events_in_order(events), HOUR).unwrap();
}

fn events_in_order(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
    events
}

/// The page says what a tick and a window contain; these are its edges, one by one.
#[test]
fn windows_are_open_at_their_start_and_closed_at_their_end() {
    for (gap, contacts) in [(HOUR - 1, 2.0), (HOUR, 1.0), (HOUR + 1, 1.0)] {
        let events = [
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event("contact.requested", 0, 2, BASE + gap, json!({})),
        ];
        for rows in [score_all(&events, 1), engine_rows(&events, 1)] {
            assert_eq!(rows[1].account, account(0));
            assert_eq!(rows[1].columns["first_contacts_1h"], Some(contacts), "after {gap} ms");
        }
    }
}

#[test]
fn a_memory_lasts_28_days_and_not_a_millisecond_more() {
    for (gap, rows_count) in [(28 * DAY, 1), (28 * DAY + 1, 2)] {
        let events = [
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event("contact.requested", 0, 1, BASE + gap, json!({})),
        ];
        assert_eq!(score_all(&events, 1).len(), rows_count, "after {gap} ms");
        assert_eq!(engine_rows(&events, 1).len(), rows_count, "after {gap} ms");
    }
}
