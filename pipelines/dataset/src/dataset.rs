//! Rows joined with what was known of their accounts, and split by account and by time.

use std::collections::BTreeMap;
use std::io::Write;

use events::{Label, Millis, Verdict};
use polars::prelude::{
    ChunkAgg, DataFrame, IntoLazy, LazyFrame, NamedFrom, Series, SortMultipleOptions, col, lit, when,
};
use schema::Vector;

use crate::rows::write_parquet;
use crate::{Error, Rows};

/// How a data set is split.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Split {
    /// Share of accounts to fit on, of each kind of account, in 0 to 1.
    pub train_share: f64,
    /// Share of accounts to calibrate on, of each kind; the rest is for the test.
    pub calibrate_share: f64,
    /// Share of the time up to which rows are fitted on; the test looks at what comes after.
    pub train_time: f64,
}

impl Default for Split {
    fn default() -> Self {
        Self { train_share: 0.6, calibrate_share: 0.2, train_time: 0.7 }
    }
}

/// What a row is for. No account is in two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// To fit on: the early rows of most accounts.
    Train,
    /// To calibrate on: rows of other accounts.
    Calibrate,
    /// To test on: the late rows of accounts that neither saw.
    Test,
}

impl Part {
    const fn as_str(self) -> &'static str {
        match self {
            Part::Train => "train",
            Part::Calibrate => "calibrate",
            Part::Test => "test",
        }
    }
}

/// Rows of one part: all vectors have the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examples {
    /// The accounts.
    pub accounts: Vec<String>,
    /// With whom each is compared.
    pub cohorts: Vec<String>,
    /// Feature vectors.
    pub x: Vec<Vector>,
    /// Whether the account is known to be abusive.
    pub y: Vec<bool>,
}

/// Labelled, split rows.
#[derive(Clone, Debug)]
pub struct Dataset {
    frame: DataFrame,
    features: Vec<String>,
}

impl Dataset {
    /// Joins rows with the labels known by `as_of` (milliseconds since the epoch), the latest of an account
    /// counting. An account without a label is taken as not abusive.
    ///
    /// # Errors
    /// Where the join fails.
    pub fn new(rows: &Rows, labels: &[Label], as_of: Millis, split: Split) -> Result<Self, Error> {
        let attempt = "join rows with labels";
        let labelled = rows
            .frame()?
            .lazy()
            .left_join(known_labels(labels, as_of)?, col("account"), col("account"))
            .with_columns([col("abusive").fill_null(lit(false))])
            .collect()
            .map_err(Error::while_trying(attempt))?;
        let assigned = assign(&labelled, split).map_err(Error::while_trying(attempt))?;
        let cut = lit(time_cut(&labelled, split).map_err(Error::while_trying(attempt))?);
        let is = |part: Part| col("assigned").eq(lit(part.as_str()));
        let part = when(is(Part::Train).and(col("ts").lt_eq(cut.clone())))
            .then(lit(Part::Train.as_str()))
            .when(is(Part::Calibrate))
            .then(lit(Part::Calibrate.as_str()))
            .when(is(Part::Test).and(col("ts").gt(cut)))
            .then(lit(Part::Test.as_str()))
            .otherwise(lit("unused"));
        let frame = labelled
            .lazy()
            .left_join(assigned.lazy(), col("account"), col("account"))
            .with_columns([part.alias("part")])
            .drop(polars::prelude::by_name(["assigned"], true, false))
            .sort(["account", "ts"], SortMultipleOptions::default())
            .collect()
            .map_err(Error::while_trying("split the rows"))?;
        Ok(Self { frame, features: rows.schema().names().map(str::to_owned).collect() })
    }

    /// The rows of one part, in order of account and time.
    ///
    /// # Errors
    /// Where the frame cannot be read.
    pub fn examples(&self, part: Part) -> Result<Examples, Error> {
        let attempt = "read the rows of a part";
        let rows = self
            .frame
            .clone()
            .lazy()
            .filter(col("part").eq(lit(part.as_str())))
            .collect()
            .map_err(Error::while_trying(attempt))?;
        self.read(&rows).map_err(Error::while_trying(attempt))
    }

