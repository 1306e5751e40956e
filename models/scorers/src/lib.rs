//! From a feature vector to a calibrated probability.
//!
//! Owns the artefact (a model as versioned data) and the families of models that can be read from it.
//! Must never train, and never score a vector of another schema. Start reading at [`Model`].

mod artifact;
mod baselines;
mod calibration;
mod logistic;
mod scorer;
mod trees;

pub use artifact::{Artifact, Error, Model, Provenance};
pub use baselines::Baselines;
pub use calibration::{Beta, Calibration, Isotonic, Platt, beta_terms};
pub use logistic::{Column, Logistic};
pub use scorer::Scorer;
pub use trees::{Node, Span, Trees, Usual, lightgbm};

/// What a model says of one vector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// Log-odds before calibration.
    pub score: f64,
    /// Calibrated probability, 0 to 1.
    pub p: f64,
}
