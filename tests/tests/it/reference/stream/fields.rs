//! What events say: each type's own fields, contexts and relations, with every value that the contract has.

use std::fmt;

use events::{
    Age, AgeSource, Category, Changed, Client, Edge, EventType, Gate, MessageKind, Millis, Modality, Mutuals,
    NoticeKind, Outcome, RegChannel, Response, SharedGroups, SignalSource, Size, Status, StatusBy, Surface,
    Typing, Via,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use super::{BASE, DAY, HOUR, MINUTE, WIDE, account, token};

/// Few, of several hours of the day; of the last, the hour is not known.
const COUNTRIES: &[&str] = &["GB", "DE", "US", "JP", "IN", "AQ"];

/// The fields of a type that must be there, with what is taken where `own` does not say.
fn required(event_type: EventType) -> Value {
    match event_type {
        EventType::AccountCreated => json!({"created": BASE}),
        EventType::AccountStatus => json!({"status": "active"}),
        EventType::DeviceLinked | EventType::DeviceRemoved => json!({"device": token("device", 0)}),
        EventType::DiscoveryViewed | EventType::ContactRequested => json!({"surface": "search"}),
        EventType::MessageSent => json!({"kind": "text"}),
        EventType::GroupCreated
        | EventType::GroupJoined
        | EventType::GroupLeft
        | EventType::GroupMemberAdded => json!({"group": token("group", 0)}),
        EventType::GateRefused => json!({"gate": "rate"}),
        EventType::ReportFiled => json!({"category": "other"}),
        EventType::ReportResolved => json!({"subject": account(0), "outcome": "upheld"}),
        EventType::SignalExternal => {
            json!({"subject": account(0), "source": "partner", "category": "other"})
        }
        _ => json!({}),
    }
}

/// The names of a type's own fields.
fn names(event_type: EventType) -> &'static [&'static str] {
    match event_type {
        EventType::AccountCreated => {
            &["created", "reg_channel", "device", "network", "phone_prefix", "asn", "country", "invited_by"]
        }
        EventType::AccountStatus => &["status", "by", "reason"],
        EventType::SessionStarted => &["device", "network", "asn", "country", "client", "new_device"],
        EventType::DeviceLinked | EventType::DeviceRemoved => &["device"],
        EventType::DiscoveryViewed | EventType::ContactRequested => &["surface"],
        EventType::ContactBlocked | EventType::ContactUnblocked => &["prompted"],
        EventType::MessageSent => &[
            "kind",
            "size",
            "request_folder",
            "forwarded",
            "disappearing",
            "view_once",
            "typing",
            "recipients",
        ],
        EventType::CallPlaced | EventType::CallAnswered => &["modality", "seconds"],
        EventType::GroupCreated | EventType::GroupJoined | EventType::GroupLeft => &["group", "via"],
        EventType::GroupMemberAdded => &["group"],
        EventType::GateRefused => &["gate"],
        EventType::ReportFiled => &["category", "franking_verified"],
        EventType::ReportResolved => &["outcome"],
        EventType::SignalExternal => &["source", "confidence"],
        _ => &[],
    }
}

/// The fields of a type, drawn from `own` where it says them.
pub(super) fn own_fields(event_type: EventType, own: &Value) -> Map<String, Value> {
    let mut fields = required(event_type).as_object().cloned().unwrap();
    for name in names(event_type) {
        fields.extend(own.get(*name).map(|value| ((*name).to_owned(), value.clone())));
    }
    if event_type == EventType::AccountUpdated {
        fields.extend(own.get("context").and_then(Value::as_object).cloned().unwrap_or_default());
        fields.extend(own.get("changed").map(|changed| ("changed".to_owned(), changed.clone())));
    }
    // Two types call two things "kind".
    if event_type == EventType::NoticeShown {
        fields.extend(own.get("notice").and_then(Value::as_object).cloned().unwrap_or_default());
    }
    fields
}

