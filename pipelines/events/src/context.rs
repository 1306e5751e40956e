//! What the platform says of an account and of a pair of accounts at the moment of an event.

use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::declare::sparse;
use crate::words::wire_words;
use crate::{Country, Millis};

wire_words! {
    /// Age band of an account's holder, in years.
    Age {
        U13 = 1 "u13", From13To15 = 2 "13_15", From16To17 = 3 "16_17", From18To20 = 4 "18_20",
        From21To24 = 5 "21_24", From25To34 = 6 "25_34", From35 = 7 "35p", Unknown = 8 "unknown",
    }
    /// Where an age band comes from, weakest last but one: what is declared is often untrue.
    AgeSource { Declared = 1 "declared", Inferred = 2 "inferred", Verified = 3 "verified", Guardian = 4 "guardian" }
    /// What connected a pair before the event.
    Edge { None = 1 "none", Requested = 2 "requested", Connected = 3 "connected", Former = 4 "former", Blocked = 5 "blocked" }
    /// How many contacts a pair had in common before the event.
    Mutuals { None = 1 "0", One = 2 "1", From2To4 = 3 "2_4", From5To9 = 4 "5_9", From10 = 5 "10p" }
    /// How many groups a pair shared before the event.
    SharedGroups { None = 1 "0", One = 2 "1", From2To4 = 3 "2_4", From5 = 4 "5p" }
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

sparse! {
    /// What the platform knows of an account now.
    Context {
        /// Probability that the holder is under 18.
        p_minor: Probability = 1,
        /// Age band.
        age: Age = 2,
        /// Where the age band comes from.
        age_source: AgeSource = 3,
        /// When the account was created.
        created: Millis = 4,
        /// Country.
        country: Country = 5,
    }
    /// The pair before the event.
    Relation {
        /// What connected them.
        edge: Edge = 1,
        /// Contacts in common.
        mutuals: Mutuals = 2,
        /// Whether the target has the actor in the address book.
        target_has_actor: bool = 3,
        /// Whether the actor has the target in the address book.
        actor_has_target: bool = 4,
        /// Groups in common.
        shared_groups: SharedGroups = 5,
    }
}
