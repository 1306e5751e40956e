//! Every error, as a problem document (RFC 9457), or as a page where a person is reading.

use std::any::Any;

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use review::{AppealRefused, ApprovalRefused, EmergencyRefused};
use serde::Serialize;
use utoipa::ToSchema;

use super::{App, accept, login};
use crate::desk::Refusal;
use crate::store;
use crate::view;

/// After how long to ask again whether a day is over.
const HOUR_SECONDS: u64 = 60 * 60;

/// Declares the kinds of problem: stable name, status, title.
macro_rules! kinds {
    ($($kind:ident = $name:literal, $status:ident, $title:literal;)+) => {
        /// A kind of problem. Its `type` URI never changes its meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub(super) enum Kind { $($kind),+ }

        impl Kind {
            #[cfg(test)]
            pub(super) const ALL: &'static [Kind] = &[$(Kind::$kind),+];

            /// The `type` URI.
            pub(super) const fn uri(self) -> &'static str {
                match self { $(Kind::$kind => concat!("urn:silhouette:problem:", $name)),+ }
            }

            /// The status that goes with it.
            pub(super) const fn status(self) -> StatusCode {
                match self { $(Kind::$kind => StatusCode::$status),+ }
            }

            /// What it is, in a few words.
            pub(super) const fn title(self) -> &'static str {
                match self { $(Kind::$kind => $title),+ }
            }
        }
    };
}

kinds! {
    BadRequest = "bad-request", BAD_REQUEST, "The request could not be understood";
    BadParameter = "bad-parameter", BAD_REQUEST, "A query parameter is not valid";
    BadCursor = "bad-cursor", BAD_REQUEST, "The cursor is not one of ours, or belongs to another query";
    MalformedBody = "malformed-body", BAD_REQUEST, "The body is not well-formed";
    SignInFailed = "sign-in-failed", UNAUTHORIZED, "The sign-in at the provider did not succeed";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "Sign in, or send a valid bearer token";
    CrossSite = "cross-site", FORBIDDEN, "The request came from another site";
    Forbidden = "forbidden", FORBIDDEN, "None of your roles allows this";
    OwnProposal = "own-proposal", FORBIDDEN, "Somebody else has to approve what you proposed";
    OwnDecision = "own-decision", FORBIDDEN, "Somebody else has to decide appeals against your decision";
    NotFound = "not-found", NOT_FOUND, "There is nothing here";
    MethodNotAllowed = "method-not-allowed", METHOD_NOT_ALLOWED, "This route does not know the method";
    NotAcceptable = "not-acceptable", NOT_ACCEPTABLE, "The answer has no form that the request accepts";
    CaseDecided = "case-decided", CONFLICT, "The case has already been decided";
    CaseNotDecided = "case-not-decided", CONFLICT, "No decision that this could be about stands on the case";
    CaseClaimed = "case-claimed", CONFLICT, "Somebody else has the case in hand";
    EvidenceNotSeen = "evidence-not-seen", CONFLICT, "Read the case first, as it is now";
    WaitsForSecond = "waits-for-second-person", CONFLICT, "The case waits for a second person";
    OwnEmergency = "own-emergency", FORBIDDEN, "Somebody else has to judge your emergency";
    Blind = "second-look", CONFLICT, "You are giving a second look at this case, and must not know of the first";
    Exposed = "exposure-limit", TOO_MANY_REQUESTS, "You have seen enough of this for a day";
    NoEmergency = "no-emergency", CONFLICT, "You may read the case anyway";
    UnreviewedEmergencies = "unreviewed-emergencies", CONFLICT, "Too many of your emergencies wait to be judged";
    GraverWaits = "graver-queue-waits", CONFLICT, "A case of a graver queue is overdue; take that first";
    RingFull = "ring-full", CONFLICT, "A ring holds no more cases";
    NoRing = "no-ring", CONFLICT, "The case is not worked on together with others";
    TooManyViews = "too-many-views", CONFLICT, "Nobody keeps more views than that";
    HasOpenCase = "has-open-case", CONFLICT, "Another case of the account is open";
    AppealOpen = "appeal-open", CONFLICT, "There is an appeal against the decision";
    AlreadySettled = "already-settled", CONFLICT, "It has already been settled";
    ProposalExpired = "proposal-expired", CONFLICT, "The proposal waited for too long";
    ProposalVoid = "proposal-void", CONFLICT, "What the proposal is about has changed";
    OtherContent = "other-content", CONFLICT, "The hash is not that of what is proposed";
    KeyReused = "idempotency-key-reused", CONFLICT, "The idempotency key was used for another request";
    UnderHold = "under-hold", CONFLICT, "The account is under a legal hold";
    CaseChanged = "case-changed", PRECONDITION_FAILED, "The case changed since it was read";
    BodyTooLarge = "body-too-large", PAYLOAD_TOO_LARGE, "The body is too large";
    UnsupportedMediaType = "unsupported-media-type", UNSUPPORTED_MEDIA_TYPE, "The body is of a kind not read here";
    InvalidDecision = "invalid-decision", UNPROCESSABLE_ENTITY, "The decision is incomplete or contradicts itself";
    InvalidBody = "invalid-body", UNPROCESSABLE_ENTITY, "The body is incomplete or contradicts itself";
    TooManyRequests = "too-many-requests", TOO_MANY_REQUESTS, "That is more than one person can do";
    ReadEnough = "read-limit", TOO_MANY_REQUESTS, "That is more cases than one person reads in an hour";
    PreconditionRequired = "precondition-required", PRECONDITION_REQUIRED, "Say which version of the case you decide";
    Misdirected = "misdirected", MISDIRECTED_REQUEST, "The request was meant for another host";
    AuditUnavailable = "audit-unavailable", SERVICE_UNAVAILABLE, "What cannot be recorded is not done";
    ResolverFailed = "resolver-failed", BAD_GATEWAY, "The platform's resolver did not answer";
    NotReady = "not-ready", SERVICE_UNAVAILABLE, "The service is not ready";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong on our side";
}

