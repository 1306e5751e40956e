use proptest::prelude::*;
use schema::{Feature, ReasonCode, Transform, Unit};

use super::*;
use crate::{Beta, Column, Isotonic, Node, Trees, Usual};

fn schema_of(names: &[&str]) -> Schema {
    let feature = |name: &&str| Feature {
        name: (*name).to_owned(),
        meaning: "a number".to_owned(),
        unit: Unit::Accounts,
        window: None,
        family: schema::Family::Targeting,
        reason: ReasonCode::RC01,
        direction: schema::Direction::More,
        transform: Transform::Log1p,
        sentence: "{value}, usually {baseline}",
        null_when: Some("unknown"),
        unavailable: None,
    };
    Schema::new(names.iter().map(feature).collect())
}

fn artifact(schema: &Schema, weights: &[f64]) -> Artifact {
    let column = |(name, weight): (&str, &f64)| Column {
        feature: name.to_owned(),
        transform: Transform::Log1p,
        centre: 0.5,
        scale: 2.0,
        weight: *weight,
        weight_absent: -0.25,
        baseline: 1.0,
    };
    let columns = schema.names().zip(weights).map(column).collect();
    let provenance =
        Provenance { dataset_hash: "d".into(), rows: 2, accounts: 2, positive_accounts: 1, as_of: 3 };
    let calibration = Calibration::platt(1.5, -1.0);
    Artifact::new(schema, Logistic { intercept: -2.0, columns }, calibration, provenance)
}

#[test]
fn an_artefact_is_read_back_as_it_was() {
    let schema = schema_of(&["a", "b"]);
    let written = artifact(&schema, &[0.1 + 0.2, -1e-17]);
    let model = Model::decode(&written.encode(), &schema).unwrap();
    assert_eq!(model.artifact(), &written);
    assert_eq!(model.id().len(), 16);
}

#[test]
fn another_schema_is_refused_with_the_difference() {
    let written = artifact(&schema_of(&["a", "b"]), &[1.0, 2.0]);
    let error = Model::decode(&written.encode(), &schema_of(&["a", "c"])).unwrap_err().to_string();
    assert!(error.contains("only the model has b") && error.contains("the model lacks c"), "{error}");
}

#[test]
fn a_changed_artefact_is_refused() {
    let schema = schema_of(&["a"]);
    let text = artifact(&schema, &[1.25]).encode();
    let changed = text.replace("1.25", "1.26");
    assert!(matches!(Model::decode(&changed, &schema), Err(Error::Damaged { .. })));
    assert!(matches!(Model::decode("{}", &schema), Err(Error::Syntax(_))));
}

#[test]
fn another_format_is_told_before_anything_else_is_read() {
    let schema = schema_of(&["a"]);
    let text = artifact(&schema, &[1.25]).encode();
    let newer = text.replace("\"format\": 3", "\"format\": 4");
    assert!(matches!(Model::decode(&newer, &schema), Err(Error::Format { found: 4 })));
    let older = r#"{"id": "0123456789abcdef", "artifact": {"format": 2, "logistic": {"columns": []}}}"#;
    let error = Model::decode(older, &schema).unwrap_err().to_string();
    assert_eq!(error, "the artefact has format 2, this program reads format 3; train it again");
}

#[test]
fn a_model_of_another_deployment_is_refused_with_what_is_not_known() {
    let schema_where = |unavailable: Option<&str>| {
        let mut features = schema_of(&["a", "b"]).features().to_vec();
        features[1].unavailable = unavailable.map(str::to_owned);
        Schema::new(features)
    };
    let (all, sealed) = (schema_where(None), schema_where(Some("sealed has no gate.refused")));
    let renamed = schema_where(Some("mine has no gate.refused"));
    let check = |from: &Schema, to: &Schema, expected: &[&str]| {
        let error = Model::decode(&artifact(from, &[1.0, 2.0]).encode(), to).unwrap_err().to_string();
        assert!(expected.iter().all(|words| error.contains(words)), "{error}");
    };
    check(&sealed, &all, &["where it was trained, sealed has no gate.refused, and so no b"]);
    check(&all, &sealed, &["here, sealed has no gate.refused, and so no b"]);
    check(&sealed, &renamed, &["where it was trained, sealed has", "here, mine has no gate.refused"]);
}

