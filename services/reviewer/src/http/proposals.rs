//! What takes two people.

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use events::Millis;
use review::{Act, CaseId, Proposal, ProposalStatus};
use serde::{Deserialize, Serialize};
use utoipa::openapi::schema::Object;
use utoipa::{IntoParams, ToSchema};

use super::App;
use super::bodies::choices::words;
use super::command::{Command, Done, Nothing};
use super::cursor::Place;
use super::lists::{after, limit, page};
use super::openapi::{CommandProblems, ListProblems, ReadProblems};
use super::problem::{Kind, Problem};
use super::request::{ContentHash, Named, Person, request};
use crate::asking::Asking;
use crate::desk::{self, Wanted, is_name};
use crate::store::{StoredProposal, Unit};

/// A proposal, as it stands.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalBody {
    /// The proposal.
    #[schema(example = "p4be1d0a7c6f59e2a1b03")]
    proposal_id: String,
    /// What is proposed.
    #[schema(schema_with = act_schema)]
    act: &'static str,
    /// What exactly.
    #[schema(example = "grant_role bo lead")]
    content: String,
    /// The hash that whoever approves must send.
    #[schema(example = "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262")]
    content_hash: String,
    /// The case that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    case_id: Option<String>,
    /// Who proposed it.
    #[schema(example = "ana")]
    proposed_by: String,
    /// When, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    proposed_at: Millis,
    /// Until when it can be approved, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_315_600_000_u64)]
    expires_at: Millis,
    /// Where it stands.
    #[schema(schema_with = status_schema)]
    status: &'static str,
    /// Who approved or withdrew it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    settled_by: Option<String>,
}

fn act_schema() -> Object {
    words("What is proposed.", Act::ALL.iter().map(|act| act.as_str()))
}

fn status_schema() -> Object {
    words("Where it stands.", ProposalStatus::ALL.iter().map(|status| status.as_str()))
}

impl ProposalBody {
    pub(super) fn new(proposal: &Proposal, case: Option<&CaseId>, now: Millis) -> Self {
        Self {
            proposal_id: proposal.id.clone(),
            act: proposal.act.as_str(),
            content: proposal.content.clone(),
            content_hash: proposal.content_hash(),
            case_id: case.map(ToString::to_string),
            proposed_by: proposal.proposed_by.clone(),
            proposed_at: proposal.proposed_at,
            expires_at: proposal.expires_at(),
            status: proposal.status_at(now).as_str(),
            settled_by: None,
        }
    }

    fn of(stored: &StoredProposal, now: Millis) -> Self {
        let settled_by = stored.settled_by.clone();
        Self { settled_by, ..Self::new(&stored.proposal, stored.case.as_ref(), now) }
    }
}

/// Proposals, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct ProposalList {
    /// The proposals. A page may hold fewer than were asked for, also where others follow.
    proposals: Vec<ProposalBody>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// Which proposals to list.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct ProposalParams {
    /// Only those that wait for a second person, unless it is `all`.
    #[param(required = false, schema_with = which_schema)]
    status: Option<String>,
    /// At most so many; brought into 1 to 200. 50 where it is left out.
    #[param(required = false, schema_with = super::bodies::choices::limit_schema)]
    limit: Option<String>,
    /// Where the page before ended: its `next`, of the same list.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

fn which_schema() -> Object {
    words("Which proposals.", ["waiting", "all"])
}

/// Proposals of one's own, and those that one may approve
#[utoipa::path(get, path = "/v1/proposals", operation_id = "listProposals", tag = "proposals", params(ProposalParams),
    responses((status = 200, description = "The proposals.", body = ProposalList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Query(params): Query<ProposalParams>,
) -> Result<Json<ProposalList>, Problem> {
    let only_waiting = match params.status.as_deref() {
        None | Some("waiting") => true,
        Some("all") => false,
        Some(_) => {
            let what = "status must be waiting or all";
            return Err(Problem::new(Kind::BadParameter).because(what));
        }
    };
    let list = if only_waiting { "proposals that wait" } else { "proposals" };
    let (limit, after) = (limit(params.limit.as_deref())?, after(list, params.cursor.as_deref())?);
    let after = after.map_or((Millis::MAX, String::new()), |Place { number, name }| (number, name));
    let (mut unit, now) = (app.store().read().await?, app.now());
    let mut found = unit.proposals(only_waiting, after, limit + 1).await?;
    let place = |stored: &StoredProposal| Place::new(stored.proposal.proposed_at, &stored.proposal.id);
    let next = page(&mut found, limit, list, place);
    let mut proposals = Vec::new();
    for stored in found {
        if desk::knows(&mut unit, &asking, &stored).await? {
            proposals.push(ProposalBody::of(&stored, now));
        }
    }
    Ok(Json(ProposalList { proposals, next }))
}

/// One proposal
#[utoipa::path(get, path = "/v1/proposals/{id}", operation_id = "readProposal", tag = "proposals",
    params(("id" = String, Path, description = "The proposal.", example = "p4be1d0a7c6f59e2a1b03")),
    responses((status = 200, description = "The proposal.", body = ProposalBody), ReadProblems))]
pub(super) async fn read(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
) -> Result<Json<ProposalBody>, Problem> {
    let id = proposal_id(id)?;
    let mut unit = app.store().read().await?;
    let stored = unit.proposal(&id).await?.ok_or_else(|| Problem::new(Kind::NotFound))?;
    if !desk::knows(&mut unit, &asking, &stored).await? {
        return Err(Problem::new(Kind::NotFound));
    }
    Ok(Json(ProposalBody::of(&stored, app.now())))
}

