//! Every type of event and its own fields: one list, from which the in-memory types, the decoder, the
//! encoder and the JSON Schema follow.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

use crate::context::{present, present_object, words};
use crate::{Age, AgeSource, Context, Country, Event, Millis, Parties, Probability, Relation, Token};

words! {
    /// How an account was registered.
    RegChannel { Phone = "phone", Email = "email", Sso = "sso", Other = "other" }
    /// What of a profile changed; never to what.
    Changed { Age = "age", Name = "name", Photo = "photo", Username = "username", Bio = "bio" }
    /// An account's standing.
    Status {
        Active = "active", Restricted = "restricted", Suspended = "suspended", Closed = "closed",
        Reinstated = "reinstated",
    }
    /// Who changed an account's standing.
    StatusBy { User = "user", Platform = "platform", Legal = "legal" }
    /// What a report, a label or a change of standing is about.
    Category {
        ChildSafety = "child_safety", Sexual = "sexual", Sextortion = "sextortion", Scam = "scam",
        Spam = "spam", Impersonation = "impersonation", Harassment = "harassment", Other = "other",
    }
    /// Kind of client.
    Client {
        Android = "android", Ios = "ios", Web = "web", Desktop = "desktop", Bot = "bot", Unknown = "unknown",
    }
    /// Where two accounts found each other.
    Surface {
        Suggested = "suggested", Search = "search", PhoneImport = "phone_import", Qr = "qr", Link = "link",
        Group = "group", Mutual = "mutual", Comment = "comment", Nearby = "nearby", Game = "game",
        ForwardedContact = "forwarded_contact", Unknown = "unknown",
    }
    /// Kind of message, never its content.
    MessageKind {
        Text = "text", Media = "media", Voice = "voice", Sticker = "sticker", ContactCard = "contact_card",
        Location = "location", Other = "other",
    }
    /// Size class of a message.
    Size { Xs = "xs", S = "s", M = "m", L = "l", Xl = "xl" }
    /// How long the sender typed.
    Typing { None = "none", Short = "short", Long = "long" }
    /// Modality of a call.
    Modality { Audio = "audio", Video = "video" }
    /// How a group was entered.
    Via { Link = "link", Added = "added", Search = "search" }
    /// Which of the platform's own gates stopped a contact.
    Gate { DmToMinor = "dm_to_minor", RequestLimit = "request_limit", Rate = "rate", Region = "region" }
    /// What became of a report.
    Outcome { Upheld = "upheld", Dismissed = "dismissed", Duplicate = "duplicate" }
    /// Kind of notice shown to the actor.
    NoticeKind { SafetyNotice = "safety_notice", Friction = "friction" }
    /// What the actor did on a notice.
    Response {
        Ignored = "ignored", Blocked = "blocked", Reported = "reported", Left = "left", Proceeded = "proceeded",
    }
    /// Who sent an external signal.
    SignalSource { Partner = "partner", Hotline = "hotline", LawEnforcement = "law_enforcement" }
}

/// How one type of event stands on the wire.
trait Wire {
    fn decode(text: &str) -> serde_json::Result<Event>;
    fn schema(generator: &mut SchemaGenerator) -> Schema;
}

/// Declares the types of events. A field is required, or optional and absent rather than null.
macro_rules! event_types {
    ($(
        $(#[$doc:meta])*
        $name:ident = $tag:literal, $parties:ident
            { $($required:ident: $required_ty:ty),* $(,)? }
            { $($optional:ident: $optional_ty:ty),* $(,)? }
    )+) => {
        /// The name of a type of event.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        pub enum EventType { $(#[doc = concat!("`", $tag, "`")] #[serde(rename = $tag)] $name),+ }

        impl EventType {
            /// Every type, in the contract's order.
            pub const ALL: &'static [EventType] = &[$(EventType::$name),+];

            /// The contract's word.
            pub const fn as_str(self) -> &'static str {
                match self { $(EventType::$name => $tag),+ }
            }

            /// Which accounts an event of this type names.
            pub const fn parties(self) -> Parties {
                match self { $(EventType::$name => Parties::$parties),+ }
            }

            pub(crate) fn decode(self, text: &str) -> serde_json::Result<Event> {
                match self { $(EventType::$name => $name::decode(text)),+ }
            }

            pub(crate) fn schema(self, generator: &mut SchemaGenerator) -> Schema {
                match self { $(EventType::$name => $name::schema(generator)),+ }
            }
        }

        /// What is particular to an event's type.
        #[derive(Clone, Debug, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Body { $($(#[$doc])* $name($name)),+ }

        impl Body {
            /// The type that this body belongs to.
            pub const fn event_type(&self) -> EventType {
                match self { $(Body::$name(_) => EventType::$name),+ }
            }
        }

        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq, Serialize)]
            #[allow(missing_docs, reason = "the contract's own table documents the fields")]
            pub struct $name {
                $(pub $required: $required_ty,)*
                $(#[serde(skip_serializing_if = "Option::is_none")] pub $optional: Option<$optional_ty>,)*
            }

            const _: () = {
                #[derive(Deserialize, JsonSchema)]
                #[serde(deny_unknown_fields)]
                #[allow(dead_code, reason = "the version and the type are read only to be checked")]
                struct OnWire {
                    v: crate::event::Version,
                    id: Token,
                    ts: Millis,
                    #[serde(rename = "type")]
                    event_type: EventType,
                    #[serde(default, deserialize_with = "present")]
                    actor: Option<Token>,
                    #[serde(default, deserialize_with = "present")]
                    target: Option<Token>,
                    #[serde(default, deserialize_with = "present_object")]
                    actor_ctx: Option<Context>,
                    #[serde(default, deserialize_with = "present_object")]
                    target_ctx: Option<Context>,
                    #[serde(default, deserialize_with = "present_object")]
                    rel: Option<Relation>,
                    $($required: $required_ty,)*
                    $(#[serde(default, deserialize_with = "present")] $optional: Option<$optional_ty>,)*
                }

                impl Wire for $name {
                    fn decode(text: &str) -> serde_json::Result<Event> {
                        let wire: OnWire = serde_json::from_str(text)?;
                        Ok(Event {
                            id: wire.id,
                            ts: wire.ts,
                            actor: wire.actor,
                            target: wire.target,
                            actor_ctx: wire.actor_ctx,
                            target_ctx: wire.target_ctx,
                            rel: wire.rel,
                            body: Body::$name($name {
                                $($required: wire.$required,)*
                                $($optional: wire.$optional,)*
                            }),
                        })
                    }

                    fn schema(generator: &mut SchemaGenerator) -> Schema {
                        OnWire::json_schema(generator)
                    }
                }
            };
        )+
    };
}