fn sometimes<T: serde::Serialize + fmt::Debug + Clone>(
    chance: f64,
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Value> {
    prop::option::weighted(chance, strategy).prop_map(|value| json!(value))
}

fn always<T: serde::Serialize + fmt::Debug + Clone>(
    strategy: impl Strategy<Value = T>,
) -> impl Strategy<Value = Value> {
    strategy.prop_map(|value| json!(value))
}

/// One of few, so that they meet.
fn few(what: &'static str, many: u64) -> impl Strategy<Value = String> {
    (0..many).prop_map(move |number| token(what, number))
}

/// An object of the fields that are there.
fn object(fields: &[(&str, Value)]) -> Value {
    fields.iter().filter(|(_, v)| !v.is_null()).map(|(k, v)| ((*k).to_owned(), v.clone())).collect()
}

pub(super) fn merged(objects: impl IntoIterator<Item = Value>) -> Value {
    let fields = objects.into_iter().filter_map(|object| object.as_object().cloned()).flatten();
    Value::Object(fields.collect())
}

fn probability() -> impl Strategy<Value = f64> {
    // Halves of a ten-thousandth are where rounding is decided.
    prop_oneof![
        0.0..=1.0,
        0.5..=1.0,
        (0..10_000_u32).prop_map(|n| (f64::from(n) + 0.5) / 10_000.0),
        select(vec![0.0, 0.49995, 0.5, 0.9, 1.0])
    ]
}

fn moment() -> impl Strategy<Value = Millis> {
    prop_oneof![
        select(vec![BASE - 30 * DAY, BASE - DAY, BASE - HOUR, BASE - MINUTE, BASE]),
        select(WIDE).prop_flat_map(|anchor| select(vec![BASE + anchor, BASE + anchor + 1])),
    ]
}

pub(super) fn context() -> impl Strategy<Value = Value> {
    let fields = (
        sometimes(0.4, probability()),
        sometimes(0.6, select(Age::ALL)),
        sometimes(0.5, select(AgeSource::ALL)),
        sometimes(0.3, moment()),
        sometimes(0.5, select(COUNTRIES)),
    );
    fields.prop_map(|(p_minor, age, age_source, created, country)| {
        object(&[
            ("p_minor", p_minor),
            ("age", age),
            ("age_source", age_source),
            ("created", created),
            ("country", country),
        ])
    })
}

pub(super) fn relation() -> impl Strategy<Value = Value> {
    let mostly = |none: Value, others: Vec<Value>| prop_oneof![3 => Just(none), 1 => select(others)];
    let words = |words: Vec<&'static str>| words.into_iter().map(Value::from).collect::<Vec<_>>();
    let fields = (
        sometimes(0.6, mostly(json!("none"), words(Edge::ALL.iter().map(|e| e.as_str()).collect()))),
        sometimes(0.8, mostly(json!("0"), words(Mutuals::ALL.iter().map(|m| m.as_str()).collect()))),
        sometimes(0.4, mostly(json!("0"), words(SharedGroups::ALL.iter().map(|g| g.as_str()).collect()))),
        sometimes(0.5, mostly(json!(false), vec![json!(true)])),
        sometimes(0.5, any::<bool>()),
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

/// Own fields of accounts, sessions and devices.
pub(super) fn of_accounts() -> impl Strategy<Value = Value> {
    let registered = (
        sometimes(0.3, select(RegChannel::ALL)),
        sometimes(0.2, few("network", 2)),
        sometimes(0.2, few("prefix", 2)),
        sometimes(0.2, 1..3_u32),
        sometimes(0.1, few("account", 4)),
        always(moment()),
    );
    let device = (sometimes(0.8, few("device", 4)), sometimes(0.5, any::<bool>()));
    let country = sometimes(0.6, select(COUNTRIES));
    let client = sometimes(0.3, select(Client::ALL));
    let statuses = vec![Status::Suspended, Status::Suspended, Status::Suspended, Status::Reinstated];
    let status = prop_oneof![4 => select(statuses), 1 => select(Status::ALL)];
    let judged = (status, sometimes(0.3, select(StatusBy::ALL)), sometimes(0.2, select(Category::ALL)));
    let changed = sometimes(0.5, prop::collection::vec(select(Changed::ALL), 0..4));
    (registered, device, country, client, judged, changed, context()).prop_map(
        |(registered, device, country, client, judged, changed, context)| {
            let (reg_channel, network, phone_prefix, asn, invited_by, created) = registered;
            object(&[
                ("reg_channel", reg_channel),
                ("network", network),
                ("phone_prefix", phone_prefix),
                ("asn", asn),
                ("invited_by", invited_by),
                ("created", created),
                ("device", device.0),
                ("new_device", device.1),
                ("country", country),
                ("client", client),
                ("status", json!(judged.0)),
                ("by", judged.1),
                ("reason", judged.2),
                ("changed", changed),
                ("context", context),
            ])
        },
    )
}

/// Own fields of messages and calls.
pub(super) fn of_messages() -> impl Strategy<Value = Value> {
    let message = (
        always(select(MessageKind::ALL)),
        sometimes(0.7, select(Size::ALL)),
        sometimes(0.1, any::<bool>()),
        sometimes(0.4, any::<bool>()),
        sometimes(0.15, any::<bool>()),
        sometimes(0.1, any::<bool>()),
        sometimes(0.7, select(Typing::ALL)),
        sometimes(0.1, 1..9_u32),
        prop::bool::weighted(0.1),
    );
    let call = (sometimes(0.5, select(Modality::ALL)), sometimes(0.3, 0..99_u32));
    (message, call).prop_map(|(message, call)| {
        let (kind, size, request_folder, forwarded, disappearing, view_once, typing, recipients, to_group) =
            message;
        object(&[
            ("kind", kind),
            ("size", size),
            ("request_folder", request_folder),
            ("forwarded", forwarded),
            ("disappearing", disappearing),
            ("view_once", view_once),
            ("typing", typing),
            ("recipients", recipients),
            ("to_group", json!(to_group)),
            ("modality", call.0),
            ("seconds", call.1),
        ])
    })
}

/// Own fields of everything else.
pub(super) fn of_others() -> impl Strategy<Value = Value> {
    let notice = (sometimes(0.5, select(NoticeKind::ALL)), sometimes(0.5, select(Response::ALL)));
    let drawn = (
        always(select(Surface::ALL)),
        few("group", 2),
        sometimes(0.8, select(Via::ALL)),
        always(select(Gate::ALL)),
        always(select(Category::ALL)),
        sometimes(0.2, any::<bool>()),
        always(select(Outcome::ALL)),
        always(select(SignalSource::ALL)),
        sometimes(0.5, probability()),
        notice,
    );
    drawn.prop_map(|(surface, group, via, gate, category, flag, outcome, source, confidence, notice)| {
        object(&[
            ("surface", surface),
            ("group", json!(group)),
            ("via", via),
            ("gate", gate),
            ("category", category),
            ("prompted", flag.clone()),
            ("franking_verified", flag),
            ("outcome", outcome),
            ("source", source),
            ("confidence", confidence),
            ("notice", object(&[("kind", notice.0), ("response", notice.1)])),
        ])
    })
}

/// What is said of a minor.
pub(super) fn minor() -> impl Strategy<Value = Value> {
    let said = (
        select(vec![Age::U13, Age::From13To15, Age::From16To17]),
        sometimes(0.4, select(AgeSource::ALL)),
        sometimes(0.3, 0.5..=1.0),
        sometimes(0.6, select(COUNTRIES)),
    );
    said.prop_map(|(age, age_source, p_minor, country)| {
        object(&[("age", json!(age)), ("age_source", age_source), ("p_minor", p_minor), ("country", country)])
    })
}
