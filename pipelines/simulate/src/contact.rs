//! A first contact and what comes of it. Everybody goes through here: what sets abuse apart is whom it asks,
//! how often, and how badly it is taken.

use events::{Category, Edge, Gate, Millis, NoticeKind, Response, Surface};

use crate::campaign::Style;
use crate::dice::{Dice, Quantiles, whole};
use crate::draft::{Act, Change, Common, Draft, Lived, Pair};
use crate::rhythm::Waking;
use crate::scenario::Regime;
use crate::{DAY, HOUR, MINUTE, SECOND};

mod talk;

pub(crate) use talk::{Flavour, Talk, letter};

/// How long an answer takes, in seconds, before it waits for the next sitting. CollegeMsg's p10 / 25 / 50 / 75 / 90,
/// but for the median, which that wait moves to CollegeMsg's 14,040.
const ANSWER_SECONDS: Quantiles = Quantiles(&[
    (0.0, 15.0),
    (0.05, 66.0),
    (0.10, 122.0),
    (0.25, 700.0),
    (0.50, 6_300.0),
    (0.75, 98_280.0),
    (0.90, 544_320.0),
    (1.0, 1_900_000.0),
]);

/// Messages of a pair of whom the second answered, and of one of whom they did not. CollegeMsg, measured;
/// together 1 / 2 / 4 / 9 / 36 at p25 / 50 / 75 / 90 / 99.
const ANSWERED: Quantiles = Quantiles(&[
    (0.0, 2.0),
    (0.25, 2.0),
    (0.5, 4.0),
    (0.75, 8.0),
    (0.9, 15.0),
    (0.95, 22.0),
    (0.99, 50.0),
    (1.0, 184.0),
]);
const UNANSWERED: Quantiles =
    Quantiles(&[(0.0, 1.0), (0.5, 1.0), (0.75, 2.0), (0.9, 3.0), (0.95, 5.0), (0.99, 12.0), (1.0, 40.0)]);

/// A request lapses after this time (our choice).
const EXPIRY: u64 = 14 * DAY;

/// How a contact is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Opening {
    Request,
    Message,
}

/// One first contact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approach {
    pub(crate) actor: u32,
    pub(crate) target: u32,
    pub(crate) ts: Millis,
    pub(crate) opening: Opening,
    pub(crate) surface: Surface,
}

/// What the world makes of it: how likely the target answers, and whether the platform stands in between.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Meeting {
    pub(crate) common: Common,
    pub(crate) answer: f64,
    pub(crate) gate: Option<Gate>,
    /// Whether the platform warns the target first.
    pub(crate) notice: bool,
    /// When the one who approaches and the other have the application open.
    pub(crate) waking: [Waking; 2],
    /// Length of a conversation, relative to CollegeMsg's.
    pub(crate) talk_length: f64,
    /// How often the two will talk once they are in contact.
    pub(crate) weight: f32,
}

/// What an approach is like for the one who is approached.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Manner {
    /// Probability of a block after an answer, and without one.
    block: (f64, f64),
    /// Probability of a report after an answer, and without one.
    report: (f64, f64),
    /// What a report says, when it says what it is about.
    category: Category,
    /// How readily it is answered, in log-odds.
    pub(crate) appeal: f64,
    /// Messages, relative to the usual.
    length: f64,
    /// Probability that nobody typed.
    pub(crate) automation: f64,
    flavour: Flavour,
}

/// Ordinary people: .5 to 2 % of their first contacts block them (population design). False reports are the
/// platform's to draw, since how often they are false was measured; see [`crate::platform`].
pub(crate) const COURTEOUS: Manner = Manner {
    block: (0.006, 0.014),
    report: (0.0, 0.0),
    category: Category::Harassment,
    appeal: 0.0,
    length: 1.0,
    automation: 0.2,
    flavour: Flavour::Plain,
};

/// Notices to people who asked for them: few answer, hardly anybody minds (our choice).
pub(crate) const NOTICE: Manner =
    Manner { appeal: -2.8, length: 0.5, automation: 0.5, flavour: Flavour::Broadcast, ..COURTEOUS };

/// Offers to strangers who did not ask (our choice).
pub(crate) const OFFER: Manner =
    Manner { block: (0.012, 0.03), appeal: -0.8, length: 0.7, automation: 0.35, ..COURTEOUS };

/// Conversations of people who keep to themselves.
pub(crate) const PRIVATE: Manner =
    Manner { block: (0.008, 0.016), length: 1.6, flavour: Flavour::Private, ..COURTEOUS };

