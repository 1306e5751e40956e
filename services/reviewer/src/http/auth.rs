//! Finding out who is asking.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri, header};
use axum_extra::extract::CookieJar;
use review::{Bars, Rights};

use super::problem::{Kind, Problem};
use super::{App, Shared};
use crate::asking::{Asking, Via};
use crate::settings::TokenHash;
use crate::view;

/// The name of everyone on a machine that the service is open to.
const DEMO_ANALYST: &str = "demo analyst";

impl App {
    /// Who is asking, and what they may do now.
    pub(super) async fn asking(&self, headers: &HeaderMap) -> Result<Asking, Problem> {
        if let Some(value) = headers.get(header::AUTHORIZATION) {
            let token = value.to_str().ok().and_then(bearer);
            let name = token
                .and_then(|token| self.holder(token))
                .ok_or_else(|| Problem::new(Kind::Unauthenticated))?;
            return self.known(name, Via::Bearer).await;
        }
        if let Some(hash) = self.session_hash(headers)
            && let Some(name) = self.store().session(&hash).await?
        {
            return self.known(name.into(), Via::Session).await;
        }
        if self.0.open_to_this_machine {
            check_host(headers)?;
            return Ok(self.somebody(DEMO_ANALYST.into(), Via::ThisMachine, self.0.roles.all_rights()));
        }
        Err(Problem::new(Kind::Unauthenticated))
    }

    /// Somebody by name, with the rights that they have at this moment.
    pub(super) async fn known(&self, name: Arc<str>, via: Via) -> Result<Asking, Problem> {
        let roles = self.store().roles_of(&name).await?;
        let rights = self.0.roles.rights(roles.iter().map(String::as_str));
        Ok(self.somebody(name, via, rights))
    }

    fn somebody(&self, name: Arc<str>, via: Via, rights: Rights) -> Asking {
        let Shared { limits, care, quality, .. } = &*self.0;
        Asking { name, via, rights, limits: *limits, care: *care, quality: *quality }
    }

    /// The analyst who holds a token. Every hash is compared, so that the time tells nothing.
    pub(super) fn holder(&self, token: &str) -> Option<Arc<str>> {
        let hash = TokenHash::of(token);
        self.0.analysts.iter().fold(None, |found, analyst| {
            let matches = analyst.token_hash == Some(hash);
            if matches { Some(analyst.name.as_str().into()) } else { found }
        })
    }

    /// The name of the session cookie. The prefix makes browsers refuse one that anybody else has set.
    pub(super) fn cookie_name(&self) -> &'static str {
        if self.0.behind_https { "__Host-silhouette-session" } else { "silhouette-session" }
    }

    /// The hash of what the session's cookie holds, under which the session is kept.
    pub(super) fn session_hash(&self, headers: &HeaderMap) -> Option<String> {
        let jar = CookieJar::from_headers(headers);
        jar.get(self.cookie_name()).map(|cookie| blake3::hash(cookie.value().as_bytes()).to_hex().to_string())
    }

    /// From where on something counts as evidence.
    pub(super) fn bars(&self) -> &Bars {
        self.0.ladder.bars()
    }

    /// What stands around every page.
    pub(super) fn frame(&self, asking: Option<&Asking>) -> view::Frame {
        let simulated = self.0.open_to_this_machine;
        let signed_in = asking.map(|asking| asking.name.to_string());
        let can_sign_out = asking.is_some_and(|asking| asking.via == Via::Session);
        view::Frame { simulated, signed_in, can_sign_out }
    }
}

/// The token in an `Authorization` header; the scheme's name is read in any case.
fn bearer(value: &str) -> Option<&str> {
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// Refuses what another site made the browser send. A browser says where a form came from; `must_tell` refuses
/// what does not say it.
pub(super) fn check_origin(headers: &HeaderMap, must_tell: bool) -> Result<(), Problem> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let same = match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => site == "same-origin",
        (None, Some(origin)) => {
            let authority = origin.split_once("://").map(|(_, authority)| authority);
            authority.is_some() && authority == text("host")
        }
        (None, None) => !must_tell,
    };
    if same { Ok(()) } else { Err(Problem::new(Kind::CrossSite)) }
}

/// Refuses a host that is not this machine's own name: a foreign name that was made to resolve to the loopback
/// address must not get in.
fn check_host(headers: &HeaderMap) -> Result<(), Problem> {
    let host = headers.get(header::HOST).and_then(|value| value.to_str().ok());
    let uri = host.and_then(|host| format!("http://{host}/").parse::<Uri>().ok());
    match uri.as_ref().and_then(Uri::host) {
        Some("localhost" | "127.0.0.1" | "[::1]") => Ok(()),
        _ => Err(Problem::new(Kind::Misdirected)),
    }
}

#[cfg(test)]
mod tests;
