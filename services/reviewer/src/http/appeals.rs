//! Appeals.

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use events::Millis;
use review::{Appeal, AppealGround, AppealOutcome, AppealReason};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::App;
use super::bodies::choices::words;
use super::cases::case_id;
use super::command::{Command, Done};
use super::cursor::Place;
use super::lists::{PageParams, page};
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use super::request::request;
use crate::asking::Asking;
use crate::desk::{self, is_name};
use crate::store::{StoredAppeal, Unit};

/// What cursors of the list are bound to.
const LIST: &str = "appeals";

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

request! {
    /// What an appeal says.
    AppealRequest {
        /// What it says.
        ground: AppealGround,
    }
}

/// Hands in an appeal against the decision on a case
#[utoipa::path(post, path = "/v1/cases/{id}/appeals", operation_id = "openAppeal", tag = "appeals",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = AppealRequest,
    responses((status = 201, description = "The appeal.", body = AppealBody), CommandProblems))]
pub(super) async fn open(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let AppealRequest { ground } = command.body()?;
    let case = case_id(&id)?;
    let open = async |unit: &mut Unit| {
        let appeal = desk::open_appeal(unit, &command.asking, &case, ground, command.now).await?;
        Ok(Done::made(AppealBody::of(&appeal)))
    };
    command.run(&app, open).await
}

/// Open appeals, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct AppealList {
    /// The appeals. A page may hold fewer than were asked for, also where others follow.
    appeals: Vec<AppealBody>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// Open appeals that whoever asks may decide, oldest first
#[utoipa::path(get, path = "/v1/appeals", operation_id = "listAppeals", tag = "appeals", params(PageParams),
    responses((status = 200, description = "The appeals.", body = AppealList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Query(params): Query<PageParams>,
) -> Result<Json<AppealList>, Problem> {
    let (limit, after) = params.of(LIST)?;
    let Place { number, name } = after.unwrap_or_default();
    let mut unit = app.store().read().await?;
    let mut found = unit.open_appeals((number, name), limit + 1).await?;
    let place = |stored: &StoredAppeal| Place::new(stored.appeal.opened_at, &stored.appeal.id);
    let next = page(&mut found, limit, LIST, place);
    let mut appeals = Vec::new();
    for stored in found {
        let case = &stored.appeal.case;
        let queue = unit.queue_of(case).await?;
        let may = queue.is_some_and(|q| asking.rights.may_in(review::Permission::AppealsDecide, q));
        let standing = unit.standing_decision(case).await?;
        let is_others = standing.is_some_and(|s| stored.appeal.may_be_decided_by(&asking.name, &s.decision));
        if may && is_others {
            appeals.push(AppealBody::of(&stored.appeal));
        }
    }
    Ok(Json(AppealList { appeals, next }))
}

request! {
    /// How an appeal is decided.
    SettleRequest {
        /// What becomes of it.
        outcome: AppealOutcome,
        /// Why.
        reason: AppealReason,
    }
}

/// Decides an appeal; never by whoever made or seconded the decision
///
/// Overturning a decision gives training the opposite label and tells the platform.
#[utoipa::path(post, path = "/v1/appeals/{id}/decision", operation_id = "settleAppeal", tag = "appeals",
    params(("id" = String, Path, description = "The appeal.", example = "a4be1d0a7c6f59e2a1b03")),
    request_body = SettleRequest,
    responses((status = 200, description = "The appeal, decided.", body = AppealBody), CommandProblems))]
pub(super) async fn settle(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let SettleRequest { outcome, reason } = command.body()?;
    if !is_name('a', &id) {
        return Err(Problem::new(Kind::NotFound));
    }
    let settle = async |unit: &mut Unit| {
        let settled = (outcome, reason);
        let appeal = desk::settle_appeal(unit, &command.asking, &id, settled, command.now).await?;
        Ok(Done::with(AppealBody::of(&appeal)))
    };
    command.run(&app, settle).await
}