/// A problem document. It never repeats what was sent.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({
    "type": "urn:silhouette:problem:invalid-decision",
    "title": "The decision is incomplete or contradicts itself",
    "status": 422,
    "errors": [{ "pointer": "/reason", "detail": "choose a reason for a benign outcome" }],
}))]
pub(super) struct Problem {
    /// Which kind of problem it is; documented in `docs/problems.md`, never reused for another.
    #[serde(rename = "type")]
    #[schema(example = "urn:silhouette:problem:case-changed")]
    uri: &'static str,
    /// What it is, in a few words.
    title: &'static str,
    /// The HTTP status.
    status: u16,
    /// What of this request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    detail: Option<String>,
    /// What is wrong with which part of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<PartProblem>,
    #[serde(skip)]
    kind: Kind,
    /// After how many seconds to try again.
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// What is wrong with one part of the body.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct PartProblem {
    /// JSON pointer (RFC 6901) to the part.
    #[schema(example = "/reason")]
    pointer: String,
    /// What it must be.
    #[schema(example = "choose a reason for a benign outcome")]
    detail: &'static str,
}

impl Problem {
    pub(super) fn new(kind: Kind) -> Self {
        let status = kind.status().as_u16();
        Self {
            uri: kind.uri(),
            title: kind.title(),
            status,
            detail: None,
            errors: Vec::new(),
            kind,
            retry_after: None,
        }
    }

    /// Adds what of this request it is about.
    pub(super) fn because(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    /// Adds after how many seconds to try again.
    pub(super) fn after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// The last part of its `type`.
    pub(super) fn name(&self) -> &'static str {
        self.uri.rsplit(':').next().unwrap_or("")
    }

    /// Adds what is wrong with one part of the body.
    pub(super) fn at(mut self, pointer: String, detail: &'static str) -> Self {
        self.errors.push(PartProblem { pointer, detail });
        self
    }

