//! The model that the bench scores with where it is given none.

use anyhow::Context;
use schema::{Feature, Schema, Transform};
use scorers::{Artifact, Calibration, Column, Logistic, Model, Provenance};

/// Log-odds of the usual account: p = 0.0003, so that some accounts in ten thousand are flagged.
const INTERCEPT: f64 = -8.0;

/// Weight a standard deviation, by how a feature's name begins. They are no result of training: the signs are those
/// that training finds, the sizes make the scattergun accounts of the workload stand out and hardly anybody else, so
/// that scoring, gating and the making of flags cost what they cost in service.
const WEIGHTS: [(&str, f64); 10] = [
    ("minors_expected", 0.9),
    ("minor_share_excess", 0.7),
    ("stranger_share", 0.5),
    ("open_discovery_share", 0.5),
    ("gate_attempts", 0.4),
    ("burst", 0.3),
    ("blocks_by_minors", 0.5),
    ("reports_by_minors", 0.6),
    ("acceptance", -0.6),
    ("reply_rate", -0.4),
];

/// A logistic model over every feature of the schema; features without a weight add nothing, but are looked at.
///
/// # Errors
/// Where the schema refuses it, which would be a mistake here.
pub(crate) fn plausible(schema: &Schema) -> anyhow::Result<Model> {
    let columns = schema.features().iter().map(column).collect();
    let artifact = Artifact::new(
        schema,
        Logistic { intercept: INTERCEPT, columns },
        Calibration { slope: 1.0, intercept: 0.0 },
        Provenance { dataset_hash: String::new(), rows: 0, accounts: 0, positive_accounts: 0, as_of: 0 },
    );
    Model::decode(&artifact.encode(), schema).context("the bench's model does not fit the schema")
}

fn column(feature: &Feature) -> Column {
    let weight = WEIGHTS.iter().find(|(start, _)| feature.name.starts_with(start)).map_or(0.0, |(_, w)| *w);
    // Counts are looked at as ln(1 + n): one is usual. Shares are looked at as they are.
    let (centre, scale) = match feature.transform {
        Transform::Log1p => (0.7, 0.9),
        _ => (0.4, 0.25),
    };
    Column {
        feature: feature.name.clone(),
        transform: feature.transform,
        centre,
        scale,
        weight,
        weight_absent: 0.0,
        baseline: centre,
    }
}
