//! Appeals.

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use events::Millis;
use review::{Appeal, AppealGround, AppealOutcome, AppealReason};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::App;
use super::bodies::choices::words;
use super::cases::case_id;
use super::command::Command;
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use crate::asking::Asking;
use crate::desk::{self, is_name};

/// The most open appeals that a list holds.
const LIST_MAX: u32 = 200;

/// An appeal, as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct AppealBody {
    /// The appeal.
    #[schema(example = "a4be1d0a7c6f59e2a1b03")]
    appeal_id: String,
    /// The case whose decision it is against.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// What it says.
    #[schema(schema_with = ground_schema)]
    ground: &'static str,
    /// When it was handed in, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    opened_at: Millis,
    /// What became of it; absent while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = outcome_schema, required = false)]
    outcome: Option<&'static str>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = reason_schema, required = false)]
    reason: Option<&'static str>,
}

fn ground_schema() -> Object {
    words("What it says.", AppealGround::ALL.iter().map(|ground| ground.as_str()))
}

fn outcome_schema() -> Object {
    words("What becomes of it.", AppealOutcome::ALL.iter().map(|outcome| outcome.as_str()))
}

fn reason_schema() -> Object {
    words("Why.", AppealReason::ALL.iter().map(|reason| reason.as_str()))
}

impl AppealBody {
    fn of(appeal: &Appeal) -> Self {
        let settled = appeal.settled.as_ref();
        Self {
            appeal_id: appeal.id.clone(),
            case_id: appeal.case.to_string(),
            ground: appeal.ground.as_str(),
            opened_at: appeal.opened_at,
            outcome: settled.map(|settled| settled.outcome.as_str()),
            reason: settled.map(|settled| settled.reason.as_str()),
        }
    }
}

/// What an appeal says.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field")]
pub(super) struct AppealRequest {
    /// What it says.
    #[schema(schema_with = ground_schema)]
    ground: String,
}

/// Hands in an appeal against the decision on a case
#[utoipa::path(post, path = "/v1/cases/{id}/appeals", operation_id = "openAppeal", tag = "appeals", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03"),
           ("Idempotency-Key" = Option<String>, Header, description = "Sent again with the same body, the same answer.")),
    request_body = AppealRequest,
    responses((status = 201, description = "The appeal.", body = AppealBody), CommandProblems))]
pub(super) async fn open(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&["ground"], Kind::InvalidBody)?;
    let ground = command.choice("ground", AppealGround::parse, "choose what the appeal says")?;
    let case = case_id(&id)?;
    let mut unit = app.store().write().await?;
    if let Some(answer) = command.replay(&mut unit).await? {
        return Ok(answer);
    }
    let appeal = desk::open_appeal(&mut unit, &command.asking, &case, ground, command.now).await?;
    command.finish(unit, (StatusCode::CREATED, None), Some(&AppealBody::of(&appeal))).await
}

/// Open appeals, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AppealList {
    /// The appeals.
    appeals: Vec<AppealBody>,
}

/// Open appeals that whoever asks may decide, oldest first
#[utoipa::path(get, path = "/v1/appeals", operation_id = "listAppeals", tag = "appeals", security(("token" = [])),
    responses((status = 200, description = "The appeals.", body = AppealList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Json<AppealList>, Problem> {
    let mut unit = app.store().read().await?;
    let mut appeals = Vec::new();
    for stored in unit.open_appeals(LIST_MAX).await? {
        let case = &stored.appeal.case;
        let queue = unit.queue_of(case).await?;
        let may = queue.is_some_and(|q| asking.rights.may_in(review::Permission::AppealsDecide, q));
        let standing = unit.standing_decision(case).await?;
        let is_others = standing.is_some_and(|s| stored.appeal.may_be_decided_by(&asking.name, &s.decision));
        if may && is_others {
            appeals.push(AppealBody::of(&stored.appeal));
        }
    }
    Ok(Json(AppealList { appeals }))
}

/// How an appeal is decided.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field")]
pub(super) struct SettleRequest {
    /// What becomes of it.
    #[schema(schema_with = outcome_schema)]
    outcome: String,
    /// Why.
    #[schema(schema_with = reason_schema)]
    reason: String,
}

/// Decides an appeal; never by whoever made or seconded the decision
///
/// Overturning a decision gives training the opposite label and tells the platform.
#[utoipa::path(post, path = "/v1/appeals/{id}/decision", operation_id = "settleAppeal", tag = "appeals", security(("token" = [])),
    params(("id" = String, Path, description = "The appeal.", example = "a4be1d0a7c6f59e2a1b03"),
           ("Idempotency-Key" = Option<String>, Header, description = "Sent again with the same body, the same answer.")),
    request_body = SettleRequest,
    responses((status = 200, description = "The appeal, decided.", body = AppealBody), CommandProblems))]
pub(super) async fn settle(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&["outcome", "reason"], Kind::InvalidBody)?;
    let outcome = command.choice("outcome", AppealOutcome::parse, "choose what becomes of it")?;
    let reason = command.choice("reason", AppealReason::parse, "choose why")?;
    if !is_name('a', &id) {
        return Err(Problem::new(Kind::NotFound));
    }
    let mut unit = app.store().write().await?;
    if let Some(answer) = command.replay(&mut unit).await? {
        return Ok(answer);
    }
    let appeal = desk::settle_appeal(&mut unit, &command.asking, &id, (outcome, reason), command.now).await?;
    command.finish(unit, (StatusCode::OK, None), Some(&AppealBody::of(&appeal))).await
}
