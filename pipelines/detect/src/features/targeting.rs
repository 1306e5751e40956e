//! Whom an account turns to first, how many, and how it found them.

use events::Surface;
use schema::{Direction, ReasonCode, Transform, Unit, Window};

use super::{
    BLANK, COUNT, Definition, Derived, EXPECTED, FEW_CONTACTS, FEW_MINORS, Over, RATIO_N_MIN, Range,
    expected, hourly, share_of, shrunk, shrunk_sum,
};
use crate::state::Sum;
use crate::state::pair::{OPEN_SURFACES, Set};
use crate::time::{DAY, within};
use crate::view::{SURFACES, Tally, View};

/// Expected share of minors among an adult's first contacts: 7 % of the accounts recommended to adults were minors
/// (exhibit of 2019 in FTC v. Meta, as reported in the press).
const ADULTS_MINOR_SHARE: f64 = 0.07;

/// Expected share among a minor's: most ties are within an age band.
const MINORS_MINOR_SHARE: f64 = 0.80;

/// By how much the share was greater among accounts recommended to those whom the same exhibit calls groomers (27 %).
const LIFT: f64 = 27.0 / 7.0;

/// Share of each surface among first contacts, in the order of the contract. A prior of ours, to be replaced by a
/// deployment's own.
const USUAL_SURFACES: [f64; SURFACES] =
    [0.12, 0.12, 0.30, 0.06, 0.05, 0.12, 0.10, 0.03, 0.01, 0.03, 0.05, 0.01];

const OUT: &[&str] = &["contact.requested|message.sent.target|call.placed|group.member_added"];
const OUT_AGES: &[&str] =
    &["contact.requested|message.sent.target|call.placed|group.member_added", "ctx.p_minor|ctx.age"];
const SURFACE: &[&str] = &["contact.requested.surface"];
const SURFACE_AGES: &[&str] = &["contact.requested.surface", "ctx.p_minor|ctx.age"];
const GATE: &[&str] = &["gate.refused"];
const GATE_AGES: &[&str] = &["gate.refused", "ctx.p_minor|ctx.age"];
const VIEWS: &[&str] = &["discovery.viewed", "ctx.p_minor|ctx.age"];
const GROUPS: &[&str] = &["group.joined.via", "ctx.p_minor|ctx.age"];

