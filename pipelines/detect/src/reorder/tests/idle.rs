//! Who holds whom back, and how streams end.

use super::*;

#[test]
fn who_is_idle_holds_nobody_back_until_he_speaks() {
    let mut reorder = started(settings(MINUTE, 0), &[0, 1]);
    reorder.push(0, event("a", BASE + 1));
    reorder.push(0, event("b", BASE + 2 * MINUTE));
    assert_eq!(shown(&close(&mut reorder)), [""; 0]);
    reorder.set_idle(1, BASE);
    assert_eq!(shown(&close(&mut reorder)), ["60000: a", "120000: b"]);
    assert_eq!(reorder.push(1, event("c", BASE + MINUTE)), Arrival::Merged);
    reorder.push(0, event("d", BASE + 6 * MINUTE));
    assert_eq!(shown(&close(&mut reorder)), [""; 0], "partition 1 has spoken");
    reorder.push(1, event("e", BASE + 5 * MINUTE));
    assert_eq!(shown(&close(&mut reorder)), ["180000: (c)", "300000: e"]);
}

#[test]
fn a_tick_that_only_a_fast_clock_filled_stays_open() {
    let mut reorder = started(settings(MINUTE, 10 * SECOND), &[0, 1]);
    reorder.push(0, event("fast", BASE + 10 * YEAR));
    reorder.push(0, event("a", BASE + 1));
    reorder.push(1, event("b", BASE + 2 * MINUTE));
    for partition in [0, 1] {
        reorder.set_idle(partition, BASE + 2 * MINUTE - 1);
    }
    assert_eq!(shown(&close(&mut reorder)), ["60000: a"]);
    reorder.set_idle(0, BASE + 2 * MINUTE);
    assert_eq!(shown(&close(&mut reorder)), ["120000: b"]);
    assert_eq!(reorder.waiting(), 1);
    reorder.finish();
    assert_eq!(shown(&close(&mut reorder)).len(), 1);
}

/// Who has spoken too little to have a clock holds the others back until he is idle or the stream ends.
#[test]
fn a_short_stream_ends_whole() {
    let mut reorder = Reorder::new(settings(MINUTE, 0), &[0, 1]);
    reorder.push(1, event("b", BASE + 2));
    reorder.push(0, event("a", BASE + 1));
    assert_eq!(shown(&close(&mut reorder)), [""; 0]);
    reorder.finish();
    assert_eq!(shown(&close(&mut reorder)), ["60000: a b"]);
}

#[test]
fn nobody_is_idle_after_storage() {
    let mut reorder = started(settings(MINUTE, 0), &[0, 1]);
    reorder.push(0, event("a", BASE + MINUTE));
    reorder.set_idle(1, BASE + DAY);
    let mut read = read_back(&mut reorder, &mut BTreeMap::new());
    assert_eq!(shown(&close(&mut read)), [""; 0]);
    assert_eq!(shown(&close(&mut reorder)), ["60000: a"]);
}

/// What had been closed before it was first heard stays closed, and comes out although it has not been taken out.
#[test]
fn a_new_partition_holds_the_others_back_too() {
    let mut reorder = started(settings(MINUTE, 0), &[0]);
    reorder.push(0, event("a", BASE + MINUTE));
    assert_eq!(reorder.push(1, event("b", BASE + 1)), Arrival::Merged);
    reorder.push(0, event("c", BASE + 3 * MINUTE));
    assert_eq!(shown(&close(&mut reorder)), ["60000: a"]);
    assert_eq!(reorder.push(1, event("d", BASE + 2 * MINUTE)), Arrival::Kept);
    reorder.set_idle(1, 0);
    assert_eq!(shown(&close(&mut reorder)), ["120000: (b) d", "180000: c"]);
}

#[test]
fn who_runs_ahead_is_named() {
    let mut reorder = started(settings(MINUTE, 0), &[0, 1, 2]);
    (1..=24).for_each(|n| _ = reorder.push(2, event("a", BASE + n * 5 * MINUTE)));
    assert_eq!(reorder.running_ahead(2 * HOUR), [0; 0]);
    assert_eq!(reorder.running_ahead(2 * HOUR - 1), [2]);
}

#[test]
fn the_end_of_time_is_an_end() {
    let mut reorder = Reorder::new(settings(7 * SECOND, 0), &[0]);
    for ts in [Millis::MAX, Millis::MAX - 1, Millis::MAX - 7 * SECOND] {
        assert_eq!(reorder.push(0, event("a", ts)), Arrival::Kept);
    }
    reorder.finish();
    let out: Vec<Millis> = close(&mut reorder).into_iter().flat_map(|(_, all)| all).map(|e| e.0).collect();
    assert_eq!(out, [Millis::MAX - 7 * SECOND, Millis::MAX - 1, Millis::MAX]);
    assert_eq!(reorder.push(0, event("b", Millis::MAX)), Arrival::Late);
}
