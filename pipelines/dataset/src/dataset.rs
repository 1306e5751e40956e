//! Rows joined with what was known of their accounts, each in a fold.

use std::collections::BTreeMap;
use std::io::Write;

use events::{Millis, Token};
use polars::prelude::{DataFrame, IntoLazy, LazyFrame, NamedFrom, Series, SortMultipleOptions, col, lit};
use schema::Vector;

use crate::rows::{DAY_MS, STANDS_FOR, write_parquet};
use crate::{Error, Knowledge, Rows, Watch};

/// Which rows count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// What was known by then counts, and no later row; milliseconds since the epoch.
    pub as_of: Millis,
    /// Rows from this long before are left out: what is wrong with them is mostly not known yet.
    pub embargo_ms: Millis,
    /// Into how many folds accounts are put; at least 1.
    pub folds: usize,
}

/// Labelled rows: all of the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Examples {
    /// The accounts.
    pub accounts: Vec<String>,
    /// With whom each is compared.
    pub cohorts: Vec<String>,
    /// When it was scored, milliseconds since the epoch.
    pub at: Vec<Millis>,
    /// Feature vectors.
    pub x: Vec<Vector>,
    /// Whether the account is taken for abusive.
    pub y: Vec<bool>,
    /// Whether that is more likely than the contrary.
    pub likely: Vec<bool>,
    /// Whether nothing was known of the account.
    pub open: Vec<bool>,
    /// How many account-days of the population the row stands for.
    pub weight: Vec<f64>,
    /// In which fold the account is.
    pub fold: Vec<usize>,
}

/// Labelled rows in folds.
#[derive(Clone, Debug)]
pub struct Dataset {
    frame: DataFrame,
    features: Vec<String>,
}

impl Dataset {
    /// Joins rows with what was known, point in time. An account of which nothing was known is taken as not abusive; one
    /// that others reported, and nobody decided on, as far as reports are usually right. Accounts that share a device
    /// are in the same fold.
    ///
    /// # Errors
    /// Where the join fails.
    pub fn new(
        rows: &Rows,
        knowledge: &Knowledge,
        watch: &Watch,
        selection: Selection,
    ) -> Result<Self, Error> {
        let attempt = "join rows with what was known";
        let end = selection.as_of.saturating_sub(selection.embargo_ms).cast_signed();
        let before = col("until").is_null().or(col("ts").lt(col("until")));
        let frame = rows
            .frame()?
            .lazy()
            .filter(col("ts").lt_eq(lit(end)))
            .left_join(known(knowledge)?, col("account"), col("account"))
            .filter(before)
            .with_columns([col("p_abusive").is_null().alias("open"), col("p_abusive").fill_null(lit(0.0))])
            .left_join(folds(rows, knowledge, watch, selection.folds)?, col("account"), col("account"))
            .drop(polars::prelude::by_name(["until"], true, false))
            .sort(["account", "ts"], SortMultipleOptions::default())
            .collect()
            .map_err(Error::while_trying(attempt))?;
        Ok(Self { frame, features: rows.schema().names().map(str::to_owned).collect() })
    }

    /// The rows, in order of account and time. One whose account is abusive with some probability is there twice, with
    /// both labels and its weight shared between them.
    ///
    /// # Errors
    /// Where the frame cannot be read.
    pub fn examples(&self) -> Result<Examples, Error> {
        self.read().map_err(Error::while_trying("read the rows"))
    }

    fn read(&self) -> polars::error::PolarsResult<Examples> {
        let rows = &self.frame;
        let columns =
            self.features.iter().map(|name| rows.column(name)?.f64()).collect::<Result<Vec<_>, _>>()?;
        let vector = |i: usize| Vector::new(columns.iter().map(|c| c.get(i).unwrap_or(f64::NAN)).collect());
        let (accounts, cohorts) = (rows.column("account")?.str()?, rows.column("cohort")?.str()?);
        let (at, stands_for) = (rows.column("ts")?.i64()?, rows.column(STANDS_FOR)?.u32()?);
        let (p, folds) = (rows.column("p_abusive")?.f64()?, rows.column("fold")?.u32()?);
        let open = rows.column("open")?.bool()?;
        let text = |v: Option<&str>| v.unwrap_or_default().to_owned();
        let at: Vec<Millis> = at.iter().map(|v| v.unwrap_or(0).cast_unsigned()).collect();
        let mut made = Examples::default();
        let mut start = 0;
        while start < rows.height() {
            // The rows of one day share the day's weight, so that the population is one of account-days.
            let same =
                |i: &usize| accounts.get(*i) == accounts.get(start) && at[*i] / DAY_MS == at[start] / DAY_MS;
            let end = start + (start..rows.height()).take_while(same).count();
            for (i, moment) in at.iter().enumerate().take(end).skip(start) {
                let weight = f64::from(stands_for.get(i).unwrap_or(1)) / (end - start) as f64;
                let p = p.get(i).unwrap_or(0.0);
                for (y, share) in [(true, p), (false, 1.0 - p)].into_iter().filter(|(_, share)| *share > 0.0)
                {
                    made.accounts.push(text(accounts.get(i)));
                    made.cohorts.push(text(cohorts.get(i)));
                    made.at.push(*moment);
                    made.x.push(vector(i));
                    made.y.push(y);
                    made.likely.push(share > 0.5);
                    made.open.push(open.get(i).unwrap_or(false));
                    made.weight.push(weight * share);
                    made.fold.push(folds.get(i).unwrap_or(0) as usize);
                }
            }
            start = end;
        }
        Ok(made)
    }

