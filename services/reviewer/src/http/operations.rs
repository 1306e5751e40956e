//! What operations needs to know.

use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::App;
use super::openapi::{OpenProblems, ReadyProblems};
use super::problem::{Kind, Problem};

/// How long whoever asks for metrics waits for the database.
const DATABASE_PATIENCE: Duration = Duration::from_secs(2);

const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// Whether the process lives
#[utoipa::path(get, path = "/livez", operation_id = "livez", tag = "operations", security(()),
    responses((status = 200, description = "It lives.", body = String, content_type = "text/plain", example = "live\n"),
              OpenProblems))]
pub(super) async fn livez() -> Response {
    ([(header::CONTENT_TYPE, TEXT)], "live\n").into_response()
}

/// Whether the service can do its work: the database answers and flags are taken in
#[utoipa::path(get, path = "/readyz", operation_id = "readyz", tag = "operations", security(()),
    responses((status = 200, description = "It can.", body = String, content_type = "text/plain", example = "ready\n"),
              ReadyProblems))]
pub(super) async fn readyz(State(app): State<App>) -> Result<Response, Problem> {
    // The sender lives as long as the intake does.
    if app.0.intake.has_changed().is_err() {
        return Err(Problem::new(Kind::NotReady).because("flags are no longer taken in"));
    }
    if !app.store().is_reachable().await {
        return Err(Problem::new(Kind::NotReady).because("the case database does not answer"));
    }
    Ok(([(header::CONTENT_TYPE, TEXT)], "ready\n").into_response())
}

/// Metrics, as Prometheus reads them
#[utoipa::path(get, path = "/metrics", operation_id = "metrics", tag = "operations", security(()),
    responses((status = 200, description = "The metrics.", body = String, content_type = "text/plain",
               example = "silhouette_review_cases_open{queue=\"bulk\"} 12\n"),
              OpenProblems))]
pub(super) async fn metrics(State(app): State<App>) -> Result<Response, Problem> {
    // Metrics are most wanted when the database does not answer; what is read from it then stays as it was.
    let standing = async { app.store().read().await?.standing().await };
    let standing = tokio::time::timeout(DATABASE_PATIENCE, standing).await.ok().and_then(Result::ok);
    app.0.metrics.show(standing.as_ref(), app.now());
    let families = app.0.registry.gather();
    let text = prometheus::TextEncoder::new().encode_to_string(&families);
    let text = text.map_err(|_| Problem::new(Kind::Internal))?;
    let version = HeaderValue::from_static(prometheus::TEXT_FORMAT);
    Ok(([(header::CONTENT_TYPE, version)], text).into_response())
}

/// This document, where it was before it had its version in its path
#[utoipa::path(get, path = "/openapi.json", operation_id = "openapiOfOld", tag = "operations", security(()),
    responses((status = 200, description = "The OpenAPI document.", body = Object), OpenProblems))]
pub(super) async fn openapi_of_old(app: State<App>) -> Response {
    openapi(app).await
}

/// This document
#[utoipa::path(get, path = "/v1/openapi.json", operation_id = "openapi", tag = "operations", security(()),
    responses((status = 200, description = "The OpenAPI document.", body = Object), OpenProblems))]
pub(super) async fn openapi(State(app): State<App>) -> Response {
    let json = HeaderValue::from_static(super::accept::JSON);
    ([(header::CONTENT_TYPE, json)], app.0.openapi.clone()).into_response()
}
