//! A first contact and what comes of it. Everybody goes through here: what sets abuse apart is whom it asks,
//! how often, and how badly it is taken.

use events::{Category, Edge, Gate, Millis, Outcome, Surface};

use crate::dice::{Dice, Quantiles, whole};
use crate::draft::{Act, Change, Common, Diary, Draft, Pair};
use crate::{DAY, HOUR, SECOND};

mod talk;

pub(crate) use talk::{Talk, letter};

/// How long an answer takes, in seconds. CollegeMsg: p10 / 25 / 50 / 75 / 90.
const ANSWER_SECONDS: Quantiles = Quantiles(&[
    (0.0, 15.0),
    (0.05, 66.0),
    (0.10, 122.0),
    (0.25, 700.0),
    (0.50, 14_040.0),
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
    /// How often the two will talk once they are in contact.
    pub(crate) weight: f64,
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
    /// Share of reports that are upheld, of those resolved.
    upheld: f64,
    /// Probability that nobody typed.
    pub(crate) automation: f64,
}

/// Ordinary people. Benign blocks .5 to 2 % and reports 1 to 5 in 10,000 first contacts (population design).
pub(crate) const COURTEOUS: Manner = Manner {
    block: (0.006, 0.014),
    report: (0.0002, 0.0004),
    category: Category::Harassment,
    appeal: 0.0,
    length: 1.0,
    upheld: 0.05,
    automation: 0.2,
};

impl Manner {
    /// Somebody who wants something of a minor: .45 of those drawn into it block, .12 report (population
    /// design); of those who did not answer, far fewer (our choice).
    pub(crate) fn importunate(harshness: f64) -> Self {
        Self {
            block: ((0.45 * harshness).min(0.9), (0.06 * harshness).min(0.5)),
            report: ((0.12 * harshness).min(0.5), (0.01 * harshness).min(0.2)),
            category: Category::ChildSafety,
            appeal: 0.0,
            length: 2.5,
            upheld: 0.8,
            automation: 0.2,
        }
    }

    /// Somebody who wants something of everybody; rates are our choice.
    pub(crate) fn bulk(harshness: f64) -> Self {
        Self {
            block: ((0.30 * harshness).min(0.9), (0.12 * harshness).min(0.5)),
            report: ((0.10 * harshness).min(0.5), (0.04 * harshness).min(0.2)),
            category: Category::Spam,
            appeal: -1.6,
            length: 0.5,
            upheld: 0.8,
            automation: 0.6,
        }
    }
}

/// Lets an approach happen, with all its consequences, in the diary.
pub(crate) fn play(
    dice: &mut Dice,
    diary: &mut Diary,
    approach: &Approach,
    meeting: &Meeting,
    manner: &Manner,
) {
    Encounter { diary, approach: *approach, meeting, manner }.play(dice);
}

struct Encounter<'a> {
    diary: &'a mut Diary,
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
        if let Some(gate) = self.meeting.gate {
            return self.forth(ts, Act::Refused(gate), Some(Edge::None));
        }
        let first = match opening {
            Opening::Request => Act::Requested(surface),
            Opening::Message => Act::Message(letter(dice, true, self.manner.automation)),
        };
        self.forth(ts, first, Some(Edge::None));

        let is_answered = dice.chance(self.meeting.answer);
        let answer = ts + whole(dice.quantile(&ANSWER_SECONDS) * SECOND as f64);
        let (block, report) = (self.manner.block, self.manner.report);
        let (block, report, edge, from) = if is_answered {
            (block.0, report.0, Edge::Connected, answer)
        } else {
            (block.1, report.1, Edge::Requested, ts)
        };
        let until = dice.chance(block).then(|| from + whole(dice.log_normal(3.0 * HOUR as f64, 1.6)));
        if is_answered {
            self.accept(dice, answer, until);
        } else {
            self.leave(dice, answer, until);
        }
        if let Some(until) = until {
            self.back(until, Act::Blocked, edge);
            self.diary.change(until, Change::Part { a: self.approach.actor, b: self.approach.target });
        }
        if dice.chance(report) {
            // Log-normal, median 3 days, p95 45 days (population design).
            let ts = until.unwrap_or(answer) + whole(dice.log_normal(3.0 * DAY as f64, 1.65));
            let parties = (self.approach.target, self.approach.actor);
            complain(dice, self.diary, parties, ts, (self.manner.category, self.manner.upheld));
        }
    }

    /// The actor does something to the target.
    fn forth(&mut self, ts: Millis, act: Act, edge: Option<Edge>) {
        let pair = edge.map(|edge| Pair { edge, more: Some(self.meeting.common) });
        let Approach { actor, target, .. } = self.approach;
        self.diary.note(Draft { ts, actor, target: Some(target), act, pair });
    }

    /// The target does something to the actor.
    fn back(&mut self, ts: Millis, act: Act, edge: Edge) {
        let pair = Some(Pair { edge, more: Some(self.meeting.common.flip()) });
        let Approach { actor, target, .. } = self.approach;
        self.diary.note(Draft { ts, actor: target, target: Some(actor), act, pair });
    }

    /// The target answers; the two talk, at the longest `until` the block.
    fn accept(&mut self, dice: &mut Dice, answer: Millis, until: Option<Millis>) {
        let Approach { actor, target, opening, .. } = self.approach;
        let count = dice.quantile(&ANSWERED) * self.manner.length;
        let count = dice.round(count).max(2);
        // A message that waits in the request folder may be answered without being accepted first.
        if opening == Opening::Request || dice.chance(0.6) {
            self.back(answer, Act::Accepted, Edge::Requested);
        }
        let (starter, other, ts, count) = match opening {
            // The opening message is one of them.
            Opening::Message => (target, actor, answer + SECOND, count - 1),
            Opening::Request => {
                let pause = whole(dice.log_normal(120.0 * SECOND as f64, 1.5));
                let (starter, other) = if dice.chance(0.3) { (target, actor) } else { (actor, target) };
                (starter, other, answer + SECOND + pause, count)
            }
        };
        let automation = self.manner.automation;
        Talk { starter, other, ts, count, until, is_long_drawn: true, automation }.hold(dice, self.diary);
        let change = Change::Connect { a: actor, b: target, weight: self.meeting.weight };
        if until.is_none_or(|until| until > answer + DAY) {
            self.diary.change(answer + DAY, change);
        }
    }

    /// The target leaves it unanswered, or says no. Shares of declined and lapsed requests are our choice.
    fn leave(&mut self, dice: &mut Dice, answer: Millis, until: Option<Millis>) {
        let ts = self.approach.ts;
        if self.approach.opening == Opening::Message {
            let count = whole(dice.quantile(&UNANSWERED) + 0.5);
            for _ in 1..count {
                let again = ts + whole(dice.log_normal(12.0 * HOUR as f64, 2.0));
                let act = Act::Message(letter(dice, true, self.manner.automation));
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

/// A report at `ts` by the first about the second, and what the platform decides of it, if it does.
pub(crate) fn complain(
    dice: &mut Dice,
    diary: &mut Diary,
    (reporter, subject): (u32, u32),
    ts: Millis,
    (category, upheld): (Category, f64),
) {
    // People pick the category that they find first (our choice).
    let others = [(Category::Harassment, 0.4), (Category::Spam, 0.3), (Category::Other, 0.3)];
    let said = if dice.chance(0.6) { category } else { dice.weighted(&others) };
    diary.note(Draft { ts, actor: reporter, target: Some(subject), act: Act::Reported(said), pair: None });
    if dice.chance(0.4) {
        let decided = ts + whole(dice.log_normal(2.0 * DAY as f64, 0.8));
        let outcome = match dice.chance(upheld) {
            true => Outcome::Upheld,
            false if dice.chance(0.1) => Outcome::Duplicate,
            false => Outcome::Dismissed,
        };
        let act = Act::Resolved(said, outcome);
        diary.note(Draft { ts: decided, actor: subject, target: None, act, pair: None });
    }
}