const OF_CONTACTS: &[Window] = &[Window::M10, Window::H1, Window::H24, Window::D7, Window::D28, Window::LIFE];
const FROM_H24: &[Window] = &[Window::H24, Window::D7, Window::D28];
const FROM_D7: &[Window] = &[Window::D7, Window::D28];

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "fc_rate_all",
        meaning: "first contacts in the window; over a lifetime, the faded sum",
        windows: OF_CONTACTS,
        reason: ReasonCode::RC03,
        sentence: "Accounts contacted first in {window}: {value}; usual is {baseline}.",
        needs: OUT,
        derived: Derived::Percentile,
        over: Over::Counts,
        value: |view, tally, window| match window {
            Window::LIFE => Some(life(view, Sum::FirstContacts)),
            _ => Some(f64::from(tally.contacts) + tally.crowd.contacts),
        },
        ..COUNT
    },
    Definition {
        name: "fc_minor_expected",
        meaning: "Σ p(B) over the first contacts in the window; over a lifetime, the faded sum",
        windows: OF_CONTACTS,
        reason: ReasonCode::RC01,
        sentence: "Likely minors contacted first in {window}: {value} expected; usual is {baseline}.",
        needs: OUT_AGES,
        derived: Derived::Percentile,
        over: Over::Counts,
        value: |view, tally, window| match window {
            Window::LIFE => Some(life(view, Sum::Minors) / 10_000.0),
            _ => Some(expected(tally.minors) + tally.crowd.minors),
        },
        ..EXPECTED
    },
    Definition {
        name: "fc_minor_hard",
        meaning: "approaches in the window with p(B) ≥ 0.9",
        windows: FROM_H24,
        reason: ReasonCode::RC01,
        sentence: "Almost certain minors contacted first in {window}: {value}; usual is {baseline}.",
        needs: OUT_AGES,
        range: Range::PerOne(0.0, 1.0),
        over: Over::Counts,
        value: |_, tally, _| Some(f64::from(tally.certain)),
        ..COUNT
    },
    Definition {
        name: "minor_share_excess",
        meaning: "(m + 5u) / (n + 5) − u, with n approaches in the window, m = Σ p(B) over them, and the usual share \
                  u = 0.80 h + 0.07 (1 − h), where h is the holder's probability, 0.1 if unknown; over a lifetime, n \
                  and m are the faded sums, and it is absent for n below 5",
        unit: Unit::ShareDifference,
        windows: &[Window::D7, Window::D28, Window::LIFE],
        reason: ReasonCode::RC02,
        sentence: "Share of likely minors among first contacts in {window}: {value} against what is expected of such \
                   an account; usual is {baseline}.",
        null_when: FEW_CONTACTS,
        needs: OUT_AGES,
        range: Range::Ratio(-1.0, 1.0),
        over: Over::Counts,
        value: |view, tally, window| {
            let usual = usual_share(view);
            let (m, n) = match window {
                Window::LIFE => (life(view, Sum::Minors) / 10_000.0, life(view, Sum::FirstContacts)),
                _ => (expected(tally.minors), f64::from(tally.contacts)),
            };
            (n >= f64::from(RATIO_N_MIN)).then(|| (m + usual * 5.0) / (n + 5.0) - usual)
        },
        ..BLANK
    },
    Definition {
        name: "minor_share_llr",
        transform: Transform::Log1p,
        meaning: "m ln(q / u) + (n − m) ln((1 − q) / (1 − u)), with n, m and u as in minor_share_excess and \
                  q = min(0.95, u · 27/7): how much better a lifted share of minors explains the approaches",
        unit: Unit::Nats,
        windows: FROM_D7,
        reason: ReasonCode::RC02,
        sentence: "Weight of evidence in the ages of those contacted first in {window}: {value}; usual is {baseline}.",
        null_when: FEW_CONTACTS,
        needs: OUT_AGES,
        range: Range::PerOne(-1.4, 1.4),
        over: Over::Counts,
        value: |view, tally, _| {
            let usual = usual_share(view);
            let lifted = (usual * LIFT).min(0.95);
            let (m, n) = (expected(tally.minors), f64::from(tally.contacts));
            let llr = m * (lifted / usual).ln() + (n - m) * ((1.0 - lifted) / (1.0 - usual)).ln();
            (tally.contacts >= RATIO_N_MIN).then_some(llr)
        },
        ..BLANK
    },
    Definition {
        name: "pair_age_gap_exp",
        transform: Transform::Log1p,
        meaning: "mean, over approaches to likely minors in the window, of max(0, E[A] − E[B]) in years, where an \
                  expected age is ⌊(p · c + (10,000 − p) · a) / 10,000⌋ tenths of a year: c and a are the middle of the \
                  holder's band (11, 14.5, 17, 19.5, 23, 30 and 45 years) if it is one of minors and of adults \
                  respectively, else 14.5 and 30; p and band are the holder's for A (0.1 if unknown), the approach's for B",
        unit: Unit::Years,
        windows: FROM_D7,
        reason: ReasonCode::RC02,
        sentence: "Expected difference of age to likely minors contacted first in {window}: {value}; usual is {baseline}.",
        null_when: FEW_MINORS,
        needs: OUT_AGES,
        range: Range::Ratio(0.0, 50.0),
        over: Over::Minors,
        value: |_, tally, _| {
            (tally.likely >= RATIO_N_MIN)
                .then(|| f64::from(tally.gap_tenths) / f64::from(tally.likely) / 10.0)
        },
        ..BLANK
    },
    Definition {
        name: "pair_age_gap_wide",
        meaning: "(k + 5 · 0.1) / (n + 5), with n approaches to likely minors in the window, k of them with a \
                  difference of at least 5 years (as in pair_age_gap_exp)",
        windows: FROM_D7,
        reason: ReasonCode::RC02,
        sentence: "Likely minors contacted first in {window} who are at least five years younger: {value}; usual is {baseline}.",
        null_when: FEW_MINORS,
        needs: OUT_AGES,
        over: Over::Minors,
        value: |_, tally, _| shrunk(tally.gap_wide, tally.likely, 0.1),
        ..BLANK
    },
    Definition {
        name: "minor_cusum",
        meaning: "the excess of the diary, on the tick's day, with the allowance of the holder known then",
        unit: Unit::ExpectedAccounts,
        reason: ReasonCode::RC01,
        transform: Transform::Log1p,
        sentence: "Likely minors contacted beyond what is usual, added up over days: {value}; usual is {baseline}.",
        needs: OUT_AGES,
        over: Over::Other,
        range: Range::Fixed(0.0, 1e9),
        value: |view, _, _| {
            let allowance = crate::state::allowance(view.card.holder());
            Some(view.life.map_or(0.0, |life| expected(life.excess(allowance))))
        },
        ..BLANK
    },
    Definition {
        name: "gate_probe",
        meaning: "refusals within the window's hours",
        unit: Unit::Events,
        windows: &[Window::H1, Window::H24, Window::D7],
        reason: ReasonCode::RC07,
        sentence: "Contacts that the platform refused in {window}: {value}; usual is {baseline}.",
        needs: GATE,
        over: Over::Other,
        range: Range::Fixed(0.0, 1e9),
        derived: Derived::Percentile,
        value: |view, _, window| Some(hourly(view, window, |hours| &hours.refusals)),
        ..COUNT
    },
    Definition {
        name: "gate_probe_minors",
        meaning: "Σ p(B) over gated approaches in the window",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC07,
        sentence: "Likely minors to whom the platform refused a contact in {window}: {value} expected; usual is {baseline}.",
        needs: GATE_AGES,
        over: Over::In(Set::Gated),
        value: |_, tally, _| Some(expected(tally.gated_minors)),
        ..EXPECTED
    },
    Definition {
        name: "gate_probe_share",
        meaning: "(k + 5 · 0.02) / (n + 5), with n approaches in the window, k of them gated",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC07,
        sentence: "First contacts in {window} that the platform refused: {value}; usual is {baseline}.",
        null_when: FEW_CONTACTS,
        needs: GATE,
        over: Over::In(Set::Gated),
        range: share_of(0.02),
        value: |_, tally, _| shrunk(tally.gated, tally.contacts, 0.02),
        ..BLANK
    },
    Definition {
        name: "gate_probe_switch",
        meaning: "(k + 5 · 0.02) / (n + 5), with n approaches in the window, k of them after a gate",
        windows: &[Window::D7],
        reason: ReasonCode::RC07,
        sentence: "First contacts in {window} within an hour of a refusal: {value}; usual is {baseline}.",
        null_when: FEW_CONTACTS,
        needs: GATE,
        over: Over::In(Set::Gated),
        range: share_of(0.02),
        value: |_, tally, _| shrunk(tally.after_gate, tally.contacts, 0.02),
        ..BLANK
    },
    Definition {
        name: "surface_skew_minor",
        transform: Transform::Log1p,
        meaning: "Σ qᵢ ln(qᵢ / rᵢ) over the surfaces i, in the contract's order, with qᵢ = (mᵢ + rᵢ) / (m + 1), mᵢ = Σ p(B) \
                  over approaches in the window with surface i, m = Σ mᵢ, and the usual shares r = 0.12, 0.12, 0.30, 0.06, \
                  0.05, 0.12, 0.10, 0.03, 0.01, 0.03, 0.05, 0.01; absent below 5 approaches with a surface",
        unit: Unit::Nats,
        windows: FROM_D7,
        reason: ReasonCode::RC06,
        sentence: "How unusually likely minors were found in {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts with a known surface"),
        needs: SURFACE_AGES,
        range: Range::Ratio(0.0, 5.0),
        value: |_, tally, _| (tally.surface_known >= RATIO_N_MIN).then(|| surface_skew(tally)),
        ..BLANK
    },
    Definition {
        name: "open_discovery_share",
        meaning: "(k + 5 · 0.4) / (n + 5), with n approaches in the window with a surface, k of them suggested, search, \
                  comment, nearby, game or group",
        windows: FROM_D7,
        reason: ReasonCode::RC06,
        sentence: "First contacts in {window} found where anybody can be found: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts with a known surface"),
        needs: SURFACE,
        over: Over::In(Set::Open),
        range: share_of(0.4),
        value: |_, tally, _| {
            let open = OPEN_SURFACES.iter().map(|surface| tally.surfaces[*surface as usize]).sum();
            shrunk(open, tally.surface_known, 0.4)
        },
        ..BLANK
    },
    Definition {
        name: "view_minor_expected",
        meaning: "Σ p(target) over the views in the window",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC06,
        sentence: "Likely minors looked at in {window}: {value} expected; usual is {baseline}.",
        needs: VIEWS,
        over: Over::Other,
        range: Range::Fixed(0.0, 32.0),
        value: |view, _, window| Some(expected(viewed(view, window).1)),
        ..EXPECTED
    },
    Definition {
        name: "view_to_request_minor",
        meaning: "(km + 0.5) / (nm + 5) − (k − km + 0.5) / (n − nm + 5), within −1 and 1: n views in the window, \
                  nm = Σ p(target) over them; k viewed approaches in the window, km = Σ p(B) over them",
        unit: Unit::ShareDifference,
        windows: &[Window::D7],
        reason: ReasonCode::RC06,
        sentence: "Likely minors looked at in {window} who were then contacted, against others: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 accounts looked at"),
        needs: VIEWS,
        over: Over::Other,
        range: Range::Fixed(-1.0, 1.0),
        value: |view, tally, window| {
            let (n, minors) = viewed(view, window);
            let (nm, km) = (expected(minors), expected(tally.viewed_minors));
            let (n_all, k_all) = (f64::from(n), f64::from(tally.viewed));
            let excess = (km + 0.5) / (nm + 5.0) - (k_all - km + 0.5) / (n_all - nm + 5.0);
            (n >= RATIO_N_MIN).then(|| excess.clamp(-1.0, 1.0))
        },
        ..BLANK
    },
    Definition {
        name: "group_minor_access",
        meaning: "Σ p(B) over exposed approaches in the window",
        windows: FROM_D7,
        reason: ReasonCode::RC06,
        sentence: "Likely minors contacted first in {window} after a group of minors was found: {value} expected; usual is \
                   {baseline}.",
        needs: GROUPS,
        over: Over::In(Set::Exposed),
        value: |_, tally, _| Some(expected(tally.exposed_minors)),
        ..EXPECTED
    },
    Definition {
        name: "group_minor_joins",
        meaning: "exposures within the window's hours",
        unit: Unit::Events,
        windows: &[Window::D28],
        reason: ReasonCode::RC06,
        sentence: "Groups of minors found by link or search in {window}: {value}; usual is {baseline}.",
        needs: GROUPS,
        over: Over::Other,
        range: Range::Fixed(0.0, 1e9),
        value: |view, _, window| Some(hourly(view, window, |hours| &hours.exposures)),
        ..COUNT
    },
    Definition {
        name: "group_to_dm_funnel",
        meaning: "(k + 5 · 0.12) / (m + 5), with m = Σ p(B) over approaches in the window with a surface, k over those \
                  whose surface is group; absent below 5 approaches with a surface",
        windows: FROM_D7,
        reason: ReasonCode::RC06,
        sentence: "Likely minors contacted first in {window} who were found in a group: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts with a known surface"),
        needs: SURFACE_AGES,
        over: Over::In(Set::Open),
        range: share_of(0.12),
        value: |_, tally, _| {
            let k = expected(tally.surface_minors[Surface::Group as usize]);
            let m = expected(tally.surface_minors.iter().sum());
            shrunk_sum(k, m, tally.surface_known, 0.12)
        },
        ..BLANK
    },
    Definition {
        name: "inbound_initiation_share",
        meaning: "(k + 5 · 0.5) / (m + 5), with k = Σ p over bonds begun by the other with start in the window, m = k + \
                  Σ p(B) over approaches in the window; absent below 5 of both together",
        windows: &[Window::D28],
        reason: ReasonCode::RC02,
        direction: Direction::Less,
        sentence: "Relations with likely minors in {window} that the other side began: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 relations begun"),
        needs: OUT_AGES,
        over: Over::Pairs,
        value: |view, tally, _| {
            let k = expected(view.inbound_minors);
            shrunk_sum(k, k + expected(tally.minors), view.inbound + tally.contacts, 0.5)
        },
        ..BLANK
    },
];

fn life(view: &View<'_>, sum: Sum) -> f64 {
    view.life.map_or(0.0, |life| life.sum(view.now, sum))
}

/// Share of minors that is usual for a holder who is as likely a minor.
fn usual_share(view: &View<'_>) -> f64 {
    let holder = view.holder().probability();
    holder * MINORS_MINOR_SHARE + (1.0 - holder) * ADULTS_MINOR_SHARE
}

fn surface_skew(tally: &Tally) -> f64 {
    let minors = tally.surface_minors.map(expected);
    let all: f64 = minors.iter().sum();
    let terms = minors.iter().zip(USUAL_SURFACES).map(|(m, usual)| {
        let share = (m + usual) / (all + 1.0);
        share * (share / usual).ln()
    });
    terms.sum::<f64>().clamp(0.0, 5.0)
}

/// Accounts looked at in the window, and the sum of their probabilities.
fn viewed(view: &View<'_>, window: Window) -> (u32, u32) {
    let views = view.rare.iter().flat_map(|rare| &rare.views);
    let recent = views.filter(|v| within(v.at, window.seconds().min(28 * DAY), view.now));
    recent.fold((0, 0), |(n, sum), v| (n + 1, sum + v.minor.ten_thousandths()))
}
