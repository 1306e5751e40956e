//! Appeals.

use anyhow::Context;
use events::Millis;
use review::{Appeal, AppealGround, AppealOutcome, AppealReason, CaseId, SettledAppeal};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{case_id, integer, millis};
use super::{Result, Unit};

/// An appeal with the decision that it is against.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredAppeal {
    pub(crate) appeal: Appeal,
    pub(crate) decision: String,
    pub(crate) opened_by: String,
}

impl Unit {
    /// Keeps a new appeal.
    pub(crate) async fn save_appeal(&mut self, appeal: &Appeal, decision: &str, by: &str) -> Result<()> {
        sqlx::query(
            "INSERT INTO appeals (appeal_id, case_id, decision_id, ground, opened_by, opened_at) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(appeal.id.clone())
        .bind(appeal.case.to_string())
        .bind(decision.to_owned())
        .bind(appeal.ground.as_str().to_owned())
        .bind(by.to_owned())
        .bind(integer(appeal.opened_at))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Notes how an appeal was decided.
    pub(crate) async fn save_settled(&mut self, id: &str, settled: &SettledAppeal) -> Result<()> {
        sqlx::query(
            "UPDATE appeals SET outcome = $1, reason = $2, settled_by = $3, settled_at = $4 WHERE appeal_id = $5",
        )
        .bind(settled.outcome.as_str().to_owned())
        .bind(settled.reason.as_str().to_owned())
        .bind(settled.by.clone())
        .bind(integer(settled.at))
        .bind(id.to_owned())
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// One appeal.
    pub(crate) async fn appeal(&mut self, id: &str) -> Result<Option<StoredAppeal>> {
        let query = sqlx::query("SELECT * FROM appeals WHERE appeal_id = $1").bind(id.to_owned());
        let row = query.fetch_optional(self.db()).await?;
        Ok(row.as_ref().map(stored).transpose()?)
    }

    /// Every appeal against decisions on a case, oldest first.
    pub(crate) async fn appeals_of(&mut self, case: &CaseId) -> Result<Vec<StoredAppeal>> {
        let query = sqlx::query("SELECT * FROM appeals WHERE case_id = $1 ORDER BY opened_at, appeal_id");
        let rows = query.bind(case.to_string()).fetch_all(self.db()).await?;
        Ok(rows.iter().map(stored).collect::<anyhow::Result<_>>()?)
    }

    /// At most so many open appeals, oldest first, from after the one that was handed in at `after` on.
    pub(crate) async fn open_appeals(
        &mut self,
        after: (Millis, String),
        limit: u32,
    ) -> Result<Vec<StoredAppeal>> {
        let query = "SELECT * FROM appeals WHERE outcome IS NULL \
                     AND (opened_at > $1 OR (opened_at = $1 AND appeal_id > $2)) \
                     ORDER BY opened_at, appeal_id LIMIT $3";
        let query = sqlx::query(query).bind(integer(after.0)).bind(after.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        Ok(rows.iter().map(stored).collect::<anyhow::Result<_>>()?)
    }
}

fn stored(row: &AnyRow) -> anyhow::Result<StoredAppeal> {
    let word = |column: &str| row.get::<Option<String>, _>(column);
    let settled = match word("outcome") {
        Some(outcome) => Some(SettledAppeal {
            outcome: AppealOutcome::parse(&outcome).context("a stored outcome is none")?,
            reason: word("reason")
                .as_deref()
                .and_then(AppealReason::parse)
                .context("a stored reason is none")?,
            by: word("settled_by").context("nobody settled it")?,
            at: row.get::<Option<i64>, _>("settled_at").map_or(0, millis),
        }),
        None => None,
    };
    let appeal = Appeal {
        id: row.get("appeal_id"),
        case: case_id(&row.get::<String, _>("case_id"))?,
        ground: AppealGround::parse(&row.get::<String, _>("ground")).context("a stored ground is none")?,
        opened_at: millis(row.get("opened_at")),
        settled,
    };
    Ok(StoredAppeal { appeal, decision: row.get("decision_id"), opened_by: row.get("opened_by") })
}
