//! Second looks: decided cases that are shown to somebody else as if they were open.

use anyhow::Context;
use events::{Category, Millis};
use review::{CaseId, Finding, OpenCase, Outcome, Queue, Words};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::cases::{case_id, flags, integer, millis};
use super::{Claim, Result, Unit};
use crate::metrics::Counted;

/// Why there is a second look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LookKind {
    /// To see whether two people decide alike.
    Double,
    /// To see whether somebody decides as is known to be right.
    Golden,
}

impl LookKind {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            LookKind::Double => "double",
            LookKind::Golden => "golden",
        }
    }
}

/// A second look, as whoever gives it knows it: under a case's name of its own.
#[derive(Clone, Debug)]
pub(crate) struct Look {
    pub(crate) id: CaseId,
    /// The case that was decided.
    pub(crate) original: CaseId,
    pub(crate) queue: Queue,
    /// In whose hand it is.
    pub(crate) claim: Option<Claim>,
    pub(crate) is_seen: bool,
    /// The decision of whoever gives it, once they have, and when.
    pub(crate) given: Option<(Finding, Millis)>,
}

impl Look {
    /// The name of the proposal as which what was given is shown to wait, where a decision like it would.
    pub(crate) fn waits_as(&self, finding: Finding) -> Option<String> {
        let name = self.id.as_str().replacen('c', "p", 1);
        finding.needs_second_person().then_some(name)
    }
}

/// What two people said of a case: the category of the abuse that they found, or none.
pub(crate) type Said = (Option<Category>, Option<Category>);

/// Two decisions on one case that are not alike.
#[derive(Clone, Debug)]
pub(crate) struct Disagreement {
    pub(crate) look: CaseId,
    pub(crate) case: CaseId,
    pub(crate) queue: Queue,
    pub(crate) first: Option<Category>,
    pub(crate) second: Option<Category>,
    pub(crate) at: Millis,
}

/// What nobody may give a second look who has had to do with the case.
const STRANGER: &str = "d.undone_at IS NULL AND d.decided_by <> $2 AND (d.seconded_by IS NULL OR d.seconded_by <> $2) \
    AND NOT EXISTS (SELECT 1 FROM views v WHERE v.person = $2 AND v.case_id = d.case_id) \
    AND NOT EXISTS (SELECT 1 FROM skips s WHERE s.person = $2 AND s.case_id = d.case_id) \
    AND NOT EXISTS (SELECT 1 FROM looks o WHERE o.person = $2 AND o.case_id = d.case_id)";

