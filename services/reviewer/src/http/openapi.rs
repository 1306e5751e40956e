//! The OpenAPI document's own parts: who it is, how to authenticate, and the errors of every route.

use std::collections::BTreeMap;

use events::Category;
use review::{AbusiveReason, Action, BenignReason, NoteCode, Policy, Purpose};
use serde_json::{Map, Value, json};
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
        (name = "quality", description = "Whether people decide alike."),
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

/// The document as it is served: what a body may hold and no more, and which fields belong together.
pub(super) fn served(document: &Document) -> serde_json::Result<String> {
    let mut document = serde_json::to_value(document)?;
    let whatever = |body: &Value| body["properties"].is_object() && body.get("required").is_none();
    let schemas = document["components"]["schemas"].as_object().into_iter().flatten();
    let empty: Vec<String> = schemas
        .filter(|(_, body)| whatever(body))
        .map(|(name, _)| format!("#/components/schemas/{name}"))
        .collect();
    let operations = document["paths"].as_object_mut().into_iter().flat_map(|paths| paths.values_mut());
    for operation in operations.filter_map(Value::as_object_mut).flat_map(|path| path.values_mut()) {
        let schema = operation.pointer("/requestBody/content/application~1json/schema/$ref");
        let may_be_empty = schema.and_then(Value::as_str).is_some_and(|name| empty.iter().any(|e| e == name));
        // A body of which nothing must be there is read as an empty one where it is left out.
        if may_be_empty && let Some(required) = operation.pointer_mut("/requestBody/required") {
            *required = Value::Bool(false);
        }
    }
    if let Some(Value::Object(schemas)) = document.pointer_mut("/components/schemas") {
        schemas.insert("DecisionRequest".to_owned(), decision());
        schemas.insert("ProposalRequest".to_owned(), proposal());
        schemas.insert("NoteRequest".to_owned(), note());
        for (name, schema) in schemas {
            if let (true, Value::Object(schema)) = (name.ends_with("Request"), schema) {
                schema.entry("additionalProperties").or_insert(Value::Bool(false));
            }
        }
    }
    serde_json::to_string_pretty(&document)
}

/// A body of exactly these fields, each of a closed set of words or of a shape.
fn body(fields: &[(&str, Value)]) -> Value {
    let names: Vec<&str> = fields.iter().map(|(name, _)| *name).collect();
    let properties: Map<String, Value> =
        fields.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())).collect();
    json!({ "type": "object", "required": names, "properties": properties, "additionalProperties": false })
}

fn words(words: impl IntoIterator<Item = &'static str>) -> Value {
    json!({ "type": "string", "enum": words.into_iter().collect::<Vec<_>>() })
}

fn shape(pattern: &str, example: &str) -> Value {
    json!({ "type": "string", "pattern": pattern, "examples": [example] })
}

/// A decision to record: what an abusive outcome needs, or what a benign one does.
fn decision() -> Value {
    let abusive = body(&[
        ("outcome", words(["abusive"])),
        ("category", words(Category::ALL.iter().map(|word| word.as_str()))),
        ("policy", words(Policy::ALL.iter().map(|word| word.as_str()))),
        ("reason", words(AbusiveReason::ALL.iter().map(|word| word.as_str()))),
        ("action", words(Action::ALL.iter().map(|word| word.as_str()))),
    ]);
    let reasons = words(BenignReason::ALL.iter().map(|word| word.as_str()));
    let benign = body(&[("outcome", words(["benign"])), ("reason", reasons)]);
    let example = json!({ "outcome": "benign", "reason": "works_with_young_people" });
    let about = "What was found. `suspend` and `refer` take a second person.";
    json!({ "oneOf": [abusive, benign], "examples": [example], "description": about, "additionalProperties": {} })
}

/// A note: those words that speak of another case with that, the others without.
fn note() -> Value {
    let codes = |names_a_case: bool| {
        let codes = NoteCode::ALL.iter().filter(|code| code.names_a_case() == names_a_case);
        words(codes.map(|code| code.as_str()))
    };
    let other = shape("^c[0-9a-f]{20}$", "c4be1d0a7c6f59e2a1b03");
    let kinds = [body(&[("code", codes(true)), ("about_case", other)]), body(&[("code", codes(false))])];
    let example = json!({ "code": "platform_asked" });
    let about = "A note, in closed words.";
    json!({ "oneOf": kinds, "examples": [example], "description": about, "additionalProperties": {} })
}

