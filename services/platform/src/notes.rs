//! Signed notes: a text and a signature, as tools for transparency logs read them.

use std::fmt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};

/// Before a signature stands the key's name; so says the format.
const DASH: &str = "\u{2014} ";

/// Ed25519, in the format of notes.
const ALGORITHM: u8 = 1;

/// What is wrong with a key.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk did not do as it was told.
    #[error("could not {attempt} the key {}", path.display())]
    Disk {
        /// What was attempted.
        attempt: &'static str,
        /// On which file.
        path: PathBuf,
        /// Why it failed.
        #[source]
        cause: std::io::Error,
    },
    /// The file holds no secret.
    #[error("{} must hold 64 hexadecimal digits", path.display())]
    Secret {
        /// The file.
        path: PathBuf,
    },
    /// The text is no public key.
    #[error("{0}")]
    Public(String),
}

/// Who signs.
pub struct Signer {
    name: &'static str,
    secret: [u8; 32],
    key: Ed25519KeyPair,
}

/// Who checks what one signer signed: the public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: &'static str,
    public: Vec<u8>,
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Signer {
    /// The signer called `name` whose secret, 64 hexadecimal digits, is in this file; the file is made where it is
    /// missing, readable by nobody else.
    ///
    /// # Errors
    /// Where the file cannot be read or made, or holds anything else.
    pub fn open(path: &Path, name: &'static str) -> Result<Self, Error> {
        let failed =
            |attempt: &'static str| move |cause| Error::Disk { attempt, path: path.to_owned(), cause };
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(failed("make the folder of"))?;
        }
        let unusable = || Error::Secret { path: path.to_owned() };
        match make(path) {
            Ok(secret) => return Self::from_secret(secret, name).ok_or_else(unusable),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed("make")(error)),
        }
        let text = std::fs::read_to_string(path).map_err(failed("read"))?;
        let secret = blake3::Hash::from_hex(text.trim()).map_err(|_| unusable())?;
        Self::from_secret(secret.into(), name).ok_or_else(unusable)
    }

    /// The signer with this secret.
    fn from_secret(secret: [u8; 32], name: &'static str) -> Option<Self> {
        let key = Ed25519KeyPair::from_seed_unchecked(&secret).ok()?;
        Some(Self { name, secret, key })
    }

    /// Another secret that follows from this one, for another purpose.
    pub fn derive(&self, purpose: &'static str) -> [u8; 32] {
        blake3::derive_key(purpose, &self.secret)
    }

    /// Who can check what this one signs.
    pub fn verifier(&self) -> Verifier {
        Verifier { name: self.name, public: self.key.public_key().as_ref().to_vec() }
    }

    /// A text, whole lines of it, with its signature.
    pub fn sign(&self, text: &str) -> String {
        let mut signature = self.verifier().key_id().to_vec();
        signature.extend_from_slice(self.key.sign(text.as_bytes()).as_ref());
        format!("{text}\n{DASH}{} {}\n", self.name, STANDARD.encode(signature))
    }
}

/// Makes a new secret in a file that did not exist.
fn make(path: &Path) -> std::io::Result<[u8; 32]> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    let mut secret = [0; 32];
    getrandom::fill(&mut secret).map_err(std::io::Error::other)?;
    file.write_all(format!("{}\n", blake3::Hash::from(secret).to_hex()).as_bytes())?;
    file.sync_all()?;
    Ok(secret)
}

impl Verifier {
    /// The verifier of the signer called `name` by its text: name, key id and key, joined by plus signs.
    ///
    /// # Errors
    /// Where the text is anything else.
    pub fn parse(text: &str, name: &'static str) -> Result<Self, Error> {
        let wrong = |said: String| Error::Public(said);
        let mut parts = text.trim().splitn(3, '+');
        let (named, id, key) = (parts.next(), parts.next(), parts.next());
        if named != Some(name) {
            return Err(wrong(format!("the key's name must be {name}")));
        }
        let key = STANDARD.decode(key.unwrap_or("")).ok().filter(|key| key.len() == 33);
        let key = key.filter(|key| key.first() == Some(&ALGORITHM));
        let key = key.ok_or_else(|| wrong("it holds no Ed25519 key".to_owned()))?;
        let verifier = Self { name, public: key.into_iter().skip(1).collect() };
        if id != Some(verifier.hex_id().as_str()) {
            return Err(wrong("the key's id is not that of the key".to_owned()));
        }
        Ok(verifier)
    }

    fn tagged_key(&self) -> Vec<u8> {
        [&[ALGORITHM], self.public.as_slice()].concat()
    }

    fn key_id(&self) -> [u8; 4] {
        let named = [self.name.as_bytes(), b"\n", &self.tagged_key()].concat();
        let mut id = [0; 4];
        digest(&SHA256, &named).as_ref().iter().zip(&mut id).for_each(|(byte, id)| *id = *byte);
        id
    }

    fn hex_id(&self) -> String {
        self.key_id().iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The text of a note, with its last line's end, where this one's signer signed it.
    pub fn read<'a>(&self, note: &'a str) -> Option<&'a str> {
        let (text, signatures) = note.rsplit_once("\n\n")?;
        let text = note.get(..=text.len())?;
        let own = format!("{DASH}{} ", self.name);
        let signature = signatures.lines().find_map(|line| line.strip_prefix(&own))?;
        let signature = STANDARD.decode(signature).ok()?;
        let (id, signature) = signature.split_at_checked(4)?;
        if id != self.key_id() {
            return None;
        }
        UnparsedPublicKey::new(&ED25519, &self.public).verify(text.as_bytes(), signature).ok()?;
        Some(text)
    }
}

impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}+{}+{}", self.name, self.hex_id(), STANDARD.encode(self.tagged_key()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_is_read_by_its_own_verifier_and_no_other() {
        let folder = tempfile::tempdir().unwrap();
        let open = |file: &str| Signer::open(&folder.path().join(file), "a/b").unwrap();
        let (signer, other) = (open("keys/own"), open("keys/other"));
        let note = signer.sign("one\n\ntwo\n");
        assert_eq!(signer.verifier().read(&note), Some("one\n\ntwo\n"));
        assert_eq!(open("keys/own").verifier().read(&note), Some("one\n\ntwo\n"));
        assert_eq!(other.verifier().read(&note), None);
        assert_eq!(signer.verifier().read(&note.replace("two", "too")), None);
        assert_eq!(signer.verifier().read(&note.replace("a/b", "a/c")), None);
        let text = signer.verifier().to_string();
        assert_eq!(Verifier::parse(&text, "a/b").unwrap(), signer.verifier());
        assert!(Verifier::parse(&text, "a/c").is_err());
        assert!(Verifier::parse(&text.replace('A', "B"), "a/b").is_err());
        std::fs::write(folder.path().join("keys/own"), "secret").unwrap();
        assert!(Signer::open(&folder.path().join("keys/own"), "a/b").is_err());
    }
}
