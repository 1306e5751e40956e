//! What the platform says of an account and of a pair of accounts at the moment of an event.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::{Country, Millis};

/// Declares a closed set of words: an enum whose every value is one string of the contract.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident = $word:literal),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash,
                 serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        pub enum $name { $(#[doc = concat!("`", $word, "`")] #[serde(rename = $word)] $variant),+ }

        impl $name {
            /// Every value, in the contract's order.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word that the contract uses.
            pub const fn as_str(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }
    )+};
}
pub(crate) use words;

words! {
    /// Age band of an account's holder, in years.
    Age {
        U13 = "u13", From13To15 = "13_15", From16To17 = "16_17", From18To20 = "18_20",
        From21To24 = "21_24", From25To34 = "25_34", From35 = "35p", Unknown = "unknown",
    }
    /// Where an age band comes from, weakest last but one: what is declared is often untrue.
    AgeSource { Declared = "declared", Inferred = "inferred", Verified = "verified", Guardian = "guardian" }
    /// What connected a pair before the event.
    Edge { None = "none", Requested = "requested", Connected = "connected", Former = "former", Blocked = "blocked" }
    /// How many contacts a pair had in common before the event.
    Mutuals { None = "0", One = "1", From2To4 = "2_4", From5To9 = "5_9", From10 = "10p" }
    /// How many groups a pair shared before the event.
    SharedGroups { None = "0", One = "1", From2To4 = "2_4", From5 = "5p" }
}

/// A probability: a finite number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct Probability(f64);

impl Probability {
    pub(crate) const EXPECTED: &'static str = "probability must lie in 0 to 1";

    /// A probability, or none where `value` is not in 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// The number, in 0 to 1.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Probability {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Probability;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a probability")
            }

            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Probability, E> {
                Probability::new(value).ok_or_else(|| E::custom(Probability::EXPECTED))
            }

            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Probability, E> {
                self.visit_f64(if value == 0 { 0.0 } else { value as f64 })
            }

            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Probability, E> {
                self.visit_f64(value as f64)
            }
        }
        deserializer.deserialize_f64(Visitor)
    }
}

impl JsonSchema for Probability {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Probability".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "number", "minimum": 0, "maximum": 1 })
    }
}

/// Reads an optional field that is there: `null` is not a value of the contract.
pub(crate) fn present<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    T::deserialize(deserializer).map(Some)
}

/// Reads an optional record that is there. A record is an object: serde would take an array for one too.
pub(crate) fn present_object<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Option<T>, D::Error> {
    struct Visitor<T>(PhantomData<T>);
    impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Visitor<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
            T::deserialize(de::value::MapAccessDeserializer::new(map))
        }
    }
    deserializer.deserialize_map(Visitor(PhantomData)).map(Some)
}

/// A record whose every field is optional, absent rather than null.
macro_rules! sparse {
    ($($(#[$doc:meta])* $name:ident { $($(#[$field_doc:meta])* $field:ident : $ty:ty),+ $(,)? })+) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        pub struct $name {$(
            $(#[$field_doc])*
            #[serde(default, deserialize_with = "present", skip_serializing_if = "Option::is_none")]
            pub $field: Option<$ty>,
        )+}
    )+};
}

sparse! {
    /// What the platform knows of an account now.
    Context {
        /// Probability that the holder is under 18.
        p_minor: Probability,
        /// Age band.
        age: Age,
        /// Where the age band comes from.
        age_source: AgeSource,
        /// When the account was created.
        created: Millis,
        /// Country.
        country: Country,
    }
    /// The pair before the event.
    Relation {
        /// What connected them.
        edge: Edge,
        /// Contacts in common.
        mutuals: Mutuals,
        /// Whether the target has the actor in the address book.
        target_has_actor: bool,
        /// Whether the actor has the target in the address book.
        actor_has_target: bool,
        /// Groups in common.
        shared_groups: SharedGroups,
    }
}
