//! The queue page.

use axum::extract::{Extension, Query, State};
use axum::response::Response;
use review::{CaseId, QUEUE_ORDER};
use serde::Deserialize;
use utoipa::IntoParams;

use super::html;
use crate::http::App;
use crate::http::auth::Asking;
use crate::http::cursor;
use crate::http::openapi::PageProblems;
use crate::http::problem::{Kind, Problem};
use crate::store::{self, Status};
use crate::view::{CaseCard, QueuePage, Recorded, found_case};

const PAGE_LENGTH: u32 = 25;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct QueueParams {
    /// Only cases that stand so: open or decided.
    #[param(required = false, nullable = false)]
    status: Option<String>,
    /// Where the page before ended.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
    /// The case that has just been decided.
    #[param(required = false, nullable = false)]
    recorded: Option<String>,
}

/// The queue
#[utoipa::path(get, path = "/", operation_id = "queuePage", tag = "console", params(QueueParams), security(("token" = [])),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), PageProblems))]
pub(in crate::http) async fn page(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Query(params): Query<QueueParams>,
) -> Result<Response, Problem> {
    let status = match params.status.as_deref() {
        None => Status::Open,
        Some(word) => Status::parse(word).ok_or_else(|| Problem::new(Kind::BadParameter))?,
    };
    let after = params.cursor.as_deref().map(|text| cursor::decode(Some(status), text)).transpose()?;
    let is_first = after.is_none();
    let query = store::Query { status: Some(status), after, limit: PAGE_LENGTH };
    let listed = app.store().queue(&query).await?;
    Ok(html(&QueuePage {
        frame: app.frame(Some(&asking)),
        status,
        order: QUEUE_ORDER,
        open_count: app.store().count(Status::Open).await?,
        decided_count: app.store().count(Status::Decided).await?,
        cards: listed.entries.iter().map(CaseCard::of).collect(),
        next: listed.next.map(|rank| cursor::encode(Some(status), &rank)),
        is_first,
        recorded: recorded(&app, params.recorded.as_deref()).await?,
    }))
}

/// What has just been recorded, to tell whoever recorded it.
pub(super) async fn recorded(app: &App, case: Option<&str>) -> Result<Option<Recorded>, Problem> {
    let Some(case) = case.and_then(CaseId::parse) else { return Ok(None) };
    let docket = app.store().docket_of(&case).await?;
    Ok(docket.and_then(|docket| Some(Recorded::of(found_case(&docket, &case)?.decision?, &case))))
}
