//! Cases that were read in an emergency.

use anyhow::Context;
use events::Millis;
use review::{Emergency, EmergencyFinding, EmergencyReason, ReviewedEmergency};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{case_id, integer, millis};
use super::{Result, Unit};

impl Unit {
    /// Notes that somebody reads a case in an emergency.
    pub(crate) async fn save_emergency(&mut self, emergency: &Emergency) -> Result<()> {
        sqlx::query(
            "INSERT INTO emergencies (emergency_id, case_id, person, reason, read_at) VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(emergency.id.clone())
        .bind(emergency.case.to_string())
        .bind(emergency.by.clone())
        .bind(emergency.reason.as_str().to_owned())
        .bind(integer(emergency.at))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Notes what came of looking at it afterwards.
    pub(crate) async fn save_reviewed(&mut self, id: &str, reviewed: &ReviewedEmergency) -> Result<()> {
        let query = "UPDATE emergencies SET finding = $1, reviewed_by = $2, reviewed_at = $3 \
                     WHERE emergency_id = $4";
        let query = sqlx::query(query).bind(reviewed.finding.as_str().to_owned()).bind(reviewed.by.clone());
        query.bind(integer(reviewed.at)).bind(id.to_owned()).execute(self.db()).await?;
        Ok(())
    }

    /// One emergency.
    pub(crate) async fn emergency(&mut self, id: &str) -> Result<Option<Emergency>> {
        let query = sqlx::query("SELECT * FROM emergencies WHERE emergency_id = $1").bind(id.to_owned());
        let row = query.fetch_optional(self.db()).await?;
        Ok(row.as_ref().map(stored).transpose()?)
    }

    /// At most so many emergencies, newest first, from after the one of `before` on.
    pub(crate) async fn emergencies(
        &mut self,
        before: (Millis, String),
        limit: u32,
    ) -> Result<Vec<Emergency>> {
        let query = "SELECT * FROM emergencies WHERE read_at < $1 OR (read_at = $1 AND emergency_id > $2) \
                     ORDER BY read_at DESC, emergency_id LIMIT $3";
        let query = sqlx::query(query).bind(integer(before.0)).bind(before.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        Ok(rows.iter().map(stored).collect::<anyhow::Result<_>>()?)
    }

    /// How many emergencies of somebody, or of everybody, nobody has looked at yet.
    pub(crate) async fn unreviewed(&mut self, person: Option<&str>) -> Result<i64> {
        let query = "SELECT count(*) FROM emergencies WHERE finding IS NULL AND (person = $1 OR $2 = 1)";
        let query = sqlx::query_scalar(query).bind(person.unwrap_or("").to_owned());
        Ok(query.bind(i64::from(person.is_none())).fetch_one(self.db()).await?)
    }
}

fn stored(row: &AnyRow) -> anyhow::Result<Emergency> {
    let word = |column: &str| row.get::<Option<String>, _>(column);
    let reviewed = match word("finding") {
        Some(finding) => Some(ReviewedEmergency {
            finding: EmergencyFinding::parse(&finding).context("a stored finding is none")?,
            by: word("reviewed_by").context("nobody reviewed it")?,
            at: row.get::<Option<i64>, _>("reviewed_at").map_or(0, millis),
        }),
        None => None,
    };
    Ok(Emergency {
        id: row.get("emergency_id"),
        case: case_id(&row.get::<String, _>("case_id"))?,
        by: row.get("person"),
        reason: EmergencyReason::parse(&row.get::<String, _>("reason")).context("a stored reason is none")?,
        at: millis(row.get("read_at")),
        reviewed,
    })
}
