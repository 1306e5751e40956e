//! Lists of cases in the order in which to look at them, page by page, and what waits in each queue.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use detect::Reason;
use events::{Millis, Token};
use review::{CaseId, Claimed, Decision, Due, Load, Queue, Rank, Weight};
use serde::Deserialize;
use sqlx::any::AnyRow;
use sqlx::{AssertSqlSafe, Row};

use super::cases::{case_id, decision, integer, millis, version};
use super::{Claim, Result, Unit};

/// Time over which it is counted how much each queue was served.
const HOUR_MS: Millis = 60 * 60 * 1000;

/// Where a case stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Status {
    Open,
    Decided,
}

impl Status {
    pub(crate) const ALL: &[Status] = &[Status::Open, Status::Decided];

    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Status::Open => "open",
            Status::Decided => "decided",
        }
    }

    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == word)
    }
}

/// Which cases to list.
#[derive(Clone, Debug, Default)]
pub(crate) struct Query {
    /// Only cases of this status.
    pub(crate) status: Option<Status>,
    /// Only cases of these queues.
    pub(crate) queues: BTreeSet<Queue>,
    /// Only cases that are in such a hand, seen from whoever asks.
    pub(crate) claim: Option<Claimed>,
    /// Only cases that stand so to their time.
    pub(crate) due: Option<Due>,
    /// Who asks.
    pub(crate) person: String,
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
    /// The ring that it is in.
    pub(crate) ring: Option<String>,
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

/// What somebody has in hand: a case, or a second look, which looks like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct InHand {
    pub(crate) case: CaseId,
    pub(crate) account: Token,
    pub(crate) queue: Queue,
    /// Whether it is a case, which lists hold too.
    pub(crate) is_case: bool,
}

/// A case as it waits, with what keeps it from being handed out.
#[derive(Clone, Debug)]
pub(crate) struct Waiting {
    /// The case, or every open case of its ring.
    pub(crate) cases: Vec<CaseId>,
    pub(crate) claim: Option<Claim>,
    pub(crate) proposal: Option<String>,
}

/// What a list shows of a case.
const LISTED: &str = "SELECT c.case_id, c.account, c.queue, c.status, c.version, c.opened_at, c.due_at, c.risk, \
    c.minors, c.priority, c.flag_count, c.earlier, c.claimed_by, c.claimed_until, c.snoozed_until, c.proposal, c.ring, \
    f.body, d.outcome, d.category, d.policy, d.reason, d.action, d.decided_by, d.seconded_by, d.decided_at \
    FROM cases c JOIN flags f ON f.account = c.account AND f.flag_id = c.latest_flag \
    LEFT JOIN decisions d ON d.case_id = c.case_id AND d.undone_at IS NULL WHERE c.queue IN (";

/// A value that a statement is given.
enum Given {
    Whole(i64),
    Real(f64),
    Text(String),
}

/// Adds what narrows a list down, with the values that it is given.
fn conditions(query: &Query, now: Millis, sql: &mut String, given: &mut Vec<Given>) {
    let mut place = |value: Given| {
        given.push(value);
        format!("${}", given.len())
    };
    if let Some(claim) = query.claim {
        let now = place(Given::Whole(integer(now)));
        sql.push_str(&match claim {
            Claimed::Nobody => format!(" AND (c.claimed_until IS NULL OR c.claimed_until <= {now})"),
            held => {
                let sign = if held == Claimed::Mine { "=" } else { "<>" };
                let person = place(Given::Text(query.person.clone()));
                format!(" AND c.claimed_until > {now} AND c.claimed_by {sign} {person}")
            }
        });
    }
    // Whoever gives a second look at a case does not see what came of the first.
    let person = place(Given::Text(query.person.clone()));
    let at = place(Given::Whole(integer(now)));
    sql.push_str(&format!(
        " AND NOT EXISTS (SELECT 1 FROM looks l WHERE l.case_id = c.case_id AND l.person = {person} \
         AND l.decided_at IS NULL AND l.claimed_until > {at})"
    ));
    if let Some(due) = query.due {
        let now = place(Given::Whole(integer(now)));
        let sign = if due == Due::Overdue { "<" } else { ">=" };
        sql.push_str(&format!(" AND c.status = 'open' AND c.due_at {sign} {now}"));
    }
    if let Some(Rank { priority, opened_at, case }) = &query.after {
        let priority = place(Given::Real(*priority));
        let opened_at = place(Given::Whole(integer(*opened_at)));
        let case = place(Given::Text(case.to_string()));
        sql.push_str(&format!(
            " AND c.priority <= {priority} AND (c.priority < {priority} OR c.opened_at > {opened_at} \
             OR (c.opened_at = {opened_at} AND c.case_id > {case}))"
        ));
    }
}

