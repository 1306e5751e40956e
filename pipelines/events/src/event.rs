//! What every event says of itself: its version, its type, and which accounts it names.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Body, Event, EventType, FUTURE_MAX_MS, Millis, Rule};

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

/// Which accounts and groups an event names.
#[derive(Clone, Copy)]
pub(crate) struct Named {
    pub(crate) actor: bool,
    pub(crate) target: bool,
    pub(crate) group: bool,
}

impl Parties {
    /// What is wrong, where an event names an account that its type does not have, or lacks one.
    pub(crate) fn misplaced(self, Named { actor, target, group }: Named) -> Option<Fault> {
        let unknown = |field| Some(Fault { rule: Rule::UnknownField, place: Place::Of(field) });
        match self {
            Parties::Platform if actor => unknown("actor"),
            Parties::Platform | Parties::Actor if target => unknown("target"),
            Parties::Platform => None,
            _ if !actor => Some(Fault::missing("actor")),
            Parties::ActorAndTarget if !target => Some(Fault::missing("target")),
            Parties::ActorAndTargetOrGroup if !target && !group => Some(Fault::missing("target")),
            _ => None,
        }
    }
}

impl Body {
    pub(crate) fn names_group(&self) -> bool {
        matches!(self, Body::MessageSent(message) if message.group.is_some())
    }
}

/// What is wrong, where an event's time lies too far ahead of the ingester's clock.
pub(crate) fn ahead_of(ts: Millis, now: Millis) -> Option<Fault> {
    let is_ahead = ts > now.saturating_add(FUTURE_MAX_MS);
    is_ahead.then_some(Fault { rule: Rule::FutureTime, place: Place::Of("ts") })
}

/// Why an event is refused, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    pub(crate) rule: Rule,
    pub(crate) place: Place,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// At this byte.
    Byte(usize),
    /// At a field of the envelope, or at the end where there is none of this name.
    Of(&'static str),
}

impl Fault {
    pub(crate) fn at(rule: Rule, byte: usize) -> Self {
        Self { rule, place: Place::Byte(byte) }
    }

    pub(crate) fn missing(field: &'static str) -> Self {
        Self { rule: Rule::MissingField, place: Place::Of(field) }
    }
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
