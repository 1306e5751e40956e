//! Messages to and fro.

use events::{Edge, MessageKind, Millis, Modality, Size, Typing};

use crate::dice::{Dice, whole};
use crate::draft::{Act, Draft, Letter, LetterManner, Lived, Pair};
use crate::rhythm::Waking;
use crate::{HOUR, MINUTE, SECOND};

/// Kinds and sizes of messages (our choice).
const KINDS: [(MessageKind, f64); 5] = [
    (MessageKind::Text, 0.92),
    (MessageKind::Sticker, 0.04),
    (MessageKind::Voice, 0.03),
    (MessageKind::Location, 0.005),
    (MessageKind::ContactCard, 0.005),
];
const SIZES: [(Size, f64); 5] =
    [(Size::S, 0.40), (Size::Xs, 0.35), (Size::M, 0.20), (Size::L, 0.04), (Size::Xl, 0.01)];

/// Share of messages after which the two stop for now, where a conversation goes on over days (our choice).
const BREAKS: f64 = 0.18;

/// The same at an hour at which hardly anybody is awake.
const ASLEEP_BREAKS: f64 = 0.72;

/// A conversation of two who are in contact.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Talk {
    pub(crate) starter: u32,
    pub(crate) other: u32,
    pub(crate) ts: Millis,
    pub(crate) count: u64,
    /// Nothing is said from then on.
    pub(crate) until: Option<Millis>,
    /// When starter and other have the application open, where the conversation goes on over days.
    pub(crate) waking: Option<[Waking; 2]>,
    pub(crate) automation: f64,
    pub(crate) flavour: Flavour,
}

/// What is special about a conversation's messages; how often is our choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flavour {
    Plain,
    /// The same to many.
    Broadcast,
    /// Pictures, messages that disappear.
    Private,
    /// The same, and fast.
    Coercive,
    /// Ends with the address elsewhere.
    Departing,
}

impl Flavour {
    /// Shares of pictures, of disappearing messages and of pictures that can be viewed once.
    fn shares(self) -> (f64, f64, f64) {
        match self {
            Flavour::Plain | Flavour::Broadcast => (0.12, 0.02, 0.05),
            Flavour::Departing => (0.14, 0.02, 0.03),
            Flavour::Private => (0.15, 0.04, 0.08),
            Flavour::Coercive => (0.18, 0.06, 0.18),
        }
    }
}

impl Talk {
    /// Writes the conversation into the diary, with some reading and the odd call.
    pub(crate) fn hold(&self, dice: &mut Dice, lived: &mut Lived) {
        let (mut from, mut to, mut ts) = (self.starter, self.other, self.ts);
        for said in 0..self.count {
            if self.until.is_some_and(|until| ts >= until) {
                break;
            }
            let edge = dice.chance(0.5).then_some(Pair { edge: Edge::Connected, more: None });
            let mut forth = |ts, actor, target, act| {
                lived.note(Draft { ts, actor, target: Some(target), act, pair: edge });
            };
            let mut sent = letter(dice, false, self.automation, self.flavour);
            if self.flavour == Flavour::Departing && said + 1 == self.count && dice.chance(0.5) {
                sent.kind = MessageKind::ContactCard;
            }
            forth(ts, from, to, Act::Message(sent));
            // The first message of a contact that is there waits for its answer.
            let turns = dice.chance(if said == 0 { 0.85 } else { 0.6 });
            let gap = self.gap(dice, ts, if turns { to } else { from });
            if dice.chance(0.08) {
                forth(ts + (gap / 2).max(1), to, from, Act::Read);
            }
            if said > 2 && dice.chance(0.004) {
                call(dice, ts + gap / 2, &mut |ts, is_back, act| {
                    let (actor, target) = if is_back { (to, from) } else { (from, to) };
                    forth(ts, actor, target, act);
                });
            }
            ts += gap;
            if turns {
                (from, to) = (to, from);
            }
        }
    }

    /// Time to the next message, which `next` writes: tens of seconds to minutes (CollegeMsg p25 / p50 of all gaps:
    /// 120 s / 580 s), with long breaks where it is spread over days.
    fn gap(&self, dice: &mut Dice, ts: Millis, next: u32) -> u64 {
        let breaks = |waking: &[Waking; 2]| match self.flavour {
            Flavour::Coercive => 0.05,
            // Late at night most stop.
            _ if waking[0].clock.is_asleep(ts) => ASLEEP_BREAKS,
            _ => BREAKS,
        };
        if let Some(waking) = self.waking.filter(|waking| dice.chance(breaks(waking))) {
            let wait = ts + whole(dice.log_normal(6.5 * HOUR as f64, 1.35)).max(20 * MINUTE);
            let sitting = waking[usize::from(next != self.starter)].nearest(wait, ts + 10 * MINUTE);
            return sitting + whole(dice.log_normal(3.0 * MINUTE as f64, 1.0)) - ts;
        }
        whole(dice.log_normal(75.0 * SECOND as f64, 1.2)).max(SECOND)
    }
}

fn call(dice: &mut Dice, ts: Millis, forth: &mut impl FnMut(Millis, bool, Act)) {
    let modality = if dice.chance(0.4) { Modality::Video } else { Modality::Audio };
    forth(ts, false, Act::CallPlaced(modality));
    if dice.chance(0.65) {
        let seconds = u32::try_from(whole(dice.log_normal(180.0, 1.2))).unwrap_or(u32::MAX);
        forth(
            ts + whole(dice.between(2.0, 20.0) * SECOND as f64),
            true,
            Act::CallAnswered(modality, seconds),
        );
    }
}

/// The outside of one message.
pub(crate) fn letter(dice: &mut Dice, is_request: bool, automation: f64, flavour: Flavour) -> Letter {
    let typing = match dice.chance(0.6) {
        false => None,
        true if dice.chance(automation) => Some(Typing::None),
        true if dice.chance(0.3) => Some(Typing::Long),
        true => Some(Typing::Short),
    };
    let (pictures, disappearing, once) = flavour.shares();
    let kind = if dice.chance(pictures) { MessageKind::Media } else { dice.weighted(&KINDS) };
    let manner = if kind == MessageKind::Media && dice.chance(once) {
        LetterManner::ViewOnce
    } else if dice.chance(disappearing) {
        LetterManner::Disappearing
    } else if dice.chance(if flavour == Flavour::Broadcast { 0.3 } else { 0.02 }) {
        LetterManner::Forwarded
    } else {
        LetterManner::Plain
    };
    Letter { kind, size: dice.weighted(&SIZES), typing, is_request, recipients: 0, manner }
}
