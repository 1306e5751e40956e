//! What one feature by itself can tell: a population in which one feature gives abuse away measures nothing.

use std::collections::{BTreeMap, BTreeSet};

use crate::metrics::auc;

/// Innocent accounts that are compared with; of more, every so many.
const INNOCENT_MAX: usize = 5_000;

/// What each account's columns were, as a score at the end of each day saw them: highest, and on average.
#[derive(Clone, Debug, Default)]
pub struct Peaks {
    by_account: BTreeMap<String, Seen>,
}

#[derive(Clone, Debug)]
struct Seen {
    day: u64,
    /// The latest row of that day.
    latest: Vec<f32>,
    /// By column: highest, sum, and how many days had a value.
    columns: Vec<(f32, f32, f32)>,
}

impl Seen {
    fn close(&mut self) {
        for (column, value) in self.columns.iter_mut().zip(&self.latest) {
            if !value.is_nan() {
                *column = (column.0.max(*value), column.1 + value, column.2 + 1.0);
            }
        }
    }

    /// Highest and mean value of each column; lowest of all where it never had one.
    fn done(mut self) -> Vec<(f32, f32)> {
        self.close();
        let mean = |(highest, sum, days): &(f32, f32, f32)| {
            (*highest, if *days > 0.0 { sum / days } else { f32::NEG_INFINITY })
        };
        self.columns.iter().map(mean).collect()
    }
}

/// How well the best single column tells some accounts from innocent ones.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Best {
    /// The column, by place.
    pub column: usize,
    /// Area under the ROC curve, 0.5 to 1: by the column's highest or mean value, either way round.
    pub auc: f64,
    /// Accounts that were to be told apart.
    pub accounts: usize,
}

impl Peaks {
    /// Takes in a row of an account on a day: one value a column, NaN where it is absent. Rows come in order of time.
    #[expect(clippy::cast_possible_truncation, reason = "a rank needs no more than a single's precision")]
    pub fn take(&mut self, account: &str, day: u64, values: &[f64]) {
        if !self.by_account.contains_key(account) {
            let columns = vec![(f32::NEG_INFINITY, 0.0, 0.0); values.len()];
            self.by_account.insert(account.to_owned(), Seen { day, latest: Vec::new(), columns });
        }
        if let Some(seen) = self.by_account.get_mut(account) {
            if seen.day != day {
                seen.close();
                seen.day = day;
            }
            seen.latest.clear();
            seen.latest.extend(values.iter().map(|value| *value as f32));
        }
    }

    /// The same, of the accounts alone whose mean in a column is on the same side of one half as that of most of `such`;
    /// of all of them, where the column is not there.
    pub fn among(&self, column: usize, such: &BTreeSet<&str>) -> Self {
        let is_high = |seen: &Seen| seen.clone().done().get(column).map(|(_, mean)| *mean >= 0.5);
        let sides = such.iter().filter_map(|account| self.by_account.get(*account)).filter_map(is_high);
        let balance: i64 = sides.map(|high| if high { 1 } else { -1 }).sum();
        let alike = |account: &str, seen: &Seen| {
            such.contains(account) || is_high(seen).is_none_or(|high| high == (balance > 0))
        };
        let those = self.by_account.iter().filter(|(account, seen)| alike(account, seen));
        Self { by_account: those.map(|(account, seen)| (account.clone(), seen.clone())).collect() }
    }

    /// Columns, best first, by how well each tells `such` from accounts that are not in `abusive`.
    pub fn rank(&self, such: &BTreeSet<&str>, abusive: &BTreeSet<&str>) -> Vec<Best> {
        let positives: Vec<&Seen> = such.iter().filter_map(|account| self.by_account.get(*account)).collect();
        let is_innocent = |account: &str| !abusive.contains(account) && !such.contains(account);
        let innocent: Vec<&Seen> =
            self.by_account.iter().filter(|(a, _)| is_innocent(a)).map(|(_, peaks)| peaks).collect();
        let every = innocent.len().div_ceil(INNOCENT_MAX).max(1);
        let sample: Vec<&Seen> = innocent.into_iter().step_by(every).collect();
        let y: Vec<bool> = positives.iter().map(|_| true).chain(sample.iter().map(|_| false)).collect();
        let rows: Vec<Vec<(f32, f32)>> =
            positives.iter().chain(&sample).map(|seen| (*seen).clone().done()).collect();
        let width = rows.first().map_or(0, Vec::len);
        let mut ranked: Vec<Best> = (0..width)
            .filter_map(|column| {
                let of = |value: fn(&(f32, f32)) -> f32| {
                    let p: Vec<f64> = rows.iter().map(|row| f64::from(value(&row[column]))).collect();
                    auc(&p, &y).map(|auc| auc.max(1.0 - auc))
                };
                let auc = of(|peak| peak.0)?.max(of(|peak| peak.1)?);
                Some(Best { column, auc, accounts: positives.len() })
            })
            .collect();
        ranked.sort_by(|a, b| b.auc.total_cmp(&a.auc).then(a.column.cmp(&b.column)));
        ranked
    }

    /// What the best column would show of so many innocent accounts taken at random: nothing but chance.
    pub fn chance(&self, accounts: usize, abusive: &BTreeSet<&str>) -> Option<f64> {
        let innocent: Vec<&str> =
            self.by_account.keys().map(String::as_str).filter(|a| !abusive.contains(a)).collect();
        let every = (innocent.len() / accounts.max(1)).max(1);
        let drawn: BTreeSet<&str> = innocent.into_iter().step_by(every).take(accounts).collect();
        self.rank(&drawn, abusive).first().map(|best| best.auc)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_telling_column_is_found_whichever_way_it_points() {
        let mut peaks = Peaks::default();
        for n in 0..40_u32 {
            let (account, is_such) = (format!("{n:02}"), n % 4 == 0);
            let low = if is_such { -5.0 } else { 1.0 };
            peaks.take(&account, 1, &[f64::from(n % 7), low, f64::NAN]);
            peaks.take(&account, 2, &[f64::from(n % 5), 2.0, f64::NAN]);
        }
        let names: Vec<String> = (0..40).step_by(4).map(|n| format!("{n:02}")).collect();
        let such: BTreeSet<&str> = names.iter().map(String::as_str).collect();
        let best = peaks.rank(&such, &such);
        assert_eq!((best[0].column, best[0].auc, best[0].accounts), (1, 1.0, 10));
        assert_eq!(best.iter().find(|b| b.column == 2).map(|b| b.auc), Some(0.5));
        assert!(peaks.chance(10, &such).is_some_and(|auc| auc < 0.9));
    }
}
