use axum::http::HeaderValue;

use super::*;

fn check(accept: Option<&'static str>, json: bool, html: bool) {
    let mut headers = HeaderMap::new();
    if let Some(accept) = accept {
        headers.insert(header::ACCEPT, HeaderValue::from_static(accept));
    }
    assert_eq!((accepts(&headers, JSON), wants_html(&headers)), (json, html), "{accept:?}");
}

#[test]
fn what_is_accepted() {
    check(None, true, false);
    check(Some("*/*"), true, false);
    check(Some("application/json"), true, false);
    check(Some("Application/JSON; charset=utf-8"), true, false);
    check(Some("application/*;q=0.5"), true, false);
    check(Some("text/html,application/xhtml+xml,*/*;q=0.8"), true, true);
    check(Some("text/html"), false, true);
    check(Some("application/json;q=0, text/csv"), false, false);
}
