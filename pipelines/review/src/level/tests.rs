use proptest::prelude::*;

use super::*;

const BARS: Bars = Bars { support_nats: 0.69, blocking_minors: 3, least_p: 0.1 };

fn flagged(nats: &[(Family, f64)]) -> Facts {
    Facts { is_flagged: true, p: 0.8, nats: nats.iter().copied().collect(), ..Facts::default() }
}

#[test]
fn one_score_is_a_lead_and_says_what_is_missing() {
    let assessment = flagged(&[(Family::Targeting, 3.0), (Family::Response, 2.0)]).assess(&BARS);
    assert_eq!(assessment.level, Level::E1, "whom it turns to and how they answer are one kind of evidence");
    assert_eq!(assessment.rests_on.len(), 2);
    assert_eq!(assessment.missing.len(), 1, "{assessment:?}");
    assert_eq!(assessment.missing[0].sentence, "One of these must speak against it, by odds × 2.0 or more");
    assert_eq!(assessment.missing[0].any_of.len(), Circle::ALL.len() - 1);
}

#[test]
fn a_second_kind_of_evidence_makes_the_second_level() {
    let two = flagged(&[(Family::Targeting, 3.0), (Family::Timing, 0.7)]);
    assert_eq!(two.assess(&BARS).level, Level::E2);
    let cluster = Facts { is_in_significant_cluster: true, ..flagged(&[(Family::Targeting, 3.0)]) };
    assert_eq!(cluster.assess(&BARS).level, Level::E2);
    let blocked = Facts { blocking_minors: 3, ..flagged(&[(Family::Response, 1.0)]) };
    assert_eq!(blocked.assess(&BARS).level, Level::E2);
}

#[test]
fn confirmation_counts_only_on_top_of_two_kinds() {
    let confirmed = |facts: Facts| Facts { corroborations: vec![Corroboration::UpheldReport], ..facts };
    let one = confirmed(flagged(&[(Family::Targeting, 3.0)]));
    assert_eq!(one.assess(&BARS).level, Level::E1);
    let two = confirmed(flagged(&[(Family::Targeting, 3.0), (Family::Identity, 1.0)]));
    assert_eq!(two.assess(&BARS).level, Level::E3);
    let going_on = Facts { urgencies: vec![Urgency::FreshExtortion], ..two };
    let assessment = going_on.assess(&BARS);
    assert_eq!((assessment.level, assessment.missing.len()), (Level::E4, 0));
}

#[test]
fn without_what_others_did_the_odds_are_what_the_rest_makes_them() {
    let facts = flagged(&[(Family::Targeting, 0.5), (Family::Protest, 2.0)]);
    // Odds of 4 without e^2.
    let odds = 4.0 / 2.0_f64.exp();
    assert!((facts.p_without_protest() - odds / (1.0 + odds)).abs() < 1e-12);
}

proptest! {
    /// Whatever the number of reports does to the score, and however many block: without any other evidence it stays E1.
    #[test]
    fn protest_alone_never_passes_the_first_level(
        p in 0.0..=1.0_f64,
        protest in 0.0..1e3_f64,
        blocking_minors in any::<u32>(),
        confirmed in any::<bool>(),
    ) {
        let corroborations = if confirmed { Corroboration::ALL.to_vec() } else { Vec::new() };
        let nats = BTreeMap::from([(Family::Protest, protest)]);
        let facts = Facts {
            is_flagged: true, p, nats, blocking_minors, corroborations,
            urgencies: Urgency::ALL.to_vec(), ..Facts::default()
        };
        prop_assert_eq!(facts.assess(&BARS).level, Level::E1);
    }

    /// More evidence never lowers a level, and every level but the last says what is missing.
    #[test]
    fn evidence_never_lowers_a_level(
        p in 0.0..=1.0_f64,
        nats in proptest::collection::btree_map(family(), 0.0..5.0_f64, 0..5),
        blocking_minors in 0..6_u32,
        more in family(),
    ) {
        // Protest raises the probability as well, which is not changed here.
        prop_assume!(more != Family::Protest);
        let facts = Facts { is_flagged: true, p, nats, blocking_minors, ..Facts::default() };
        let mut richer = facts.clone();
        *richer.nats.entry(more).or_default() += 1.0;
        richer.is_in_significant_cluster = true;
        let (before, after) = (facts.assess(&BARS), richer.assess(&BARS));
        prop_assert!(before.level <= after.level);
        prop_assert!(!before.missing.is_empty());
        prop_assert!(after.rests_on.len() >= before.rests_on.len());
    }
}

fn family() -> impl Strategy<Value = Family> {
    proptest::sample::select(vec![
        Family::Targeting,
        Family::Response,
        Family::Timing,
        Family::Identity,
        Family::Graph,
        Family::Protest,
    ])
}
