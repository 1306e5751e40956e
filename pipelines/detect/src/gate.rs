//! The first of two stages of scoring: what an account's score cannot reach is not computed.
//!
//! Where a model's score is a sum over columns, the gate adds up what is cheap to know exactly and the most that
//! everything else can add: first from what is counted anyway, then at a glance at each pair (the columns that the model
//! weighs most before the others), then with the columns of pairs that it weighs most. Where it is a sum over trees, it adds up the highest leaves that can be reached. If even that
//! lies below the threshold, the account would not have been flagged: leaving it out changes nothing.

mod forest;
mod range;

use forest::Forest;
use scorers::{Column, Logistic, Model, Scorer};

use crate::engine::Outline;
use crate::features::{Catalogue, ColumnOf, Over};
use crate::state::MESSAGES_MAX;
use crate::state::pair::Set;
use crate::state::shard::{APPROACHES_MAX, BONDS_MAX};
use crate::view::View;

/// What rounding may add to a sum of some hundred terms.
const ROUNDING: f64 = 1e-6;

/// More than there is of anything.
const ANY: usize = 1_000_000_000;

/// How many columns are computed before the rest is bounded.
const STRONG: usize = 16;

/// The same of the columns that are computed at a glance.
const STRONG_AT_A_GLANCE: usize = 24;

/// By which many approaches a column's strength is judged.
const JUDGED_AT: usize = 16;

/// The bounds of one model.
#[derive(Clone, Debug)]
pub struct Gate(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Sums(Box<Sums>),
    Forest(Box<Forest>),
}

impl Gate {
    pub(crate) fn new(catalogue: &Catalogue, model: &Model, threshold: f64) -> Self {
        let least = model.artifact().calibration.score_at(threshold.clamp(1e-12, 1.0 - 1e-12)) - ROUNDING;
        Self(match &model.artifact().scorer {
            Scorer::Logistic(logistic) => Kind::Sums(Box::new(Sums::new(catalogue, logistic, least))),
            Scorer::Trees(trees) => Kind::Forest(Box::new(Forest::new(catalogue, model, trees, least))),
        })
    }

    /// Whether the account's score might reach the threshold; what is no number is not left out.
    pub fn is_worth(&self, outline: &Outline<'_>) -> bool {
        match &self.0 {
            Kind::Sums(sums) => sums.is_worth(outline),
            Kind::Forest(forest) => forest.is_worth(outline),
        }
    }
}

/// The bounds of a sum over columns.
#[derive(Clone, Debug)]
struct Sums {
    /// Log-odds below which no account is flagged.
    least: f64,
    /// What every account has.
    intercept: f64,
    /// Columns that are computed at a glance: those that can add most, and the others with the most that they can add.
    exact: Vec<Weighed>,
    exact_rest: Vec<Weighed>,
    exact_rest_most: MostOfCounts,
    /// The most that all of these can add.
    exact_most: f64,
    /// The most that all other columns can add.
    all: Bounds,
    /// The columns among these that can add most, and what is left without them.
    strong: Vec<Weighed>,
    rest: Bounds,
}

/// One column under one model.
#[derive(Clone, Debug)]
struct Weighed {
    column: ColumnOf,
    /// Whether the deployment can know it.
    is_available: bool,
    weights: Column,
    /// What it adds where its value is 0, as most values are.
    at_zero: f64,
}

/// The most that columns can add, by how many there are of what they are over.
#[derive(Clone, Debug)]
struct Bounds {
    approaches: Vec<f64>,
    /// One table a set.
    sets: Vec<Vec<f64>>,
    /// Expected minors, in halves.
    minors: Vec<f64>,
    pairs: Vec<f64>,
    messages: Vec<f64>,
}

impl Sums {
    fn new(catalogue: &Catalogue, logistic: &Logistic, least: f64) -> Self {
        let columns = catalogue.columns.iter().zip(&catalogue.available).zip(&logistic.columns);
        let weighed = columns.map(|((column, is_available), weights)| Weighed {
            column: *column,
            is_available: *is_available,
            at_zero: weights.contribution(0.0),
            weights: weights.clone(),
        });
        let (bounded, mut exact): (Vec<Weighed>, Vec<Weighed>) = weighed.partition(Weighed::is_bounded);
        exact.sort_by(|a, b| b.strength().total_cmp(&a.strength()));
        let exact_most = exact.iter().map(Weighed::most).sum();
        let exact_rest = exact.split_off(STRONG_AT_A_GLANCE.min(exact.len()));
        // Percentiles of what is computed exactly are over nothing that is counted here.
        let (apart, mut bounded): (Vec<Weighed>, Vec<Weighed>) =
            bounded.into_iter().partition(|weighed| !weighed.is_counted());
        let apart: f64 = apart.iter().map(|weighed| weighed.bound(0)).sum();
        let all = Bounds::of(&bounded);
        bounded.sort_by(|a, b| b.strength().total_cmp(&a.strength()));
        let rest = bounded.split_off(STRONG.min(bounded.len()));
        Self {
            least,
            intercept: logistic.intercept + apart,
            exact,
            exact_rest_most: MostOfCounts::of(&exact_rest),
            exact_rest,
            exact_most,
            all,
            strong: bounded,
            rest: Bounds::of(&rest),
        }
    }

