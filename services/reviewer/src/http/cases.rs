//! Cases for programs.

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Extension, Path, Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use review::{CaseId, Decision, Finding};
use serde_json::{Map, Value};

use super::App;
use super::accept::JSON;
use super::auth::Asking;
use super::bodies::{CaseDetail, CaseList, DecisionRequest, ListParams};
use super::cursor;
use super::openapi::{DecideProblems, ListProblems, ReadProblems};
use super::problem::{Kind, Problem};
use crate::clock;
use crate::store::{self, Refusal, Status};

const LIMIT_DEFAULT: u32 = 50;
const LIMIT_MAX: u32 = 200;

/// Cases, first the one to look at first
///
/// Pages are stable while cases come in: a case that stood still is neither shown twice nor left out. A case
/// whose risk rises meanwhile moves up and is found on an earlier page.
#[utoipa::path(get, path = "/v1/cases", operation_id = "listCases", tag = "cases", params(ListParams), security(("token" = [])),
    responses((status = 200, description = "One page of cases.", body = CaseList), ListProblems))]
pub(super) async fn list(
    State(app): State<App>,
    Query(params): Query<ListParams>,
) -> Result<Json<CaseList>, Problem> {
    let query = query(&params)?;
    let page = app.store().queue(&query).await?;
    Ok(Json(CaseList::of(&query, page)))
}

/// Reads the parameters of a list.
pub(super) fn query(params: &ListParams) -> Result<store::Query, Problem> {
    let bad = |detail: &str| Problem::new(Kind::BadParameter).because(detail);
    let status = match params.status.as_deref() {
        None | Some("") => None,
        Some(word) => Some(Status::parse(word).ok_or_else(|| bad("status must be open or decided"))?),
    };
    let limit = match params.limit.as_deref() {
        None | Some("") => LIMIT_DEFAULT,
        Some(text) => coerced(text).ok_or_else(|| bad("limit must be a whole number"))?,
    };
    let after = match params.cursor.as_deref() {
        None | Some("") => None,
        Some(text) => Some(cursor::decode(status, text)?),
    };
    Ok(store::Query { status, after, limit })
}

/// A whole number of any size, brought into 1 to the most that a page holds.
fn coerced(text: &str) -> Option<u32> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    if text.starts_with('-') {
        return Some(1);
    }
    Some(digits.parse().unwrap_or(LIMIT_MAX).clamp(1, LIMIT_MAX))
}

/// Everything about one case
#[utoipa::path(get, path = "/v1/cases/{id}", operation_id = "readCase", tag = "cases", security(("token" = [])),
    params(("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03")),
    responses(
        (status = 200, description = "The case.", body = CaseDetail,
         headers(("ETag" = String, description = "The case's version, for `If-Match`."))),
        ReadProblems,
    ))]
pub(super) async fn read(State(app): State<App>, Path(id): Path<String>) -> Result<Response, Problem> {
    let case = case_id(&id)?;
    let docket = app.store().docket_of(&case).await?.ok_or_else(|| Problem::new(Kind::NotFound))?;
    detail(&docket, &case)
}

/// Decides a case, once and for good
///
/// `If-Match` must hold the ETag of the case as it was read, so that nobody decides what they have not seen.
#[utoipa::path(post, path = "/v1/cases/{id}/decision", operation_id = "decideCase", tag = "cases", security(("token" = [])),
    params(
        ("id" = String, Path, description = "The case.", example = "c4be1d0a7c6f59e2a1b03"),
        ("If-Match" = String, Header, description = "The ETag of the case as it was read.", example = "\"2\""),
    ),
    request_body = DecisionRequest,
    responses(
        (status = 200, description = "The case, decided.", body = CaseDetail,
         headers(("ETag" = String, description = "The case's version."))),
        DecideProblems,
    ))]