#[test]
fn numbers_that_cannot_be_right_are_refused() {
    let schema = schema_of(&["a"]);
    let mut wrong = artifact(&schema, &[1.0]);
    let Scorer::Logistic(logistic) = &mut wrong.scorer else { unreachable!() };
    logistic.columns[0].scale = 0.0;
    let error = Model::decode(&wrong.encode(), &schema).unwrap_err().to_string();
    assert_eq!(error, "scale of a is 0, it must be positive");
    let mut wrong = artifact(&schema, &[1.0]);
    wrong.threshold = 1.5;
    assert!(matches!(Model::decode(&wrong.encode(), &schema), Err(Error::Number { .. })));
    for falling in [
        Calibration::platt(-1.0, 0.0),
        Calibration::Beta(Beta { low: 0.0, high: 0.0, intercept: 1.0 }),
        Calibration::Isotonic(Isotonic { points: vec![(0.0, 0.5), (1.0, 0.25)] }),
        Calibration::Isotonic(Isotonic { points: Vec::new() }),
    ] {
        let mut wrong = artifact(&schema, &[1.0]);
        wrong.calibration = falling;
        assert!(matches!(Model::decode(&wrong.encode(), &schema), Err(Error::Calibration(_))));
    }
}

#[test]
fn trees_are_read_back_as_they_were_and_refused_where_they_lead_nowhere() {
    let schema = schema_of(&["a"]);
    let mut written = artifact(&schema, &[1.0]);
    let columns = vec![Usual { feature: "a".to_owned(), baseline: 0.5 }];
    let nodes = vec![Node::split(0, 1.5, false, (1, 3.0)), Node::leaf(-0.1, 1.0), Node::leaf(0.7, 2.0)];
    written.scorer = Trees { intercept: -3.0, columns, roots: vec![0], nodes }.into();
    let model = Model::decode(&written.encode(), &schema).unwrap();
    assert_eq!(model.artifact(), &written);
    assert_eq!([1.0, 2.0, f64::NAN].map(|x| model.score(&Vector::new(vec![x])).score), [-3.1, -2.3, -2.3]);
    let Scorer::Trees(trees) = &mut written.scorer else { unreachable!() };
    trees.nodes.pop();
    assert!(matches!(Model::decode(&written.encode(), &schema), Err(Error::Trees)));
}

proptest! {
    #[test]
    fn contributions_sum_to_the_score_and_p_is_a_probability(
        values in prop::collection::vec(prop_oneof![Just(f64::NAN), 0.0..1e6], 3),
        weights in prop::collection::vec(-50.0..50.0, 3),
    ) {
        let schema = schema_of(&["a", "b", "c"]);
        let model = Model::decode(&artifact(&schema, &weights).encode(), &schema).unwrap();
        let x = Vector::new(values);
        let scorer = &model.artifact().scorer;
        let Score { score, p } = model.score(&x);
        let sum: f64 = scorer.expected() + scorer.contributions(&x).iter().sum::<f64>();
        prop_assert!((score - sum).abs() <= 1e-9 * sum.abs().max(1.0));
        prop_assert!((0.0..=1.0).contains(&p));
    }

    /// Below that score no probability is as high, and just above it they are.
    #[test]
    fn a_probability_gives_its_score_back(
        p in 0.001..0.999,
        (low, high, intercept) in (0.0..2.0_f64, 0.1..2.0_f64, -3.0..3.0_f64),
        steps in prop::collection::vec((0.01..2.0_f64, 0.0..0.1_f64), 1..9),
    ) {
        let points = steps.iter().scan((-3.0, 0.01), |at, step| {
            *at = (at.0 + step.0, at.1 + step.1);
            Some(*at)
        });
        for calibration in [
            Calibration::platt(high, intercept),
            Calibration::Beta(Beta { low, high, intercept }),
            Calibration::Isotonic(Isotonic { points: points.collect() }),
        ] {
            prop_assert!(calibration.is_sound());
            let score = calibration.score_at(p);
            for distance in [1e-6, 1e-3, 1.0, 100.0] {
                prop_assert!(calibration.probability(score - distance) < p || score == f64::NEG_INFINITY);
                prop_assert!(calibration.probability(score + distance) >= p || score == f64::INFINITY);
            }
        }
    }
}
