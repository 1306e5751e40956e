//! Feature vectors of many accounts at many moments, by column.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{Cursor, Write};

use detect::Row;
use events::{Millis, Token};
use polars::prelude::{
    Column, DataFrame, Float64Chunked, IntoColumn, NamedFrom, ParquetReader, ParquetWriter, SerReader, Series,
};
use schema::Schema;

use crate::Error;

pub(crate) const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Which rows of an account are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    /// All that come.
    Every,
    /// The last of each UTC day, so that a training set shows many moments of an account's life and no account
    /// outweighs the rest.
    LastOfDay,
    /// These, and each in which the account had turned to half as many more others as in the one before: the first hours
    /// of somebody who goes fast are a part of a day.
    Moments,
}

/// Of which accounts every row is kept, and of the others one in how many.
#[derive(Clone, Debug)]
pub struct Sampling {
    /// The accounts of which every row is kept.
    pub whole: HashSet<Token>,
    /// Of the others, one row in so many; at least 1.
    pub one_in: u32,
}

impl Default for Sampling {
    fn default() -> Self {
        Self { whole: HashSet::new(), one_in: 1 }
    }
}

impl Sampling {
    /// How many rows of the population a row stands for; none where it is left out. The same row always fares the same.
    fn weight(&self, account: &Token, moment: u64) -> Option<u32> {
        if self.one_in <= 1 || self.whole.contains(account) {
            return Some(1);
        }
        let mut hasher = blake3::Hasher::new();
        hasher.update(account.as_str().as_bytes());
        hasher.update(&moment.to_le_bytes());
        let [a, b, c, d, ..] = *hasher.finalize().as_bytes();
        u32::from_le_bytes([a, b, c, d]).is_multiple_of(self.one_in).then_some(self.one_in)
    }
}

/// The column that says how many rows of the population a row stands for.
pub(crate) const STANDS_FOR: &str = "stands_for";

/// By what a moment is judged where [`Keep::Moments`] are kept.
const REACH: &str = "fc_rate_all_28d";

/// Rows as they come, one a push.
#[derive(Debug)]
pub struct Rows {
    schema: Schema,
    keep: Keep,
    sampling: Sampling,
    reach: Option<usize>,
    pub(crate) accounts: Vec<Token>,
    cohorts: Vec<&'static str>,
    pub(crate) at: Vec<Millis>,
    pub(crate) weights: Vec<u32>,
    /// One a feature; absent values are NaN.
    pub(crate) columns: Vec<Vec<f64>>,
    lives: HashMap<Token, Life>,
}

/// What is remembered of an account between its rows.
#[derive(Clone, Copy, Debug)]
struct Life {
    day: Millis,
    /// The row of that day, which a later one takes the place of.
    index: Option<usize>,
    /// Whether that day's last row is among those kept.
    weight: Option<u32>,
    reached: f64,
}

impl Rows {
    /// No rows yet, of vectors of `schema`.
    pub fn new(schema: Schema, keep: Keep) -> Self {
        Self::sampled(schema, keep, Sampling::default())
    }

    /// The same, of which only a sample is kept.
    pub fn sampled(schema: Schema, keep: Keep, sampling: Sampling) -> Self {
        let reach = schema.names().position(|name| name == REACH).filter(|_| keep == Keep::Moments);
        let columns = vec![Vec::new(); schema.len()];
        Self {
            schema,
            keep,
            sampling,
            reach,
            accounts: Vec::new(),
            cohorts: Vec::new(),
            at: Vec::new(),
            weights: Vec::new(),
            columns,
            lives: HashMap::new(),
        }
    }

    /// Takes in a row. Rows of one account must come in order of time.
    pub fn push(&mut self, row: &Row<'_>) {
        if self.keep == Keep::Every {
            if let Some(weight) = self.sampling.weight(&row.account, row.at) {
                self.append(row, weight);
            }
            return;
        }
        let day = row.at / DAY_MS;
        let known = self.lives.get(&row.account).copied();
        let mut life = known.filter(|life| life.day == day).unwrap_or_else(|| Life {
            day,
            index: None,
            weight: self.sampling.weight(&row.account, day),
            reached: known.map_or(0.0, |life| life.reached),
        });
        let reach = self.reach.map_or(0.0, |column| row.x.values()[column]);
        let is_moment = reach >= (1.5 * life.reached).max(1.0);
        if is_moment {
            life.reached = reach;
            if let Some(weight) = self.sampling.weight(&row.account, row.at) {
                self.put(row, life.index.take(), weight);
            }
        } else {
            // Somebody who slows down is looked at anew when they set out again.
            life.reached = life.reached.min(reach.max(1.0));
            if let Some(weight) = life.weight {
                life.index = Some(self.put(row, life.index, weight));
            }
        }
        self.lives.insert(row.account.clone(), life);
    }

    /// In the place of another row, or after all of them; tells where.
    fn put(&mut self, row: &Row<'_>, index: Option<usize>, weight: u32) -> usize {
        let Some(index) = index else {
            self.append(row, weight);
            return self.at.len() - 1;
        };
        self.at[index] = row.at;
        self.cohorts[index] = row.cohort.name();
        self.weights[index] = weight;
        for (column, value) in self.columns.iter_mut().zip(row.x.values()) {
            column[index] = *value;
        }
        index
    }

    fn append(&mut self, row: &Row<'_>, weight: u32) {
        self.accounts.push(row.account.clone());
        self.at.push(row.at);
        self.cohorts.push(row.cohort.name());
        self.weights.push(weight);
        for (column, value) in self.columns.iter_mut().zip(row.x.values()) {
            column.push(*value);
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

    /// The first and the last moment of a row.
    pub fn span(&self) -> Option<(Millis, Millis)> {
        Some((*self.at.iter().min()?, *self.at.iter().max()?))
    }

    /// The schema of the rows.
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// Writes `account`, `ts` (milliseconds since the epoch), `cohort` and one column a feature as Parquet; an absent
    /// value is null.
    ///
    /// # Errors
    /// Where the writer does not take it.
    pub fn write_parquet(&self, writer: impl Write + Send) -> Result<(), Error> {
        let mut frame = self.frame()?;
        frame.drop_in_place(STANDS_FOR).map_err(Error::while_trying("lay out the rows"))?;
        write_parquet(&mut frame, writer)
    }

    pub(crate) fn frame(&self) -> Result<DataFrame, Error> {
        let at: Vec<i64> = self.at.iter().map(|at| at.cast_signed()).collect();
        let accounts: Vec<&str> = self.accounts.iter().map(Token::as_str).collect();
        let mut columns: Vec<Column> = vec![
            Series::new("account".into(), accounts).into(),
            Series::new("ts".into(), at).into(),
            Series::new("cohort".into(), &self.cohorts).into(),
            Series::new(STANDS_FOR.into(), &self.weights).into(),
        ];
        for (name, values) in self.schema.names().zip(&self.columns) {
            let values: Float64Chunked = values.iter().map(|value| known(*value)).collect();
            columns.push(values.with_name(name.into()).into_column());
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
