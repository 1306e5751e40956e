use super::*;
use crate::{Person, Truth};

fn person(account: &str, archetype: Option<&str>, role: Option<&str>, minors: &[u64]) -> (String, Person) {
    let truth = Truth {
        account: account.to_owned(),
        abusive: archetype.is_some(),
        archetype: archetype.map(str::to_owned),
        role: role.map(str::to_owned),
        onset: None,
        minor: false,
    };
    let cohort = "europe/90d/25_34".to_owned();
    (account.to_owned(), Person { truth, ring: 0, cohort, minors: minors.to_vec(), is_active: true })
}

fn tracks(of: &[(&str, u64, f64)]) -> Tracks {
    let mut tracks = Tracks::default();
    of.iter().for_each(|(account, at, score)| tracks.raise(account, *at, *score));
    tracks
}

fn observed() -> Observed {
    Observed {
        tracks: tracks(&[("a", 1000, 0.9), ("b", 2000, 0.8), ("c", 3000, 0.7), ("d", 1, 0.1)]),
        tracks_without_reports: tracks(&[("a", 1, 0.5), ("b", 1, 0.8), ("c", 1, 0.7), ("d", 1, 0.1)]),
        beside: vec![("other".to_owned(), tracks(&[("c", 1, 2.0), ("a", 1, 1.0)]))],
        flagged: ["a".to_owned(), "b".to_owned()].into(),
        account_days: vec![(1.0, true), (0.0, false)],
        columns: [("a", [0.0, 5.0]), ("b", [9.0, 4.0]), ("c", [1.0, 6.0])]
            .map(|(account, of)| (account.to_owned(), of.to_vec()))
            .into(),
        names: vec!["weak".to_owned(), "strong".to_owned()],
    }
}

#[test]
fn figures_by_hand() {
    let people = [
        person("a", Some("scattergun"), None, &[1, 1000, 1001]),
        person("b", None, Some("teacher"), &[]),
        person("c", Some("scattergun"), None, &[5, 6, 7, 8]),
        person("d", None, None, &[]),
    ];
    let bench = Bench { people: people.into(), capacity: 2, window: (0, 24 * 60 * 60 * 1000) };
    let found = Evaluation::of(&observed(), &bench);
    assert_eq!(found.precision_at_capacity, Some(0.5));
    assert_eq!(found.recall_at_capacity, Some(0.5));
    assert_eq!(found.recall_without_reports, Some(0.5));
    assert_eq!(found.flags_per_million_per_day, Some(500_000.0));
    assert_eq!(found.minors_before_flag_median, Some(3.0), "two before the flag, four without any flag");
    assert_eq!(found.calibration_error, 0.0);
    assert_eq!(found.archetypes["scattergun"], Group { accounts: 2, flagged: 1, at_capacity: 1 });
    assert_eq!(found.roles["teacher"], Group { accounts: 1, flagged: 1, at_capacity: 1 });
    assert_eq!(found.ordinary, Group { accounts: 1, flagged: 0, at_capacity: 0 });
    assert_eq!(found.one_feature, Some(OneFeature { feature: "strong".to_owned(), precision: 1.0 }));
    let named = |account: &str, so| vec![(account.to_owned(), so)];
    let Difference { both, only_model, only_other, .. } = &found.differences[0];
    assert_eq!((*both, only_model, only_other), (1, &named("b", false), &named("c", true)));
}

#[test]
fn nothing_seen_gives_no_figures() {
    let found =
        Evaluation::of(&Observed::default(), &Bench { people: BTreeMap::new(), capacity: 5, window: (0, 0) });
    assert_eq!(found.precision_at_capacity, None);
    assert_eq!(found.flags_per_million_per_day, None);
    assert_eq!(found.minors_before_flag_median, None);
    assert_eq!(found.one_feature, None);
}
