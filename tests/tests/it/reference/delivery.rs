//! The engine against itself: what it says depends on the events, and on nothing of how they arrive.

use std::collections::{BTreeMap, BTreeSet};

use detect::{Arrival, Engine, Evidence, Settings, feature_schema};
use events::{Event, Millis};
use proptest::prelude::*;
use proptest::sample::select;
use silhouette_tests::reference::{ScoredRow, score_all, tick_of};

use super::stream::{DAY, MINUTE, Stream, streams};
use super::{difference, engine_rows, named, runner};

/// How each event of a stream comes.
#[derive(Clone, Debug)]
struct Delivery {
    partitions: i32,
    /// How far each partition runs behind the first.
    skews_ms: Vec<Millis>,
    lateness_ms: Millis,
    /// For each delivery of each event, how late it comes, in thousandths of the lateness.
    delays: Vec<Vec<Millis>>,
    /// Whether ticks are closed after an arrival; the last one stands for all arrivals beyond.
    closes: Vec<bool>,
    /// After how many arrivals each the engine is stored and read back.
    stored_every: usize,
}

/// How events come that are due within a lateness of `delay_max` thousandths of the allowed one.
fn deliveries(delay_max: Millis) -> impl Strategy<Value = Delivery> {
    let delays = prop::collection::vec(prop::collection::vec(0..delay_max, 1..=5), 120);
    let skew = select(vec![0, 1, MINUTE, DAY, 40 * DAY]);
    (
        select(vec![1, 2, 3, 8]),
        prop::collection::vec(skew, 8),
        select(vec![1, 1_000, MINUTE, DAY, 30 * DAY]),
        delays,
        prop::collection::vec(any::<bool>(), 1..=200),
        1..=10_usize,
    )
        .prop_map(|(partitions, skews_ms, lateness_ms, delays, closes, stored_every)| Delivery {
            partitions,
            skews_ms,
            lateness_ms,
            delays,
            closes,
            stored_every,
        })
}

impl Delivery {
    /// The partition of an event: that of its actor, so that an actor's events keep together.
    fn partition(&self, event: &Event) -> i32 {
        let key = event.actor.as_ref().unwrap_or(&event.id);
        i32::from(blake3::hash(key.as_str().as_bytes()).as_bytes()[0]) % self.partitions
    }

    /// Every delivery of every event, in order of arrival. Between partitions there is no order: one may run far
    /// behind another.
    fn arrivals(&self, events: &[Event]) -> Vec<(i32, Event)> {
        let mut arrivals = Vec::new();
        for (event, delays) in events.iter().zip(&self.delays) {
            let partition = self.partition(event);
            let skew_ms = self.skews_ms[partition.unsigned_abs() as usize];
            for delay in delays {
                let due = event.ts + skew_ms + delay * self.lateness_ms / 1_000;
                arrivals.push((due, partition, event.clone()));
            }
        }
        // Stable, so that what is due at one moment comes in the order of the stream.
        arrivals.sort_by_key(|(due, ..)| *due);
        arrivals.into_iter().map(|(_, partition, event)| (partition, event)).collect()
    }

    fn closes_after(&self, arrival: usize) -> bool {
        self.closes[arrival.min(self.closes.len() - 1)]
    }
}

/// What an engine said: rows, the evidence with each, and how each arrival was taken.
#[derive(Debug, Default, PartialEq)]
struct Said {
    rows: Vec<ScoredRow>,
    evidence: Vec<Vec<Evidence>>,
    arrivals: Vec<Arrival>,
}

/// Runs an engine over arrivals, closing ticks when `closes_after` says so, through storage when `stored_after` does.
fn run(
    settings: Settings,
    partitions: i32,
    arrivals: &[(i32, Event)],
    closes_after: impl Fn(usize) -> bool,
    stored_after: impl Fn(usize) -> bool,
) -> Said {
    let names: Vec<String> = feature_schema().names().map(str::to_owned).collect();
    let all: Vec<i32> = (0..partitions).collect();
    let mut engine = Engine::new(settings, &all);
    let mut said = Said::default();
    let mut close = |engine: &mut Engine| {
        engine.close(|row| {
            said.rows.push(named(&row, &names));
            said.evidence.push(row.evidence.iter().cloned().collect());
        });
    };
    for (index, (partition, event)) in arrivals.iter().enumerate() {
        said.arrivals.push(engine.push(*partition, event.clone()));
        if closes_after(index) {
            close(&mut engine);
        }
        if stored_after(index) {
            engine = postcard::from_bytes(&postcard::to_allocvec(&engine).unwrap()).unwrap();
        }
    }
    for partition in all {
        engine.set_idle(partition);
    }
    close(&mut engine);
    said
}

#[test]
fn partitions_order_redelivery_cadence_and_storage_change_nothing() {
    runner(500)
        .run(&(streams(), deliveries(1_000)), |(Stream { tick_ms, events }, delivery)| {
            let settings = Settings { tick_ms, lateness_ms: delivery.lateness_ms };
            let arrivals = delivery.arrivals(&events);
            let closes = |index: usize| delivery.closes_after(index);
            let stored = |index: usize| index.is_multiple_of(delivery.stored_every);
            let said = run(settings, delivery.partitions, &arrivals, closes, stored);
            prop_assert!(!said.arrivals.contains(&Arrival::Late), "nothing came beyond the allowed lateness");
            let difference = difference(&engine_rows(&events, tick_ms), &said.rows);
            prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());

            let in_order: Vec<(i32, Event)> = events.into_iter().map(|event| (0, event)).collect();
            let plain = run(settings, 1, &in_order, |_| false, |_| false);
            prop_assert_eq!(plain.evidence, said.evidence);
            Ok(())
        })
        .unwrap();
}

