//! Rows of the tables to cases and back.

use anyhow::Context;
use detect::Flag;
use events::{Millis, Token};
use platform::stream::Positions;
use review::{CaseId, DecidedCase, Decision, Docket, Finding, OpenCase};
use sqlx::sqlite::SqliteRow;
use sqlx::{Row, SqliteConnection};

/// The account that a case is about.
pub(super) async fn account_of(db: &mut SqliteConnection, case: &CaseId) -> anyhow::Result<Option<String>> {
    let query = sqlx::query_scalar("SELECT account FROM cases WHERE case_id = ?").bind(case.as_str());
    Ok(query.fetch_optional(db).await?)
}

/// Every case of an account; empty where it has none.
pub(super) async fn docket(db: &mut SqliteConnection, account: &str) -> anyhow::Result<Docket> {
    let cases = sqlx::query(
        "SELECT c.case_id, c.version, c.opened_at, c.earlier, \
                d.outcome, d.category, d.reason, d.decided_by, d.decided_at \
         FROM cases c LEFT JOIN decisions d ON d.case_id = c.case_id \
         WHERE c.account = ? ORDER BY d.decided_at IS NULL, d.decided_at, c.opened_at",
    )
    .bind(account)
    .fetch_all(&mut *db)
    .await?;
    let (mut open, mut decided) = (None, Vec::new());
    for row in &cases {
        let flags = flags(&mut *db, row.get("case_id")).await?;
        match decision(row)? {
            // A decision raises the version by one; the case is restored as it was before it.
            Some(decision) => decided.push(DecidedCase::restore(open_case(row, 1, flags)?, decision)),
            None => open = Some(open_case(row, 0, flags)?),
        }
    }
    Ok(Docket::restore(open, decided))
}

async fn flags(db: &mut SqliteConnection, case: &str) -> anyhow::Result<Vec<Flag>> {
    let query = sqlx::query_scalar("SELECT body FROM flags WHERE case_id = ? ORDER BY sequence").bind(case);
    let bodies: Vec<String> = query.fetch_all(db).await?;
    Ok(bodies.iter().map(|body| serde_json::from_str(body)).collect::<Result<_, _>>()?)
}

fn open_case(row: &SqliteRow, decisions: u32, flags: Vec<Flag>) -> anyhow::Result<OpenCase> {
    anyhow::ensure!(!flags.is_empty(), "a stored case has no flag");
    let version = row.get::<u32, _>("version") - decisions;
    let earlier = row.get::<Option<&str>, _>("earlier").map(case_id).transpose()?;
    Ok(OpenCase::restore(case_id(row.get("case_id"))?, version, millis(row.get("opened_at")), earlier, flags))
}

/// The decision in a row; none where its columns are null.
pub(super) fn decision(row: &SqliteRow) -> anyhow::Result<Option<Decision>> {
    let Some(outcome) = row.get::<Option<&str>, _>("outcome") else { return Ok(None) };
    let finding = Finding::parse(Some(outcome), row.get("category"), row.get("reason"))
        .ok()
        .context("a stored decision is not one")?;
    let (by, at) = (row.get("decided_by"), millis(row.get("decided_at")));
    Ok(Some(Decision { finding, by, at }))
}

/// Writes an open case as it is now, with the flag that has just joined it.
pub(super) async fn save_open(db: &mut SqliteConnection, case: &OpenCase, flag: &Flag) -> anyhow::Result<()> {
    sqlx::query(
        "INSERT INTO cases (case_id, account, status, version, opened_at, risk, latest_flag, flag_count, earlier) \
         VALUES (?, ?, 'open', ?, ?, ?, ?, ?, ?) \
         ON CONFLICT (case_id) DO UPDATE SET version = excluded.version, risk = excluded.risk, \
             latest_flag = excluded.latest_flag, flag_count = excluded.flag_count",
    )
    .bind(case.id().as_str())
    .bind(case.account().as_str())
    .bind(case.version())
    .bind(integer(case.opened_at()))
    .bind(case.risk())
    .bind(&case.latest_flag().flag_id)
    .bind(u32::try_from(case.flags().len())?)
    .bind(case.earlier().map(CaseId::as_str))
    .execute(&mut *db)
    .await?;
    sqlx::query("INSERT INTO flags (account, flag_id, case_id, body) VALUES (?, ?, ?, ?)")
        .bind(flag.account.as_str())
        .bind(&flag.flag_id)
        .bind(case.id().as_str())
        .bind(serde_json::to_string(flag)?)
        .execute(db)
        .await?;
    Ok(())
}

/// Closes a case for good, with its decision and label.
pub(super) async fn save_decided(db: &mut SqliteConnection, decided: &DecidedCase) -> anyhow::Result<()> {
    let Decision { finding, by, at } = decided.decision();
    let case = decided.id().as_str();
    sqlx::query("UPDATE cases SET status = 'decided', version = ? WHERE case_id = ? AND status = 'open'")
        .bind(decided.version())
        .bind(case)
        .execute(&mut *db)
        .await?;
    sqlx::query(
        "INSERT INTO decisions (case_id, outcome, category, reason, decided_by, decided_at) \
         VALUES (?, ?, ?, ?, ?, ?)",
    )
    .bind(case)
    .bind(finding.outcome().as_str())
    .bind(finding.category().map(events::Category::as_str))
    .bind(finding.reason())
    .bind(by)
    .bind(integer(*at))
    .execute(&mut *db)
    .await?;
    sqlx::query("INSERT INTO labels (case_id, body) VALUES (?, ?)")
        .bind(case)
        .bind(serde_json::to_string(&decided.label())?)
        .execute(db)
        .await?;
    Ok(())
}

/// Moves the stream's position.
pub(super) async fn save_positions(db: &mut SqliteConnection, upto: &Positions) -> anyhow::Result<()> {
    for (partition, next_offset) in upto {
        sqlx::query(
            "INSERT INTO flag_positions (partition, next_offset) VALUES (?, ?) \
             ON CONFLICT (partition) DO UPDATE SET next_offset = excluded.next_offset",
        )
        .bind(partition)
        .bind(next_offset)
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

pub(super) fn case_id(text: &str) -> anyhow::Result<CaseId> {
    CaseId::parse(text).context("a stored case has no case's name")
}

pub(super) fn token(text: &str) -> anyhow::Result<Token> {
    Ok(Token::try_from(text)?)
}

/// Milliseconds as SQLite keeps them. A time past the year 292 million is not one.
pub(super) fn integer(at: Millis) -> i64 {
    i64::try_from(at).unwrap_or(i64::MAX)
}

pub(super) fn millis(stored: i64) -> Millis {
    Millis::try_from(stored).unwrap_or(0)
}
