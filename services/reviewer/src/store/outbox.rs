//! What the platform is told: written with what it tells of, sent afterwards, at least once.

use serde::{Deserialize, Serialize};
use sqlx::Row;

use events::Millis;

use super::cases::integer;
use super::{Result, Store, Unit};

/// Something that the platform is told, as one JSON object on the decisions' topic.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Outgoing {
    /// The event's id; the same however often it is sent.
    pub(crate) id: String,
    /// When, processing time.
    pub(crate) at: Millis,
    /// What happened: `decided`, `undone`, `appeal_upheld`, `overturned`, `erased`, `model_promoted`.
    pub(crate) kind: String,
    /// The account or the model that it is about.
    pub(crate) about: String,
    /// The case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) case_id: Option<String>,
    /// What was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) outcome: Option<String>,
    /// What the platform is asked to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) action: Option<String>,
}

impl Unit {
    /// Tells the platform something, once this is committed.
    pub(crate) async fn tell(&mut self, event: &Outgoing) -> Result<()> {
        sqlx::query(
            "INSERT INTO outbox (sequence, key, body) \
             VALUES ((SELECT coalesce(max(sequence), 0) + 1 FROM outbox), $1, $2)",
        )
        .bind(event.about.clone())
        .bind(serde_json::to_string(event)?)
        .execute(self.db())
        .await?;
        Ok(())
    }
}

impl Store {
    /// At most so many events that were not sent yet, oldest first: sequence, key and body.
    pub(crate) async fn unsent(&self, limit: u32) -> Result<Vec<(i64, String, String)>> {
        let query =
            "SELECT sequence, key, body FROM outbox WHERE published_at IS NULL ORDER BY sequence LIMIT $1";
        let rows = sqlx::query(query).bind(i64::from(limit)).fetch_all(&self.pool).await?;
        Ok(rows.iter().map(|row| (row.get(0), row.get(1), row.get(2))).collect())
    }

    /// Notes that every event up to this sequence was sent.
    pub(crate) async fn sent(&self, upto: i64, now: Millis) -> Result<()> {
        let turn = self.gate.lock().await;
        let query = "UPDATE outbox SET published_at = $1 WHERE sequence <= $2 AND published_at IS NULL";
        sqlx::query(query).bind(integer(now)).bind(upto).execute(&self.pool).await?;
        drop(turn);
        Ok(())
    }
}
