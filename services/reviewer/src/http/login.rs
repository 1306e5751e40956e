//! Signing in and out with a browser.

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use review::CaseId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::openapi::{FormProblems, OpenProblems};
use super::problem::{Kind, Problem};
use super::{App, auth, console};
use crate::clock;
use crate::view::LoginPage;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct LoginParams {
    /// The page to go on to.
    #[serde(default)]
    #[param(required = false, nullable = false)]
    next: Option<String>,
}

#[derive(Deserialize, ToSchema)]
pub(super) struct LoginForm {
    /// The bearer token.
    #[serde(default)]
    token: String,
    /// The page to go on to.
    #[serde(default)]
    next: String,
}

/// The way to sign in that leads back to a page.
pub(super) fn path_back_to(page: &str) -> String {
    match own_page(page) {
        "/" => "/login".to_owned(),
        page => format!("/login?next={page}"),
    }
}

/// A page of ours, so that nobody can be sent elsewhere by a link to the sign-in.
fn own_page(page: &str) -> &str {
    let is_case = page.strip_prefix("/cases/").and_then(CaseId::parse).is_some();
    if is_case { page } else { "/" }
}

/// The sign-in page
#[utoipa::path(get, path = "/login", operation_id = "signInPage", tag = "console", security(()), params(LoginParams),
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"), OpenProblems))]
pub(super) async fn page(State(app): State<App>, Query(params): Query<LoginParams>) -> Response {
    let next = own_page(params.next.as_deref().unwrap_or("/"));
    console::html(&LoginPage { frame: app.frame(None), next, refused: false })
}

/// Signs in
#[utoipa::path(post, path = "/login", operation_id = "signIn", tag = "console", security(()),
    request_body(content = LoginForm, content_type = "application/x-www-form-urlencoded"),
    responses((status = 303, description = "Signed in; on to the page."), FormProblems))]
pub(super) async fn sign_in(
    State(app): State<App>,
    headers: HeaderMap,
    jar: CookieJar,
    Form(form): Form<LoginForm>,
) -> Result<Response, Problem> {
    auth::check_origin(&headers, true)?;
    let next = own_page(&form.next);
    let Some(name) = app.holder(form.token.trim()) else {
        let page = LoginPage { frame: app.frame(None), next, refused: true };
        return Ok((StatusCode::UNAUTHORIZED, console::html(&page)).into_response());
    };
    let secret = app.0.sessions.begin(name, clock::now()).map_err(|_| Problem::new(Kind::Internal))?;
    Ok((jar.add(app.cookie(secret)), Redirect::to(next)).into_response())
}

/// Signs out
#[utoipa::path(post, path = "/logout", operation_id = "signOut", tag = "console", security(("token" = [])),
    responses((status = 303, description = "Signed out."), FormProblems))]
pub(super) async fn sign_out(State(app): State<App>, headers: HeaderMap, jar: CookieJar) -> Response {
    if let Some(secret) = app.session_secret(&headers) {
        app.0.sessions.end(&secret);
    }
    (jar.remove(app.cookie(String::new())), Redirect::to("/login")).into_response()
}

impl App {
    fn cookie(&self, secret: String) -> Cookie<'static> {
        Cookie::build((self.cookie_name(), secret))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.0.behind_https)
            .path("/")
            .build()
    }
}
