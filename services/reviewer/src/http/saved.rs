//! Lists that people come back to.

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use events::Millis;
use review::{Claimed, Due, Queue};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::bodies::choices::{claim_schema, due_schema, queue_schema, status_schema};
use super::command::{Command, Done, Nothing};
use super::cursor::Place;
use super::lists::{PageParams, page};
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use super::request::request;
use crate::asking::Asking;
use crate::desk::{self, fresh_name, is_name};
use crate::store::{SavedView, Status, Unit};

/// What cursors of the list are bound to.
const LIST: &str = "views";

request! {
    /// A list to come back to: what it holds, as the parameters of `listCases`.
    ViewRequest {
        /// Only cases of this queue.
        queue: Option<Queue>,
        /// Only cases that stand so.
        status: Option<Status>,
        /// Only cases that are in such a hand.
        claim: Option<Claimed>,
        /// Only open cases that stand so to their time.
        due: Option<Due>,
        /// Whether everybody sees the view; what it holds is still what each of them may read.
        is_shared: Option<bool>,
    }
}

/// A list that somebody comes back to.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewBody {
    /// The view.
    #[schema(example = "v4be1d0a7c6f59e2a1b03")]
    view_id: String,
    /// Where it is.
    #[schema(example = "/v1/cases?queue=child_safety&status=open&due=overdue")]
    path: String,
    /// What it holds, in words.
    #[schema(example = "Contacts with likely minors; open; open for longer than is allowed")]
    about: String,
    /// Only cases of this queue.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = queue_schema, required = false)]
    queue: Option<&'static str>,
    /// Only cases that stand so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = status_schema, required = false)]
    status: Option<&'static str>,
    /// Only cases that are in such a hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = claim_schema, required = false)]
    claim: Option<&'static str>,
    /// Only open cases that stand so to their time.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = due_schema, required = false)]
    due: Option<&'static str>,
    /// Whether everybody sees it.
    is_shared: bool,
    /// Who keeps it.
    #[schema(example = "ana")]
    by: String,
    /// When it was made, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    made_at: Millis,
}

impl ViewBody {
    fn of(view: SavedView) -> Self {
        let SavedView { id, person, queue, status, claim, due, is_shared, made_at } = view;
        let words = [
            ("queue", queue.map(|queue| (queue.as_str(), queue.sentence()))),
            ("status", status.map(|status| (status.as_str(), status.as_str()))),
            ("claim", claim.map(|claim| (claim.as_str(), claim.sentence()))),
            ("due", due.map(|due| (due.as_str(), due.sentence()))),
        ];
        let chosen: Vec<_> = words.iter().filter_map(|(name, word)| Some((*name, (*word)?))).collect();
        let parameters: Vec<String> =
            chosen.iter().map(|(name, (word, _))| format!("{name}={word}")).collect();
        let sentences: Vec<&str> = chosen.iter().map(|(_, (_, sentence))| *sentence).collect();
        Self {
            view_id: id,
            path: ["/v1/cases".to_owned(), parameters.join("&")].join("?").trim_end_matches('?').to_owned(),
            about: if sentences.is_empty() { "Every case".to_owned() } else { sentences.join("; ") },
            queue: queue.map(Queue::as_str),
            status: status.map(Status::as_str),
            claim: claim.map(Claimed::as_str),
            due: due.map(Due::as_str),
            is_shared,
            by: person,
            made_at,
        }
    }
}

/// Views, oldest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ViewList {
    /// The views.
    views: Vec<ViewBody>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// Views of one's own, and those that are shared, oldest first
#[utoipa::path(get, path = "/v1/views", operation_id = "listViews", tag = "queues", params(PageParams),
    responses((status = 200, description = "The views.", body = ViewList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Query(params): Query<PageParams>,
) -> Result<Json<ViewList>, Problem> {
    let (limit, after) = params.of(LIST)?;
    let Place { number, name } = after.unwrap_or_default();
    let mut views = app.store().read().await?.views(&asking.name, (number, name), limit + 1).await?;
    let next = page(&mut views, limit, LIST, |view| Place::new(view.made_at, &view.id));
    Ok(Json(ViewList { views: views.into_iter().map(ViewBody::of).collect(), next }))
}

/// Keeps a list to come back to
///
/// It has no name to type: it is told by what it holds.
#[utoipa::path(post, path = "/v1/views", operation_id = "saveView", tag = "queues", request_body = ViewRequest,
    responses((status = 201, description = "The view.", body = ViewBody), CommandProblems))]
pub(super) async fn save(State(app): State<App>, command: Command) -> Result<Response, Problem> {
    let ViewRequest { queue, status, claim, due, is_shared } = command.body()?;
    let view = SavedView {
        id: fresh_name('v')?,
        person: command.asking.name.to_string(),
        queue,
        status,
        claim,
        due,
        is_shared: is_shared.unwrap_or(false),
        made_at: command.now,
    };
    let save = async |unit: &mut Unit| {
        let view = desk::save_view(unit, &command.asking, view.clone(), command.now).await?;
        Ok(Done::made(ViewBody::of(view)))
    };
    command.run(&app, save).await
}

/// Forgets a view of one's own
#[utoipa::path(delete, path = "/v1/views/{id}", operation_id = "forgetView", tag = "queues",
    params(("id" = String, Path, description = "The view.", example = "v4be1d0a7c6f59e2a1b03")),
    responses((status = 204, description = "It is forgotten."), CommandProblems))]
pub(super) async fn forget(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    if !is_name('v', &id) {
        return Err(Problem::new(Kind::NotFound));
    }
    let forget = async |unit: &mut Unit| {
        desk::forget_view(unit, &command.asking, &id, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, forget).await
}
