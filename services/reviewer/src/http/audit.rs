//! The audit log for auditors and witnesses.

use axum::Json;
use axum::extract::{Query, State};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::lists::limit;
use super::openapi::ListProblems;
use super::problem::{Kind, Problem};
use crate::audit::{Hash, hex};

/// Entries of the log, in its order.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditPage {
    /// The entries, exactly as they were hashed.
    #[schema(value_type = Vec<Object>)]
    entries: Vec<Box<RawValue>>,
    /// The place from which to go on; absent at the end of the log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<i64>,
}

/// Which entries to read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct AuditParams {
    /// From which place on; 0 where it is left out.
    #[param(required = false, value_type = i64, minimum = 0)]
    from: Option<String>,
    /// At most so many; brought into 1 to 200. 50 where it is left out.
    #[param(required = false, schema_with = super::bodies::choices::limit_schema)]
    limit: Option<String>,
}

/// Entries of the audit log
#[utoipa::path(get, path = "/v1/audit/entries", operation_id = "listAuditEntries", tag = "audit", params(AuditParams),
    responses((status = 200, description = "Entries.", body = AuditPage), ListProblems))]
pub(super) async fn entries(
    State(app): State<App>,
    Query(params): Query<AuditParams>,
) -> Result<Json<AuditPage>, Problem> {
    let from = number(params.from.as_deref().unwrap_or("0"), "from", 0)?;
    let from = i64::try_from(from).unwrap_or(i64::MAX);
    let limit = limit(params.limit.as_deref())?;
    let mut unit = app.store().read().await?;
    let (size, _) = unit.audit_head().await?;
    let bodies = unit.audit_entries(from, limit).await?;
    let read = from.saturating_add(i64::try_from(bodies.len()).unwrap_or(0));
    let entries = bodies.into_iter().map(RawValue::from_string).collect::<Result<_, _>>();
    let entries = entries.map_err(|_| Problem::new(Kind::Internal))?;
    Ok(Json(AuditPage { entries, next: (u64::try_from(read).unwrap_or(u64::MAX) < size).then_some(read) }))
}

/// The signed head of the log.
#[derive(Serialize, ToSchema)]
pub(super) struct Checkpoint {
    /// How many entries there are.
    #[schema(example = 4711)]
    size: u64,
    /// The signed note: origin, size, root, signature.
    note: String,
    /// With what to check the signature.
    #[schema(example = "silhouette/review-audit+5a1c09fe+AR2f")]
    verifier: String,
}

/// The head of the audit log, signed; keep it elsewhere, and nobody can cut the log back unnoticed
#[utoipa::path(get, path = "/v1/audit/checkpoint", operation_id = "readCheckpoint", tag = "audit",
    responses((status = 200, description = "The head.", body = Checkpoint), ListProblems))]
pub(super) async fn checkpoint(State(app): State<App>) -> Result<Json<Checkpoint>, Problem> {
    let (size, note) = app.store().read().await?.audit_head().await?;
    Ok(Json(Checkpoint { size, note, verifier: app.store().verifier().to_string() }))
}

/// Hashes from which a root can be computed again (RFC 6962).
#[derive(Serialize, ToSchema)]
pub(super) struct Proof {
    /// The hashes in hexadecimal digits, nearest to the leaves first.
    hashes: Vec<String>,
}

impl Proof {
    fn of(hashes: &[Hash]) -> Json<Self> {
        Json(Self { hashes: hashes.iter().map(hex).collect() })
    }
}

/// Which entry in which log.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct InclusionParams {
    /// The entry's place.
    #[param(value_type = i64, minimum = 0)]
    entry: String,
    /// The log's size.
    #[param(value_type = i64, minimum = 1)]
    size: String,
}

/// The proof that an entry is in the log of a size
#[utoipa::path(get, path = "/v1/audit/inclusion", operation_id = "proveInclusion", tag = "audit", params(InclusionParams),
    responses((status = 200, description = "The proof.", body = Proof), ListProblems))]
pub(super) async fn inclusion(
    State(app): State<App>,
    Query(params): Query<InclusionParams>,
) -> Result<Json<Proof>, Problem> {
    let (entry, size) = (number(&params.entry, "entry", 0)?, number(&params.size, "size", 1)?);
    let mut unit = app.store().read().await?;
    if entry >= size || size > unit.audit_head().await?.0 {
        return Err(Problem::new(Kind::NotFound).because("the log has no such entry at that size"));
    }
    Ok(Proof::of(&unit.inclusion(entry, size).await?))
}

/// Which two logs.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ConsistencyParams {
    /// The earlier log's size.
    #[param(value_type = i64, minimum = 1)]
    old: String,
    /// The later log's size.
    #[param(value_type = i64, minimum = 1)]
    size: String,
}

/// The proof that the log of one size is the beginning of that of another
#[utoipa::path(get, path = "/v1/audit/consistency", operation_id = "proveConsistency", tag = "audit",
    params(ConsistencyParams),
    responses((status = 200, description = "The proof.", body = Proof), ListProblems))]
pub(super) async fn consistency(
    State(app): State<App>,
    Query(params): Query<ConsistencyParams>,
) -> Result<Json<Proof>, Problem> {
    let (old, size) = (number(&params.old, "old", 1)?, number(&params.size, "size", 1)?);
    let mut unit = app.store().read().await?;
    if old > size || size > unit.audit_head().await?.0 {
        return Err(Problem::new(Kind::NotFound).because("the log never had these sizes"));
    }
    Ok(Proof::of(&unit.consistency(old, size).await?))
}

/// A whole number from `least`, as large as a log can be.
fn number(text: &str, name: &str, least: u64) -> Result<u64, Problem> {
    let number = text.parse().ok().filter(|number| (least..=i64::MAX as u64).contains(number));
    number.ok_or_else(|| {
        Problem::new(Kind::BadParameter).because(format!("{name} must be a whole number from {least}"))
    })
}
