//! Bounds of a sum over trees: the highest leaf of each tree that an account can reach.
//!
//! First by how many approaches and likely minors there are, from a table; then with the columns that are known at a
//! glance as they are, and the range of each other.

use scorers::{Baselines, Model, Span, Trees};

use super::{ROUNDING, range};
use crate::cohort::Cohort;
use crate::engine::Outline;
use crate::features::{Catalogue, ColumnOf, Over};
use crate::state::MESSAGES_MAX;
use crate::state::shard::{APPROACHES_MAX, BONDS_MAX};

/// From how many approaches, or halves of likely minors, on each line of the table counts.
const STEPS: [usize; 10] = [0, 1, 2, 3, 5, 8, 12, 20, 32, 64];

/// The bounds of one model of trees.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    /// Log-odds below which no account is flagged.
    least: f64,
    trees: Trees,
    baselines: Baselines,
    /// What every column starts as: anything, or absent where the deployment cannot know it.
    spans: Vec<Span>,
    /// Columns that a tree splits on, with their places.
    bounded: Vec<(usize, ColumnOf)>,
    exact: Vec<(usize, ColumnOf)>,
    /// Percentiles that a tree splits on: the place of the raw column, of this one, and in the baselines.
    percentiles: Vec<(usize, usize, usize)>,
    /// The most by approaches and minors.
    table: [[f64; STEPS.len()]; STEPS.len()],
}

impl Forest {
    pub(super) fn new(catalogue: &Catalogue, model: &Model, trees: &Trees, least: f64) -> Self {
        let splits = trees.splits();
        let mut used: Vec<usize> = (0..splits.len()).filter(|i| splits[*i] > 0).collect();
        let numbered = model.percentiles().iter().enumerate();
        let of_percentile = |(n, (raw, percentile)): (usize, &(usize, usize))| (*raw, *percentile, n);
        let percentiles: Vec<(usize, usize, usize)> =
            numbered.map(of_percentile).filter(|(_, percentile, _)| used.contains(percentile)).collect();
        // Their spans follow from the raw columns', which must be there.
        used.extend(percentiles.iter().map(|(raw, _, _)| *raw));
        used.sort_unstable();
        used.dedup();
        let absent = Span::exactly(f64::NAN);
        // A percentile that no quantiles are known for is absent.
        let start = |(column, available): (&ColumnOf, &bool)| {
            if *available && !column.is_percentile { Span::ANY } else { absent }
        };
        let known =
            used.into_iter().filter(|i| catalogue.available[*i] && !catalogue.columns[*i].is_percentile);
        let (exact, bounded): (Vec<_>, Vec<_>) = known
            .map(|i| (i, catalogue.columns[i]))
            .partition(|(_, column)| matches!(column.over(), Over::Other | Over::Counts));
        let mut forest = Self {
            least,
            trees: trees.clone(),
            baselines: model.artifact().baselines.clone(),
            spans: catalogue.columns.iter().zip(&catalogue.available).map(start).collect(),
            bounded,
            exact,
            percentiles,
            table: [[0.0; STEPS.len()]; STEPS.len()],
        };
        let most = |i, j| forest.coarse(line(i, APPROACHES_MAX), line(j, 2 * APPROACHES_MAX));
        let table = std::array::from_fn(|i| std::array::from_fn(|j| most(i, j)));
        forest.table = table;
        forest
    }

    /// The most of an account of so many approaches and minors, from and to, about which nothing else is known.
    fn coarse(&self, approaches: (usize, usize), minors: (usize, usize)) -> f64 {
        let mut spans = self.spans.clone();
        for (i, column) in &self.bounded {
            let (from, to) = match column.over() {
                Over::Approaches => approaches,
                Over::In(_) => (0, approaches.1),
                Over::Minors => minors,
                Over::Pairs => (approaches.0, APPROACHES_MAX + BONDS_MAX),
                Over::Messages | Over::Counts | Over::Other => (0, MESSAGES_MAX),
            };
            spans[*i].values =
                (from..=to).filter_map(|n| values(column, n)).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        }
        for (_, percentile, _) in &self.percentiles {
            spans[*percentile] = Span { values: Some((0.0, 1.0)), is_maybe_absent: true };
        }
        self.trees.most(&spans)
    }

    pub(super) fn is_worth(&self, outline: &Outline<'_>) -> bool {
        let halves = outline.minors.div_ceil(5_000) as usize;
        let step = |n: usize| STEPS.partition_point(|from| *from <= n) - 1;
        if self.table[step(outline.approaches)][step(halves)] < self.least {
            return false;
        }
        let glance = outline.glance();
        let mut spans = self.spans.clone();
        for (i, column) in &self.exact {
            spans[*i] = Span::exactly(column.value(&glance).unwrap_or(f64::NAN));
        }
        for (i, column) in &self.bounded {
            let n = match column.over() {
                Over::Approaches | Over::Counts | Over::Other => outline.approaches,
                Over::In(set) => outline.sizes.of(set),
                Over::Minors => halves,
                Over::Pairs => outline.pairs,
                Over::Messages => outline.messages,
            };
            spans[*i].values = values(column, n);
        }
        if !self.percentiles.is_empty() {
            let cohort = Cohort::of(glance.card, glance.now).name();
            for (raw, percentile, n) in &self.percentiles {
                spans[*percentile] = self.baselines.span(*n, spans[*raw], cohort);
            }
        }
        let most = self.trees.most(&spans);
        most >= self.least || most.is_nan()
    }
}

/// The column's range, and a little more: a sum may round to beyond it, and past a threshold.
fn values(column: &ColumnOf, n: usize) -> Option<(f64, f64)> {
    let little = |end: f64| end.abs().mul_add(ROUNDING, ROUNDING);
    range::values(column, n).map(|(low, high)| (low - little(low), high + little(high)))
}

/// From and to where a line of the table reaches.
fn line(i: usize, most: usize) -> (usize, usize) {
    (STEPS[i], STEPS.get(i + 1).map_or(most, |next| next - 1))
}
