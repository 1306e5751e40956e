//! Which route needs which permission: one table, which the guard enforces and the OpenAPI document shows.

use axum::http::Method;
use review::Permission;
use serde_json::json;
use utoipa::openapi::extensions::Extensions;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};
use utoipa::openapi::security::SecurityRequirement;
use utoipa::openapi::{Deprecated, OpenApi, Required};

use super::deprecation::is_deprecated;

/// What the guard asks of a request before its handler sees it. Handlers ask further, for the queue that a case is
/// in.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rule {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// What the request is called in the audit log; also its operation's id.
    pub(super) act: &'static str,
    /// One of these is needed; none for everybody who is signed in.
    pub(super) any_of: &'static [Permission],
}

const fn rule(
    method: &'static str,
    path: &'static str,
    act: &'static str,
    any_of: &'static [Permission],
) -> Rule {
    Rule { method, path, act, any_of }
}

use Permission as P;

/// Every route that is not for everybody. What is not in here is refused.
pub(super) const RULES: &[Rule] = &[
    rule("GET", "/v1/me", "readMe", &[]),
    rule("GET", "/v1/people", "listPeople", &[P::AccessRead]),
    rule("DELETE", "/v1/people/{name}/roles/{role}", "revokeRole", &[P::AccessPropose]),
    rule("DELETE", "/v1/people/{name}/sessions", "signOutPerson", &[P::AccessPropose]),
    rule("GET", "/v1/emergencies", "listEmergencies", &[P::EmergenciesReview]),
    rule("POST", "/v1/emergencies/{id}/review", "reviewEmergency", &[P::EmergenciesReview]),
    rule("GET", "/v1/quality", "readQuality", &[P::QualityRead]),
    rule("GET", "/v1/quality/mine", "readOwnQuality", &[P::CasesDecide]),
    rule("GET", "/v1/quality/disagreements", "listDisagreements", &[P::QualityManage]),
    rule("POST", "/v1/golden", "markGolden", &[P::QualityManage]),
    rule("DELETE", "/v1/golden/{id}", "unmarkGolden", &[P::QualityManage]),
    rule("GET", "/v1/queues", "listQueues", &[P::CasesRead]),
    rule("GET", "/v1/queues/events", "followQueues", &[P::CasesRead]),
    rule("POST", "/v1/queues/{queue}/next", "claimNextCase", &[P::CasesClaim]),
    rule("POST", "/v1/next", "claimNext", &[P::CasesClaim]),
    rule("GET", "/v1/views", "listViews", &[P::CasesRead]),
    rule("POST", "/v1/views", "saveView", &[P::CasesRead]),
    rule("DELETE", "/v1/views/{id}", "forgetView", &[P::CasesRead]),
    rule("GET", "/v1/cases", "listCases", &[P::CasesRead]),
    rule("GET", "/v1/cases/{id}", "readCase", &[P::CasesRead]),
    rule("GET", "/v1/cases/{id}/statement", "readStatement", &[P::CasesRead, P::AppealsOpen]),
    rule("POST", "/v1/searches", "searchCases", &[P::CasesRead]),
    rule("POST", "/v1/cases/{id}/decision", "decideCase", &[P::CasesDecide]),
    rule("DELETE", "/v1/cases/{id}/decision", "undoDecision", &[P::CasesDecide, P::CasesApprove]),
    rule("POST", "/v1/cases/{id}/claim", "claimCase", &[P::CasesClaim]),
    rule("DELETE", "/v1/cases/{id}/claim", "releaseCase", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/hand-over", "handOverCase", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/skip", "skipCase", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/snooze", "snoozeCase", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/emergency-reads", "readInEmergency", &[P::CasesBreakGlass]),
    rule("POST", "/v1/cases/{id}/notes", "writeNote", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/merge", "mergeCases", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/split", "splitCase", &[P::CasesClaim]),
    rule("POST", "/v1/cases/{id}/appeals", "openAppeal", &[P::AppealsOpen]),
    rule("GET", "/v1/appeals", "listAppeals", &[P::AppealsDecide]),
    rule("POST", "/v1/appeals/{id}/decision", "settleAppeal", &[P::AppealsDecide]),
    rule("GET", "/v1/proposals", "listProposals", PROPOSALS),
    rule("POST", "/v1/proposals", "propose", PROPOSING),
    rule("GET", "/v1/proposals/{id}", "readProposal", PROPOSALS),
    rule("DELETE", "/v1/proposals/{id}", "withdrawProposal", PROPOSALS),
    rule("POST", "/v1/proposals/{id}/approval", "approve", APPROVING),
    rule("POST", "/v1/proposals/{id}/identity", "revealIdentity", &[P::IdentityReveal]),
    rule("GET", "/v1/holds", "listHolds", &[P::PrivacyPropose, P::PrivacyApprove]),
    rule("POST", "/v1/holds", "placeHold", &[P::PrivacyPropose]),
    rule("GET", "/v1/labels", "listLabels", &[P::LabelsRead]),
    rule("GET", "/v1/audit/entries", "listAuditEntries", &[P::AuditRead]),
    rule("GET", "/v1/audit/checkpoint", "readCheckpoint", &[P::AuditRead]),
    rule("GET", "/v1/audit/inclusion", "proveInclusion", &[P::AuditRead]),
    rule("GET", "/v1/audit/consistency", "proveConsistency", &[P::AuditRead]),
    rule("GET", "/", "queuePage", &[P::CasesRead]),
    rule("GET", "/cases/{id}", "casePage", &[P::CasesRead]),
    rule("POST", "/next", "nextOnPage", &[P::CasesClaim]),
    rule("POST", "/cases/{id}/decision", "decideOnPage", &[P::CasesDecide]),
    rule("POST", "/cases/{id}/skip", "skipOnPage", &[P::CasesClaim]),
    rule("POST", "/cases/{id}/notes", "noteOnPage", &[P::CasesClaim]),
    rule("POST", "/cases/{id}/snooze", "snoozeOnPage", &[P::CasesClaim]),
    rule("POST", "/cases/{id}/release", "releaseOnPage", &[P::CasesClaim]),
    rule("POST", "/cases/{id}/hand-over", "handOverOnPage", &[P::CasesClaim]),
    rule("POST", "/cases/{id}/undo", "undoOnPage", &[P::CasesDecide, P::CasesApprove]),
    rule("POST", "/cases/{id}/approval", "approveOnPage", &[P::CasesApprove]),
    rule("POST", "/cases/{id}/withdrawal", "withdrawOnPage", &[P::CasesDecide, P::CasesApprove]),
    rule("POST", "/logout", "signOut", &[]),
];

