//! What the other side is willing to read.

use axum::extract::{Request, State};
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::Response;

use super::problem::{Kind, Problem};

pub(super) const JSON: &str = "application/json";
pub(super) const EVENTS: &str = "text/event-stream";
pub(super) const JSON_LINES: &str = "application/jsonl";

/// Refuses a request whose `Accept` leaves out what this route answers with.
pub(super) async fn only(
    State(offered): State<&'static str>,
    request: Request,
    next: Next,
) -> Result<Response, Problem> {
    if !accepts(request.headers(), offered) {
        return Err(Problem::new(Kind::NotAcceptable).because(format!("this route answers with {offered}")));
    }
    Ok(next.run(request).await)
}

/// Whether a person is reading: a browser asks for HTML by name.
pub(super) fn wants_html(headers: &HeaderMap) -> bool {
    ranges(headers).any(|range| range.eq_ignore_ascii_case("text/html"))
}

fn accepts(headers: &HeaderMap, offered: &str) -> bool {
    let family = offered.split_once('/').map_or("*", |(family, _)| family);
    !headers.contains_key(header::ACCEPT)
        || ranges(headers).any(|range| {
            range == "*/*"
                || range.eq_ignore_ascii_case(offered)
                || range.strip_suffix("/*").is_some_and(|f| f.eq_ignore_ascii_case(family))
        })
}

/// The media ranges of the `Accept` headers, without those refused by a weight of zero.
fn ranges(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let name = parts.next()?;
        let refused = parts.any(|p| p.strip_prefix("q=").is_some_and(|q| q.parse::<f32>() == Ok(0.0)));
        (!refused).then_some(name)
    })
}

#[cfg(test)]
mod tests;
