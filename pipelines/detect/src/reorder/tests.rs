use std::collections::BTreeMap;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use events::{Event, Millis, decode};

use super::seen::fingerprint;
use super::{Arrival, Counters, Reorder, ReorderSettings};

mod clocks;
mod idle;
mod slow;

use slow::Slow;

const SECOND: Millis = 1_000;
const MINUTE: Millis = 60 * SECOND;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;
const YEAR: Millis = 365 * DAY;

/// A tick of a minute and of most other lengths.
const BASE: Millis = 20_000 * DAY;

/// A tick, and what came out with it: times, ids and whether each was late.
type Tick = (Millis, Vec<(Millis, String, bool)>);

fn event(id: &str, ts: Millis) -> Event {
    let line = format!(
        r#"{{"v":1,"id":"{id:_<16}","ts":{ts},"type":"contact.accepted","actor":"{:_<16}","target":"{:_<16}"}}"#,
        "anna", "bob"
    );
    decode(line.as_bytes(), Millis::MAX).unwrap()
}

fn close(reorder: &mut Reorder) -> Vec<Tick> {
    let mut ticks = Vec::new();
    while let Some(closed) = reorder.close_next() {
        let events = closed.iter().map(|(event, late)| (event.ts, event.id.to_string(), late));
        ticks.push((closed.at(), events.collect()));
    }
    ticks
}

/// Ticks since [`BASE`] and the ids that came out, late ones in brackets.
fn shown(ticks: &[Tick]) -> Vec<String> {
    let event = |(_, id, late): &(Millis, String, bool)| {
        let id = id.trim_end_matches('_');
        if *late { format!("({id})") } else { id.to_owned() }
    };
    let tick = |(at, events): &Tick| {
        let events: Vec<_> = events.iter().map(event).collect();
        format!("{}: {}", i128::from(*at) - i128::from(BASE), events.join(" "))
    };
    ticks.iter().map(tick).collect()
}

/// A stored copy read back, with the lists stored apart.
fn read_back(reorder: &mut Reorder, lists: &mut BTreeMap<Millis, Vec<u8>>) -> Reorder {
    for (end, list) in reorder.take_due_seen(|_| false) {
        lists.insert(end, postcard::to_allocvec(&list).unwrap());
    }
    let bytes = postcard::to_allocvec(reorder).unwrap();
    let mut read: Reorder = postcard::from_bytes(&bytes).unwrap();
    for (end, list) in lists {
        read.restore_seen(*end, &postcard::from_bytes::<Vec<u32>>(list).unwrap());
    }
    assert_eq!(postcard::to_allocvec(&read).unwrap(), bytes);
    assert_eq!(read.remembered_ids(), reorder.remembered_ids());
    assert_eq!((read.waiting(), read.ids_since()), (reorder.waiting(), reorder.ids_since()));
    assert_eq!(read.take_due_seen(|_| false), []);
    read
}

fn settings(tick_ms: Millis, lateness_ms: Millis) -> ReorderSettings {
    ReorderSettings { tick_ms, lateness_ms, ..ReorderSettings::default() }
}

/// One whose clocks stand at [`BASE`], with nothing waiting.
fn started(settings: ReorderSettings, partitions: &[i32]) -> Reorder {
    let mut reorder = Reorder::new(settings, partitions);
    for partition in partitions {
        for _ in 0..28 {
            reorder.push(*partition, event(&format!("start{partition}"), BASE));
        }
    }
    assert_eq!(reorder.latest(), Some(BASE));
    // So that nothing of the start is left, whatever the lateness; and all are awake.
    partitions.iter().for_each(|partition| reorder.set_idle(*partition, BASE));
    close(&mut reorder);
    for partition in partitions {
        assert_eq!(reorder.push(*partition, event(&format!("start{partition}"), BASE)), Arrival::Duplicate);
    }
    Reorder { counters: Counters::default(), ..reorder }
}

#[test]
fn a_tick_comes_out_once_the_clock_less_the_lateness_has_reached_it() {
    let mut reorder = started(settings(MINUTE, 10 * SECOND), &[0]);
    reorder.push(0, event("b", BASE + 2));
    reorder.push(0, event("a", BASE + 2));
    reorder.push(0, event("c", BASE + 1));
    reorder.push(0, event("end", BASE + MINUTE));
    reorder.push(0, event("next", BASE + MINUTE + 10 * SECOND - 1));
    assert_eq!(shown(&close(&mut reorder)), [""; 0]);
    reorder.push(0, event("last", BASE + MINUTE + 10 * SECOND));
    assert_eq!(shown(&close(&mut reorder)), ["60000: c a b end"]);
    assert_eq!(reorder.waiting(), 2);
    reorder.finish();
    assert_eq!(shown(&close(&mut reorder)), ["120000: next last"]);
    assert_eq!(reorder.waiting(), 0);
}

