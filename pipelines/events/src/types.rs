//! Every type of event and its own fields: one list, from which the in-memory types, the decoders and encoders
//! of both encodings, the JSON Schema and the `.proto` follow.
//!
//! Numbers are those of protobuf, and for ever: a new word, field or type takes one that its set, message or the
//! event never had, and none is used again.

use crate::declare::event_types;
use crate::words::wire_words;
use crate::{Age, AgeSource, Context, Country, Millis, Probability, Relation, Token};

wire_words! {
    /// How an account was registered.
    RegChannel { Phone = 1 "phone", Email = 2 "email", Sso = 3 "sso", Other = 4 "other" }
    /// What of a profile changed; never to what.
    Changed { Age = 1 "age", Name = 2 "name", Photo = 3 "photo", Username = 4 "username", Bio = 5 "bio" }
    /// An account's standing.
    Status {
        Active = 1 "active", Restricted = 2 "restricted", Suspended = 3 "suspended", Closed = 4 "closed",
        Reinstated = 5 "reinstated",
    }
    /// Who changed an account's standing.
    StatusBy { User = 1 "user", Platform = 2 "platform", Legal = 3 "legal" }
    /// What a report, a label or a change of standing is about.
    Category {
        ChildSafety = 1 "child_safety", Sexual = 2 "sexual", Sextortion = 3 "sextortion", Scam = 4 "scam",
        Spam = 5 "spam", Impersonation = 6 "impersonation", Harassment = 7 "harassment", Other = 8 "other",
    }
    /// Kind of client.
    Client {
        Android = 1 "android", Ios = 2 "ios", Web = 3 "web", Desktop = 4 "desktop", Bot = 5 "bot", Unknown = 6 "unknown",
    }
    /// Where two accounts found each other.
    Surface {
        Suggested = 1 "suggested", Search = 2 "search", PhoneImport = 3 "phone_import", Qr = 4 "qr", Link = 5 "link",
        Group = 6 "group", Mutual = 7 "mutual", Comment = 8 "comment", Nearby = 9 "nearby", Game = 10 "game",
        ForwardedContact = 11 "forwarded_contact", Unknown = 12 "unknown",
    }
    /// Kind of message, never its content.
    MessageKind {
        Text = 1 "text", Media = 2 "media", Voice = 3 "voice", Sticker = 4 "sticker", ContactCard = 5 "contact_card",
        Location = 6 "location", Other = 7 "other",
    }
    /// Size class of a message.
    Size { Xs = 1 "xs", S = 2 "s", M = 3 "m", L = 4 "l", Xl = 5 "xl" }
    /// How long the sender typed.
    Typing { None = 1 "none", Short = 2 "short", Long = 3 "long" }
    /// Modality of a call.
    Modality { Audio = 1 "audio", Video = 2 "video" }
    /// How a group was entered.
    Via { Link = 1 "link", Added = 2 "added", Search = 3 "search" }
    /// Which of the platform's own gates stopped a contact.
    Gate { DmToMinor = 1 "dm_to_minor", RequestLimit = 2 "request_limit", Rate = 3 "rate", Region = 4 "region" }
    /// What became of a report.
    Outcome { Upheld = 1 "upheld", Dismissed = 2 "dismissed", Duplicate = 3 "duplicate" }
    /// Kind of notice shown to the actor.
    NoticeKind { SafetyNotice = 1 "safety_notice", Friction = 2 "friction" }
    /// What the actor did on a notice.
    Response {
        Ignored = 1 "ignored", Blocked = 2 "blocked", Reported = 3 "reported", Left = 4 "left", Proceeded = 5 "proceeded",
    }
    /// Who sent an external signal.
    SignalSource { Partner = 1 "partner", Hotline = 2 "hotline", LawEnforcement = 3 "law_enforcement" }
}

