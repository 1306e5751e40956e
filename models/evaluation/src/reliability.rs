//! Whether probabilities mean what they say.

use serde::Serialize;

use crate::metrics::calibration_error;

/// Rows of one range of probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Mean probability.
    pub p: f64,
    /// Share that is so.
    pub share: f64,
    /// Rows.
    pub rows: usize,
}

/// Probabilities held against what is so.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reliability {
    /// Expected calibration error over all rows, 0 to 1.
    pub error: f64,
    /// The same over the hundredth of the rows with the highest probabilities.
    pub error_top_percent: f64,
    /// Mean squared distance from 1 of rows that are so: where positives are rare, the plain Brier score does not see
    /// that they are underestimated (Wallace and Dahabreh 2014). Null without any.
    pub brier_so: Option<f64>,
    /// Mean square of rows that are not so.
    pub brier_not: Option<f64>,
    /// The top hundredth in ten parts of equally many rows, lowest first.
    pub bins: Vec<Bin>,
}

impl Reliability {
    /// Of rows with a probability each, and whether it is so.
    pub fn of(rows: &[(f64, bool)]) -> Self {
        let mut rows = rows.to_vec();
        rows.sort_by(|a, b| a.0.total_cmp(&b.0));
        let top = &rows[rows.len() - rows.len().div_ceil(100)..];
        let error = |rows: &[(f64, bool)]| {
            let (p, y): (Vec<f64>, Vec<bool>) = rows.iter().copied().unzip();
            calibration_error(&p, &y, &vec![1.0; p.len()])
        };
        let brier = |so: bool| {
            let such =
                rows.iter().filter(|(_, y)| *y == so).map(|(p, y)| (f64::from(u8::from(*y)) - p).powi(2));
            let (sum, n) = such.fold((0.0, 0.0), |(sum, n), square| (sum + square, n + 1.0));
            (n > 0.0).then(|| sum / n)
        };
        let part = |k: usize| &top[k * top.len() / 10..(k + 1) * top.len() / 10];
        let bin = |rows: &[(f64, bool)]| Bin {
            p: rows.iter().map(|(p, _)| p).sum::<f64>() / rows.len() as f64,
            share: rows.iter().filter(|(_, y)| *y).count() as f64 / rows.len() as f64,
            rows: rows.len(),
        };
        Self {
            error: error(&rows),
            error_top_percent: error(top),
            brier_so: brier(true),
            brier_not: brier(false),
            bins: (0..10).map(part).filter(|rows| !rows.is_empty()).map(bin).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_top_hundredth_is_judged_by_itself() {
        // Nine hundred and ninety rows that are right, and ten of .9 of which half are so.
        let mut rows = vec![(0.0, false); 990];
        rows.extend((0..10).map(|n| (0.9, n % 2 == 0)));
        let found = Reliability::of(&rows);
        assert!((found.error_top_percent - 0.5).abs() < 0.11, "{found:?}");
        assert!(found.error < 0.01, "{found:?}");
        assert_eq!(found.bins.len(), 10);
        assert!((found.brier_so.unwrap_or(1.0) - 0.01).abs() < 1e-9);
        assert_eq!(Reliability::of(&[]).bins, []);
    }
}
