use axum::http::{HeaderName, HeaderValue};

use super::*;

fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
}

#[test]
fn a_form_from_another_site_is_refused() {
    let check =
        |pairs: &[(&'static str, &'static str)], must_tell| check_origin(&headers(pairs), must_tell).is_ok();
    assert!(check(&[("sec-fetch-site", "same-origin")], true));
    assert!(check(&[("origin", "http://127.0.0.1:80"), ("host", "127.0.0.1:80")], true));
    assert!(check(&[], false), "not a browser");

    assert!(!check(&[], true));
    assert!(!check(&[("sec-fetch-site", "cross-site")], false));
    assert!(!check(&[("sec-fetch-site", "same-site"), ("origin", "http://a"), ("host", "a")], false));
    assert!(!check(&[("origin", "http://elsewhere"), ("host", "127.0.0.1:80")], false));
    assert!(!check(&[("origin", "null"), ("host", "127.0.0.1:80")], false));
}

#[test]
fn only_this_machines_own_name_is_open() {
    for own in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"] {
        assert!(check_host(&headers(&[("host", own)])).is_ok(), "{own}");
    }
    for foreign in ["example.org", "127.0.0.1.example.org:80", "localhost.example.org"] {
        assert!(check_host(&headers(&[("host", foreign)])).is_err(), "{foreign}");
    }
    assert!(check_host(&headers(&[])).is_err());
}

#[test]
fn a_bearer_token_is_read_whatever_the_case_of_its_scheme() {
    assert_eq!(bearer("Bearer abc"), Some("abc"));
    assert_eq!(bearer("bearer abc"), Some("abc"));
    assert_eq!(bearer("Basic abc"), None);
    assert_eq!(bearer("abc"), None);
}
