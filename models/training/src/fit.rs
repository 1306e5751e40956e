//! Logistic regression by L-BFGS on standardised columns, then Platt scaling on accounts held apart.

use std::collections::HashSet;

use linfa::Dataset;
use linfa::composing::platt_scaling::{Platt, PlattError, platt_newton_method};
use linfa::prelude::{Fit, ParamGuard};
use linfa_logistic::LogisticRegression;
use ndarray::{Array1, Array2};
use schema::{Feature, Schema, Vector};
use scorers::{Calibration, Column, Logistic};

/// How to fit.
#[derive(Clone, Copy, Debug)]
pub struct Params {
    /// Weight of the L2 penalty on the coefficients; at least 0.
    pub l2: f64,
    /// Most steps of the optimiser; at least 1.
    pub iterations_max: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self { l2: 1.0, iterations_max: 500 }
    }
}

/// [`Params`] that can be used.
#[derive(Clone, Copy, Debug)]
pub struct CheckedParams(Params);

impl Params {
    /// Checks every number.
    ///
    /// # Errors
    /// Names the number that cannot be used.
    pub fn check(self) -> Result<CheckedParams, Error> {
        if !(self.l2.is_finite() && self.l2 >= 0.0) {
            return Err(Error::Param("l2 must be a number of at least 0"));
        }
        if self.iterations_max == 0 {
            return Err(Error::Param("iterations_max must be at least 1"));
        }
        Ok(CheckedParams(self))
    }
}

/// Why no model could be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter that cannot be used.
    #[error("{0}")]
    Param(&'static str),
    /// Too little to learn from.
    #[error("{part} has {positives} abusive and {negatives} other rows; both are needed to {purpose}")]
    OneSided {
        /// Which examples.
        part: &'static str,
        /// Rows of abusive accounts.
        positives: usize,
        /// Other rows.
        negatives: usize,
        /// What for.
        purpose: &'static str,
    },
    /// The optimiser failed.
    #[error("the logistic regression could not be fitted")]
    Fit(#[from] linfa_logistic::error::Error),
    /// Calibration failed.
    #[error("the score could not be calibrated")]
    Calibrate(#[from] PlattError),
    /// Higher scores turned out less probable on the accounts held apart.
    #[error("on the calibration accounts a higher score is not more often abusive; more labels are needed")]
    Inverted,
}

/// Labelled vectors of one schema: `x.len() == y.len()`.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// Feature vectors.
    pub x: Vec<Vector>,
    /// Whether the row's account is known to be abusive.
    pub y: Vec<bool>,
}

impl Examples {
    fn positives(&self) -> usize {
        self.y.iter().filter(|y| **y).count()
    }

    fn need_both(&self, part: &'static str, purpose: &'static str) -> Result<(), Error> {
        assert_eq!(self.x.len(), self.y.len(), "a label a row");
        let positives = self.positives();
        let negatives = self.y.len() - positives;
        if positives == 0 || negatives == 0 {
            return Err(Error::OneSided { part, positives, negatives, purpose });
        }
        Ok(())
    }
}

/// Fits on `train` and calibrates on `held_apart`, whose accounts must be others.
///
/// Both must keep the population's own proportion of abusive accounts: the probabilities are true to it.
///
/// # Errors
/// Where one kind of account is missing, or the optimiser fails.
pub fn fit(
    schema: &Schema,
    train: &Examples,
    held_apart: &Examples,
    params: CheckedParams,
) -> Result<(Logistic, Calibration), Error> {
    train.need_both("the training part", "fit")?;
    held_apart.need_both("the calibration part", "calibrate")?;
    let standards: Vec<Standard> =
        schema.features().iter().enumerate().map(|(j, feature)| Standard::of(feature, j, train)).collect();
    let logistic = regress(schema, &standards, train, params.0)?;
    let calibration = calibrate(&logistic, held_apart)?;
    Ok((logistic, calibration))
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
            baseline: mean(usual.iter().copied()),
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
    params: Params,
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

fn calibrate(logistic: &Logistic, held_apart: &Examples) -> Result<Calibration, Error> {
    let scores: Array1<f64> = held_apart.x.iter().map(|x| logistic.score(x)).collect();
    let labels: Array1<bool> = held_apart.y.iter().copied().collect();
    let params = Platt::<f64, ()>::params().check()?;
    let (a, b) = platt_newton_method(scores.view(), labels.view(), &params)?;
    if a >= 0.0 {
        return Err(Error::Inverted);
    }
    Ok(Calibration { slope: -a, intercept: -b })
}

#[cfg(test)]
mod tests;