impl Unit {
    /// One page of cases, first the one to look at first.
    pub(crate) async fn queue(&mut self, query: &Query) -> Result<Page> {
        let mut sql = String::from(LISTED);
        sql.push_str(&words(&query.queues));
        sql.push(')');
        if let Some(status) = query.status {
            sql.push_str(&format!(" AND c.status = '{}'", status.as_str()));
        }
        let mut given = Vec::new();
        conditions(query, self.now(), &mut sql, &mut given);
        // One row more than asked for tells whether another page follows.
        given.push(Given::Whole(i64::from(query.limit) + 1));
        sql.push_str(&format!(" ORDER BY c.priority DESC, c.opened_at, c.case_id LIMIT ${}", given.len()));
        let mut select = sqlx::query(AssertSqlSafe(sql));
        for value in given {
            select = match value {
                Given::Whole(number) => select.bind(number),
                Given::Real(number) => select.bind(number),
                Given::Text(text) => select.bind(text),
            };
        }
        let rows = select.fetch_all(self.db()).await?;
        let mut entries = rows.iter().map(entry).collect::<anyhow::Result<Vec<_>>>()?;
        let more = entries.len() > query.limit as usize;
        entries.truncate(query.limit as usize);
        let next = entries.last().filter(|_| more).map(|last| last.rank.clone());
        Ok(Page { entries, next })
    }

