//! Who has which case in hand, who saw what, and what was passed on or put off.

use events::Millis;
use review::{CaseId, Queue, SkipReason};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{integer, millis};
use super::{Result, Status, Unit, Waiting};
use crate::audit::Sighting;

/// That somebody has a case in hand, until a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Claim {
    pub(crate) by: String,
    pub(crate) until: Millis,
}

impl Claim {
    /// Whether it keeps `person` from the case at `now`.
    pub(crate) fn keeps_out(&self, person: &str, now: Millis) -> bool {
        self.by != person && self.until > now
    }
}

pub(super) fn claim(row: &AnyRow) -> Option<Claim> {
    let by: Option<String> = row.get("claimed_by");
    let until: Option<i64> = row.get("claimed_until");
    Some(Claim { by: by?, until: millis(until?) })
}

impl Unit {
    /// How a case waits; none where no such case is open.
    pub(crate) async fn waiting(&mut self, case: &CaseId) -> Result<Option<Waiting>> {
        let query = "SELECT claimed_by, claimed_until, proposal, ring FROM cases WHERE case_id = $1 AND status = 'open'";
        let row = sqlx::query(query).bind(case.to_string()).fetch_optional(self.db()).await?;
        let Some(row) = row else { return Ok(None) };
        let cases = match row.get::<Option<String>, _>("ring") {
            Some(ring) => {
                let members = self.ring(&ring).await?.into_iter();
                members.filter(|member| member.status == Status::Open).map(|member| member.case).collect()
            }
            None => vec![case.clone()],
        };
        Ok(Some(Waiting { cases, claim: claim(&row), proposal: row.get("proposal") }))
    }

    /// Gives cases to somebody, or takes them from whoever has them.
    pub(crate) async fn save_claims(&mut self, cases: &[CaseId], claim: Option<&Claim>) -> Result<()> {
        for case in cases {
            self.save_claim(case, claim).await?;
        }
        Ok(())
    }

    async fn save_claim(&mut self, case: &CaseId, claim: Option<&Claim>) -> Result<()> {
        sqlx::query("UPDATE cases SET claimed_by = $1, claimed_until = $2 WHERE case_id = $3")
            .bind(claim.map(|claim| claim.by.clone()))
            .bind(claim.map(|claim| integer(claim.until)))
            .bind(case.to_string())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// Puts a case off.
    pub(crate) async fn save_snooze(&mut self, case: &CaseId, until: Millis) -> Result<()> {
        let query =
            "UPDATE cases SET snoozed_until = $1, claimed_by = NULL, claimed_until = NULL WHERE case_id = $2";
        sqlx::query(query).bind(integer(until)).bind(case.to_string()).execute(self.db()).await?;
        Ok(())
    }

    /// Hides a case from one person.
    pub(crate) async fn save_skip(
        &mut self,
        case: &CaseId,
        person: &str,
        reason: SkipReason,
        now: Millis,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO skips (person, case_id, reason, skipped_at) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (person, case_id) DO UPDATE SET reason = excluded.reason, skipped_at = excluded.skipped_at",
        )
        .bind(person.to_owned())
        .bind(case.to_string())
        .bind(reason.as_str().to_owned())
        .bind(integer(now))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Notes that somebody was served a case's evidence.
    pub(crate) async fn saw(&mut self, sighting: &Sighting) -> Result<()> {
        if self.saw_look(&sighting.case, &sighting.person, sighting.at).await? {
            return Ok(());
        }
        sqlx::query(
            "INSERT INTO views (person, case_id, version, seen_at, queue) \
             SELECT $1, case_id, $3, $4, queue FROM cases WHERE case_id = $2 \
             ON CONFLICT (person, case_id) DO UPDATE SET version = excluded.version, seen_at = excluded.seen_at, \
                 queue = excluded.queue",
        )
        .bind(sighting.person.clone())
        .bind(sighting.case.clone())
        .bind(i64::from(sighting.version))
        .bind(integer(sighting.at))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Whether somebody was served the evidence of this version of a case, or of a later one; or of a second look.
    pub(crate) async fn has_seen(&mut self, person: &str, case: &CaseId, version: u32) -> Result<bool> {
        let query = "SELECT (SELECT count(*) FROM views WHERE person = $1 AND case_id = $2 AND version >= $3) \
                     + (SELECT count(*) FROM looks WHERE person = $1 AND look_id = $2 AND seen_at IS NOT NULL)";
        let query = sqlx::query_scalar(query).bind(person.to_owned()).bind(case.to_string());
        let count: i64 = query.bind(i64::from(version)).fetch_one(self.db()).await?;
        Ok(count > 0)
    }

    /// When somebody was last served each of the cases that they were served since `from`.
    pub(crate) async fn served(&mut self, person: &str, from: Millis) -> Result<Vec<Millis>> {
        let query = "SELECT seen_at FROM views WHERE person = $1 AND seen_at > $2 \
                     UNION ALL SELECT seen_at FROM looks WHERE person = $1 AND seen_at > $2";
        let query = sqlx::query_scalar(query).bind(person.to_owned()).bind(integer(from));
        let served: Vec<i64> = query.fetch_all(self.db()).await?;
        Ok(served.into_iter().map(millis).collect())
    }

    /// How many cases of a queue somebody was served since `from`.
    pub(crate) async fn served_of(&mut self, person: &str, queue: Queue, from: Millis) -> Result<i64> {
        let query = "SELECT (SELECT count(*) FROM views WHERE person = $1 AND seen_at > $2 AND queue = $3) \
                     + (SELECT count(*) FROM looks WHERE person = $1 AND seen_at > $2 AND queue = $3)";
        let query = sqlx::query_scalar(query).bind(person.to_owned()).bind(integer(from));
        Ok(query.bind(queue.as_str().to_owned()).fetch_one(self.db()).await?)
    }

    /// How many cases somebody was served since `from`.
    pub(crate) async fn seen_since(&mut self, person: &str, from: Millis) -> Result<i64> {
        let query = "SELECT (SELECT count(*) FROM views WHERE person = $1 AND seen_at > $2) \
                     + (SELECT count(*) FROM looks WHERE person = $1 AND seen_at > $2)";
        let query = sqlx::query_scalar(query).bind(person.to_owned()).bind(integer(from));
        Ok(query.fetch_one(self.db()).await?)
    }
}
