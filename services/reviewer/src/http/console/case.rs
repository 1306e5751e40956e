//! The page of one case, and the form on it.

use axum::Form;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use review::{CaseId, Fault, Finding, Outcome};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::html;
use super::queue::recorded;
use crate::http::App;
use crate::http::auth::Asking;
use crate::http::cases::case_id;
use crate::http::openapi::{FormProblems, PageProblems};
use crate::http::problem::{Kind, Problem};
use crate::store::{self, Refusal, Status};
use crate::view::{CasePage, Chosen, Notice, Shown};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CaseParams {
    /// The case that has just been decided.
    #[param(required = false, nullable = false)]
    recorded: Option<String>,
}

/// The decision form. Each outcome has its own list of reasons; the other's is not read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct DecisionForm {
    /// The version of the case as it was read.
    version: String,
    /// abusive or benign.
    outcome: String,
    /// What it is about, where abuse was found.
    category: String,
    /// Why abuse was found.
    abusive_reason: String,
    /// Why none was found.
    benign_reason: String,
}

impl DecisionForm {
    /// What was chosen, without what belongs to the outcome that was not.
    fn chosen(self) -> Chosen {
        let (category, reason) = match Outcome::parse(&self.outcome) {
            Some(Outcome::Abusive) => (self.category, self.abusive_reason),
            Some(Outcome::Benign) => (String::new(), self.benign_reason),
            None => (String::new(), String::new()),
        };
        Chosen { outcome: self.outcome, category, reason }
    }
}

impl Chosen {
    fn finding(&self) -> Result<Finding, Vec<Fault>> {
        fn word(text: &str) -> Option<&str> {
            (!text.is_empty()).then_some(text)
        }
        Finding::parse(word(&self.outcome), word(&self.category), word(&self.reason))
    }
}

/// One case
#[utoipa::path(get, path = "/cases/{id}", operation_id = "casePage", tag = "console", security(("token" = [])),
    params(("id" = String, Path, description = "The case."), CaseParams),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), PageProblems))]
pub(in crate::http) async fn page(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Query(params): Query<CaseParams>,
) -> Result<Response, Problem> {
    let recorded = recorded(&app, params.recorded.as_deref()).await?;
    show(&app, &asking, &case_id(&id)?, Shown { recorded, ..Shown::default() }).await
}

/// Decides a case and goes on to the next one
#[utoipa::path(post, path = "/cases/{id}/decision", operation_id = "decideOnPage", tag = "console", security(("token" = [])),
    params(("id" = String, Path, description = "The case.")),
    request_body(content = DecisionForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Recorded; on to the next open case."),
        (status = 409, description = "Already decided: the page, with what was chosen.", body = String,
         content_type = "text/html"),
        (status = 412, description = "Changed since it was read: the page, with what was chosen.", body = String,
         content_type = "text/html"),
        (status = 422, description = "Incomplete: the page, with what is missing.", body = String,
         content_type = "text/html"),
        FormProblems,
    ))]
pub(in crate::http) async fn decide(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<DecisionForm>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let version = form.version.parse().map_err(|_| Problem::new(Kind::BadRequest))?;
    let chosen = form.chosen();
    let finding = match chosen.finding() {
        Ok(finding) => finding,
        Err(faults) => {
            let shown = Shown { notice: Some(Notice::Incomplete), chosen, faults, ..Shown::default() };
            return Ok(
                (StatusCode::UNPROCESSABLE_ENTITY, show(&app, &asking, &case, shown).await?).into_response()
            );
        }
    };
    let (status, notice) = match app.decide(&case, Some(version), finding, &asking).await {
        Ok(()) => return Ok(Redirect::to(&next_page(&app, &case).await?).into_response()),
        Err(Refusal::Changed) => (StatusCode::PRECONDITION_FAILED, Notice::Changed),
        Err(Refusal::Decided) => (StatusCode::CONFLICT, Notice::Changed),
        Err(refusal) => return Err(refusal.into()),
    };
    let shown = Shown { notice: Some(notice), chosen, ..Shown::default() };
    Ok((status, show(&app, &asking, &case, shown).await?).into_response())
}

/// The next open case, or the queue where there is none.
async fn next_page(app: &App, decided: &CaseId) -> Result<String, Problem> {
    let query = store::Query { status: Some(Status::Open), after: None, limit: 1 };
    let next = app.store().queue(&query).await?.entries.into_iter().next();
    Ok(match next {
        Some(entry) => format!("/cases/{}?recorded={decided}", entry.rank.case),
        None => format!("/?recorded={decided}"),
    })
}

async fn show(app: &App, asking: &Asking, case: &CaseId, shown: Shown) -> Result<Response, Problem> {
    let docket = app.store().docket_of(case).await?.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let page = CasePage::of(app.frame(Some(asking)), &docket, case, shown);
    Ok(html(&page.ok_or_else(|| Problem::new(Kind::NotFound))?))
}
