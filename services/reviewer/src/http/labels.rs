//! Labels for training.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::to_string;
use utoipa::IntoParams;

use super::App;
use super::accept::JSON_LINES;
use super::cursor::Place;
use super::lists::{after, page, within};
use super::openapi::ListProblems;
use super::problem::{Kind, Problem};

/// What cursors of the list are bound to.
const LIST: &str = "labels";

/// The most labels of a page, which is also how many there are where nothing else is asked for.
const LIMIT_MAX: u32 = 10_000;

/// Which labels to read.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LabelParams {
    /// At most so many; brought into 1 to 10,000. 10,000 where it is left out.
    #[param(required = false, schema_with = super::bodies::choices::whole_schema)]
    limit: Option<String>,
    /// Where the page before ended: the cursor in the `Link` to its next page.
    #[param(required = false, nullable = false)]
    cursor: Option<String>,
}

/// Labels, oldest first, one JSON object a line
///
/// A label counts for training only from its `ts` on. Where more follow, `Link` (RFC 8288) leads to the next page.
#[utoipa::path(get, path = "/v1/labels", operation_id = "listLabels", tag = "labels", params(LabelParams),
    responses(
        (status = 200, description = "Labels as JSON Lines.", content_type = "application/jsonl", body = String,
         headers(("Link" = String, description = "The next page, where there is one.")),
         example = "{\"account\":\"acct_5f0c3b9e7d2a4810\",\"label\":\"benign\",\"ts\":1767229200000,\
                    \"source\":\"reviewer\"}\n"),
        ListProblems,
    ))]
pub(super) async fn list(
    State(app): State<App>,
    Query(params): Query<LabelParams>,
) -> Result<Response, Problem> {
    let limit = within(params.limit.as_deref(), LIMIT_MAX, LIMIT_MAX)?;
    let Place { number, name } = after(LIST, params.cursor.as_deref())?.unwrap_or_default();
    let mut labels = app.store().read().await?.labels((number, name), limit + 1).await?;
    let next = page(&mut labels, limit, LIST, |(name, label)| Place::new(label.ts, name));
    let mut lines = String::new();
    for (_, label) in labels {
        lines.push_str(&to_string(&label).map_err(|_| Problem::new(Kind::Internal))?);
        lines.push('\n');
    }
    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(JSON_LINES));
    if let Some(next) = next {
        let link = format!("</v1/labels?limit={limit}&cursor={next}>; rel=\"next\"");
        headers.insert(header::LINK, HeaderValue::try_from(link).map_err(|_| Problem::new(Kind::Internal))?);
    }
    Ok((headers, lines).into_response())
}