impl Manner {
    /// A campaign's, where targets take it as badly as `harshness` says, 1 for the usual.
    pub(crate) fn of(style: Style, harshness: f64, regime: Regime) -> Self {
        // Of those drawn into something harmful, who blocks and who reports.
        let (block, report) = match regime {
            Regime::Prior => (0.45, 0.12),
            Regime::Observed => (0.30, 0.01),
            Regime::SelfReported => (0.68, 0.50),
        };
        // Of those who did not answer, far fewer (our choice).
        let rates = |share: f64, unanswered: f64| {
            let p = |p: f64| (p * harshness).min(0.9);
            (
                (p(block * share), p(block * share * unanswered)),
                (p(report * share), p(report * share * unanswered)),
            )
        };
        let ((block, report), category, appeal, length, automation, flavour) = match style {
            Style::Importunate => (rates(1.0, 0.12), Category::ChildSafety, 0.0, 2.5, 0.2, Flavour::Private),
            Style::Grooming => (rates(0.6, 0.1), Category::ChildSafety, 0.0, 4.0, 0.2, Flavour::Private),
            Style::Extortion => (rates(1.2, 0.1), Category::Sextortion, 0.0, 5.0, 0.2, Flavour::Coercive),
            Style::Bulk => (rates(0.7, 0.3), Category::Spam, -1.6, 0.5, 0.6, Flavour::Broadcast),
            Style::Romance => (rates(0.5, 0.2), Category::Scam, 0.0, 4.0, 0.2, Flavour::Departing),
            Style::Harmless => (rates(0.05, 0.5), Category::Spam, -1.6, 0.5, 0.6, Flavour::Broadcast),
        };
        Self { block, report, category, appeal, length, automation, flavour }
    }
}

/// Lets an approach happen, with all its consequences, in the diary.
pub(crate) fn play(
    dice: &mut Dice,
    lived: &mut Lived,
    approach: &Approach,
    meeting: &Meeting,
    manner: &Manner,
) {
    Encounter { lived, approach: *approach, meeting, manner }.play(dice);
}

struct Encounter<'a> {
    lived: &'a mut Lived,
    approach: Approach,
    meeting: &'a Meeting,
    manner: &'a Manner,
}

