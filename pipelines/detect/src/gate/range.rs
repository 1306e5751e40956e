//! Which values a column can have over n of what it is over.

use crate::features::{ColumnOf, Over, RATIO_N_MIN, Range};

/// The least and the greatest value over n; none where it is absent for certain. It may be absent otherwise too.
pub(super) fn values(column: &ColumnOf, n: usize) -> Option<(f64, f64)> {
    // Of minors there are half as many as n, and of likely ones at most n.
    let n_f = n as f64;
    let sum = if column.definition.over == Over::Minors { n_f / 2.0 } else { n_f };
    match column.definition.range {
        _ if column.is_percentile => Some((0.0, 1.0)),
        Range::Ratio(..) if n < RATIO_N_MIN as usize => None,
        Range::Count => Some((0.0, sum)),
        Range::PerOne(low, high) => Some((low * n_f, high * n_f)),
        Range::ShareOf { per_one, usual } => Some((0.0, (per_one * n_f + 5.0 * usual) / (n_f + 5.0))),
        Range::Among(..) if n == 0 => None,
        Range::Among(low, high) | Range::Ratio(low, high) | Range::Fixed(low, high) => Some((low, high)),
    }
}
