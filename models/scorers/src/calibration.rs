//! From a model's log-odds to a probability that means what it says.

use serde::{Deserialize, Serialize};

/// Platt scaling: p = 1 / (1 + exp(−(slope · score + intercept))).
///
/// Source: J. Platt, "Probabilistic outputs for support vector machines", 1999.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Multiplies the score; positive, so that a higher score is never less probable.
    pub slope: f64,
    /// Added to it.
    pub intercept: f64,
}

impl Calibration {
    /// The probability of a score, 0 to 1.
    pub fn probability(&self, score: f64) -> f64 {
        let odds = self.slope.mul_add(score, self.intercept);
        if odds >= 0.0 {
            1.0 / (1.0 + (-odds).exp())
        } else {
            let e = odds.exp();
            e / (1.0 + e)
        }
    }

    /// The score of a probability strictly between 0 and 1; inverse of [`Calibration::probability`].
    pub fn score_at(&self, p: f64) -> f64 {
        ((p / (1.0 - p)).ln() - self.intercept) / self.slope
    }
}
