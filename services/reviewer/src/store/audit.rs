//! The audit log's tables.

use anyhow::Context;
use sqlx::{AnyConnection, AssertSqlSafe, Row};

use super::{Result, Unit, connect};
use crate::audit::{
    Entry, Frontier, Hash, Log, NodePlace, Notary, chain, consistency, fold, hex, inclusion, leaf_hash,
    parse_hash,
};

/// How many entries lie between two checkpoints that are kept, at most.
const CHECKPOINT_EVERY: u64 = 256;

/// Rows of one statement, at most.
const ROWS_MAX: usize = 200;

/// The log's end, from which it goes on.
#[derive(Debug)]
pub(super) struct Head {
    chain: Hash,
    frontier: Frontier,
}

impl Head {
    /// Reads the head and keeps everybody else from changing it until the transaction ends.
    pub(super) async fn lock(db: &mut AnyConnection) -> Result<Self> {
        let lock = "UPDATE audit_head SET size = size WHERE id = 1 RETURNING size, chain, peaks";
        let row = sqlx::query(lock).fetch_one(db).await?;
        let size = u64::try_from(row.get::<i64, _>("size")).context("the audit log has no size")?;
        let peaks: Option<Vec<Hash>> =
            row.get::<String, _>("peaks").split_terminator(',').map(parse_hash).collect();
        let frontier = peaks.and_then(|peaks| Frontier::restore(size, peaks));
        let frontier = frontier.context("the head of the audit log is damaged")?;
        let chain = parse_hash(&row.get::<String, _>("chain")).unwrap_or_default();
        Ok(Self { chain, frontier })
    }

    /// Writes entries after it, and the new head, signed.
    pub(super) async fn write(
        mut self,
        db: &mut AnyConnection,
        entries: Vec<Entry>,
        notary: &Notary,
    ) -> Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        let before = self.frontier.size();
        let (mut rows, mut nodes) = (Vec::new(), Vec::new());
        for mut entry in entries {
            entry.seq = i64::try_from(self.frontier.size()).context("the audit log is full")?;
            let body = serde_json::to_string(&entry)?;
            let leaf = leaf_hash(body.as_bytes());
            self.chain = chain(&self.chain, &leaf);
            nodes.extend(self.frontier.push(leaf));
            rows.push((entry.seq, body, hex(&leaf), hex(&self.chain)));
        }
        write_entries(db, &rows).await?;
        write_nodes(db, &nodes).await?;
        let size = self.frontier.size();
        let note = notary.sign(size, &self.frontier.root());
        let signed_size = i64::try_from(size).context("the audit log is full")?;
        if before / CHECKPOINT_EVERY != size / CHECKPOINT_EVERY {
            let keep = sqlx::query("INSERT INTO audit_checkpoints (size, note) VALUES ($1, $2)");
            keep.bind(signed_size).bind(note.clone()).execute(&mut *db).await?;
        }
        let peaks: Vec<String> = self.frontier.peaks().iter().map(hex).collect();
        sqlx::query("UPDATE audit_head SET size = $1, chain = $2, peaks = $3, note = $4 WHERE id = 1")
            .bind(signed_size)
            .bind(hex(&self.chain))
            .bind(peaks.join(","))
            .bind(note)
            .execute(db)
            .await?;
        Ok(())
    }
}

