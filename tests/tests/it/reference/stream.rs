//! Small streams in which few accounts do everything that the contract has, at moments that lie on edges.

use std::fmt;

use events::{Event, EventType, Millis, Parties, decode};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

mod fields;

use fields::{context, merged, minor, of_accounts, of_messages, of_others, own_fields, relation};

pub(super) const SECOND: Millis = 1000;
pub(super) const MINUTE: Millis = 60 * SECOND;
pub(super) const HOUR: Millis = 60 * MINUTE;
pub(super) const DAY: Millis = 24 * HOUR;

/// A midnight, so that it is a tick of every usual length.
pub(super) const BASE: Millis = 19_675 * DAY;

/// Where events gather: a window's length apart, in one way or another.
const TIGHT: &[Millis] = &[0, 9 * MINUTE, 10 * MINUTE, HOUR, HOUR + 10 * MINUTE, 3 * HOUR, DAY];
const WIDE: &[Millis] = &[
    0,
    HOUR,
    DAY,
    DAY + HOUR,
    3 * DAY,
    7 * DAY,
    8 * DAY,
    14 * DAY,
    28 * DAY,
    29 * DAY,
    35 * DAY,
    56 * DAY,
    90 * DAY,
    118 * DAY,
];
/// Every day of a month, by day and by night.
const DAILY: &[Millis] = &[
    0,
    DAY,
    2 * DAY + 3 * HOUR,
    3 * DAY + 12 * HOUR,
    4 * DAY,
    6 * DAY + 22 * HOUR,
    7 * DAY,
    9 * DAY + 23 * HOUR,
    11 * DAY + 4 * HOUR,
    14 * DAY + 5 * HOUR,
    18 * DAY,
    21 * DAY,
    26 * DAY + 17 * HOUR,
    27 * DAY,
    27 * DAY + HOUR,
    27 * DAY + 2 * HOUR,
    28 * DAY - MINUTE,
];

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
    EventType::MessageSent,
    EventType::ContactAccepted,
    EventType::ContactAccepted,
    EventType::ContactDeclined,
    EventType::ContactExpired,
    EventType::ContactBlocked,
    EventType::ContactRemoved,
    EventType::ReportFiled,
];
/// How a request is answered.
const ANSWERS: &[EventType] = &[
    EventType::ContactAccepted,
    EventType::ContactAccepted,
    EventType::ContactAccepted,
    EventType::ContactDeclined,
    EventType::ContactExpired,
];
/// What the many do by themselves.
const ALONE: &[EventType] = &[
    EventType::AccountCreated,
    EventType::AccountUpdated,
    EventType::AccountUpdated,
    EventType::AccountStatus,
    EventType::SessionStarted,
    EventType::DeviceLinked,
    EventType::GroupCreated,
    EventType::GroupJoined,
    EventType::GroupJoined,
    EventType::GroupLeft,
    EventType::GroupLeft,
];
/// What one does before it reaches out, and to cover its traces.
const ASIDE: &[EventType] = &[
    EventType::DiscoveryViewed,
    EventType::DiscoveryViewed,
    EventType::MessageUnsent,
    EventType::ContactCancelled,
    EventType::ContactExpired,
];

/// Events in order, and the tick length by which to look at them.
#[derive(Clone)]
pub(super) struct Stream {
    pub(super) tick_ms: Millis,
    pub(super) events: Vec<Event>,
}

/// As lines that can be replayed, for whoever has to look into a failure.
impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "ticks of {} ms", self.tick_ms)?;
        self.events.iter().try_for_each(|event| writeln!(f, "{}", event.to_json()))
    }
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
    /// How often it comes, and after how long each time.
    times: u64,
    step_ms: Millis,
    /// What is said of those who are minors.
    minor: Option<Value>,
    /// How the pair stands by then.
    rel_after: Option<Value>,
    /// What comes of it: whether from the target, and how long after the one before.
    sequel: Vec<(EventType, bool, Millis)>,
}

/// Who takes part in a stream.
#[derive(Clone, Copy, Debug)]
struct Cast {
    accounts: usize,
    /// How much the first account does.
    hub: u32,
    /// Whether every second account is a minor's, of whom that is often said.
    has_minors: bool,
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
    let mut fields = own_fields(*event_type, &json!({}));
    fields.insert("actor".into(), account(actor).into());
    if event_type.parties() != Parties::Actor {
        fields.insert("target".into(), account(target).into());
    }
    fields.insert("id".into(), token(&format!("{kind} {actor} {target}"), ts).into());
    fields.extend(more.as_object().cloned().unwrap());
    decoded(*event_type, ts, fields)
}

