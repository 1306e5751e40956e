//! What people who work on cases tell each other: notes, and which cases belong together.

use axum::extract::{Path, State};
use axum::response::Response;
use events::Millis;
use review::{CaseId, MergeReason, Note, NoteCode, SplitReason};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::App;
use super::bodies::RingBody;
use super::bodies::choices::words;
use super::cases::case_id;
use super::command::{Command, Done, Nothing};
use super::openapi::CommandProblems;
use super::problem::{Kind, Problem};
use super::request::{Cases, request};
use crate::desk;
use crate::store::Unit;

request! {
    /// A note, in closed words.
    NoteRequest {
        /// What it says.
        code: NoteCode,
        /// The other case that it speaks of, where it speaks of one.
        about_case: Option<CaseId>,
    }
}

/// A note as it was written.
#[derive(Serialize, ToSchema)]
pub(super) struct NoteBody {
    /// The note.
    #[schema(example = "n4be1d0a7c6f59e2a1b03")]
    note_id: String,
    /// The case that it is on.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// What it says.
    #[schema(schema_with = code_schema)]
    code: &'static str,
    /// The other case that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    about_case: Option<String>,
    /// Who wrote it.
    #[schema(example = "ana")]
    by: String,
    /// When, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    at: Millis,
}

fn code_schema() -> Object {
    words("What it says.", NoteCode::ALL.iter().map(|code| code.as_str()))
}

impl NoteBody {
    fn of(note: Note) -> Self {
        Self {
            note_id: note.id,
            case_id: note.case.to_string(),
            code: note.code.as_str(),
            about_case: note.about.as_ref().map(CaseId::to_string),
            by: note.by,
            at: note.at,
        }
    }
}

/// Writes a note on an open case
///
/// Notes are words of a closed set, so that nothing that anybody said can be kept in them. `acts_together` and
/// `same_holder` name another case, the others none.
#[utoipa::path(post, path = "/v1/cases/{id}/notes", operation_id = "writeNote", tag = "cases",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = NoteRequest,
    responses((status = 201, description = "The note.", body = NoteBody), CommandProblems))]
pub(super) async fn note(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let NoteRequest { code, about_case } = command.body()?;
    let case = case_id(&id)?;
    if about_case.is_some() != code.names_a_case() {
        let what = "name another case where the note speaks of one, and only there";
        return Err(Problem::new(Kind::InvalidBody).at("/about_case".to_owned(), what));
    }
    if about_case.as_ref() == Some(&case) {
        return Err(Problem::new(Kind::NotFound).because("a case is no other case than itself"));
    }
    let write = async |unit: &mut Unit| {
        let note =
            desk::write_note(unit, &command.asking, &case, (code, about_case.clone()), command.now).await?;
        Ok(Done::made(NoteBody::of(note)))
    };
    command.run(&app, write).await
}

request! {
    /// Which cases are worked on together with a case.
    MergeRequest {
        /// The other cases.
        cases: Cases,
        /// Why.
        reason: MergeReason,
    }
}

/// Makes one ring of open cases, and takes it in hand
///
/// A ring is handed out, passed on and put off as a whole. Each of its cases is still decided by itself, because each is
/// about one account.
#[utoipa::path(post, path = "/v1/cases/{id}/merge", operation_id = "mergeCases", tag = "cases",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = MergeRequest,
    responses((status = 200, description = "The ring.", body = RingBody), CommandProblems))]
pub(super) async fn merge(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let MergeRequest { cases, reason } = command.body()?;
    let case = case_id(&id)?;
    let merge = async |unit: &mut Unit| {
        let (ring, members) =
            desk::merge(unit, &command.asking, (&case, &cases.0), reason, command.now).await?;
        Ok(Done::with(RingBody::of(ring, &members)))
    };
    command.run(&app, merge).await
}

request! {
    /// Why a case is taken out of its ring.
    SplitRequest {
        /// Why.
        reason: SplitReason,
    }
}

/// Takes a case out of its ring
#[utoipa::path(post, path = "/v1/cases/{id}/split", operation_id = "splitCase", tag = "cases",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = SplitRequest,
    responses((status = 204, description = "It stands alone."), CommandProblems))]
pub(super) async fn split(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let SplitRequest { reason } = command.body()?;
    let case = case_id(&id)?;
    let split = async |unit: &mut Unit| {
        desk::split(unit, &command.asking, &case, reason, command.now).await?;
        Ok(Nothing::nothing())
    };
    command.run(&app, split).await
}
