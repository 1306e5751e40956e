//! How the other side answers.

use schema::{Direction, Family, ReasonCode, Unit, Window};

use super::{
    BLANK, COUNT, Definition, Derived, EXPECTED, Over, RATIO_N_MIN, Range, expected, hourly, share_of, shrunk,
};
use crate::state::Sum;
use crate::state::pair::Set;
use crate::view::{Answers, BANDS};

const ANSWERS: &[&str] = &["contact.requested", "contact.accepted", "contact.declined|contact.expired"];
const ANSWERS_AGES: &[&str] =
    &["contact.requested", "contact.accepted", "contact.declined|contact.expired", "ctx.p_minor|ctx.age"];
const ANSWERS_BANDS: &[&str] =
    &["contact.requested", "contact.accepted", "contact.declined|contact.expired", "ctx.age"];
const ANSWERS_MUTUALS: &[&str] = &[
    "contact.requested",
    "contact.accepted",
    "contact.declined|contact.expired",
    "ctx.p_minor|ctx.age",
    "rel.mutuals",
];
const MESSAGES: &[&str] = &["message.sent.target"];
const MESSAGES_AGES: &[&str] = &["message.sent.target", "ctx.p_minor|ctx.age"];
const RELATION: &[&str] = &["rel.mutuals|rel.shared_groups|rel.target_has_actor"];
const BOOKS: &[&str] = &["rel.actor_has_target", "rel.target_has_actor"];
const ADDING: &[&str] = &["group.member_added"];
const ADDING_AGES: &[&str] = &["group.member_added", "ctx.p_minor|ctx.age"];
const LEAVING: &[&str] = &["group.member_added", "group.left"];

/// Share of requests that are accepted, and the rate at which first messages are answered in a real student network
/// (Panzarasa, Opsahl and Carley 2009).
const ACCEPTED: f64 = 0.4;
const REPLIED: f64 = 0.467;

const FROM_H24: &[Window] = &[Window::H24, Window::D7, Window::D28];
const FROM_D7: &[Window] = &[Window::D7, Window::D28];
const D28: &[Window] = &[Window::D28];

/// What the definitions here have in common.
const RESPONSE: Definition = Definition { family: Family::Response, direction: Direction::Less, ..BLANK };

