//! Which cases are worked on together.

use anyhow::Context;
use review::{CaseId, Queue};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::case_id;
use super::{Result, Status, Unit};

/// A case of a ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Member {
    pub(crate) case: CaseId,
    pub(crate) queue: Queue,
    pub(crate) status: Status,
}

impl Unit {
    /// The ring that a case is in.
    pub(crate) async fn ring_of(&mut self, case: &CaseId) -> Result<Option<String>> {
        let query = sqlx::query_scalar("SELECT ring FROM cases WHERE case_id = $1").bind(case.to_string());
        Ok(query.fetch_optional(self.db()).await?.flatten())
    }

    /// The cases of a ring, first the one to look at first.
    pub(crate) async fn ring(&mut self, ring: &str) -> Result<Vec<Member>> {
        let query = "SELECT case_id, queue, status FROM cases WHERE ring = $1 ORDER BY priority DESC, opened_at, case_id";
        let rows = sqlx::query(query).bind(ring.to_owned()).fetch_all(self.db()).await?;
        Ok(rows.iter().map(member).collect::<anyhow::Result<_>>()?)
    }

    /// Puts a case into a ring, or takes it out of its own.
    pub(crate) async fn save_ring(&mut self, case: &CaseId, ring: Option<&str>) -> Result<()> {
        let query = sqlx::query("UPDATE cases SET ring = $1 WHERE case_id = $2");
        query.bind(ring.map(str::to_owned)).bind(case.to_string()).execute(self.db()).await?;
        Ok(())
    }
}

fn member(row: &AnyRow) -> anyhow::Result<Member> {
    Ok(Member {
        case: case_id(&row.get::<String, _>("case_id"))?,
        queue: Queue::parse(&row.get::<String, _>("queue")).context("a stored queue is none")?,
        status: Status::parse(&row.get::<String, _>("status")).context("a stored status is none")?,
    })
}
