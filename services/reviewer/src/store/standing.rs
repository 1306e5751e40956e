//! How everything stands, for the metrics: few statements, each over what is open and never over all that ever was.

use anyhow::Context;
use events::Millis;
use review::{PROPOSAL_LIFETIME_MS, Queue};
use sqlx::Row;

use super::cases::{integer, millis};
use super::{Result, Unit};

/// How everything stands.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    /// What waits in each queue.
    pub(crate) queues: Vec<(Queue, QueueStanding)>,
    /// Proposals that wait, and when the oldest was made.
    pub(crate) proposals: (i64, Option<Millis>),
    /// Appeals that wait, and when the oldest was handed in.
    pub(crate) appeals: (i64, Option<Millis>),
    /// Emergencies that nobody has judged.
    pub(crate) emergencies: i64,
    /// What the platform is still to be told.
    pub(crate) unsent: i64,
    /// Entries of the audit log.
    pub(crate) audit_entries: i64,
}

/// What waits in one queue.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct QueueStanding {
    pub(crate) open: i64,
    pub(crate) claimed: i64,
    pub(crate) snoozed: i64,
    pub(crate) overdue: i64,
    /// When the oldest case was opened.
    pub(crate) oldest: Option<Millis>,
    /// Likely minors whom the accounts turned to, added up.
    pub(crate) minors: f64,
}

impl Unit {
    /// How everything stands now.
    pub(crate) async fn standing(&mut self) -> Result<Standing> {
        let now = integer(self.now());
        let made_since = integer(self.now().saturating_sub(PROPOSAL_LIFETIME_MS));
        let proposals =
            "SELECT count(*), min(proposed_at) FROM proposals WHERE status = 'waiting' AND proposed_at > $1";
        let appeals =
            "SELECT count(*), min(opened_at) FROM appeals WHERE outcome IS NULL AND opened_at <= $1";
        Ok(Standing {
            queues: self.queues_standing().await?,
            proposals: self.count_and_oldest(proposals, made_since).await?,
            appeals: self.count_and_oldest(appeals, now).await?,
            emergencies: self.unreviewed(None).await?,
            unsent: self.number("SELECT count(*) FROM outbox WHERE published_at IS NULL").await?,
            audit_entries: self.number("SELECT size FROM audit_head WHERE id = 1").await?,
        })
    }

    async fn queues_standing(&mut self) -> Result<Vec<(Queue, QueueStanding)>> {
        let query = "SELECT queue, count(*), sum(CASE WHEN claimed_until > $1 THEN 1 ELSE 0 END), \
                     sum(CASE WHEN snoozed_until > $1 THEN 1 ELSE 0 END), \
                     sum(CASE WHEN due_at < $1 THEN 1 ELSE 0 END), min(opened_at), sum(minors) \
                     FROM cases WHERE status = 'open' GROUP BY queue";
        let rows = sqlx::query(query).bind(integer(self.now())).fetch_all(self.db()).await?;
        // A queue in which nothing waits has no row.
        let mut queues: Vec<_> = Queue::ALL.iter().map(|queue| (*queue, QueueStanding::default())).collect();
        for row in rows {
            let queue = Queue::parse(&row.get::<String, _>(0)).context("a stored queue is none")?;
            let standing = QueueStanding {
                open: row.get(1),
                claimed: row.get(2),
                snoozed: row.get(3),
                overdue: row.get(4),
                oldest: Some(millis(row.get(5))),
                minors: row.get(6),
            };
            queues.iter_mut().filter(|(known, _)| *known == queue).for_each(|(_, of)| *of = standing);
        }
        Ok(queues)
    }

    async fn count_and_oldest(&mut self, query: &'static str, bound: i64) -> Result<(i64, Option<Millis>)> {
        let row = sqlx::query(query).bind(bound).fetch_one(self.db()).await?;
        Ok((row.get(0), row.get::<Option<i64>, _>(1).map(millis)))
    }

    async fn number(&mut self, query: &'static str) -> Result<i64> {
        Ok(sqlx::query_scalar(query).fetch_one(self.db()).await?)
    }
}