/// `($1, $2), ($3, $4)` for so many rows of so many columns.
fn places(rows: usize, columns: usize) -> String {
    let row = |row: usize| {
        let places: Vec<String> =
            (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
        format!("({})", places.join(", "))
    };
    (0..rows).map(row).collect::<Vec<_>>().join(", ")
}

async fn write_entries(db: &mut AnyConnection, rows: &[(i64, String, String, String)]) -> Result<()> {
    for rows in rows.chunks(ROWS_MAX) {
        let sql = format!(
            "INSERT INTO audit_entries (sequence, body, leaf, chain) VALUES {}",
            places(rows.len(), 4)
        );
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for (sequence, body, leaf, chain) in rows {
            insert = insert.bind(*sequence).bind(body.clone()).bind(leaf.clone()).bind(chain.clone());
        }
        insert.execute(&mut *db).await?;
    }
    Ok(())
}

async fn write_nodes(db: &mut AnyConnection, nodes: &[(NodePlace, Hash)]) -> Result<()> {
    for nodes in nodes.chunks(ROWS_MAX) {
        let sql =
            format!("INSERT INTO audit_nodes (level, position, hash) VALUES {}", places(nodes.len(), 3));
        let mut insert = sqlx::query(AssertSqlSafe(sql));
        for (place, hash) in nodes {
            let position = i64::try_from(place.position).context("the audit log is full")?;
            insert = insert.bind(i64::from(place.level)).bind(position).bind(hex(hash));
        }
        insert.execute(&mut *db).await?;
    }
    Ok(())
}

impl Unit {
    /// The bodies of at most so many entries from a place on.
    pub(crate) async fn audit_entries(&mut self, from: i64, limit: u32) -> Result<Vec<String>> {
        let query = "SELECT body FROM audit_entries WHERE sequence >= $1 ORDER BY sequence LIMIT $2";
        Ok(sqlx::query_scalar(query).bind(from).bind(i64::from(limit)).fetch_all(self.db()).await?)
    }

    /// The size of the log and its signed head; the note is empty where nothing was ever written.
    pub(crate) async fn audit_head(&mut self) -> Result<(u64, String)> {
        let row = sqlx::query("SELECT size, note FROM audit_head WHERE id = 1").fetch_one(self.db()).await?;
        let size = u64::try_from(row.get::<i64, _>(0)).context("the audit log has no size")?;
        Ok((size, row.get(1)))
    }

    /// The proof that the entry at `index` is in the log of `size` entries.
    pub(crate) async fn inclusion(&mut self, index: u64, size: u64) -> Result<Vec<Hash>> {
        self.folded(inclusion(index, size)).await
    }

    /// The proof that the log of `old` entries is the beginning of that of `size`.
    pub(crate) async fn consistency(&mut self, old: u64, size: u64) -> Result<Vec<Hash>> {
        self.folded(consistency(old, size)).await
    }

    async fn folded(&mut self, parts: Vec<Vec<NodePlace>>) -> Result<Vec<Hash>> {
        let mut proof = Vec::with_capacity(parts.len());
        for part in parts {
            let mut hashes = Vec::with_capacity(part.len());
            for place in part {
                hashes.push(self.node(place).await?);
            }
            proof.push(fold(&hashes).context("a part of a proof is empty")?);
        }
        Ok(proof)
    }

    async fn node(&mut self, place: NodePlace) -> Result<Hash> {
        let position = i64::try_from(place.position).context("no such node")?;
        let hash: String = if place.level == 0 {
            let leaf = sqlx::query_scalar("SELECT leaf FROM audit_entries WHERE sequence = $1");
            leaf.bind(position).fetch_one(self.db()).await?
        } else {
            let node = sqlx::query_scalar("SELECT hash FROM audit_nodes WHERE level = $1 AND position = $2");
            node.bind(i64::from(place.level)).bind(position).fetch_one(self.db()).await?
        };
        Ok(parse_hash(&hash).context("a stored hash is none")?)
    }
}

/// The whole log of a database, to verify; nothing is written, and the database need not be whole.
pub(crate) async fn read_log(database: &str) -> Result<Log> {
    let (pool, _) = connect(database).await?;
    let entries = sqlx::query("SELECT sequence, body, leaf, chain FROM audit_entries ORDER BY sequence");
    let nodes = sqlx::query("SELECT level, position, hash FROM audit_nodes");
    let checkpoints = sqlx::query("SELECT size, note FROM audit_checkpoints ORDER BY size");
    let head = sqlx::query("SELECT size, chain, peaks, note FROM audit_head WHERE id = 1");
    let mut db = pool.acquire().await?;
    let entries = entries.fetch_all(&mut *db).await?;
    let nodes = nodes.fetch_all(&mut *db).await?;
    let checkpoints = checkpoints.fetch_all(&mut *db).await?;
    let head = head.fetch_one(&mut *db).await?;
    drop(db);
    pool.close().await;
    Ok(Log {
        entries: entries.iter().map(|row| (row.get(0), row.get(1), row.get(2), row.get(3))).collect(),
        nodes: nodes.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect(),
        checkpoints: checkpoints.iter().map(|row| (row.get(0), row.get(1))).collect(),
        head: (head.get(0), head.get(1), head.get(2), head.get(3)),
    })
}
