//! Who may do what, and whose records must be kept.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Extension, Path, Query, State};
use axum::response::Response;
use events::Millis;
use review::{CaseId, Queue};
use serde::Serialize;
use utoipa::ToSchema;

use super::App;
use super::command::{Command, Done, Nothing};
use super::cursor::Place;
use super::lists::{PageParams, page};
use super::openapi::{CommandProblems, ListProblems};
use super::problem::{Kind, Problem};
use super::request::{Person, request};
use super::work::permissions;
use crate::asking::Asking;
use crate::desk;
use crate::store::{Held, Hold, Unit};

/// Whoever asks, and what they may do now.
#[derive(Serialize, ToSchema)]
pub(super) struct Me {
    /// The name under which acts are recorded.
    #[schema(example = "ana")]
    name: String,
    /// Each permission, with the queues in which it holds for what is about cases.
    #[schema(value_type = Object, example = json!({ "cases.read": ["bulk"] }))]
    permissions: BTreeMap<&'static str, Vec<&'static str>>,
    /// What the work has asked of them.
    wellbeing: Wellbeing,
}

/// What the work has asked of somebody; only they are told.
#[derive(Serialize, ToSchema)]
pub(super) struct Wellbeing {
    /// Cases about likely minors that they were shown within 24 hours.
    #[schema(example = 31)]
    exposures: usize,
    /// How many of these there are at most; then others take over.
    #[schema(example = 120)]
    exposures_a_day: u32,
    /// Since when they have been at work without a break, milliseconds since the epoch, UTC; absent where they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    at_work_since: Option<Millis>,
    /// Whether a break is due.
    is_break_due: bool,
}

/// Who is asking, and what they may do
#[utoipa::path(get, path = "/v1/me", operation_id = "readMe", tag = "access",
    responses((status = 200, description = "Whoever asks.", body = Me), ListProblems))]
pub(super) async fn me(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
) -> Result<Json<Me>, Problem> {
    let (mut unit, now) = (app.store().read().await?, app.now());
    let day_ago = now.saturating_sub(DAY_MS);
    let exposures = unit.served_of(&asking.name, Queue::ChildSafety, day_ago).await?;
    let seen = unit.served(&asking.name, day_ago).await?;
    let wellbeing = Wellbeing {
        exposures: usize::try_from(exposures).unwrap_or(0),
        exposures_a_day: asking.care.exposures_a_day,
        at_work_since: asking.care.at_work_since(&seen, now),
        is_break_due: asking.care.is_break_due(&seen, now),
    };
    Ok(Json(Me { name: asking.name.to_string(), permissions: permissions(&asking), wellbeing }))
}

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Everybody's roles.
#[derive(Serialize, ToSchema)]
pub(super) struct People {
    /// Who has, or had, which role.
    roles: Vec<HeldRole>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// That somebody has, or had, a role.
#[derive(Serialize, ToSchema)]
pub(super) struct HeldRole {
    /// Who.
    #[schema(example = "ana")]
    person: String,
    /// Which role.
    #[schema(example = "lead")]
    role: String,
    /// `configuration`, or the proposal that granted it.
    #[schema(example = "configuration")]
    source: String,
    /// When it was granted, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    granted_at: Millis,
    /// When it was revoked; absent while it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    revoked_at: Option<Millis>,
}

/// Who has which role
#[utoipa::path(get, path = "/v1/people", operation_id = "listPeople", tag = "access", params(PageParams),
    responses((status = 200, description = "The roles.", body = People), ListProblems))]
pub(super) async fn people(
    State(app): State<App>,
    Query(params): Query<PageParams>,
) -> Result<Json<People>, Problem> {
    let (limit, after) = params.of("people")?;
    let after = after.unwrap_or_default().name;
    let (person, role) = after.split_once(' ').unwrap_or_default();
    let mut held = app.store().read().await?.grants_after(person, role, limit + 1).await?;
    let place = |held: &Held| Place::new(0, format!("{} {}", held.person, held.role));
    let next = page(&mut held, limit, "people", place);
    let role = |Held { person, role, source, granted_at, revoked_at }: Held| HeldRole {
        person,
        role,
        source,
        granted_at,
        revoked_at,
    };
    Ok(Json(People { roles: held.into_iter().map(role).collect(), next }))
}

/// Takes a role from somebody, at once; one person is enough for that
#[utoipa::path(delete, path = "/v1/people/{name}/roles/{role}", operation_id = "revokeRole", tag = "access",
    params(("name" = String, Path, description = "Who.", example = "bo"),
           ("role" = String, Path, description = "Which role.", example = "lead")),
    responses((status = 204, description = "They no longer have it."), CommandProblems))]
