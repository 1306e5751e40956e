//! One event in memory, and its encoding.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::{Body, Context, EventType, Millis, Relation, Token};

/// Who did what to whom, when, and how they found each other. Never what they said.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// Unique per event; redelivery carries the same id.
    pub id: Token,
    /// Event time, milliseconds since the Unix epoch, UTC.
    pub ts: Millis,
    /// The account that acted; none only for what the platform or an outsider says.
    pub actor: Option<Token>,
    /// The account acted upon, where the type has one.
    pub target: Option<Token>,
    /// What the platform knows of the actor now.
    pub actor_ctx: Option<Context>,
    /// What the platform knows of the target now.
    pub target_ctx: Option<Context>,
    /// The pair before this event.
    pub rel: Option<Relation>,
    /// What is particular to the type.
    pub body: Body,
}

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
    const NUMBER: u64 = 1;
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

    /// One line of JSON, without a newline. Decoding it gives this event again.
    pub fn to_json(&self) -> String {
        #[derive(Serialize)]
        struct OnWire<'a> {
            v: Version,
            id: &'a Token,
            ts: Millis,
            #[serde(rename = "type")]
            event_type: EventType,
            #[serde(skip_serializing_if = "Option::is_none")]
            actor: Option<&'a Token>,
            #[serde(skip_serializing_if = "Option::is_none")]
            target: Option<&'a Token>,
            #[serde(skip_serializing_if = "Option::is_none")]
            actor_ctx: Option<&'a Context>,
            #[serde(skip_serializing_if = "Option::is_none")]
            target_ctx: Option<&'a Context>,
            #[serde(skip_serializing_if = "Option::is_none")]
            rel: Option<&'a Relation>,
            #[serde(flatten)]
            body: &'a Body,
        }
        let wire = OnWire {
            v: Version,
            id: &self.id,
            ts: self.ts,
            event_type: self.event_type(),
            actor: self.actor.as_ref(),
            target: self.target.as_ref(),
            actor_ctx: self.actor_ctx.as_ref(),
            target_ctx: self.target_ctx.as_ref(),
            rel: self.rel.as_ref(),
            body: &self.body,
        };
        #[expect(clippy::expect_used, reason = "strings and finite numbers always encode")]
        serde_json::to_string(&wire).expect("an event encodes as JSON")
    }
}
