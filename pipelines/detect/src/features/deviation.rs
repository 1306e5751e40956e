//! Raw counts of a day against the account's own days before.

use schema::{Family, ReasonCode, Transform, Unit};

use super::{BLANK, Definition, Over, RATIO_N_MIN, Range};
use crate::state::pair::Set;
use crate::view::{PAST_DAYS, View};

/// What the definitions here have in common.
const DEVIATION: Definition = Definition {
    unit: Unit::Deviations,
    family: Family::Timing,
    reason: ReasonCode::RC25,
    null_when: Some("fewer than 5 in the 27 days before"),
    transform: Transform::Log1p,
    range: Range::PerOne(-1.0, 1.0),
    ..BLANK
};

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "fc_rate_all_z",
        meaning: "(c₀ − mean) / √(var + 1), where c₀ counts the approaches of the last 24 hours, and mean and var (of the population) \
                  are over those of each of the 27 stretches of 24 hours before; absent if these have fewer than 5 in all",
        sentence: "First contacts of today against its own past: {value} deviations; usual is {baseline}.",
        needs: &["contact.requested|message.sent.target|call.placed|group.member_added"],
        over: Over::Counts,
        value: |view, _, _| deviation(view, 0, 1),
        ..DEVIATION
    },
    Definition {
        name: "fc_minor_expected_z",
        meaning: "the same with Σ p(B) for the count; absent if the 27 days have fewer than 5 approaches in all",
        sentence: "Likely minors among first contacts of today against its own past: {value} deviations; usual is {baseline}.",
        needs: &[
            "contact.requested|message.sent.target|call.placed|group.member_added",
            "ctx.p_minor|ctx.age",
        ],
        over: Over::Counts,
        value: |view, _, _| deviation(view, 1, 10_000),
        ..DEVIATION
    },
    Definition {
        name: "gate_probe_z",
        meaning: "the same with gated approaches for the count",
        sentence: "Refused contacts of today against its own past: {value} deviations; usual is {baseline}.",
        needs: &["gate.refused"],
        over: Over::In(Set::Gated),
        value: |view, _, _| deviation(view, 2, 1),
        ..DEVIATION
    },
    Definition {
        name: "group_inject_z",
        meaning: "the same with added approaches for the count",
        sentence: "People added to groups today against its own past: {value} deviations; usual is {baseline}.",
        needs: &["group.member_added"],
        over: Over::In(Set::Added),
        value: |view, _, _| deviation(view, 3, 1),
        ..DEVIATION
    },
];

/// How far today's count lies from those of the days before. `one` is what a count of one is kept as.
fn deviation(view: &View<'_>, which: usize, one: u64) -> Option<f64> {
    let [today, before @ ..] = &view.days;
    if before.iter().map(|day| day[0]).sum::<u32>() < RATIO_N_MIN {
        return None;
    }
    let n = PAST_DAYS as u64;
    let sum: u64 = before.iter().map(|day| u64::from(day[which])).sum();
    let squares: u64 = before.iter().map(|day| u64::from(day[which]) * u64::from(day[which])).sum();
    let scale = (n * one) as f64;
    // n² times the variance, from whole sums.
    let variance = (n * squares - sum * sum) as f64 / (scale * scale);
    let (count, mean) = (f64::from(today[which]) / one as f64, sum as f64 / scale);
    Some((count - mean) / (variance + 1.0).sqrt())
}
