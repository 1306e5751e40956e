//! What the service needs to be told.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

/// What the service needs to be told. Nothing else is read from anywhere.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to listen; port 0 takes a free one.
    pub bind: SocketAddr,
    /// The SQLite file of cases; made where it is missing.
    pub database: PathBuf,
    /// Who may review.
    pub analysts: Vec<Analyst>,
    /// Lets everyone on this machine in as "demo analyst", without a token. Only with a loopback address.
    pub open_to_this_machine: bool,
    /// Whether browsers reach the console over HTTPS, so that the session cookie is never sent without it.
    pub behind_https: bool,
}

/// Somebody who may review.
#[derive(Clone, Debug)]
pub struct Analyst {
    /// The name under which decisions are recorded.
    pub name: String,
    /// Hash of the bearer token; the token itself is nowhere kept.
    pub token_hash: TokenHash,
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
        Ok(())
    }
}