pub(super) async fn revoke(
    State(app): State<App>,
    Path((name, role)): Path<(String, String)>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let (Some(Person(name)), Some(Person(role))) = (Person::parse(&name), Person::parse(&role)) else {
        return Err(Problem::new(Kind::NotFound));
    };
    let revoke = async |unit: &mut Unit| {
        if !unit.revoke(&name, &role, &command.asking.name, command.now).await? {
            return Err(Problem::new(Kind::NotFound));
        }
        let entry = command.asking.did("revokeRole", command.now).about(name.clone());
        unit.append(entry.with("role", role.clone()));
        Ok(Nothing::nothing())
    };
    command.run(&app, revoke).await
}

/// How many sessions were ended.
#[derive(Serialize, ToSchema)]
pub(super) struct SignedOut {
    /// How many.
    #[schema(example = 1)]
    sessions: u64,
}

/// Signs somebody out everywhere, from their next request on; one person is enough for that
#[utoipa::path(delete, path = "/v1/people/{name}/sessions", operation_id = "signOutPerson", tag = "access",
    params(("name" = String, Path, description = "Who.", example = "bo")),
    responses((status = 200, description = "They are signed out.", body = SignedOut), CommandProblems))]
pub(super) async fn sign_out(
    State(app): State<App>,
    Path(name): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let Person(name) = Person::parse(&name).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let sign_out = async |unit: &mut Unit| {
        let sessions = unit.end_sessions_of(&name).await?;
        unit.append(command.asking.did("signOutPerson", command.now).about(name.clone()));
        Ok(Done::with(SignedOut { sessions }))
    };
    command.run(&app, sign_out).await
}

/// Holds in force.
#[derive(Serialize, ToSchema)]
pub(super) struct HoldList {
    /// The holds, soonest to expire first.
    holds: Vec<HoldBody>,
    /// Cursor of the next page of the same list; absent on the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    next: Option<String>,
}

/// That an account's records must be kept.
#[derive(Serialize, ToSchema)]
pub(super) struct HoldBody {
    /// The hold.
    #[schema(example = "h4be1d0a7c6f59e2a1b03")]
    hold_id: String,
    /// Who placed it.
    #[schema(example = "ana")]
    placed_by: String,
    /// When, milliseconds since the epoch, UTC.
    #[schema(example = 1_767_229_200_000_u64)]
    placed_at: Millis,
    /// When it ends by itself, milliseconds since the epoch, UTC.
    #[schema(example = 1_798_765_200_000_u64)]
    expires_at: Millis,
}

impl HoldBody {
    fn of(hold: &Hold) -> Self {
        let Hold { id, placed_by, placed_at, expires_at, .. } = hold;
        let (hold_id, placed_by) = (id.clone(), placed_by.clone());
        Self { hold_id, placed_by, placed_at: *placed_at, expires_at: *expires_at }
    }
}

/// Holds in force
#[utoipa::path(get, path = "/v1/holds", operation_id = "listHolds", tag = "access", params(PageParams),
    responses((status = 200, description = "The holds.", body = HoldList), ListProblems))]
pub(super) async fn holds(
    State(app): State<App>,
    Query(params): Query<PageParams>,
) -> Result<Json<HoldList>, Problem> {
    let (limit, after) = params.of("holds")?;
    let Place { number, name } = after.unwrap_or_default();
    let mut holds = app.store().read().await?.holds((number, name), limit + 1).await?;
    let next = page(&mut holds, limit, "holds", |hold| Place::new(hold.expires_at, &hold.id));
    Ok(Json(HoldList { holds: holds.iter().map(HoldBody::of).collect(), next }))
}

request! {
    /// Whose records must be kept.
    HoldRequest {
        /// A case of the account.
        case_id: CaseId,
    }
}

/// Keeps an account's records from being erased, for a year
#[utoipa::path(post, path = "/v1/holds", operation_id = "placeHold", tag = "access",
    request_body = HoldRequest,
    responses((status = 201, description = "The hold.", body = HoldBody), CommandProblems))]
pub(super) async fn hold(State(app): State<App>, command: Command) -> Result<Response, Problem> {
    let HoldRequest { case_id } = command.body()?;
    let hold = async |unit: &mut Unit| {
        let hold = desk::place_hold(unit, &command.asking, &case_id, command.now).await?;
        Ok(Done::made(HoldBody::of(&hold)))
    };
    command.run(&app, hold).await
}
