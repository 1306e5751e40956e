//! Rows of the tables to cases and back.

use anyhow::Context;
use detect::Flag;
use events::{Label, Millis, Token};
use review::{CaseId, DecidedCase, Decision, Docket, Finding, OpenCase, Queue, UndoReason, Words};
use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Result, Unit, sides};

/// A decision as it was recorded, standing or taken back.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct StoredDecision {
    pub(crate) id: String,
    pub(crate) case: CaseId,
    pub(crate) decision: Decision,
    /// Who took it back, when and why.
    pub(crate) undone: Option<(String, Millis, UndoReason)>,
}

const DECISION_COLUMNS: &str = "d.decision_id, d.case_id, d.outcome, d.category, d.policy, d.reason, d.action, \
                                d.decided_by, d.seconded_by, d.decided_at, d.undone_by, d.undone_at, d.undo_reason";

impl Unit {
    /// Every case of the account that `case` is about, or none where there is no such case.
    pub(crate) async fn docket_of(&mut self, case: &CaseId) -> Result<Option<Docket>> {
        let account =
            sqlx::query_scalar("SELECT account FROM cases WHERE case_id = $1").bind(case.to_string());
        let account: Option<String> = account.fetch_optional(self.db()).await?;
        match account {
            Some(account) => {
                let now = self.now();
                Ok(Some(docket(self.db(), &account, now).await?))
            }
            None => Ok(None),
        }
    }

    /// The queue that a case is in; none where there is no such case.
    pub(crate) async fn queue_of(&mut self, case: &CaseId) -> Result<Option<Queue>> {
        // One row always: whether there is one at all must not be told by how long the answer takes.
        let query = "SELECT (SELECT queue FROM cases WHERE case_id = $1)";
        let queue: Option<String> =
            sqlx::query_scalar(query).bind(case.to_string()).fetch_one(self.db()).await?;
        Ok(queue.map(|word| Queue::parse(&word).context("a stored queue is none")).transpose()?)
    }

    /// The latest case of an account.
    pub(crate) async fn case_of_account(&mut self, account: &str) -> Result<Option<CaseId>> {
        let query = "SELECT case_id FROM cases WHERE account = $1 ORDER BY opened_at DESC, case_id LIMIT 1";
        let case: Option<String> =
            sqlx::query_scalar(query).bind(account.to_owned()).fetch_optional(self.db()).await?;
        Ok(case.as_deref().map(case_id).transpose()?)
    }

    /// Every decision on an account's cases, oldest first, also those taken back.
    pub(crate) async fn decisions_of(&mut self, account: &Token) -> Result<Vec<StoredDecision>> {
        let sql = format!(
            "SELECT {DECISION_COLUMNS} FROM decisions d JOIN cases c ON c.case_id = d.case_id \
             WHERE c.account = $1 ORDER BY d.decided_at, d.decision_id"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account.to_string());
        let rows = query.fetch_all(self.db()).await?;
        Ok(rows.iter().map(stored_decision).collect::<anyhow::Result<_>>()?)
    }

    /// The decision that stands on a case.
    pub(crate) async fn standing_decision(&mut self, case: &CaseId) -> Result<Option<StoredDecision>> {
        let sql = format!(
            "SELECT {DECISION_COLUMNS} FROM decisions d WHERE d.case_id = $1 AND d.undone_at IS NULL"
        );
        let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(case.to_string());
        let row = query.fetch_optional(self.db()).await?;
        Ok(row.as_ref().map(stored_decision).transpose()?)
    }

    /// How many decisions somebody has made since `from`.
    pub(crate) async fn decisions_since(&mut self, person: &str, from: Millis) -> Result<i64> {
        let query = "SELECT (SELECT count(*) FROM decisions WHERE decided_by = $1 AND decided_at > $2) \
                     + (SELECT count(*) FROM looks WHERE person = $1 AND decided_at > $2)";
        let query = sqlx::query_scalar(query).bind(person.to_owned()).bind(integer(from));
        Ok(query.fetch_one(self.db()).await?)
    }