/// What is proposed: each act with what it is about.
fn proposal() -> Value {
    let case = || ("case_id", shape("^c[0-9a-f]{20}$", "c4be1d0a7c6f59e2a1b03"));
    let purpose = words(Purpose::ALL.iter().map(|word| word.as_str()));
    let name = "^[A-Za-z0-9._@-]{1,64}$";
    let acts = [
        body(&[("act", words(["reveal"])), case(), ("purpose", purpose)]),
        body(&[("act", words(["erase"])), case()]),
        body(&[
            ("act", words(["release_hold"])),
            ("hold_id", shape("^h[0-9a-f]{20}$", "h4be1d0a7c6f59e2a1b03")),
        ]),
        body(&[("act", words(["promote_model"])), ("model", shape("^[0-9a-f]{16}$", "8a1f03c2d4e5b697"))]),
        body(&[
            ("act", words(["grant_role"])),
            ("person", shape(name, "bo")),
            ("role", shape("^[a-z_]{1,64}$", "lead")),
        ]),
        body(&[("act", words(["read_more"]))]),
    ];
    let example = json!({ "act": "grant_role", "person": "bo", "role": "lead" });
    let about = "What is proposed. Suspensions and referrals are proposed by deciding a case.";
    json!({ "oneOf": acts, "examples": [example], "description": about, "additionalProperties": {} })
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
    ListProblems: BadRequest, BadParameter, BadCursor, Unauthenticated, Forbidden, NotFound, NotAcceptable, Misdirected,
        TooManyRequests, ReadEnough, Internal, AuditUnavailable;
    /// One thing.
    ReadProblems: BadRequest, Unauthenticated, Forbidden, NotFound, NotAcceptable, CaseNotDecided, Blind, Misdirected,
        TooManyRequests, ReadEnough, Internal, AuditUnavailable;
    /// Commands.
    CommandProblems: BadRequest, BadParameter, MalformedBody, Unauthenticated, CrossSite, Forbidden, OwnProposal,
        OwnDecision, NotFound, NotAcceptable, CaseDecided, CaseNotDecided, CaseClaimed, EvidenceNotSeen,
        WaitsForSecond, OwnEmergency, Blind, Exposed, NoEmergency, UnreviewedEmergencies, GraverWaits, RingFull, NoRing, TooManyViews, HasOpenCase, AppealOpen, AlreadySettled,
        ProposalExpired, OtherContent, UnderHold,
        BodyTooLarge, UnsupportedMediaType, Misdirected, InvalidBody, KeyReused, TooManyRequests, Internal,
        AuditUnavailable;
    /// Reveals.
    RevealProblems: BadRequest, BadParameter, MalformedBody, Unauthenticated, CrossSite, Forbidden, NotFound,
        NotAcceptable, BodyTooLarge, UnsupportedMediaType, Misdirected, InvalidBody, TooManyRequests, Internal,
        ResolverFailed, AuditUnavailable;
    /// Decisions.
    DecideProblems: BadRequest, BadParameter, MalformedBody, Unauthenticated, CrossSite, Forbidden, NotFound,
        NotAcceptable, CaseDecided, CaseNotDecided, CaseClaimed, EvidenceNotSeen, WaitsForSecond, Blind, HasOpenCase,
        AppealOpen, CaseChanged, BodyTooLarge, UnsupportedMediaType, Misdirected, InvalidDecision, InvalidBody,
        KeyReused, PreconditionRequired, TooManyRequests, Internal, AuditUnavailable;
    /// Pages.
    PageProblems: BadRequest, BadParameter, BadCursor, Unauthenticated, Forbidden, NotFound, Blind, Misdirected,
        TooManyRequests, ReadEnough, Internal, AuditUnavailable;
    /// Forms.
    FormProblems: BadRequest, Unauthenticated, SignInFailed, CrossSite, Forbidden, NotFound, CaseDecided, CaseClaimed,
        EvidenceNotSeen, WaitsForSecond, Blind, Exposed, BodyTooLarge, UnsupportedMediaType, Misdirected,
        TooManyRequests, Internal, AuditUnavailable;
    /// Forms of work on a case besides its decision.
    WorkProblems: BadRequest, Unauthenticated, CrossSite, Forbidden, OwnProposal, NotFound, CaseDecided, CaseNotDecided,
        CaseClaimed, EvidenceNotSeen, WaitsForSecond, Blind, HasOpenCase, AppealOpen, AlreadySettled, ProposalExpired,
        OtherContent, CaseChanged, BodyTooLarge, UnsupportedMediaType, Misdirected, TooManyRequests, Internal,
        AuditUnavailable;
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