    fn read(&self, rows: &DataFrame) -> polars::error::PolarsResult<Examples> {
        let columns =
            self.features.iter().map(|name| rows.column(name)?.f64()).collect::<Result<Vec<_>, _>>()?;
        let vector = |i: usize| Vector::new(columns.iter().map(|c| c.get(i).unwrap_or(f64::NAN)).collect());
        let text = |name: &str| -> polars::error::PolarsResult<Vec<String>> {
            Ok(rows.column(name)?.str()?.iter().map(|v| v.unwrap_or_default().to_owned()).collect())
        };
        Ok(Examples {
            accounts: text("account")?,
            cohorts: text("cohort")?,
            x: (0..rows.height()).map(vector).collect(),
            y: rows.column("abusive")?.bool()?.iter().map(|v| v.unwrap_or(false)).collect(),
        })
    }

    /// Sixty-four hexadecimal digits over every row of every part.
    ///
    /// # Errors
    /// Where the frame cannot be read.
    pub fn hash(&self) -> Result<String, Error> {
        let mut hasher = blake3::Hasher::new();
        for part in [Part::Train, Part::Calibrate, Part::Test] {
            let examples = self.examples(part)?;
            hasher.update(part.as_str().as_bytes());
            for ((account, x), y) in examples.accounts.iter().zip(&examples.x).zip(&examples.y) {
                hasher.update(account.as_bytes());
                x.values().iter().for_each(|value| {
                    hasher.update(&value.to_bits().to_le_bytes());
                });
                hasher.update(&[u8::from(*y)]);
            }
        }
        Ok(hasher.finalize().to_hex().to_string())
    }

    /// Writes every row with its label (`abusive`) and its `part` as Parquet.
    ///
    /// # Errors
    /// Where the writer does not take it.
    pub fn write_parquet(&self, writer: impl Write + Send) -> Result<(), Error> {
        write_parquet(&mut self.frame.clone(), writer)
    }
}

/// Per account the latest label known by `as_of`.
fn known_labels(labels: &[Label], as_of: Millis) -> Result<LazyFrame, Error> {
    let accounts: Vec<&str> = labels.iter().map(|l| l.account.as_str()).collect();
    let known_at: Vec<i64> = labels.iter().map(|l| l.ts.cast_signed()).collect();
    let abusive: Vec<bool> = labels.iter().map(|l| l.label == Verdict::Abusive).collect();
    let columns = vec![
        Series::new("account".into(), accounts).into(),
        Series::new("known_at".into(), known_at).into(),
        Series::new("abusive".into(), abusive).into(),
    ];
    let frame = DataFrame::new(labels.len(), columns).map_err(Error::while_trying("lay out the labels"))?;
    let latest_last = SortMultipleOptions::default().with_maintain_order(true);
    Ok(frame
        .lazy()
        .filter(col("known_at").lt_eq(lit(as_of.cast_signed())))
        .sort(["known_at"], latest_last)
        .group_by_stable([col("account")])
        .agg([col("abusive").last()]))
}

/// Assigns accounts to parts, each kind of account by itself so that every part has some, in an order that
/// only their tokens' hashes decide.
fn assign(labelled: &DataFrame, split: Split) -> polars::error::PolarsResult<DataFrame> {
    let accounts = labelled.column("account")?.str()?.iter();
    let abusive = labelled.column("abusive")?.bool()?.iter();
    let mut kinds: BTreeMap<bool, BTreeMap<[u8; 32], &str>> = BTreeMap::new();
    for (account, abusive) in accounts.zip(abusive) {
        let account = account.unwrap_or_default();
        let order = *blake3::hash(account.as_bytes()).as_bytes();
        kinds.entry(abusive.unwrap_or(false)).or_default().insert(order, account);
    }
    let (mut names, mut parts) = (Vec::new(), Vec::new());
    for accounts in kinds.values() {
        let n = accounts.len() as f64;
        for (i, account) in accounts.values().enumerate() {
            let place = (i as f64 + 0.5) / n;
            let part = if place < split.train_share {
                Part::Train
            } else if place < split.train_share + split.calibrate_share {
                Part::Calibrate
            } else {
                Part::Test
            };
            names.push(*account);
            parts.push(part.as_str());
        }
    }
    let columns =
        vec![Series::new("account".into(), &names).into(), Series::new("assigned".into(), parts).into()];
    DataFrame::new(names.len(), columns)
}

/// The moment up to which rows are fitted on.
fn time_cut(labelled: &DataFrame, split: Split) -> polars::error::PolarsResult<i64> {
    let ts = labelled.column("ts")?.i64()?;
    let (first, last) = (ts.min().unwrap_or(0), ts.max().unwrap_or(0));
    #[expect(clippy::cast_possible_truncation, reason = "a share of a span of milliseconds")]
    let part = ((last - first) as f64 * split.train_time) as i64;
    Ok(first + part)
}

#[cfg(test)]
mod tests;