    /// How many cases of these queues are open. Decided ones are never counted: there is no end to them.
    pub(crate) async fn count_open(&mut self, queues: &BTreeSet<Queue>) -> Result<i64> {
        let sql =
            format!("SELECT count(*) FROM cases WHERE status = 'open' AND queue IN ({})", words(queues));
        Ok(sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(self.db()).await?)
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
            "SELECT count(*) FROM decisions WHERE queue = $1 AND decided_at > $2 AND undone_at IS NULL",
        );
        let day_ago = now.saturating_sub(24 * 60 * 60 * 1000);
        let decided = decided.bind(queue.as_str().to_owned()).bind(integer(day_ago));
        let count = |column: usize| row.get::<Option<i64>, _>(column).unwrap_or(0);
        let (open, oldest) = (row.get::<i64, _>(0), row.get::<Option<i64>, _>(5).map(millis));
        let (claimed, snoozed, waiting_for_second, overdue) = (count(1), count(2), count(3), count(4));
        let decided = decided.fetch_one(self.db()).await?;
        Ok(QueueState { queue, open, claimed, snoozed, waiting_for_second, overdue, oldest, decided })
    }

    /// The case of a queue that somebody has in hand already, first the one to look at first.
    pub(crate) async fn case_in_hand(
        &mut self,
        queue: Queue,
        person: &str,
        now: Millis,
    ) -> Result<Option<CaseId>> {
        self.first_case("claimed_by = $3 AND claimed_until > $2", (queue, person), now).await
    }

    /// The case to look at next for somebody: the first of the queue that nobody has in hand, that is not put off, does
    /// not wait for a second person, and that they have not skipped.
    pub(crate) async fn free_case(
        &mut self,
        queue: Queue,
        person: &str,
        now: Millis,
    ) -> Result<Option<CaseId>> {
        self.first_case("(claimed_until IS NULL OR claimed_until <= $2)", (queue, person), now).await
    }

    async fn first_case(
        &mut self,
        hand: &'static str,
        (queue, person): (Queue, &str),
        now: Millis,
    ) -> Result<Option<CaseId>> {
        let sql = format!(
            "SELECT case_id FROM cases c WHERE queue = $1 AND status = 'open' AND proposal IS NULL \
             AND (snoozed_until IS NULL OR snoozed_until <= $2) \
             AND NOT EXISTS (SELECT 1 FROM skips s WHERE s.case_id = c.case_id AND s.person = $3) \
             AND {hand} ORDER BY priority DESC, opened_at, case_id LIMIT 1"
        );
        let select = sqlx::query_scalar(AssertSqlSafe(sql)).bind(queue.as_str().to_owned());
        let case: Option<String> =
            select.bind(integer(now)).bind(person.to_owned()).fetch_optional(self.db()).await?;
        Ok(case.as_deref().map(case_id).transpose()?)
    }

    /// What somebody has in hand, cases and second looks alike.
    pub(crate) async fn in_hand(&mut self, person: &str) -> Result<Vec<InHand>> {
        let query = "SELECT case_id, account, queue, claimed_until AS until, CAST(1 AS BIGINT) AS is_case FROM cases \
                     WHERE status = 'open' AND claimed_by = $1 AND claimed_until > $2 \
                     UNION ALL SELECT l.look_id, c.account, l.queue, l.claimed_until, CAST(0 AS BIGINT) FROM looks l \
                     JOIN cases c ON c.case_id = l.case_id \
                     WHERE l.decided_at IS NULL AND l.person = $1 AND l.claimed_until > $2 ORDER BY until DESC";
        let query = sqlx::query(query).bind(person.to_owned()).bind(integer(self.now()));
        let held = |row: &AnyRow| -> anyhow::Result<InHand> {
            Ok(InHand {
                case: case_id(&row.get::<String, _>("case_id"))?,
                account: Token::try_from(row.get::<String, _>("account").as_str())?,
                queue: Queue::parse(&row.get::<String, _>("queue")).context("a stored queue is none")?,
                is_case: row.get::<i64, _>("is_case") == 1,
            })
        };
        let rows = query.fetch_all(self.db()).await?;
        Ok(rows.iter().map(held).collect::<anyhow::Result<_>>()?)
    }

    /// Whether a case of a queue is overdue and in nobody's hand.
    pub(crate) async fn is_overdue(&mut self, queue: Queue, now: Millis) -> Result<bool> {
        let query = "SELECT case_id FROM cases WHERE queue = $1 AND status = 'open' AND due_at < $2 \
                     AND proposal IS NULL AND (snoozed_until IS NULL OR snoozed_until <= $2) \
                     AND (claimed_until IS NULL OR claimed_until <= $2) ORDER BY due_at LIMIT 1";
        let query = sqlx::query(query).bind(queue.as_str().to_owned()).bind(integer(now));
        Ok(query.fetch_optional(self.db()).await?.is_some())
    }

    /// How a queue stands for somebody who could take a case of it.
    pub(crate) async fn load(&mut self, queue: Queue, person: &str, now: Millis) -> Result<Load> {
        let waits = self.case_in_hand(queue, person, now).await?.is_some()
            || self.free_case(queue, person, now).await?.is_some()
            || self.next_look(queue, person).await?.is_some();
        if !waits {
            return Ok(Load { queue, waits, is_overdue: false, served: 0 });
        }
        let is_overdue = self.is_overdue(queue, now).await?;
        let decided =
            sqlx::query_scalar("SELECT count(*) FROM decisions WHERE decided_at > $1 AND queue = $2");
        let decided = decided.bind(integer(now.saturating_sub(HOUR_MS))).bind(queue.as_str().to_owned());
        let decided: i64 = decided.fetch_one(self.db()).await?;
        let in_hand = sqlx::query_scalar(
            "SELECT count(*) FROM cases WHERE claimed_by IS NOT NULL AND claimed_until > $1 AND queue = $2",
        );
        let in_hand: i64 =
            in_hand.bind(integer(now)).bind(queue.as_str().to_owned()).fetch_one(self.db()).await?;
        Ok(Load { queue, waits, is_overdue, served: u64::try_from(decided + in_hand).unwrap_or(0) })
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
        ring: row.get("ring"),
        latest: serde_json::from_str(&row.get::<String, _>("body"))?,
        decision: decision(row)?,
    })
}
