//! Signing in with OpenID Connect: the authorisation code flow with PKCE, at one provider.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use events::Millis;
use openidconnect::core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    IssuerUrl, Nonce, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, reqwest,
};

use crate::settings::Oidc;

/// How long somebody may take to sign in at the provider.
const PENDING_MS: Millis = 10 * 60 * 1000;

/// Sign-ins that are under way, at most; beyond that the oldest are forgotten.
const PENDING_MAX: usize = 10_000;

/// How long the provider may take.
const PROVIDER_WAIT: Duration = Duration::from_secs(10);

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The provider, and who is on the way to it.
pub(crate) struct Provider {
    settings: Oidc,
    http: reqwest::Client,
    pending: Mutex<HashMap<String, Pending>>,
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Provider")
    }
}

/// One sign-in under way.
struct Pending {
    nonce: Nonce,
    verifier: PkceCodeVerifier,
    next: String,
    began_at: Millis,
}

/// Where to send a browser, and what binds the sign-in to it.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) url: String,
    pub(crate) state: String,
}

impl Provider {
    pub(crate) fn new(settings: Oidc) -> anyhow::Result<Self> {
        let http = reqwest::ClientBuilder::new().redirect(reqwest::redirect::Policy::none());
        let http = http.timeout(PROVIDER_WAIT).build().context("could not make an HTTP client")?;
        Ok(Self { settings, http, pending: Mutex::default() })
    }

    /// The provider as it describes itself now, so that its keys may change while we run.
    async fn client(&self) -> anyhow::Result<Client> {
        let Oidc { issuer, client_id, client_secret, redirect, .. } = &self.settings;
        let issuer = IssuerUrl::new(issuer.clone()).context("the issuer is no address")?;
        let metadata = CoreProviderMetadata::discover_async(issuer, &self.http);
        let metadata = metadata.await.context("could not discover the provider")?;
        let secret = ClientSecret::new(client_secret.clone());
        let client =
            CoreClient::from_provider_metadata(metadata, ClientId::new(client_id.clone()), Some(secret));
        Ok(client.set_redirect_uri(RedirectUrl::new(redirect.clone()).context("the redirect is no address")?))
    }

    /// Begins a sign-in that leads on to the page `next`.
    pub(crate) async fn begin(&self, next: String, now: Millis) -> anyhow::Result<Begun> {
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = self
            .client()
            .await?
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scope(Scope::new("email".to_owned()))
            .set_pkce_challenge(challenge)
            .url();
        let mut pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner);
        pending.retain(|_, one| now.saturating_sub(one.began_at) < PENDING_MS);
        if pending.len() >= PENDING_MAX {
            let oldest = pending.iter().min_by_key(|(_, one)| one.began_at).map(|(state, _)| state.clone());
            oldest.and_then(|oldest| pending.remove(&oldest));
        }
        let state = state.secret().clone();
        pending.insert(state.clone(), Pending { nonce, verifier, next, began_at: now });
        Ok(Begun { url: url.to_string(), state })
    }

    /// Ends a sign-in: the name of who signed in, and the page to go on to. Each state serves once.
    pub(crate) async fn end(
        &self,
        state: &str,
        code: String,
        now: Millis,
    ) -> anyhow::Result<(String, String)> {
        let pending = self.pending.lock().unwrap_or_else(PoisonError::into_inner).remove(state);
        let pending = pending.filter(|one| now.saturating_sub(one.began_at) < PENDING_MS);
        let Pending { nonce, verifier, next, .. } = pending.context("no such sign-in is under way")?;
        let client = self.client().await?;
        let tokens = client.exchange_code(AuthorizationCode::new(code))?.set_pkce_verifier(verifier);
        let tokens = tokens.request_async(&self.http).await.context("the provider refused the code")?;
        let id_token = tokens.id_token().context("the provider gave no ID token")?;
        let claims =
            id_token.claims(&client.id_token_verifier(), &nonce).context("the ID token is not good")?;
        let name = if self.settings.by_subject {
            claims.subject().to_string()
        } else {
            let email = claims.email().context("the ID token has no address")?;
            ensure!(claims.email_verified() == Some(true), "the address is not verified");
            email.to_lowercase()
        };
        Ok((name, next))
    }
}
