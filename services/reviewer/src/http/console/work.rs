//! What is done to a case on its page besides deciding it: notes, putting it off, letting it go, handing it over, taking
//! a decision back, and the second person's word.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::{Extension, Path, State};
use axum::response::{IntoResponse, Redirect, Response};
use events::Millis;
use review::{CaseId, NoteCode, Permission, Queue, SnoozeReason, UndoReason};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::asking::{Asking, Via};
use crate::desk::{self, Refusal};
use crate::http::App;
use crate::http::bodies::Dossier;
use crate::http::cases::case_id;
use crate::http::guard::Written;
use crate::http::openapi::WorkProblems;
use crate::http::problem::{Kind, Problem};
use crate::http::proposals::proposal_id;
use crate::http::request::Person;
use crate::store::Unit;
use crate::view::{Pending, Work, found_case};

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Does something to a case, and goes to a page.
async fn then(
    app: &App,
    page: &str,
    act: impl AsyncFnOnce(&mut Unit) -> Result<(), Refusal>,
) -> Result<Response, Problem> {
    let mut unit = app.store().write().await?;
    act(&mut unit).await?;
    unit.commit().await?;
    Ok((Extension(Written), Redirect::to(page)).into_response())
}

/// The value of a field, which must be one.
fn given<T>(value: Option<T>) -> Result<T, Problem> {
    value.ok_or_else(|| Problem::new(Kind::BadRequest))
}

fn page_of(case: &CaseId) -> String {
    format!("/cases/{case}")
}

/// A note.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct NoteForm {
    /// What it says; none that speaks of another case.
    code: String,
}

/// Writes a note
#[utoipa::path(post, path = "/cases/{id}/notes", operation_id = "noteOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = NoteForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Written; back to the case."), WorkProblems))]
pub(in crate::http) async fn note(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<NoteForm>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let code = given(NoteCode::parse(&form.code).filter(|code| !code.names_a_case()))?;
    let write = async |unit: &mut Unit| {
        desk::write_note(unit, &asking, &case, (code, None), app.now()).await.map(drop)
    };
    then(&app, &page_of(&case), write).await
}

/// Why a case is put off, and for how long.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct SnoozeForm {
    /// Why.
    reason: String,
    /// Days, 1 to 30.
    days: String,
}

/// Puts a case off, for everybody
#[utoipa::path(post, path = "/cases/{id}/snooze", operation_id = "snoozeOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = SnoozeForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Put off; to the queue."), WorkProblems))]
pub(in crate::http) async fn snooze(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<SnoozeForm>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let reason = given(SnoozeReason::parse(&form.reason))?;
    let days: Millis = given(form.days.parse().ok().filter(|days| (1..=30).contains(days)))?;
    let now = app.now();
    let until = now + days * DAY_MS;
    let snooze =
        async |unit: &mut Unit| desk::snooze(unit, &asking, &case, (reason, until), now).await.map(drop);
    then(&app, "/", snooze).await
}

/// Lets a case go
#[utoipa::path(post, path = "/cases/{id}/release", operation_id = "releaseOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    responses((status = 303, description = "Somebody else may take it; to the queue."), WorkProblems))]
pub(in crate::http) async fn release(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let release = async |unit: &mut Unit| desk::release_claim(unit, &asking, &case, app.now()).await;
    then(&app, "/", release).await
}

/// Who gets a case.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct HandOverForm {
    /// Their name.
    to: String,
}

/// Hands a case over
#[utoipa::path(post, path = "/cases/{id}/hand-over", operation_id = "handOverOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = HandOverForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "They have it; to the queue."), WorkProblems))]
pub(in crate::http) async fn hand_over(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<HandOverForm>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let to = app.known(given(Person::parse(&form.to))?.0.into(), Via::Bearer).await?;
    let hand_over =
        async |unit: &mut Unit| desk::hand_over(unit, &asking, &case, &to, app.now()).await.map(drop);
    then(&app, "/", hand_over).await
}

/// Why a decision is taken back.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct UndoForm {
    /// The version of the case as it was read.
    version: String,
    /// Why.
    reason: String,
}