#[test]
fn a_late_event_comes_out_once_with_the_next_tick_and_is_known_afterwards() {
    let mut reorder = started(settings(MINUTE, 0), &[0]);
    let pushed = |reorder: &mut Reorder, id, ts| reorder.push(0, event(id, BASE + ts));
    assert_eq!(pushed(&mut reorder, "a", 1), Arrival::Kept);
    assert_eq!(pushed(&mut reorder, "a", 1), Arrival::Kept);
    assert_eq!(pushed(&mut reorder, "b", MINUTE), Arrival::Kept);
    assert_eq!(pushed(&mut reorder, "z", 3), Arrival::Merged);
    assert_eq!(pushed(&mut reorder, "y", 3), Arrival::Merged);
    assert_eq!(pushed(&mut reorder, "y", 3), Arrival::Duplicate);
    assert_eq!(pushed(&mut reorder, "y", 4), Arrival::Merged, "another time is another event");
    assert_eq!(pushed(&mut reorder, "a", 1), Arrival::Duplicate);
    assert_eq!(pushed(&mut reorder, "c", MINUTE + 1), Arrival::Kept);
    let late = event("old", BASE + MINUTE + 1 - DAY);
    assert_eq!(reorder.push(0, late), Arrival::Late);
    assert_eq!(shown(&close(&mut reorder)), ["60000: a b"]);
    assert_eq!(pushed(&mut reorder, "z", 3), Arrival::Duplicate);
    reorder.finish();
    assert_eq!(shown(&close(&mut reorder)), ["120000: (y) (z) (y) c"]);
    assert_eq!(pushed(&mut reorder, "z", 3), Arrival::Duplicate);
    assert_eq!(reorder.counters(), Counters { duplicates: 5, merged: 3, late: 1 });
}

#[test]
fn late_events_alone_make_the_tick_after_the_last_closed() {
    let mut reorder = started(settings(MINUTE, 0), &[0]);
    reorder.push(0, event("a", BASE + MINUTE));
    reorder.push(0, event("late", BASE + 1));
    assert_eq!(shown(&close(&mut reorder)), ["60000: a"]);
    reorder.finish();
    assert_eq!(shown(&close(&mut reorder)), ["120000: (late)"]);
}

/// What was stored goes on under the limits that hold now.
#[test]
fn limits_change_with_a_restart() {
    let mut reorder = started(ReorderSettings { late_merge_ms: 0, ..settings(MINUTE, 0) }, &[0]);
    reorder.push(0, event("a", BASE + MINUTE));
    close(&mut reorder);
    assert_eq!(reorder.push(0, event("b", BASE + 1)), Arrival::Late);
    reorder.set_limits(DAY, 1_000);
    assert_eq!(reorder.push(0, event("b", BASE + 1)), Arrival::Merged);
}

/// Redelivery is recognised for seven days, and what might have been counted is not merged.
#[test]
fn what_is_forgotten_is_late() {
    let merging = ReorderSettings { late_merge_ms: YEAR, ..settings(MINUTE, 0) };
    let mut reorder = started(merging, &[0]);
    reorder.push(0, event("a", BASE + 1));
    let mut ts = BASE;
    let walk = |reorder: &mut Reorder, ts: &mut Millis, to: Millis| {
        while *ts < to {
            *ts = to.min(*ts + 5 * MINUTE);
            reorder.push(0, event("walk", *ts));
            close(reorder);
        }
    };
    walk(&mut reorder, &mut ts, BASE + 7 * DAY + MINUTE - 1);
    assert_eq!(reorder.push(0, event("a", BASE + 1)), Arrival::Duplicate);
    assert_eq!(reorder.push(0, event("new", BASE + 1)), Arrival::Merged);
    assert_eq!(reorder.ids_since(), BASE + MINUTE - 1);
    walk(&mut reorder, &mut ts, BASE + 7 * DAY + MINUTE);
    assert_eq!(reorder.push(0, event("a", BASE + 1)), Arrival::Late);
    assert_eq!(reorder.push(0, event("other", BASE + 1)), Arrival::Late);
}