const PROPOSING: &[P] =
    &[P::CasesRead, P::IdentityReveal, P::PrivacyPropose, P::ModelsPropose, P::AccessPropose];

const APPROVING: &[P] =
    &[P::CasesApprove, P::IdentityApprove, P::PrivacyApprove, P::ModelsApprove, P::AccessApprove];

const PROPOSALS: &[P] = &[
    P::CasesRead,
    P::CasesDecide,
    P::IdentityReveal,
    P::PrivacyPropose,
    P::ModelsPropose,
    P::AccessPropose,
    P::CasesApprove,
    P::IdentityApprove,
    P::PrivacyApprove,
    P::ModelsApprove,
    P::AccessApprove,
];

impl Rule {
    /// Whether a command's answer is kept under its idempotency key. What changes nothing, and forms, have none.
    fn keeps_answers(&self) -> bool {
        let is_command = self.method != "GET" && self.path.starts_with("/v1/");
        is_command && !["searchCases", "revealIdentity"].contains(&self.act)
    }
}

fn idempotency_key() -> Parameter {
    let key = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[A-Za-z0-9_-]{1,64}$"));
    let parameter = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
    let about = "Sent again with the same key and body, the same answer; kept for a day.";
    parameter.description(Some(about)).required(Required::False).schema(Some(Schema::from(key))).build()
}

/// The rule of a route; none where nobody wrote one. What answers GET answers HEAD.
pub(super) fn of(method: &Method, path: &str) -> Option<&'static Rule> {
    let method = if method == Method::HEAD { "GET" } else { method.as_str() };
    RULES.iter().find(|rule| rule.method == method && rule.path == path)
}

/// The document with every operation's permissions in it.
pub(super) fn documented(mut document: OpenApi) -> OpenApi {
    for (path, item) in &mut document.paths.paths {
        let operations: [(&str, &mut Option<Operation>); 3] =
            [("GET", &mut item.get), ("POST", &mut item.post), ("DELETE", &mut item.delete)];
        for (method, operation) in operations {
            if let (true, Some(operation)) = (is_deprecated(method, path), operation.as_mut()) {
                operation.deprecated = Some(Deprecated::True);
            }
            let rule = RULES.iter().find(|rule| rule.method == method && rule.path == *path);
            if let (Some(rule), Some(operation)) = (rule, operation.as_mut()) {
                let words: Vec<&str> = rule.any_of.iter().map(|permission| permission.as_str()).collect();
                let needed = [("x-permissions".to_owned(), json!(words))];
                operation.extensions = Some(Extensions::from_iter(needed));
                operation.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
                if rule.keeps_answers() {
                    operation.parameters.get_or_insert_default().push(idempotency_key().into());
                }
            }
        }
    }
    document
}

#[cfg(test)]
mod tests;
