//! Signed heads of the log, as notes that other people's tools for transparency logs read.

use std::fmt;
use std::path::Path;

use anyhow::{Context, ensure};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use review::Lot;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

use super::tree::Hash;

/// What a log is called in its notes.
const ORIGIN: &str = "silhouette/review-audit";

/// Before a signature stands the key's name; so says the format.
const DASH: &str = "\u{2014} ";

/// Ed25519, in the format of notes.
const ALGORITHM: u8 = 1;

/// Who signs the heads of the log.
pub struct Notary {
    key: Ed25519KeyPair,
    lot: Lot,
}

/// Who checks them: the public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    public: Vec<u8>,
}

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
        let at = path.display();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).with_context(|| format!("could not make the folder of {at}"))?;
        }
        match make(path) {
            Ok(secret) => return Self::from_secret(&secret),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error).with_context(|| format!("could not make the audit key {at}")),
        }
        let text =
            std::fs::read_to_string(path).with_context(|| format!("could not read the audit key {at}"))?;
        let secret = super::parse_hash(text.trim());
        Self::from_secret(&secret.with_context(|| format!("{at} must hold 64 hexadecimal digits"))?)
    }

    fn from_secret(secret: &Hash) -> anyhow::Result<Self> {
        let key = Ed25519KeyPair::from_seed_unchecked(secret).ok().context("the audit key is not a key")?;
        let lot = Lot::new(blake3::derive_key("silhouette 2026 which decisions are looked at again", secret));
        Ok(Self { key, lot })
    }

    /// Who can check what this one signs.
    pub fn verifier(&self) -> Verifier {
        Verifier { public: self.key.public_key().as_ref().to_vec() }
    }

    /// What draws samples that nobody can foresee who does not have the secret.
    pub(crate) fn lot(&self) -> &Lot {
        &self.lot
    }

    /// The signed head of a log of this size.
    pub(crate) fn sign(&self, size: u64, root: &Hash) -> String {
        let text = text(size, root);
        let mut signature = self.verifier().key_id().to_vec();
        signature.extend_from_slice(self.key.sign(text.as_bytes()).as_ref());
        format!("{text}\n{DASH}{ORIGIN} {}\n", STANDARD.encode(signature))
    }
}

/// Makes a new secret in a file that did not exist.
fn make(path: &Path) -> std::io::Result<Hash> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
    file.write_all(format!("{}\n", super::hex(&secret)).as_bytes())?;
    file.sync_all()?;
    Ok(secret)
}

fn text(size: u64, root: &Hash) -> String {
    format!("{ORIGIN}\n{size}\n{}\n", STANDARD.encode(root))
}

impl Verifier {
    /// A verifier by its text: name, key id and key, joined by plus signs.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parts = text.trim().splitn(3, '+');
        let (name, id, key) = (parts.next(), parts.next(), parts.next());
        ensure!(name == Some(ORIGIN), "the key's name must be {ORIGIN}");
        let key = STANDARD.decode(key.unwrap_or("")).ok().filter(|key| key.len() == 33);
        let key = key.filter(|key| key.first() == Some(&ALGORITHM)).context("it holds no Ed25519 key")?;
        let verifier = Self { public: key.into_iter().skip(1).collect() };
        let expected: String = verifier.key_id().iter().map(|byte| format!("{byte:02x}")).collect();
        ensure!(id == Some(expected.as_str()), "the key's id is not that of the key");
        Ok(verifier)
    }

    fn tagged_key(&self) -> Vec<u8> {
        [&[ALGORITHM], self.public.as_slice()].concat()
    }

    fn key_id(&self) -> [u8; 4] {
        let named = [ORIGIN.as_bytes(), b"\n", &self.tagged_key()].concat();
        let mut id = [0; 4];
        digest(&SHA256, &named).as_ref().iter().zip(&mut id).for_each(|(byte, id)| *id = *byte);
        id
    }

    /// The size and root in a note, where its signature is good.
    pub fn read(&self, note: &str) -> Option<(u64, Hash)> {
        let (text, signatures) = note.split_once("\n\n")?;
        let text = format!("{text}\n");
        let own = format!("{DASH}{ORIGIN} ");
        let signature = signatures.lines().find_map(|line| line.strip_prefix(&own))?;
        let signature = STANDARD.decode(signature).ok()?;
        let (id, signature) = signature.split_at_checked(4)?;
        if id != self.key_id() {
            return None;
        }
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).ok()?;
        let mut lines = text.lines();
        let (origin, size, root) = (lines.next()?, lines.next()?.parse().ok()?, lines.next()?);
        let root: Hash = STANDARD.decode(root).ok()?.try_into().ok()?;
        (origin == ORIGIN && lines.next().is_none()).then_some((size, root))
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id: String = self.key_id().iter().map(|byte| format!("{byte:02x}")).collect();
        write!(f, "{ORIGIN}+{id}+{}", STANDARD.encode(self.tagged_key()))
    }
}