impl Encounter<'_> {
    fn play(&mut self, dice: &mut Dice) {
        let Approach { opening, surface, .. } = self.approach;
        let is_browsed =
            matches!(surface, Surface::Suggested | Surface::Search | Surface::Comment | Surface::Group);
        if is_browsed && dice.chance(0.5 * (1.0 - self.manner.automation)) {
            self.forth(self.approach.ts, Act::Viewed(surface), None);
            self.approach.ts += whole(dice.between(1.0, 30.0) * SECOND as f64);
        }
        let ts = self.approach.ts;
        let Approach { actor, target, .. } = self.approach;
        self.lived.change(0, Change::Meet { a: actor, b: target });
        if let Some(gate) = self.meeting.gate {
            return self.forth(ts, Act::Refused(gate), Some(Edge::None));
        }
        let first = match opening {
            Opening::Request => Act::Requested(surface),
            Opening::Message => Act::Message(letter(dice, true, self.manner.automation, self.manner.flavour)),
        };
        self.forth(ts, first, Some(Edge::None));

        let is_answered = dice.chance(self.meeting.answer);
        let mut answer = ts + whole(dice.quantile(&ANSWER_SECONDS) * SECOND as f64);
        // Who does not answer at once does so when they next look; who sleeps cannot answer at once.
        let theirs = self.meeting.waking[1];
        if answer > ts + HOUR || theirs.clock.is_asleep(answer) && dice.chance(0.5) {
            let sitting = theirs.nearest(answer, ts + HOUR / 2);
            answer = sitting + whole(dice.log_normal(3.0 * MINUTE as f64, 1.0));
        }
        let (block, report) = (self.manner.block, self.manner.report);
        let (block, report, edge, from) = if is_answered {
            (block.0, report.0, Edge::Connected, answer)
        } else {
            (block.1, report.1, Edge::Requested, ts)
        };
        let mut until = dice.chance(block).then(|| from + whole(dice.log_normal(3.0 * HOUR as f64, 1.6)));
        if self.meeting.notice {
            until = self.warn(dice, ts, until);
        }
        if is_answered {
            self.accept(dice, answer, until);
        } else {
            self.leave(dice, answer, until);
        }
        if let Some(until) = until {
            self.back(until, Act::Blocked, edge);
            self.lived.change(until, Change::Part { a: actor, b: target });
            self.lived.change(until + DAY, Change::Blocked { subject: actor });
        }
        if dice.chance(report) {
            // Log-normal, median 3 days, p95 45 days (population design).
            let ts = until.unwrap_or(answer) + whole(dice.log_normal(3.0 * DAY as f64, 1.65));
            complain(dice, self.lived, (target, actor), ts, self.manner.category);
        }
    }

    /// The platform warns the target, who may block there and then (shares are our choice).
    fn warn(&mut self, dice: &mut Dice, ts: Millis, until: Option<Millis>) -> Option<Millis> {
        let at = ts + SECOND;
        let blocks_now = until.is_some() && dice.chance(0.3);
        let response = match blocks_now {
            true => Response::Blocked,
            false => {
                dice.weighted(&[(Response::Ignored, 0.6), (Response::Proceeded, 0.3), (Response::Left, 0.1)])
            }
        };
        self.back(at, Act::Notice(NoticeKind::SafetyNotice, response), Edge::Requested);
        if blocks_now { Some(at + 5 * SECOND) } else { until }
    }

    /// The actor does something to the target.
    fn forth(&mut self, ts: Millis, act: Act, edge: Option<Edge>) {
        let pair = edge.map(|edge| Pair { edge, more: Some(self.meeting.common) });
        let Approach { actor, target, .. } = self.approach;
        self.lived.note(Draft { ts, actor, target: Some(target), act, pair });
    }

    /// The target does something to the actor.
    fn back(&mut self, ts: Millis, act: Act, edge: Edge) {
        let pair = Some(Pair { edge, more: Some(self.meeting.common.flip()) });
        let Approach { actor, target, .. } = self.approach;
        self.lived.note(Draft { ts, actor: target, target: Some(actor), act, pair });
    }

    /// The target answers; the two talk, at the longest `until` the block.
    fn accept(&mut self, dice: &mut Dice, answer: Millis, until: Option<Millis>) {
        let Approach { actor, target, opening, .. } = self.approach;
        let count = dice.quantile(&ANSWERED) * self.manner.length * self.meeting.talk_length;
        let count = dice.round(count).max(2);
        // A message that waits in the request folder may be answered without being accepted first.
        if opening == Opening::Request || dice.chance(0.6) {
            self.back(answer, Act::Accepted, Edge::Requested);
        }
        let [mine, theirs] = self.meeting.waking;
        let back_first = dice.chance(0.3);
        let (starter, other, ts, count) = match opening {
            // The opening message is one of them.
            Opening::Message => (target, actor, answer + SECOND, count - 1),
            Opening::Request => {
                let pause = whole(dice.log_normal(120.0 * SECOND as f64, 1.5));
                let (starter, other) = if back_first { (target, actor) } else { (actor, target) };
                (starter, other, answer + SECOND + pause, count)
            }
        };
        let (automation, flavour) = (self.manner.automation, self.manner.flavour);
        let waking = Some(if starter == actor { [mine, theirs] } else { [theirs, mine] });
        let talk = Talk { starter, other, ts, count, until, waking, automation, flavour };
        talk.hold(dice, self.lived);
        let change = Change::Connect { a: actor, b: target, weight: self.meeting.weight };
        if until.is_none_or(|until| until > answer + DAY) {
            self.lived.change(answer + DAY, change);
        }
    }

    /// The target leaves it unanswered, or says no. Shares of declined and lapsed requests are our choice.
    fn leave(&mut self, dice: &mut Dice, answer: Millis, until: Option<Millis>) {
        let ts = self.approach.ts;
        if self.approach.opening == Opening::Message {
            let count = whole(dice.quantile(&UNANSWERED) + 0.5);
            for _ in 1..count {
                let mut again = ts + whole(dice.log_normal(12.0 * HOUR as f64, 2.0));
                let mine = self.meeting.waking[0];
                if mine.clock.is_asleep(again) {
                    let sitting = mine.nearest(again, ts + HOUR / 2);
                    again = sitting + whole(dice.log_normal(3.0 * MINUTE as f64, 1.0));
                }
                let act = Act::Message(letter(dice, true, self.manner.automation, self.manner.flavour));
                if until.is_none_or(|until| again < until) {
                    self.forth(again, act, Some(Edge::Requested));
                }
            }
        } else if until.is_none() && dice.chance(0.3) {
            self.back(answer, Act::Declined, Edge::Requested);
        } else if until.is_none() && dice.chance(0.5) {
            self.back(ts + EXPIRY, Act::Expired, Edge::Requested);
        }
    }
}

/// A report at `ts` by the first about the second.
pub(crate) fn complain(
    dice: &mut Dice,
    lived: &mut Lived,
    (reporter, subject): (u32, u32),
    ts: Millis,
    category: Category,
) {
    // People pick the category that they find first (our choice).
    let others = [(Category::Harassment, 0.4), (Category::Spam, 0.3), (Category::Other, 0.3)];
    let said = if dice.chance(0.6) { category } else { dice.weighted(&others) };
    lived.note(Draft { ts, actor: reporter, target: Some(subject), act: Act::Reported(said), pair: None });
    lived.change(ts + DAY, Change::Reported { reporter, subject });
}
