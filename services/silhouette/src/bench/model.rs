//! The model that the bench scores with where it is given none.

use anyhow::Context;
use schema::{Direction, Feature, Schema, Transform};
use scorers::{Artifact, Calibration, Column, Logistic, Model, Provenance};

/// Log-odds of the usual account: p = 0.0003, so that some accounts in ten thousand are flagged.
const INTERCEPT: f64 = -8.0;

/// Log-odds a standard deviation of the columns that carry the model. They are no result of training: the signs are
/// those that training finds, and the sizes make the scattergun accounts of the workload stand out and hardly anybody
/// else, so that gating, scoring and flagging cost what they cost in service.
const WEIGHTS: [(&str, f64); 10] = [
    ("fc_minor_expected_24h", 1.2),
    ("fc_minor_expected_7d", 0.6),
    ("fc_rate_all_24h", 0.3),
    ("minor_share_excess_28d", 0.6),
    ("stranger_share_7d", 0.4),
    ("open_discovery_share_7d", 0.4),
    ("gate_probe_7d", 0.4),
    ("accept_rate_all_28d", -0.6),
    ("victim_protest_28d", 0.5),
    ("reports_by_minors_28d", 0.5),
];

/// The same of every other column, on the side that is a reason: a model with an L2 penalty gives each a little, and
/// an account can be left unscored only where all of these together cannot lift it to the threshold.
const WEIGHT_OF_THE_REST: f64 = 0.02;

/// A logistic model over every feature of the schema.
///
/// # Errors
/// Where the schema refuses it, which would be a mistake here.
pub(crate) fn plausible(schema: &Schema) -> anyhow::Result<Model> {
    let columns = schema.features().iter().map(column).collect();
    let artifact = Artifact::new(
        schema,
        Logistic { intercept: INTERCEPT, columns },
        Calibration::platt(1.0, 0.0),
        Provenance { dataset_hash: String::new(), rows: 0, accounts: 0, positive_accounts: 0, as_of: 0 },
    );
    Model::decode(&artifact.encode(), schema).context("the bench's model does not fit the schema")
}

fn column(feature: &Feature) -> Column {
    let strong = WEIGHTS.iter().find(|(name, _)| *name == feature.name);
    let weight = strong.map_or_else(|| slight(feature.direction), |(_, weight)| *weight);
    // Counts are looked at as ln(1 + n), of which one is usual; shares as they are.
    let (centre, scale) = match feature.transform {
        Transform::Log1p => (0.7, 0.9),
        Transform::Identity => (0.3, 0.25),
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

fn slight(direction: Direction) -> f64 {
    match direction {
        Direction::More => WEIGHT_OF_THE_REST,
        Direction::Less => -WEIGHT_OF_THE_REST,
        Direction::Neither => 0.0,
    }
}

#[cfg(test)]
mod tests;
