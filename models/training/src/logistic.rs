//! Logistic regression by L-BFGS on standardised columns.

use std::collections::HashSet;

use linfa::Dataset;
use linfa::prelude::Fit;
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use schema::{Feature, Schema};
use scorers::{Column, Logistic};
use serde::{Deserialize, Serialize};

use crate::{Error, Examples, baseline};

/// How to fit a logistic regression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogisticParams {
    /// Weight of the L2 penalty on the coefficients; at least 0.
    pub l2: f64,
    /// Most steps of the optimiser; at least 1.
    pub iterations_max: u64,
}

impl Default for LogisticParams {
    fn default() -> Self {
        Self { l2: 1.0, iterations_max: 500 }
    }
}

impl LogisticParams {
    /// Checks every number.
    pub(crate) fn check(self) -> Result<(), Error> {
        if !(self.l2.is_finite() && self.l2 >= 0.0) {
            return Err(Error::Param("l2 must be a number of at least 0"));
        }
        if self.iterations_max == 0 {
            return Err(Error::Param("iterations_max must be at least 1"));
        }
        Ok(())
    }
}

/// Every row counts the same, with its likelier label: weights mostly move the intercept, which calibration finds again.
pub(crate) fn fit(schema: &Schema, train: &Examples, params: LogisticParams) -> Result<Logistic, Error> {
    let train = &train.only(|i| train.likely[i]);
    let standards: Vec<Standard> =
        schema.features().iter().enumerate().map(|(j, feature)| Standard::of(feature, j, train)).collect();
    regress(schema, &standards, train, params)
}

/// How one column is brought to a common scale.
struct Standard {
    centre: f64,
    scale: f64,
    baseline: f64,
}

impl Standard {
    fn of(feature: &Feature, column: usize, examples: &Examples) -> Self {
        let known = |y: Option<bool>| {
            let rows =
                examples.x.iter().zip(&examples.y).filter(move |(_, label)| y.is_none_or(|y| y == **label));
            rows.map(move |(x, _)| x.values()[column]).filter(|v| !v.is_nan())
        };
        let usual: Vec<f64> = known(Some(false)).collect();
        let all: Vec<f64> = known(None).map(|v| feature.transform.apply(v)).collect();
        let deviation = deviation(&all);
        Self {
            centre: mean(usual.iter().map(|v| feature.transform.apply(*v))),
            // A column that never varies says nothing: any scale gives it a weight of zero.
            scale: if deviation > 1e-9 { deviation } else { 1.0 },
            baseline: baseline(column, examples),
        }
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), v| (sum + v, n + 1.0));
    if n > 0.0 { sum / n } else { 0.0 }
}

fn deviation(values: &[f64]) -> f64 {
    let centre = mean(values.iter().copied());
    mean(values.iter().map(|v| (v - centre).powi(2))).sqrt()
}

/// One column of the regression.
#[derive(Clone, Copy)]
enum Term {
    /// The standardised value of a feature, 0 where it is absent.
    Value(usize),
    /// Whether a feature is absent.
    Absent(usize),
}

/// The terms that can say anything: values that vary, and absences that do. Features are often absent together (for few
/// first contacts, say); of these the first stands for all, or the penalty would be shared among equals.
fn terms(train: &Examples, width: usize) -> Vec<Term> {
    let mut terms = Vec::new();
    let mut absences: HashSet<Vec<bool>> = HashSet::new();
    for j in 0..width {
        let column = || train.x.iter().map(|x| x.values()[j]);
        let mut known = column().filter(|v| !v.is_nan());
        let first = known.next();
        if known.any(|v| Some(v) != first) {
            terms.push(Term::Value(j));
        }
        let absent: Vec<bool> = column().map(f64::is_nan).collect();
        if absent.contains(&true) && absent.contains(&false) && absences.insert(absent) {
            terms.push(Term::Absent(j));
        }
    }
    terms
}

fn design(schema: &Schema, standards: &[Standard], terms: &[Term], examples: &Examples) -> Array2<f64> {
    let features = schema.features();
    Array2::from_shape_fn((examples.x.len(), terms.len()), |(row, term)| {
        let value = |j: usize| examples.x[row].values()[j];
        match terms[term] {
            Term::Absent(j) => f64::from(u8::from(value(j).is_nan())),
            Term::Value(j) if value(j).is_nan() => 0.0,
            Term::Value(j) => {
                (features[j].transform.apply(value(j)) - standards[j].centre) / standards[j].scale
            }
        }
    })
}

fn regress(
    schema: &Schema,
    standards: &[Standard],
    train: &Examples,
    params: LogisticParams,
) -> Result<Logistic, Error> {
    let terms = terms(train, schema.len());
    let x = design(schema, standards, &terms, train);
    let y: Array1<bool> = train.y.iter().copied().collect();
    let fitted = LogisticRegression::default()
        .alpha(params.l2)
        .max_iterations(params.iterations_max)
        .gradient_tolerance(1e-6)
        .fit(&Dataset::new(x, y))?;
    // The library calls the more frequent class positive, whichever that is.
    let sign = if fitted.labels().pos.class { 1.0 } else { -1.0 };
    let column = |(feature, standard): (&Feature, &Standard)| Column {
        feature: feature.name.clone(),
        transform: feature.transform,
        centre: standard.centre,
        scale: standard.scale,
        weight: 0.0,
        weight_absent: 0.0,
        baseline: standard.baseline,
    };
    let mut columns: Vec<Column> = schema.features().iter().zip(standards).map(column).collect();
    for (term, weight) in terms.iter().zip(fitted.params()) {
        match term {
            Term::Value(j) => columns[*j].weight = sign * weight,
            Term::Absent(j) => columns[*j].weight_absent = sign * weight,
        }
    }
    Ok(Logistic { intercept: sign * fitted.intercept(), columns })
}
