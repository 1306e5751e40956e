//! Lists of cases in the order in which to look at them, page by page, and what waits in each queue.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use detect::Reason;
use events::{Millis, Token};
use review::{CaseId, Decision, Queue, Rank, Weight};
use serde::Deserialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::cases::{case_id, decision, integer, millis, version};
use super::{Claim, Result, Unit};

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
    /// Only cases of these queues.
    pub(crate) queues: BTreeSet<Queue>,
    /// Only cases that rank after this one.
    pub(crate) after: Option<Rank>,
    /// At most so many.
    pub(crate) limit: u32,
}

/// One page of a list.
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
    pub(crate) queue: Queue,
    pub(crate) status: Status,
    pub(crate) version: u32,
    pub(crate) rank: Rank,
    pub(crate) weight: Weight,
    pub(crate) due_at: Millis,
    pub(crate) flag_count: u32,
    pub(crate) earlier: Option<CaseId>,
    pub(crate) claim: Option<Claim>,
    pub(crate) snoozed_until: Option<Millis>,
    /// The proposal that waits for a second person.
    pub(crate) proposal: Option<String>,
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

/// What waits in a queue.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct QueueState {
    pub(crate) queue: Queue,
    pub(crate) open: i64,
    pub(crate) claimed: i64,
    pub(crate) snoozed: i64,
    pub(crate) waiting_for_second: i64,
    /// Open for longer than is allowed.
    pub(crate) overdue: i64,
    /// When the oldest open case was opened.
    pub(crate) oldest: Option<Millis>,
    /// Decided within the last 24 hours.
    pub(crate) decided: i64,
}

/// A case as it waits, with what keeps it from being handed out.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    pub(crate) case: CaseId,
    pub(crate) claim: Option<Claim>,
    pub(crate) proposal: Option<String>,
}

impl Unit {
    /// One page of cases, first the one to look at first.
    pub(crate) async fn queue(&mut self, query: &Query) -> Result<Page> {
        let mut sql = String::from(
            "SELECT c.case_id, c.account, c.queue, c.status, c.version, c.opened_at, c.due_at, c.risk, c.minors, \
                    c.priority, c.flag_count, c.earlier, c.claimed_by, c.claimed_until, c.snoozed_until, c.proposal, \
                    f.body, d.outcome, d.category, d.policy, d.reason, d.action, d.decided_by, d.seconded_by, \
                    d.decided_at \
             FROM cases c \
             JOIN flags f ON f.account = c.account AND f.flag_id = c.latest_flag \
             LEFT JOIN decisions d ON d.case_id = c.case_id AND d.undone_at IS NULL WHERE c.queue IN (",
        );
        sql.push_str(&words(&query.queues));
        sql.push(')');
        if let Some(status) = query.status {
            sql.push_str(&format!(" AND c.status = '{}'", status.as_str()));
        }
        if query.after.is_some() {
            sql.push_str(
                " AND c.priority <= $2 AND (c.priority < $2 OR c.opened_at > $3 \
                 OR (c.opened_at = $3 AND c.case_id > $4))",
            );
        }
        // One row more than asked for tells whether another page follows.
        sql.push_str(" ORDER BY c.priority DESC, c.opened_at, c.case_id LIMIT $1");
        let mut select = sqlx::query(AssertSqlSafe(sql)).bind(i64::from(query.limit) + 1);
        if let Some(Rank { priority, opened_at, case }) = &query.after {
            select = select.bind(*priority).bind(integer(*opened_at)).bind(case.to_string());
        }
        let rows = select.fetch_all(self.db()).await?;
        let mut entries = rows.iter().map(entry).collect::<anyhow::Result<Vec<_>>>()?;
        let more = entries.len() > query.limit as usize;
        entries.truncate(query.limit as usize);
        let next = entries.last().filter(|_| more).map(|last| last.rank.clone());
        Ok(Page { entries, next })
    }

    /// How many cases of these queues are of this status.
    pub(crate) async fn count(&mut self, status: Status, queues: &BTreeSet<Queue>) -> Result<i64> {
        let sql = format!("SELECT count(*) FROM cases WHERE status = $1 AND queue IN ({})", words(queues));
        let query = sqlx::query_scalar(AssertSqlSafe(sql)).bind(status.as_str().to_owned());
        Ok(query.fetch_one(self.db()).await?)
    }

