//! One topic of the log in its SQLite file: every statement, and nothing of how a consumer behaves.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use futures_executor::block_on;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sqlx::{ConnectOptions, Connection, QueryBuilder, Sqlite, SqliteConnection, Transaction};

use crate::stream::{Positions, Record};

/// How long a writer waits for the others, of this process or another.
const BUSY_TIMEOUT: Duration = Duration::from_secs(30);

/// Rows of one INSERT. Beyond this, the statement costs more to hold than it saves.
const ROWS_PER_INSERT: usize = 128;

/// A record on its way in.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) partition: i32,
    pub(super) key: String,
    pub(super) value: Vec<u8>,
}

/// A connection that knows one topic.
///
/// sqlx gives SQLite a thread of its own and needs no reactor, so `block_on` of a bare executor serves: there
/// is no runtime to hold, to nest or to drop on the wrong thread.
#[derive(Debug)]
pub(super) struct Store {
    // None only while it is being dropped.
    connection: Option<SqliteConnection>,
    topic: String,
    // By partition number.
    partition_ids: Vec<i64>,
}

impl Store {
    /// Opens the log in `dir` at `topic`, and makes whichever is missing.
    pub(super) fn open(dir: &Path, topic: &str, partitions: i32) -> anyhow::Result<Self> {
        let mut connection = connect(dir).with_context(|| format!("opening {}", dir.display()))?;
        let partition_ids = block_on(ensure_topic(&mut connection, topic, partitions))?;
        Ok(Self { connection: Some(connection), topic: topic.into(), partition_ids })
    }

    /// The topic that it knows.
    pub(super) fn topic(&self) -> &str {
        &self.topic
    }

    /// Writes `records` behind what is there, in one transaction: all of them are durable, or none.
    pub(super) fn append(&mut self, records: &[Incoming]) -> anyhow::Result<()> {
        let written_at = i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH)?.as_millis())?;
        let (connection, topic, ids) = self.parts();
        block_on(async {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            let mut ends = positions(&mut transaction, ENDS, &[topic]).await?;
            for rows in records.chunks(ROWS_PER_INSERT) {
                insert(&mut transaction, ids, rows, &mut ends, written_at).await?;
            }
            for (partition, end) in ends {
                sqlx::query("UPDATE partitions SET end_offset = ? WHERE id = ?")
                    .bind(end)
                    .bind(id_of(ids, partition)?)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
    }

    /// At most `limit` records of a partition, in order, from offset `from` on.
    pub(super) fn read(&mut self, partition: i32, from: i64, limit: usize) -> anyhow::Result<Vec<Record>> {
        const RECORDS: &str = "SELECT \"offset\", value FROM records \
                               WHERE partition_id = ? AND \"offset\" >= ? ORDER BY \"offset\" LIMIT ?";
        let (connection, _, ids) = self.parts();
        let query =
            sqlx::query_as(RECORDS).bind(id_of(ids, partition)?).bind(from).bind(i64::try_from(limit)?);
        let rows: Vec<(i64, Vec<u8>)> = block_on(query.fetch_all(connection))?;
        Ok(rows.into_iter().map(|(offset, value)| Record { partition, offset, value }).collect())
    }

    /// Per partition, the offset of the next record to be written.
    pub(super) fn ends(&mut self) -> anyhow::Result<Positions> {
        let (connection, topic, _) = self.parts();
        Ok(block_on(positions(connection, ENDS, &[topic]))?)
    }

    /// Per partition, the offset of the first record that is there, or the end where there is none.
    pub(super) fn earliest(&mut self) -> anyhow::Result<Positions> {
        let (connection, topic, _) = self.parts();
        Ok(block_on(positions(connection, EARLIEST, &[topic]))?)
    }

    /// The positions of `group`.
    pub(super) fn committed(&mut self, group: &str) -> anyhow::Result<Positions> {
        let (connection, topic, _) = self.parts();
        Ok(block_on(positions(connection, COMMITTED, &[topic, group]))?)
    }

    /// Makes `positions` those of `group`, all of them or none.
    pub(super) fn commit(&mut self, group: &str, positions: &Positions) -> anyhow::Result<()> {
        let (connection, _, ids) = self.parts();
        block_on(async {
            let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
            for (partition, offset) in positions {
                sqlx::query("REPLACE INTO positions (consumer, partition_id, next_offset) VALUES (?, ?, ?)")
                    .bind(group)
                    .bind(id_of(ids, *partition)?)
                    .bind(offset)
                    .execute(&mut *transaction)
                    .await?;
            }
            transaction.commit().await?;
            Ok(())
        })
    }

    fn parts(&mut self) -> (&mut SqliteConnection, &str, &[i64]) {
        (self.connection.as_mut().expect("open until dropped"), &self.topic, &self.partition_ids)
    }
}

const ENDS: &str = "SELECT partition, end_offset FROM partitions WHERE topic = ?";

const EARLIEST: &str = "SELECT partition, COALESCE( \
                            (SELECT MIN(\"offset\") FROM records WHERE partition_id = id), end_offset) \
                        FROM partitions WHERE topic = ?";

const COMMITTED: &str = "SELECT partition, next_offset FROM partitions \
                         JOIN positions ON partition_id = id WHERE topic = ? AND consumer = ?";

/// What `query` says per partition.
async fn positions(
    connection: &mut SqliteConnection,
    query: &'static str,
    arguments: &[&str],
) -> sqlx::Result<Positions> {
    let mut query = sqlx::query_as::<_, (i32, i64)>(query);
    for argument in arguments {
        query = query.bind(*argument);
    }
    Ok(query.fetch_all(connection).await?.into_iter().collect())
}

impl Drop for Store {
    /// Waits for SQLite's thread, so that the file is closed when the handle is gone.
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take()
            && let Err(error) = block_on(connection.close())
        {
            tracing::warn!(%error, "could not close the embedded log");
        }
    }
}

