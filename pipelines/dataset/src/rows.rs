//! Feature vectors of many accounts at many moments, by column.

use std::collections::{BTreeMap, HashMap};
use std::io::{Cursor, Write};

use detect::Row;
use events::{Millis, Token};
use polars::prelude::{Column, DataFrame, NamedFrom, ParquetReader, ParquetWriter, SerReader, Series};
use schema::Schema;

use crate::Error;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Which rows of an account are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All that come.
    Every,
    /// The last of each UTC day, so that a training set shows many moments of an account's life and no account
    /// outweighs the rest.
    LastOfDay,
}

/// Rows as they come, one a push.
#[derive(Debug)]
pub struct Rows {
    schema: Schema,
    keep: Keep,
    accounts: Vec<String>,
    cohorts: Vec<&'static str>,
    at: Vec<Millis>,
    /// One a feature; absent values are none.
    columns: Vec<Vec<Option<f64>>>,
    today: HashMap<Token, (Millis, usize)>,
}

impl Rows {
    /// No rows yet, of vectors of `schema`.
    pub fn new(schema: Schema, keep: Keep) -> Self {
        let columns = vec![Vec::new(); schema.len()];
        Self {
            schema,
            keep,
            accounts: Vec::new(),
            cohorts: Vec::new(),
            at: Vec::new(),
            columns,
            today: HashMap::new(),
        }
    }

    /// Takes in a row. Rows of one account must come in order of time.
    pub fn push(&mut self, row: &Row<'_>) {
        let day = row.at / DAY_MS;
        let same_day =
            self.today.get(&row.account).filter(|(d, _)| *d == day && self.keep == Keep::LastOfDay);
        if let Some((_, index)) = same_day {
            let index = *index;
            self.at[index] = row.at;
            self.cohorts[index] = row.cohort.name();
            for (column, value) in self.columns.iter_mut().zip(row.x.values()) {
                column[index] = known(*value);
            }
            return;
        }
        if self.keep == Keep::LastOfDay {
            self.today.insert(row.account.clone(), (day, self.at.len()));
        }
        self.accounts.push(row.account.as_str().to_owned());
        self.at.push(row.at);
        self.cohorts.push(row.cohort.name());
        for (column, value) in self.columns.iter_mut().zip(row.x.values()) {
            column.push(known(*value));
        }
    }

    /// The number of rows.
    pub fn len(&self) -> usize {
        self.at.len()
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.at.is_empty()
    }

    /// The schema of the rows.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Writes `account`, `ts` (milliseconds since the epoch), `cohort` and one column a feature as Parquet; an
    /// absent value is null.
    ///
    /// # Errors
    /// Where the writer does not take it.
    pub fn write_parquet(&self, writer: impl Write + Send) -> Result<(), Error> {
        write_parquet(&mut self.frame()?, writer)
    }

    pub(crate) fn frame(&self) -> Result<DataFrame, Error> {
        let at: Vec<i64> = self.at.iter().map(|at| at.cast_signed()).collect();
        let mut columns: Vec<Column> = vec![
            Series::new("account".into(), &self.accounts).into(),
            Series::new("ts".into(), at).into(),
            Series::new("cohort".into(), &self.cohorts).into(),
        ];
        for (name, values) in self.schema.names().zip(&self.columns) {
            columns.push(Series::new(name.into(), values).into());
        }
        DataFrame::new(self.len(), columns).map_err(Error::while_trying("lay out the rows"))
    }
}

pub(crate) fn write_parquet(frame: &mut DataFrame, writer: impl Write + Send) -> Result<(), Error> {
    ParquetWriter::new(writer).finish(frame).map_err(Error::while_trying("write Parquet"))?;
    Ok(())
}

/// What is absent in a file of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Absences {
    /// Rows of the file.
    pub rows: usize,
    /// Absent values of each column.
    pub absent: BTreeMap<String, usize>,
}

impl Absences {
    /// Counts what is absent in the bytes of a Parquet file.
    ///
    /// # Errors
    /// Where it is none.
    pub fn of_parquet(file: &[u8]) -> Result<Self, Error> {
        let read = ParquetReader::new(Cursor::new(file)).finish();
        let frame = read.map_err(Error::while_trying("read Parquet"))?;
        let absent = frame.columns().iter().map(|column| (column.name().to_string(), column.null_count()));
        Ok(Self { rows: frame.height(), absent: absent.collect() })
    }
}

pub(crate) fn known(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}