    /// What waits in a queue at `now`.
    pub(crate) async fn queue_state(&mut self, queue: Queue, now: Millis) -> Result<QueueState> {
        let row = sqlx::query(
            "SELECT count(*), sum(CASE WHEN claimed_until > $2 THEN 1 ELSE 0 END), \
                    sum(CASE WHEN snoozed_until > $2 THEN 1 ELSE 0 END), \
                    sum(CASE WHEN proposal IS NOT NULL THEN 1 ELSE 0 END), \
                    sum(CASE WHEN due_at < $2 THEN 1 ELSE 0 END), min(opened_at) \
             FROM cases WHERE queue = $1 AND status = 'open'",
        )
        .bind(queue.as_str().to_owned())
        .bind(integer(now))
        .fetch_one(self.db())
        .await?;
        let decided = sqlx::query_scalar(
            "SELECT count(*) FROM decisions d JOIN cases c ON c.case_id = d.case_id \
             WHERE c.queue = $1 AND d.decided_at > $2 AND d.undone_at IS NULL",
        );
        let day_ago = now.saturating_sub(24 * 60 * 60 * 1000);
        let decided = decided.bind(queue.as_str().to_owned()).bind(integer(day_ago));
        let count = |column: usize| row.get::<Option<i64>, _>(column).unwrap_or(0);
        let (open, oldest) = (row.get::<i64, _>(0), row.get::<Option<i64>, _>(5).map(millis));
        let (claimed, snoozed, waiting_for_second, overdue) = (count(1), count(2), count(3), count(4));
        let decided = decided.fetch_one(self.db()).await?;
        Ok(QueueState { queue, open, claimed, snoozed, waiting_for_second, overdue, oldest, decided })
    }

    /// The case to look at next for somebody: the first of the queue that nobody else has, that is not put off,
    /// does not wait for a second person, and that they have not skipped.
    pub(crate) async fn next_case(
        &mut self,
        queue: Queue,
        person: &str,
        now: Millis,
    ) -> Result<Option<CaseId>> {
        let case: Option<String> = sqlx::query_scalar(
            "SELECT case_id FROM cases c WHERE queue = $1 AND status = 'open' AND proposal IS NULL \
                 AND (snoozed_until IS NULL OR snoozed_until <= $2) \
                 AND (claimed_until IS NULL OR claimed_until <= $2 OR claimed_by = $3) \
                 AND NOT EXISTS (SELECT 1 FROM skips s WHERE s.case_id = c.case_id AND s.person = $3) \
             ORDER BY priority DESC, opened_at, case_id LIMIT 1",
        )
        .bind(queue.as_str().to_owned())
        .bind(integer(now))
        .bind(person.to_owned())
        .fetch_optional(self.db())
        .await?;
        Ok(case.as_deref().map(case_id).transpose()?)
    }
}

/// Closed words as a list in SQL.
fn words(queues: &BTreeSet<Queue>) -> String {
    let words: Vec<String> = queues.iter().map(|queue| format!("'{}'", queue.as_str())).collect();
    if words.is_empty() { "''".to_owned() } else { words.join(", ") }
}

fn entry(row: &AnyRow) -> anyhow::Result<Entry> {
    let case = case_id(&row.get::<String, _>("case_id"))?;
    let (priority, opened_at) = (row.get("priority"), millis(row.get("opened_at")));
    Ok(Entry {
        account: Token::try_from(row.get::<String, _>("account").as_str())?,
        queue: Queue::parse(&row.get::<String, _>("queue")).context("a stored queue is none")?,
        status: Status::parse(&row.get::<String, _>("status")).context("a stored status is none")?,
        version: version(row)?,
        rank: Rank { priority, opened_at, case },
        weight: Weight { risk: row.get("risk"), minors_expected: row.get("minors") },
        due_at: millis(row.get("due_at")),
        flag_count: u32::try_from(row.get::<i64, _>("flag_count"))?,
        earlier: row.get::<Option<String>, _>("earlier").as_deref().map(case_id).transpose()?,
        claim: super::desk::claim(row),
        snoozed_until: row.get::<Option<i64>, _>("snoozed_until").map(millis),
        proposal: row.get("proposal"),
        latest: serde_json::from_str(&row.get::<String, _>("body"))?,
        decision: decision(row)?,
    })
}
