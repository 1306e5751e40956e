//! Queues, and cases in hand.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use events::Millis;
use review::{Permission, Queue, SkipReason, SnoozeReason};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::App;
use super::bodies::choices::{queue_schema, words};
use super::cases::case_id;
use super::command::Command;
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use crate::asking::{Asking, Via};
use crate::clock;
use crate::desk;
use crate::store::{Claim, QueueState};

/// Every queue that may be read.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueList {
    /// The queues, gravest first.
    queues: Vec<QueueBody>,
}

/// What waits in a queue.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueBody {
    /// The queue.
    #[schema(schema_with = queue_schema)]
    queue: &'static str,
    /// What is in it.
    #[schema(example = "Contacts with likely minors")]
    about: &'static str,
    /// Cases that are not decided.
    #[schema(example = 12)]
    open: i64,
    /// Of these, in somebody's hand.
    #[schema(example = 3)]
    claimed: i64,
    /// Of these, put off.
    #[schema(example = 1)]
    snoozed: i64,
    /// Of these, waiting for a second person.
    #[schema(example = 1)]
    waiting_for_second: i64,
    /// Of these, open for longer than is allowed.
    #[schema(example = 0)]
    overdue: i64,
    /// How long a case may be open, milliseconds.
    #[schema(example = 14_400_000_u64)]
    allowed_wait_ms: Millis,
    /// When the oldest open case was opened, milliseconds since the epoch, UTC; absent where none is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    oldest_opened_at: Option<Millis>,
    /// Cases decided within the last 24 hours.
    #[schema(example = 40)]
    decided_last_day: i64,
}

impl QueueBody {
    fn of(state: QueueState) -> Self {
        let QueueState { queue, open, claimed, snoozed, waiting_for_second, overdue, oldest, decided } =
            state;
        Self {
            queue: queue.as_str(),
            about: queue.sentence(),
            open,
            claimed,
            snoozed,
            waiting_for_second,
            overdue,
            allowed_wait_ms: queue.allowed_wait(),
            oldest_opened_at: oldest,
            decided_last_day: decided,
        }
    }
}

/// What waits in each queue
#[utoipa::path(get, path = "/v1/queues", operation_id = "listQueues", tag = "queues", security(("token" = [])),
    responses((status = 200, description = "The queues.", body = QueueList), ListProblems))]
pub(super) async fn queues(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Json<QueueList>, Problem> {
    let mut unit = app.store().read().await?;
    let mut queues = Vec::new();
    for queue in asking.rights.queues(Permission::CasesRead) {
        queues.push(QueueBody::of(unit.queue_state(queue, clock::now()).await?));
    }
    Ok(Json(QueueList { queues }))
}

/// A case in hand.
#[derive(Serialize, ToSchema)]
pub(super) struct InHand {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// Who has it.
    #[schema(example = "ana")]
    by: String,
    /// Until when, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_226_200_000_u64)]
    until: Millis,
}

impl InHand {
    fn of(case: impl Into<String>, claim: Claim) -> Self {
        Self { case_id: case.into(), by: claim.by, until: claim.until }
    }
}

/// Takes the next case of a queue in hand
///
/// The first that nobody else has, that is not put off, does not wait for a second person, and that whoever asks has
/// not passed on.
#[utoipa::path(post, path = "/v1/queues/{queue}/next", operation_id = "claimNextCase", tag = "queues", security(("token" = [])),
    params(("queue" = String, Path, description = "The queue.", example = "child_safety"),
           ("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same answer.")),
    responses(
        (status = 200, description = "The case.", body = InHand),
        (status = 204, description = "Nothing waits for whoever asks."),
        CommandProblems,
    ))]
pub(super) async fn next(
    State(app): State<App>,
    Path(queue): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let queue = Queue::parse(&queue).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let mut unit = app.store().write().await?;
    if let Some(answer) = command.replay(&mut unit).await? {
        return Ok(answer);
    }
    let Some(case) = desk::claim_next(&mut unit, &command.asking, queue, command.now).await? else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let (by, until) = (command.asking.name.to_string(), command.now + desk::CLAIM_MS);
    let body = InHand::of(case.as_str(), Claim { by, until });
    command.finish(unit, (StatusCode::OK, None), Some(&body)).await
}

/// Takes a case in hand, or keeps it for longer
#[utoipa::path(post, path = "/v1/cases/{id}/claim", operation_id = "claimCase", tag = "queues", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03"),
           ("Idempotency-Key" = Option<String>, Header, description = "Sent again, the same answer.")),
    responses((status = 200, description = "It is in hand.", body = InHand), CommandProblems))]
pub(super) async fn claim(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let case = case_id(&id)?;
    let mut unit = app.store().write().await?;
    if let Some(answer) = command.replay(&mut unit).await? {
        return Ok(answer);
    }
    let claim = desk::claim(&mut unit, &command.asking, &case, command.now).await?;
    let body = InHand::of(case.as_str(), claim);
    command.finish(unit, (StatusCode::OK, None), Some(&body)).await
}

