//! Who is signed in with a browser. A restart signs nobody out, and what ends a session ends it for every process.

use events::Millis;
use sqlx::Row;

use super::cases::{integer, millis};
use super::{Result, Store, Unit};

const HOUR_MS: Millis = 60 * 60 * 1000;

/// How long a session lasts, and how long it may lie unused.
const AGE_MAX_MS: Millis = 12 * HOUR_MS;
const IDLE_MAX_MS: Millis = 2 * HOUR_MS;

/// How often it is noted that a session is used.
const NOTED_EVERY_MS: Millis = 60 * 1000;

impl Unit {
    /// Begins a session; those that are over are forgotten.
    pub(crate) async fn begin_session(&mut self, hash: &str, person: &str) -> Result<()> {
        let now = self.now();
        sqlx::query("DELETE FROM sessions WHERE began_at <= $1 OR used_at <= $2")
            .bind(integer(now.saturating_sub(AGE_MAX_MS)))
            .bind(integer(now.saturating_sub(IDLE_MAX_MS)))
            .execute(self.db())
            .await?;
        sqlx::query("INSERT INTO sessions (secret_hash, person, began_at, used_at) VALUES ($1, $2, $3, $3)")
            .bind(hash.to_owned())
            .bind(person.to_owned())
            .bind(integer(now))
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Ends a session.
    pub(crate) async fn end_session(&mut self, hash: &str) -> Result<()> {
        let query = sqlx::query("DELETE FROM sessions WHERE secret_hash = $1").bind(hash.to_owned());
        query.execute(self.db()).await?;
        Ok(())
    }

    /// Ends every session of somebody; how many that were.
    pub(crate) async fn end_sessions_of(&mut self, person: &str) -> Result<u64> {
        let query = sqlx::query("DELETE FROM sessions WHERE person = $1").bind(person.to_owned());
        Ok(query.execute(self.db()).await?.rows_affected())
    }
}

impl Store {
    /// Who is behind a session. Read with every request, so that ending it holds from the next one on.
    pub(crate) async fn session(&self, hash: &str) -> Result<Option<String>> {
        let now = self.now();
        let query = sqlx::query(
            "SELECT person, used_at FROM sessions WHERE secret_hash = $1 AND began_at > $2 AND used_at > $3",
        );
        let query = query.bind(hash.to_owned()).bind(integer(now.saturating_sub(AGE_MAX_MS)));
        let query = query.bind(integer(now.saturating_sub(IDLE_MAX_MS)));
        let Some(row) = query.fetch_optional(&self.pool).await? else { return Ok(None) };
        if now.saturating_sub(millis(row.get("used_at"))) >= NOTED_EVERY_MS {
            let turn = self.gate.lock().await;
            let note = sqlx::query("UPDATE sessions SET used_at = $1 WHERE secret_hash = $2");
            note.bind(integer(now)).bind(hash.to_owned()).execute(&self.pool).await?;
            drop(turn);
        }
        Ok(Some(row.get("person")))
    }
}
