//! From labelled feature vectors to a model.
//!
//! Owns fitting and calibration; deterministic. Must never see an event or a clock. Start reading at [`fit`].

mod calibrate;
mod fit;
mod logistic;
mod trees;

pub use fit::{Examples, FOLDS, Family, Fitted, fit};
pub use logistic::LogisticParams;
pub use trees::{COLUMNS_MIN, TreeParams};

/// Why no model could be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A parameter that cannot be used.
    #[error("{0}")]
    Param(&'static str),
    /// Too little to learn from.
    #[error("{part} has {positives} abusive and {negatives} other rows; both are needed")]
    OneSided {
        /// Which examples.
        part: String,
        /// Rows of abusive accounts.
        positives: usize,
        /// Other rows.
        negatives: usize,
    },
    /// The optimiser failed.
    #[error("the logistic regression could not be fitted")]
    Logistic(#[from] linfa_logistic::error::Error),
    /// The trees could not be grown.
    #[error("the trees could not be grown")]
    Trees(#[from] forust_ml::errors::ForustError),
    /// Higher scores turned out less probable on accounts that the model had not seen.
    #[error("on accounts not fitted on, a higher score is not more often abusive; more labels are needed")]
    Inverted,
}

/// The mean of a column among accounts not known to be abusive, by weight; 0 where nothing is known.
fn baseline(column: usize, examples: &Examples) -> f64 {
    let rows = examples.x.iter().zip(&examples.y).zip(&examples.weight);
    let known =
        rows.filter(|((_, abusive), _)| !**abusive).map(|((x, _), weight)| (x.values()[column], *weight));
    let sum = known.filter(|(value, _)| !value.is_nan());
    let (sum, n) = sum.fold((0.0, 0.0), |(sum, n), (value, weight)| (sum + value * weight, n + weight));
    if n > 0.0 { sum / n } else { 0.0 }
}
