//! Whether people decide alike: of all together, and of oneself. Nobody is told of anybody else.

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use events::{Category, Millis};
use review::{Agreement, CaseId, Permission, Queue};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::App;
use super::bodies::choices::{queue_schema, words};
use super::cases::case_id;
use super::command::{Command, Nothing};
use super::cursor::Place;
use super::lists::{PageParams, page};
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use super::request::request;
use crate::asking::Asking;
use crate::desk;
use crate::store::{LookKind, Unit};

/// What cursors of the list are bound to.
const LIST: &str = "disagreements";

/// How much decisions are made alike.
#[derive(Serialize, ToSchema)]
pub(super) struct AgreementBody {
    /// Decisions that somebody else made again, without knowing of the first.
    #[schema(example = 120)]
    pairs: u64,
    /// Of these, made alike: no abuse, or abuse of the same category.
    #[schema(example = 104)]
    alike: u64,
    /// Cohen's kappa, at most 1; absent where there are no pairs, or chance explains everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, example = 0.71)]
    kappa: Option<f64>,
    /// Cases decided whose right decision is known.
    #[schema(example = 40)]
    golden: u64,
    /// Of these, decided so.
    #[schema(example = 37)]
    golden_right: u64,
}

impl AgreementBody {
    async fn of(unit: &mut Unit, queue: Option<Queue>, person: Option<&str>) -> Result<Self, Problem> {
        let Agreement { pairs, alike, kappa } =
            Agreement::of(&unit.said(LookKind::Double, queue, person).await?);
        let golden = Agreement::of(&unit.said(LookKind::Golden, queue, person).await?);
        Ok(Self { pairs, alike, kappa, golden: golden.pairs, golden_right: golden.alike })
    }
}

/// How much decisions are made alike in a queue.
#[derive(Serialize, ToSchema)]
pub(super) struct QueueQuality {
    /// The queue.
    #[schema(schema_with = queue_schema)]
    queue: &'static str,
    #[serde(flatten)]
    agreement: AgreementBody,
}

/// How much decisions are made alike, of all people together.
#[derive(Serialize, ToSchema)]
pub(super) struct QualityBody {
    /// In each queue.
    queues: Vec<QueueQuality>,
}

/// How much decisions are made alike, of all people together
///
/// There is no such figure of anybody for anybody else.
#[utoipa::path(get, path = "/v1/quality", operation_id = "readQuality", tag = "quality",
    responses((status = 200, description = "The figures.", body = QualityBody), ListProblems))]
pub(super) async fn all(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Json<QualityBody>, Problem> {
    let (mut unit, mut queues) = (app.store().read().await?, Vec::new());
    for queue in asking.rights.queues(Permission::QualityRead) {
        let agreement = AgreementBody::of(&mut unit, Some(queue), None).await?;
        queues.push(QueueQuality { queue: queue.as_str(), agreement });
    }
    Ok(Json(QualityBody { queues }))
}

/// How much one's own decisions are made alike by others, for oneself alone
#[utoipa::path(get, path = "/v1/quality/mine", operation_id = "readOwnQuality", tag = "quality",
    responses((status = 200, description = "The figures.", body = AgreementBody), ListProblems))]
pub(super) async fn mine(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Json<AgreementBody>, Problem> {
    let mut unit = app.store().read().await?;
    Ok(Json(AgreementBody::of(&mut unit, None, Some(&asking.name)).await?))
}

/// Two decisions on one case that are not alike. It does not say whose they are.
#[derive(Serialize, ToSchema)]
pub(super) struct DisagreementBody {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// The queue that it is in.
    #[schema(schema_with = queue_schema)]
    queue: &'static str,
    /// What the first found: the category of the abuse, or `benign`.
    #[schema(schema_with = said_schema)]
    first: &'static str,
    /// What the second found.
    #[schema(schema_with = said_schema)]
    second: &'static str,
    /// When the second decided, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    at: Millis,
}

const BENIGN: &str = "benign";

fn said_schema() -> Object {
    let categories = Category::ALL.iter().map(|category| category.as_str());
    words("What was found.", std::iter::once(BENIGN).chain(categories))
}

/// Decisions that are not alike, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct DisagreementList {
    /// The decisions. A page may hold fewer than were asked for, also where others follow.
    disagreements: Vec<DisagreementBody>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// Cases that two people decided differently, newest first; whoever approves may take the decision back
#[utoipa::path(get, path = "/v1/quality/disagreements", operation_id = "listDisagreements", tag = "quality",
    params(PageParams),
    responses((status = 200, description = "The cases.", body = DisagreementList), ListProblems))]
pub(super) async fn disagreements(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Query(params): Query<PageParams>,
) -> Result<Json<DisagreementList>, Problem> {
    let (limit, after) = params.of(LIST)?;
    let before = after.map_or((Millis::MAX, String::new()), |Place { number, name }| (number, name));
    let mut found = app.store().read().await?.disagreements(before, limit + 1).await?;
    let next = page(&mut found, limit, LIST, |one| Place::new(one.at, one.look.as_str()));
    let readable = |queue| asking.reads(queue) && asking.rights.may_in(Permission::QualityManage, queue);
    let disagreements = found.into_iter().filter(|one| readable(one.queue)).map(|one| DisagreementBody {
        case_id: one.case.to_string(),
        queue: one.queue.as_str(),
        first: one.first.map_or(BENIGN, Category::as_str),
        second: one.second.map_or(BENIGN, Category::as_str),
        at: one.at,
    });
    Ok(Json(DisagreementList { disagreements: disagreements.collect(), next }))
}

request! {
    /// Whose decision is known to be right.
    GoldenRequest {
        /// The decided case.
        case_id: CaseId,
    }
}

/// Marks the decision on a case as known to be right, so that others are given the case to decide
#[utoipa::path(post, path = "/v1/golden", operation_id = "markGolden", tag = "quality", request_body = GoldenRequest,
    responses((status = 204, description = "It is marked."), CommandProblems))]
pub(super) async fn mark(State(app): State<App>, command: Command) -> Result<Response, Problem> {
    let GoldenRequest { case_id } = command.body()?;
    let mark = async |unit: &mut Unit| {
        desk::mark_golden(unit, &command.asking, &case_id, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, mark).await
}

/// Takes that mark away
#[utoipa::path(delete, path = "/v1/golden/{id}", operation_id = "unmarkGolden", tag = "quality",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses((status = 204, description = "It is no longer marked."), CommandProblems))]
pub(super) async fn unmark(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let case = case_id(&id)?;
    let unmark = async |unit: &mut Unit| {
        desk::unmark_golden(unit, &command.asking, &case, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, unmark).await
}
