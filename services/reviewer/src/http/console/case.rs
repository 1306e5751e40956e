//! The page of one case, and the form on it.

use axum::Form;
use axum::extract::{Extension, Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use review::{CaseId, Fault, Finding, Outcome, Permission, SkipReason, Words};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::html;
use super::queue::{said_of, unmasked};
use super::work::possible;
use crate::asking::Asking;
use crate::desk::{self, Decided, Refusal};
use crate::http::App;
use crate::http::bodies::Dossier;
use crate::http::cases::case_id;
use crate::http::guard::{Shows, Written};
use crate::http::openapi::{FormProblems, PageProblems};
use crate::http::problem::{Kind, Problem};
use crate::http::reading::within_limit;
use crate::view::{CasePage, Chosen, Notice, Shown};

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(in crate::http) struct CaseParams {
    /// The case that has just been decided.
    #[param(required = false, nullable = false)]
    recorded: Option<String>,
    /// The case of which something was just proposed.
    #[param(required = false, nullable = false)]
    proposed: Option<String>,
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
    let said = (params.recorded.as_deref(), params.proposed.as_deref());
    let said = said_of(&mut unit, &asking, said).await?;
    drop(unit);
    show(&app, &asking, &case_id(&id)?, Shown { said, ..Shown::default() }).await
}

/// Decides a case and goes on to the next one
#[utoipa::path(post, path = "/cases/{id}/decision", operation_id = "decideOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = DecisionForm, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 303, description = "Recorded; on to the next case, which is then in hand."),
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
            let said = if matches!(done, Decided::Stands(_)) { "recorded" } else { "proposed" };
            let next = next_page(&app, &asking).await? + &format!("?{said}={case}");
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

/// Takes the next case in hand, where there is one and they may: its page, or the queue's.
async fn next_page(app: &App, asking: &Asking) -> Result<String, Problem> {
    let queue = "/".to_owned();
    if !asking.rights.may(Permission::CasesClaim) {
        return Ok(queue);
    }
    let mut unit = app.store().write().await?;
    match desk::claim_next(&mut unit, asking, app.0.shares, app.now()).await {
        Ok(Some((case, _))) => {
            unit.commit().await?;
            Ok(format!("/cases/{case}"))
        }
        Ok(None) | Err(Refusal::Exposed) => Ok(queue),
        Err(refusal) => Err(refusal.into()),
    }
}

/// The form by which a case is passed on.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct SkipForm {
    /// Why.
    reason: String,
}

/// Passes a case on, which hides it from whoever does, and goes on to the next one
#[utoipa::path(post, path = "/cases/{id}/skip", operation_id = "skipOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = SkipForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Passed on; to the next case, or the queue."), FormProblems))]
pub(in crate::http) async fn skip(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<SkipForm>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let reason = SkipReason::parse(&form.reason).ok_or_else(|| Problem::new(Kind::BadRequest))?;
    let mut unit = app.store().write().await?;
    desk::skip(&mut unit, &asking, &case, reason, app.now()).await?;
    unit.commit().await?;
    Ok((Extension(Written), Redirect::to(&next_page(&app, &asking).await?)).into_response())
}

async fn show(app: &App, asking: &Asking, case: &CaseId, shown: Shown) -> Result<Response, Problem> {
    let mut unit = app.store().read().await?;
    let dossier = Dossier::read(&mut unit, asking, case).await?;
    if !unmasked(asking).contains(&dossier.queue) {
        return Err(Problem::new(Kind::Forbidden));
    }
    within_limit(&mut unit, asking, case).await?;
    let version = dossier.docket.version_of(case).unwrap_or_default();
    let shown = Shown {
        waits: dossier.waits(),
        held_by: dossier.held_by(&asking.name, app.now()),
        work: possible(app, &mut unit, asking, (&dossier, case)).await?,
        is_break_due: desk::is_break_due(&mut unit, asking, app.now()).await?,
        ..shown
    };
    let page = CasePage::of((app.frame(Some(asking)), app.bars()), &dossier.docket, case, shown);
    let page = page.ok_or_else(|| Problem::new(Kind::NotFound))?;
    app.0.metrics.shown(dossier.queue);
    let shows = Shows { evidence: Some((case.clone(), version)), ..Shows::default() };
    Ok((Extension(shows), html(&page)).into_response())
}
