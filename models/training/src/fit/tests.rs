use rand::{RngExt, SeedableRng};
use schema::{ReasonCode, Transform, Unit};

use super::*;

fn schema() -> Schema {
    let feature = |name: &str, transform| Feature {
        name: name.to_owned(),
        meaning: "a number".to_owned(),
        unit: Unit::Accounts,
        window: None,
        family: schema::Family::Targeting,
        reason: ReasonCode::RC01,
        direction: schema::Direction::More,
        transform,
        sentence: "{value}, usually {baseline}",
        null_when: Some("unknown"),
        unavailable: None,
    };
    Schema::new(vec![feature("count", Transform::Log1p), feature("share", Transform::Identity)])
}

/// Rows whose true log-odds are known: 2 · ln(1 + count) − 3 · share − 3, with a share often absent.
fn examples(n: usize, seed: u64) -> Examples {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(seed);
    let mut made = Examples::default();
    for _ in 0..n {
        let count = f64::from(rng.random_range(0_u32..20));
        let share: f64 = rng.random();
        let odds = 2.0 * count.ln_1p() - 3.0 * share - 3.0;
        made.y.push(rng.random_bool(1.0 / (1.0 + (-odds).exp())));
        made.x.push(Vector::new(vec![count, if rng.random_bool(0.2) { f64::NAN } else { share }]));
    }
    made
}

#[test]
fn it_finds_the_weights_that_made_the_data() {
    let params = Params { l2: 0.01, ..Params::default() }.check().unwrap();
    let mut train = examples(40_000, 1);
    train.x.iter_mut().for_each(|x| *x = Vector::new(x.values().to_vec()));
    let (logistic, calibration) = fit(&schema(), &train, &examples(20_000, 2), params).unwrap();
    let per_unit: Vec<f64> = logistic.columns.iter().map(|c| c.weight / c.scale).collect();
    assert!((per_unit[0] - 2.0).abs() < 0.15, "{per_unit:?}");
    assert!((per_unit[1] + 3.0).abs() < 0.25, "{per_unit:?}");
    assert!((calibration.slope - 1.0).abs() < 0.1, "{calibration:?}");
}

#[test]
fn the_probabilities_are_true_to_the_population() {
    let params = Params::default().check().unwrap();
    let (logistic, calibration) = fit(&schema(), &examples(20_000, 1), &examples(10_000, 2), params).unwrap();
    let fresh = examples(20_000, 3);
    let expected: f64 = fresh.x.iter().map(|x| calibration.probability(logistic.score(x))).sum();
    let found = fresh.positives() as f64;
    assert!((expected / found - 1.0).abs() < 0.03, "{expected} expected, {found} found");
}

#[test]
fn the_same_examples_give_the_same_model() {
    let params = Params::default().check().unwrap();
    let once = fit(&schema(), &examples(5_000, 1), &examples(2_000, 2), params).unwrap();
    let again = fit(&schema(), &examples(5_000, 1), &examples(2_000, 2), params).unwrap();
    assert_eq!(once, again);
}

#[test]
fn one_kind_of_account_alone_is_refused() {
    let params = Params::default().check().unwrap();
    let mut all_benign = examples(100, 1);
    all_benign.y.fill(false);
    let error = fit(&schema(), &all_benign, &examples(100, 2), params).unwrap_err().to_string();
    assert_eq!(error, "the training part has 0 abusive and 100 other rows; both are needed to fit");
}

#[test]
fn parameters_are_checked() {
    assert!(Params { l2: -1.0, ..Params::default() }.check().is_err());
    assert!(Params { l2: f64::NAN, ..Params::default() }.check().is_err());
    assert!(Params { iterations_max: 0, ..Params::default() }.check().is_err());
}
