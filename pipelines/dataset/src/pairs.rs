//! What is known of each pair of many accounts, by column.

use std::io::Write;

use detect::{PAIR_COLUMNS, Row};
use events::Millis;
use polars::prelude::{Column, DataFrame, NamedFrom, Series};

use crate::Error;
use crate::rows::{known, write_parquet};

/// Pairs as they come, those of one row of an account a push.
#[derive(Debug, Default)]
pub struct Pairs {
    accounts: Vec<String>,
    others: Vec<String>,
    at: Vec<Millis>,
    /// One for each of [`PAIR_COLUMNS`]; absent values are none.
    columns: Vec<Vec<Option<f64>>>,
}

impl Pairs {
    /// Takes in the approaches of an account.
    pub fn push(&mut self, row: &Row<'_>) {
        self.columns.resize_with(PAIR_COLUMNS.len(), Vec::new);
        for pair in row.pairs() {
            self.accounts.push(row.account.as_str().to_owned());
            self.others.push(pair.other.as_str().to_owned());
            self.at.push(row.at);
            for (column, value) in self.columns.iter_mut().zip(pair.x) {
                column.push(known(value));
            }
        }
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// Writes `account`, `other`, `ts` (milliseconds since the epoch) and the columns of a pair as Parquet; an absent value
    /// is null.
    ///
    /// # Errors
    /// Where the writer does not take it.
    pub fn write_parquet(&self, writer: impl Write + Send) -> Result<(), Error> {
        let at: Vec<i64> = self.at.iter().map(|at| at.cast_signed()).collect();
        let mut columns: Vec<Column> = vec![
            Series::new("account".into(), &self.accounts).into(),
            Series::new("other".into(), &self.others).into(),
            Series::new("ts".into(), at).into(),
        ];
        for (column, values) in PAIR_COLUMNS.iter().zip(&self.columns) {
            columns.push(Series::new(column.name.into(), values).into());
        }
        let frame = DataFrame::new(self.len(), columns).map_err(Error::while_trying("lay out the pairs"));
        write_parquet(&mut frame?, writer)
    }
}
