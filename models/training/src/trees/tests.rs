use proptest::prelude::*;
use schema::{Direction, Feature, ReasonCode, Transform, Unit, Vector};

use super::*;

/// Columns of which the first can only be worse if it is more.
fn schema() -> Schema {
    schema_with(schema::Family::Protest)
}

fn schema_with(first: schema::Family) -> Schema {
    let feature = |name: &str, family| Feature {
        name: name.to_owned(),
        meaning: "a number".to_owned(),
        unit: Unit::Accounts,
        window: None,
        family,
        reason: ReasonCode::RC05,
        direction: Direction::More,
        transform: Transform::Identity,
        sentence: "{value}",
        null_when: Some("unknown"),
        unavailable: None,
    };
    let timing = schema::Family::Timing;
    Schema::new(vec![feature("worse", first), feature("free", timing), feature("level", timing)])
}

fn rows() -> impl Strategy<Value = Examples> {
    let value = || prop_oneof![1 => Just(f64::NAN), 6 => (0..8_u8).prop_map(f64::from)];
    let row = (value(), value(), any::<bool>(), 1..5_u8);
    prop::collection::vec(row, 60..120).prop_map(|rows| {
        let mut made = Examples::default();
        for (i, (a, b, y, weight)) in rows.into_iter().enumerate() {
            made.x.push(Vector::new(vec![a, b, 3.0]));
            made.y.push(y);
            made.likely.push(true);
            made.open.push(false);
            made.weight.push(f64::from(weight));
            made.fold.push(i % crate::FOLDS);
        }
        made
    })
}

fn params() -> TreeParams {
    TreeParams { trees: 12, rate: 0.3, depth: 4, l2: 1.0, leaf_min: 1.0, ..TreeParams::default() }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    /// Laid out flat, the trees score what the library's own walk scores.
    #[test]
    fn the_flat_trees_score_as_the_library_does(examples in rows()) {
        // Of which none can only be worse: those leaves are bounded.
        let (schema, params) = (schema_with(schema::Family::Timing), params());
        let trees = fit(&schema, &examples, params).unwrap();
        let columns = varying(&examples, schema.len());
        prop_assert!(!columns.contains(&2), "a column that never varies is left out");
        let data: Vec<f64> =
            columns.iter().flat_map(|column| examples.x.iter().map(|x| x.values()[*column])).collect();
        let matrix = Matrix::new(&data, examples.len(), columns.len());
        let y: Vec<f64> = examples.y.iter().map(|y| f64::from(u8::from(*y))).collect();
        let mut booster = booster(&schema, &columns, params);
        booster.fit(&matrix, &y, &examples.weight, None).unwrap();
        for (x, right) in examples.x.iter().zip(booster.predict(&matrix, false)) {
            prop_assert!((trees.score(x) - right).abs() < 1e-9, "{} {right}", trees.score(x));
        }
    }

    #[test]
    fn what_can_only_be_worse_never_lowers_the_score(examples in rows(), free in 0..8_u8) {
        let trees = fit(&schema(), &examples, params()).unwrap();
        let scores: Vec<f64> = (0..8_u8)
            .map(|worse| trees.score(&Vector::new(vec![f64::from(worse), f64::from(free), 3.0])))
            .collect();
        prop_assert!(scores.windows(2).all(|two| two[0] <= two[1] + 1e-9), "{scores:?}");
    }
}