/// Lets a case go
#[utoipa::path(delete, path = "/v1/cases/{id}/claim", operation_id = "releaseCase", tag = "queues", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses((status = 204, description = "Nobody has it in hand."), CommandProblems))]
pub(super) async fn release(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let case = case_id(&id)?;
    let mut unit = app.store().write().await?;
    desk::release_claim(&mut unit, &command.asking, &case, command.now).await?;
    command.finish(unit, (StatusCode::NO_CONTENT, None), None::<&()>).await
}

/// To whom a case is handed over.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field")]
pub(super) struct HandOverRequest {
    /// To whom.
    #[schema(example = "bo", pattern = "^[A-Za-z0-9._@-]{1,64}$")]
    to: String,
}

/// Hands a case over to somebody, who then has it in hand
#[utoipa::path(post, path = "/v1/cases/{id}/hand-over", operation_id = "handOverCase", tag = "queues", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = HandOverRequest,
    responses((status = 200, description = "They have it in hand.", body = InHand), CommandProblems))]
pub(super) async fn hand_over(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&["to"], Kind::InvalidBody)?;
    let to = command.choice("to", person, "name somebody who works here")?;
    let to = app.known(to.into(), Via::Bearer).await?;
    let case = case_id(&id)?;
    let mut unit = app.store().write().await?;
    if let Some(answer) = command.replay(&mut unit).await? {
        return Ok(answer);
    }
    let claim = desk::hand_over(&mut unit, &command.asking, &case, &to, command.now).await?;
    let body = InHand::of(case.as_str(), claim);
    command.finish(unit, (StatusCode::OK, None), Some(&body)).await
}

/// A person's name, where a text can be one.
pub(super) fn person(text: &str) -> Option<String> {
    let is_name = (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-@".contains(&b));
    is_name.then(|| text.to_owned())
}

/// Why a case is passed on.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field")]
pub(super) struct SkipRequest {
    /// Why.
    #[schema(schema_with = skip_reason_schema)]
    reason: String,
}

fn skip_reason_schema() -> Object {
    words("Why it is passed on.", SkipReason::ALL.iter().map(|reason| reason.as_str()))
}

/// Passes a case on: it is hidden from whoever does, and from nobody else
#[utoipa::path(post, path = "/v1/cases/{id}/skip", operation_id = "skipCase", tag = "queues", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = SkipRequest,
    responses((status = 204, description = "It is passed on."), CommandProblems))]
pub(super) async fn skip(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&["reason"], Kind::InvalidBody)?;
    let reason = command.choice("reason", SkipReason::parse, "choose why it is passed on")?;
    let case = case_id(&id)?;
    let mut unit = app.store().write().await?;
    desk::skip(&mut unit, &command.asking, &case, reason, command.now).await?;
    command.finish(unit, (StatusCode::NO_CONTENT, None), None::<&()>).await
}

/// Why a case is put off, and until when.
#[derive(ToSchema)]
#[expect(dead_code, reason = "the body is read field by field")]
pub(super) struct SnoozeRequest {
    /// Why.
    #[schema(schema_with = snooze_reason_schema)]
    reason: String,
    /// Until when, milliseconds since the epoch, UTC; at most 30 days from now.
    #[schema(example = 1_767_312_000_000_u64, maximum = 253_402_300_799_999_u64)]
    until: Millis,
}

fn snooze_reason_schema() -> Object {
    words("Why it is put off.", SnoozeReason::ALL.iter().map(|reason| reason.as_str()))
}

/// Until when a case is put off.
#[derive(Serialize, ToSchema)]
pub(super) struct Snoozed {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// Until when, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_312_000_000_u64)]
    until: Millis,
}

/// Puts a case off, for everybody
#[utoipa::path(post, path = "/v1/cases/{id}/snooze", operation_id = "snoozeCase", tag = "queues", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = SnoozeRequest,
    responses((status = 200, description = "It is put off.", body = Snoozed), CommandProblems))]
pub(super) async fn snooze(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&["reason", "until"], Kind::InvalidBody)?;
    let reason = command.choice("reason", SnoozeReason::parse, "choose why it is put off")?;
    let until = command.number("until", "give the milliseconds since the epoch")?;
    let case = case_id(&id)?;
    let mut unit = app.store().write().await?;
    let until = desk::snooze(&mut unit, &command.asking, &case, (reason, until), command.now).await?;
    let body = Snoozed { case_id: case.to_string(), until };
    command.finish(unit, (StatusCode::OK, None), Some(&body)).await
}

/// The permissions of somebody, and in which queues.
pub(super) fn permissions(asking: &Asking) -> BTreeMap<&'static str, Vec<&'static str>> {
    let rights = &asking.rights;
    let queues =
        |permission: Permission| rights.queues(permission).iter().map(|queue| queue.as_str()).collect();
    rights.permissions().into_iter().map(|permission| (permission.as_str(), queues(permission))).collect()
}