event_types! {
    /// An account comes to be.
    AccountCreated = "account.created", Actor
        { created: Millis }
        { reg_channel: RegChannel, device: Token, network: Token, phone_prefix: Token, asn: u32,
          country: Country, invited_by: Token }
    /// What the platform knows of an account changes.
    AccountUpdated = "account.updated", Actor
        {}
        { p_minor: Probability, age: Age, age_source: AgeSource, created: Millis, country: Country,
          changed: Vec<Changed> }
    /// An account's standing changes.
    AccountStatus = "account.status", Actor
        { status: Status }
        { by: StatusBy, reason: Category }
    /// A session begins.
    SessionStarted = "session.started", Actor
        {}
        { device: Token, network: Token, asn: u32, country: Country, client: Client, new_device: bool }
    /// A device joins an account's end-to-end-encrypted mailbox.
    DeviceLinked = "device.linked", Actor { device: Token } {}
    /// A device leaves an account's end-to-end-encrypted mailbox.
    DeviceRemoved = "device.removed", Actor { device: Token } {}
    /// One account looks at another.
    DiscoveryViewed = "discovery.viewed", ActorAndTarget { surface: Surface } {}
    /// One account asks another to be in contact.
    ContactRequested = "contact.requested", ActorAndTarget { surface: Surface } {}
    /// The asked account accepts.
    ContactAccepted = "contact.accepted", ActorAndTarget {} {}
    /// The asked account declines.
    ContactDeclined = "contact.declined", ActorAndTarget {} {}
    /// A request lapses.
    ContactExpired = "contact.expired", ActorAndTarget {} {}
    /// The asking account withdraws.
    ContactCancelled = "contact.cancelled", ActorAndTarget {} {}
    /// A contact is given up.
    ContactRemoved = "contact.removed", ActorAndTarget {} {}
    /// One account blocks another.
    ContactBlocked = "contact.blocked", ActorAndTarget {} { prompted: bool }
    /// One account unblocks another.
    ContactUnblocked = "contact.unblocked", ActorAndTarget {} { prompted: bool }
    /// A message is sent, to an account or to a group.
    MessageSent = "message.sent", ActorAndTargetOrGroup
        { kind: MessageKind }
        { size: Size, request_folder: bool, forwarded: bool, disappearing: bool, view_once: bool,
          typing: Typing, group: Token, recipients: u32 }
    /// A message is read.
    MessageRead = "message.read", ActorAndTarget {} {}
    /// A message is taken back.
    MessageUnsent = "message.unsent", ActorAndTarget {} {}
    /// A call is placed.
    CallPlaced = "call.placed", ActorAndTarget {} { modality: Modality, seconds: u32 }
    /// A call is answered.
    CallAnswered = "call.answered", ActorAndTarget {} { modality: Modality, seconds: u32 }
    /// A group comes to be.
    GroupCreated = "group.created", Actor { group: Token } { via: Via }
    /// An account joins a group.
    GroupJoined = "group.joined", Actor { group: Token } { via: Via }
    /// An account leaves a group.
    GroupLeft = "group.left", Actor { group: Token } { via: Via }
    /// One account adds another to a group.
    GroupMemberAdded = "group.member_added", ActorAndTarget { group: Token } {}
    /// The platform itself stops a contact.
    GateRefused = "gate.refused", ActorAndTarget { gate: Gate } {}
    /// One account reports another.
    ReportFiled = "report.filed", ActorAndTarget { category: Category } { franking_verified: bool }
    /// A report is decided.
    ReportResolved = "report.resolved", Platform { subject: Token, outcome: Outcome } { category: Category }
    /// A notice is shown to the actor about the target.
    NoticeShown = "notice.shown", ActorAndTarget {} { kind: NoticeKind, response: Response }
    /// Somebody outside the platform gives a signal.
    SignalExternal = "signal.external", Platform
        { subject: Token, source: SignalSource, category: Category }
        { confidence: Probability }
}
