//! How fast an account moves: with its life, with a pair, and against its own past.

use schema::{Direction, Family, ReasonCode, Transform, Unit, Window};

use super::{BLANK, COUNT, Definition, EXPECTED, Over, RATIO_N_MIN, Range, expected, shrunk};
use crate::state::pair::Set;
use crate::time::{DAY, MINUTE, Second, ago, within};
use crate::view::{BURST, RANKS, View, most_within};

const OUT: &[&str] = &["contact.requested|message.sent.target|call.placed|group.member_added"];
const CREATED: &[&str] =
    &["contact.requested|message.sent.target|call.placed|group.member_added", "ctx.created|account.created"];
const MESSAGES: &[&str] = &["message.sent.target"];
const MESSAGES_AGES: &[&str] = &["message.sent.target", "ctx.p_minor|ctx.age"];
const ESCALATION: &[&str] = &["message.sent.kind|call.placed", "ctx.p_minor|ctx.age"];
const NIGHT: &[&str] = &["message.sent.target", "ctx.p_minor|ctx.age", "ctx.country"];
const UNSENT: &[&str] = &["message.sent.target", "message.unsent", "ctx.p_minor|ctx.age"];
const DROP: &[&str] = &["message.sent.kind|message.sent.disappearing", "ctx.p_minor|ctx.age"];
const SURFACE: &[&str] = &["contact.requested.surface"];

const FROM_D7: &[Window] = &[Window::D7, Window::D28];

