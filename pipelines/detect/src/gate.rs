//! The first of two stages of scoring: what an account's score cannot reach is not computed.
//!
//! A model's score is a sum over columns. What depends on no pair is computed exactly; for each other column the most it
//! can add is known from how many approaches, pairs or messages are remembered. If even the sum of these lies below the
//! threshold, the account would not have been flagged: leaving it out changes nothing.

use scorers::{Column, Model};

use crate::engine::Outline;
use crate::features::{Catalogue, ColumnOf, Over, RATIO_N_MIN, Range};
use crate::state::MESSAGES_MAX;
use crate::state::shard::{APPROACHES_MAX, BONDS_MAX};
use crate::view::View;

/// What rounding may add to a sum of some hundred terms.
const ROUNDING: f64 = 1e-6;

/// The bounds of one model.
#[derive(Clone, Debug)]
pub struct Gate {
    /// Log-odds below which no account is flagged.
    least: f64,
    intercept: f64,
    /// Most that the columns over so many approaches, expected minors (in halves), pairs and messages can add.
    approaches: Vec<f64>,
    minors: Vec<f64>,
    pairs: Vec<f64>,
    messages: Vec<f64>,
    /// Columns that are computed exactly, with their weights.
    exact: Vec<(ColumnOf, bool, Column)>,
}

impl Gate {
    pub(crate) fn new(catalogue: &Catalogue, model: &Model, threshold: f64) -> Self {
        let logistic = &model.artifact().logistic;
        let columns = || catalogue.columns.iter().zip(&catalogue.available).zip(&logistic.columns);
        let table = |over: Over, most: usize| -> Vec<f64> {
            let such =
                || columns().filter(move |((column, _), _)| is_bounded(column) && column.over() == over);
            let sum = |n: usize| {
                such().map(|((column, available), weights)| bound(column, *available, weights, n)).sum()
            };
            (0..=most).map(sum).collect()
        };
        let exact = columns().filter(|((column, _), _)| !is_bounded(column));
        Self {
            least: model.artifact().calibration.score_at(threshold.clamp(1e-12, 1.0 - 1e-12)) - ROUNDING,
            intercept: logistic.intercept,
            approaches: table(Over::Approaches, APPROACHES_MAX),
            minors: table(Over::Minors, 2 * APPROACHES_MAX),
            pairs: table(Over::Pairs, APPROACHES_MAX + BONDS_MAX),
            messages: table(Over::Messages, MESSAGES_MAX),
            exact: exact
                .map(|((column, available), weights)| (*column, *available, weights.clone()))
                .collect(),
        }
    }

    /// Whether the account's score might reach the threshold.
    pub fn is_worth(&self, outline: &Outline<'_>) -> bool {
        if outline.is_crowded {
            return true;
        }
        let messages = outline.view.diary.map_or(0, |diary| diary.len());
        let halves = outline.minors.div_ceil(5_000) as usize;
        let bounded = self.approaches[outline.approaches]
            + self.minors[halves]
            + self.pairs[outline.pairs]
            + self.messages[messages];
        let exact = |(column, available, weights): &(ColumnOf, bool, Column)| {
            exactly(column, *available, weights, &outline.view)
        };
        let most = self.intercept + bounded + self.exact.iter().map(exact).sum::<f64>();
        // Not "at least": what is no number must not be left out.
        !(most < self.least)
    }
}

/// Whether a column is bounded rather than computed. A percentile is bounded too, whatever it is of.
fn is_bounded(column: &ColumnOf) -> bool {
    column.is_percentile || column.over() != Over::Other
}

fn exactly(column: &ColumnOf, available: bool, weights: &Column, view: &View<'_>) -> f64 {
    let value = if available { column.value(view) } else { None };
    weights.contribution(value.unwrap_or(f64::NAN))
}

/// The most that a column can add, over n of what it is over.
fn bound(column: &ColumnOf, available: bool, weights: &Column, n: usize) -> f64 {
    let absent = weights.contribution(f64::NAN);
    if !available {
        return absent;
    }
    // Of minors there are half as many as n, and of likely ones at most n.
    let n_f = n as f64;
    let sum = if column.definition.over == Over::Minors { n_f / 2.0 } else { n_f };
    let (low, high) = match column.definition.range {
        _ if column.is_percentile => (0.0, 1.0),
        Range::Ratio(..) if n < RATIO_N_MIN as usize => return absent,
        Range::Count => (0.0, sum),
        Range::PerOne(low, high) => (low * n_f, high * n_f),
        Range::Ratio(low, high) | Range::Fixed(low, high) => (low, high),
    };
    // A contribution rises or falls throughout, so that the ends of the range bound it.
    weights.contribution(low).max(weights.contribution(high)).max(absent)
}
