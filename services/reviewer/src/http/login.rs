//! Signing in and out with a browser.

use std::sync::Arc;

use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Redirect, Response};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use review::CaseId;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};

use super::openapi::{FormProblems, OpenProblems};
use super::problem::{Kind, Problem};
use super::request::Person;
use super::{App, auth, console};
use crate::audit::Entry;
use crate::view::{LoginPage, SignedInPage};

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
    let has_provider = app.0.provider.is_some();
    console::html(&LoginPage { frame: app.frame(None), next, refused: false, has_provider })
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
        let has_provider = app.0.provider.is_some();
        app.note(Entry::done("-", "-", "signIn", app.now()).refused("unauthenticated")).await?;
        let page = LoginPage { frame: app.frame(None), next, refused: true, has_provider };
        return Ok((StatusCode::UNAUTHORIZED, console::html(&page)).into_response());
    };
    let jar = app.begin_session(jar, name, "signIn").await?;
    Ok((jar, Redirect::to(next)).into_response())
}

/// Goes to the provider to sign in there
#[utoipa::path(get, path = "/login/oidc", operation_id = "signInAtProvider", tag = "console", security(()), params(LoginParams),
    responses((status = 303, description = "On to the provider."), FormProblems))]
pub(super) async fn to_provider(
    State(app): State<App>,
    jar: CookieJar,
    Query(params): Query<LoginParams>,
) -> Result<Response, Problem> {
    let provider = app.0.provider.as_ref().ok_or_else(|| Problem::new(Kind::NotFound))?;
    let next = own_page(params.next.as_deref().unwrap_or("/")).to_owned();
    let begun = provider.begin(next, app.now()).await.map_err(|error| {
        tracing::error!(error = format!("{error:#}"), "could not begin a sign-in");
        Problem::new(Kind::Internal)
    })?;
    // Lax, because the way back comes from the provider's site.
    let cookie = Cookie::build((app.login_cookie_name(), begun.state)).same_site(SameSite::Lax);
    let cookie = cookie.http_only(true).secure(app.0.behind_https).path("/").build();
    Ok((jar.add(cookie), Redirect::to(&begun.url)).into_response())
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct CallbackParams {
    /// The provider's code.
    #[serde(default)]
    #[param(required = false, nullable = false)]
    code: Option<String>,
    /// Which sign-in it is.
    #[serde(default)]
    #[param(required = false, nullable = false)]
    state: Option<String>,
}

/// Comes back from the provider
#[utoipa::path(get, path = "/login/oidc/callback", operation_id = "signedInAtProvider", tag = "console", security(()),
    params(CallbackParams),
    responses((status = 200, description = "Signed in; a page that goes on.", body = String, content_type = "text/html"),
              FormProblems))]
pub(super) async fn from_provider(
    State(app): State<App>,
    jar: CookieJar,
    Query(params): Query<CallbackParams>,
) -> Result<Response, Problem> {
    let provider = app.0.provider.as_ref().ok_or_else(|| Problem::new(Kind::NotFound))?;
    let own = jar.get(app.login_cookie_name()).map(|cookie| cookie.value().to_owned());
    let sign_in = match (params.state, params.code) {
        (Some(state), Some(code)) if own.as_deref() == Some(&state) => {
            provider.end(&state, code, app.now()).await
        }
        _ => Err(anyhow::anyhow!("the sign-in did not begin in this browser")),
    };
    let signed_in = sign_in.and_then(|(name, next)| {
        let name = Person::parse(&name).ok_or_else(|| anyhow::anyhow!("the name cannot be one of ours"))?;
        Ok((name.0, next))
    });
    let (name, next) = match signed_in {
        Ok(signed_in) => signed_in,
        Err(error) => {
            tracing::warn!(error = format!("{error:#}"), "a sign-in at the provider failed");
            let entry = Entry::done("-", "-", "signedInAtProvider", app.now());
            app.note(entry.refused("sign-in-failed")).await?;
            return Err(Problem::new(Kind::SignInFailed));
        }
    };
    let jar = app.begin_session(jar, name.into(), "signedInAtProvider").await?;
    let jar = jar.remove(Cookie::build(app.login_cookie_name()).path("/"));
    // A redirect would be part of the way from the provider's site, on which the session's cookie is not sent.
    Ok((jar, console::html(&SignedInPage { frame: app.frame(None), next: &next })).into_response())
}

/// Signs out
#[utoipa::path(post, path = "/logout", operation_id = "signOut", tag = "console",
    responses((status = 303, description = "Signed out."), FormProblems))]
pub(super) async fn sign_out(
    State(app): State<App>,
    headers: HeaderMap,
    jar: CookieJar,
) -> Result<Response, Problem> {
    if let Some(hash) = app.session_hash(&headers) {
        let mut unit = app.store().write().await?;
        unit.end_session(&hash).await?;
        unit.commit().await?;
    }
    let clear = [("clear-site-data", "\"cache\", \"cookies\", \"storage\"")];
    Ok((jar.remove(app.cookie(String::new())), clear, Redirect::to("/login")).into_response())
}

impl App {
    /// Writes what nobody is signed in for into the audit log.
    async fn note(&self, entry: Entry) -> Result<(), Problem> {
        self.0.recorder.record(entry, None).await.map_err(|_| Problem::new(Kind::AuditUnavailable))
    }

    /// Begins a session, with its entry in the audit log.
    async fn begin_session(&self, jar: CookieJar, name: Arc<str>, act: &str) -> Result<CookieJar, Problem> {
        let now = self.now();
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(|_| Problem::new(Kind::Internal))?;
        let secret = URL_SAFE_NO_PAD.encode(secret);
        let mut unit = self.store().write().await?;
        unit.begin_session(blake3::hash(secret.as_bytes()).to_hex().as_str(), &name).await?;
        unit.append(Entry::done(&name, "-", act, now));
        unit.commit().await?;
        Ok(jar.add(self.cookie(secret)))
    }

    fn login_cookie_name(&self) -> &'static str {
        if self.0.behind_https { "__Host-silhouette-login" } else { "silhouette-login" }
    }

    fn cookie(&self, secret: String) -> Cookie<'static> {
        Cookie::build((self.cookie_name(), secret))
            .http_only(true)
            .same_site(SameSite::Strict)
            .secure(self.0.behind_https)
            .path("/")
            .build()
    }
}