fn decoded(event_type: EventType, ts: Millis, mut fields: Map<String, Value>) -> Event {
    fields.extend(json!({"v": 1, "ts": ts, "type": event_type.as_str()}).as_object().cloned().unwrap());
    decode(&serde_json::to_vec(&fields).unwrap(), ts).unwrap()
}

impl Draft {
    fn events(&self, index: u64, tick_ms: Millis, anchors: &[Millis], has_minors: bool) -> Vec<Event> {
        let near = [
            0,
            1,
            2,
            tick_ms,
            tick_ms + 1,
            9 * SECOND,
            10 * SECOND,
            15 * SECOND,
            MINUTE,
            5 * MINUTE,
            10 * MINUTE,
            10 * MINUTE + 1,
            HOUR,
        ];
        let anchor = BASE + anchors[self.anchor % anchors.len()];
        let ts = anchor + near[self.offset % near.len()] - 1;
        let mut drafts: Vec<(Draft, Millis)> = Vec::new();
        for time in 0..self.times {
            drafts.push((self.clone(), ts + time * self.step_ms));
        }
        let mut due = ts;
        for (event_type, is_back, delay_ms) in &self.sequel {
            due += delay_ms;
            let (actor, target) =
                if *is_back { (self.target, self.actor) } else { (self.actor, self.target) };
            let rel = self.rel_after.clone();
            let contexts = [None, None];
            drafts
                .push((Draft { event_type: *event_type, actor, target, rel, contexts, ..self.clone() }, due));
        }
        let numbered = (1_000 * index..).zip(drafts);
        numbered.map(|(number, (draft, ts))| draft.event(number, ts, has_minors)).collect()
    }

    fn event(&self, number: u64, ts: Millis, has_minors: bool) -> Event {
        let mut fields = own_fields(self.event_type, &self.own);
        fields.insert("id".into(), token("event", number).into());

        // The contract knows messages to a group, and to an account and a group.
        let to_group = self.event_type == EventType::MessageSent && self.own["to_group"] == json!(true);
        if to_group {
            fields.insert("group".into(), token("group", 0).into());
        }
        // A group is made once, and of most that are made nothing more is heard.
        if self.event_type == EventType::GroupCreated && !self.anchor.is_multiple_of(3) {
            fields.insert("group".into(), token("new group", number).into());
        }
        let parties = self.event_type.parties();
        if parties != Parties::Platform {
            fields.insert("actor".into(), account(self.actor).into());
        }
        let has_target = match parties {
            Parties::Platform | Parties::Actor => false,
            Parties::ActorAndTarget => true,
            Parties::ActorAndTargetOrGroup => !to_group || self.offset.is_multiple_of(2),
        };
        if has_target {
            fields.insert("target".into(), account(self.target).into());
        }
        let [actor_ctx, target_ctx] = &self.contexts;
        let is_minor = |account: usize| has_minors && account % 2 == 1;
        let context = |account: usize, own: &Option<Value>| {
            self.minor.clone().filter(|_| is_minor(account)).or_else(|| own.clone())
        };
        for (name, value) in [
            ("actor_ctx", context(self.actor, actor_ctx)),
            ("target_ctx", context(self.target, target_ctx)),
            ("rel", self.rel.clone()),
        ] {
            fields.extend(value.map(|value| (name.to_owned(), value)));
        }
        decoded(self.event_type, ts, fields)
    }
}

/// Who does what to whom: anybody anything to anybody, or the first account to many and they to it.
fn deeds(Cast { accounts, hub, .. }: Cast) -> impl Strategy<Value = (EventType, usize, usize)> {
    prop_oneof![
        2 => (select(EventType::ALL), 0..accounts, 0..accounts),
        2 => (select(OUT), 0..accounts, 0..accounts),
        1 => (select(BACK), 0..accounts, 0..accounts),
        3 => (select(ALONE), 0..accounts, 0..accounts),
        2 + hub / 10 => (select(ALONE), Just(0), 0..accounts),
        1 + hub / 10 => (select(&[EventType::GroupJoined]), 0..accounts, 0..accounts),
        1 + hub / 20 => (select(&[EventType::GroupJoined]), Just(0), 0..accounts),
        hub => (select(OUT), Just(0), 0..accounts),
        hub => (select(&[EventType::ContactRequested]), Just(0), 0..accounts),
        hub / 2 + 1 => (select(BACK), 0..accounts, Just(0)),
        1 + hub / 5 => (select(ASIDE), Just(0), 0..accounts),
    ]
}