/// What is proposed; its schema is written where the document is served.
#[derive(ToSchema)]
pub(super) struct ProposalRequest {}

/// Proposes something that takes a second person
#[utoipa::path(post, path = "/v1/proposals", operation_id = "propose", tag = "proposals",
    request_body = ProposalRequest,
    responses((status = 201, description = "It waits.", body = ProposalBody), CommandProblems))]
pub(super) async fn propose(State(app): State<App>, command: Command) -> Result<Response, Problem> {
    let wanted = wanted(&app, &command)?;
    let propose = async |unit: &mut Unit| {
        let proposal = desk::propose(unit, &command.asking, &wanted, command.now).await?;
        Ok(Done::made(ProposalBody::new(&proposal, wanted.case(), command.now)))
    };
    command.run(&app, propose).await
}

fn wanted(app: &App, command: &Command) -> Result<Wanted, Problem> {
    let own = |word: &str| Act::parse(word).filter(|act| !matches!(act, Act::Suspend | Act::Refer));
    let act = command.choice("act", own, "choose what is proposed")?;
    let only = |fields: &[&str]| command.only(&[&["act"], fields].concat(), Kind::InvalidBody);
    let case = || command.part::<CaseId>("case_id");
    Ok(match act {
        Act::Reveal => {
            only(&["case_id", "purpose"])?;
            Wanted::Reveal { case: case()?, purpose: command.part("purpose")? }
        }
        Act::ReleaseHold => {
            only(&["hold_id"])?;
            Wanted::ReleaseHold { hold: command.part::<Named<'h'>>("hold_id")?.0 }
        }
        Act::PromoteModel => {
            only(&["model"])?;
            let model = |text: &str| {
                let is_id = text.len() == 16 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
                is_id.then(|| text.to_owned())
            };
            Wanted::PromoteModel { model: command.choice("model", model, "name a model by its id")? }
        }
        Act::GrantRole => {
            only(&["person", "role"])?;
            let role = |text: &str| {
                let is_name = (1..=64).contains(&text.len());
                (is_name && text.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'))
                    .then(|| text.to_owned())
            };
            let (person, role) =
                (command.part::<Person>("person")?.0, command.choice("role", role, "name a role")?);
            if !app.0.roles.0.contains_key(&role) {
                return Err(Problem::new(Kind::NotFound).because("there is no such role"));
            }
            Wanted::GrantRole { person, role }
        }
        Act::ReadMore => {
            only(&[])?;
            Wanted::ReadMore
        }
        Act::Erase | Act::Suspend | Act::Refer => {
            only(&["case_id"])?;
            Wanted::Erase { case: case()? }
        }
    })
}

/// A proposal's name, where a text can be one.
pub(super) fn proposal_id(text: String) -> Result<String, Problem> {
    if is_name('p', &text) { Ok(text) } else { Err(Problem::new(Kind::NotFound)) }
}

request! {
    /// What whoever approves has read.
    ApprovalRequest {
        /// The proposal's `content_hash`.
        content_hash: ContentHash,
    }
}

/// What became of a proposal.
#[derive(Serialize, ToSchema)]
pub(super) struct Settled {
    /// The proposal.
    #[schema(example = "p4be1d0a7c6f59e2a1b03")]
    proposal_id: String,
    /// What became of it.
    #[schema(schema_with = status_schema)]
    status: &'static str,
}

/// Approves what somebody else proposed, and does it
///
/// Where what it is about has changed since, it is void and nothing is done; that too is answered with 200, and
/// `status` tells.
#[utoipa::path(post, path = "/v1/proposals/{id}/approval", operation_id = "approve", tag = "proposals",
    params(("id" = String, Path, description = "The proposal.", example = "p4be1d0a7c6f59e2a1b03")),
    request_body = ApprovalRequest,
    responses((status = 200, description = "It is settled.", body = Settled), CommandProblems))]
pub(super) async fn approve(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let ApprovalRequest { content_hash: hash } = command.body()?;
    let id = proposal_id(id)?;
    let mut settled = None;
    let approve = async |unit: &mut Unit| {
        let (act, status) = desk::approve(unit, &command.asking, (&id, &hash.0), command.now).await?;
        settled = Some((act, status));
        Ok(Done::with(Settled { proposal_id: id.clone(), status: status.as_str() }))
    };
    let answer = command.run(&app, approve).await?;
    note_settled(&app, settled);
    Ok(answer)
}

/// Counts what became of a proposal, and the decision that it was.
pub(super) fn note_settled(app: &App, settled: Option<(Act, ProposalStatus)>) {
    let Some((act, status)) = settled else { return };
    app.0.metrics.settled(status);
    if status == ProposalStatus::Approved && matches!(act, Act::Suspend | Act::Refer) {
        app.0.metrics.decided(review::Outcome::Abusive);
    }
}

/// Withdraws one's own proposal, or refuses somebody else's
#[utoipa::path(delete, path = "/v1/proposals/{id}", operation_id = "withdrawProposal", tag = "proposals",
    params(("id" = String, Path, description = "The proposal.", example = "p4be1d0a7c6f59e2a1b03")),
    responses((status = 204, description = "It is withdrawn."), CommandProblems))]
pub(super) async fn withdraw(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let id = proposal_id(id)?;
    let withdraw = async |unit: &mut Unit| {
        desk::withdraw(unit, &command.asking, &id, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, withdraw).await
}