pub(super) const FEATURES: &[Definition] = &[
    Definition {
        name: "accept_rate_all",
        meaning: "(k + 5 · 0.4) / (n + 5), with n approaches in the window whose request was accepted or declined, k accepted",
        windows: FROM_D7,
        reason: ReasonCode::RC04,
        sentence: "Requests of {window} that were accepted: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 answered requests"),
        needs: ANSWERS,
        over: Over::In(Set::Answered),
        value: |_, tally, _| accepted(tally.answered),
        ..RESPONSE
    },
    Definition {
        name: "accept_rate_minor",
        meaning: "the same over likely minors; over a lifetime, n and k are the faded sums",
        windows: &[Window::D7, Window::D28, Window::LIFE],
        reason: ReasonCode::RC04,
        sentence: "Requests to likely minors of {window} that were accepted: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 answered requests to likely minors"),
        needs: ANSWERS_AGES,
        over: Over::Minors,
        value: |view, tally, window| match (window, view.life) {
            (Window::LIFE, None) => None,
            (Window::LIFE, Some(life)) => {
                let [n, k] = [Sum::MinorsAnswered, Sum::MinorsAccepted].map(|sum| life.sum(view.now, sum));
                (n >= f64::from(RATIO_N_MIN)).then(|| (k + 5.0 * ACCEPTED) / (n + 5.0))
            }
            _ => accepted(tally.minors_answered),
        },
        ..RESPONSE
    },
    Definition {
        name: "accept_rate_minor_distant",
        meaning: "the same over likely minors whose mutuals were 0",
        windows: D28,
        reason: ReasonCode::RC04,
        sentence: "Requests of {window} to likely minors without a common contact that were accepted: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 answered requests to likely minors without a common contact"),
        needs: ANSWERS_MUTUALS,
        over: Over::In(Set::Answered),
        value: |_, tally, _| accepted(tally.distant_answered),
        ..RESPONSE
    },
    Definition {
        name: "accept_stale_minor",
        meaning: "(k + 5 · 0.2) / (n + 5), with n approaches to likely minors in the window with a request, k of them open \
                  with start more than 72 hours before",
        windows: D28,
        reason: ReasonCode::RC04,
        direction: Direction::More,
        sentence: "Requests of {window} to likely minors that were left unanswered: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 requests to likely minors"),
        needs: ANSWERS_AGES,
        over: Over::Minors,
        value: |_, tally, _| shrunk(tally.minors_stale, tally.minors_requested, 0.2),
        ..RESPONSE
    },
    Definition {
        name: "accept_by_age_gap",
        meaning: "(km + 2) / (nm + 5) − (ka + 2) / (na + 5): answered and accepted requests of likely minors (m) and of all \
                  others (a) in the window; absent unless there are 5 of each",
        unit: Unit::ShareDifference,
        windows: D28,
        reason: ReasonCode::RC04,
        direction: Direction::More,
        sentence: "By how much more likely minors accept than adults, in {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 answered requests of either"),
        needs: ANSWERS_AGES,
        range: Range::Ratio(-1.0, 1.0),
        over: Over::In(Set::Answered),
        value: |_, tally, _| {
            let adults = Answers {
                answered: tally.answered.answered - tally.minors_answered.answered,
                accepted: tally.answered.accepted - tally.minors_answered.accepted,
            };
            Some(accepted(tally.minors_answered)? - accepted(adults)?)
        },
        ..RESPONSE
    },
    Definition {
        name: "accept_by_age_slope",
        meaning: "slope of the least-squares line of acceptance (1 or 0) over the rank of the band (`u13` is 0, `35p` is 6) of \
                  answered requests in the window whose approach has a band, within −1 and 1; absent below 5 of them or \
                  if all bands are the same",
        unit: Unit::Ratio,
        windows: D28,
        reason: ReasonCode::RC04,
        sentence: "By how much acceptance rises with each age band, in {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 answered requests of known age, or all of one band"),
        needs: ANSWERS_BANDS,
        range: Range::Ratio(-1.0, 1.0),
        over: Over::In(Set::Answered),
        value: |_, tally, _| slope(&tally.band_answered),
        ..RESPONSE
    },
    Definition {
        name: "reply_rate",
        meaning: "(k + 5 · 0.467) / (n + 5), with n approaches in the window with out > 0, k of them with in > 0",
        windows: FROM_H24,
        reason: ReasonCode::RC03,
        sentence: "Those it wrote to first in {window} that wrote back: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts written to"),
        needs: MESSAGES,
        over: Over::In(Set::Written),
        value: |_, tally, _| shrunk(tally.replied, tally.written, REPLIED),
        ..RESPONSE
    },
    Definition {
        name: "reply_rate_minor",
        meaning: "the same over likely minors",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC03,
        sentence: "Likely minors it wrote to first in {window} that wrote back: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 likely minors written to first"),
        needs: MESSAGES_AGES,
        over: Over::In(Set::Written),
        value: |_, tally, _| shrunk(tally.minors_replied, tally.minors_written, REPLIED),
        ..RESPONSE
    },
    Definition {
        name: "one_sided_ratio",
        meaning: "out / (out + in), summed over approaches to likely minors in the window; absent below 5 of them with out > 0",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC03,
        direction: Direction::More,
        sentence: "Its own share of the messages with likely minors contacted first in {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 likely minors written to first"),
        needs: MESSAGES_AGES,
        over: Over::In(Set::Written),
        value: |_, tally, _| {
            let all = tally.minors_sent + tally.minors_received;
            (tally.minors_written >= RATIO_N_MIN).then(|| f64::from(tally.minors_sent) / f64::from(all))
        },
        ..RESPONSE
    },
    Definition {
        name: "unreplied_run",
        meaning: "the greatest longest run over approaches to likely minors in the window, 0 if there are none",
        unit: Unit::Events,
        windows: &[Window::D7],
        reason: ReasonCode::RC03,
        direction: Direction::More,
        sentence: "Most messages in a row to a likely minor without a reply, {window}: {value}; usual is {baseline}.",
        needs: MESSAGES_AGES,
        family: Family::Response,
        range: Range::PerOne(0.0, 255.0),
        over: Over::In(Set::Written),
        value: |_, tally, _| Some(f64::from(tally.longest_run.0)),
        ..COUNT
    },
    Definition {
        name: "stranger_share",
        meaning: "(k + 5 · 0.3) / (n + 5), with n approaches in the window of which stranger is known, k of them strangers",
        windows: FROM_H24,
        reason: ReasonCode::RC03,
        direction: Direction::More,
        sentence: "Strangers among first contacts in {window}: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts of which the platform says"),
        needs: RELATION,
        over: Over::In(Set::Strangers),
        range: share_of(0.3),
        value: |_, tally, _| shrunk(tally.strangers, tally.relation_known, 0.3),
        ..RESPONSE
    },
    Definition {
        name: "addrbook_asymmetry",
        meaning: "(k + 5 · 0.1) / (n + 5), with n approaches in the window of which has and had are known, k of them with has and \
                  not had",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC03,
        direction: Direction::More,
        sentence: "First contacts in {window} in its address book who do not have it in theirs: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 first contacts with known address books"),
        needs: BOOKS,
        value: |_, tally, _| shrunk(tally.one_sided_books, tally.books_known, 0.1),
        ..RESPONSE
    },
    Definition {
        name: "group_inject_added",
        meaning: "approaches in the window that were added",
        windows: &[Window::H1, Window::H24, Window::D7],
        reason: ReasonCode::RC13,
        sentence: "Accounts contacted first in {window} that it added to a group: {value}; usual is {baseline}.",
        needs: ADDING,
        family: Family::Response,
        derived: Derived::Percentile,
        over: Over::In(Set::Added),
        value: |_, tally, _| Some(f64::from(tally.added)),
        ..COUNT
    },
    Definition {
        name: "group_inject_minors",
        meaning: "Σ p(B) over approaches in the window that were added and are strangers",
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC13,
        sentence: "Likely minors, strangers to it, that it added to groups in {window}: {value} expected; usual is {baseline}.",
        needs: ADDING_AGES,
        family: Family::Response,
        over: Over::In(Set::Added),
        value: |_, tally, _| Some(expected(tally.added_minors)),
        ..EXPECTED
    },
    Definition {
        name: "group_inject_left",
        meaning: "(k + 5 · 0.05) / (n + 5), with n approaches in the window that were added, k of them left quickly",
        windows: &[Window::D7],
        reason: ReasonCode::RC13,
        direction: Direction::More,
        sentence: "Accounts that it added to a group in {window} and that left within a day: {value}; usual is {baseline}.",
        null_when: Some("fewer than 5 accounts added"),
        needs: LEAVING,
        over: Over::In(Set::Added),
        value: |_, tally, _| shrunk(tally.left, tally.added, 0.05),
        ..RESPONSE
    },
    Definition {
        name: "groups_created",
        meaning: "groups created within the window's hours",
        unit: Unit::Events,
        windows: &[Window::H24, Window::D7],
        reason: ReasonCode::RC13,
        sentence: "Groups created in {window}: {value}; usual is {baseline}.",
        needs: &["group.created"],
        family: Family::Response,
        over: Over::Other,
        range: Range::Fixed(0.0, 1e9),
        derived: Derived::Percentile,
        value: |view, _, window| Some(hourly(view, window, |hours| &hours.groups_created)),
        ..COUNT
    },
];

fn accepted(answers: Answers) -> Option<f64> {
    shrunk(answers.accepted, answers.answered, ACCEPTED)
}

/// Least-squares slope of acceptance over the band's rank, from whole sums.
fn slope(bands: &[Answers; BANDS]) -> Option<f64> {
    let ranks = (0..).zip(bands);
    let (mut n, mut x, mut y, mut xy, mut xx) = (0_i64, 0_i64, 0_i64, 0_i64, 0_i64);
    for (rank, answers) in ranks {
        let (answered, accepted) = (i64::from(answers.answered), i64::from(answers.accepted));
        n += answered;
        x += rank * answered;
        xx += rank * rank * answered;
        y += accepted;
        xy += rank * accepted;
    }
    let spread = n * xx - x * x;
    (n >= i64::from(RATIO_N_MIN) && spread > 0)
        .then(|| ((n * xy - x * y) as f64 / spread as f64).clamp(-1.0, 1.0))
}
