//! The gate with models of trees that nobody trained.

use proptest::prelude::*;
use proptest::sample::select;
use scorers::{Artifact, Baselines, Calibration, Model, Node, Provenance, Trees, Usual};

use super::crowd::{self, Others, Spread};
use super::flags::{Gated, Spared, engine_flags};
use super::stream::{HOUR, Stream, streams};
use super::{full_schema, runner};

/// A split, or a leaf where there is no more room: column, threshold, whether absent goes left, and the leaf's log-odds.
type Draw = (usize, f64, bool, f64);

const DEPTH: u32 = 4;

/// Thresholds lie where values do: between small counts, between shares, and at 0.
fn threshold() -> impl Strategy<Value = f64> {
    prop_oneof![
        select(vec![0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.5, 5.5, 10.5]),
        0.0..1.0_f64,
        -1.0..1.0_f64,
        (0..8_u8).prop_map(|n| f64::from(n) / 8.0),
    ]
}

fn forests() -> impl Strategy<Value = Vec<Vec<Draw>>> {
    let draw = (0..full_schema().len(), threshold(), any::<bool>(), -1.0..0.6_f64);
    prop::collection::vec(prop::collection::vec(draw, (1 << (DEPTH + 1)) - 1), 1..12)
}

/// A model of these trees; `quantiles` is how far those of counts are apart, none for one that knows no baselines.
fn model(forest: &[Vec<Draw>], quantiles: Option<f64>) -> Model {
    let schema = full_schema();
    let usual = |name: &str| Usual { feature: name.to_owned(), baseline: 0.0 };
    let mut trees =
        Trees { intercept: -1.0, columns: schema.names().map(usual).collect(), ..Trees::default() };
    for draws in forest {
        let root = trees.nodes.len();
        trees.roots.push(u32::try_from(root).unwrap());
        let inner = (1 << DEPTH) - 1;
        for (i, (column, at, absent_left, value)) in draws.iter().enumerate() {
            let cover = 0.5_f64.powi(i32::try_from((i + 1).ilog2()).unwrap());
            let left = u32::try_from(root + 2 * i + 1).unwrap();
            trees.nodes.push(if i < inner {
                Node::split(u16::try_from(*column).unwrap(), *at, *absent_left, (left, cover))
            } else {
                Node::leaf(*value, cover)
            });
        }
    }
    let provenance =
        Provenance { dataset_hash: "none".into(), rows: 0, accounts: 0, positive_accounts: 0, as_of: 0 };
    let mut artifact = Artifact::new(&schema, trees, Calibration::platt(1.0, 0.0), provenance);
    if let Some(step) = quantiles {
        let columns: Vec<String> =
            schema.names().filter_map(|name| name.strip_suffix("_pct")).map(str::to_owned).collect();
        let table: Vec<f64> = (0..9).map(|n| f64::from(n) * step).collect();
        artifact.baselines = Baselines { all: vec![table; columns.len()], columns, ..Baselines::default() };
    }
    Model::decode(&artifact.encode(), &schema).unwrap()
}

/// A threshold that some account has exactly, which is enough for a flag.
fn exactly(stream: &Stream, model: &Model) -> Option<f64> {
    let all = engine_flags(stream, model, Some(0.0));
    let mut p: Vec<f64> = all.iter().map(|flag| flag.p).collect();
    p.sort_by(f64::total_cmp);
    p.get(p.len() * 3 / 4).copied()
}

#[test]
fn the_gate_changes_no_flag_of_trees() {
    let gated = Gated::default();
    runner(1_000)
        .run(&(streams(), forests(), prop::option::of(0.1..4.0_f64)), |(stream, forest, quantiles)| {
            let model = model(&forest, quantiles);
            gated.changes_nothing(&stream, &model, exactly(&stream, &model))
        })
        .unwrap();
    let Spared { looked_at, scored, flags } = gated.spared();
    assert!(scored < looked_at * 19 / 20 && flags > 1_000, "{looked_at} {scored} {flags}");
}

/// Nor where the account has turned to more others than are remembered one by one.
#[test]
fn the_gate_changes_no_flag_of_trees_in_a_crowd() {
    let events = crowd::stream(400, Spread::Even, Others::New).1;
    let stream = Stream { tick_ms: 6 * HOUR, events };
    let gated = Gated::default();
    runner(100)
        .run(&forests(), |forest| {
            let model = model(&forest, None);
            gated.changes_nothing(&stream, &model, exactly(&stream, &model))
        })
        .unwrap();
    let Spared { looked_at, scored, flags } = gated.spared();
    assert!(scored < looked_at && flags > 50, "{looked_at} {scored} {flags}");
}