    /// Writes every row with its `p_abusive` and its `fold` as Parquet.
    ///
    /// # Errors
    /// Where the writer does not take it.
    pub fn write_parquet(&self, writer: impl Write + Send) -> Result<(), Error> {
        write_parquet(&mut self.frame.clone(), writer)
    }
}

impl Examples {
    /// Sixty-four hexadecimal digits over every row.
    pub fn hash(&self) -> String {
        let mut hasher = blake3::Hasher::new();
        for i in 0..self.x.len() {
            hasher.update(self.accounts[i].as_bytes());
            hasher.update(&self.at[i].to_le_bytes());
            self.x[i].values().iter().chain([&self.weight[i]]).for_each(|value| {
                hasher.update(&value.to_bits().to_le_bytes());
            });
            hasher.update(&[u8::from(self.y[i])]);
            hasher.update(&self.fold[i].to_le_bytes());
        }
        hasher.finalize().to_hex().to_string()
    }
}

fn known(knowledge: &Knowledge) -> Result<LazyFrame, Error> {
    let (mut accounts, mut p, mut until) = (Vec::new(), Vec::new(), Vec::new());
    for (account, known) in knowledge.accounts() {
        accounts.push(account.as_str());
        p.push(known.p);
        until.push(i64::try_from(known.until).unwrap_or(i64::MAX));
    }
    let n = accounts.len();
    let columns = vec![
        Series::new("account".into(), accounts).into(),
        Series::new("p_abusive".into(), p).into(),
        Series::new("until".into(), until).into(),
    ];
    let frame = DataFrame::new(n, columns).map_err(Error::while_trying("lay out what was known"))?;
    Ok(frame.lazy())
}

/// Puts accounts into folds, those that belong together into one. Suspects and others are dealt out apart, so that every
/// fold has some, in an order that only their tokens' hashes decide.
fn folds(rows: &Rows, knowledge: &Knowledge, watch: &Watch, folds: usize) -> Result<LazyFrame, Error> {
    let together = watch.together();
    let mut groups: BTreeMap<&Token, (bool, Vec<&Token>)> = BTreeMap::new();
    let mut accounts: Vec<&Token> = rows.accounts.iter().collect();
    accounts.sort_unstable();
    accounts.dedup();
    for account in accounts {
        let group = groups.entry(together.get(account).copied().unwrap_or(account)).or_default();
        group.0 |= knowledge.of(account).is_some_and(|known| known.is_decided && known.p > 0.5);
        group.1.push(account);
    }
    let mut kinds: BTreeMap<bool, BTreeMap<[u8; 32], Vec<&Token>>> = BTreeMap::new();
    for (first, (is_suspect, accounts)) in groups {
        let order = *blake3::hash(first.as_str().as_bytes()).as_bytes();
        kinds.entry(is_suspect).or_default().insert(order, accounts);
    }
    let (mut names, mut dealt) = (Vec::new(), Vec::new());
    for (i, accounts) in kinds.values().flat_map(|groups| groups.values().enumerate()) {
        let fold = u32::try_from(i % folds.max(1)).unwrap_or(0);
        names.extend(accounts.iter().map(|account| account.as_str()));
        dealt.resize(names.len(), fold);
    }
    let n = names.len();
    let columns = vec![Series::new("account".into(), names).into(), Series::new("fold".into(), dealt).into()];
    Ok(DataFrame::new(n, columns).map_err(Error::while_trying("put accounts into folds"))?.lazy())
}

#[cfg(test)]
mod tests;