/// What the definitions here have in common.
const TIMING: Definition = Definition { family: Family::Timing, ..BLANK };

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "burst_first_contacts",
        meaning: "most approaches of the last 24 hours with start in any [t, t + 600 s)",
        reason: ReasonCode::RC11,
        sentence: "Most first contacts within ten minutes, over 24 hours: {value}; usual is {baseline}.",
        needs: OUT,
        family: Family::Timing,
        value: |view, _, _| Some(burst(view) as f64),
        ..COUNT
    },
    Definition {
        name: "new_account_velocity",
        meaning: "approaches with created ≤ start < created + the window; absent if created is unknown or 28 days or more ago",
        windows: &[Window::M10, Window::H1, Window::H24, Window::D7],
        reason: ReasonCode::RC10,
        sentence: "First contacts within {window} of its creation: {value}; usual is {baseline}.",
        null_when: Some("it is not known that the account is younger than 28 days"),
        needs: CREATED,
        family: Family::Timing,
        value: |view, _, window| {
            let created = young(view)?;
            let is_early = |start: Second| start >= created && start - created < window.seconds();
            Some(view.approaches().filter(|a| is_early(a.start)).count() as f64)
        },
        ..COUNT
    },
    Definition {
        name: "new_account_messages",
        meaning: "first minutes of the diary; absent if created is unknown or 28 days or more ago",
        unit: Unit::Events,
        reason: ReasonCode::RC10,
        sentence: "Messages within five minutes of its creation: {value}; usual is {baseline}.",
        null_when: Some("it is not known that the account is younger than 28 days"),
        needs: &["message.sent.target", "ctx.created|account.created"],
        family: Family::Timing,
        over: Over::Other,
        range: Range::Fixed(0.0, 65_535.0),
        value: |view, _, _| {
            young(view)?;
            Some(view.diary.map_or(0.0, |diary| f64::from(diary.first_minutes)))
        },
        ..COUNT
    },
    Definition {
        name: "modality_escalation",
        meaning: "Σ p(B) over approaches of the last 28 days to likely minors whose time to escalate is at most the window",
        windows: &[Window::H2, Window::H24, Window::D7],
        reason: ReasonCode::RC20,
        sentence: "Likely minors with whom it moved to media, calls or vanishing messages within {window} of the first \
                   contact: {value} expected; usual is {baseline}.",
        needs: ESCALATION,
        family: Family::Timing,
        over: Over::In(Set::Escalated),
        value: |view, _, window| {
            let is_fast = |minutes: u32| minutes <= window.seconds() / MINUTE;
            let fast = escalated(view).filter(|(_, minutes)| is_fast(*minutes));
            Some(expected(fast.map(|(minor, _)| minor).sum()))
        },
        ..EXPECTED
    },
    Definition {
        name: "modality_escalation_fastest",
        meaning: "least time to escalate over approaches of the last 28 days to likely minors; absent if none did",
        unit: Unit::Minutes,
        reason: ReasonCode::RC20,
        direction: Direction::Less,
        transform: Transform::Log1p,
        sentence: "Quickest move to media, calls or vanishing messages with a likely minor: {value}; usual is {baseline}.",
        null_when: Some("it never happened"),
        needs: ESCALATION,
        range: Range::Among(0.0, 65_534.0),
        over: Over::In(Set::Escalated),
        value: |view, _, _| escalated(view).map(|(_, minutes)| f64::from(minutes)).min_by(f64::total_cmp),
        ..TIMING
    },
    Definition {
        name: "reply_asym_latency",
        transform: Transform::Log1p,
        meaning: "median rank of A's answer times less median rank of the others' answer times, over approaches in the window \
                  (of an even number, the lower of the two in the middle); absent below 5 of either",
        unit: Unit::Bits,
        windows: &[Window::D7],
        reason: ReasonCode::RC12,
        direction: Direction::Less,
        sentence: "How much slower it answers than it is answered, {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 answers of either side"),
        needs: MESSAGES,
        range: Range::Ratio(-20.0, 20.0),
        over: Over::In(Set::Written),
        value: |_, tally, _| Some(median(&tally.own_answers)? - median(&tally.other_answers)?),
        ..TIMING
    },
    Definition {
        name: "reply_night_minor",
        meaning: "(k + 5 · 0.05) / (n + 5), with n approaches to likely minors in the window with an answer time of A, k of \
                  them answered at night",
        windows: &[Window::D7],
        reason: ReasonCode::RC19,
        sentence: "Likely minors whom it answered within ten seconds in their night, {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 likely minors answered"),
        needs: NIGHT,
        over: Over::Minors,
        value: |_, tally, _| shrunk(tally.night_answers, tally.minors_own_answered, 0.05),
        ..TIMING
    },
    Definition {
        name: "night_minor",
        meaning: "(am + 0.5) / (bm + 5) − (a + 0.5) / (b + 5), with night (a) and out (b) summed over approaches in the window, m \
                  those to likely minors and the rest the others; absent below 5 likely minors with out > 0",
        unit: Unit::ShareDifference,
        windows: FROM_D7,
        reason: ReasonCode::RC19,
        sentence: "Messages to likely minors in their night against those to others, {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 likely minors written to first"),
        needs: NIGHT,
        range: Range::Ratio(-1.0, 1.0),
        over: Over::In(Set::Written),
        value: |_, tally, _| {
            let share = |night: u32, sent: u32| (f64::from(night) + 0.5) / (f64::from(sent) + 5.0);
            let excess =
                share(tally.minors_night, tally.minors_sent) - share(tally.others_night, tally.others_sent);
            (tally.minors_written >= RATIO_N_MIN).then(|| excess.clamp(-1.0, 1.0))
        },
        ..TIMING
    },
    Definition {
        name: "unsend_cleanup",
        meaning: "(k + 5 · 0.02) / (n + 5), at most 1, with out (n) and unsent (k) summed over approaches to likely minors in \
                  the window; absent below 5 of them with out > 0",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC20,
        sentence: "Messages to likely minors contacted first in {window} that it took back: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 likely minors written to first"),
        needs: UNSENT,
        over: Over::In(Set::Written),
        value: |_, tally, _| {
            let share = (f64::from(tally.minors_unsent) + 0.1) / (f64::from(tally.minors_sent) + 5.0);
            (tally.minors_written >= RATIO_N_MIN).then(|| share.min(1.0))
        },
        ..TIMING
    },
    Definition {
        name: "unsend_before_protest",
        meaning: "Σ p(B) over cleaned approaches in the window",
        windows: &[Window::D28],
        reason: ReasonCode::RC20,
        sentence: "Likely minors who objected in {window} after it took back messages: {value} expected; usual is {baseline}.",
        needs: &["message.unsent", "contact.blocked|report.filed|contact.removed", "ctx.p_minor|ctx.age"],
        family: Family::Timing,
        over: Over::In(Set::Protested),
        value: |_, tally, _| Some(expected(tally.cleaned_minors)),
        ..EXPECTED
    },
    Definition {
        name: "off_platform_drop",
        meaning: "Σ p(B) over approaches to likely minors in the window with early ≥ 40, last at least 24 hours before, a card \
                  passed or vanishing, and not blocked",
        windows: FROM_D7,
        reason: ReasonCode::RC21,
        sentence: "Likely minors of {window} with whom an intense exchange broke off: {value} expected; usual is {baseline}.",
        needs: DROP,
        family: Family::Timing,
        over: Over::In(Set::Moved),
        value: |_, tally, _| Some(expected(tally.dropped_minors)),
        ..EXPECTED
    },
    Definition {
        name: "regime_shift_surface",
        meaning: "Jensen-Shannon divergence (in nats) of the surfaces of approaches of the last 24 hours from those of the 27 \
                  days before, over approaches with a surface, summed in the contract's order; absent below 5 of either",
        unit: Unit::Nats,
        reason: ReasonCode::RC25,
        sentence: "How differently it found people today than before: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts with a surface today or before"),
        needs: SURFACE,
        range: Range::Ratio(0.0, 0.7),
        value: |view, _, _| surface_shift(view),
        ..TIMING
    },
    Definition {
        name: "regime_shift_minor",
        meaning: "(m + 0.5) / (n + 5) − (m' + 0.5) / (n' + 5), with n approaches of the last 24 hours and m = Σ p(B) over them, n' and \
                  m' the same of the 27 days before; absent unless n and n' are at least 5",
        unit: Unit::ShareDifference,
        reason: ReasonCode::RC25,
        sentence: "Share of likely minors among first contacts of today against its past: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts today or before"),
        needs: MESSAGES_AGES,
        range: Range::Ratio(-1.0, 1.0),
        over: Over::Counts,
        value: |view, _, _| {
            let [today, before] = today_and_before(view);
            let share = |[n, minors]: [u32; 2]| (expected(minors) + 0.5) / (f64::from(n) + 5.0);
            (today[0] >= RATIO_N_MIN && before[0] >= RATIO_N_MIN).then(|| share(today) - share(before))
        },
        ..TIMING
    },
    Definition {
        name: "regime_shift_rate",
        transform: Transform::Log1p,
        meaning: "ln((n + 1) / (n' / 27 + 1)), with n and n' as in regime_shift_minor; absent unless n' is at least 5",
        unit: Unit::Nats,
        reason: ReasonCode::RC25,
        sentence: "First contacts of today against an ordinary day of its past: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts before today"),
        needs: OUT,
        range: Range::Ratio(-3.0, 6.0),
        over: Over::Counts,
        value: |view, _, _| {
            let [today, before] = today_and_before(view);
            let rate = (f64::from(today[0]) + 1.0) / (f64::from(before[0]) / 27.0 + 1.0);
            (before[0] >= RATIO_N_MIN).then(|| rate.ln())
        },
        ..TIMING
    },
];

