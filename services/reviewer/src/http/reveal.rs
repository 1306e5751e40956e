//! The identity behind a pseudonym: asked of the platform's own resolver, never kept here.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::hmac;
use serde_json::json;

use super::App;
use super::accept::JSON;
use super::command::Command;
use super::guard::Shows;
use super::openapi::RevealProblems;
use super::problem::{Kind, Problem};
use super::proposals::proposal_id;
use crate::desk;
use crate::settings::Resolver;

/// How long the resolver may take.
const RESOLVER_WAIT: Duration = Duration::from_secs(5);

/// The longest identity.
const IDENTITY_BYTES_MAX: usize = 4096;

/// The identity behind a case's account
///
/// For whoever proposed the reveal, for an hour after somebody else approved it. Each time is recorded. The answer is
/// what the platform's resolver says; it is not kept.
#[utoipa::path(post, path = "/v1/proposals/{id}/identity", operation_id = "revealIdentity", tag = "proposals",
    params(("id" = String, Path, description = "The approved proposal.", example = "p4be1d0a7c6f59e2a1b03")),
    responses((status = 200, description = "The identity, as the platform tells it.", body = Object), RevealProblems))]
pub(super) async fn identity(
    State(app): State<App>,
    Path(id): Path<String>,
    command: Command,
) -> Result<Response, Problem> {
    command.only(&[], Kind::InvalidBody)?;
    let id = proposal_id(id)?;
    let mut unit = app.store().read().await?;
    let (case, account) = desk::may_reveal(&mut unit, &command.asking, &id, command.now).await?;
    drop(unit);
    let resolver = app.0.resolver.as_ref();
    let resolver =
        resolver.ok_or_else(|| Problem::new(Kind::ResolverFailed).because("no resolver is configured"))?;
    let body = json!({ "account": account, "case_id": case.as_str(), "proposal_id": id }).to_string();
    let identity = ask(resolver, &id, command.now / 1000, body).await;
    let identity = identity.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "the resolver failed");
        Problem::new(Kind::ResolverFailed)
    })?;
    let shows = Shows { detail: vec![("case", case.to_string())], ..Shows::default() };
    let json = [(header::CONTENT_TYPE, HeaderValue::from_static(JSON))];
    Ok((axum::Extension(shows), json, identity).into_response())
}

/// Asks the resolver, with a signature as in Standard Webhooks.
async fn ask(resolver: &Resolver, id: &str, seconds: u64, body: String) -> anyhow::Result<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA256, &resolver.secret);
    let signed = hmac::sign(&key, format!("{id}.{seconds}.{body}").as_bytes());
    let client =
        reqwest::Client::builder().timeout(RESOLVER_WAIT).redirect(reqwest::redirect::Policy::none());
    let answer = client
        .build()?
        .post(&resolver.url)
        .header("webhook-id", id)
        .header("webhook-timestamp", seconds.to_string())
        .header("webhook-signature", format!("v1,{}", STANDARD.encode(signed)))
        .header(header::CONTENT_TYPE.as_str(), JSON)
        .body(body)
        .send()
        .await?
        .error_for_status()?;
    let text = answer.text().await?;
    anyhow::ensure!(text.len() <= IDENTITY_BYTES_MAX, "its answer is too long");
    let object: serde_json::Value = serde_json::from_str(&text)?;
    anyhow::ensure!(object.is_object(), "its answer is no JSON object");
    Ok(text)
}
