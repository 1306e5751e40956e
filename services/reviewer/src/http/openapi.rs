//! The OpenAPI document's own parts: who it is, how to authenticate, and the errors of every route.

use std::collections::BTreeMap;

use utoipa::openapi::content::ContentBuilder;
use utoipa::openapi::response::{Response, ResponseBuilder};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{OpenApi as Document, Ref, RefOr};
use utoipa::{IntoResponses, Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;

use super::App;
use super::bodies::HistoryBody;
use super::problem::{Kind, PartProblem, Problem};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Silhouette review",
        description = "Cases to review, decisions, and the labels that follow from them. A case is a signal, not \
                       proof. Every error is a problem document (RFC 9457).",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    servers((url = "/", description = "This service.")),
    tags(
        (name = "cases", description = "Cases, and decisions on them."),
        (name = "queues", description = "What waits, and who has it in hand."),
        (name = "proposals", description = "What takes two people."),
        (name = "appeals", description = "Appeals against decisions."),
        (name = "access", description = "Who may do what; whose records must be kept."),
        (name = "audit", description = "The audit log."),
        (name = "labels", description = "What training learns from decisions."),
        (name = "operations", description = "Health, metrics, and this document."),
        (name = "console", description = "Pages for people."),
    ),
    components(schemas(Problem, PartProblem, HistoryBody)),
    modifiers(&BearerToken),
)]
struct Skeleton;

struct BearerToken;

impl Modify for BearerToken {
    fn modify(&self, document: &mut Document) {
        let scheme = HttpBuilder::new()
            .scheme(HttpAuthScheme::Bearer)
            .description(Some("A token whose BLAKE3 hash is in the service's configuration."))
            .build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
    }
}

/// The document before any route is in it.
pub(super) fn skeleton() -> OpenApiRouter<App> {
    OpenApiRouter::with_openapi(Skeleton::openapi())
}

/// Declares which problems a group of routes may answer with.
macro_rules! problems {
    ($($(#[$doc:meta])* $name:ident: $($kind:ident),+;)+) => {$(
        $(#[$doc])*
        pub(super) struct $name;

        impl IntoResponses for $name {
            fn responses() -> BTreeMap<String, RefOr<Response>> {
                responses(&[$(Kind::$kind),+])
            }
        }
    )+};
}

problems! {
    /// Routes for everybody.
    OpenProblems: BadRequest, Internal;
    /// Readiness.
    ReadyProblems: BadRequest, Internal, NotReady;
    /// Lists.
    ListProblems: BadRequest, BadParameter, BadCursor, Unauthenticated, Forbidden, NotAcceptable, Misdirected,
        TooManyRequests, Internal, AuditUnavailable;
    /// Labels.
    LabelProblems: Unauthenticated, Forbidden, NotAcceptable, Misdirected, TooManyRequests, Internal,
        AuditUnavailable;
    /// One thing.
    ReadProblems: BadRequest, Unauthenticated, Forbidden, NotFound, NotAcceptable, CaseNotDecided, Misdirected,
        TooManyRequests, Internal, AuditUnavailable;
    /// Commands.
    CommandProblems: BadRequest, BadParameter, MalformedBody, Unauthenticated, CrossSite, Forbidden, OwnProposal,
        OwnDecision, NotFound, NotAcceptable, CaseDecided, CaseNotDecided, CaseClaimed, EvidenceNotSeen,
        WaitsForSecond, HasOpenCase, AppealOpen, AlreadySettled, ProposalExpired, OtherContent, UnderHold,
        BodyTooLarge, UnsupportedMediaType, Misdirected, InvalidBody, KeyReused, TooManyRequests, Internal,
        AuditUnavailable;
    /// Reveals.
    RevealProblems: BadRequest, BadParameter, MalformedBody, Unauthenticated, CrossSite, Forbidden, NotFound,
        NotAcceptable, BodyTooLarge, UnsupportedMediaType, Misdirected, InvalidBody, TooManyRequests, Internal,
        ResolverFailed, AuditUnavailable;
    /// Decisions.
    DecideProblems: BadRequest, BadParameter, MalformedBody, Unauthenticated, CrossSite, Forbidden, NotFound,
        NotAcceptable, CaseDecided, CaseNotDecided, CaseClaimed, EvidenceNotSeen, WaitsForSecond, HasOpenCase,
        AppealOpen, CaseChanged, BodyTooLarge, UnsupportedMediaType, Misdirected, InvalidDecision, InvalidBody,
        KeyReused, PreconditionRequired, TooManyRequests, Internal, AuditUnavailable;
    /// Pages.
    PageProblems: BadRequest, Unauthenticated, Forbidden, NotFound, Misdirected, TooManyRequests, Internal,
        AuditUnavailable;
    /// Forms.
    FormProblems: BadRequest, Unauthenticated, CrossSite, Forbidden, NotFound, BodyTooLarge, UnsupportedMediaType,
        Misdirected, TooManyRequests, Internal, AuditUnavailable;
}

/// One response a status; kinds of the same status share it.
fn responses(kinds: &[Kind]) -> BTreeMap<String, RefOr<Response>> {
    let mut titles: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for kind in kinds {
        titles.entry(kind.status().as_str().to_owned()).or_default().push(kind.title());
    }
    let response = |titles: Vec<&str>| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(format!("{}.", titles.join(", or: ")));
        RefOr::T(response.content("application/problem+json", content).build())
    };
    titles.into_iter().map(|(status, titles)| (status, response(titles))).collect()
}
