//! The engine against itself: what it says depends on the events, and on nothing of how they arrive.

use detect::{Arrival, Engine, Evidence, Restoring, Settings};
use events::{Event, Millis};
use proptest::prelude::*;
use proptest::sample::select;
use silhouette_tests::reference::ScoredRow;

use super::stream::{DAY, MINUTE, SECOND, Stream, streams};
use super::{difference, full_schema, named, runner};

/// How each event of a stream comes.
#[derive(Clone, Debug)]
struct Delivery {
    shards: usize,
    partitions: i32,
    /// How far each partition runs behind the first.
    skews_ms: Vec<Millis>,
    lateness_ms: Millis,
    /// For each delivery of each event, how late it comes, in thousandths of the lateness; again from the first for
    /// events beyond the last.
    delays: Vec<Vec<Millis>>,
    /// Whether ticks are closed after an arrival; again from the first for arrivals beyond the last.
    closes: Vec<bool>,
}

/// How events come that are due within the allowed lateness.
fn deliveries() -> impl Strategy<Value = Delivery> {
    let delays = prop::collection::vec(prop::collection::vec(0..1_000_u64, 1..=5), 1..=120);
    let skew = select(vec![0, 1, MINUTE, DAY, 40 * DAY]);
    let batches = prop_oneof![Just(1.0), Just(0.0), 0.01..0.99_f64];
    let closes = batches
        .prop_flat_map(|chance| prop::collection::vec(any::<f64>().prop_map(move |x| x < chance), 1..=200));
    (
        select(vec![1, 2, 3, 8]),
        select(vec![1, 2, 3, 8]),
        prop::collection::vec(skew, 8),
        select(vec![1, SECOND, MINUTE, DAY, 30 * DAY]),
        delays,
        closes,
    )
        .prop_map(|(shards, partitions, skews_ms, lateness_ms, delays, closes)| Delivery {
            shards,
            partitions,
            skews_ms,
            lateness_ms,
            delays,
            closes,
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
        for (event, delays) in events.iter().zip(self.delays.iter().cycle()) {
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
        self.closes[arrival % self.closes.len()]
    }
}

/// What an engine said: rows, the evidence with each, and how each arrival was taken.
#[derive(Debug, Default, PartialEq)]
struct Said {
    rows: Vec<ScoredRow>,
    evidence: Vec<Vec<Evidence>>,
    arrivals: Vec<Arrival>,
}

/// Runs an engine over arrivals, closing ticks when `closes_after` says so.
fn run(
    settings: Settings,
    partitions: i32,
    arrivals: &[(i32, Event)],
    closes_after: impl Fn(usize) -> bool,
) -> Said {
    let names: Vec<String> = full_schema().names().map(str::to_owned).collect();
    let all: Vec<i32> = (0..partitions).collect();
    let mut engine = Engine::new(settings, &all);
    let mut said = Said::default();
    let mut close = |engine: &mut Engine| {
        engine.close(|row| {
            said.rows.push(named(&row, &names));
            said.evidence.push(row.evidence());
        });
    };
    for (index, (partition, event)) in arrivals.iter().enumerate() {
        said.arrivals.push(engine.push(*partition, event.clone()));
        if closes_after(index) {
            close(&mut engine);
        }
    }
    engine.finish();
    close(&mut engine);
    said
}

/// What an engine of one shard and one partition says of events in their order.
fn plain(events: &[Event], tick_ms: Millis) -> Said {
    let in_order: Vec<(i32, Event)> = events.iter().map(|event| (0, event.clone())).collect();
    run(Settings { tick_ms, lateness_ms: 1, ..Settings::default() }, 1, &in_order, |_| false)
}

#[test]
fn shards_partitions_order_redelivery_and_cadence_change_nothing() {
    runner(500)
        .run(&(streams(), deliveries()), |(Stream { tick_ms, events }, delivery)| {
            let Delivery { shards, lateness_ms, .. } = delivery;
            let settings = Settings { tick_ms, lateness_ms, shards, ..Settings::default() };
            let arrivals = delivery.arrivals(&events);
            let said = run(settings, delivery.partitions, &arrivals, |index| delivery.closes_after(index));
            let is_in_time = |arrival: &Arrival| matches!(arrival, Arrival::Kept | Arrival::Duplicate);
            prop_assert!(said.arrivals.iter().all(is_in_time), "nothing came beyond the allowed lateness");
            let plain = plain(&events, tick_ms);
            let difference = difference(&plain.rows, &said.rows);
            prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
            prop_assert_eq!(plain.evidence, said.evidence);
            Ok(())
        })
        .unwrap();
}

#[test]
fn every_number_of_shards_says_the_same() {
    runner(100)
        .run(&streams(), |Stream { tick_ms, events }| {
            let plain = plain(&events, tick_ms);
            let in_order: Vec<(i32, Event)> = events.into_iter().map(|event| (0, event)).collect();
            for shards in [2, 3, 8] {
                let settings = Settings { tick_ms, lateness_ms: 1, shards, ..Settings::default() };
                let said = run(settings, 1, &in_order, |_| true);
                prop_assert!(said == plain, "{} shards", shards);
            }
            Ok(())
        })
        .unwrap();
}

/// The state is stored after every batch, and an engine is begun anew from what was stored.
#[test]
fn stopping_and_restoring_after_every_batch_changes_nothing() {
    let names: Vec<String> = full_schema().names().map(str::to_owned).collect();
    runner(200)
        .run(&(streams(), 1..=9_usize, select(vec![1, 3])), |(Stream { tick_ms, events }, batch, shards)| {
            let plain = plain(&events, tick_ms);
            let settings = Settings { tick_ms, lateness_ms: 1, shards, ..Settings::default() };
            let mut engine = Engine::new(settings.clone(), &[0]);
            let mut segments: Vec<Vec<u8>> = Vec::new();
            let mut said = Said::default();
            for events in events.chunks(batch) {
                for event in events {
                    engine.push(0, event.clone());
                }
                engine.close(|row| {
                    said.rows.push(named(&row, &names));
                    said.evidence.push(row.evidence());
                });
                segments.push(Vec::new());
                engine.segment(|part| segments.last_mut().unwrap().extend(part));
                let mut restoring = Restoring::new(settings.clone());
                // As many as are asked for, and no more.
                for segment in segments.iter().rev() {
                    if !restoring.is_whole() {
                        restoring.take(segment.clone()).unwrap();
                    }
                }
                engine = restoring.finish().unwrap();
            }
            engine.finish();
            engine.close(|row| {
                said.rows.push(named(&row, &names));
                said.evidence.push(row.evidence());
            });
            let difference = difference(&plain.rows, &said.rows);
            prop_assert!(difference.is_none(), "{}", difference.unwrap_or_default());
            prop_assert_eq!(plain.evidence, said.evidence);
            Ok(())
        })
        .unwrap();
}