#[test]
fn the_oldest_lists_go_when_there_are_too_many_ids() {
    let few = ReorderSettings { ids_max: 10, ..settings(SECOND, 0) };
    let mut reorder = started(few, &[0]);
    for second in 1..=100 {
        for id in ["a", "b", "c"] {
            assert_eq!(
                reorder.push(0, event(id, BASE + second * SECOND)),
                if id == "a" { Arrival::Kept } else { Arrival::Merged }
            );
        }
        close(&mut reorder);
        assert!(reorder.remembered_ids() <= 10);
    }
    assert_eq!(reorder.remembered_ids(), 9);
    assert_eq!(reorder.ids_since(), BASE + 97 * SECOND);
    assert_eq!(reorder.push(0, event("a", BASE + 97 * SECOND)), Arrival::Late);
    assert_eq!(reorder.push(0, event("a", BASE + 98 * SECOND)), Arrival::Duplicate);
    assert_eq!(reorder.push(0, event("d", BASE + 98 * SECOND)), Arrival::Merged);
    assert_eq!(
        reorder.push(0, event("e", BASE + 98 * SECOND)),
        Arrival::Merged,
        "one more, and the list goes"
    );
    assert_eq!(reorder.push(0, event("e", BASE + 98 * SECOND)), Arrival::Late);
    assert_eq!((reorder.remembered_ids(), reorder.ids_since()), (6, BASE + 98 * SECOND));
}

/// More latecomers to one tick than a list holds apart.
#[test]
fn many_latecomers_are_each_counted_once() {
    let mut reorder = started(settings(HOUR, 0), &[0]);
    for ts in 1..=12 {
        reorder.push(0, event("time", BASE + ts * 5 * MINUTE));
    }
    let late = |n: u64| event(&format!("late{:05}", n * 7_919 % 10_007), BASE + n);
    for expected in [Arrival::Merged, Arrival::Duplicate] {
        assert!((1..10_000).all(|n| reorder.push(0, late(n)) == expected));
    }
    let mut read = read_back(&mut reorder, &mut BTreeMap::new());
    assert!((1..10_000).all(|n| read.push(0, late(n)) == Arrival::Duplicate));
    assert_eq!(read.remembered_ids(), 12 + 9_999 + 1);
}

#[test]
fn memory_is_reused_from_tick_to_tick() {
    let mut reorder = started(settings(SECOND, 0), &[0]);
    for second in 1..1_000 {
        for n in 0..10 {
            reorder.push(0, event(&format!("{n}"), BASE + second * SECOND - n));
        }
        close(&mut reorder);
    }
    assert!(reorder.waiting.bucket_count() <= 3, "{}", reorder.waiting.bucket_count());
}

/// Stored fingerprints are worth nothing if the hash changes.
#[test]
fn fingerprints_are_what_they_always_were() {
    let of = |id, ts| fingerprint(&event(id, ts).id, ts);
    let long = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    let prints = [of("a", 0), of("a", 1), of("b", 0), of("0123456789abcdefg", 0), of(long, BASE)];
    assert_eq!(prints, [3_157_432_577, 1_838_802_743, 3_489_306_311, 2_685_535_121, 983_537_777]);
}

/// Fingerprints of ids that count up collide about as often as chance has it.
#[test]
fn fingerprints_are_spread() {
    let count = 300_000_u64;
    let mut prints: Vec<_> = (0..count)
        .map(|n| fingerprint(&event(&format!("event-{n:010}"), BASE).id, BASE + n % 1_000))
        .collect();
    prints.sort_unstable();
    prints.dedup();
    let collisions = count - prints.len() as u64;
    // Expected: n² / 2^33, which is 10.5.
    assert!((1..=30).contains(&collisions), "{collisions}");
}

/// One step of a stream: how far its time goes on, and how far this event lies from it.
#[derive(Clone, Debug)]
struct Step {
    partition: i32,
    on_ms: Millis,
    behind_ms: Millis,
    ahead_ms: Millis,
    /// Deliver again one of those before, up to five times, instead.
    again: Option<(Index, usize)>,
    closes: bool,
    stores: bool,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let on_ms = prop_oneof![
        40 => 0..3 * SECOND,
        10 => select(vec![0, 1, MINUTE, 4 * MINUTE, 5 * MINUTE, 5 * MINUTE + 1]),
        1 => select(vec![HOUR, 3 * DAY, 8 * DAY]),
    ];
    let behind_ms = prop_oneof![
        12 => 0..5 * SECOND,
        3 => select(vec![MINUTE, 5 * MINUTE, HOUR, 23 * HOUR]),
        1 => select(vec![DAY - 1, DAY, DAY + 1, 6 * DAY, 7 * DAY, 7 * DAY + MINUTE, 30 * DAY]),
    ];
    let ahead_ms = prop_oneof![12 => Just(0), 1 => select(vec![2 * HOUR, DAY, 10 * YEAR])];
    let again = prop::option::weighted(0.15, (any::<Index>(), 1..=5_usize));
    let step =
        (0..3, on_ms, behind_ms, ahead_ms, again, prop::bool::weighted(0.3), prop::bool::weighted(0.02))
            .prop_map(|(partition, on_ms, behind_ms, ahead_ms, again, closes, stores)| Step {
                partition,
                on_ms,
                behind_ms,
                ahead_ms,
                again,
                closes,
                stores,
            });
    vec(step, 1..600)
}

