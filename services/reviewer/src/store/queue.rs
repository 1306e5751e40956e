//! The queue: cases in the order in which to look at them, page by page.

use std::collections::BTreeMap;

use detect::Reason;
use events::{Millis, Token};
use review::{CaseId, Decision, Rank};
use serde::Deserialize;
use sqlx::sqlite::SqliteRow;
use sqlx::{QueryBuilder, Row, Sqlite};

use super::rows::{case_id, decision, integer, millis, token};
use super::{Attempting, Error, Store};

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    Open,
    Decided,
}

impl Status {
    pub(crate) const ALL: [Status; 2] = [Status::Open, Status::Decided];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Decided => "decided",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// Which cases to list.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    /// Only cases of this status.
    pub(crate) status: Option<Status>,
    /// Only cases that rank after this one.
    pub(crate) after: Option<Rank>,
    /// At most so many.
    pub(crate) limit: u32,
}

/// One page of the queue.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) entries: Vec<Entry>,
    /// The last entry's rank, where more cases follow it.
    pub(crate) next: Option<Rank>,
}

/// One case in a list.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) account: Token,
    pub(crate) status: Status,
    pub(crate) version: u32,
    pub(crate) rank: Rank,
    pub(crate) flag_count: u32,
    pub(crate) earlier: Option<CaseId>,
    pub(crate) latest: LatestFlag,
    pub(crate) decision: Option<Decision>,
}

/// What a list shows of a case's latest flag; the rest of it is not read.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct LatestFlag {
    pub(crate) ts: Millis,
    pub(crate) reasons: Vec<Reason>,
    pub(crate) features: BTreeMap<String, Option<f64>>,
}

impl Store {
    /// One page of cases, highest rank first.
    pub(crate) async fn queue(&self, query: &Query) -> Result<Page, Error> {
        let attempt = "read the queue";
        let rows = select(query).build().fetch_all(&self.pool).await.attempting(attempt)?;
        let mut entries = rows.iter().map(entry).collect::<anyhow::Result<Vec<_>>>().attempting(attempt)?;
        let more = entries.len() > query.limit as usize;
        entries.truncate(query.limit as usize);
        let next = entries.last().filter(|_| more).map(|last| last.rank.clone());
        Ok(Page { entries, next })
    }

    /// How many cases are of this status.
    pub(crate) async fn count(&self, status: Status) -> Result<i64, Error> {
        sqlx::query_scalar("SELECT count(*) FROM cases WHERE status = ?")
            .bind(status.as_str())
            .fetch_one(&self.pool)
            .await
            .attempting("count the cases")
    }
}

/// One row more than asked for tells whether another page follows.
fn select(query: &Query) -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new(
        "SELECT c.case_id, c.account, c.status, c.version, c.opened_at, c.risk, c.flag_count, c.earlier, f.body, \
                d.outcome, d.category, d.reason, d.decided_by, d.decided_at \
         FROM cases c \
         JOIN flags f ON f.account = c.account AND f.flag_id = c.latest_flag \
         LEFT JOIN decisions d ON d.case_id = c.case_id WHERE 1",
    );
    if let Some(status) = query.status {
        sql.push(" AND c.status = ").push_bind(status.as_str());
    }
    if let Some(Rank { risk, opened_at, case }) = &query.after {
        sql.push(" AND c.risk <= ").push_bind(*risk);
        sql.push(" AND (c.risk < ").push_bind(*risk);
        sql.push(" OR (c.opened_at, c.case_id) > (").push_bind(integer(*opened_at));
        sql.push(", ").push_bind(case.as_str().to_owned()).push("))");
    }
    sql.push(" ORDER BY c.risk DESC, c.opened_at, c.case_id LIMIT ").push_bind(query.limit + 1);
    sql
}

fn entry(row: &SqliteRow) -> anyhow::Result<Entry> {
    let case = case_id(row.get("case_id"))?;
    let status = if row.get::<&str, _>("status") == "open" { Status::Open } else { Status::Decided };
    Ok(Entry {
        account: token(row.get("account"))?,
        status,
        version: row.get("version"),
        rank: Rank { risk: row.get("risk"), opened_at: millis(row.get("opened_at")), case },
        flag_count: row.get("flag_count"),
        earlier: row.get::<Option<&str>, _>("earlier").map(case_id).transpose()?,
        latest: serde_json::from_str(row.get("body"))?,
        decision: decision(row)?,
    })
}
