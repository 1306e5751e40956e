//! Cases for programs: lists, one case, decisions, statements.

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use events::Millis;
use review::{Bars, CaseId, Finding, Purpose, Statement, UndoReason, Words};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::bodies::{CaseDetail, CaseList, DecisionRequest, Dossier, ListParams};
use super::command::{Command, Done};
use super::guard::Shows;
use super::lists;
use super::openapi::{CommandProblems, DecideProblems, ListProblems, ReadProblems};
use super::problem::{Kind, Problem};
use super::proposals::ProposalBody;
use super::reading;
use super::request::{Account, request};
use crate::asking::Asking;
use crate::desk::{self, Decided, Refusal};
use crate::store::Unit;

/// Cases, first the one to look at first
///
/// Only cases of queues that may be read. Pages are stable while cases come in: a case that stood still is neither
/// shown twice nor left out. A case that rises meanwhile is found on an earlier page.
#[utoipa::path(get, path = "/v1/cases", operation_id = "listCases", tag = "cases", params(ListParams),
    responses((status = 200, description = "One page of cases.", body = CaseList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Query(params): Query<ListParams>,
) -> Result<Response, Problem> {
    let query = lists::query(&params, &asking)?;
    let mut unit = app.store().read().await?;
    let page = unit.queue(&query).await?;
    app.0.listed.allow(&mut unit, &asking, &page).await?;
    let shown: Vec<&str> = page.entries.iter().map(|entry| entry.rank.case.as_str()).collect();
    let shows = Shows { detail: vec![("cases", shown.join(" "))], ..Shows::default() };
    Ok((Extension(shows), Json(CaseList::of(&query, page, &asking, app.now()))).into_response())
}

/// Everything about one case
///
/// That its evidence was served is recorded; only then can it be decided.
#[utoipa::path(get, path = "/v1/cases/{id}", operation_id = "readCase", tag = "cases",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses(
        (status = 200, description = "The case.", body = CaseDetail,
         headers(("ETag" = String, description = "The case's version, for `If-Match`."))),
        ReadProblems,
    ))]
pub(super) async fn read(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let mut unit = app.store().read().await?;
    let dossier = Dossier::read(&mut unit, &asking, &case).await?;
    let version = dossier.docket.version_of(&case).unwrap_or_default();
    reading::within_limit(&mut unit, &asking, &case).await?;
    let body = detail((&dossier, app.bars()), &case, &asking, app.now())?;
    app.0.metrics.shown(dossier.queue);
    let shows = Shows { evidence: Some((case, version)), ..Shows::default() };
    let etag = HeaderValue::try_from(format!("\"{version}\"")).map_err(|_| Problem::new(Kind::Internal))?;
    Ok((Extension(shows), [(header::ETAG, etag)], Json(body)).into_response())
}

/// Decides a case
///
/// `If-Match` must hold the ETag of the case as it was read, and the case must have been read by whoever decides, so
/// that nobody decides what they have not seen. `suspend` and `refer` become a proposal that a second person approves.
#[utoipa::path(post, path = "/v1/cases/{id}/decision", operation_id = "decideCase", tag = "cases",
    params(
        ("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03"),
        ("If-Match" = String, Header, description = "The ETag of the case as it was read.", example = "\"2\""),
    ),
    request_body = DecisionRequest,
    responses(
        (status = 200, description = "The case, decided.", body = CaseDetail,
         headers(("ETag" = String, description = "The case's version."))),
        (status = 202, description = "The proposal that waits for a second person.", body = ProposalBody),
        DecideProblems,
    ))]
pub(super) async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let finding = finding(&command)?;
    let version = command.if_match()?;
    let case = case_id(&id)?;
    let decide = async |unit: &mut Unit| {
        let done = desk::decide(unit, &command.asking, &case, (version, finding), command.now).await?;
        let Decided::Stands(decided) = done else {
            return Ok(proposed(done, &case, command.now));
        };
        let dossier = Dossier::read(unit, &command.asking, &case).await?;
        let body =
            Decision::Case(Box::new(detail((&dossier, app.bars()), &case, &command.asking, command.now)?));
        Ok(Done::with(body).tagged(decided.version()))
    };
    command.run(&app, decide).await
}

/// What a decision is answered with.
#[derive(Serialize)]
#[serde(untagged)]
enum Decision {
    Case(Box<CaseDetail>),
    Proposal(Box<ProposalBody>),
}

/// A decision that waits for a second person.
fn proposed(done: Decided, case: &CaseId, now: Millis) -> Done<Decision> {
    match done {
        Decided::Waits(proposal) => {
            let body = Decision::Proposal(Box::new(ProposalBody::new(&proposal, Some(case), now)));
            Done::with(body).status(StatusCode::ACCEPTED)
        }
        Decided::Stands(_) => Done::nothing(),
    }
}

request! {
    /// Why a decision is taken back.
    UndoRequest {
        /// Why.
        reason: UndoReason,
    }
}

/// Takes the decision on a case back
///
/// Whoever decided may for a day, whoever approves at any time. The label goes, the case waits again, and the history
/// keeps both.
#[utoipa::path(delete, path = "/v1/cases/{id}/decision", operation_id = "undoDecision", tag = "cases",
    params(
        ("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03"),
        ("If-Match" = String, Header, description = "The ETag of the case as it was read.", example = "\"2\""),
    ),
    request_body = UndoRequest,
    responses(
        (status = 200, description = "The case, open again.", body = CaseDetail,
         headers(("ETag" = String, description = "The case's version."))),
        DecideProblems,
    ))]
