//! Whether a column looks into the future.

use std::collections::HashMap;

use events::{Millis, Token};

use crate::Rows;

/// The columns whose value at some moment differs between two replays of a log, one of which was cut off after it: what
/// came later has leaked into them. `cut` holds rows of the shorter replay.
pub fn leaks(whole: &Rows, cut: &Rows) -> Vec<String> {
    let places: HashMap<(&Token, Millis), usize> =
        whole.accounts.iter().zip(whole.at.iter().copied()).enumerate().map(|(i, key)| (key, i)).collect();
    let pairs: Vec<(usize, usize)> = cut
        .accounts
        .iter()
        .zip(cut.at.iter().copied())
        .enumerate()
        .filter_map(|(i, key)| Some((i, *places.get(&key)?)))
        .collect();
    let differs = |column: usize| {
        let value = |rows: &Rows, i: usize| rows.columns[column][i];
        pairs.iter().any(|(i, j)| {
            let (a, b) = (value(cut, *i), value(whole, *j));
            a.to_bits() != b.to_bits() && !(a.is_nan() && b.is_nan())
        })
    };
    let names = whole.schema().names().enumerate();
    names.filter(|(column, _)| differs(*column)).map(|(_, name)| name.to_owned()).collect()
}
