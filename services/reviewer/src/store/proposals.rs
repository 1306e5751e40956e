//! Proposals that wait for a second person.

use anyhow::Context;
use events::Millis;
use review::{Act, CaseId, PROPOSAL_LIFETIME_MS, Proposal, ProposalStatus};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{case_id, integer, millis};
use super::{Result, Store, Unit};
use crate::audit::Entry;
use crate::metrics::Counted;

/// A proposal with what is kept beside it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredProposal {
    pub(crate) proposal: Proposal,
    pub(crate) case: Option<CaseId>,
    pub(crate) settled_by: Option<String>,
    pub(crate) settled_at: Option<Millis>,
}

impl Store {
    /// Notes of proposals that nobody approved in time that they have expired, and lets their cases be handed out again;
    /// how many that were.
    pub(crate) async fn expire_proposals(&self) -> Result<u64> {
        let late = "SELECT count(*) FROM proposals WHERE status = 'waiting' AND proposed_at <= $1";
        let since = integer(self.now().saturating_sub(PROPOSAL_LIFETIME_MS));
        let late: i64 = sqlx::query_scalar(late).bind(since).fetch_one(&self.pool).await?;
        if late == 0 {
            return Ok(0);
        }
        let (mut unit, mut expired) = (self.write().await?, 0);
        let now = unit.now();
        for stored in unit.proposals(true, (millis(since), String::new()), u32::MAX).await? {
            let StoredProposal { proposal, case, .. } = stored;
            if proposal.status_at(now) != ProposalStatus::Expired {
                continue;
            }
            unit.settle_proposal(&proposal.id, ProposalStatus::Expired, "service", now).await?;
            if let Some(case) = case.filter(|_| matches!(proposal.act, Act::Suspend | Act::Refer)) {
                unit.hold_back(&case, None).await?;
            }
            let entry = Entry::done("service", "-", "expireProposal", now).about(&proposal.id);
            unit.append(entry.with("act", proposal.act.as_str()));
            expired += 1;
        }
        unit.commit().await?;
        Ok(expired)
    }
}

impl Unit {
    /// Keeps a new proposal; a case that it is about is no longer handed out.
    pub(crate) async fn save_proposal(&mut self, proposal: &Proposal, case: Option<&CaseId>) -> Result<()> {
        sqlx::query(
            "INSERT INTO proposals (proposal_id, act, content, case_id, proposed_by, proposed_at, status) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(proposal.id.clone())
        .bind(proposal.act.as_str().to_owned())
        .bind(proposal.content.clone())
        .bind(case.map(CaseId::to_string))
        .bind(proposal.proposed_by.clone())
        .bind(integer(proposal.proposed_at))
        .bind(proposal.status.as_str().to_owned())
        .execute(self.db())
        .await?;
        if let Some(case) = case.filter(|_| matches!(proposal.act, Act::Suspend | Act::Refer)) {
            self.hold_back(case, Some(&proposal.id)).await?;
        }
        Ok(())
    }

    /// Keeps a case from being handed out while a proposal waits, or no longer.
    pub(crate) async fn hold_back(&mut self, case: &CaseId, proposal: Option<&str>) -> Result<()> {
        let query =
            "UPDATE cases SET proposal = $1, claimed_by = NULL, claimed_until = NULL WHERE case_id = $2";
        let query = sqlx::query(query).bind(proposal.map(str::to_owned));
        query.bind(case.to_string()).execute(self.db()).await?;
        Ok(())
    }

    /// Notes what became of a proposal.
    pub(crate) async fn settle_proposal(
        &mut self,
        id: &str,
        status: ProposalStatus,
        by: &str,
        now: Millis,
    ) -> Result<()> {
        sqlx::query(
            "UPDATE proposals SET status = $1, settled_by = $2, settled_at = $3 WHERE proposal_id = $4",
        )
        .bind(status.as_str().to_owned())
        .bind(by.to_owned())
        .bind(integer(now))
        .bind(id.to_owned())
        .execute(self.db())
        .await?;
        self.count(Counted::Proposal(status));
        Ok(())
    }

    /// How often others let somebody read more cases since `from`.
    pub(crate) async fn let_read_more(&mut self, person: &str, from: Millis) -> Result<i64> {
        // What is approved was proposed a day ago at most, which an index finds.
        let query = "SELECT count(*) FROM proposals WHERE proposed_at > $1 AND act = 'read_more' \
                     AND status = 'approved' AND proposed_by = $2 AND settled_at > $3";
        let proposed_from = from.saturating_sub(PROPOSAL_LIFETIME_MS);
        let query = sqlx::query_scalar(query).bind(integer(proposed_from)).bind(person.to_owned());
        Ok(query.bind(integer(from)).fetch_one(self.db()).await?)
    }

    /// One proposal.
    pub(crate) async fn proposal(&mut self, id: &str) -> Result<Option<StoredProposal>> {
        let query = sqlx::query("SELECT * FROM proposals WHERE proposal_id = $1").bind(id.to_owned());
        let row = query.fetch_optional(self.db()).await?;
        Ok(row.as_ref().map(stored).transpose()?)
    }

    /// At most so many proposals, newest first, from after the one that was made at `after` on; only those that wait,
    /// or all.
    pub(crate) async fn proposals(
        &mut self,
        only_waiting: bool,
        after: (Millis, String),
        limit: u32,
    ) -> Result<Vec<StoredProposal>> {
        let query = "SELECT * FROM proposals WHERE (status = 'waiting' OR $1 = 0) \
                     AND (proposed_at < $2 OR (proposed_at = $2 AND proposal_id > $3)) \
                     ORDER BY proposed_at DESC, proposal_id LIMIT $4";
        let query = sqlx::query(query).bind(i64::from(only_waiting)).bind(integer(after.0)).bind(after.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        Ok(rows.iter().map(stored).collect::<anyhow::Result<_>>()?)
    }
}

fn stored(row: &AnyRow) -> anyhow::Result<StoredProposal> {
    let proposal = Proposal {
        id: row.get("proposal_id"),
        act: Act::parse(&row.get::<String, _>("act")).context("a stored act is none")?,
        content: row.get("content"),
        proposed_by: row.get("proposed_by"),
        proposed_at: millis(row.get("proposed_at")),
        status: ProposalStatus::parse(&row.get::<String, _>("status")).context("a stored status is none")?,
    };
    Ok(StoredProposal {
        proposal,
        case: row.get::<Option<String>, _>("case_id").as_deref().map(case_id).transpose()?,
        settled_by: row.get("settled_by"),
        settled_at: row.get::<Option<i64>, _>("settled_at").map(millis),
    })
}
