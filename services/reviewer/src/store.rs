//! The system of record: cases, decisions, appeals, proposals, roles, the audit log and what the platform is told,
//! in SQLite or PostgreSQL.
//!
//! The only writer of these tables. Every change is one [`Unit`]: a transaction that holds the effect, its audit
//! entries and its outgoing events, all or nothing. Changes come one after the other.

use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use events::Millis;
use sqlx::any::{AnyConnectOptions, AnyPoolOptions, install_default_drivers};
use sqlx::migrate::MigrateError;
use sqlx::sqlite::SqliteConnectOptions;
use sqlx::{AnyPool, ConnectOptions};
use tokio::sync::{Mutex, watch};

use crate::audit::Notary;
use crate::clock::Clock;
use crate::metrics::Metrics;

mod access;
mod appeals;
mod audit;
mod cases;
mod desk;
mod emergencies;
mod idempotency;
mod intake;
mod looks;
mod notes;
mod outbox;
mod privacy;
mod proposals;
mod queue;
mod rings;
mod saved;
mod sessions;
mod sides;
mod standing;
mod unit;

pub(crate) use access::Held;
pub(crate) use appeals::StoredAppeal;
pub(crate) use audit::read_log;
pub(crate) use cases::StoredDecision;
pub(crate) use desk::Claim;
pub(crate) use idempotency::Remembered;
pub(crate) use intake::Admitted;
pub(crate) use looks::{Look, LookKind};
pub(crate) use outbox::Outgoing;
pub(crate) use privacy::Hold;
pub(crate) use proposals::StoredProposal;
pub(crate) use queue::{Entry, InHand, Page, Query, QueueState, Status, Waiting};
pub(crate) use rings::Member;
pub(crate) use saved::SavedView;
pub(crate) use sides::p_minor;
pub(crate) use standing::Standing;
pub(crate) use unit::Unit;

/// Connections of the pool.
const CONNECTIONS: u32 = 12;

/// The database failed, or holds what it cannot hold.
#[derive(Debug, thiserror::Error)]
#[error("the case database failed")]
pub(crate) struct Error(#[source] anyhow::Error);

impl From<sqlx::Error> for Error {
    fn from(cause: sqlx::Error) -> Self {
        Self(cause.into())
    }
}

impl From<anyhow::Error> for Error {
    fn from(cause: anyhow::Error) -> Self {
        Self(cause)
    }
}

impl From<serde_json::Error> for Error {
    fn from(cause: serde_json::Error) -> Self {
        Self(cause.into())
    }
}

pub(crate) type Result<T, E = Error> = std::result::Result<T, E>;

/// A handle on the database; clones share it.
#[derive(Clone, Debug)]
pub(crate) struct Store {
    pool: AnyPool,
    kind: Kind,
    /// Lets one change after the other in, in the order in which they come, so that none holds a connection
    /// while it waits.
    gate: Arc<Mutex<()>>,
    notary: Arc<Notary>,
    metrics: Arc<Metrics>,
    clock: Clock,
    /// Moves whenever something was changed here.
    changed: watch::Sender<u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Sqlite,
    Postgres,
}

impl Store {
    /// Opens the database, a SQLite file's path or a `postgres://` address, and brings its tables up to date. A
    /// file is made where it is missing. What is counted goes into `metrics`.
    pub(crate) async fn open(database: &str, notary: Notary, metrics: Metrics, clock: Clock) -> Result<Self> {
        let (pool, kind) = connect(database).await?;
        migrate(&pool).await?;
        Ok(Self {
            pool,
            kind,
            gate: Arc::default(),
            notary: Arc::new(notary),
            metrics: Arc::new(metrics),
            clock,
            changed: watch::Sender::default(),
        })
    }

    /// Processing time.
    pub(crate) fn now(&self) -> Millis {
        self.clock.now()
    }

    /// The store as it stands, to read: nothing that is committed meanwhile is seen.
    pub(crate) async fn read(&self) -> Result<Unit> {
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN",
            Kind::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        };
        Ok(Unit::reading(self.pool.begin_with(begin).await?, Arc::clone(&self.notary), self.now()))
    }

    /// The store, to change: nobody else changes it until the unit is committed or dropped.
    pub(crate) async fn write(&self) -> Result<Unit> {
        let turn = Arc::clone(&self.gate).lock_owned().await;
        let begin = match self.kind {
            Kind::Sqlite => "BEGIN IMMEDIATE",
            Kind::Postgres => "BEGIN",
        };
        let transaction = self.pool.begin_with(begin).await?;
        let told = (self.changed.clone(), Arc::clone(&self.metrics));
        Unit::writing(transaction, (turn, told), Arc::clone(&self.notary), self.now()).await
    }

    /// Tells whenever something was changed by this process.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Whether the database answers.
    pub(crate) async fn is_reachable(&self) -> bool {
        sqlx::query("SELECT 1").execute(&self.pool).await.is_ok()
    }

    /// Who checks the heads of the audit log.
    pub(crate) fn verifier(&self) -> crate::audit::Verifier {
        self.notary.verifier()
    }

    /// Closes every connection.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }
}

/// Brings the tables up to date. A database that this program cannot understand is left as it is.
async fn migrate(pool: &AnyPool) -> Result<()> {
    let why = match sqlx::migrate!().run(pool).await {
        Ok(()) => return Ok(()),
        Err(MigrateError::VersionMissing(version)) => format!(
            "the database was made by a later version of this program (its step {version} is not known here): run \
             that version, or name another database in review.database"
        ),
        Err(MigrateError::VersionMismatch(version)) => format!(
            "the database was made by a version of this program from before its first release (its step {version} \
             differs): it cannot be brought up to date. Keep the file, name a new database in review.database, and the \
             flags stream is read again from its beginning"
        ),
        Err(MigrateError::Dirty(version)) => format!(
            "step {version} of bringing the database up to date was cut short: put the last backup back, and start \
             again"
        ),
        Err(error) => return Err(anyhow::Error::new(error).into()),
    };
    Err(anyhow::anyhow!(why).into())
}

/// Connects to a database without touching its tables.
async fn connect(database: &str) -> Result<(AnyPool, Kind)> {
    install_default_drivers();
    let is_postgres = database.starts_with("postgres://") || database.starts_with("postgresql://");
    let options = if is_postgres {
        AnyConnectOptions::from_str(database)?
    } else {
        let path = &std::path::absolute(Path::new(database)).map_err(sqlx::Error::Io)?;
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(sqlx::Error::Io)?;
        }
        let file = SqliteConnectOptions::new().filename(path).create_if_missing(true);
        AnyConnectOptions::from_str(file.to_url_lossy().as_str())?
    };
    let pool = AnyPoolOptions::new().max_connections(CONNECTIONS).after_connect(move |connection, _| {
        Box::pin(async move {
            if !is_postgres {
                // A decision that was answered for must survive a power cut.
                let pragmas = "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; \
                               PRAGMA busy_timeout = 30000";
                sqlx::raw_sql(pragmas).execute(connection).await?;
            }
            Ok(())
        })
    });
    let kind = if is_postgres { Kind::Postgres } else { Kind::Sqlite };
    Ok((pool.connect_with(options).await?, kind))
}

#[cfg(test)]
mod tests;
