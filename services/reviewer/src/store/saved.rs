//! Lists that people come back to.

use events::Millis;
use review::{Claimed, Due, Queue};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{integer, millis};
use super::{Result, Status, Unit};

/// A list that somebody comes back to. It has no name but ours: it is told by what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SavedView {
    pub(crate) id: String,
    pub(crate) person: String,
    pub(crate) queue: Option<Queue>,
    pub(crate) status: Option<Status>,
    pub(crate) claim: Option<Claimed>,
    pub(crate) due: Option<Due>,
    /// Whether everybody sees it; what it holds is still what each of them may read.
    pub(crate) is_shared: bool,
    pub(crate) made_at: Millis,
}

impl Unit {
    /// Keeps a view.
    pub(crate) async fn save_view(&mut self, view: &SavedView) -> Result<()> {
        sqlx::query(
            "INSERT INTO saved_views (view_id, person, queue, status, claim, due, is_shared, made_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(view.id.clone())
        .bind(view.person.clone())
        .bind(view.queue.map(|queue| queue.as_str().to_owned()))
        .bind(view.status.map(|status| status.as_str().to_owned()))
        .bind(view.claim.map(|claim| claim.as_str().to_owned()))
        .bind(view.due.map(|due| due.as_str().to_owned()))
        .bind(i64::from(view.is_shared))
        .bind(integer(view.made_at))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// At most so many views that somebody sees, oldest first, from after the one that was made at `after` on.
    pub(crate) async fn views(
        &mut self,
        person: &str,
        after: (Millis, String),
        limit: u32,
    ) -> Result<Vec<SavedView>> {
        let query = "SELECT * FROM saved_views WHERE (person = $1 OR is_shared = 1) \
                     AND (made_at > $2 OR (made_at = $2 AND view_id > $3)) ORDER BY made_at, view_id LIMIT $4";
        let query = sqlx::query(query).bind(person.to_owned()).bind(integer(after.0)).bind(after.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        Ok(rows.iter().map(view).collect())
    }

    /// How many views somebody has.
    pub(crate) async fn view_count(&mut self, person: &str) -> Result<i64> {
        let query = sqlx::query_scalar("SELECT count(*) FROM saved_views WHERE person = $1");
        Ok(query.bind(person.to_owned()).fetch_one(self.db()).await?)
    }

    /// Forgets a view of somebody's own; whether there was one.
    pub(crate) async fn forget_view(&mut self, person: &str, view: &str) -> Result<bool> {
        let query = sqlx::query("DELETE FROM saved_views WHERE person = $1 AND view_id = $2");
        let done = query.bind(person.to_owned()).bind(view.to_owned()).execute(self.db()).await?;
        Ok(done.rows_affected() > 0)
    }
}

fn view(row: &AnyRow) -> SavedView {
    let word = |column: &str| row.get::<Option<String>, _>(column).unwrap_or_default();
    SavedView {
        id: row.get("view_id"),
        person: row.get("person"),
        queue: Queue::parse(&word("queue")),
        status: Status::parse(&word("status")),
        claim: Claimed::parse(&word("claim")),
        due: Due::parse(&word("due")),
        is_shared: row.get::<i64, _>("is_shared") == 1,
        made_at: millis(row.get("made_at")),
    }
}