/// Opens the file and makes its tables, one process at a time: SQLite does not wait when two of them turn on
/// its write-ahead log at once.
fn connect(dir: &Path) -> anyhow::Result<SqliteConnection> {
    std::fs::create_dir_all(dir)?;
    let lock = File::create(dir.join("log.lock"))?;
    lock.lock()?;
    let options = SqliteConnectOptions::new()
        .filename(dir.join("log.sqlite"))
        .create_if_missing(true)
        .page_size(16 * 1024)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        .busy_timeout(BUSY_TIMEOUT)
        .row_buffer_size(4096)
        .thread_name(|_| "embedded-log".into())
        .disable_statement_logging();
    block_on(async {
        let mut connection = options.connect().await?;
        sqlx::raw_sql(include_str!("schema.sql")).execute(&mut connection).await?;
        Ok(connection)
    })
}

/// The topic's rows in `partitions`, by partition number, made if it has none.
async fn ensure_topic(
    connection: &mut SqliteConnection,
    topic: &str,
    wanted: i32,
) -> anyhow::Result<Vec<i64>> {
    anyhow::ensure!(wanted > 0, "a topic has at least one partition, not {wanted}");
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let mut ids = partition_ids(&mut transaction, topic).await?;
    if ids.is_empty() {
        for partition in 0..wanted {
            sqlx::query("INSERT INTO partitions (topic, partition) VALUES (?, ?)")
                .bind(topic)
                .bind(partition)
                .execute(&mut *transaction)
                .await?;
        }
        ids = partition_ids(&mut transaction, topic).await?;
        transaction.commit().await?;
    }
    let count = ids.len();
    anyhow::ensure!(
        i32::try_from(count) == Ok(wanted),
        "it has {count} partitions, not {wanted}, and keys would change places if that were altered"
    );
    Ok(ids)
}

async fn partition_ids(connection: &mut SqliteConnection, topic: &str) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar("SELECT id FROM partitions WHERE topic = ? ORDER BY partition")
        .bind(topic)
        .fetch_all(connection)
        .await
}

fn id_of(ids: &[i64], partition: i32) -> anyhow::Result<i64> {
    let id = usize::try_from(partition).ok().and_then(|at| ids.get(at));
    id.copied().with_context(|| format!("there is no partition {partition}"))
}

/// Writes `rows` at `ends`, which move on.
async fn insert(
    transaction: &mut Transaction<'_, Sqlite>,
    ids: &[i64],
    rows: &[Incoming],
    ends: &mut Positions,
    written_at: i64,
) -> anyhow::Result<()> {
    const HEAD: &str = "INSERT INTO records (partition_id, \"offset\", key, value, written_at) ";
    let mut query = QueryBuilder::<Sqlite>::new(HEAD);
    let mut places = Vec::with_capacity(rows.len());
    for row in rows {
        let end = ends.entry(row.partition).or_default();
        places.push((id_of(ids, row.partition)?, *end));
        *end += 1;
    }
    query.push_values(rows.iter().zip(places), |mut tuple, (row, (id, offset))| {
        tuple.push_bind(id).push_bind(offset);
        tuple.push_bind(row.key.as_str()).push_bind(row.value.as_slice()).push_bind(written_at);
    });
    // Only full statements are worth keeping prepared: the others come in too many lengths.
    query.build().persistent(rows.len() == ROWS_PER_INSERT).execute(&mut **transaction).await?;
    Ok(())
}
