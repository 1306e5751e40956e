//! Pages for people.

use askama::Template;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};

use super::openapi::OpenProblems;
use super::problem::{Kind, Problem};

pub(super) mod case;
pub(super) mod queue;
pub(super) mod work;

type Asset = ([(HeaderName, HeaderValue); 2], &'static str);

/// A page as an answer.
pub(super) fn html(page: &impl Template) -> Response {
    match page.render() {
        Ok(text) => ([(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], text)
            .into_response(),
        Err(_) => Problem::new(Kind::Internal).into_response(),
    }
}

fn asset(media_type: &'static str, text: &'static str) -> Asset {
    let kept = HeaderValue::from_static("public, max-age=300");
    ([(header::CONTENT_TYPE, HeaderValue::from_static(media_type)), (header::CACHE_CONTROL, kept)], text)
}

/// The console's stylesheet
#[utoipa::path(get, path = "/assets/console.css", operation_id = "stylesheet", tag = "console", security(()),
    responses((status = 200, description = "The stylesheet.", body = String, content_type = "text/css"), OpenProblems))]
pub(super) async fn stylesheet() -> Asset {
    asset("text/css; charset=utf-8", include_str!("../../assets/console.css"))
}

/// The console's icon
#[utoipa::path(get, path = "/assets/icon.svg", operation_id = "icon", tag = "console", security(()),
    responses((status = 200, description = "The icon.", body = String, content_type = "image/svg+xml"), OpenProblems))]
pub(super) async fn icon() -> Asset {
    asset("image/svg+xml", include_str!("../../assets/icon.svg"))
}