event_types! {
    envelope {
        version 1
        required {
            /// Unique per event; redelivery carries the same id.
            id: Token = 2,
            /// Event time, milliseconds since the Unix epoch, UTC.
            ts: Millis = 3,
        }
        optional {
            /// The account that acted; none only for what the platform or an outsider says.
            actor: Token = 4,
            /// The account acted upon, where the type has one.
            target: Token = 5,
        }
        records {
            /// What the platform knows of the actor now.
            actor_ctx: Context = 6,
            /// What the platform knows of the target now.
            target_ctx: Context = 7,
            /// The pair before this event.
            rel: Relation = 8,
        }
    }

    /// An account comes to be.
    AccountCreated = 16 "account.created", Actor
        { created: Millis = 1 }
        { reg_channel: RegChannel = 2, device: Token = 3, network: Token = 4, phone_prefix: Token = 5, asn: u32 = 6,
          country: Country = 7, invited_by: Token = 8 }
    /// What the platform knows of an account changes.
    AccountUpdated = 17 "account.updated", Actor
        {}
        { p_minor: Probability = 1, age: Age = 2, age_source: AgeSource = 3, created: Millis = 4, country: Country = 5,
          changed: Vec<Changed> = 6 }
    /// An account's standing changes.
    AccountStatus = 18 "account.status", Actor
        { status: Status = 1 }
        { by: StatusBy = 2, reason: Category = 3 }
    /// A session begins.
    SessionStarted = 19 "session.started", Actor
        {}
        { device: Token = 1, network: Token = 2, asn: u32 = 3, country: Country = 4, client: Client = 5, new_device: bool = 6 }
    /// A device joins an account's end-to-end-encrypted mailbox.
    DeviceLinked = 20 "device.linked", Actor { device: Token = 1 } {}
    /// A device leaves an account's end-to-end-encrypted mailbox.
    DeviceRemoved = 21 "device.removed", Actor { device: Token = 1 } {}
    /// One account looks at another.
    DiscoveryViewed = 22 "discovery.viewed", ActorAndTarget { surface: Surface = 1 } {}
    /// One account asks another to be in contact.
    ContactRequested = 23 "contact.requested", ActorAndTarget { surface: Surface = 1 } {}
    /// The asked account accepts.
    ContactAccepted = 24 "contact.accepted", ActorAndTarget {} {}
    /// The asked account declines.
    ContactDeclined = 25 "contact.declined", ActorAndTarget {} {}
    /// A request lapses.
    ContactExpired = 26 "contact.expired", ActorAndTarget {} {}
    /// The asking account withdraws.
    ContactCancelled = 27 "contact.cancelled", ActorAndTarget {} {}
    /// A contact is given up.
    ContactRemoved = 28 "contact.removed", ActorAndTarget {} {}
    /// One account blocks another.
    ContactBlocked = 29 "contact.blocked", ActorAndTarget {} { prompted: bool = 1 }
    /// One account unblocks another.
    ContactUnblocked = 30 "contact.unblocked", ActorAndTarget {} { prompted: bool = 1 }
    /// A message is sent, to an account or to a group.
    MessageSent = 31 "message.sent", ActorAndTargetOrGroup
        { kind: MessageKind = 1 }
        { size: Size = 2, request_folder: bool = 3, forwarded: bool = 4, disappearing: bool = 5, view_once: bool = 6,
          typing: Typing = 7, group: Token = 8, recipients: u32 = 9 }
    /// A message is read.
    MessageRead = 32 "message.read", ActorAndTarget {} {}
    /// A message is taken back.
    MessageUnsent = 33 "message.unsent", ActorAndTarget {} {}
    /// A call is placed.
    CallPlaced = 34 "call.placed", ActorAndTarget {} { modality: Modality = 1, seconds: u32 = 2 }
    /// A call is answered.
    CallAnswered = 35 "call.answered", ActorAndTarget {} { modality: Modality = 1, seconds: u32 = 2 }
    /// A group comes to be.
    GroupCreated = 36 "group.created", Actor { group: Token = 1 } { via: Via = 2 }
    /// An account joins a group.
    GroupJoined = 37 "group.joined", Actor { group: Token = 1 } { via: Via = 2 }
    /// An account leaves a group.
    GroupLeft = 38 "group.left", Actor { group: Token = 1 } { via: Via = 2 }
    /// One account adds another to a group.
    GroupMemberAdded = 39 "group.member_added", ActorAndTarget { group: Token = 1 } {}
    /// The platform itself stops a contact.
    GateRefused = 40 "gate.refused", ActorAndTarget { gate: Gate = 1 } {}
    /// One account reports another.
    ReportFiled = 41 "report.filed", ActorAndTarget { category: Category = 1 } { franking_verified: bool = 2 }
    /// A report is decided.
    ReportResolved = 42 "report.resolved", Platform { subject: Token = 1, outcome: Outcome = 2 } { category: Category = 3 }
    /// A notice is shown to the actor about the target.
    NoticeShown = 43 "notice.shown", ActorAndTarget {} { kind: NoticeKind = 1, response: Response = 2 }
    /// Somebody outside the platform gives a signal.
    SignalExternal = 44 "signal.external", Platform
        { subject: Token = 1, source: SignalSource = 2, category: Category = 3 }
        { confidence: Probability = 4 }
}
