//! The families of models behind one interface.

use schema::Vector;
use serde::{Deserialize, Serialize};

use crate::{Logistic, Trees};

/// A model of some family: log-odds from a vector, and what each column added to them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scorer {
    /// A sum over columns.
    Logistic(Logistic),
    /// A sum over trees.
    Trees(Trees),
}

impl From<Logistic> for Scorer {
    fn from(logistic: Logistic) -> Self {
        Self::Logistic(logistic)
    }
}

impl From<Trees> for Scorer {
    fn from(trees: Trees) -> Self {
        Self::Trees(trees)
    }
}

impl Scorer {
    /// The family's name.
    pub const fn family(&self) -> &'static str {
        match self {
            Scorer::Logistic(_) => "logistic",
            Scorer::Trees(_) => "trees",
        }
    }

    /// Log-odds of a vector of the model's schema.
    pub fn score(&self, x: &Vector) -> f64 {
        match self {
            Scorer::Logistic(logistic) => logistic.score(x),
            Scorer::Trees(trees) => trees.score(x),
        }
    }

    /// Log-odds before any column adds to them; with the contributions they sum to the score.
    pub fn expected(&self) -> f64 {
        match self {
            Scorer::Logistic(logistic) => logistic.intercept,
            Scorer::Trees(trees) => trees.expected(),
        }
    }

    /// What each column adds to the log-odds.
    pub fn contributions(&self, x: &Vector) -> Vec<f64> {
        match self {
            Scorer::Logistic(logistic) => logistic.contributions(x).collect(),
            Scorer::Trees(trees) => trees.contributions(x),
        }
    }

    /// Each column's name, and the mean of its value among accounts not known to be abusive.
    pub fn columns(&self) -> Vec<(&str, f64)> {
        match self {
            Scorer::Logistic(logistic) => {
                logistic.columns.iter().map(|column| (column.feature.as_str(), column.baseline)).collect()
            }
            Scorer::Trees(trees) => {
                trees.columns.iter().map(|column| (column.feature.as_str(), column.baseline)).collect()
            }
        }
    }
}
