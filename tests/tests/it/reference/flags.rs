//! Flags against their definition, with models that nobody trained.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use detect::{Engine, Flag, Flagger, Settings, feature_schema};
use proptest::prelude::*;
use schema::{Transform, Vector};
use scorers::{Artifact, Calibration, Column, Logistic, Model, Provenance};
use silhouette_tests::reference::{FlagRow, ScoredRow, flag_all, score_all};

use super::runner;
use super::stream::{Stream, streams};

/// What is drawn of a model.
#[derive(Clone, Debug)]
struct Weights {
    intercept: f64,
    columns: Vec<(f64, f64, bool)>,
    slope: f64,
    threshold: f64,
}

fn weights() -> impl Strategy<Value = Weights> {
    let columns =
        prop::collection::vec((-0.4..0.8_f64, -0.5..0.5_f64, any::<bool>()), feature_schema().len());
    let threshold = prop_oneof![0.0..=1.0_f64, (0..=10_u8).prop_map(|tenth| f64::from(tenth) / 10.0)];
    (-4.0..1.0_f64, columns, 0.2..2.0_f64, threshold)
        .prop_map(|(intercept, columns, slope, threshold)| Weights { intercept, columns, slope, threshold })
}

impl Weights {
    fn model(&self) -> Model {
        let schema = feature_schema();
        let column = |(name, (weight, weight_absent, is_log)): (&str, &(f64, f64, bool))| Column {
            feature: name.to_owned(),
            transform: if *is_log { Transform::Log1p } else { Transform::Identity },
            centre: 0.25,
            scale: 2.0,
            weight: *weight,
            weight_absent: *weight_absent,
            baseline: 0.5,
        };
        let columns = schema.names().zip(&self.columns).map(column).collect();
        let logistic = Logistic { intercept: self.intercept, columns };
        let calibration = Calibration { slope: self.slope, intercept: 0.0 };
        let provenance =
            Provenance { dataset_hash: "none".into(), rows: 0, accounts: 0, positive_accounts: 0, as_of: 0 };
        let mut artifact = Artifact::new(&schema, logistic, calibration, provenance);
        artifact.threshold = self.threshold;
        Model::decode(&artifact.encode(), &schema).unwrap()
    }
}

/// The flags of an engine and a flagger that is stored and read back before every tick.
fn engine_flags(stream: &Stream, model: &Model, threshold: Option<f64>) -> Vec<Flag> {
    let mut engine = Engine::new(Settings { tick_ms: stream.tick_ms, lateness_ms: 1 }, &[0]);
    let mut flagger = Flagger::new(model.clone(), threshold);
    let mut flags = Vec::new();
    let mut close = |engine: &mut Engine| {
        let mut resumed = Flagger::new(model.clone(), threshold);
        resumed.resume(postcard::from_bytes(&postcard::to_allocvec(&flagger.steps()).unwrap()).unwrap());
        flagger = resumed;
        engine.close(|row| flags.extend(flagger.consider(&row).1));
    };
    for event in &stream.events {
        engine.push(0, event.clone());
        close(&mut engine);
    }
    engine.set_idle(0);
    close(&mut engine);
    flags
}

#[test]
fn flags_follow_their_definition() {
    let flags_per_account = RefCell::new(BTreeSet::new());
    runner(800)
        .run(&(streams(), weights(), any::<bool>()), |(stream, weights, is_models_own)| {
            let model = weights.model();
            let rows = score_all(&stream.events, stream.tick_ms);
            // Not the model's own but what some account has exactly, which is enough for a flag.
            let exactly = rows.get(rows.len() / 2).map(|row| model.score(&vector(row)).p);
            let threshold = if is_models_own { None } else { exactly };
            let theta = threshold.unwrap_or(weights.threshold);
            let right = flag_all(&rows, &feature_schema(), &model, theta);
            let flags = engine_flags(&stream, &model, threshold);

            let found: Vec<FlagRow> = flags.iter().map(as_defined).collect();
            prop_assert_eq!(&right, &found);
            let columns: BTreeMap<_, _> =
                rows.into_iter().map(|row| ((row.at, row.account), row.columns)).collect();
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for flag in &flags {
                prop_assert_eq!(&flag.model, model.id());
                prop_assert_eq!(&flag.features, &columns[&(flag.ts, flag.account.to_string())]);
                *counts.entry(flag.account.as_str()).or_default() += 1;
            }
            flags_per_account.borrow_mut().extend(counts.into_values());
            Ok(())
        })
        .unwrap();
    let flags_per_account = flags_per_account.into_inner();
    assert!(flags_per_account.contains(&1) && flags_per_account.contains(&4), "{flags_per_account:?}");
}

fn vector(row: &ScoredRow) -> Vector {
    Vector::new(feature_schema().names().map(|name| row.columns[name].unwrap_or(f64::NAN)).collect())
}

fn as_defined(flag: &Flag) -> FlagRow {
    FlagRow {
        flag_id: flag.flag_id.clone(),
        account: flag.account.to_string(),
        at: flag.ts,
        score: flag.score,
        p: flag.p,
    }
}
