//! Legal holds, and erasure of everything that is kept of an account.

use events::Millis;
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{integer, millis};
use super::{Result, Unit};

/// That an account's records must be kept, until a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Hold {
    pub(crate) id: String,
    pub(crate) account: String,
    pub(crate) placed_by: String,
    pub(crate) placed_at: Millis,
    pub(crate) expires_at: Millis,
    pub(crate) released_at: Option<Millis>,
}

/// How much was erased.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Erased {
    pub(crate) cases: u64,
    pub(crate) flags: u64,
    pub(crate) labels: u64,
}

/// What hangs on an account's cases, in the order in which it can go.
const OF_CASES: [&str; 9] = [
    "DELETE FROM looks WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "DELETE FROM golden WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "DELETE FROM notes WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "UPDATE notes SET about_case = NULL WHERE about_case IN (SELECT case_id FROM cases WHERE account = $1)",
    "DELETE FROM views WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "DELETE FROM skips WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "DELETE FROM appeals WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "UPDATE proposals SET case_id = NULL, content = 'erased' \
     WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)",
    "UPDATE cases SET earlier = NULL WHERE account = $1",
];

impl Unit {
    /// Places a hold.
    pub(crate) async fn save_hold(&mut self, hold: &Hold) -> Result<()> {
        sqlx::query(
            "INSERT INTO holds (hold_id, account, placed_by, placed_at, expires_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(hold.id.clone())
        .bind(hold.account.clone())
        .bind(hold.placed_by.clone())
        .bind(integer(hold.placed_at))
        .bind(integer(hold.expires_at))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// At most so many holds that are in force, soonest to expire first, from after the one that expires at `after`.
    pub(crate) async fn holds(&mut self, after: (Millis, String), limit: u32) -> Result<Vec<Hold>> {
        let query = "SELECT * FROM holds WHERE released_at IS NULL AND expires_at > $1 \
                     AND (expires_at > $2 OR (expires_at = $2 AND hold_id > $3)) \
                     ORDER BY expires_at, hold_id LIMIT $4";
        let query = sqlx::query(query).bind(integer(self.now())).bind(integer(after.0)).bind(after.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        Ok(rows.iter().map(hold).collect())
    }

    /// Whether a hold is in force.
    pub(crate) async fn is_in_force(&mut self, hold: &str) -> Result<bool> {
        let query =
            "SELECT count(*) FROM holds WHERE hold_id = $1 AND released_at IS NULL AND expires_at > $2";
        let query = sqlx::query_scalar(query).bind(hold.to_owned()).bind(integer(self.now()));
        let count: i64 = query.fetch_one(self.db()).await?;
        Ok(count > 0)
    }

    /// Whether an account's records must be kept at `now`.
    pub(crate) async fn is_held(&mut self, account: &str, now: Millis) -> Result<bool> {
        let query =
            "SELECT count(*) FROM holds WHERE account = $1 AND released_at IS NULL AND expires_at > $2";
        let query = sqlx::query_scalar(query).bind(account.to_owned()).bind(integer(now));
        let count: i64 = query.fetch_one(self.db()).await?;
        Ok(count > 0)
    }

    /// Releases a hold; whether there was one to release.
    pub(crate) async fn release(&mut self, hold: &str, now: Millis) -> Result<bool> {
        let query = "UPDATE holds SET released_at = $1 WHERE hold_id = $2 AND released_at IS NULL";
        let done = sqlx::query(query).bind(integer(now)).bind(hold.to_owned()).execute(self.db()).await?;
        Ok(done.rows_affected() > 0)
    }

    /// Erases everything that is kept of an account here, besides the audit log, which holds no account.
    pub(crate) async fn erase(&mut self, account: &str) -> Result<Erased> {
        for statement in OF_CASES {
            sqlx::query(statement).bind(account.to_owned()).execute(self.db()).await?;
        }
        let mut delete = async |statement: &'static str| -> Result<u64> {
            let done = sqlx::query(statement).bind(account.to_owned()).execute(self.db()).await?;
            Ok(done.rows_affected())
        };
        let labels = delete("DELETE FROM labels WHERE account = $1").await?;
        delete("DELETE FROM decisions WHERE case_id IN (SELECT case_id FROM cases WHERE account = $1)")
            .await?;
        let flags = delete("DELETE FROM flags WHERE account = $1").await?;
        let cases = delete("DELETE FROM cases WHERE account = $1").await?;
        delete("DELETE FROM outbox WHERE key = $1 AND published_at IS NOT NULL").await?;
        delete("DELETE FROM idempotency WHERE body LIKE '%' || $1 || '%'").await?;
        Ok(Erased { cases, flags, labels })
    }
}

fn hold(row: &AnyRow) -> Hold {
    Hold {
        id: row.get("hold_id"),
        account: row.get("account"),
        placed_by: row.get("placed_by"),
        placed_at: millis(row.get("placed_at")),
        expires_at: millis(row.get("expires_at")),
        released_at: row.get::<Option<i64>, _>("released_at").map(millis),
    }
}