/// What arrives, each with whether ticks are then taken out and whether everything is stored.
fn arrivals(steps: &[Step], partitions: i32) -> Vec<(i32, Event, bool, bool)> {
    let (mut now, mut arrivals) = (BASE, Vec::<(i32, Event, bool, bool)>::new());
    for (n, step) in steps.iter().enumerate() {
        now += step.on_ms;
        let partition = step.partition % partitions;
        match &step.again {
            Some((index, times)) if !arrivals.is_empty() => {
                let event = arrivals[index.index(arrivals.len())].1.clone();
                arrivals.extend((0..*times).map(|_| (partition, event.clone(), step.closes, step.stores)));
            }
            _ => {
                // Ids that differ early, and ids that differ late.
                let id = if n % 2 == 0 {
                    format!("event-{n:014}")
                } else {
                    format!("{:014}-event", n * 7_919 % 1_009)
                };
                let event = event(&id, now - step.behind_ms + step.ahead_ms);
                arrivals.push((partition, event, step.closes, step.stores));
            }
        }
    }
    arrivals
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever arrives, and however often ticks are taken out and everything is stored: the same as by the page,
    /// and nothing is late that would not be if every clock were believed.
    #[test]
    fn all_is_as_the_page_says(
        steps in steps(),
        partitions in 1..=3,
        tick_ms in select(vec![1, 7, 999, SECOND, 1_001, MINUTE, HOUR]),
        lateness_ms in select(vec![0, 1, 10 * SECOND, HOUR]),
        late_merge_ms in select(vec![0, HOUR, DAY, 6 * DAY, 30 * DAY]),
    ) {
        let settings = ReorderSettings { late_merge_ms, ..settings(tick_ms, lateness_ms) };
        let all: Vec<i32> = (0..partitions).collect();
        let (mut reorder, mut slow) = (Reorder::new(settings, &all), Slow::new(settings, &all));
        let (mut ticks, mut lists) = (Vec::new(), BTreeMap::new());
        let (mut counters, mut kept) = (Counters::default(), 0);
        for (partition, event, closes, stores) in arrivals(&steps, partitions) {
            let expected = slow.push(partition, &event);
            prop_assert_eq!(reorder.push(partition, event), expected);
            prop_assert!(expected == Arrival::Kept || slow.late_by_latest);
            match expected {
                Arrival::Kept => kept += 1,
                Arrival::Merged => counters.merged += 1,
                Arrival::Duplicate => counters.duplicates += 1,
                Arrival::Late => counters.late += 1,
            }
            if closes {
                ticks.extend(close(&mut reorder));
            }
            if stores {
                reorder = read_back(&mut reorder, &mut lists);
            }
        }
        reorder.finish();
        ticks.extend(close(&mut reorder));
        prop_assert_eq!(&ticks, &slow.finish());
        prop_assert_eq!(reorder.waiting(), 0);
        let in_time = ticks.iter().flat_map(|(_, events)| events).filter(|(.., late)| !late).count();
        counters.duplicates += kept - in_time as u64;
        prop_assert_eq!(reorder.counters(), counters);
    }

    /// What is forgotten for want of room, too, depends on the order of arrival alone.
    #[test]
    fn batches_and_storage_change_nothing_when_room_is_scarce(
        steps in steps(),
        partitions in 1..=3,
        tick_ms in select(vec![1, 7, 999, SECOND, 1_001, MINUTE]),
        ids_max in 0..100_usize,
    ) {
        let settings = ReorderSettings { ids_max, ..settings(tick_ms, SECOND) };
        let run = |always: bool| {
            let mut reorder = Reorder::new(settings, &(0..partitions).collect::<Vec<_>>());
            let (mut said, mut ticks, mut lists) = (Vec::new(), Vec::new(), BTreeMap::new());
            for (partition, event, closes, stores) in arrivals(&steps, partitions) {
                said.push(reorder.push(partition, event));
                if closes || always {
                    ticks.extend(close(&mut reorder));
                }
                if stores && !always {
                    reorder = read_back(&mut reorder, &mut lists);
                }
                assert!(reorder.remembered_ids() <= ids_max);
            }
            reorder.finish();
            ticks.extend(close(&mut reorder));
            (said, ticks, reorder.counters(), reorder.remembered_ids(), reorder.ids_since())
        };
        prop_assert_eq!(run(true), run(false));
    }
}
