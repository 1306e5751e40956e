//! Who has which role.

use events::Millis;
use sqlx::Row;

use super::cases::{integer, millis};
use super::{Result, Store, Unit};

/// That somebody has, or had, a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) person: String,
    pub(crate) role: String,
    /// `configuration`, or the proposal that granted it.
    pub(crate) source: String,
    pub(crate) granted_at: Millis,
    pub(crate) revoked_at: Option<Millis>,
}

impl Store {
    /// The roles that somebody has now. Read with every request, so that a revocation holds from the next one on.
    pub(crate) async fn roles_of(&self, person: &str) -> Result<Vec<String>> {
        let query = "SELECT role FROM grants WHERE person = $1 AND revoked_at IS NULL ORDER BY role";
        Ok(sqlx::query_scalar(query).bind(person.to_owned()).fetch_all(&self.pool).await?)
    }
}

impl Unit {
    /// Everybody's roles, also those revoked.
    pub(crate) async fn grants(&mut self) -> Result<Vec<Held>> {
        self.grants_after("", "", u32::MAX).await
    }

    /// At most so many of everybody's roles, by name, from after this one on.
    pub(crate) async fn grants_after(&mut self, person: &str, role: &str, limit: u32) -> Result<Vec<Held>> {
        let query = "SELECT person, role, source, granted_at, revoked_at FROM grants \
                     WHERE person > $1 OR (person = $1 AND role > $2) ORDER BY person, role LIMIT $3";
        let query = sqlx::query(query).bind(person.to_owned()).bind(role.to_owned());
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        let held = |row: &sqlx::any::AnyRow| Held {
            person: row.get(0),
            role: row.get(1),
            source: row.get(2),
            granted_at: millis(row.get(3)),
            revoked_at: row.get::<Option<i64>, _>(4).map(millis),
        };
        Ok(rows.iter().map(held).collect())
    }

    /// Gives somebody a role.
    pub(crate) async fn grant(&mut self, person: &str, role: &str, source: &str, now: Millis) -> Result<()> {
        sqlx::query(
            "INSERT INTO grants (person, role, source, granted_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (person, role) DO UPDATE SET source = excluded.source, granted_at = excluded.granted_at, \
                 revoked_at = NULL, revoked_by = NULL",
        )
        .bind(person.to_owned())
        .bind(role.to_owned())
        .bind(source.to_owned())
        .bind(integer(now))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Takes a role from somebody; whether they had it.
    pub(crate) async fn revoke(&mut self, person: &str, role: &str, by: &str, now: Millis) -> Result<bool> {
        let query = "UPDATE grants SET revoked_at = $1, revoked_by = $2 \
                     WHERE person = $3 AND role = $4 AND revoked_at IS NULL";
        let query = sqlx::query(query).bind(integer(now)).bind(by.to_owned());
        let done = query.bind(person.to_owned()).bind(role.to_owned()).execute(self.db()).await?;
        Ok(done.rows_affected() > 0)
    }
}
