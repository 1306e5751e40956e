//! The queue page.

use std::collections::BTreeSet;

use axum::extract::{Extension, Query, State};
use axum::response::{IntoResponse, Redirect, Response};
use review::{CaseId, Mask, Permission, QUEUE_ORDER, Queue};
use serde::Deserialize;
use utoipa::IntoParams;

use super::html;
use crate::asking::Asking;
use crate::desk::{self, Refusal};
use crate::http::App;
use crate::http::bodies::Dossier;
use crate::http::cursor;
use crate::http::guard::{Shows, Written};
use crate::http::openapi::{FormProblems, PageProblems};
use crate::http::problem::{Kind, Problem};
use crate::store::{self, Status, Unit};
use crate::view::{CaseCard, HeldCase, QueuePage, Recorded, Said, found_case};

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
    /// The case of which something was just proposed.
    #[param(required = false, nullable = false)]
    proposed: Option<String>,
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
    let mut listed = unit.queue(&list).await?;
    app.0.listed.allow(&mut unit, &asking, &listed).await?;
    // What is in hand stands by itself, so that a second look, which is in no list, is found where any case is.
    let (name, now) = (&*asking.name, unit.now());
    listed.entries.retain(|entry| !entry.claim.as_ref().is_some_and(|c| c.by == name && c.until > now));
    let said = (params.recorded.as_deref(), params.proposed.as_deref());
    let mut in_hand = unit.in_hand(&asking.name).await?;
    in_hand.retain(|held| list.queues.contains(&held.queue));
    let cases_in_hand = in_hand.iter().filter(|held| held.is_case).count();
    let cases_in_hand = i64::try_from(cases_in_hand).unwrap_or(0);
    let listed_cases = listed.entries.iter().map(|entry| entry.rank.case.as_str());
    let shown: Vec<&str> = in_hand.iter().map(|held| held.case.as_str()).chain(listed_cases).collect();
    let shows = Shows { detail: vec![("cases", shown.join(" "))], ..Shows::default() };
    let page = QueuePage {
        frame: app.frame(Some(&asking)),
        status,
        order: QUEUE_ORDER,
        open_count: unit.count_open(&list.queues).await? - cases_in_hand,
        cards: listed.entries.iter().map(CaseCard::of).collect(),
        next: listed.next.map(|rank| cursor::encode(&list, &rank)),
        is_first,
        said: said_of(&mut unit, &asking, said).await?,
        in_hand: in_hand.iter().map(HeldCase::of).collect(),
        may_take: asking.rights.may(Permission::CasesClaim),
        is_break_due: desk::is_break_due(&mut unit, &asking, now).await?,
    };
    Ok((Extension(shows), html(&page)).into_response())
}

/// The queues of which somebody may see everything; pages show all or nothing.
pub(super) fn unmasked(asking: &Asking) -> BTreeSet<Queue> {
    let mut queues = asking.rights.queues(Permission::CasesRead);
    queues.retain(|queue| !Mask::ALL.iter().any(|mask| asking.rights.hides(*mask, *queue)));
    queues
}

/// Takes the next case in hand and shows it
#[utoipa::path(post, path = "/next", operation_id = "nextOnPage", tag = "console",
    responses((status = 303, description = "To the case; to the queue where nothing waits."), FormProblems))]
pub(in crate::http) async fn next(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Response, Problem> {
    let mut unit = app.store().write().await?;
    let taken = desk::claim_next(&mut unit, &asking, app.0.shares, app.now()).await?;
    let Some((case, _)) = taken else { return Ok(Redirect::to("/").into_response()) };
    unit.commit().await?;
    Ok((Extension(Written), Redirect::to(&format!("/cases/{case}"))).into_response())
}

/// What has just been recorded, or proposed, to tell whoever did it.
pub(super) async fn said_of(
    unit: &mut Unit,
    asking: &Asking,
    (recorded, proposed): (Option<&str>, Option<&str>),
) -> Result<Said, Problem> {
    let Some(case) = recorded.or(proposed).and_then(CaseId::parse) else { return Ok(Said::default()) };
    match Dossier::read(unit, asking, &case).await {
        Ok(dossier) => {
            let decision = found_case(&dossier.docket, &case).and_then(|found| found.decision);
            let proposed = (proposed.is_some() && dossier.waits()).then(|| case.to_string());
            Ok(Said { recorded: decision.map(|decision| Recorded::of(decision, &case)), proposed })
        }
        Err(Refusal::Unknown | Refusal::Blind) => Ok(Said::default()),
        Err(refusal) => Err(refusal.into()),
    }
}