/// Takes the decision on a case back, so that it waits again
#[utoipa::path(post, path = "/cases/{id}/undo", operation_id = "undoOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = UndoForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Taken back; to the case, which is open."), WorkProblems))]
pub(in crate::http) async fn undo(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<UndoForm>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let (version, reason) = (given(form.version.parse().ok())?, given(UndoReason::parse(&form.reason))?);
    let undo =
        async |unit: &mut Unit| desk::undo(unit, &asking, &case, (Some(version), reason), app.now()).await;
    then(&app, &page_of(&case), undo).await
}

/// What whoever is the second person has read.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub(in crate::http) struct SecondForm {
    /// The proposal.
    proposal: String,
    /// The hash of its content.
    content_hash: String,
}

/// Approves what somebody else proposed for a case
#[utoipa::path(post, path = "/cases/{id}/approval", operation_id = "approveOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = SecondForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Settled; back to the case."), WorkProblems))]
pub(in crate::http) async fn approve(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<SecondForm>,
) -> Result<Response, Problem> {
    let (case, proposal) = (case_id(&id)?, given(proposal_id(form.proposal).ok())?);
    let approve = async |unit: &mut Unit| {
        desk::approve(unit, &asking, (&proposal, &form.content_hash), app.now()).await?;
        Ok(())
    };
    then(&app, &page_of(&case), approve).await
}

/// Withdraws what one proposed for a case, or refuses what somebody else did
#[utoipa::path(post, path = "/cases/{id}/withdrawal", operation_id = "withdrawOnPage", tag = "console",
    params(("id" = String, Path, description = "The case.")),
    request_body(content = SecondForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "The case waits again; back to it."), WorkProblems))]
pub(in crate::http) async fn withdraw(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    Form(form): Form<SecondForm>,
) -> Result<Response, Problem> {
    let (case, proposal) = (case_id(&id)?, given(proposal_id(form.proposal).ok())?);
    let withdraw = async |unit: &mut Unit| desk::withdraw(unit, &asking, &proposal, app.now()).await;
    then(&app, &page_of(&case), withdraw).await
}

/// What somebody may do to a case besides deciding it.
pub(super) async fn possible(
    app: &App,
    unit: &mut Unit,
    asking: &Asking,
    (dossier, case): (&Dossier, &CaseId),
) -> Result<Work, Problem> {
    let (queue, now) = (dossier.queue, app.now());
    let may_claim = asking.rights.may_in(Permission::CasesClaim, queue);
    let may_approve = asking.rights.may_in(Permission::CasesApprove, queue);
    let decision = found_case(&dossier.docket, case).and_then(|found| found.decision);
    let pending = dossier.proposal().map(|proposal| {
        let is_own = proposal.proposed_by == *asking.name;
        Pending {
            id: proposal.id.clone(),
            act: proposal.act.sentence(),
            by: proposal.proposed_by.clone(),
            content_hash: proposal.content_hash(),
            may_approve: may_approve && !is_own,
            may_withdraw: may_approve || is_own,
        }
    });
    Ok(Work {
        may_claim,
        colleagues: if may_claim { colleagues(app, unit, asking, queue).await? } else { Vec::new() },
        may_undo: decision.is_some_and(|decision| desk::may_undo(asking, (decision, queue), now)),
        pending,
        notes: dossier.notes().to_vec(),
    })
}

/// Who else may take cases of a queue in hand.
async fn colleagues(
    app: &App,
    unit: &mut Unit,
    asking: &Asking,
    queue: Queue,
) -> Result<Vec<String>, Problem> {
    let mut people: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let held = unit.grants().await?.into_iter().filter(|held| held.revoked_at.is_none());
    held.filter(|held| held.person != *asking.name)
        .for_each(|held| people.entry(held.person).or_default().push(held.role));
    people.retain(|_, roles| {
        let rights = app.0.roles.rights(roles.iter().map(String::as_str));
        rights.may_in(Permission::CasesRead, queue) && rights.may_in(Permission::CasesClaim, queue)
    });
    Ok(people.into_keys().collect())
}
