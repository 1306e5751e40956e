//! Flags against their definition, with models that nobody trained.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use detect::{Engine, Flag, Flagger, GateCounts, Profile, Settings};
use proptest::prelude::*;
use proptest::sample::select;
use schema::{Transform, Vector};
use scorers::{Artifact, Baselines, Calibration, Column, Logistic, Model, Provenance};
use serde_json::json;
use silhouette_tests::reference::{FlagRow, ScoredRow, flag_all, score_all};

use super::crowd::{self, Others, Spread};
use super::stream::{BASE, HOUR, MINUTE, Stream, draft_event, streams};
use super::{full_schema, runner};

/// What is drawn of a model.
#[derive(Clone, Debug)]
struct Weights {
    intercept: f64,
    columns: Vec<(f64, f64, bool)>,
    slope: f64,
    threshold: f64,
    /// How far the quantiles of counts are apart; none for a model that knows nothing of what is usual.
    quantiles: Option<f64>,
}

/// Weights of which most are nothing, some of the time: then an account's score is within few columns' reach.
fn weights() -> impl Strategy<Value = Weights> {
    let columns = select(vec![0.02, 0.1, 0.4, 1.0]).prop_flat_map(|chance| {
        let column = (-0.4..0.8_f64, -0.5..0.5_f64, any::<bool>(), 0.0..1.0_f64);
        let column = column.prop_map(
            move |(weight, absent, is_log, x)| {
                if x < chance { (weight, absent, is_log) } else { (0.0, 0.0, is_log) }
            },
        );
        prop::collection::vec(column, full_schema().len())
    });
    let threshold = prop_oneof![0.0..=1.0_f64, (0..=10_u8).prop_map(|tenth| f64::from(tenth) / 10.0)];
    (-4.0..1.0_f64, columns, 0.2..2.0_f64, threshold, prop::option::of(0.1..4.0_f64)).prop_map(
        |(intercept, columns, slope, threshold, quantiles)| Weights {
            intercept,
            columns,
            slope,
            threshold,
            quantiles,
        },
    )
}

impl Weights {
    fn model(&self) -> Model {
        let schema = full_schema();
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
        let calibration = Calibration::platt(self.slope, 0.0);
        let provenance =
            Provenance { dataset_hash: "none".into(), rows: 0, accounts: 0, positive_accounts: 0, as_of: 0 };
        let mut artifact = Artifact::new(&schema, logistic, calibration, provenance);
        artifact.threshold = self.threshold;
        artifact.baselines = self.baselines();
        Model::decode(&artifact.encode(), &schema).unwrap()
    }

    fn baselines(&self) -> Baselines {
        let Some(step) = self.quantiles else { return Baselines::default() };
        let schema = full_schema();
        let columns: Vec<String> =
            schema.names().filter_map(|name| name.strip_suffix("_pct")).map(str::to_owned).collect();
        let quantiles: Vec<f64> = (0..9).map(|n| f64::from(n) * step).collect();
        Baselines { all: vec![quantiles; columns.len()], columns, ..Baselines::default() }
    }
}

fn settings(stream: &Stream) -> Settings {
    Settings { tick_ms: stream.tick_ms, lateness_ms: 1, ..Settings::default() }
}

fn flagger(model: &Model, threshold: Option<f64>) -> Flagger {
    Flagger::new(model.clone(), &Profile::default(), threshold)
}

/// The flags of an engine and a flagger that is stored and read back before every tick.
pub(super) fn engine_flags(stream: &Stream, model: &Model, threshold: Option<f64>) -> Vec<Flag> {
    let mut engine = Engine::new(settings(stream), &[0]);
    let fresh = flagger(model, threshold);
    let mut flagger = fresh.clone();
    let mut flags = Vec::new();
    let mut close = |engine: &mut Engine| {
        let mut resumed = fresh.clone();
        resumed.resume(postcard::from_bytes(&postcard::to_allocvec(&flagger.steps()).unwrap()).unwrap());
        flagger = resumed;
        engine.close(|row| flags.extend(flagger.consider(&row).1));
    };
    for event in &stream.events {
        engine.push(0, event.clone());
        close(&mut engine);
    }
    engine.finish();
    close(&mut engine);
    flags
}

/// The flags where only those accounts are scored that are worth it, and how many were looked at and scored.
fn gated_flags(stream: &Stream, model: &Model, threshold: Option<f64>) -> (Vec<Flag>, (u64, u64)) {
    let mut engine = Engine::new(settings(stream), &[0]);
    let mut flagger = flagger(model, threshold);
    let gate = flagger.gate();
    let mut flags = Vec::new();
    for event in &stream.events {
        engine.push(0, event.clone());
    }
    engine.finish();
    engine.close_where(|outline| gate.is_worth(outline), |row| flags.extend(flagger.consider(&row).1));
    let GateCounts { looked_at, scored } = engine.gate_counts();
    (flags, (looked_at, scored))
}

