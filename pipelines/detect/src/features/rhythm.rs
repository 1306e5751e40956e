//! When and how regularly an account sends messages, whatever their recipients.

use schema::{Direction, Family, ReasonCode, Transform, Unit, Window};

use super::{BLANK, COUNT, Definition, Over, RATIO_N_MIN, Range, shrunk};
use crate::state::Style;
use crate::state::pair::{Marks, Set};
use crate::time::{MINUTE, Second, within};
use crate::view::most_within;

const MESSAGES: &[&str] = &["message.sent"];
const MESSAGES_SIZES: &[&str] = &["message.sent", "message.sent.size"];
const TYPING: &[&str] = &["message.sent", "message.sent.typing"];
const FORWARDS: &[&str] = &["message.sent", "message.sent.forwarded"];

/// What the definitions here have in common.
const RHYTHM: Definition = Definition {
    family: Family::Timing,
    reason: ReasonCode::RC11,
    over: Over::Messages,
    needs: MESSAGES,
    ..BLANK
};

const FEW_MESSAGES: Option<&str> = Some("fewer than 6 messages remembered of the last 24 hours");

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "burst_cv",
        meaning: "standard deviation over mean of the gaps, in seconds, between the remembered messages of the last 24 hours (the \
                  population's deviation); 0 if all gaps are 0; absent below 5 gaps",
        unit: Unit::Ratio,
        reason: ReasonCode::RC12,
        direction: Direction::Less,
        sentence: "Irregularity of its latest messages: {value}; usual is {baseline}.",
        null_when: FEW_MESSAGES,
        range: Range::Ratio(0.0, 3.4),
        value: |view, _, _| variation(&gaps(&view.messages())),
        ..RHYTHM
    },
    Definition {
        name: "burst_same_second",
        meaning: "(k + 5 · 0.05) / (n + 5), with n gaps as in burst_cv, k of them 0; absent below 5 gaps",
        sentence: "Its latest messages that were sent in the same second as the one before: {value}; usual is {baseline}.",
        null_when: FEW_MESSAGES,
        value: |view, _, _| {
            let gaps = gaps(&view.messages());
            shrunk(count(&gaps, |gap| *gap == 0), number(gaps.len()), 0.05)
        },
        ..RHYTHM
    },
    Definition {
        name: "burst_messages",
        meaning: "most of the remembered messages of the last 24 hours within any [t, t + 15 s)",
        unit: Unit::Events,
        sentence: "Most of its latest messages within 15 seconds: {value}; usual is {baseline}.",
        transform: Transform::Log1p,
        range: Range::Count,
        value: |view, _, _| {
            let at: Vec<Second> = view.messages().into_iter().map(|(at, _)| at).collect();
            Some(most_within(&at, 15) as f64)
        },
        ..RHYTHM
    },
    Definition {
        name: "burst_fano_10s",
        transform: Transform::Log1p,
        meaning: "variance over mean (Fano factor) of the numbers of remembered messages of the last 24 hours in each 10 s of the \
                  epoch from the first to the last of them; absent below 6 messages",
        unit: Unit::Ratio,
        sentence: "Clustering of its latest messages within seconds: {value}; usual is {baseline}.",
        null_when: FEW_MESSAGES,
        range: Range::Ratio(0.0, 12.0),
        value: |view, _, _| fano(&view.messages(), 10),
        ..RHYTHM
    },
    Definition {
        name: "burst_fano_1m",
        transform: Transform::Log1p,
        meaning: "the same for each minute",
        unit: Unit::Ratio,
        sentence: "Clustering of its latest messages within a minute: {value}; usual is {baseline}.",
        null_when: FEW_MESSAGES,
        range: Range::Ratio(0.0, 12.0),
        value: |view, _, _| fano(&view.messages(), MINUTE),
        ..RHYTHM
    },
    Definition {
        name: "burst_fano_10m",
        transform: Transform::Log1p,
        meaning: "the same for each ten minutes",
        unit: Unit::Ratio,
        sentence: "Clustering of its latest messages within ten minutes: {value}; usual is {baseline}.",
        null_when: FEW_MESSAGES,
        range: Range::Ratio(0.0, 12.0),
        value: |view, _, _| fano(&view.messages(), 10 * MINUTE),
        ..RHYTHM
    },
    Definition {
        name: "automation_entropy",
        meaning: "entropy, in bits, of the pairs (rank of a gap, size of the message after it) over the gaps of burst_cv, a rank as \
                  that of an answer time, an unknown size counting as a size; summed in order of rank, then size; absent \
                  below 5 gaps",
        unit: Unit::Bits,
        reason: ReasonCode::RC12,
        direction: Direction::Less,
        sentence: "Variety of its latest messages' gaps and sizes: {value}; usual is {baseline}.",
        null_when: FEW_MESSAGES,
        needs: MESSAGES_SIZES,
        range: Range::Ratio(0.0, 4.0),
        value: |view, _, _| entropy(&view.messages()),
        ..RHYTHM
    },
    Definition {
        name: "automation_untyped",
        meaning: "(k + 5 · 0.1) / (n + 5), with n remembered messages of the last 24 hours with a known typing, k of them `none`",
        reason: ReasonCode::RC12,
        sentence: "Its latest messages without typing: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 messages with known typing"),
        needs: TYPING,
        value: |view, _, _| {
            let typed: Vec<bool> = view.messages().iter().filter_map(|(_, style)| style.untyped()).collect();
            shrunk(count(&typed, |untyped| *untyped), number(typed.len()), 0.1)
        },
        ..RHYTHM
    },
    Definition {
        name: "automation_hours",
        meaning: "number of hours of the diary in the tick's block of seven days and the one before; absent if it never sent a message",
        unit: Unit::Hours,
        reason: ReasonCode::RC12,
        sentence: "Hours of the day at which it sends messages: {value}; usual is {baseline}.",
        null_when: Some("it never sent a message"),
        over: Over::Other,
        range: Range::Fixed(0.0, 24.0),
        value: |view, _, _| view.diary.map(|diary| f64::from(diary.active_hours(view.now).count_ones())),
        ..RHYTHM
    },
    Definition {
        name: "automation_rest",
        meaning: "longest run of hours, around the clock, that are not among those of automation_hours; absent if it never sent a \
                  message",
        unit: Unit::Hours,
        reason: ReasonCode::RC12,
        direction: Direction::Less,
        sentence: "Longest rest in its day: {value}; usual is {baseline}.",
        null_when: Some("it never sent a message"),
        over: Over::Other,
        range: Range::Fixed(0.0, 24.0),
        value: |view, _, _| view.diary.map(|diary| longest_rest(diary.active_hours(view.now))),
        ..RHYTHM
    },
    Definition {
        name: "forward_broadcast",
        meaning: "approaches of the last 28 days forwarded to, with last in the window",
        windows: &[Window::H1, Window::H24],
        reason: ReasonCode::RC14,
        sentence: "Accounts contacted first that it forwarded to, active in {window}: {value}; usual is {baseline}.",
        needs: FORWARDS,
        family: Family::Timing,
        over: Over::In(Set::Forwarded),
        value: |view, _, window| {
            let is_recent = |at: Second| within(at, window.seconds(), view.now);
            let forwarded =
                view.approaches().filter(|a| a.marks.has(Marks::FORWARDED) && is_recent(a.last()));
            Some(forwarded.count() as f64)
        },
        ..COUNT
    },
    Definition {
        name: "forward_share",
        meaning: "(k + 5 · 0.05) / (n + 5), with n remembered messages of the last 24 hours, k of them forwarded",
        reason: ReasonCode::RC14,
        sentence: "Its latest messages that were forwarded: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 messages remembered of the last 24 hours"),
        needs: FORWARDS,
        value: |view, _, _| {
            let messages = view.messages();
            shrunk(count(&messages, |(_, style)| style.forwarded()), number(messages.len()), 0.05)
        },
        ..RHYTHM
    },
];