/// When the account was created, if that is known and less than 28 days ago.
fn young(view: &View<'_>) -> Option<Second> {
    view.card.created().filter(|created| ago(*created, view.now) < 28 * DAY)
}

fn burst(view: &View<'_>) -> usize {
    let starts = view.approaches().map(|a| a.start).filter(|start| within(*start, DAY, view.now));
    let mut starts: Vec<Second> = starts.collect();
    starts.sort_unstable();
    most_within(&starts, BURST)
}

/// Probability and time to escalate of approaches to likely minors.
fn escalated<'a>(view: &'a View<'_>) -> impl Iterator<Item = (u32, u32)> + 'a {
    let likely = view.approaches().filter(|a| a.minor.is_likely());
    likely.filter_map(|a| Some((a.minor.ten_thousandths(), a.escalated_after()?)))
}

/// The rank in the middle, the lower of two; absent below 5.
fn median(ranks: &[u16; RANKS]) -> Option<f64> {
    let n: u32 = ranks.iter().map(|n| u32::from(*n)).sum();
    let middle = n.checked_sub(RATIO_N_MIN)? + RATIO_N_MIN - 1;
    let mut seen = 0;
    let rank = ranks.iter().position(|n| {
        seen += u32::from(*n);
        seen > middle / 2
    });
    rank.map(|rank| rank as f64)
}

/// First contacts and minors (in ten-thousandths) of the last 24 hours and of the 27 days before.
fn today_and_before(view: &View<'_>) -> [[u32; 2]; 2] {
    let [today, before @ ..] = &view.days;
    let sum = |i: usize| before.iter().map(|day| day[i]).sum();
    [[today[0], today[1]], [sum(0), sum(1)]]
}

fn surface_shift(view: &View<'_>) -> Option<f64> {
    let (today, all) = (view.window(Window::H24), view.window(Window::D28));
    let n = today.surface_known;
    let before = all.surface_known - n;
    if n < RATIO_N_MIN || before < RATIO_N_MIN {
        return None;
    }
    let terms = today.surfaces.iter().zip(&all.surfaces).map(|(today, all)| {
        let p = f64::from(*today) / f64::from(n);
        let q = f64::from(all - today) / f64::from(before);
        let mean = (p + q) / 2.0;
        let term = |share: f64| if share > 0.0 { share * (share / mean).ln() } else { 0.0 };
        (term(p) + term(q)) / 2.0
    });
    Some(terms.sum::<f64>().clamp(0.0, 0.7))
}
