//! Labels for training.

use axum::extract::State;
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde_json::to_string;

use super::App;
use super::accept::JSON_LINES;
use super::openapi::LabelProblems;
use super::problem::{Kind, Problem};

/// Every label, oldest first, one JSON object a line
///
/// A label counts for training only from its `ts` on.
#[utoipa::path(get, path = "/v1/labels", operation_id = "listLabels", tag = "labels", security(("token" = [])),
    responses(
        (status = 200, description = "Labels as JSON Lines.", content_type = "application/jsonl", body = String,
         example = "{\"account\":\"acct_5f0c3b9e7d2a4810\",\"label\":\"benign\",\"ts\":1767229200000,\
                    \"source\":\"reviewer\"}\n"),
        LabelProblems,
    ))]
pub(super) async fn list(State(app): State<App>) -> Result<Response, Problem> {
    let mut lines = String::new();
    for label in app.store().read().await?.labels().await? {
        lines.push_str(&to_string(&label).map_err(|_| Problem::new(Kind::Internal))?);
        lines.push('\n');
    }
    Ok(([(header::CONTENT_TYPE, HeaderValue::from_static(JSON_LINES))], lines).into_response())
}
