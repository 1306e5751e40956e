use proptest::prelude::*;
use rand::{RngExt, SeedableRng};

use super::*;

/// Scores whose true log-odds are known.
fn drawn(n: usize, odds: impl Fn(f64) -> f64) -> (Vec<f64>, Vec<bool>, Vec<usize>) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let scores: Vec<f64> = (0..n).map(|_| rng.random_range(-4.0..4.0)).collect();
    let y = scores.iter().map(|score| rng.random_bool(1.0 / (1.0 + (-odds(*score)).exp()))).collect();
    (scores, y, (0..n).map(|i| i % FOLDS).collect())
}

#[test]
fn each_way_finds_the_curve_that_made_the_data() {
    let (scores, y, fold) = drawn(40_000, |score| 0.5 * score - 1.0);
    let weight = vec![1.0; scores.len()];
    let scored = Scored { scores: &scores, y: &y, weight: &weight };
    for way in [Way::Platt, Way::Beta, Way::Isotonic] {
        let calibration = way.fit(&scored, |_| true).unwrap();
        for score in [-3.0, -1.0, 0.0, 2.0, 3.0] {
            let right = 1.0 / (1.0 + f64::exp(1.0 - 0.5 * score));
            let found = calibration.probability(score);
            assert!((right - found).abs() < 0.03, "{way:?} at {score}: {right} {found}");
        }
    }
    assert_ne!(best(&scored, &fold).unwrap(), Way::Isotonic, "a curve needs no steps");
}

#[test]
fn what_is_no_logistic_curve_is_not_called_one() {
    let (scores, y, fold) = drawn(40_000, |score| if score < 0.0 { -3.0 } else { 1.0 });
    let weight = vec![1.0; scores.len()];
    let scored = Scored { scores: &scores, y: &y, weight: &weight };
    assert_eq!(best(&scored, &fold).unwrap(), Way::Isotonic);
    let (scores, y, fold) = drawn(40_000, |score| {
        let [low, high] = beta_terms(score);
        0.1 * low + 2.0 * high - 1.0
    });
    let scored = Scored { scores: &scores, y: &y, weight: &weight };
    assert_eq!(best(&scored, &fold).unwrap(), Way::Beta);
}

#[test]
fn a_score_that_says_nothing_or_the_contrary_is_refused() {
    let (scores, y, _) = drawn(2_000, |score| -score);
    let weight = vec![1.0; scores.len()];
    let scored = Scored { scores: &scores, y: &y, weight: &weight };
    for way in [Way::Platt, Way::Beta] {
        assert!(matches!(way.fit(&scored, |_| true), Err(Error::Inverted)), "{way:?}");
    }
}

proptest! {
    #[test]
    fn steps_never_fall(rows in prop::collection::vec((-3..3_i8, any::<bool>(), 1..9_u8), 8..60)) {
        let scores: Vec<f64> = rows.iter().map(|row| f64::from(row.0)).collect();
        let y: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let weight: Vec<f64> = rows.iter().map(|row| f64::from(row.2)).collect();
        let scored = Scored { scores: &scores, y: &y, weight: &weight };
        let Ok(calibration) = Way::Isotonic.fit(&scored, |_| true) else { return Ok(()) };
        let p: Vec<f64> = (-40..40_i32).map(|n| calibration.probability(f64::from(n) / 10.0)).collect();
        prop_assert!(p.windows(2).all(|two| two[0] <= two[1]), "{p:?}");
        prop_assert!(p.iter().all(|p| (0.0..=1.0).contains(p)));
    }
}
