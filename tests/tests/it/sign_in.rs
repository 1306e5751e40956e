//! Signing in at a real OpenID Connect provider, as a browser does it.

use std::collections::BTreeMap;
use std::net::TcpListener;

use reviewer::Oidc;
use serde_json::json;
use silhouette_tests::provider::Provider;

use crate::desk::{Desk, Setup};

/// A browser as far as the flow needs one: it keeps cookies by host and name, and goes where it is sent.
struct Visitor {
    agent: ureq::Agent,
    cookies: BTreeMap<(String, String), String>,
}

struct Page {
    status: u16,
    url: String,
    location: Option<String>,
    body: String,
}

impl Visitor {
    fn new() -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Self { agent: config.into(), cookies: BTreeMap::new() }
    }

    fn go(&mut self, method: &str, url: &str, form: Option<&str>) -> Page {
        let origin = origin(url);
        let own = self.cookies.iter().filter(|((host, _), _)| *host == origin);
        let cookies: Vec<String> = own.map(|((_, name), value)| format!("{name}={value}")).collect();
        let mut request =
            ureq::http::Request::builder().method(method).uri(url).header("accept", "text/html");
        if !cookies.is_empty() {
            request = request.header("cookie", cookies.join("; "));
        }
        // The provider may close a connection that lies unused, just when it is used again.
        let request = request.header("connection", "close");
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = match form {
            Some(form) => self.agent.run(request.body(form.to_owned()).unwrap()),
            None => self.agent.run(request.body(()).unwrap()),
        };
        let mut answer = answer.unwrap();
        for cookie in answer.headers().get_all("set-cookie") {
            let (name, value) = cookie.to_str().unwrap().split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert((origin.clone(), name.to_owned()), value.to_owned());
        }
        let location = answer.headers().get("location").map(|to| to.to_str().unwrap().to_owned());
        let location = location.map(|to| if to.starts_with('/') { origin + &to } else { to });
        let body = answer.body_mut().read_to_string().unwrap();
        Page { status: answer.status().as_u16(), url: url.to_owned(), location, body }
    }

    /// Goes on until a page does not send further.
    fn follow(&mut self, mut page: Page) -> Page {
        while let Some(to) = page.location.take() {
            page = self.go("GET", &to, None);
        }
        page
    }

    /// Signs in at the provider as somebody, and agrees to what it asks.
    fn sign_in(&mut self, start: &str, name: &str) -> Page {
        let page = self.go("GET", start, None);
        let form = self.follow(page);
        assert!(form.body.contains("name=\"login\""), "{}", form.body);
        let page = self.go("POST", &form.url, Some(&format!("prompt=login&login={name}&password=any")));
        let consent = self.follow(page);
        let page = self.go("POST", &consent.url, Some("prompt=consent"));
        self.follow(page)
    }
}

fn origin(url: &str) -> String {
    url.split('/').take(3).collect::<Vec<_>>().join("/")
}

#[test]
fn people_sign_in_at_the_provider_and_have_the_roles_that_they_were_given_here() {
    let bind = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let redirect = format!("http://{bind}/login/oidc/callback");
    let Some(provider) = Provider::start(&redirect, "the client's secret") else { return };
    let oidc = Oidc {
        issuer: provider.issuer.clone(),
        client_id: "silhouette".to_owned(),
        client_secret: "the client's secret".to_owned(),
        redirect,
        by_subject: false,
    };
    let setup = Setup { bind, oidc: Some(oidc), ..Setup::default() }.and("maya@example.org", &["auditor"]);
    let desk = Desk::with(setup);
    let start = desk.url("/login/oidc?next=/");

    let mut maya = Visitor::new();
    let page = maya.sign_in(&start, "maya");
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Signed in"), "{}", page.body);
    let session = &maya.cookies[&(desk.url(""), "silhouette-session".to_owned())];
    let cookie = format!("silhouette-session={session}");
    let me = desk.ask("GET", "/v1/me", &[("cookie", &cookie)], None).json();
    assert_eq!(me["name"], "maya@example.org");
    assert_eq!(me["permissions"]["audit.read"], json!(["child_safety", "general", "bulk"]));
    assert_eq!(desk.command("ana", "DELETE", "/v1/people/maya@example.org/roles/auditor", None).status, 204);
    let refused = desk.ask("GET", "/v1/audit/checkpoint", &[("cookie", &cookie)], None);
    assert_eq!(refused.problem(), "forbidden", "revoked, within the session, on the very next request");

    // Somebody whom nobody gave a role is known, and may do nothing.
    let mut stranger = Visitor::new();
    assert_eq!(stranger.sign_in(&start, "stranger").status, 200);
    let session = &stranger.cookies[&(desk.url(""), "silhouette-session".to_owned())];
    let cookie = format!("silhouette-session={session}");
    assert_eq!(desk.ask("GET", "/v1/cases", &[("cookie", &cookie)], None).problem(), "forbidden");

    // An address that the provider has not verified is nobody's.
    let page = Visitor::new().sign_in(&start, "unverified");
    assert_eq!(page.status, 401, "{}", page.body);

    // What began in one browser cannot end in another, and ends once.
    let mut other = Visitor::new();
    let sent = maya.go("GET", &start, None).location.unwrap();
    let page = maya.go("GET", &sent, None);
    let back = page.location.expect("the provider knows maya and sends her straight back");
    assert!(back.contains("/login/oidc/callback?code="), "{back}");
    assert_eq!(other.go("GET", &back, None).status, 401, "another browser");
    assert_eq!(maya.go("GET", &back, None).status, 200);
    assert_eq!(maya.go("GET", &back, None).status, 401, "a second time");
    let forged = desk.url("/login/oidc/callback?code=x&state=y");
    assert_eq!(other.go("GET", &forged, None).status, 401);
    let log = desk.get("/v1/audit/entries?limit=200").body;
    assert!(log.contains("\"act\":\"signedInAtProvider\",\"outcome\":\"refused\""), "{log}");
}
