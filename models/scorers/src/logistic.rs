//! Logistic regression over transformed, standardised columns.

use schema::{Transform, Vector};
use serde::{Deserialize, Serialize};

/// A logistic regression: the score is the intercept plus every column's contribution.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logistic {
    /// Log-odds of the usual account, one whose every column is at its centre.
    pub intercept: f64,
    /// One a feature, in the schema's order.
    pub columns: Vec<Column>,
}

/// How one feature enters the score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// The feature's name.
    pub feature: String,
    /// How the value is looked at.
    pub transform: Transform,
    /// Mean of the transformed value among accounts not known to be abusive.
    pub centre: f64,
    /// Standard deviation of the transformed value over all training rows; positive.
    pub scale: f64,
    /// Log-odds a standard deviation.
    pub weight: f64,
    /// Log-odds where the value is absent.
    pub weight_absent: f64,
    /// Mean of the value itself among accounts not known to be abusive, for the explanation.
    pub baseline: f64,
}

impl Column {
    /// What this column adds to the log-odds for a value; NaN is an absent value.
    pub fn contribution(&self, value: f64) -> f64 {
        if value.is_nan() {
            self.weight_absent
        } else {
            self.weight * ((self.transform.apply(value) - self.centre) / self.scale)
        }
    }
}

impl Logistic {
    /// Log-odds of a vector of the same schema.
    pub fn score(&self, x: &Vector) -> f64 {
        self.contributions(x).fold(self.intercept, |sum, c| sum + c)
    }

    /// What each column adds to the log-odds; with the intercept they sum to the score.
    pub fn contributions<'a>(&'a self, x: &'a Vector) -> impl Iterator<Item = f64> + 'a {
        self.columns.iter().zip(x.values()).map(|(column, value)| column.contribution(*value))
    }
}