    /// The problem behind an answer that says no more than a status.
    fn of_status(status: StatusCode) -> Self {
        Self::new(match status {
            StatusCode::NOT_FOUND => Kind::NotFound,
            StatusCode::METHOD_NOT_ALLOWED => Kind::MethodNotAllowed,
            StatusCode::PAYLOAD_TOO_LARGE => Kind::BodyTooLarge,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => Kind::UnsupportedMediaType,
            status if status.is_client_error() => Kind::BadRequest,
            _ => Kind::Internal,
        })
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        let kind = match refusal {
            Refusal::Unknown => Kind::NotFound,
            Refusal::Forbidden => Kind::Forbidden,
            Refusal::Changed => {
                return Self::new(Kind::CaseChanged).because("read the case again, then decide");
            }
            Refusal::Decided => Kind::CaseDecided,
            Refusal::NotDecided => Kind::CaseNotDecided,
            Refusal::NotSeen => Kind::EvidenceNotSeen,
            Refusal::Claimed => Kind::CaseClaimed,
            Refusal::WaitsForSecond => Kind::WaitsForSecond,
            Refusal::Blind => Kind::Blind,
            Refusal::Exposed => return Self::new(Kind::Exposed).after(HOUR_SECONDS),
            Refusal::NoEmergency => Kind::NoEmergency,
            Refusal::UnreviewedEmergencies => Kind::UnreviewedEmergencies,
            Refusal::Emergency(EmergencyRefused::SamePerson) => Kind::OwnEmergency,
            Refusal::Emergency(EmergencyRefused::Reviewed) => Kind::AlreadySettled,
            Refusal::GraverWaits => Kind::GraverWaits,
            Refusal::RingFull => Kind::RingFull,
            Refusal::NoRing => Kind::NoRing,
            Refusal::TooManyViews => Kind::TooManyViews,
            Refusal::HasOpenCase => Kind::HasOpenCase,
            Refusal::AppealOpen => Kind::AppealOpen,
            Refusal::TooFast => {
                let why = "so many decisions in a minute were not thought through";
                return Self::new(Kind::TooManyRequests).because(why).after(60);
            }
            Refusal::UnderHold => Kind::UnderHold,
            Refusal::Void => Kind::ProposalVoid,
            Refusal::Approval(ApprovalRefused::SamePerson) => Kind::OwnProposal,
            Refusal::Approval(ApprovalRefused::Expired) => Kind::ProposalExpired,
            Refusal::Approval(ApprovalRefused::OtherContent) => Kind::OtherContent,
            Refusal::Approval(ApprovalRefused::Settled) | Refusal::Appeal(AppealRefused::Settled) => {
                Kind::AlreadySettled
            }
            Refusal::Appeal(AppealRefused::SamePerson) => Kind::OwnDecision,
            Refusal::NoRandomness => Kind::Internal,
            Refusal::Store(error) => return error.into(),
        };
        Self::new(kind)
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        tracing::error!(error = format!("{:#}", anyhow::Error::new(error)), "a request failed");
        Self::new(Kind::Internal)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::to_vec(&self).unwrap_or_default();
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.kind.status();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if self.kind == Kind::Unauthenticated {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer realm=\"silhouette\""));
        }
        if let Some(seconds) = self.retry_after {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if self.kind == Kind::BodyTooLarge {
            // The rest of the body is not read, so nothing else can follow on this connection.
            headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        }
        response.extensions_mut().insert(self);
        response
    }
}

pub(super) async fn no_such_route() -> Problem {
    Problem::new(Kind::NotFound)
}

/// A panic's message may hold anything, so it goes neither out nor into the log.
pub(super) fn of_panic(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a request panicked");
    Problem::new(Kind::Internal).into_response()
}

/// Makes a problem document of every error, whoever raised it, and a page of that where a person is reading.
pub(super) async fn normalise(State(app): State<App>, request: Request, next: Next) -> Response {
    let path = request.uri().path().to_owned();
    let by_person = !path.starts_with("/v1/") && accept::wants_html(request.headers());
    let reading = request.method() == Method::GET;
    let asking = if by_person { app.asking(request.headers()).await.ok() } else { None };
    let frame = by_person.then(|| app.frame(asking.as_ref()));
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_page(response.headers()) {
        return response;
    }
    let problem = response.extensions().get::<Problem>().cloned();
    let problem = problem.unwrap_or_else(|| Problem::of_status(status));
    if by_person && reading && problem.kind == Kind::Unauthenticated {
        return Redirect::to(&login::path_back_to(&path)).into_response();
    }
    let mut answer = match frame {
        Some(frame) => page(frame, &problem),
        None => problem.into_response(),
    };
    keep(response.headers(), answer.headers_mut());
    answer
}

/// What the first answer said besides its body, such as which methods are allowed.
fn keep(from: &HeaderMap, to: &mut HeaderMap) {
    for name in [header::ALLOW, header::WWW_AUTHENTICATE, header::SET_COOKIE, header::RETRY_AFTER] {
        for value in from.get_all(&name) {
            to.insert(name.clone(), value.clone());
        }
    }
}

/// Whether a handler has already answered with a page of its own.
fn is_page(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().starts_with(b"text/html"))
}

fn page(frame: view::Frame, problem: &Problem) -> Response {
    let page = view::ErrorPage {
        frame,
        status: problem.status,
        title: problem.title,
        detail: problem.detail.as_deref(),
        advice: advice(problem.kind),
    };
    (problem.kind.status(), super::console::html(&page)).into_response()
}

/// What a person can do about it.
fn advice(kind: Kind) -> &'static str {
    match kind {
        Kind::NotFound => "The link may be old, or a character of it may be missing.",
        Kind::Forbidden => "Nothing was changed. Ask whoever grants roles here.",
        Kind::CrossSite => "Nothing was changed. Open the console yourself and try again.",
        Kind::Unauthenticated | Kind::SignInFailed => "Sign in again; nothing was changed.",
        Kind::BadCursor => "The list has moved on. Start again from its first page.",
        Kind::Misdirected => "Open the console under this machine's own name, such as localhost.",
        Kind::ReadEnough => "Somebody who approves grants can let you read more, or wait.",
        Kind::Exposed => "Do something else; others take over. Cases in your hand stay there.",
        Kind::Internal => "Nothing was lost. Try again; if it stays, tell whoever runs this service.",
        _ => "Nothing was changed. Go back and try again.",
    }
}

#[cfg(test)]
mod tests;
