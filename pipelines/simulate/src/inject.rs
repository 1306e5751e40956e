//! One abuser, to be planted into traffic that is not ours.

use events::{Event, Gate, Millis, Mutuals, SharedGroups, Token};

use crate::account::Account;
use crate::contact::{Approach, Manner, Meeting, Opening, play};
use crate::dice::{Dice, Process, logistic, logit, whole};
use crate::draft::{Act, Common, Diary, Draft};
use crate::scribe::{Cast, Place, Scribe};
use crate::world::{ANSWER_STRANGER, BULK_SURFACES, SCATTER_SURFACES};
use crate::{DAY, HOUR, MINUTE, SECOND};

/// What is planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Planted {
    /// An adult who asks one minor after the other, some sitting a day. The targets are taken for minors, with
    /// a probability around 0.9 each.
    Scattergun,
    /// Somebody who sends the same to everybody, in bursts of up to 100 messages in 15 seconds. Nothing is
    /// known of the targets.
    BulkSpammer,
}

/// An abuser, to be planted.
#[derive(Clone, Debug, PartialEq)]
pub struct Injection {
    /// What is planted.
    pub planted: Planted,
    /// The abuser's account; it must not occur in the traffic.
    pub account: Token,
    /// Whom the abuser contacts, in this order, each once.
    pub targets: Vec<Token>,
    /// When the account is created, milliseconds since the epoch.
    pub start: Millis,
    /// Nothing happens from then on, milliseconds since the epoch.
    pub end: Millis,
    /// Whatever is drawn follows from it.
    pub seed: u64,
}

/// The events of a planted abuser and of those who answer, sorted by (ts, id).
///
/// The same injection gives the same events; they go through the same contacts as a world's do.
pub fn inject(injection: &Injection) -> Vec<Event> {
    let mut dice = Dice::new(injection.seed, 0, Process::Injection, 0);
    let days = u32::try_from(injection.end.saturating_sub(injection.start) / DAY + 1).unwrap_or(u32::MAX);
    let mut diary = Diary::new(injection.start, days);
    note(&mut diary, injection.start, Act::Created);

    let mut targets = 1..=u32::try_from(injection.targets.len()).unwrap_or(u32::MAX);
    let mut sitting = injection.start + 5 * MINUTE + dice.below(HOUR);
    let pace = Pace::draw(&mut dice, injection.planted);
    let charm = dice.normal() * 0.5;
    while !targets.is_empty() && sitting < injection.end {
        note(&mut diary, sitting, Act::Session);
        let mut ts = sitting + 30 * SECOND;
        let size = dice.log_normal(pace.sitting, 0.5).clamp(1.0, 100.0);
        for target in targets.by_ref().take(usize::try_from(whole(size)).unwrap_or(1)) {
            approach(&mut dice, &mut diary, (target, ts, charm), injection.planted);
            ts += whole(dice.log_normal(pace.gap_ms, 0.7)).max(20);
        }
        sitting = ts + whole(dice.between(0.5, 1.5) * pace.pause_ms);
    }

    let drafts: Vec<Draft> = (0..days as usize).flat_map(|day| diary.drafts(day)).collect();
    let mut scribe = Scribe::new(injection.seed, "silhouette simulate 2025 injection");
    let mut events = scribe.write(0, &drafts, &cast(&mut dice, injection));
    events.retain(|event| event.ts < injection.end);
    events
}

/// How the abuser goes about it.
struct Pace {
    /// First contacts in a sitting, median.
    sitting: f64,
    /// Time between two of them, median.
    gap_ms: f64,
    /// Time between two sittings, mean.
    pause_ms: f64,
}

impl Pace {
    fn draw(dice: &mut Dice, planted: Planted) -> Self {
        match planted {
            // Archetype A1: 30 to 300 requests to minors a week.
            Planted::Scattergun => Pace {
                sitting: dice.log_normal(65.0, 0.8).clamp(30.0, 300.0) / 7.0,
                gap_ms: dice.log_normal(90.0 * SECOND as f64, 0.8),
                pause_ms: DAY as f64,
            },
            // 100 messages in 15 seconds (WhatsApp 2019) at the fastest.
            Planted::BulkSpammer => Pace {
                sitting: dice.log_normal(60.0, 0.6),
                gap_ms: dice.log_normal(300.0, 1.0).clamp(150.0, 5.0 * SECOND as f64),
                pause_ms: 6.0 * HOUR as f64,
            },
        }
    }
}

fn note(diary: &mut Diary, ts: Millis, act: Act) {
    diary.note(Draft { ts, actor: 0, target: None, act, pair: None });
}

fn approach(dice: &mut Dice, diary: &mut Diary, (target, ts, charm): (u32, Millis, f64), planted: Planted) {
    let (manner, surface, opening) = match planted {
        Planted::Scattergun => {
            let opening = if dice.chance(0.2) { Opening::Message } else { Opening::Request };
            (Manner::importunate(0.8), dice.weighted(&SCATTER_SURFACES), opening)
        }
        Planted::BulkSpammer => (Manner::bulk(0.8), dice.weighted(&BULK_SURFACES), Opening::Message),
    };
    let answer = logistic(logit(ANSWER_STRANGER) + charm + manner.appeal);
    let gate = (planted == Planted::Scattergun && dice.chance(0.12)).then_some(Gate::DmToMinor);
    let common = Common {
        mutuals: Mutuals::None,
        shared_groups: SharedGroups::None,
        actor_has_target: false,
        target_has_actor: false,
    };
    let meeting = Meeting { common, answer, gate, weight: 0.0 };
    play(dice, diary, &Approach { actor: 0, target, ts, opening, surface }, &meeting, &manner);
}

/// The abuser, taken for an adult, and the targets.
fn cast(dice: &mut Dice, injection: &Injection) -> Cast {
    let abuser = Account::of(injection.account.clone(), injection.start, Some(0.03));
    let targets = injection.targets.iter().map(|token| {
        let p_minor = (injection.planted == Planted::Scattergun).then(|| logistic(2.2 + 0.5 * dice.normal()));
        Account::of(token.clone(), injection.start.saturating_sub(200 * DAY), p_minor)
    });
    let accounts: Vec<Account> = std::iter::once(abuser).chain(targets).collect();
    let places = (0..).zip(&accounts).map(|(household, _)| Place { household, region: 0 }).collect();
    Cast { accounts, places }
}

#[cfg(test)]
mod tests;
