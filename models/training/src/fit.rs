//! A model of some family and its calibration, from the same examples: each row is scored for calibration by a model
//! that has not seen its account.

use schema::{Schema, Vector};
use scorers::{Calibration, Scorer};
use serde::{Deserialize, Serialize};

use crate::{Error, LogisticParams, TreeParams, calibrate, logistic, trees};

/// Into how many parts accounts are put.
pub const FOLDS: usize = 4;

/// Which family of models to fit, and how.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Family {
    /// Logistic regression.
    Logistic(LogisticParams),
    /// Boosted trees.
    Trees(TreeParams),
}

impl Family {
    fn check(self) -> Result<(), Error> {
        match self {
            Family::Logistic(params) => params.check(),
            Family::Trees(params) => params.check(),
        }
    }
}

/// Labelled vectors of one schema, a row each.
#[derive(Clone, Debug, Default)]
pub struct Examples {
    /// Feature vectors.
    pub x: Vec<Vector>,
    /// Whether the row's account is known to be abusive.
    pub y: Vec<bool>,
    /// Whether that is more likely than the contrary: a row can be there with both.
    pub likely: Vec<bool>,
    /// Whether nothing is known of the account: it is taken for innocent for want of better.
    pub open: Vec<bool>,
    /// How many rows of the population it stands for; positive.
    pub weight: Vec<f64>,
    /// Which part its account is in: below [`FOLDS`]. All rows of an account, and of accounts that belong together, are
    /// in the same.
    pub fold: Vec<usize>,
}

impl Examples {
    pub(crate) fn len(&self) -> usize {
        self.x.len()
    }

    fn need_both(&self, part: &str) -> Result<(), Error> {
        let positives = self.y.iter().filter(|y| **y).count();
        let negatives = self.y.len() - positives;
        if positives == 0 || negatives == 0 {
            return Err(Error::OneSided { part: part.to_owned(), positives, negatives });
        }
        Ok(())
    }

    /// The rows whose places are such.
    pub(crate) fn only(&self, such: impl Fn(usize) -> bool) -> Self {
        let mut kept = Self::default();
        for i in (0..self.len()).filter(|i| such(*i)) {
            kept.x.push(self.x[i].clone());
            kept.y.push(self.y[i]);
            kept.likely.push(self.likely[i]);
            kept.open.push(self.open[i]);
            kept.weight.push(self.weight[i]);
            kept.fold.push(self.fold[i]);
        }
        kept
    }
}

/// What was fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Fitted {
    /// The model, of all rows.
    pub scorer: Scorer,
    /// Its calibration.
    pub calibration: Calibration,
    /// Each row's score and probability by a model and a calibration that have not seen its account.
    pub unseen: Vec<(f64, f64)>,
}

/// Fits and calibrates.
///
/// The weights must give the population its own proportion of abusive accounts back: the probabilities are true to it.
///
/// # Errors
/// Where a parameter cannot be used, one kind of account is missing from some fold, or the optimiser fails.
pub fn fit(schema: &Schema, examples: &Examples, family: Family) -> Result<Fitted, Error> {
    family.check()?;
    let n = examples.len();
    assert!(
        [
            examples.y.len(),
            examples.likely.len(),
            examples.open.len(),
            examples.weight.len(),
            examples.fold.len()
        ] == [n; 5],
        "a label, a weight and a fold each row"
    );
    examples.need_both("the data set")?;
    let mut scores = vec![f64::NAN; n];
    for fold in 0..FOLDS {
        let rows: Vec<usize> = (0..n).filter(|i| examples.fold[*i] == fold).collect();
        let others = examples.only(|i| examples.fold[i] != fold);
        others.need_both(&format!("the data set without its part {} of {FOLDS}", fold + 1))?;
        let scorer = fit_one(schema, &others, family)?;
        rows.into_iter().for_each(|i| scores[i] = scorer.score(&examples.x[i]));
    }
    let scored = calibrate::Scored { scores: &scores, y: &examples.y, weight: &examples.weight };
    let known = calibrate::best(&scored, &examples.fold)?.across(&scored, &examples.fold)?;
    let Corrected { scores: all, y, weight, fold } = Corrected::of(examples, &scores, &known);
    let scored = calibrate::Scored { scores: &all, y: &y, weight: &weight };
    let way = calibrate::best(&scored, &fold)?;
    let by_fold = way.by_fold(&scored, &fold)?;
    let unseen = |(score, fold): (&f64, &usize)| (*score, by_fold[*fold].probability(*score));
    Ok(Fitted {
        scorer: fit_one(schema, examples, family)?,
        calibration: way.fit(&scored, |_| true)?,
        unseen: scores.iter().zip(&examples.fold).map(unseen).collect(),
    })
}

/// Rows in which those of whom nothing is known are abusive as often as those like them must be.
///
/// Of abusive accounts only a share is ever known. Where the model is surest, that share is what it gives known ones: with it,
/// an account of which nothing is known and that would be known with probability p is abusive with the odds of p times
/// those of staying unknown. Source: Elkan and Noto, "Learning classifiers from only positive and unlabeled data", 2008.
struct Corrected {
    scores: Vec<f64>,
    y: Vec<bool>,
    weight: Vec<f64>,
    fold: Vec<usize>,
}

impl Corrected {
    fn of(examples: &Examples, scores: &[f64], known: &[f64]) -> Self {
        let positives =
            || (0..known.len()).filter(|i| examples.y[*i]).map(|i| (known[i], examples.weight[i]));
        let sum: f64 = positives().map(|(p, weight)| p * weight).sum();
        // The mean over known ones, in which those count most of which the model is surest.
        let share = (positives().map(|(p, weight)| p * p * weight).sum::<f64>() / sum).clamp(0.1, 1.0);
        let mut made = Self { scores: Vec::new(), y: Vec::new(), weight: Vec::new(), fold: Vec::new() };
        for (i, p) in known.iter().enumerate() {
            let p = p.min(1.0 - 1e-9);
            let is_open = examples.open[i] && !examples.y[i];
            let abusive = if is_open { ((1.0 - share) / share * p / (1.0 - p)).min(1.0) } else { 0.0 };
            for (y, part) in [(examples.y[i], 1.0 - abusive), (true, abusive)] {
                if part > 0.0 {
                    made.scores.push(scores[i]);
                    made.y.push(y);
                    made.weight.push(examples.weight[i] * part);
                    made.fold.push(examples.fold[i]);
                }
            }
        }
        made
    }
}

fn fit_one(schema: &Schema, examples: &Examples, family: Family) -> Result<Scorer, Error> {
    Ok(match family {
        Family::Logistic(params) => logistic::fit(schema, examples, params)?.into(),
        Family::Trees(params) => trees::fit(schema, examples, params)?.into(),
    })
}

#[cfg(test)]
mod tests;
