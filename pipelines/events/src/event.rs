//! What every event says of itself: its version, its type, and which accounts it names.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Event, EventType};

/// Which accounts an event of a type names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Parties {
    /// An actor and no target.
    Actor,
    /// An actor and a target.
    ActorAndTarget,
    /// An actor, and a target or a group.
    ActorAndTargetOrGroup,
    /// No actor and no target: the platform or an outsider speaks of a subject.
    Platform,
}

/// The contract's version; there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Version;

impl Version {
    pub(crate) const EXPECTED: &'static str = "version must be 1";
    pub(crate) const NUMBER: u64 = 1;
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(Self::NUMBER)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            Self::NUMBER => Ok(Version),
            _ => Err(de::Error::custom(Self::EXPECTED)),
        }
    }
}

impl JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "const": Self::NUMBER })
    }
}

impl Event {
    /// The event's type.
    pub fn event_type(&self) -> EventType {
        self.body.event_type()
    }
}
