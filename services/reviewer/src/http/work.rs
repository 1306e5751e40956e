//! Queues, and cases in hand.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Extension, Path, State};
use axum::response::Response;
use events::Millis;
use review::{CaseId, Permission, Queue, SkipReason, SnoozeReason};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::bodies::choices::queue_schema;
use super::cases::case_id;
use super::command::{Command, Done, Nothing};
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use super::request::{Person, request};
use crate::asking::{Asking, Via};
use crate::desk;
use crate::store::{Claim, QueueState, Unit};

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
    pub(super) fn of(state: QueueState) -> Self {
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
#[utoipa::path(get, path = "/v1/queues", operation_id = "listQueues", tag = "queues",
    responses((status = 200, description = "The queues.", body = QueueList), ListProblems))]
pub(super) async fn queues(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Json<QueueList>, Problem> {
    let mut unit = app.store().read().await?;
    let mut queues = Vec::new();
    for queue in asking.rights.queues(Permission::CasesRead) {
        queues.push(QueueBody::of(unit.queue_state(queue, app.now()).await?));
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
    /// Whether whoever asks has been at work for so long that a break is due.
    is_break_due: bool,
}

impl InHand {
    async fn of(
        unit: &mut Unit,
        command: &Command,
        case: &CaseId,
        claim: Claim,
    ) -> Result<Done<Self>, Problem> {
        let is_break_due = desk::is_break_due(unit, &command.asking, command.now).await?;
        Ok(Done::with(Self { case_id: case.to_string(), by: claim.by, until: claim.until, is_break_due }))
    }

    async fn next(
        unit: &mut Unit,
        command: &Command,
        taken: Option<(CaseId, Claim)>,
    ) -> Result<Done<Self>, Problem> {
        match taken {
            Some((case, claim)) => Self::of(unit, command, &case, claim).await,
            None => Ok(Done::nothing()),
        }
    }
}

/// Takes the next case of a queue in hand
///
/// The first that nobody else has, that is not put off, does not wait for a second person, and that whoever asks has
/// not passed on. Refused while a case of a graver queue that they could take is overdue.
#[utoipa::path(post, path = "/v1/queues/{queue}/next", operation_id = "claimNextCase", tag = "queues",
    params(("queue" = String, Path, description = "The queue.", example = "child_safety")),
    responses(
        (status = 200, description = "The case.", body = InHand),
        (status = 204, description = "Nothing waits for whoever asks."),
        CommandProblems,
    ))]
pub(super) async fn next_of(
    State(app): State<App>,
    Path(queue): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let queue = Queue::parse(&queue).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let take = async |unit: &mut Unit| {
        let taken = desk::claim_next_of(unit, &command.asking, queue, command.now).await?;
        InHand::next(unit, &command, taken).await
    };
    command.run(&app, take).await
}

/// Takes the next case in hand, of the queue whose turn it is
///
/// Each queue has a share of the work of people who work on several, so that much of one keeps no other waiting.
#[utoipa::path(post, path = "/v1/next", operation_id = "claimNext", tag = "queues",
    responses(
        (status = 200, description = "The case.", body = InHand),
        (status = 204, description = "Nothing waits for whoever asks."),
        CommandProblems,
    ))]
pub(super) async fn next(State(app): State<App>, command: Command) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let shares = app.0.shares;
    let take = async |unit: &mut Unit| {
        let taken = desk::claim_next(unit, &command.asking, shares, command.now).await?;
        InHand::next(unit, &command, taken).await
    };
    command.run(&app, take).await
}

/// Takes a case in hand, or keeps it for longer
#[utoipa::path(post, path = "/v1/cases/{id}/claim", operation_id = "claimCase", tag = "queues",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses((status = 200, description = "It is in hand.", body = InHand), CommandProblems))]
pub(super) async fn claim(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let case = case_id(&id)?;
    let take = async |unit: &mut Unit| {
        let claim = desk::claim(unit, &command.asking, &case, command.now).await?;
        InHand::of(unit, &command, &case, claim).await
    };
    command.run(&app, take).await
}

/// Lets a case go
#[utoipa::path(delete, path = "/v1/cases/{id}/claim", operation_id = "releaseCase", tag = "queues",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses((status = 204, description = "Nobody has it in hand."), CommandProblems))]
pub(super) async fn release(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let case = case_id(&id)?;
    let release = async |unit: &mut Unit| {
        desk::release_claim(unit, &command.asking, &case, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, release).await
}

request! {
    /// To whom a case is handed over.
    HandOverRequest {
        /// To whom.
        to: Person,
    }
}

/// Hands a case over to somebody, who then has it in hand
#[utoipa::path(post, path = "/v1/cases/{id}/hand-over", operation_id = "handOverCase", tag = "queues",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = HandOverRequest,
    responses((status = 200, description = "They have it in hand.", body = InHand), CommandProblems))]
pub(super) async fn hand_over(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let HandOverRequest { to } = command.body()?;
    let to = app.known(to.0.into(), Via::Bearer).await?;
    let case = case_id(&id)?;
    let hand_over = async |unit: &mut Unit| {
        let claim = desk::hand_over(unit, &command.asking, &case, &to, command.now).await?;
        InHand::of(unit, &command, &case, claim).await
    };
    command.run(&app, hand_over).await
}

request! {
    /// Why a case is passed on.
    SkipRequest {
        /// Why.
        reason: SkipReason,
    }
}

/// Passes a case on: it is hidden from whoever does, and from nobody else
#[utoipa::path(post, path = "/v1/cases/{id}/skip", operation_id = "skipCase", tag = "queues",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = SkipRequest,
    responses((status = 204, description = "It is passed on."), CommandProblems))]
pub(super) async fn skip(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let SkipRequest { reason } = command.body()?;
    let case = case_id(&id)?;
    let skip = async |unit: &mut Unit| {
        desk::skip(unit, &command.asking, &case, reason, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, skip).await
}

request! {
    /// Why a case is put off, and until when.
    SnoozeRequest {
        /// Why.
        reason: SnoozeReason,
        /// Until when, milliseconds since the epoch, UTC; at most 30 days from now.
        until: Millis,
    }
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
#[utoipa::path(post, path = "/v1/cases/{id}/snooze", operation_id = "snoozeCase", tag = "queues",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = SnoozeRequest,
    responses((status = 200, description = "It is put off.", body = Snoozed), CommandProblems))]
pub(super) async fn snooze(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let SnoozeRequest { reason, until } = command.body()?;
    let case = case_id(&id)?;
    let snooze = async |unit: &mut Unit| {
        let until = desk::snooze(unit, &command.asking, &case, (reason, until), command.now).await?;
        Ok(Done::with(Snoozed { case_id: case.to_string(), until }))
    };
    command.run(&app, snooze).await
}

/// The permissions of somebody, and in which queues.
pub(super) fn permissions(asking: &Asking) -> BTreeMap<&'static str, Vec<&'static str>> {
    let rights = &asking.rights;
    let queues =
        |permission: Permission| rights.queues(permission).iter().map(|queue| queue.as_str()).collect();
    rights.permissions().into_iter().map(|permission| (permission.as_str(), queues(permission))).collect()
}
