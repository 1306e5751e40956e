//! The engine against the reference: same ticks, same accounts, same order, and every column to the last bit.

use std::collections::{BTreeMap, BTreeSet};

use detect::{Engine, PAIR_COLUMNS, Pair, PairColumn, Profile, Row, Settings, feature_schema};
use events::{Event, Millis};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRng, TestRunner};
use schema::Schema;
use serde_json::json;
use silhouette_tests::reference::{PairRow, ScoredRow, pairs_all, score_all};

mod crowd;
mod delivery;
mod disputed;
mod edges;
mod flags;
mod forest;
mod stored;
mod stream;

use stream::{BASE, DAY, HOUR, SECOND, Stream, account, draft_event, streams};

/// A runner that tries the same cases every time, so that a failure on one machine is one on all.
fn runner(cases: u32) -> TestRunner {
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(prop::test_runner::RngAlgorithm::ChaCha))
}

fn full_schema() -> Schema {
    feature_schema(&Profile::default())
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
    let names: Vec<String> = full_schema().names().map(str::to_owned).collect();
    let mut engine = Engine::new(Settings { tick_ms, lateness_ms: tick_ms, ..Settings::default() }, &[0]);
    let mut rows = Vec::new();
    for event in events {
        engine.push(0, event.clone());
        engine.close(|row| rows.push(named(&row, &names)));
    }
    engine.finish();
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
        let longer = if r > f { right } else { found };
        let beyond = &longer[r.min(f)];
        format!(
            "there are {f} rows, there must be {r}; the first beyond the others' end is of {} at {}",
            beyond.account, beyond.at
        )
    })
}

fn check(events: &[Event], tick_ms: Millis) -> Result<(), TestCaseError> {
    let difference = difference(&score_all(events, tick_ms), &engine_rows(events, tick_ms));
    prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
    Ok(())
}

#[test]
fn engine_is_right_on_small_adversarial_streams() {
    runner(1_500).run(&streams(), |Stream { tick_ms, events }| check(&events, tick_ms)).unwrap();
}

/// What a model of pairs is fitted to.
#[test]
fn pairs_are_right_on_small_adversarial_streams() {
    runner(300)
        .run(&streams(), |Stream { tick_ms, events }| {
            let mut found = Vec::new();
            let settings = Settings { tick_ms, lateness_ms: tick_ms, ..Settings::default() };
            let mut engine = Engine::new(settings, &[0]);
            events.iter().for_each(|event| {
                engine.push(0, event.clone());
            });
            engine.finish();
            engine.close(|row| {
                let name = |(column, value): (&PairColumn, f64)| {
                    (column.name.to_owned(), (!value.is_nan()).then_some(value))
                };
                let named = |pair: Pair| PairRow {
                    account: row.account.to_string(),
                    other: pair.other.to_string(),
                    columns: PAIR_COLUMNS.iter().zip(pair.x).map(name).collect(),
                };
                found.extend(row.pairs().into_iter().map(named));
            });
            prop_assert_eq!(pairs_all(&events, tick_ms), found);
            Ok(())
        })
        .unwrap();
}

/// A null says what it means, and every column takes more than one value somewhere.
#[test]
fn small_adversarial_streams_reach_every_column_of_a_pair() {
    let mut runner = runner(1);
    let mut seen: BTreeMap<String, BTreeSet<Option<u64>>> = BTreeMap::new();
    for _ in 0..1000 {
        let Stream { tick_ms, events } = streams().new_tree(&mut runner).unwrap().current();
        for (name, value) in pairs_all(&events, tick_ms).into_iter().flat_map(|pair| pair.columns) {
            seen.entry(name).or_default().insert(value.map(f64::to_bits));
        }
    }
    for column in PAIR_COLUMNS {
        let values = &seen[column.name];
        let is_absent = values.contains(&None);
        assert_eq!(is_absent, column.null_when.is_some(), "{} is absent somewhere: {is_absent}", column.name);
        assert!(values.len() - usize::from(is_absent) >= 2, "{} takes one value", column.name);
    }
}

/// Without this the test above could pass because nothing ever happens in its streams.
#[test]
fn small_adversarial_streams_reach_every_column() {
    let mut runner = runner(1);
    let mut seen: BTreeMap<String, BTreeSet<Option<u64>>> = BTreeMap::new();
    for _ in 0..1000 {
        let Stream { tick_ms, events } = streams().new_tree(&mut runner).unwrap().current();
        for row in score_all(&events, tick_ms) {
            for (name, value) in row.columns {
                seen.entry(name).or_default().insert(value.map(f64::to_bits));
            }
        }
    }
    let missed: Vec<String> = full_schema().features().iter().filter_map(|f| missed(f, &seen)).collect();
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

/// What a column should have been and never was.
fn missed(feature: &schema::Feature, seen: &BTreeMap<String, BTreeSet<Option<u64>>>) -> Option<String> {
    let name = &feature.name;
    let values = seen.get(name)?;
    let is_absent = values.contains(&None);
    let count = values.len() - usize::from(is_absent);
    let right = match name.as_str() {
        _ if name.ends_with("_pct") => return (count > 0).then(|| format!("{name} takes {count} values")),
        // Yes or no.
        _ if name.starts_with("new_country") || name.starts_with("new_device") => 2,
        _ => 3,
    };
    if count < right {
        return Some(format!("{name} takes {count} values"));
    }
    (is_absent != feature.null_when.is_some()).then(|| format!("{name} is absent somewhere: {is_absent}"))
}

#[test]
fn engine_is_right_on_a_simulated_world() {
    let params = simulate::Params { accounts: 300, days: 10, seed: 7, ..simulate::Params::default() };
    let events: Vec<Event> = simulate::World::new(&params.check().unwrap()).flatten().collect();
    check(&events, 60_000).unwrap();
}

fn events_in_order(mut events: Vec<Event>) -> Vec<Event> {
    events.sort_by(|a, b| (a.ts, &a.id).cmp(&(b.ts, &b.id)));
    events
}

/// The page says what a tick and a window contain; these are its edges, one by one.
#[test]
fn windows_are_open_at_their_start_and_closed_at_their_end() {
    for (gap, contacts) in [(HOUR - SECOND, 2.0), (HOUR, 1.0), (HOUR + SECOND, 1.0)] {
        let events = [
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event("contact.requested", 0, 2, BASE + gap, json!({})),
        ];
        for rows in [score_all(&events, SECOND), engine_rows(&events, SECOND)] {
            assert_eq!(rows[1].account, account(0));
            assert_eq!(rows[1].columns["fc_rate_all_1h"], Some(contacts), "after {gap} ms");
        }
    }
}

#[test]
fn a_memory_lasts_28_days_and_not_a_second_more() {
    for (gap, rows_count) in [(28 * DAY, 1), (28 * DAY + SECOND, 2)] {
        let events = [
            draft_event("contact.requested", 0, 1, BASE, json!({})),
            draft_event("contact.requested", 0, 1, BASE + gap, json!({})),
        ];
        assert_eq!(score_all(&events, SECOND).len(), rows_count, "after {gap} ms");
        assert_eq!(engine_rows(&events, SECOND).len(), rows_count, "after {gap} ms");
    }
}