/// Streams under models with the gate and without, and what the gate spared in all of them.
#[derive(Default)]
pub(super) struct Gated(RefCell<Spared>);

/// Accounts that were looked at, those of them that were scored, and flags.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spared {
    pub(super) looked_at: u64,
    pub(super) scored: u64,
    pub(super) flags: usize,
}

impl Gated {
    /// Whoever is left out of scoring would not have been flagged.
    pub(super) fn changes_nothing(
        &self,
        stream: &Stream,
        model: &Model,
        threshold: Option<f64>,
    ) -> Result<(), TestCaseError> {
        let (flags, (looked_at, scored)) = gated_flags(stream, model, threshold);
        prop_assert_eq!(&engine_flags(stream, model, threshold), &flags);
        let mut spared = self.0.borrow_mut();
        spared.looked_at += looked_at;
        spared.scored += scored;
        spared.flags += flags.len();
        Ok(())
    }

    pub(super) fn spared(self) -> Spared {
        self.0.into_inner()
    }
}

#[test]
fn flags_follow_their_definition() {
    let names: Vec<String> = full_schema().names().map(str::to_owned).collect();
    let flags_per_account = RefCell::new(BTreeSet::new());
    runner(800)
        .run(&(streams(), weights(), any::<bool>()), |(stream, weights, is_models_own)| {
            // The definition knows no percentiles: they are the model's own.
            let weights = Weights { quantiles: None, ..weights };
            let model = weights.model();
            let rows = score_all(&stream.events, stream.tick_ms);
            // Not the model's own but what some account has exactly, which is enough for a flag.
            let exactly = rows.get(rows.len() / 2).map(|row| model.score(&vector(row, &names)).p);
            let threshold = if is_models_own { None } else { exactly };
            let theta = threshold.unwrap_or(weights.threshold);
            let right = flag_all(&rows, &full_schema(), &model, theta);
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

/// Whoever is left out of scoring would not have been flagged, whatever the model.
#[test]
fn the_gate_changes_no_flag() {
    let gated = Gated::default();
    runner(800)
        .run(&(streams(), weights(), any::<bool>()), |(stream, weights, is_models_own)| {
            let model = weights.model();
            let all = engine_flags(&stream, &model, Some(0.0));
            // What some account reaches exactly, which is where a bound that is a little too low shows.
            let exactly = all.get(all.len() / 2).map(|flag| flag.p);
            gated.changes_nothing(&stream, &model, if is_models_own { None } else { exactly })
        })
        .unwrap();
    let Spared { looked_at, scored, flags } = gated.spared();
    assert!(scored < looked_at * 9 / 10 && flags > 1_000, "{looked_at} {scored} {flags}");
}

/// Nor where the account has turned to more others than are remembered one by one.
#[test]
fn the_gate_changes_no_flag_of_a_crowded_account() {
    let events = crowd::stream(400, Spread::Even, Others::New).1;
    let stream = Stream { tick_ms: 6 * HOUR, events };
    let gated = Gated::default();
    runner(100)
        .run(&weights(), |weights| {
            let model = weights.model();
            let all = engine_flags(&stream, &model, Some(0.0));
            gated.changes_nothing(&stream, &model, all.get(all.len() / 2).map(|flag| flag.p))
        })
        .unwrap();
    let Spared { looked_at, scored, flags } = gated.spared();
    assert!(scored < looked_at && flags > 50, "{looked_at} {scored} {flags}");
}

/// What a percentile adds counts for the gate too, whatever it is a percentile of: also where it is absent.
#[test]
fn the_gate_knows_of_every_percentile() {
    let stream =
        Stream { tick_ms: MINUTE, events: vec![draft_event("contact.requested", 0, 1, BASE, json!({}))] };
    let mut missed = Vec::new();
    for column in full_schema().names() {
        let nothing = vec![(0.0, 0.0, false); full_schema().len()];
        let mut weights =
            Weights { intercept: 0.0, columns: nothing, slope: 1.0, threshold: 0.6, quantiles: None };
        for (name, weight) in full_schema().names().zip(&mut weights.columns) {
            weight.1 = if name == column { 2.0 } else { 0.0 };
        }
        let model = weights.model();
        if engine_flags(&stream, &model, None) != gated_flags(&stream, &model, None).0 {
            missed.push(column.to_owned());
        }
    }
    assert!(missed.is_empty(), "{missed:?}");
}

fn vector(row: &ScoredRow, names: &[String]) -> Vector {
    Vector::new(names.iter().map(|name| row.columns[name].unwrap_or(f64::NAN)).collect())
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
