use proptest::prelude::*;
use schema::{Feature, ReasonCode, Transform, Unit};

use super::*;
use crate::Column;

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
    let calibration = Calibration { slope: 1.5, intercept: -1.0 };
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
    let newer = text.replace("\"format\": 2", "\"format\": 3");
    assert!(matches!(Model::decode(&newer, &schema), Err(Error::Format { found: 3 })));
    let older = r#"{"id": "0123456789abcdef", "artifact": {"format": 1, "weights": []}}"#;
    assert!(matches!(Model::decode(older, &schema), Err(Error::Format { found: 1 })));
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
    wrong.logistic.columns[0].scale = 0.0;
    let error = Model::decode(&wrong.encode(), &schema).unwrap_err().to_string();
    assert_eq!(error, "scale of a is 0, it must be positive");
    let mut wrong = artifact(&schema, &[1.0]);
    wrong.threshold = 1.5;
    assert!(matches!(Model::decode(&wrong.encode(), &schema), Err(Error::Number { .. })));
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
        let logistic = &model.artifact().logistic;
        let Score { score, p } = model.score(&x);
        let sum: f64 = logistic.intercept + logistic.contributions(&x).sum::<f64>();
        prop_assert!((score - sum).abs() <= 1e-9 * sum.abs().max(1.0));
        prop_assert!((0.0..=1.0).contains(&p));
    }

    #[test]
    fn a_probability_gives_its_score_back(p in 0.001..0.999) {
        let calibration = Calibration { slope: 0.7, intercept: -3.0 };
        prop_assert!((calibration.probability(calibration.score_at(p)) - p).abs() < 1e-12);
    }
}
