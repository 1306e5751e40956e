//! Signed heads of the log, as notes that other people's tools for transparency logs read.

use std::fmt;
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use platform::notes;
use review::Lot;

use super::tree::Hash;

/// What a log is called in its notes.
const ORIGIN: &str = "silhouette/review-audit";

/// Who signs the heads of the log.
pub struct Notary {
    signer: notes::Signer,
    lot: Lot,
}

/// Who checks them: the public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier(notes::Verifier);

impl fmt::Debug for Notary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Notary")
    }
}

impl Notary {
    /// The notary whose secret, 64 hexadecimal digits, is in this file; the file is made where it is missing,
    /// readable by nobody else.
    ///
    /// # Errors
    /// Where the file cannot be read or made, or holds anything else.
    pub fn open(path: &Path) -> anyhow::Result<Self> {
        let signer = notes::Signer::open(path, ORIGIN).context("could not open the audit key")?;
        let lot = Lot::new(signer.derive("silhouette 2026 which decisions are looked at again"));
        Ok(Self { signer, lot })
    }

    /// Who can check what this one signs.
    pub fn verifier(&self) -> Verifier {
        Verifier(self.signer.verifier())
    }

    /// What draws samples that nobody can foresee who does not have the secret.
    pub(crate) fn lot(&self) -> &Lot {
        &self.lot
    }

    /// The signed head of a log of this size.
    pub(crate) fn sign(&self, size: u64, root: &Hash) -> String {
        self.signer.sign(&format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode(root)))
    }
}

impl Verifier {
    /// A verifier by its text: name, key id and key, joined by plus signs.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        Ok(Self(notes::Verifier::parse(text, ORIGIN)?))
    }

    /// The size and root in a note, where its signature is good.
    pub fn read(&self, note: &str) -> Option<(u64, Hash)> {
        let mut lines = self.0.read(note)?.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?.parse().ok()?, lines.next()?);
        let root: Hash = STANDARD.decode(root).ok()?.try_into().ok()?;
        (origin == ORIGIN && lines.next().is_none()).then_some((size, root))
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
