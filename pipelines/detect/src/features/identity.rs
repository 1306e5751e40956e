//! What an account, its devices and its registration are, and what its holder makes of itself.

use schema::{Direction, Family, ReasonCode, Transform, Unit, Window};

use super::{BLANK, COUNT, Definition, Over, RATIO_N_MIN, Range, expected};
use crate::age::is_minor_band;
use crate::time::{DAY, ago, within};
use crate::view::View;

const AGES: &[&str] = &["ctx.p_minor|ctx.age"];
const BANDS: &[&str] = &["account.updated.age"];
const EDITS: &[&str] = &["account.updated.changed"];
const REGISTRATION: &[&str] =
    &["account.created", "account.created.asn|account.created.network|account.created.phone_prefix"];
const DEVICES: &[&str] = &["account.created.device|session.started.device|device.linked"];
const STATUS: &[&str] = &["account.status", "account.created.device|session.started.device|device.linked"];
const COUNTRIES: &[&str] = &["ctx.country", "contact.requested|message.sent.target"];
const SESSIONS: &[&str] = &["session.started.country"];
const NEW_DEVICE: &[&str] = &["session.started.new_device|device.linked"];

/// What the definitions here have in common.
const IDENTITY: Definition = Definition {
    family: Family::Identity,
    over: Over::Other,
    range: Range::Fixed(0.0, 1.0),
    transform: Transform::Identity,
    ..BLANK
};

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "account_age",
        meaning: "(T − created) / 86,400 in days, 0 if created lies ahead",
        unit: Unit::Days,
        reason: ReasonCode::RC10,
        direction: Direction::Less,
        transform: Transform::Log1p,
        sentence: "Age of the account: {value}; usual is {baseline}.",
        null_when: Some("the platform has not said when it was created"),
        needs: &["ctx.created|account.created"],
        range: Range::Fixed(0.0, 50_000.0),
        value: |view, _, _| {
            view.card.created().map(|created| f64::from(ago(created, view.now)) / f64::from(DAY))
        },
        ..IDENTITY
    },
    Definition {
        name: "holder_minor",
        meaning: "the holder's probability",
        unit: Unit::Probability,
        reason: ReasonCode::RC18,
        direction: Direction::Neither,
        sentence: "Probability that the holder is a minor: {value}; usual is {baseline}.",
        null_when: Some("the platform has said nothing of the holder's age"),
        needs: AGES,
        value: |view, _, _| view.card.holder().map(|minor| minor.probability()),
        ..IDENTITY
    },
    Definition {
        name: "age_edit_toward_minor",
        meaning: "age edits of the diary",
        unit: Unit::Events,
        reason: ReasonCode::RC18,
        transform: Transform::Log1p,
        sentence: "Times that it changed from an adult's age to a minor's: {value}; usual is {baseline}.",
        needs: BANDS,
        range: Range::Fixed(0.0, 255.0),
        value: |view, _, _| Some(view.rare.map_or(0.0, |rare| f64::from(rare.age_edits))),
        ..IDENTITY
    },
    Definition {
        name: "age_edit_after_gate",
        meaning: "those of them that came at most 24 hours after a refusal",
        unit: Unit::Events,
        reason: ReasonCode::RC18,
        transform: Transform::Log1p,
        sentence: "Times that it did so within a day of a refused contact: {value}; usual is {baseline}.",
        needs: &["account.updated.age", "gate.refused"],
        range: Range::Fixed(0.0, 255.0),
        value: |view, _, _| Some(view.rare.map_or(0.0, |rare| f64::from(rare.age_edits_after_refusal))),
        ..IDENTITY
    },
    Definition {
        name: "identity_churn",
        meaning: "over the identity edits of the diary in the window with the start of an approach of the last 28 days at most 24 \
                  hours away, either way: sum of how many of name, photo, username and bio each changed",
        unit: Unit::Events,
        windows: &[Window::D7, Window::D28],
        reason: ReasonCode::RC10,
        sentence: "Changes of name, photo, username or bio around first contacts in {window}: {value}; usual is {baseline}.",
        needs: EDITS,
        family: Family::Identity,
        over: Over::Other,
        range: Range::Fixed(0.0, 32.0),
        value: |view, _, window| Some(f64::from(churn(view, window))),
        ..COUNT
    },
    Definition {
        name: "age_inconsistency",
        meaning: "|q − d|, with q = (m + 0.5) / (n + 5) over the n pairs that are not forgotten, m = Σ p over them, and d = 1 if the \
                  holder's band is one of minors, else 0; absent if the band is unknown or n below 5",
        unit: Unit::Share,
        reason: ReasonCode::RC18,
        sentence: "How far its contacts' ages are from its own: {value}; usual is {baseline}.",
        null_when: Some("its age band is unknown, or fewer than 5 pairs"),
        needs: &["ctx.age", "contact.requested|message.sent.target"],
        over: Over::Pairs,
        range: Range::Ratio(0.0, 1.0),
        value: |view, _, _| {
            let declared = f64::from(u8::from(is_minor_band(view.card.band?)));
            minors_among_pairs(view).map(|share| (share - declared).abs())
        },
        ..IDENTITY
    },
    Definition {
        name: "age_inconsistency_sd",
        meaning: "√(q (1 − q) / (n + 6)), with q and n as in age_inconsistency: how uncertain it is",
        unit: Unit::Share,
        reason: ReasonCode::RC18,
        direction: Direction::Neither,
        sentence: "Uncertainty of that: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 pairs"),
        needs: &["ctx.p_minor|ctx.age", "contact.requested|message.sent.target"],
        over: Over::Pairs,
        range: Range::Ratio(0.0, 1.0),
        value: |view, _, _| {
            let share = minors_among_pairs(view)?;
            Some((share * (1.0 - share) / (f64::from(view.pairs) + 6.0)).sqrt())
        },
        ..IDENTITY
    },
    Definition {
        name: "reg_reputation",
        meaning: "(b + 50 · 0.01) / (n + 50), with the n other accounts of its registration of the latest 28 to 42 days, b of \
                  them banned; absent without a registration",
        unit: Unit::Share,
        reason: ReasonCode::RC22,
        sentence: "Suspended accounts among those lately registered alike: {value}; usual is {baseline}.",
        null_when: Some("its registration was not seen"),
        needs: REGISTRATION,
        value: |view, _, _| view.links.reputation,
        ..IDENTITY
    },
    Definition {
        name: "device_accounts",
        meaning: "sum over its devices of the other accounts on them",
        unit: Unit::Accounts,
        reason: ReasonCode::RC15,
        transform: Transform::Log1p,
        sentence: "Other accounts on its devices: {value}; usual is {baseline}.",
        needs: DEVICES,
        range: Range::Fixed(0.0, 1e9),
        value: |view, _, _| Some(f64::from(view.links.device_accounts)),
        ..IDENTITY
    },
    Definition {
        name: "device_abuse_link",
        meaning: "sum over its devices (the older first) of b / ln(2 + n), with n accounts on the device and b banned ones among the \
                  others",
        unit: Unit::Ratio,
        reason: ReasonCode::RC16,
        transform: Transform::Log1p,
        sentence: "Suspended accounts on its devices, those on crowded devices counting less: {value}; usual is {baseline}.",
        needs: STATUS,
        range: Range::Fixed(0.0, 1e9),
        value: |view, _, _| Some(view.links.banned_link),
        ..IDENTITY
    },
    Definition {
        name: "device_ban_age",
        meaning: "(T − t) / 86,400 in days, with t when an account on one of its devices was last banned; absent if none was",
        unit: Unit::Days,
        reason: ReasonCode::RC16,
        direction: Direction::Less,
        transform: Transform::Log1p,
        sentence: "Since an account on one of its devices was suspended: {value}; usual is {baseline}.",
        null_when: Some("none was"),
        needs: STATUS,
        range: Range::Fixed(0.0, 50_000.0),
        value: |view, _, _| view.links.banned_at.map(|at| f64::from(ago(at, view.now)) / f64::from(DAY)),
        ..IDENTITY
    },
    Definition {
        name: "region_mismatch",
        meaning: "mean mismatch / 100 over approaches in the window of which it is known; absent below 5 of them",
        unit: Unit::Share,
        windows: &[Window::H24, Window::D28],
        reason: ReasonCode::RC09,
        sentence: "First contacts in {window} with people who know nobody in its country: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts of known countries"),
        needs: COUNTRIES,
        over: Over::Approaches,
        range: Range::Ratio(0.0, 1.0),
        value: |_, tally, _| {
            let known = tally.mismatch_known;
            (known >= RATIO_N_MIN).then(|| f64::from(tally.mismatch) / f64::from(known) / 100.0)
        },
        ..IDENTITY
    },
    Definition {
        name: "region_countries",
        meaning: "countries of its sessions",
        unit: Unit::Ratio,
        reason: ReasonCode::RC09,
        sentence: "Countries that it was used from: {value}; usual is {baseline}.",
        needs: SESSIONS,
        range: Range::Fixed(0.0, 4.0),
        value: |view, _, _| {
            let further = view.rare.map_or(0, |rare| rare.further_countries());
            Some(f64::from(u8::from(view.card.home.is_some())) + further as f64)
        },
        ..IDENTITY
    },
    Definition {
        name: "new_country",
        meaning: "1 if a country was added to its sessions' in the window, else 0",
        unit: Unit::Events,
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC25,
        sentence: "Used from a new country in {window}: {value}; usual is {baseline}.",
        needs: SESSIONS,
        value: |view, _, window| {
            let at = view.rare.and_then(|rare| rare.new_country.at());
            Some(f64::from(u8::from(at.is_some_and(|at| within(at, window.seconds(), view.now)))))
        },
        ..IDENTITY
    },
    Definition {
        name: "new_device",
        meaning: "1 if it had a new device in the window, else 0",
        unit: Unit::Events,
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC25,
        sentence: "Used on a new device in {window}: {value}; usual is {baseline}.",
        needs: NEW_DEVICE,
        value: |view, _, window| {
            let at = view.rare.and_then(|rare| rare.new_device.at());
            Some(f64::from(u8::from(at.is_some_and(|at| within(at, window.seconds(), view.now)))))
        },
        ..IDENTITY
    },
];

fn churn(view: &View<'_>, window: Window) -> u32 {
    let edits = view.rare.iter().flat_map(|rare| &rare.edits);
    let in_window = edits.filter(|(at, _)| within(*at, window.seconds(), view.now));
    let is_near = |at: u32| view.approaches().any(|approach| approach.start.abs_diff(at) <= DAY);
    in_window.filter(|(at, _)| is_near(*at)).map(|(_, kinds)| u32::from(*kinds)).sum()
}

fn minors_among_pairs(view: &View<'_>) -> Option<f64> {
    (view.pairs >= RATIO_N_MIN).then(|| (expected(view.pair_minors) + 0.5) / (f64::from(view.pairs) + 5.0))
}
