//! The page of one case, and the form on it.

use axum::Form;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use review::{CaseId, Fault, Finding, Outcome, Words};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::html;
use super::queue::{recorded, unmasked};
use crate::asking::Asking;
use crate::desk::{self, Decided, Refusal};
use crate::http::App;
use crate::http::cases::{case_id, within_limit};
use crate::http::guard::{Shows, Written};
use crate::http::openapi::{FormProblems, PageProblems};
use crate::http::problem::{Kind, Problem};
use crate::store::{self, Status};
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
    /// Which rule it breaks, where abuse was found.
    policy: String,
    /// What is to be done, where abuse was found.
    action: String,
    /// Why abuse was found.
    abusive_reason: String,
    /// Why none was found.
    benign_reason: String,
}

impl DecisionForm {
    /// What was chosen, without what belongs to the outcome that was not.
    fn chosen(self) -> Chosen {
        let Self { outcome, category, policy, action, abusive_reason, benign_reason, .. } = self;
        match Outcome::parse(&outcome) {
            Some(Outcome::Abusive) => Chosen { outcome, category, policy, reason: abusive_reason, action },
            Some(Outcome::Benign) => Chosen { outcome, reason: benign_reason, ..Chosen::default() },
            None => Chosen { outcome, ..Chosen::default() },
        }
    }
}

impl Chosen {
    fn finding(&self) -> Result<Finding, Vec<Fault>> {
        fn word(text: &str) -> Option<&str> {
            (!text.is_empty()).then_some(text)
        }
        Finding::parse(Words {
            outcome: word(&self.outcome),
            category: word(&self.category),
            policy: word(&self.policy),
            reason: word(&self.reason),
            action: word(&self.action),
        })
    }
}

/// One case
#[utoipa::path(get, path = "/cases/{id}", operation_id = "casePage", tag = "console",
    params(("id" = String, Path, description = "The case."), CaseParams),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), PageProblems))]
pub(in crate::http) async fn page(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Query(params): Query<CaseParams>,
) -> Result<Response, Problem> {
    let mut unit = app.store().read().await?;
    let recorded = recorded(&mut unit, &asking, params.recorded.as_deref()).await?;
    within_limit(&mut unit, &asking, &case_id(&id)?).await?;
    drop(unit);
    show(&app, &asking, &case_id(&id)?, Shown { recorded, ..Shown::default() }).await
}

/// Decides a case and goes on to the next one
#[utoipa::path(post, path = "/cases/{id}/decision", operation_id = "decideOnPage", tag = "console",
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
    let now = app.now();
    let mut unit = app.store().write().await?;
    let (status, notice) = match desk::decide(&mut unit, &asking, &case, (Some(version), finding), now).await
    {
        Ok(done) => {
            unit.commit().await?;
            if let Decided::Stands(_) = done {
                app.0.metrics.decided(finding.outcome());
            }
            let next = next_page(&app, &asking, &case, &done).await?;
            return Ok((Extension(Written), Redirect::to(&next)).into_response());
        }
        Err(Refusal::Changed) => (StatusCode::PRECONDITION_FAILED, Notice::Changed),
        Err(Refusal::Decided) => (StatusCode::CONFLICT, Notice::Changed),
        Err(refusal) => return Err(refusal.into()),
    };
    drop(unit);
    let shown = Shown { notice: Some(notice), chosen, ..Shown::default() };
    Ok((status, show(&app, &asking, &case, shown).await?).into_response())
}

/// The next open case that nobody else has, or the queue where there is none.
async fn next_page(app: &App, asking: &Asking, decided: &CaseId, done: &Decided) -> Result<String, Problem> {
    let (status, queues) = (Some(Status::Open), unmasked(asking));
    let person = asking.name.to_string();
    let query = store::Query { status, queues, person, limit: 25, ..store::Query::default() };
    let (page, now) = (app.store().read().await?.queue(&query).await?, app.now());
    let is_free = |entry: &store::Entry| {
        let is_others = entry.claim.as_ref().is_some_and(|claim| claim.keeps_out(&asking.name, now));
        entry.proposal.is_none() && !is_others && entry.snoozed_until.is_none_or(|until| until <= now)
    };
    let said = if matches!(done, Decided::Stands(_)) { "recorded" } else { "proposed" };
    Ok(match page.entries.iter().find(|entry| is_free(entry)) {
        Some(entry) => format!("/cases/{}?{said}={decided}", entry.rank.case),
        None => format!("/?{said}={decided}"),
    })
}

async fn show(app: &App, asking: &Asking, case: &CaseId, shown: Shown) -> Result<Response, Problem> {
    let mut unit = app.store().read().await?;
    let (docket, queue) = desk::readable(&mut unit, asking, case).await?;
    if !unmasked(asking).contains(&queue) {
        return Err(Problem::new(Kind::Forbidden));
    }
    let waiting = unit.waiting(case).await?;
    let waits = waiting.is_some_and(|waiting| waiting.proposal.is_some());
    let version = docket.version_of(case).unwrap_or_default();
    let page = CasePage::of(app.frame(Some(asking)), &docket, case, Shown { waits, ..shown });
    let page = page.ok_or_else(|| Problem::new(Kind::NotFound))?;
    let shows = Shows { evidence: Some((case.clone(), version)), ..Shows::default() };
    Ok((Extension(shows), html(&page)).into_response())
}
