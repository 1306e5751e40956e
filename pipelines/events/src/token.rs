//! Keyed pseudonyms, the only free-form strings that the contract admits.

use std::borrow::Borrow;
use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A keyed pseudonym made on the platform's side: 16 to 64 characters of `A-Z a-z 0-9 _ -`.
///
/// Used for accounts, events, devices, networks and groups. Nothing in it can be read back. Up to 39
/// characters, which a UUID and a ULID are, it takes 40 bytes and no allocation; beyond, a box.
#[derive(Clone)]
pub struct Token(Text);

/// A string that is not a token; the string itself is deliberately not kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{}", Token::EXPECTED)]
pub struct InvalidToken;

impl Token {
    pub(crate) const EXPECTED: &'static str = "token must match ^[A-Za-z0-9_-]{16,64}$";
    /// The shortest and the longest, in bytes.
    pub(crate) const BYTES: std::ops::RangeInclusive<usize> = CHUNK..=64;

    /// The token's text.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            Text::Inline { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Text::Boxed(text) => text,
        }
    }

    /// The token's text as ASCII bytes; cheaper than [`Token::as_str`].
    #[inline]
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Text::Inline { bytes, len } => &bytes[..*len as usize],
            Text::Boxed(text) => text.as_bytes(),
        }
    }

    /// The token of a text, or none where it has not a token's shape.
    #[inline]
    pub(crate) fn from_bytes(text: &[u8]) -> Option<Token> {
        if !Self::BYTES.contains(&text.len()) || !chunks(text).all(is_token_text) {
            return None;
        }
        match InlineLen::of(text.len()) {
            Some(len) => {
                let mut bytes = [0; INLINE_MAX];
                // Whole chunks, overlapping: copying a length that is not known before costs a call.
                for (start, chunk) in starts(text.len()).zip(chunks(text)) {
                    bytes[start..start + CHUNK].copy_from_slice(chunk);
                }
                Some(Token(Text::Inline { bytes, len }))
            }
            None => std::str::from_utf8(text).ok().map(|text| Token(Text::Boxed(text.into()))),
        }
    }
}

/// The longest text that needs no box.
const INLINE_MAX: usize = 39;

/// The shortest token, and what is looked at in one go.
const CHUNK: usize = 16;

#[derive(Clone)]
enum Text {
    Inline { bytes: [u8; INLINE_MAX], len: InlineLen },
    Boxed(Box<str>),
}

/// Declares the lengths as an enum: the values that it does not have are where the compiler keeps which variant a
/// [`Text`] is, and whether an `Option<Token>` is there, so that both take 40 bytes.
macro_rules! inline_len {
    ($first:ident = $least:literal, $($length:ident)+) => {
        #[derive(Clone, Copy)]
        #[repr(u8)]
        enum InlineLen { $first = $least, $($length),+ }

        impl InlineLen {
            const ALL: [InlineLen; INLINE_MAX - CHUNK + 1] = [InlineLen::$first, $(InlineLen::$length),+];
        }
    };
}
inline_len! {
    L16 = 16, L17 L18 L19 L20 L21 L22 L23 L24 L25 L26 L27 L28 L29 L30 L31 L32 L33 L34 L35 L36 L37 L38 L39
}

impl InlineLen {
    #[inline]
    fn of(length: usize) -> Option<InlineLen> {
        Self::ALL.get(length.checked_sub(CHUNK)?).copied()
    }
}

/// Where the chunks of a text begin; the last one ends where the text does and may overlap the one before it.
#[inline]
fn starts(length: usize) -> impl Iterator<Item = usize> {
    (0..length.div_ceil(CHUNK)).map(move |i| (i * CHUNK).min(length - CHUNK))
}

/// A text of at least a chunk, chunk by chunk.
#[inline]
fn chunks(text: &[u8]) -> impl Iterator<Item = &[u8; CHUNK]> {
    starts(text.len()).filter_map(|start| text.get(start..)?.first_chunk())
}

/// Without a branch, so that it becomes a handful of vector instructions.
#[inline]
fn is_token_text(chunk: &[u8; CHUNK]) -> bool {
    chunk.iter().fold(true, |valid, b| valid & (b.is_ascii_alphanumeric() | (*b == b'_') | (*b == b'-')))
}

impl TryFrom<&str> for Token {
    type Error = InvalidToken;

    fn try_from(text: &str) -> Result<Self, InvalidToken> {
        Self::from_bytes(text.as_bytes()).ok_or(InvalidToken)
    }
}

impl Borrow<str> for Token {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

impl PartialEq for Token {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Token {}

impl PartialOrd for Token {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Token {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

impl Hash for Token {
    /// As `str` does it, which [`Borrow`] demands, without reading the text as UTF-8 first.
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write(self.as_bytes());
        state.write_u8(0xff);
    }
}

impl fmt::Display for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({})", self.as_str())
    }
}

impl Serialize for Token {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Token {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Token;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a token")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Token, E> {
                Token::try_from(text).map_err(E::custom)
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl JsonSchema for Token {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Token".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[A-Za-z0-9_-]{16,64}$",
            "description": "a keyed pseudonym made on the platform's side",
        })
    }
}

#[cfg(test)]
mod tests;
