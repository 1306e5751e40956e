//! Cases, flags, decisions, labels and the position of the flags stream, in one SQLite file.
//!
//! The only writer of these tables. Every change is one transaction.

use std::path::Path;

use detect::Flag;
use events::{Label, Millis};
use platform::stream::Positions;
use review::{Admission, CaseId, DecidedCase, Decision, Docket};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Row, SqlitePool};

mod queue;
mod rows;

pub(crate) use queue::{Entry, Page, Query, Status};

/// What went wrong between us and the database.
#[derive(Debug, thiserror::Error)]
#[error("could not {attempt}")]
pub(crate) struct Error {
    /// What was attempted.
    attempt: &'static str,
    /// Why it failed.
    #[source]
    cause: anyhow::Error,
}

/// Names the attempt behind a failure.
trait Attempting<T> {
    fn attempting(self, attempt: &'static str) -> Result<T, Error>;
}

impl<T, E: Into<anyhow::Error>> Attempting<T> for Result<T, E> {
    fn attempting(self, attempt: &'static str) -> Result<T, Error> {
        self.map_err(|cause| Error { attempt, cause: cause.into() })
    }
}

/// Why a decision was not recorded.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is no such case.
    #[error("there is no such case")]
    Unknown,
    /// The case changed since it was read.
    #[error("the case changed since it was read")]
    Changed,
    /// Somebody has already decided it.
    #[error("the case has already been decided")]
    Decided,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] Error),
}

/// How many flags did what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Admitted {
    pub(crate) opened: u64,
    pub(crate) appended: u64,
    pub(crate) seen: u64,
}

/// A handle on the database; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: SqlitePool,
}

impl Store {
    /// Opens the file, makes it where it is missing, and brings its tables up to date.
    pub(crate) async fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .map_err(sqlx::Error::Io)
                .attempting("make the folder of the case database")?;
        }
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(true)
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Wal)
            // A decision that was answered for must survive a power cut.
            .synchronous(SqliteSynchronous::Full);
        let pool = SqlitePoolOptions::new()
            .max_connections(4)
            .connect_with(options)
            .await
            .attempting("open the case database")?;
        sqlx::migrate!().run(&pool).await.attempting("bring the case database up to date")?;
        Ok(Self { pool })
    }

    /// Whether the database answers.
    pub(crate) async fn is_reachable(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    /// Where the flags stream was read to.
    pub(crate) async fn positions(&self) -> Result<Positions, Error> {
        let rows = sqlx::query("SELECT partition, next_offset FROM flag_positions")
            .fetch_all(&self.pool)
            .await
            .attempting("read the position of the flags stream")?;
        Ok(rows.iter().map(|row| (row.get::<i32, _>(0), row.get::<i64, _>(1))).collect())
    }

    /// Takes flags into their accounts' cases and moves the stream's position to `upto`, all or nothing.
    pub(crate) async fn admit(
        &self,
        flags: &[Flag],
        upto: &Positions,
        now: Millis,
    ) -> Result<Admitted, Error> {
        let attempt = "take in flags";
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.attempting(attempt)?;
        let mut admitted = Admitted::default();
        for flag in flags {
            let mut docket =
                rows::docket(&mut transaction, flag.account.as_str()).await.attempting(attempt)?;
            match docket.admit(flag, now) {
                Admission::Seen => {
                    admitted.seen += 1;
                    continue;
                }
                Admission::Opened => admitted.opened += 1,
                Admission::Appended => admitted.appended += 1,
            }
            if let Some(case) = docket.open() {
                rows::save_open(&mut transaction, case, flag).await.attempting(attempt)?;
            }
        }
        rows::save_positions(&mut transaction, upto).await.attempting(attempt)?;
        transaction.commit().await.attempting(attempt)?;
        Ok(admitted)
    }

    /// Every case of the account that `case` is about, or none where there is no such case.
    pub(crate) async fn docket_of(&self, case: &CaseId) -> Result<Option<Docket>, Error> {
        let attempt = "read a case";
        let mut transaction = self.pool.begin().await.attempting(attempt)?;
        match rows::account_of(&mut transaction, case).await.attempting(attempt)? {
            Some(account) => rows::docket(&mut transaction, &account).await.map(Some).attempting(attempt),
            None => Ok(None),
        }
    }

    /// Decides a case and keeps the label that follows, all or nothing; where `version` is given, only if the
    /// case is still of that version.
    pub(crate) async fn decide(
        &self,
        case: &CaseId,
        version: Option<u32>,
        decision: Decision,
    ) -> Result<DecidedCase, Refusal> {
        let attempt = "record a decision";
        let mut transaction = self.pool.begin_with("BEGIN IMMEDIATE").await.attempting(attempt)?;
        let account = rows::account_of(&mut transaction, case).await.attempting(attempt)?;
        let account = account.ok_or(Refusal::Unknown)?;
        let mut docket = rows::docket(&mut transaction, &account).await.attempting(attempt)?;

        let found = docket.version_of(case).ok_or(Refusal::Unknown)?;
        if version.is_some_and(|version| version != found) {
            return Err(Refusal::Changed);
        }
        if docket.open().is_none_or(|open| open.id() != case) {
            return Err(Refusal::Decided);
        }
        let decided = docket.decide(decision).ok_or(Refusal::Decided)?.clone();
        rows::save_decided(&mut transaction, &decided).await.attempting(attempt)?;
        transaction.commit().await.attempting(attempt)?;
        Ok(decided)
    }

    /// Every label, oldest first.
    pub(crate) async fn labels(&self) -> Result<Vec<Label>, Error> {
        let attempt = "read the labels";
        let bodies = sqlx::query_scalar::<_, String>("SELECT body FROM labels ORDER BY sequence")
            .fetch_all(&self.pool)
            .await
            .attempting(attempt)?;
        bodies.iter().map(|body| serde_json::from_str(body)).collect::<Result<_, _>>().attempting(attempt)
    }
}

#[cfg(test)]
mod tests;