/// What comes of a deed of this type.
fn sequel() -> impl Strategy<Value = Vec<(EventType, bool, Millis)>> {
    let delay_ms =
        select(vec![0, SECOND, 2 * SECOND, 10 * SECOND, 11 * SECOND, 2 * MINUTE, HOUR, 3 * HOUR, 30 * HOUR]);
    let deed = prop_oneof![
        3 => select(BACK).prop_map(|event_type| vec![(event_type, true)]),
        3 => select(ANSWERS).prop_map(|event_type| vec![(event_type, true)]),
        1 => select(OUT).prop_map(|event_type| vec![(event_type, false)]),
        2 => Just(vec![(EventType::MessageSent, true), (EventType::MessageSent, false)]),
        1 => Just(vec![(EventType::MessageUnsent, false)]),
    ];
    let steps = prop::collection::vec((deed, delay_ms), 0..4);
    steps.prop_map(|steps| {
        let timed = |(deeds, delay_ms): (Vec<(EventType, bool)>, Millis)| {
            deeds.into_iter().map(move |(event_type, is_back)| (event_type, is_back, delay_ms))
        };
        steps.into_iter().flat_map(timed).collect()
    })
}

fn drafts(cast: Cast) -> impl Strategy<Value = Draft> {
    let own = (of_accounts(), of_messages(), of_others());
    let optional = (
        prop::option::weighted(0.25, context()),
        prop::option::weighted(0.5, context()),
        prop::option::weighted(0.8, relation()),
        prop::option::weighted(0.8, relation()),
        prop::option::weighted(0.7, minor()),
    );
    let times = prop_oneof![12 => Just(1_u64), 1 => 2..8_u64, 1 => 38..50_u64];
    let step_ms = select(vec![0, 1, SECOND, 4 * SECOND, 10 * SECOND, MINUTE, 4 * MINUTE]);
    let when = (any::<usize>(), any::<usize>());
    (deeds(cast), when, optional, own, (times, step_ms, sequel())).prop_map(
        |((event_type, actor, target), (anchor, offset), optional, own, (times, step_ms, sequel))| {
            let (actor_ctx, target_ctx, rel, rel_after, minor) = optional;
            Draft {
                event_type,
                actor,
                target,
                anchor,
                offset,
                contexts: [actor_ctx, target_ctx],
                rel,
                rel_after,
                own: merged([own.0, own.1, own.2]),
                // Only what is written comes in such numbers.
                times: if event_type == EventType::MessageSent { times } else { 1 },
                step_ms,
                minor,
                sequel: if OUT.contains(&event_type) { sequel } else { Vec::new() },
            }
        },
    )
}

/// Streams of up to 180 deeds among four to twelve accounts, or forty of whom one contacts all others.
pub(super) fn streams() -> impl Strategy<Value = Stream> {
    let tick_ms = select(vec![SECOND, 7 * SECOND, MINUTE, MINUTE, HOUR]);
    let sizes = prop_oneof![
        1 => (4..=12_usize, Just(1_u32)),
        1 => (4..=12_usize, Just(10)),
        2 => (20..=41_usize, Just(20)),
    ];
    let cast =
        (sizes, any::<bool>()).prop_map(|((accounts, hub), has_minors)| Cast { accounts, hub, has_minors });
    (cast, tick_ms, select(vec![TIGHT, WIDE, DAILY]))
        .prop_flat_map(|(cast, tick_ms, anchors)| {
            let drafts = prop::collection::vec(drafts(cast), 1..=180);
            (Just(tick_ms), Just(anchors), Just(cast.has_minors), drafts)
        })
        .prop_map(|(tick_ms, anchors, has_minors, drafts)| {
            let numbered = (0..).zip(&drafts);
            let events = numbered.flat_map(|(i, draft)| draft.events(i, tick_ms, anchors, has_minors));
            Stream { tick_ms, events: super::events_in_order(events.collect()) }
        })
}