pub(super) async fn undo(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let UndoRequest { reason } = command.body()?;
    let version = command.if_match()?;
    let case = case_id(&id)?;
    let undo = async |unit: &mut Unit| {
        desk::undo(unit, &command.asking, &case, (version, reason), command.now).await?;
        let dossier = Dossier::read(unit, &command.asking, &case).await?;
        let done = Done::with(detail((&dossier, app.bars()), &case, &command.asking, command.now)?);
        Ok(done.tagged(dossier.docket.version_of(&case).unwrap_or_default()))
    };
    command.run(&app, undo).await
}

/// The statement of reasons for whoever a decision is about.
#[derive(Serialize, ToSchema)]
pub(super) struct StatementBody {
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// When it was decided, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    decided_at: u64,
    /// What was done.
    restriction: &'static str,
    /// Where it holds, and for how long.
    scope: &'static str,
    /// Whether others reported it, or the platform looked by itself.
    initiative: &'static str,
    /// What was observed.
    facts: Vec<String>,
    /// That a machine pointed to it and people decided.
    means: &'static str,
    /// Which rule, and why what was observed goes against it.
    ground: String,
    /// How to object.
    redress: &'static str,
}

/// The statement of reasons of the decision on a case
#[utoipa::path(get, path = "/v1/cases/{id}/statement", operation_id = "readStatement", tag = "cases",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses((status = 200, description = "The statement.", body = StatementBody), ReadProblems))]
pub(super) async fn statement(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Result<Json<StatementBody>, Problem> {
    let case = case_id(&id)?;
    let mut unit = app.store().read().await?;
    let queue = unit.queue_of(&case).await?.ok_or(Refusal::Unknown)?;
    if !(asking.reads(queue) || asking.rights.may_in(review::Permission::AppealsOpen, queue)) {
        return Err(Problem::new(Kind::NotFound));
    }
    if unit.is_blind(&asking.name, &case).await? {
        return Err(Refusal::Blind.into());
    }
    let docket = unit.docket_of(&case).await?.ok_or(Refusal::Unknown)?;
    let decided = docket.decided_case(&case).ok_or(Refusal::NotDecided)?;
    let said = Statement::of(decided).ok_or(Refusal::NotDecided)?;
    let Statement { restriction, scope, initiative, facts, means, ground, redress } = said;
    let (case_id, decided_at) = (case.to_string(), decided.decision().at);
    let body =
        StatementBody { case_id, decided_at, restriction, scope, initiative, facts, means, ground, redress };
    Ok(Json(body))
}

request! {
    /// Whom to look for, and what for.
    SearchRequest {
        /// The account's pseudonym.
        account: Account,
        /// What for; it is recorded.
        purpose: Purpose,
    }
}

/// The case that was found.
#[derive(Serialize, ToSchema)]
pub(super) struct Found {
    /// The account's latest case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
}

/// Looks an account's latest case up by its whole pseudonym, for a purpose
#[utoipa::path(post, path = "/v1/searches", operation_id = "searchCases", tag = "cases",
    request_body = SearchRequest,
    responses((status = 200, description = "The case.", body = Found), CommandProblems))]
pub(super) async fn search(State(app): State<App>, command: Command) -> Result<Response, Problem> {
    let SearchRequest { account, purpose } = command.body()?;
    let mut unit = app.store().read().await?;
    let found = unit.case_of_account(account.0.as_str()).await?;
    let queue = match &found {
        Some(case) => unit.queue_of(case).await?,
        None => None,
    };
    let found = found.filter(|_| queue.is_some_and(|queue| command.asking.reads(queue)));
    let case_id = found.ok_or_else(|| Problem::new(Kind::NotFound))?.to_string();
    let detail = vec![("case", case_id.clone()), ("purpose", purpose.as_str().to_owned())];
    Ok((Extension(Shows { detail, ..Shows::default() }), Json(Found { case_id })).into_response())
}

pub(super) fn case_id(text: &str) -> Result<CaseId, Problem> {
    CaseId::parse(text).ok_or_else(|| Problem::new(Kind::NotFound))
}

pub(super) fn detail(
    (dossier, bars): (&Dossier, &Bars),
    case: &CaseId,
    asking: &Asking,
    now: Millis,
) -> Result<CaseDetail, Problem> {
    let body = CaseDetail::of(dossier, case, (asking, bars), now);
    body.ok_or_else(|| Problem::new(Kind::NotFound))
}

/// The finding in a body, or a problem that names every fault by its JSON pointer.
fn finding(command: &Command) -> Result<Finding, Problem> {
    command.only(&["outcome", "category", "policy", "reason", "action"], Kind::InvalidDecision)?;
    let words = Words {
        outcome: command.word("outcome"),
        category: command.word("category"),
        policy: command.word("policy"),
        reason: command.word("reason"),
        action: command.word("action"),
    };
    Finding::parse(words).map_err(|faults| {
        let problem = Problem::new(Kind::InvalidDecision);
        faults.iter().fold(problem, |p, fault| p.at(format!("/{}", fault.field.as_str()), fault.expected))
    })
}