impl Unit {
    /// Lets a decision be made again by somebody else.
    pub(crate) async fn save_look(
        &mut self,
        (id, kind): (&CaseId, LookKind),
        (case, decision, queue): (&CaseId, &str, Queue),
        person: Option<&str>,
    ) -> Result<()> {
        sqlx::query(
            "INSERT INTO looks (look_id, kind, case_id, decision_id, queue, made_at, person) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(id.to_string())
        .bind(kind.as_str().to_owned())
        .bind(case.to_string())
        .bind(decision.to_owned())
        .bind(queue.as_str().to_owned())
        .bind(integer(self.now()))
        .bind(person.map(str::to_owned))
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// The second look of this name that is somebody's to give.
    pub(crate) async fn look(&mut self, id: &CaseId, person: &str) -> Result<Option<Look>> {
        let query = sqlx::query(
            "SELECT * FROM looks WHERE look_id = $1 AND person = $2 \
                                 AND (claimed_until > $3 OR decided_at IS NOT NULL)",
        );
        let query = query.bind(id.to_string()).bind(person.to_owned()).bind(integer(self.now()));
        let row = query.fetch_optional(self.db()).await?;
        Ok(row.as_ref().map(look).transpose()?)
    }

    /// The case of a second look as it was decided upon, under the look's own name.
    pub(crate) async fn case_of_look(&mut self, look: &Look) -> Result<OpenCase> {
        let query = sqlx::query_scalar("SELECT opened_at FROM cases WHERE case_id = $1");
        let opened_at: i64 = query.bind(look.original.to_string()).fetch_one(self.db()).await?;
        let now = self.now();
        let flags = flags(self.db(), look.original.to_string(), now).await?;
        let version = u32::try_from(flags.len()).unwrap_or(u32::MAX);
        Ok(OpenCase::restore(look.id.clone(), version, millis(opened_at), None, flags))
    }

    /// The second look that somebody should give next in a queue: one that they have in hand, or the oldest that nobody
    /// has and that is of a case they have had nothing to do with.
    pub(crate) async fn next_look(&mut self, queue: Queue, person: &str) -> Result<Option<CaseId>> {
        let now = integer(self.now());
        let own = "SELECT look_id FROM looks WHERE queue = $1 AND person = $2 AND decided_at IS NULL \
                   AND claimed_until > $3 ORDER BY made_at, look_id LIMIT 1";
        let free = format!(
            "SELECT l.look_id FROM looks l JOIN decisions d ON d.decision_id = l.decision_id \
             WHERE l.queue = $1 AND l.decided_at IS NULL AND l.kind = 'double' \
             AND (l.claimed_until IS NULL OR l.claimed_until <= $3) AND {STRANGER} \
             ORDER BY l.made_at, l.look_id LIMIT 1"
        );
        for sql in [own.to_owned(), free] {
            let select = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(queue.as_str().to_owned());
            let found: Option<String> =
                select.bind(person.to_owned()).bind(now).fetch_optional(self.db()).await?;
            if let Some(found) = found {
                return Ok(Some(case_id(&found)?));
            }
        }
        Ok(None)
    }

    /// A case of a queue whose right decision is known, and that somebody has had nothing to do with: it and that
    /// decision.
    pub(crate) async fn next_golden(
        &mut self,
        queue: Queue,
        person: &str,
    ) -> Result<Option<(CaseId, String)>> {
        let sql = format!(
            "SELECT g.case_id, g.decision_id FROM golden g JOIN decisions d ON d.decision_id = g.decision_id \
             WHERE g.queue = $1 AND g.marked_by <> $2 AND {STRANGER} ORDER BY g.marked_at, g.case_id LIMIT 1"
        );
        let select = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(queue.as_str().to_owned());
        let row = select.bind(person.to_owned()).fetch_optional(self.db()).await?;
        Ok(row
            .map(|row| Ok::<_, anyhow::Error>((case_id(&row.get::<String, _>(0))?, row.get(1))))
            .transpose()?)
    }

    /// Whether somebody has had nothing to do with the case of a second look.
    pub(crate) async fn is_stranger_to(&mut self, look: &CaseId, person: &str) -> Result<bool> {
        let sql = format!(
            "SELECT count(*) FROM looks l JOIN decisions d ON d.decision_id = l.decision_id \
             WHERE l.look_id = $1 AND {STRANGER}"
        );
        let select = sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).bind(look.to_string());
        let count: i64 = select.bind(person.to_owned()).fetch_one(self.db()).await?;
        Ok(count > 0)
    }

    /// Gives a second look to somebody, or back to whoever comes next.
    pub(crate) async fn save_look_claim(&mut self, id: &CaseId, claim: Option<&Claim>) -> Result<()> {
        let query = "UPDATE looks SET person = $1, claimed_until = $2, seen_at = NULL WHERE look_id = $3 \
                     AND (person IS NULL OR $1 IS NULL OR person <> $1)";
        sqlx::query(query)
            .bind(claim.map(|claim| claim.by.clone()))
            .bind(claim.map(|claim| integer(claim.until)))
            .bind(id.to_string())
            .execute(self.db())
            .await?;
        let query = "UPDATE looks SET claimed_until = $1 WHERE look_id = $2";
        let query = sqlx::query(query).bind(claim.map(|claim| integer(claim.until)));
        query.bind(id.to_string()).execute(self.db()).await?;
        Ok(())
    }

    /// Notes that whoever gives a second look was served the evidence; whether there is such a look.
    pub(crate) async fn saw_look(&mut self, id: &str, person: &str, at: Millis) -> Result<bool> {
        let query = sqlx::query("UPDATE looks SET seen_at = $1 WHERE look_id = $2 AND person = $3");
        let done = query.bind(integer(at)).bind(id.to_owned()).bind(person.to_owned());
        Ok(done.execute(self.db()).await?.rows_affected() > 0)
    }

    /// Keeps what whoever gives a second look decided.
    pub(crate) async fn save_given(&mut self, id: &CaseId, finding: Finding, at: Millis) -> Result<()> {
        let Words { outcome, category, policy, reason, action } = finding.words();
        sqlx::query(
            "UPDATE looks SET outcome = $1, category = $2, policy = $3, reason = $4, action = $5, decided_at = $6, \
             claimed_until = NULL WHERE look_id = $7",
        )
        .bind(outcome.map(str::to_owned))
        .bind(category.map(str::to_owned))
        .bind(policy.map(str::to_owned))
        .bind(reason.map(str::to_owned))
        .bind(action.map(str::to_owned))
        .bind(integer(at))
        .bind(id.to_string())
        .execute(self.db())
        .await?;
        self.count_given(id, finding.outcome()).await
    }

    /// Counts a second look beside the decision that it is compared with, where that still stands.
    async fn count_given(&mut self, id: &CaseId, second: Outcome) -> Result<()> {
        let query = "SELECT l.kind, d.outcome FROM looks l JOIN decisions d ON d.decision_id = l.decision_id \
                     WHERE l.look_id = $1 AND d.undone_at IS NULL";
        let row = sqlx::query(query).bind(id.to_string()).fetch_optional(self.db()).await?;
        let Some(row) = row else { return Ok(()) };
        let is_golden = row.get::<String, _>(0) == LookKind::Golden.as_str();
        let kind = if is_golden { LookKind::Golden } else { LookKind::Double };
        let first = Outcome::parse(&row.get::<String, _>(1)).context("a stored outcome is none")?;
        self.count(Counted::SecondLook { kind, first, second });
        Ok(())
    }

    /// Whether somebody is giving a second look at a case, so that its decision is not for their eyes yet.
    pub(crate) async fn is_blind(&mut self, person: &str, case: &CaseId) -> Result<bool> {
        let query = "SELECT count(*) FROM looks WHERE case_id = $1 AND person = $2 AND decided_at IS NULL \
                     AND claimed_until > $3";
        let query = sqlx::query_scalar(query).bind(case.to_string()).bind(person.to_owned());
        let query = query.bind(integer(self.now()));
        let count: i64 = query.fetch_one(self.db()).await?;
        Ok(count > 0)
    }

    /// What was said, first and again, in second looks of a kind: of everybody's in a queue, or of those that somebody
    /// had to do with.
    pub(crate) async fn said(
        &mut self,
        kind: LookKind,
        queue: Option<Queue>,
        person: Option<&str>,
    ) -> Result<Vec<Said>> {
        let query = "SELECT d.category, l.category FROM looks l JOIN decisions d ON d.decision_id = l.decision_id \
                     WHERE l.decided_at IS NOT NULL AND d.undone_at IS NULL AND l.kind = $1 \
                     AND (l.queue = $2 OR $2 = '') AND (l.person = $3 OR d.decided_by = $3 OR $3 = '')";
        let query = sqlx::query(query).bind(kind.as_str().to_owned());
        let query = query.bind(queue.map_or("", Queue::as_str).to_owned());
        let rows = query.bind(person.unwrap_or("").to_owned()).fetch_all(self.db()).await?;
        Ok(rows.iter().map(|row| (category(row.get(0)), category(row.get(1)))).collect())
    }

    /// At most so many second looks that came to something else than the decision, newest first, from after the one
    /// that was given at `before` on.
    pub(crate) async fn disagreements(
        &mut self,
        before: (Millis, String),
        limit: u32,
    ) -> Result<Vec<Disagreement>> {
        let query = "SELECT l.look_id, l.case_id, l.queue, d.category, l.category, l.decided_at \
                     FROM looks l JOIN decisions d ON d.decision_id = l.decision_id \
                     WHERE l.decided_at IS NOT NULL AND d.undone_at IS NULL AND l.kind = 'double' \
                     AND coalesce(l.category, '') <> coalesce(d.category, '') \
                     AND (l.decided_at < $1 OR (l.decided_at = $1 AND l.look_id > $2)) \
                     ORDER BY l.decided_at DESC, l.look_id LIMIT $3";
        let query = sqlx::query(query).bind(integer(before.0)).bind(before.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        let disagreement = |row: &AnyRow| -> anyhow::Result<Disagreement> {
            Ok(Disagreement {
                look: case_id(&row.get::<String, _>(0))?,
                case: case_id(&row.get::<String, _>(1))?,
                queue: Queue::parse(&row.get::<String, _>(2)).context("a stored queue is none")?,
                first: category(row.get(3)),
                second: category(row.get(4)),
                at: millis(row.get(5)),
            })
        };
        Ok(rows.iter().map(disagreement).collect::<anyhow::Result<_>>()?)
    }

    /// Notes that the decision on a case is known to be right; whether that is new.
    pub(crate) async fn mark_golden(
        &mut self,
        (case, decision, queue): (&CaseId, &str, Queue),
        by: &str,
    ) -> Result<bool> {
        let query = "INSERT INTO golden (case_id, decision_id, queue, marked_by, marked_at) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (case_id) DO NOTHING";
        let query = sqlx::query(query).bind(case.to_string()).bind(decision.to_owned());
        let query = query.bind(queue.as_str().to_owned()).bind(by.to_owned()).bind(integer(self.now()));
        Ok(query.execute(self.db()).await?.rows_affected() > 0)
    }

    /// Notes that it is no longer; whether it was.
    pub(crate) async fn unmark_golden(&mut self, case: &CaseId) -> Result<bool> {
        let query = sqlx::query("DELETE FROM golden WHERE case_id = $1").bind(case.to_string());
        Ok(query.execute(self.db()).await?.rows_affected() > 0)
    }
}

fn category(word: Option<String>) -> Option<Category> {
    word.and_then(|word| Category::ALL.iter().copied().find(|category| category.as_str() == word))
}

fn look(row: &AnyRow) -> anyhow::Result<Look> {
    let word = |column: &str| row.get::<Option<String>, _>(column);
    let (outcome, category, policy, reason, action) =
        (word("outcome"), word("category"), word("policy"), word("reason"), word("action"));
    let words = Words {
        outcome: outcome.as_deref(),
        category: category.as_deref(),
        policy: policy.as_deref(),
        reason: reason.as_deref(),
        action: action.as_deref(),
    };
    let given = match row.get::<Option<i64>, _>("decided_at") {
        Some(at) => Some((Finding::parse(words).ok().context("a stored decision is not one")?, millis(at))),
        None => None,
    };
    let until = row.get::<Option<i64>, _>("claimed_until");
    let claim = word("person").zip(until).map(|(by, until)| Claim { by, until: millis(until) });
    Ok(Look {
        id: case_id(&row.get::<String, _>("look_id"))?,
        original: case_id(&row.get::<String, _>("case_id"))?,
        queue: Queue::parse(&row.get::<String, _>("queue")).context("a stored queue is none")?,
        claim,
        is_seen: row.get::<Option<i64>, _>("seen_at").is_some(),
        given,
    })
}
