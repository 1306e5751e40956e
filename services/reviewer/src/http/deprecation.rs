//! What is on its way out: it goes on working until its sunset, and says so with every answer.

use axum::extract::{MatchedPath, Request};
use axum::http::header::{self, HeaderName, HeaderValue};
use axum::http::{HeaderMap, Method};
use axum::middleware::Next;
use axum::response::Response;
use jiff::Timestamp;

/// An operation that is on its way out.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deprecated {
    pub(super) method: &'static str,
    pub(super) path: &'static str,
    /// From when on nobody should begin to use it.
    since: &'static str,
    /// From when on it may be gone.
    sunset: &'static str,
    /// What to use instead.
    successor: &'static str,
}

/// Everything that is on its way out. Between `since` and `sunset` lies at least a year.
pub(super) const DEPRECATED: &[Deprecated] = &[Deprecated {
    method: "GET",
    path: "/openapi.json",
    since: "2026-11-28T00:00:00Z",
    sunset: "2027-11-29T00:00:00Z",
    successor: "/v1/openapi.json",
}];

impl Deprecated {
    fn is(&self, method: &str, path: &str) -> bool {
        let method = if method == Method::HEAD.as_str() { Method::GET.as_str() } else { method };
        self.method == method && self.path == path
    }

    /// `Deprecation` (RFC 9745), `Sunset` (RFC 8594), and where to go.
    fn headers(&self) -> Option<[(HeaderName, HeaderValue); 3]> {
        let since: Timestamp = self.since.parse().ok()?;
        let sunset: Timestamp = self.sunset.parse().ok()?;
        let link = format!("<{}>; rel=\"successor-version\"", self.successor);
        Some([
            (HeaderName::from_static("deprecation"), format!("@{}", since.as_second()).parse().ok()?),
            (
                HeaderName::from_static("sunset"),
                sunset.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string().parse().ok()?,
            ),
            (header::LINK, link.parse().ok()?),
        ])
    }
}

/// Whether an operation is on its way out.
pub(super) fn is_deprecated(method: &str, path: &str) -> bool {
    DEPRECATED.iter().any(|deprecated| deprecated.is(method, path))
}

/// Says of every answer of an operation that is on its way out that it is.
pub(super) async fn announce(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().cloned();
    let path = path.as_ref().map_or("", MatchedPath::as_str);
    let found = DEPRECATED.iter().find(|deprecated| deprecated.is(request.method().as_str(), path));
    let headers = found.and_then(Deprecated::headers);
    let mut response = next.run(request).await;
    response.headers_mut().extend(headers.into_iter().flatten().collect::<HeaderMap>());
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_uses_what_is_on_its_way_out_has_a_year_and_somewhere_to_go() {
        let document = crate::http::routes().into_openapi();
        for deprecated in DEPRECATED {
            let since: Timestamp = deprecated.since.parse().unwrap();
            let sunset: Timestamp = deprecated.sunset.parse().unwrap();
            assert!(sunset.as_second() - since.as_second() >= 365 * 24 * 60 * 60, "{deprecated:?}");
            assert!(deprecated.headers().is_some());
            assert!(document.paths.paths.contains_key(deprecated.successor), "{deprecated:?}");
            assert!(!is_deprecated(deprecated.method, deprecated.successor));
        }
    }
}
