//! What moves a partition's clock, and what does not.

use super::*;

/// The clocks after each event of one partition, since [`BASE`].
fn clocks(times: impl IntoIterator<Item = Millis>) -> Vec<Option<Millis>> {
    let mut reorder = Reorder::new(settings(MINUTE, 0), &[0]);
    let heard = times.into_iter().map(|ts| {
        reorder.push(0, event("tick", BASE + ts));
        reorder.latest().map(|clock| clock.saturating_sub(BASE))
    });
    heard.collect()
}

const FAST: [Millis; 3] = [2 * HOUR, DAY, 10 * YEAR];

#[test]
fn a_clock_starts_at_the_least_of_the_first_28() {
    for fast in FAST {
        let clocks = clocks(std::iter::once(fast).chain(1..100));
        assert_eq!(clocks[26], None);
        assert_eq!(clocks[27], Some(1));
        assert_eq!(clocks[28..], (28..100).map(Some).collect::<Vec<_>>());
    }
}

#[test]
fn a_burst_of_27_from_a_fast_clock_does_not_move_it() {
    for fast in FAST {
        let times = (0..50).chain((0..27).map(|n| 50 + fast + n)).chain(50..100);
        assert_eq!(clocks(times).last(), Some(&Some(99)));
    }
}

#[test]
fn one_in_three_from_a_fast_clock_does_not_move_it() {
    for fast in FAST {
        let times = (0..100_000).map(|n| if n % 3 == 0 { n + fast } else { n });
        assert!(clocks(times).iter().zip(0..).all(|(clock, n)| clock.is_none_or(|clock| clock <= n)));
    }
}

#[test]
fn a_gap_is_believed_after_28_events() {
    let times = (0..50).chain((0..30).map(|n| 3 * DAY + n));
    let clocks = clocks(times);
    assert_eq!(clocks[76], Some(49));
    assert_eq!(clocks[77..], [Some(3 * DAY), Some(3 * DAY + 28), Some(3 * DAY + 29)]);
}

#[test]
fn a_sparse_stream_runs_27_events_behind() {
    let clocks = clocks((0..200).map(|n| n * HOUR));
    for (n, clock) in clocks.into_iter().enumerate().skip(27) {
        assert_eq!(clock, Some((n as Millis - 27) * HOUR));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// Of three events one at random is fast: 28 of 32 are so once in three thousand million events.
    #[test]
    fn fast_clocks_at_random(fast in select(&FAST), is_fast in vec(0..3_u8, 2_000)) {
        let times = is_fast.iter().zip(0..).map(|(fast_if, n)| n + if *fast_if == 0 { fast } else { 0 });
        for (clock, n) in clocks(times).into_iter().zip(0..) {
            prop_assert!(clock.is_none_or(|clock| clock <= n));
        }
    }
}