fn gaps(messages: &[(Second, Style)]) -> Vec<Second> {
    messages.windows(2).map(|two| two[1].0.saturating_sub(two[0].0)).collect()
}

fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

fn count<T>(items: &[T], is_such: impl Fn(&T) -> bool) -> u32 {
    number(items.iter().filter(|item| is_such(item)).count())
}

/// Deviation over mean, from whole sums.
fn variation(gaps: &[Second]) -> Option<f64> {
    let n = gaps.len() as u64;
    let sum: u64 = gaps.iter().map(|gap| u64::from(*gap)).sum();
    let squares: u64 = gaps.iter().map(|gap| u64::from(*gap) * u64::from(*gap)).sum();
    if n < u64::from(RATIO_N_MIN) {
        return None;
    }
    // n² times the variance is n Σx² − (Σx)², and n times the mean is Σx.
    let spread = (n * squares - sum * sum) as f64;
    Some(if sum == 0 { 0.0 } else { spread.sqrt() / sum as f64 })
}

/// Variance over mean of the counts in stretches of this length.
fn fano(messages: &[(Second, Style)], length: Second) -> Option<f64> {
    let (first, last) = (messages.first()?.0 / length, messages.last()?.0 / length);
    if messages.len() <= RATIO_N_MIN as usize {
        return None;
    }
    let n = u64::from(last - first) + 1;
    let sum = messages.len() as u64;
    let runs = messages.chunk_by(|a, b| a.0 / length == b.0 / length);
    let squares: u64 = runs.map(|run| (run.len() * run.len()) as u64).sum();
    Some(((n * squares - sum * sum) as f64 / (n * sum) as f64).min(12.0))
}

fn entropy(messages: &[(Second, Style)]) -> Option<f64> {
    let mut kinds: Vec<(u32, u8)> = messages
        .windows(2)
        .map(|two| ((two[1].0.saturating_sub(two[0].0) + 1).ilog2().min(20), two[1].1.size()))
        .collect();
    let n = kinds.len() as f64;
    if kinds.len() < RATIO_N_MIN as usize {
        return None;
    }
    kinds.sort_unstable();
    let share = |run: &[(u32, u8)]| run.len() as f64 / n;
    Some(kinds.chunk_by(|a, b| a == b).map(share).map(|p| -p * p.log2()).sum())
}

fn longest_rest(hours: u32) -> f64 {
    // Twice around the clock; each turn shortens every run of hours by one.
    let rest = u64::from(!hours & 0xff_ffff);
    let mut runs = rest | rest << 24;
    let mut longest = 0_u32;
    while runs != 0 && longest < 24 {
        runs &= runs << 1;
        longest += 1;
    }
    f64::from(longest)
}
