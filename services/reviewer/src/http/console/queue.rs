//! The queue page.

use std::collections::BTreeSet;

use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse, Response};
use review::{CaseId, Mask, Permission, QUEUE_ORDER, Queue};
use serde::Deserialize;
use utoipa::IntoParams;

use super::html;
use crate::asking::Asking;
use crate::desk::{Refusal, readable};
use crate::http::App;
use crate::http::cursor;
use crate::http::guard::Shows;
use crate::http::openapi::PageProblems;
use crate::http::problem::{Kind, Problem};
use crate::store::{self, Status, Unit};
use crate::view::{CaseCard, QueuePage, Recorded, found_case};

const PAGE_LENGTH: u32 = 25;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct QueueParams {
    /// Only cases that stand so: open or decided.
    #[param(required = false, schema_with = crate::http::bodies::choices::status_schema)]
    status: Option<String>,
    /// Where the page before ended.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
    /// The case that has just been decided.
    #[param(required = false, nullable = false)]
    recorded: Option<String>,
}

/// The queue
#[utoipa::path(get, path = "/", operation_id = "queuePage", tag = "console", params(QueueParams),
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
    let queues = unmasked(&asking);
    let person = asking.name.to_string();
    let list =
        store::Query { status: Some(status), queues, person, limit: PAGE_LENGTH, ..store::Query::default() };
    let after = params.cursor.as_deref().filter(|text| !text.is_empty());
    let after = after.map(|text| cursor::decode(&list, text)).transpose()?;
    let is_first = after.is_none();
    let list = store::Query { after, ..list };
    let mut unit = app.store().read().await?;
    let listed = unit.queue(&list).await?;
    let shown: Vec<&str> = listed.entries.iter().map(|entry| entry.rank.case.as_str()).collect();
    let shows = Shows { detail: vec![("cases", shown.join(" "))], ..Shows::default() };
    let page = QueuePage {
        frame: app.frame(Some(&asking)),
        status,
        order: QUEUE_ORDER,
        open_count: unit.count(Status::Open, &list.queues).await?,
        decided_count: unit.count(Status::Decided, &list.queues).await?,
        cards: listed.entries.iter().map(CaseCard::of).collect(),
        next: listed.next.map(|rank| cursor::encode(&list, &rank)),
        is_first,
        recorded: recorded(&mut unit, &asking, params.recorded.as_deref()).await?,
    };
    Ok((Extension(shows), html(&page)).into_response())
}

/// The queues of which somebody may see everything; pages show all or nothing.
pub(super) fn unmasked(asking: &Asking) -> BTreeSet<Queue> {
    let mut queues = asking.rights.queues(Permission::CasesRead);
    queues.retain(|queue| !Mask::ALL.iter().any(|mask| asking.rights.hides(*mask, *queue)));
    queues
}

/// What has just been recorded, to tell whoever recorded it.
pub(super) async fn recorded(
    unit: &mut Unit,
    asking: &Asking,
    case: Option<&str>,
) -> Result<Option<Recorded>, Problem> {
    let Some(case) = case.and_then(CaseId::parse) else { return Ok(None) };
    match readable(unit, asking, &case).await {
        Ok((docket, _)) => {
            let found = found_case(&docket, &case);
            Ok(found.and_then(|found| Some(Recorded::of(found.decision?, &case))))
        }
        Err(Refusal::Unknown) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}