/// An event of a closed tick is late, however often the engine was asked to close what it may.
#[test]
fn late_events_are_counted_and_otherwise_ignored() {
    let mut seen = BTreeSet::new();
    let cases = (streams(), deliveries(3_000));
    let seen_in = std::cell::RefCell::new(&mut seen);
    runner(500)
        .run(&cases, |(Stream { tick_ms, events }, delivery)| {
            let settings = Settings { tick_ms, lateness_ms: delivery.lateness_ms };
            let arrivals = delivery.arrivals(&events);
            let closes = |index: usize| delivery.closes_after(index);
            let said = run(settings, delivery.partitions, &arrivals, closes, |index| index.is_multiple_of(3));
            let at_once = run(settings, delivery.partitions, &arrivals, |_| true, |_| false);
            prop_assert!(at_once == said, "what is late depends on when ticks are closed, or on storage");

            let late = late(settings, delivery.partitions, &arrivals);
            let is_late: Vec<bool> = said.arrivals.iter().map(|arrival| *arrival == Arrival::Late).collect();
            prop_assert_eq!(&is_late, &late);
            seen_in.borrow_mut().extend(late.iter().copied());

            let in_time = arrivals.into_iter().zip(late).filter(|(_, is_late)| !is_late);
            let in_time: Vec<Event> = in_time.map(|((_, event), _)| event).collect();
            let difference = difference(&score_all(&in_time, tick_ms), &said.rows);
            prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
            Ok(())
        })
        .unwrap();
    assert_eq!(seen.len(), 2, "some events are late and some are not");
}

/// Which arrivals are late, by the page: those of a tick that the watermark has reached.
fn late(settings: Settings, partitions: i32, arrivals: &[(i32, Event)]) -> Vec<bool> {
    let mut latest: BTreeMap<i32, Millis> = BTreeMap::new();
    let mut watermark: Option<Millis> = None;
    let mut late = Vec::new();
    for (partition, event) in arrivals {
        late.push(watermark.is_some_and(|w| w >= tick_of(event.ts, settings.tick_ms)));
        let latest_ts = latest.entry(*partition).or_insert(event.ts);
        *latest_ts = event.ts.max(*latest_ts);
        if latest.len() == partitions.unsigned_abs() as usize {
            watermark = latest.values().min().map(|ts| ts.saturating_sub(settings.lateness_ms));
        }
    }
    late
}

/// A silent partition holds everything up until it is said to be idle, and again once it speaks.
#[test]
fn an_idle_partition_is_left_out() {
    let event = |who, whom, ts| {
        super::draft_event("contact.requested", who, whom, super::BASE + ts, serde_json::json!({}))
    };
    let mut engine = Engine::new(Settings { tick_ms: MINUTE, lateness_ms: MINUTE }, &[0, 1]);
    let ticks = |engine: &mut Engine| {
        let mut ticks = Vec::new();
        engine.close(|row| ticks.push(row.at - super::BASE));
        ticks
    };
    engine.push(0, event(1, 2, 1));
    engine.push(0, event(3, 4, 2 * MINUTE));
    assert!(ticks(&mut engine).is_empty(), "partition 1 may still say something");

    engine.set_idle(1);
    assert_eq!(ticks(&mut engine), [MINUTE]);
    assert_eq!(engine.push(1, event(1, 3, MINUTE)), Arrival::Late);

    engine.push(0, event(5, 6, 9 * MINUTE));
    assert!(ticks(&mut engine).is_empty(), "partition 1 has spoken");
    assert_eq!(engine.push(1, event(1, 4, 3 * MINUTE)), Arrival::Kept);
    assert_eq!(ticks(&mut engine), [2 * MINUTE]);

    engine.set_idle(0);
    engine.set_idle(1);
    assert_eq!(ticks(&mut engine), [3 * MINUTE, 9 * MINUTE]);
}

/// Partitions are idle by the clock on the wall; whoever was idle when the engine was stored may have a backlog now.
#[test]
fn an_engine_read_back_waits_for_every_partition() {
    let event = |who, whom, ts| {
        super::draft_event("contact.requested", who, whom, super::BASE + ts, serde_json::json!({}))
    };
    let mut engine = Engine::new(Settings { tick_ms: MINUTE, lateness_ms: MINUTE }, &[0, 1]);
    engine.push(0, event(1, 2, 0));
    engine.set_idle(1);
    engine.close(|_| {});
    let mut engine: Engine = postcard::from_bytes(&postcard::to_allocvec(&engine).unwrap()).unwrap();
    engine.push(0, event(1, 3, 9 * MINUTE));
    engine.close(|row| panic!("{} was scored before partition 1 was heard", row.account));
    assert_eq!(engine.push(1, event(2, 3, MINUTE)), Arrival::Kept);
}
