//! Closed sets of words: enums whose every value is one string of the contract.

/// Declares closed sets of words.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the contract's order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that the contract uses.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        // serde's own would also take the object {"word": null} for a word.
        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                enum Numbered { $(#[serde(rename = $word)] $variant),+ }

                struct Visitor;
                impl serde::de::Visitor<'_> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                        f.write_str("a word")
                    }

                    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<$name, E> {
                        match text {
                            $($word => Ok($name::$variant),)+
                            _ => Err(E::unknown_variant(text, &[$($word),+])),
                        }
                    }
                }
                if deserializer.is_human_readable() {
                    return deserializer.deserialize_str(Visitor);
                }
                Ok(match Numbered::deserialize(deserializer)? {
                    $(Numbered::$variant => $name::$variant),+
                })
            }
        }
    )+};
}
pub(crate) use words;

/// Declares closed sets of words that an event can hold, each word with its number in protobuf.
///
/// A number is for ever: a new word takes one that no word of the set ever had.
macro_rules! wire_words {
    ($(
        $(#[doc = $doc:literal])*
        $name:ident { $($variant:ident = $number:literal $word:literal),+ $(,)? }
    )+) => {
        crate::words::words! { $($(#[doc = $doc])* $name { $($variant = $word),+ })+ }

        $(
            impl $name {
                pub(crate) const fn number(self) -> u32 {
                    match self { $($name::$variant => $number),+ }
                }

                pub(crate) const fn from_number(number: u64) -> Option<Self> {
                    match number {
                        $($number => Some($name::$variant),)+
                        _ => None,
                    }
                }
            }

            impl crate::json::Value for $name {
                fn read(cursor: &mut crate::json::Cursor<'_>) -> Option<Self> {
                    $(if cursor.eat(concat!("\"", $word, "\"")) { return Some($name::$variant); })+
                    None
                }
            }

            impl crate::protobuf::Value for $name {
                const WIRE_TYPE: crate::protobuf::WireType = crate::protobuf::WireType::Varint;

                #[inline]
                fn read(reader: &mut crate::protobuf::Reader<'_>) -> Result<Self, crate::event::Fault> {
                    reader.varint_as(crate::Rule::UnknownValue, Self::from_number)
                }

                fn write(&self, out: &mut Vec<u8>) {
                    crate::protobuf::write_varint(self.number().into(), out);
                }

                fn define(definitions: &mut crate::protobuf::Definitions) -> &'static str {
                    definitions.add(stringify!($name), |_| {
                        crate::protobuf::enum_text(stringify!($name), &[$($doc),*], &[$(($number, $word)),+])
                    })
                }
            }
        )+
    };
}
pub(crate) use wire_words;

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{Category, EventType, Token};

    #[test]
    fn a_word_is_a_string_and_nothing_else() {
        let read = |value| serde_json::from_value::<Category>(value).ok();
        assert_eq!(read(json!("scam")), Some(Category::Scam));
        for other in [json!("scam "), json!({ "scam": null }), json!(["scam"]), json!(4), json!(null)] {
            assert_eq!(read(other.clone()), None, "{other}");
        }
    }

    /// Snapshots hold words and tokens so.
    #[test]
    fn a_binary_format_holds_words_by_their_place() {
        let token = Token::try_from("0190a000-0000-7000-8000-000000000001").unwrap();
        let state = (Category::ALL.to_vec(), EventType::ALL.to_vec(), token);
        let bytes = postcard::to_stdvec(&state).unwrap();
        assert_eq!(bytes[..Category::ALL.len() + 1], [8, 0, 1, 2, 3, 4, 5, 6, 7]);
        assert_eq!(postcard::from_bytes(&bytes), Ok(state));
    }
}
