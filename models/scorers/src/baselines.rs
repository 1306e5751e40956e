//! What is usual in each cohort: by which an account's counts become percentiles.

use std::collections::BTreeMap;

use schema::{Schema, Unit, Vector};
use serde::{Deserialize, Serialize};

use crate::Span;

/// The shares at which a cohort's counts are kept. Few accounts have much, so that they crowd at the top.
const SHARES: [f64; 9] = [0.25, 0.5, 0.75, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999];

/// A cohort with fewer rows than this has no counts of its own.
const ROWS_MIN: usize = 50;

/// What rounding may add to a share.
const ROUNDING: f64 = 1e-9;

/// The quantiles of each raw count, by cohort.
///
/// A percentile column is called like its raw column with `_pct` after it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baselines {
    /// The raw columns.
    pub columns: Vec<String>,
    /// For each column, the values at the shares, rising; over all rows.
    pub all: Vec<Vec<f64>>,
    /// The same for each cohort with rows enough.
    pub cohorts: BTreeMap<String, Vec<Vec<f64>>>,
}

impl Baselines {
    /// What is usual among these rows: `cohorts.len() == x.len()`, vectors of `schema`.
    pub fn fit(schema: &Schema, cohorts: &[String], x: &[Vector]) -> Self {
        assert_eq!(cohorts.len(), x.len(), "a cohort a row");
        let pairs = percentile_columns(schema);
        let mut rows: BTreeMap<&str, Vec<&Vector>> = BTreeMap::new();
        for (cohort, x) in cohorts.iter().zip(x) {
            rows.entry(cohort).or_default().push(x);
        }
        let table = |rows: &[&Vector]| pairs.iter().map(|(raw, _)| quantiles(rows, *raw)).collect::<Vec<_>>();
        let enough = rows.iter().filter(|(_, rows)| rows.len() >= ROWS_MIN);
        Self {
            columns: pairs.iter().map(|(raw, _)| schema.features()[*raw].name.clone()).collect(),
            all: table(&x.iter().collect::<Vec<_>>()),
            cohorts: enough.map(|(cohort, rows)| ((*cohort).to_owned(), table(rows))).collect(),
        }
    }

    /// The raw column and the percentile column of each pair, as places in a vector of `schema`.
    pub(crate) fn places(&self, schema: &Schema) -> Vec<(usize, usize)> {
        let known = |name: &String| self.columns.contains(name);
        let pairs = percentile_columns(schema).into_iter();
        pairs.filter(|(raw, _)| known(&schema.features()[*raw].name)).collect()
    }

    /// A vector of `schema` with its percentiles filled in.
    pub fn complete(&self, schema: &Schema, x: &Vector, cohort: &str) -> Vector {
        self.complete_at(&self.places(schema), x, cohort)
    }

    /// A vector with its percentiles filled in from the cohort's counts, or from everybody's where it has none.
    pub(crate) fn complete_at(&self, places: &[(usize, usize)], x: &Vector, cohort: &str) -> Vector {
        let table = self.cohorts.get(cohort).unwrap_or(&self.all);
        let mut values = x.values().to_vec();
        for ((raw, percentile), quantiles) in places.iter().zip(table) {
            values[*percentile] = share_below(quantiles, values[*raw]);
        }
        Vector::new(values)
    }

    /// Which percentiles are possible of a raw column, by its place among [`Baselines::columns`], in a cohort.
    pub fn span(&self, column: usize, raw: Span, cohort: &str) -> Span {
        let table = self.cohorts.get(cohort).unwrap_or(&self.all);
        let quantiles = table.get(column).map_or(&[][..], Vec::as_slice);
        let values = raw.values.filter(|_| !quantiles.is_empty());
        Span {
            // A share that is interpolated may round down past its lower neighbour.
            values: values.map(|(low, high)| {
                (share_below(quantiles, low) - ROUNDING, share_below(quantiles, high) + ROUNDING)
            }),
            is_maybe_absent: raw.is_maybe_absent || quantiles.is_empty(),
        }
    }

    /// Whether every list of quantiles is whole and rises.
    pub(crate) fn is_sound(&self) -> bool {
        let rises = |q: &Vec<f64>| {
            (q.is_empty() || q.len() == SHARES.len())
                && q.iter().all(|v| v.is_finite())
                && q.windows(2).all(|two| two[0] <= two[1])
        };
        let tables = std::iter::once(&self.all).chain(self.cohorts.values());
        tables.into_iter().all(|table| table.len() == self.columns.len() && table.iter().all(rises))
    }
}

/// Raw columns with a percentile column, as places.
fn percentile_columns(schema: &Schema) -> Vec<(usize, usize)> {
    let features = schema.features();
    let place = |name: &str| features.iter().position(|feature| feature.name == name);
    let percentiles = features.iter().enumerate().filter(|(_, feature)| feature.unit == Unit::Percentile);
    percentiles.filter_map(|(i, feature)| Some((place(feature.name.strip_suffix("_pct")?)?, i))).collect()
}

fn quantiles(rows: &[&Vector], column: usize) -> Vec<f64> {
    let mut values: Vec<f64> = rows.iter().map(|x| x.values()[column]).filter(|v| !v.is_nan()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let at = |share: f64| values[(share * last as f64).round() as usize];
    SHARES.iter().map(|share| at(*share)).collect()
}

/// Share of accounts that have less, between the shares that are kept; NaN where nothing is known.
fn share_below(quantiles: &[f64], value: f64) -> f64 {
    if value.is_nan() || quantiles.is_empty() {
        return f64::NAN;
    }
    let below = quantiles.partition_point(|q| *q < value);
    match below {
        0 => 0.0,
        n if n == quantiles.len() => 1.0,
        n => {
            let (low, high) = (quantiles[n - 1], quantiles[n]);
            let part = (value - low) / (high - low);
            SHARES[n - 1] + part * (SHARES[n] - SHARES[n - 1])
        }
    }
}
