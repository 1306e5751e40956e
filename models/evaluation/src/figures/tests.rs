use super::*;

const DAY: u64 = DAY_MS;

fn person(ring: usize, archetype: Option<&str>, role: Option<&str>, minors: &[u64]) -> Person {
    let truth = Truth {
        account: String::new(),
        abusive: archetype.is_some(),
        archetype: archetype.map(str::to_owned),
        role: role.map(str::to_owned),
        onset: archetype.map(|_| 2 * DAY),
        minor: false,
    };
    Person { truth, ring, cohort: "europe/90d/25_34".into(), minors: minors.to_vec(), is_active: true }
}

/// Two offenders, a coach and two others; one offender is found on day 5, the coach on day 6.
fn bench() -> (Tracks, Bench) {
    let people = [
        ("a", person(0, Some("loud"), None, &[DAY, 3 * DAY, 4 * DAY, 8 * DAY, 30 * DAY])),
        ("b", person(1, Some("patient"), None, &[10 * DAY])),
        ("c", person(2, None, Some("coach"), &[])),
        ("d", person(3, None, None, &[])),
        ("e", person(3, None, None, &[])),
    ];
    let people = people.into_iter().map(|(name, person)| (name.to_owned(), person)).collect();
    let mut tracks = Tracks::default();
    for (account, day, score) in
        [("a", 4, -1.0), ("a", 5, 2.0), ("a", 9, 3.0), ("c", 6, 2.0), ("b", 7, 1.0), ("d", 7, 0.0)]
    {
        tracks.raise(account, day * DAY, score);
    }
    (tracks, Bench { people, capacity: 2, window: (0, 40 * DAY) })
}

#[test]
fn figures_are_those_of_the_accounts_within_the_capacity() {
    let (tracks, bench) = bench();
    let figures = Figures::of("test", &tracks, &bench);
    assert_eq!(figures.found, ["a", "c"]);
    assert_eq!((figures.precision.value, figures.recall.value), (Some(0.5), Some(0.5)));
    assert_eq!((figures.recall_soon.value, figures.precision_top_quarter), (Some(0.5), Some(1.0)));
    assert_eq!(figures.days_to_flag_median, Some(3.0), "found on day 5, at it since day 2");
    assert_eq!(figures.roles["coach"], Kind { accounts: 1, found: 1 });
    assert_eq!(figures.worst_role, Some(("coach".to_owned(), 1.0)));
    assert_eq!(figures.ordinary, Kind { accounts: 2, found: 0 });
    assert_eq!(figures.archetypes["patient"], Kind { accounts: 1, found: 0 });
    assert_eq!(figures.weeks[0], Kind { accounts: 2, found: 1 });
    let wronged: Vec<usize> = figures.slices.iter().map(|slice| slice.wronged).collect();
    assert_eq!(wronged, [1, 1, 1]);
}

/// Two minors between onset and flag, a third within three days of it; of who was not found all count.
#[test]
fn minors_are_counted_from_the_onset_to_when_somebody_can_act() {
    let (tracks, bench) = bench();
    let figures = Figures::of("test", &tracks, &bench);
    let median = |i: usize| figures.minors[i].median;
    assert_eq!([median(0), median(2)], [Some(1.5), Some(2.0)]);
    assert_eq!(figures.minors_by_archetype["loud"], Some(2.0));
    assert_eq!(figures.minors_by_archetype["patient"], Some(1.0));
    let later = Bench { window: (9 * DAY, 40 * DAY), ..bench };
    assert_eq!(Figures::of("test", &tracks, &later).minors_by_archetype["patient"], Some(1.0));
}

#[test]
fn intervals_hold_the_value_and_widen_with_rings() {
    let rows: Vec<(f64, f64)> = (0..60_u8).map(|i| (f64::from(i % 2), 1.0)).collect();
    let alone = Resamples::new(0..60).share(&rows);
    let rings = Resamples::new((0..60).map(|i| i % 2)).share(&rows);
    for found in [alone, rings] {
        assert!(found.low <= found.value && found.value <= found.high, "{found:?}");
    }
    assert!(alone.low > Some(0.3) && alone.high < Some(0.7), "{alone:?}");
    assert_eq!((rings.low, rings.high), (Some(0.0), Some(1.0)), "two rings, of which one may not be drawn");
    assert_eq!(Resamples::new(0..2).share(&[(0.0, 0.0); 2]), Interval { value: None, low: None, high: None });
}
