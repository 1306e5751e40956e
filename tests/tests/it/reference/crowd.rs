//! An account that contacts more others than it can remember one by one: its counts stay near the truth, and its size
//! within bounds.

use std::collections::BTreeMap;

use detect::{Engine, Settings};
use events::{Event, Millis};
use serde_json::json;

use super::stream::{BASE, DAY, HOUR, MINUTE, SECOND, account, draft_event};
use super::{events_in_order, full_schema, named};

const WINDOWS: [(&str, Millis); 5] =
    [("10m", 10 * MINUTE), ("1h", HOUR), ("24h", DAY), ("7d", 7 * DAY), ("28d", 28 * DAY)];

/// Most bytes of an account.
const BYTES_MAX: usize = 16_384;

/// When the first contacts of 28 days come.
#[derive(Clone, Copy, Debug)]
pub(super) enum Spread {
    /// Evenly.
    Even,
    /// In two hours of each day.
    Evenings,
    /// All but a few on the last day.
    LastDay,
}

impl Spread {
    fn at(self, index: usize, many: usize) -> Millis {
        let part = |length: Millis, of: usize, total: usize| length * of as Millis / total as Millis;
        match self {
            Spread::Even => part(28 * DAY, index, many),
            Spread::Evenings => {
                let daily = many.div_ceil(28);
                (index / daily) as Millis * DAY + 18 * HOUR + part(2 * HOUR, index % daily, daily)
            }
            Spread::LastDay => {
                let before = many / 10;
                if index < before {
                    part(27 * DAY, index, before)
                } else {
                    27 * DAY + part(DAY, index - before, many - before)
                }
            }
        }
    }
}

/// Whom it contacts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Others {
    /// Accounts that nothing was heard of before, so that the platform meets them in this order.
    New,
    /// Some of a platform's accounts, in no order.
    Known,
}

/// How many accounts the platform has.
const PLATFORM: usize = 60_000;

impl Others {
    /// The numbers of as many accounts, each once.
    fn numbers(self, many: usize) -> Vec<usize> {
        let mut numbers: Vec<usize> = match self {
            Others::New => return (1..=many).collect(),
            Others::Known => (1..=PLATFORM).collect(),
        };
        // As good as at random: any regular step would spread them more evenly over the engine's tables than people are.
        numbers.sort_by_cached_key(|number| *blake3::hash(&number.to_le_bytes()).as_bytes());
        numbers.truncate(many);
        numbers
    }
}

/// A first contact: when, and how probable it is that it is with a minor, in ten-thousandths.
type Contact = (Millis, u64);

/// One account's first contacts, and messages to those whom it contacted before, of which nothing is said any more.
pub(super) fn stream(many: usize, spread: Spread, others: Others) -> (Vec<Contact>, Vec<Event>) {
    let mut contacts = Vec::new();
    let mut events = Vec::new();
    let numbers = others.numbers(many);
    if matches!(others, Others::Known) {
        let joined = |n: usize| {
            draft_event("account.updated", n, n, BASE - DAY + n as Millis, json!({"country": "DE"}))
        };
        events.extend((0..=PLATFORM).map(joined));
    }
    for index in 0..many {
        // A little after midnight, so that contacts fall into the midst of the buckets' halves and minutes.
        let ts = BASE + spread.at(index, many) + 7 * SECOND;
        let parts = (index * 7_919 % 10_001) as u64;
        contacts.push((ts, parts));
        let more = json!({"target_ctx": {"p_minor": parts as f64 / 10_000.0}});
        events.push(draft_event("contact.requested", 0, numbers[index], ts, more));
        for back in [index / 2, index * 7 % (index + 1)] {
            events.push(draft_event("message.sent", 0, numbers[back], ts + SECOND, json!({})));
        }
    }
    events.dedup_by(|a, b| a.id == b.id);
    (contacts, events_in_order(events))
}

/// The greatest error of each column over all ticks with so many in the window at least, with the truth and what was found, and the account's size.
fn errors(
    (many, least): (usize, usize),
    spread: Spread,
    others: Others,
) -> (BTreeMap<String, (f64, f64, f64)>, usize) {
    let (contacts, events) = stream(many, spread, others);
    let names: Vec<String> = full_schema().names().map(str::to_owned).collect();
    let mut engine = Engine::new(Settings { lateness_ms: MINUTE, ..Settings::default() }, &[0]);
    let mut errors: BTreeMap<String, (f64, f64, f64)> = BTreeMap::new();
    let mut compare = |engine: &mut Engine| {
        engine.close(|row| {
            let row = named(&row, &names);
            if row.account != account(0) {
                return;
            }
            for (window, length) in WINDOWS {
                let is_in = |(ts, _): &&Contact| {
                    // Moments are remembered in whole seconds.
                    let s = ts / SECOND * SECOND;
                    s <= row.at && s + length > row.at
                };
                let within = || contacts.iter().filter(is_in);
                if within().count() < least {
                    continue;
                }
                let expected = within().map(|(_, parts)| parts).sum::<u64>() as f64 / 10_000.0;
                for (feature, right) in
                    [("fc_rate_all", within().count() as f64), ("fc_minor_expected", expected)]
                {
                    let name = format!("{feature}_{window}");
                    let found = row.columns[&name].unwrap();
                    let error = if found == right { 0.0 } else { (found - right).abs() / right };
                    let worst = errors.entry(name).or_insert((0.0, right, found));
                    if error > worst.0 {
                        *worst = (error, right, found);
                    }
                }
            }
        });
    };
    for (index, event) in events.into_iter().enumerate() {
        engine.push(0, event);
        if index.is_multiple_of(64) {
            compare(&mut engine);
        }
    }
    engine.finish();
    compare(&mut engine);
    let bytes = engine.account_bytes().next().unwrap();
    (errors, bytes)
}

/// Where fewer than a hundredth of all are in a window, one who stands for others weighs too much in it.
fn check_crowd(many: usize, error_max: f64) {
    let least = if error_max > 0.0 { many / 100 } else { 0 };
    let mut failures = Vec::new();
    let spreads = [Spread::Even, Spread::Evenings, Spread::LastDay];
    for (spread, others) in spreads.iter().flat_map(|s| [(*s, Others::New), (*s, Others::Known)]) {
        let (errors, bytes) = errors((many, least), spread, others);
        let what = format!("{many} {others:?} {spread:?}");
        for (name, (error, right, found)) in errors {
            // A shorter window holds few, of which one or two stand for others: in the mean it is right, by itself less so.
            let is_bounded = error_max == 0.0 || name.ends_with("_28d");
            if is_bounded && error > error_max {
                let percent = error * 100.0;
                failures.push(format!("{what}: {name} is {found}, not {right}: {percent:.2} % off"));
            }
        }
        if bytes > BYTES_MAX {
            failures.push(format!("{what}: {bytes} bytes"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn as_many_as_are_remembered_are_counted_exactly() {
    check_crowd(256, 0.0);
}

#[test]
fn a_thousand_are_counted_nearly() {
    check_crowd(1_000, 0.02);
}

#[test]
fn five_thousand_are_counted_nearly() {
    check_crowd(5_000, 0.03);
}

#[test]
fn twenty_thousand_are_counted_nearly() {
    check_crowd(20_000, 0.03);
}
