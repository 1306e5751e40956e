//! What is written of a model when it is registered, once and for all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::Unreadable;

/// The format of what the registry writes; another number is another meaning.
pub const FORMAT: u32 = 1;

/// The file of an entry that is the model itself.
pub const MODEL_FILE: &str = "model.json";

/// Some bytes, by their hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    /// BLAKE3 of the bytes, 64 hexadecimal digits.
    pub blake3: String,
    /// How many there are.
    pub bytes: u64,
}

impl Blob {
    /// Of these bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self { blake3: blake3::hash(bytes).to_hex().to_string(), bytes: bytes.len() as u64 }
    }

    fn is_sound(&self) -> bool {
        self.blake3.len() == 64 && self.blake3.bytes().all(is_hex)
    }
}

/// One registered model: what it is, and every file that belongs to it, by hash.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Format of this document.
    pub format: u32,
    /// The model's id.
    pub model: String,
    /// The family of models.
    pub family: String,
    /// The hash of the feature schema that it was trained on.
    pub schema_hash: String,
    /// What the platform's servers know, by the profile's name.
    pub profile: String,
    /// Figures of its training, by name; null where one could not be computed.
    pub metrics: BTreeMap<String, Option<f64>>,
    /// Its files: the model, and as far as there are some its manifest, card, report and data set.
    pub files: BTreeMap<String, Blob>,
    /// Who registered it.
    pub by: String,
    /// When, milliseconds since the epoch.
    pub at: u64,
}

impl Entry {
    /// Reads an entry.
    ///
    /// # Errors
    /// Where the text is not one, or something in it cannot be.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        let entry: Self = decode(text, |entry: &Self| entry.format)?;
        let fault = |said: String| Err(Unreadable::Unsound(said));
        if !is_model_id(&entry.model) {
            return fault(format!("{:?} is no model's id", entry.model));
        }
        if !entry.files.contains_key(MODEL_FILE) {
            return fault(format!("it names no {MODEL_FILE}"));
        }
        if let Some((name, _)) = entry.files.iter().find(|(name, blob)| !is_name(name) || !blob.is_sound()) {
            return fault(format!("{name:?} is no file with a hash"));
        }
        Ok(entry)
    }

    /// The entry as a document.
    pub fn encode(&self) -> String {
        encode(self)
    }
}

/// Reads a document whose format is where `format` says.
pub(crate) fn decode<T: serde::de::DeserializeOwned>(
    text: &str,
    format: impl Fn(&T) -> u32,
) -> Result<T, Unreadable> {
    #[derive(Deserialize)]
    struct OfFormat {
        format: u32,
    }
    let OfFormat { format: found } = serde_json::from_str(text)?;
    if found != FORMAT {
        return Err(Unreadable::Format { found });
    }
    let document: T = serde_json::from_str(text)?;
    debug_assert_eq!(format(&document), found);
    Ok(document)
}

pub(crate) fn encode<T: Serialize>(document: &T) -> String {
    #[expect(clippy::expect_used, reason = "names and numbers always encode")]
    let text = serde_json::to_string_pretty(document).expect("a document of the registry encodes as JSON");
    text + "\n"
}

fn is_hex(byte: u8) -> bool {
    byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte)
}

/// Whether it can be a model's id: sixteen hexadecimal digits.
pub fn is_model_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(is_hex)
}

/// Whether it can be the name of a person, a file or a profile: letters, digits, dots, dashes, underscores, spaces and
/// at-signs, without a path in it.
pub fn is_name(text: &str) -> bool {
    let allowed = |b: u8| b.is_ascii_alphanumeric() || b"._-@ ".contains(&b);
    !text.is_empty() && text.len() <= 80 && text.bytes().all(allowed) && !text.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> Entry {
        Entry {
            format: FORMAT,
            model: "8a1f03c2d4e5b697".to_owned(),
            family: "trees".to_owned(),
            schema_hash: "0123456789abcdef".to_owned(),
            profile: "discovery".to_owned(),
            metrics: BTreeMap::from([("average_precision".to_owned(), None)]),
            files: BTreeMap::from([(MODEL_FILE.to_owned(), Blob::of(b"a model"))]),
            by: "sam".to_owned(),
            at: 1,
        }
    }

    fn fails(change: impl Fn(&mut Entry), said: &str) {
        let mut changed = entry();
        change(&mut changed);
        let error = Entry::decode(&changed.encode()).unwrap_err().to_string();
        assert!(error.contains(said), "{error}");
    }

    #[test]
    fn what_cannot_be_is_refused() {
        assert_eq!(Entry::decode(&entry().encode()).unwrap(), entry());
        fails(|entry| entry.format = 2, "it has format 2");
        fails(|entry| entry.model = "../other".to_owned(), "no model's id");
        fails(|entry| entry.files.clear(), "names no model.json");
        fails(|entry| drop(entry.files.insert("../x".to_owned(), Blob::of(b""))), "no file with a hash");
        fails(|entry| entry.files.values_mut().for_each(|blob| blob.blake3.clear()), "no file with a hash");
        assert!(Entry::decode("{\"format\":1,\"more\":2}").is_err());
    }
}