    /// Closes a case, with its decision and label.
    pub(crate) async fn save_decided(&mut self, decided: &DecidedCase, id: &str) -> Result<()> {
        let Decision { finding, by, seconded_by, at } = decided.decision();
        let Words { outcome, category, policy, reason, action } = finding.words();
        let case = decided.id().to_string();
        sqlx::query(
            "UPDATE cases SET status = 'decided', version = $1, claimed_by = NULL, claimed_until = NULL, \
             snoozed_until = NULL, proposal = NULL WHERE case_id = $2 AND status = 'open'",
        )
        .bind(i64::from(decided.version()))
        .bind(case.clone())
        .execute(self.db())
        .await?;
        sqlx::query(
            "INSERT INTO decisions (decision_id, case_id, outcome, category, policy, reason, action, decided_by, \
             seconded_by, decided_at, queue) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        )
        .bind(id.to_owned())
        .bind(case)
        .bind(outcome.map(str::to_owned))
        .bind(category.map(str::to_owned))
        .bind(policy.map(str::to_owned))
        .bind(reason.map(str::to_owned))
        .bind(action.map(str::to_owned))
        .bind(by.clone())
        .bind(seconded_by.clone())
        .bind(integer(*at))
        .bind(decided.case().queue().as_str().to_owned())
        .execute(self.db())
        .await?;
        self.save_label(decided.id(), id, &decided.label()).await
    }

    /// Keeps a label that follows from a decision, or from an appeal against it.
    pub(crate) async fn save_label(&mut self, case: &CaseId, decision: &str, label: &Label) -> Result<()> {
        sqlx::query(
            "INSERT INTO labels (label_id, case_id, decision_id, account, known_at, body) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(format!("{decision}.{}", label.source.as_str()))
        .bind(case.to_string())
        .bind(decision.to_owned())
        .bind(label.account.to_string())
        .bind(integer(label.ts))
        .bind(serde_json::to_string(label)?)
        .execute(self.db())
        .await?;
        Ok(())
    }

    /// Takes the standing decision on a case back, with its labels, and lets the case wait again.
    pub(crate) async fn save_reopened(
        &mut self,
        case: &OpenCase,
        decision: &str,
        undone: (&str, Millis, UndoReason),
    ) -> Result<()> {
        let (by, at, reason) = undone;
        sqlx::query(
            "UPDATE decisions SET undone_by = $1, undone_at = $2, undo_reason = $3 WHERE decision_id = $4",
        )
        .bind(by.to_owned())
        .bind(integer(at))
        .bind(reason.as_str().to_owned())
        .bind(decision.to_owned())
        .execute(self.db())
        .await?;
        sqlx::query("UPDATE labels SET retracted_at = $1 WHERE decision_id = $2 AND retracted_at IS NULL")
            .bind(integer(at))
            .bind(decision.to_owned())
            .execute(self.db())
            .await?;
        sqlx::query("UPDATE cases SET status = 'open', version = $1 WHERE case_id = $2")
            .bind(i64::from(case.version()))
            .bind(case.id().to_string())
            .execute(self.db())
            .await?;
        Ok(())
    }

    /// At most so many labels that stand, each with its name, oldest first, from after the one that was known at
    /// `after` on.
    pub(crate) async fn labels(
        &mut self,
        after: (Millis, String),
        limit: u32,
    ) -> Result<Vec<(String, Label)>> {
        let query = "SELECT label_id, body FROM labels WHERE retracted_at IS NULL \
                     AND (known_at > $1 OR (known_at = $1 AND label_id > $2)) ORDER BY known_at, label_id LIMIT $3";
        let query = sqlx::query(query).bind(integer(after.0)).bind(after.1);
        let rows = query.bind(i64::from(limit)).fetch_all(self.db()).await?;
        let label = |row: &AnyRow| Ok((row.get(0), serde_json::from_str(&row.get::<String, _>(1))?));
        rows.iter().map(label).collect()
    }
}

/// Every case of an account, as it may be shown at `now`; empty where it has none.
pub(super) async fn docket(db: &mut AnyConnection, account: &str, now: Millis) -> Result<Docket> {
    let sql = format!(
        "SELECT c.case_id AS id, c.version, c.opened_at, c.earlier, {DECISION_COLUMNS} \
         FROM cases c LEFT JOIN decisions d ON d.case_id = c.case_id AND d.undone_at IS NULL \
         WHERE c.account = $1 ORDER BY CASE WHEN d.decided_at IS NULL THEN 1 ELSE 0 END, d.decided_at, c.opened_at"
    );
    let query = sqlx::query(sqlx::AssertSqlSafe(sql)).bind(account.to_owned());
    let cases = query.fetch_all(&mut *db).await?;
    let (mut open, mut decided) = (None, Vec::new());
    for row in &cases {
        let flags = flags(&mut *db, row.get("id"), now).await?;
        match decision(row)? {
            // A decision raises the version by one; the case is restored as it was before it.
            Some(decision) => decided.push(DecidedCase::restore(open_case(row, 1, flags)?, decision)),
            None => open = Some(open_case(row, 0, flags)?),
        }
    }
    Ok(Docket::restore(open, decided))
}

pub(super) async fn flags(db: &mut AnyConnection, case: String, now: Millis) -> anyhow::Result<Vec<Flag>> {
    let query = sqlx::query("SELECT body, sides_until FROM flags WHERE case_id = $1 ORDER BY position");
    let rows = query.bind(case).fetch_all(db).await?;
    let flag = |row: &AnyRow| sides::flag(&row.get::<String, _>(0), row.get(1), now);
    Ok(rows.iter().map(flag).collect::<Result<_, _>>()?)
}

fn open_case(row: &AnyRow, decisions: u32, flags: Vec<Flag>) -> anyhow::Result<OpenCase> {
    anyhow::ensure!(!flags.is_empty(), "a stored case has no flag");
    let version = version(row)?.checked_sub(decisions).context("a stored version is too low")?;
    let earlier = row.get::<Option<String>, _>("earlier").as_deref().map(case_id).transpose()?;
    let (id, opened_at) = (case_id(&row.get::<String, _>("id"))?, millis(row.get("opened_at")));
    Ok(OpenCase::restore(id, version, opened_at, earlier, flags))
}

/// The decision in a row; none where its columns are null.
pub(super) fn decision(row: &AnyRow) -> anyhow::Result<Option<Decision>> {
    let word = |column: &str| row.get::<Option<String>, _>(column);
    let Some(outcome) = word("outcome") else { return Ok(None) };
    let (category, policy, reason, action) =
        (word("category"), word("policy"), word("reason"), word("action"));
    let words = Words {
        outcome: Some(&outcome),
        category: category.as_deref(),
        policy: policy.as_deref(),
        reason: reason.as_deref(),
        action: action.as_deref(),
    };
    let finding = Finding::parse(words).ok().context("a stored decision is not one")?;
    let (by, at) = (word("decided_by").context("nobody decided")?, millis(row.get("decided_at")));
    Ok(Some(Decision { finding, by, seconded_by: word("seconded_by"), at }))
}

fn stored_decision(row: &AnyRow) -> anyhow::Result<StoredDecision> {
    let undone = match row.get::<Option<String>, _>("undone_by") {
        Some(by) => {
            let reason = row.get::<Option<String>, _>("undo_reason").unwrap_or_default();
            let reason = UndoReason::parse(&reason).context("a stored reason is none")?;
            Some((by, millis(row.get("undone_at")), reason))
        }
        None => None,
    };
    let decision = decision(row)?.context("a stored decision is not one")?;
    Ok(StoredDecision {
        id: row.get("decision_id"),
        case: case_id(&row.get::<String, _>("case_id"))?,
        decision,
        undone,
    })
}

pub(super) fn version(row: &AnyRow) -> anyhow::Result<u32> {
    u32::try_from(row.get::<i64, _>("version")).context("a stored version is none")
}

pub(super) fn case_id(text: &str) -> anyhow::Result<CaseId> {
    CaseId::parse(text).context("a stored case has no case's name")
}

/// Milliseconds as the database keeps them. A time past the year 292 million is not one.
pub(super) fn integer(at: Millis) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

pub(super) fn millis(stored: i64) -> Millis {
    Millis::try_from(stored).unwrap_or(0)
}
