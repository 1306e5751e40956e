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
    pub(crate) fn from_bytes(text: &[u8]) -> Option<Token> {
        let mut token = None;
        Self::put(text, &mut token)?;
        token
    }

    /// [`Token::from_bytes`] to where the token shall be: bytes that were just written in pieces are slow to move.
    #[inline]
    pub(crate) fn put(text: &[u8], place: &mut Option<Token>) -> Option<()> {
        let Some(len) = InlineLen::of(text.len()) else { return Self::put_boxed(text, place) };
        // Whole chunks, the last one overlapping: a copy of unknown length costs a call.
        let (first, last) = (text.first_chunk::<CHUNK>()?, text.last_chunk::<CHUNK>()?);
        let middle = text.get(CHUNK..2 * CHUNK).and_then(|middle| middle.first_chunk::<CHUNK>());
        let is_valid = is_token_text(first) & is_token_text(last) & middle.is_none_or(is_token_text);
        if !is_valid {
            return None;
        }
        let token = place.insert(Token(Text::Inline { bytes: [0; INLINE_MAX], len }));
        if let Text::Inline { bytes, .. } = &mut token.0 {
            bytes[..CHUNK].copy_from_slice(first);
            if let Some(middle) = middle {
                bytes[CHUNK..2 * CHUNK].copy_from_slice(middle);
            }
            bytes.get_mut(text.len() - CHUNK..text.len())?.copy_from_slice(last);
        }
        Some(())
    }

    #[cold]
    fn put_boxed(text: &[u8], place: &mut Option<Token>) -> Option<()> {
        let is_valid = Self::BYTES.contains(&text.len()) && text.iter().all(|b| is_token_byte(*b));
        let text = std::str::from_utf8(text).ok().filter(|_| is_valid)?;
        *place = Some(Token(Text::Boxed(text.into())));
        Some(())
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

/// Without a branch, and by itself, so that it becomes a handful of vector instructions: inlined, it does not.
#[inline(never)]
fn is_token_text(chunk: &[u8; CHUNK]) -> bool {
    chunk.iter().fold(0, |wrong, b| wrong | u8::from(!is_token_byte(*b))) == 0
}

#[inline(always)]
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() | (byte == b'_') | (byte == b'-')
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