    fn is_worth(&self, outline: &Outline<'_>) -> bool {
        let all = self.all.at(outline);
        if self.intercept + self.exact_most + all < self.least {
            return false;
        }
        let glance = outline.glance();
        let exact = self.intercept + sum(&self.exact, &glance);
        if exact + self.exact_rest_most.at(outline) + all < self.least {
            return false;
        }
        let exact = exact + sum(&self.exact_rest, &glance);
        if exact + all < self.least {
            return false;
        }
        let most = exact + sum(&self.strong, outline.seen()) + self.rest.at(outline);
        most >= self.least || most.is_nan()
    }
}

/// The most that columns can add that are computed at a glance.
#[derive(Clone, Debug)]
struct MostOfCounts {
    /// By how many approaches there are, where these are all that is counted.
    approaches: Vec<f64>,
    any: f64,
}

impl MostOfCounts {
    fn of(columns: &[Weighed]) -> Self {
        let over = |weighed: &Weighed, n: usize| match weighed.column.over() {
            Over::Counts => weighed.bound(n),
            _ => weighed.most(),
        };
        let most = |n: usize| columns.iter().map(|weighed| over(weighed, n)).sum();
        Self { approaches: (0..=APPROACHES_MAX).map(most).collect(), any: most(ANY) }
    }

    fn at(&self, outline: &Outline<'_>) -> f64 {
        if outline.has_crowd { self.any } else { self.approaches[outline.approaches] }
    }
}

impl Bounds {
    fn of(columns: &[Weighed]) -> Self {
        let table = |over: Over, most: usize| {
            let such = || columns.iter().filter(move |weighed| weighed.column.over() == over);
            (0..=most).map(|n| such().map(|weighed| weighed.bound(n)).sum()).collect()
        };
        Self {
            approaches: table(Over::Approaches, APPROACHES_MAX),
            sets: Set::ALL.iter().map(|set| table(Over::In(*set), APPROACHES_MAX)).collect(),
            minors: table(Over::Minors, 2 * APPROACHES_MAX),
            pairs: table(Over::Pairs, APPROACHES_MAX + BONDS_MAX),
            messages: table(Over::Messages, MESSAGES_MAX),
        }
    }

    fn at(&self, outline: &Outline<'_>) -> f64 {
        let halves = outline.minors.div_ceil(5_000) as usize;
        let sets = self.sets.iter().zip(Set::ALL).map(|(table, set)| table[outline.sizes.of(set)]);
        self.approaches[outline.approaches]
            + sets.sum::<f64>()
            + self.minors[halves]
            + self.pairs[outline.pairs]
            + self.messages[outline.messages]
    }
}

/// What columns add to an account's score.
fn sum(columns: &[Weighed], view: &View<'_>) -> f64 {
    columns.iter().map(|weighed| weighed.exactly(view)).sum()
}

impl Weighed {
    /// Whether it is bounded rather than computed. A percentile is bounded too, whatever it is of.
    fn is_bounded(&self) -> bool {
        self.column.is_percentile || self.is_counted()
    }

    /// Whether it is over something that an outline counts.
    fn is_counted(&self) -> bool {
        !matches!(self.column.over(), Over::Other | Over::Counts)
    }

    /// By how much more a column can add than it does at the least.
    fn strength(&self) -> f64 {
        if self.column.is_percentile {
            // It cannot be computed here.
            return f64::NEG_INFINITY;
        }
        let weights = &self.weights;
        let n = if self.column.over() == Over::Other { ANY } else { JUDGED_AT };
        self.bound(n) - weights.contribution(0.0).min(weights.contribution(f64::NAN))
    }

    fn exactly(&self, view: &View<'_>) -> f64 {
        let value = if self.is_available { self.column.value(view) } else { None };
        match value {
            Some(0.0) => self.at_zero,
            _ => self.weights.contribution(value.unwrap_or(f64::NAN)),
        }
    }

    /// The most that the column can add, whatever it is over.
    fn most(&self) -> f64 {
        self.bound(ANY)
    }

    /// The most that the column can add, over n of what it is over.
    fn bound(&self, n: usize) -> f64 {
        let weights = &self.weights;
        let absent = weights.contribution(f64::NAN);
        let range = if self.is_available { range::values(&self.column, n) } else { None };
        let Some((low, high)) = range else { return absent };
        // A contribution rises or falls throughout, so that the ends of the range bound it.
        weights.contribution(low).max(weights.contribution(high)).max(absent)
    }
}
