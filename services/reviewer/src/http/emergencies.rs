//! Reading a case in an emergency, and looking at that afterwards.

use axum::Json;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use events::Millis;
use review::{Emergency, EmergencyFinding, EmergencyReason};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa::openapi::schema::Object;

use super::App;
use super::bodies::choices::words;
use super::bodies::{CaseDetail, Dossier};
use super::cases::case_id;
use super::command::{Command, Done};
use super::cursor::Place;
use super::lists::{PageParams, page};
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use super::request::request;
use crate::audit::Sighting;
use crate::desk::{self, is_name};
use crate::store::Unit;

/// What cursors of the list are bound to.
const LIST: &str = "emergencies";

/// That somebody read a case in an emergency.
#[derive(Serialize, ToSchema)]
pub(super) struct EmergencyBody {
    /// The emergency.
    #[schema(example = "e4be1d0a7c6f59e2a1b03")]
    emergency_id: String,
    /// The case.
    #[schema(example = "c4be1d0a7c6f59e2a1b03")]
    case_id: String,
    /// Who read it.
    #[schema(example = "ana")]
    by: String,
    /// What the emergency was.
    #[schema(schema_with = reason_schema)]
    reason: &'static str,
    /// When, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    at: Millis,
    /// What came of looking at it; absent while nobody has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = finding_schema, required = false)]
    finding: Option<&'static str>,
    /// Who looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    reviewed_by: Option<String>,
}

fn reason_schema() -> Object {
    words("What the emergency was.", EmergencyReason::ALL.iter().map(|reason| reason.as_str()))
}

fn finding_schema() -> Object {
    words("What came of looking at it.", EmergencyFinding::ALL.iter().map(|finding| finding.as_str()))
}

impl EmergencyBody {
    fn of(emergency: &Emergency) -> Self {
        let reviewed = emergency.reviewed.as_ref();
        Self {
            emergency_id: emergency.id.clone(),
            case_id: emergency.case.to_string(),
            by: emergency.by.clone(),
            reason: emergency.reason.as_str(),
            at: emergency.at,
            finding: reviewed.map(|reviewed| reviewed.finding.as_str()),
            reviewed_by: reviewed.map(|reviewed| reviewed.by.clone()),
        }
    }
}

request! {
    /// What the emergency is.
    EmergencyRequest {
        /// What the emergency is.
        reason: EmergencyReason,
    }
}

/// A case, read in an emergency.
#[derive(Serialize, ToSchema)]
pub(super) struct EmergencyRead {
    /// The emergency, under which it will be looked at.
    emergency: EmergencyBody,
    /// The case, with nothing hidden.
    case: CaseDetail,
}

/// Reads a case of a queue that is not one's own, in an emergency
///
/// At once and alone; the platform is told, so that somebody is woken, and somebody else judges afterwards whether it was
/// an emergency. While three of one person wait to be judged, there is no other. It gives no right to decide the case.
#[utoipa::path(post, path = "/v1/cases/{id}/emergency-reads", operation_id = "readInEmergency", tag = "cases",
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    request_body = EmergencyRequest,
    responses((status = 201, description = "The case.", body = EmergencyRead), CommandProblems))]
pub(super) async fn read(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let EmergencyRequest { reason } = command.body()?;
    let case = case_id(&id)?;
    let read = async |unit: &mut Unit| {
        let emergency = desk::read_in_emergency(unit, &command.asking, &case, reason, command.now).await?;
        let dossier = Dossier::unmasked(unit, &command.asking, &case).await?;
        let version = dossier.docket.version_of(&case).unwrap_or_default();
        let person = command.asking.name.to_string();
        unit.saw(&Sighting { person, case: case.to_string(), version, at: command.now }).await?;
        let detail = CaseDetail::of(&dossier, &case, (&command.asking, app.bars()), command.now);
        let case = detail.ok_or_else(|| Problem::new(Kind::NotFound))?;
        Ok(Done::made(EmergencyRead { emergency: EmergencyBody::of(&emergency), case }))
    };
    let answer = command.run(&app, read).await?;
    tracing::error!("somebody reads a case in an emergency");
    Ok(answer)
}

/// Emergencies, newest first.
#[derive(Serialize, ToSchema)]
pub(super) struct EmergencyList {
    /// The emergencies.
    emergencies: Vec<EmergencyBody>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// What was read in emergencies, newest first
#[utoipa::path(get, path = "/v1/emergencies", operation_id = "listEmergencies", tag = "access", params(PageParams),
    responses((status = 200, description = "The emergencies.", body = EmergencyList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Query(params): Query<PageParams>,
) -> Result<Json<EmergencyList>, Problem> {
    let (limit, after) = params.of(LIST)?;
    let before = after.map_or((Millis::MAX, String::new()), |Place { number, name }| (number, name));
    let mut found = app.store().read().await?.emergencies(before, limit + 1).await?;
    let next = page(&mut found, limit, LIST, |emergency| Place::new(emergency.at, &emergency.id));
    Ok(Json(EmergencyList { emergencies: found.iter().map(EmergencyBody::of).collect(), next }))
}

request! {
    /// What came of looking at an emergency.
    EmergencyReviewRequest {
        /// What was found.
        finding: EmergencyFinding,
    }
}

/// Judges afterwards whether it was an emergency; never by whoever read the case
#[utoipa::path(post, path = "/v1/emergencies/{id}/review", operation_id = "reviewEmergency", tag = "access",
    params(("id" = String, Path, description = "The emergency.", example = "e4be1d0a7c6f59e2a1b03")),
    request_body = EmergencyReviewRequest,
    responses((status = 200, description = "The emergency, judged.", body = EmergencyBody), CommandProblems))]
pub(super) async fn review(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    let EmergencyReviewRequest { finding } = command.body()?;
    if !is_name('e', &id) {
        return Err(Problem::new(Kind::NotFound));
    }
    let review = async |unit: &mut Unit| {
        let emergency = desk::review_emergency(unit, &command.asking, &id, finding, command.now).await?;
        Ok(Done::with(EmergencyBody::of(&emergency)))
    };
    command.run(&app, review).await
}
