use rand::{RngExt, SeedableRng};
use schema::{Feature, ReasonCode, Transform, Unit};

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
    for i in 0..n {
        let count = f64::from(rng.random_range(0_u32..20));
        let share: f64 = rng.random();
        let odds = 2.0 * count.ln_1p() - 3.0 * share - 3.0;
        made.y.push(rng.random_bool(1.0 / (1.0 + (-odds).exp())));
        made.x.push(Vector::new(vec![count, if rng.random_bool(0.2) { f64::NAN } else { share }]));
        made.likely.push(true);
        made.open.push(false);
        made.weight.push(1.0);
        made.fold.push(i % FOLDS);
    }
    made
}

fn families() -> [Family; 2] {
    let trees = TreeParams { trees: 60, rate: 0.1, ..TreeParams::default() };
    [Family::Logistic(LogisticParams { l2: 0.01, ..LogisticParams::default() }), Family::Trees(trees)]
}

#[test]
fn regression_finds_the_weights_that_made_the_data() {
    let fitted = fit(&schema(), &examples(40_000, 1), families()[0]).unwrap();
    let Scorer::Logistic(logistic) = fitted.scorer else { unreachable!() };
    let per_unit: Vec<f64> = logistic.columns.iter().map(|c| c.weight / c.scale).collect();
    assert!((per_unit[0] - 2.0).abs() < 0.15, "{per_unit:?}");
    assert!((per_unit[1] + 3.0).abs() < 0.25, "{per_unit:?}");
}

#[test]
fn the_probabilities_are_true_to_the_population() {
    let fresh = examples(20_000, 3);
    let found = fresh.y.iter().filter(|y| **y).count() as f64;
    for family in families() {
        let fitted = fit(&schema(), &examples(20_000, 1), family).unwrap();
        let p = |x: &Vector| fitted.calibration.probability(fitted.scorer.score(x));
        let expected: f64 = fresh.x.iter().map(p).sum();
        assert!((expected / found - 1.0).abs() < 0.03, "{family:?}: {expected} expected, {found} found");
        let unseen: f64 = fitted.unseen.iter().map(|(_, p)| p).sum();
        assert!((unseen / found - 1.0).abs() < 0.05, "{family:?}: {unseen} {found}");
    }
}

/// One of ten innocent rows, each standing for ten, gives the same probabilities as all of them.
#[test]
fn sampled_innocents_do_not_move_the_probabilities() {
    let all = examples(60_000, 1);
    let mut sampled = Examples::default();
    for i in 0..all.y.len() {
        if all.y[i] || i % 10 == i / 10 % 10 {
            sampled.x.push(all.x[i].clone());
            sampled.y.push(all.y[i]);
            sampled.likely.push(true);
            sampled.open.push(false);
            sampled.weight.push(if all.y[i] { 1.0 } else { 10.0 });
            sampled.fold.push(all.fold[i]);
        }
    }
    let fresh = examples(20_000, 3);
    let found = fresh.y.iter().filter(|y| **y).count() as f64;
    for family in families() {
        let fitted = fit(&schema(), &sampled, family).unwrap();
        let p = |x: &Vector| fitted.calibration.probability(fitted.scorer.score(x));
        let expected: f64 = fresh.x.iter().map(p).sum();
        assert!((expected / found - 1.0).abs() < 0.05, "{family:?}: {expected} expected, {found} found");
    }
}

/// Where only a third of the abusive are known, and nothing of all others, probabilities are still those of being abusive.
#[test]
fn who_stays_unknown_is_not_forgotten() {
    let mut some = examples(40_000, 1);
    // Abusive or not is plain from the first column, so that only what is known is in doubt.
    for i in 0..some.y.len() {
        let is_abusive = some.x[i].values()[0] > 16.0;
        some.y[i] = is_abusive && i % 3 == 0;
        some.open[i] = !some.y[i];
    }
    let fitted = fit(&schema(), &some, families()[1]).unwrap();
    let p = |count: f64| fitted.calibration.probability(fitted.scorer.score(&Vector::new(vec![count, 0.5])));
    assert!(p(18.0) > 0.9 && p(3.0) < 0.01, "{} {}", p(18.0), p(3.0));
    some.open.fill(false);
    let fitted = fit(&schema(), &some, families()[1]).unwrap();
    let p = fitted.calibration.probability(fitted.scorer.score(&Vector::new(vec![18.0, 0.5])));
    assert!((p - 1.0 / 3.0).abs() < 0.05, "{p}");
}

#[test]
fn the_same_examples_give_the_same_model() {
    for family in families() {
        let [once, again] = [(); 2].map(|()| fit(&schema(), &examples(5_000, 1), family).unwrap());
        assert_eq!(once, again);
    }
}

#[test]
fn one_kind_of_account_alone_is_refused() {
    let mut all_benign = examples(100, 1);
    all_benign.y.fill(false);
    let error = fit(&schema(), &all_benign, families()[0]).unwrap_err().to_string();
    assert_eq!(error, "the data set has 0 abusive and 100 other rows; both are needed");
    all_benign.y[0] = true;
    let error = fit(&schema(), &all_benign, families()[0]).unwrap_err().to_string();
    assert_eq!(
        error,
        "the data set without its part 1 of 4 has 0 abusive and 75 other rows; both are needed"
    );
}

#[test]
fn parameters_are_checked() {
    let examples = examples(100, 1);
    let logistic = |l2, iterations_max| Family::Logistic(LogisticParams { l2, iterations_max });
    let trees = |params| Family::Trees(params);
    let good = TreeParams::default();
    for wrong in [
        logistic(-1.0, 10),
        logistic(f64::NAN, 10),
        logistic(1.0, 0),
        trees(TreeParams { trees: 0, ..good }),
        trees(TreeParams { depth: 17, ..good }),
        trees(TreeParams { rate: 0.0, ..good }),
        trees(TreeParams { row_share: f64::NAN, ..good }),
        trees(TreeParams { column_share: 1.5, ..good }),
        trees(TreeParams { l2: f64::INFINITY, ..good }),
        trees(TreeParams { leaf_min: -1.0, ..good }),
    ] {
        assert!(matches!(fit(&schema(), &examples, wrong), Err(Error::Param(_))), "{wrong:?}");
    }
}
