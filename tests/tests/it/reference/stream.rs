//! Small streams in which few accounts do everything that the contract has, at moments that lie on edges.

use events::{
    Age, AgeSource, Edge, Event, EventType, Millis, Mutuals, Parties, SharedGroups, Surface, decode,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

pub(super) const MINUTE: Millis = 60 * 1000;
pub(super) const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

/// A midnight, so that it is a tick of every usual length.
pub(super) const BASE: Millis = 19_675 * DAY;

/// Where events gather: a window's length apart, in one way or another.
const TIGHT: &[Millis] = &[0, 9 * MINUTE, 10 * MINUTE, HOUR, HOUR + 10 * MINUTE, DAY];
const WIDE: &[Millis] = &[0, HOUR, DAY, DAY + HOUR, 7 * DAY, 8 * DAY, 28 * DAY, 29 * DAY, 35 * DAY, 56 * DAY];

/// What one account does to many, and what comes back from them.
const OUT: &[EventType] = &[
    EventType::ContactRequested,
    EventType::ContactRequested,
    EventType::ContactRequested,
    EventType::MessageSent,
    EventType::MessageSent,
    EventType::GroupMemberAdded,
    EventType::CallPlaced,
    EventType::GateRefused,
];
const BACK: &[EventType] = &[
    EventType::MessageSent,
    EventType::ContactAccepted,
    EventType::ContactAccepted,
    EventType::ContactDeclined,
    EventType::ContactExpired,
    EventType::ContactBlocked,
    EventType::ReportFiled,
];

/// Events in order, and the tick length by which to look at them.
#[derive(Clone, Debug)]
pub(super) struct Stream {
    pub(super) tick_ms: Millis,
    pub(super) events: Vec<Event>,
}

/// What is drawn of an event before its stream is known.
#[derive(Clone, Debug)]
struct Draft {
    event_type: EventType,
    actor: usize,
    target: usize,
    /// Which of the moments at which events gather, and how far from it.
    anchor: usize,
    offset: usize,
    contexts: [Option<Value>; 2],
    rel: Option<Value>,
    own: Value,
}

/// The token of an account. Their order is not that of the numbers.
pub(super) fn account(number: usize) -> String {
    token("account", number as u64)
}

fn token(what: &str, number: u64) -> String {
    blake3::hash(format!("{what} {number}").as_bytes()).to_hex().chars().take(24).collect()
}

/// An event of a type by name, with `more` of its fields; decoded, so that it is one of the contract.
pub(super) fn draft_event(kind: &str, actor: usize, target: usize, ts: Millis, more: Value) -> Event {
    let event_type = EventType::ALL.iter().find(|t| t.as_str() == kind).unwrap();
    let mut fields = required(*event_type, json!({}));
    fields.insert("actor".into(), account(actor).into());
    fields.insert("target".into(), account(target).into());
    fields.insert("id".into(), token(&format!("{kind} {actor} {target}"), ts).into());
    fields.extend(more.as_object().cloned().unwrap());
    decoded(*event_type, ts, fields)
}

fn decoded(event_type: EventType, ts: Millis, mut fields: Map<String, Value>) -> Event {
    fields.extend(json!({"v": 1, "ts": ts, "type": event_type.as_str()}).as_object().cloned().unwrap());
    decode(&serde_json::to_vec(&fields).unwrap(), ts).unwrap()
}

/// The fields that a type cannot do without, drawn from `own` where it matters what they say.
fn required(event_type: EventType, own: Value) -> Map<String, Value> {
    let surface = own.get("surface").cloned().unwrap_or_else(|| json!("search"));
    let any = token("any", 0);
    let fields = match event_type {
        EventType::AccountCreated => {
            json!({"created": own.get("when").cloned().unwrap_or_else(|| json!(BASE))})
        }
        EventType::AccountUpdated => own.get("context").cloned().unwrap_or_else(|| json!({})),
        EventType::AccountStatus => json!({"status": "active"}),
        EventType::DeviceLinked | EventType::DeviceRemoved => json!({"device": any}),
        EventType::DiscoveryViewed | EventType::ContactRequested => json!({"surface": surface}),
        EventType::MessageSent => json!({"kind": "text"}),
        EventType::GroupCreated
        | EventType::GroupJoined
        | EventType::GroupLeft
        | EventType::GroupMemberAdded => json!({"group": any}),
        EventType::GateRefused => json!({"gate": "rate"}),
        EventType::ReportFiled => json!({"category": "other"}),
        EventType::ReportResolved => json!({"subject": account(0), "outcome": "upheld"}),
        EventType::SignalExternal => {
            json!({"subject": account(0), "source": "partner", "category": "other"})
        }
        _ => json!({}),
    };
    fields.as_object().cloned().unwrap()
}

impl Draft {
    fn event(self, index: u64, tick_ms: Millis, anchors: &[Millis]) -> Event {
        let near = [0, 1, 2, tick_ms, tick_ms + 1, 5 * MINUTE, 10 * MINUTE, 10 * MINUTE + 1];
        let anchor = BASE + anchors[self.anchor % anchors.len()];
        let ts = anchor + near[self.offset % near.len()] - 1;
        let mut fields = required(self.event_type, self.own.clone());
        fields.insert("id".into(), token("event", index).into());

        // The contract knows messages to a group, and to an account and a group.
        let to_group = self.event_type == EventType::MessageSent && self.own["group"] == json!(true);
        if to_group {
            fields.insert("group".into(), token("group", 0).into());
        }
        let parties = self.event_type.parties();
        if parties != Parties::Platform {
            fields.insert("actor".into(), account(self.actor).into());
        }
        let has_target = match parties {
            Parties::Platform | Parties::Actor => false,
            Parties::ActorAndTarget => true,
            Parties::ActorAndTargetOrGroup => !to_group || index.is_multiple_of(2),
        };
        if has_target {
            fields.insert("target".into(), account(self.target).into());
        }
        let [actor_ctx, target_ctx] = self.contexts;
        for (name, value) in [("actor_ctx", actor_ctx), ("target_ctx", target_ctx), ("rel", self.rel)] {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        }
        decoded(self.event_type, ts, fields)
    }
}

fn sometimes<T: serde::Serialize + std::fmt::Debug + Clone>(
    chance: f64,
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Value> {
    prop::option::weighted(chance, strategy).prop_map(|value| json!(value))
}

/// An object of the fields that are there.
fn object(fields: &[(&str, Value)]) -> Value {
    fields.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
}

fn probability() -> impl Strategy<Value = f64> {
    // Halves of a ten-thousandth are where rounding is decided.
    prop_oneof![
        0.0..=1.0,
        (0..10_000_u32).prop_map(|n| (f64::from(n) + 0.5) / 10_000.0),
        select(vec![0.0, 1.0])
    ]
}

fn moment() -> impl Strategy<Value = Millis> {
    select(WIDE).prop_flat_map(|anchor| select(vec![BASE - 30 * DAY, BASE + anchor, BASE + anchor + 1]))
}

fn context() -> impl Strategy<Value = Value> {
    let fields = (
        sometimes(0.3, probability()),
        sometimes(0.6, select(Age::ALL)),
        sometimes(0.5, select(AgeSource::ALL)),
        sometimes(0.3, moment()),
    );
    fields.prop_map(|(p_minor, age, age_source, created)| {
        object(&[("p_minor", p_minor), ("age", age), ("age_source", age_source), ("created", created)])
    })
}

fn relation() -> impl Strategy<Value = Value> {
    let mostly = |none: Value, others: Vec<Value>| prop_oneof![3 => Just(none), 1 => select(others)];
    let words = |words: Vec<&'static str>| words.into_iter().map(Value::from).collect::<Vec<_>>();
    let fields = (
        sometimes(0.6, mostly(json!("none"), words(Edge::ALL.iter().map(|e| e.as_str()).collect()))),
        sometimes(0.6, mostly(json!("0"), words(Mutuals::ALL.iter().map(|m| m.as_str()).collect()))),
        sometimes(0.4, mostly(json!("0"), words(SharedGroups::ALL.iter().map(|g| g.as_str()).collect()))),
        sometimes(0.4, mostly(json!(false), vec![json!(true)])),
        sometimes(0.2, any::<bool>()),
    );
    fields.prop_map(|(edge, mutuals, shared_groups, target_has_actor, actor_has_target)| {
        object(&[
            ("edge", edge),
            ("mutuals", mutuals),
            ("shared_groups", shared_groups),
            ("target_has_actor", target_has_actor),
            ("actor_has_target", actor_has_target),
        ])
    })
}

/// Who does what to whom: anybody anything to anybody, or the first account to many and they to it.
fn deeds(accounts: usize, hub: u32) -> impl Strategy<Value = (EventType, usize, usize)> {
    prop_oneof![
        2 => (select(EventType::ALL), 0..accounts, 0..accounts),
        2 => (select(OUT), 0..accounts, 0..accounts),
        1 => (select(BACK), 0..accounts, 0..accounts),
        hub => (select(OUT), Just(0), 0..accounts),
        hub => (select(BACK), 0..accounts, Just(0)),
    ]
}

fn drafts(accounts: usize, hub: u32) -> impl Strategy<Value = Draft> {
    let own = (context(), select(Surface::ALL), moment(), prop::bool::weighted(0.15)).prop_map(
        |(context, surface, when, group)| {
            json!({"context": context, "surface": surface, "when": when, "group": group})
        },
    );
    let optional = (
        prop::option::weighted(0.25, context()),
        prop::option::weighted(0.5, context()),
        prop::option::weighted(0.7, relation()),
    );
    (deeds(accounts, hub), any::<usize>(), any::<usize>(), optional, own).prop_map(
        |((event_type, actor, target), anchor, offset, (actor_ctx, target_ctx, rel), own)| Draft {
            event_type,
            actor,
            target,
            anchor,
            offset,
            contexts: [actor_ctx, target_ctx],
            rel,
            own,
        },
    )
}

/// Streams of up to 120 events among four to ten accounts.
pub(super) fn streams() -> impl Strategy<Value = Stream> {
    let tick_ms = select(vec![1, 1_000, 7_000, MINUTE, MINUTE, HOUR]);
    (4..=10_usize, select(vec![1, 10]), tick_ms, select(vec![TIGHT, WIDE]))
        .prop_flat_map(|(accounts, hub, tick_ms, anchors)| {
            (Just(tick_ms), Just(anchors), prop::collection::vec(drafts(accounts, hub), 1..=120))
        })
        .prop_map(|(tick_ms, anchors, drafts)| {
            let events = (0..).zip(drafts).map(|(i, draft)| draft.event(i, tick_ms, anchors)).collect();
            Stream { tick_ms, events: super::events_in_order(events) }
        })
}
