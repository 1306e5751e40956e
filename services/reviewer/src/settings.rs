//! What the service needs to be told.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use review::{Care, Ladder, Quality, Roles, Shares};

use crate::clock::Clock;

/// What the service needs to be told. Nothing else is read from anywhere.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// Where cases are kept: a SQLite file, made where it is missing, or a `postgres://` address.
    pub database: String,
    /// The file with the secret that signs the audit log; made where it is missing.
    pub audit_key: PathBuf,
    /// Who may sign in with a token.
    pub analysts: Vec<Analyst>,
    /// The roles that there are.
    pub roles: Roles,
    /// What may be done at which evidence level.
    pub ladder: Ladder,
    /// What one person may do in a time.
    pub limits: Limits,
    /// Whom to ask for the identity behind a pseudonym.
    pub resolver: Option<Resolver>,
    /// Where people sign in with a browser; none where they do so with their token.
    pub oidc: Option<Oidc>,
    /// Lets everyone on this machine in as "demo analyst", with every role and without a token. Only with a loopback address.
    pub open_to_this_machine: bool,
    /// Whether browsers reach the console over HTTPS, so that the session cookie is never sent without it.
    pub behind_https: bool,
    /// How much of the work each queue gets of people who work on several.
    pub shares: Shares,
    /// How much is looked at again, to see whether people decide alike.
    pub quality: Quality,
    /// How much of the work is enough for one person.
    pub care: Care,
    /// What time it is.
    pub clock: Clock,
}

/// Somebody who may review.
#[derive(Clone, Debug)]
pub struct Analyst {
    /// The name under which decisions are recorded.
    pub name: String,
    /// Hash of the bearer token; the token itself is nowhere kept. None for who signs in at the provider only.
    pub token_hash: Option<TokenHash>,
    /// The roles that they start with. Revoked ones stay revoked.
    pub roles: Vec<String>,
}

/// What one person may do in a time; what goes beyond is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second, on average over a few seconds.
    pub requests_a_second: u32,
    /// Different cases read in an hour.
    pub cases_an_hour: u32,
    /// Decisions in a minute.
    pub decisions_a_minute: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { requests_a_second: 50, cases_an_hour: 300, decisions_a_minute: 30 }
    }
}

/// A provider of OpenID Connect.
#[derive(Clone)]
pub struct Oidc {
    /// The issuer's address.
    pub issuer: String,
    /// The name under which the provider knows us.
    pub client_id: String,
    /// The secret that it gave us.
    pub client_secret: String,
    /// Where it sends browsers back to: our own address with `/login/oidc/callback`.
    pub redirect: String,
    /// Whether people are known by the provider's subject rather than by their verified address.
    pub by_subject: bool,
}

impl fmt::Debug for Oidc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Oidc")
    }
}

/// Whom to ask for the identity behind a pseudonym: a service of the platform's own.
#[derive(Clone)]
pub struct Resolver {
    /// Where to send the request.
    pub url: String,
    /// With what to sign it.
    pub secret: Vec<u8>,
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Resolver")
    }
}

/// BLAKE3 hash of a bearer token. Comparison takes the same time whatever differs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(blake3::Hash);

/// Text that is not the hash of a token; the text itself is deliberately not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a token's hash must be the 64 hexadecimal digits of its BLAKE3 hash")]
pub struct InvalidTokenHash;

impl TokenHash {
    /// The hash of a token.
    pub fn of(token: &str) -> Self {
        Self(blake3::hash(token.as_bytes()))
    }

    /// Reads 64 hexadecimal digits.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn from_hex(text: &str) -> Result<Self, InvalidTokenHash> {
        blake3::Hash::from_hex(text).map(Self).map_err(|_| InvalidTokenHash)
    }

    /// The 64 hexadecimal digits.
    pub fn to_hex(self) -> String {
        self.0.to_hex().to_string()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

impl Settings {
    /// Every setting that cannot be served with.
    pub(crate) fn check(&self) -> anyhow::Result<()> {
        let loopback = self.bind.ip().is_loopback();
        anyhow::ensure!(
            loopback || !self.open_to_this_machine,
            "open_to_this_machine needs a loopback address, and {} is none",
            self.bind.ip()
        );
        anyhow::ensure!(
            self.open_to_this_machine || !self.analysts.is_empty(),
            "nobody could sign in: name at least one analyst"
        );
        for Analyst { name, roles, .. } in &self.analysts {
            let unknown = roles.iter().find(|role| !self.roles.0.contains_key(*role));
            anyhow::ensure!(unknown.is_none(), "{name} has a role that there is not: {unknown:?}");
        }
        Ok(())
    }
}