pub(super) async fn decide(
    State(app): State<App>,
    Extension(asking): Extension<Asking>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Problem> {
    let body = object(&headers, &body)?;
    let version = if_match(&headers)?;
    let finding = finding(&body)?;
    let case = case_id(&id)?;
    app.decide(&case, version, finding, &asking).await?;
    let docket = app.store().docket_of(&case).await?.ok_or_else(|| Problem::new(Kind::NotFound))?;
    detail(&docket, &case)
}

impl App {
    /// Records a decision and counts it.
    pub(super) async fn decide(
        &self,
        case: &CaseId,
        version: Option<u32>,
        finding: Finding,
        asking: &Asking,
    ) -> Result<(), Refusal> {
        let decision = Decision { finding, by: asking.name.to_string(), at: clock::now() };
        self.store().decide(case, version, decision).await?;
        self.0.metrics.decided(finding.outcome());
        Ok(())
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => Problem::new(Kind::NotFound),
            Refusal::Changed => Problem::new(Kind::CaseChanged).because("read the case again, then decide"),
            Refusal::Decided => Problem::new(Kind::CaseDecided),
            Refusal::Store(error) => error.into(),
        }
    }
}

pub(super) fn case_id(text: &str) -> Result<CaseId, Problem> {
    CaseId::parse(text).ok_or_else(|| Problem::new(Kind::NotFound))
}

fn detail(docket: &review::Docket, case: &CaseId) -> Result<Response, Problem> {
    let version = docket.version_of(case).unwrap_or_default();
    let body = CaseDetail::of(docket, case).ok_or_else(|| Problem::new(Kind::NotFound))?;
    let etag = HeaderValue::try_from(format!("\"{version}\"")).map_err(|_| Problem::new(Kind::Internal))?;
    Ok(([(header::ETAG, etag)], Json(body)).into_response())
}

/// The body as a JSON object. Its text is never repeated, only where in it the fault lies.
fn object(headers: &HeaderMap, body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let media_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let media_type = media_type.split(';').next().unwrap_or("").trim();
    if !media_type.eq_ignore_ascii_case(JSON) {
        return Err(Problem::new(Kind::UnsupportedMediaType).because(format!("this route reads {JSON}")));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Problem::new(Kind::InvalidDecision).at(String::new(), "the body must be an object")),
        Err(error) => {
            let at = format!("not JSON at line {}, column {}", error.line(), error.column());
            Err(Problem::new(Kind::MalformedBody).because(at))
        }
    }
}

/// The version in `If-Match`; none where any version will do. A weak tag matches no version.
fn if_match(headers: &HeaderMap) -> Result<Option<u32>, Problem> {
    let value = headers.get(header::IF_MATCH).ok_or_else(|| {
        Problem::new(Kind::PreconditionRequired)
            .because("send If-Match with the ETag of the case as it was read")
    })?;
    let tag = value.to_str().unwrap_or("").trim();
    if tag == "*" {
        return Ok(None);
    }
    let digits = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let version = digits.and_then(|digits| digits.parse().ok());
    version.map(Some).ok_or_else(|| Problem::new(Kind::CaseChanged).because("that is not the case's ETag"))
}

/// The finding in a body, or a problem that names every fault by its JSON pointer.
fn finding(body: &Map<String, Value>) -> Result<Finding, Problem> {
    let problem = Problem::new(Kind::InvalidDecision);
    let known = ["outcome", "category", "reason"];
    if body.keys().any(|key| !known.contains(&key.as_str())) {
        return Err(problem
            .at(String::new(), "only outcome, category and reason are read; there is no room for text"));
    }
    // What is no string is treated as an unknown word: it is there, but it is not one of the choices.
    let word = |name: &str| body.get(name).filter(|v| !v.is_null()).map(|value| value.as_str().unwrap_or(""));
    Finding::parse(word("outcome"), word("category"), word("reason")).map_err(|faults| {
        faults.iter().fold(problem, |p, fault| p.at(format!("/{}", fault.field.as_str()), fault.expected))
    })
}
