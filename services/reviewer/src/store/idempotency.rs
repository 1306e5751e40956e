//! Answers to commands that carried a key, so that sending one again changes nothing.

use events::Millis;
use sqlx::Row;

use super::cases::integer;
use super::{Result, Unit};

/// How long an answer is kept.
const KEPT_MS: Millis = 24 * 60 * 60 * 1000;

/// An answer, and which request it answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remembered {
    /// A hash of the request.
    pub(crate) fingerprint: String,
    pub(crate) status: u16,
    pub(crate) etag: Option<String>,
    pub(crate) body: String,
}

impl Unit {
    /// The answer that was given to somebody's command with this key.
    pub(crate) async fn recall(
        &mut self,
        person: &str,
        key: &str,
        now: Millis,
    ) -> Result<Option<Remembered>> {
        let query = "SELECT fingerprint, status, etag, body FROM idempotency \
                     WHERE person = $1 AND key = $2 AND answered_at > $3";
        let query = sqlx::query(query).bind(person.to_owned()).bind(key.to_owned());
        let row = query.bind(integer(now.saturating_sub(KEPT_MS))).fetch_optional(self.db()).await?;
        Ok(row.map(|row| Remembered {
            fingerprint: row.get(0),
            status: u16::try_from(row.get::<i64, _>(1)).unwrap_or(200),
            etag: row.get(2),
            body: row.get(3),
        }))
    }

    /// Keeps an answer with everything else that the command did.
    pub(crate) async fn remember(
        &mut self,
        person: &str,
        key: &str,
        answer: &Remembered,
        now: Millis,
    ) -> Result<()> {
        let forget = "DELETE FROM idempotency WHERE person = $1 AND answered_at <= $2";
        let forget = sqlx::query(forget).bind(person.to_owned());
        forget.bind(integer(now.saturating_sub(KEPT_MS))).execute(self.db()).await?;
        sqlx::query(
            "INSERT INTO idempotency (person, key, fingerprint, status, etag, body, answered_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(person.to_owned())
        .bind(key.to_owned())
        .bind(answer.fingerprint.clone())
        .bind(i64::from(answer.status))
        .bind(answer.etag.clone())
        .bind(answer.body.clone())
        .bind(integer(now))
        .execute(self.db())
        .await?;
        Ok(())
    }
}
