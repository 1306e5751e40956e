//! One abuser, to be planted into traffic that is not ours.

use events::{Event, Gate, Millis, Mutuals, SharedGroups, Token};

use crate::account::Account;
use crate::campaign::{Campaign, Span};
use crate::contact::{Approach, Manner, Meeting, Opening, play};
use crate::dice::{Dice, Process, logistic, logit, mix, whole};
use crate::draft::{Act, Common, Draft, Lived, ad_hoc_group};
use crate::rhythm::{Clock, Hours, Waking};
use crate::role::Archetype;
use crate::scenario::{Regime, Scenario};
use crate::scribe::{Cast, Place, Scribe, Sheet};
use crate::world::ANSWER_STRANGER;
use crate::{DAY, HOUR, MINUTE, SECOND};

/// An abuser, to be planted.
#[derive(Clone, Debug, PartialEq)]
pub struct Injection {
    /// What is planted; whoever is after minors has targets who are taken for minors, with a probability around 0.9
    /// each, and of the others' targets nothing is known.
    pub planted: Archetype,
    /// The abuser's account; it must not occur in the traffic.
    pub account: Token,
    /// Whom the abuser contacts, in this order, each once. Somebody who seeks contacts of contacts is to be given
    /// them in that order.
    pub targets: Vec<Token>,
    /// Moments of the traffic, milliseconds since the epoch: at such times of the day the abuser is awake. Empty for
    /// any time.
    pub moments: Vec<Millis>,
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
    let span = Span { start: injection.start, end: injection.end };
    let campaign = Campaign::draw(&mut dice, injection.planted, span);
    let mut lived = Lived::new(injection.start, injection.end);
    note(&mut lived, injection.start, Act::Created);

    let mut plant = Plant { charm: dice.normal() * 0.5, campaign, injection, next: 0 };
    let first = injection.start + 5 * MINUTE + dice.below(HOUR);
    let mut day = injection.start;
    while plant.next < injection.targets.len() && day < injection.end {
        let is_first = day == injection.start;
        if is_first || dice.chance(plant.campaign.drive) {
            let sitting = if is_first { first } else { plant.moment(&mut dice, day) };
            plant.sit(&mut dice, &mut lived, sitting);
        }
        day += DAY;
    }

    let drafts = lived.into_drafts();
    let platform = Scenario::default().platform;
    let scribe = Scribe::new(injection.seed, "silhouette simulate 2026 injection", platform);
    let mut events = Vec::new();
    let sheet = Sheet { day: 0, slice: 0, drafts: &drafts };
    scribe.write(sheet, &plant.cast(&mut dice), |event| events.push(event.clone()));
    events
}

fn note(lived: &mut Lived, ts: Millis, act: Act) {
    lived.note(Draft { ts, actor: 0, target: None, act, pair: None });
}

struct Plant<'a> {
    injection: &'a Injection,
    campaign: Campaign,
    charm: f64,
    /// The next target, by place.
    next: usize,
}

impl Plant<'_> {
    /// A moment of the day that starts then.
    fn moment(&self, dice: &mut Dice, day: Millis) -> Millis {
        let of_day = match dice.pick(&self.injection.moments) {
            Some(moment) => moment % DAY,
            None => dice.below(DAY),
        };
        day - day % DAY + of_day + if of_day < day % DAY { DAY } else { 0 }
    }

    fn is_after_minors(&self) -> bool {
        self.campaign.focus > 0.3
    }

    fn sit(&mut self, dice: &mut Dice, lived: &mut Lived, sitting: Millis) {
        note(lived, sitting, Act::Session { is_new: false });
        let mut ts = sitting + 30 * SECOND;
        // A sitting that nobody is contacted in would show nothing.
        let size = dice.log_normal(self.campaign.per_day, 0.5).clamp(1.0, 300.0);
        let group = ad_hoc_group(0, u32::try_from(self.next).unwrap_or(0));
        if self.injection.planted == Archetype::GroupAdder {
            note(lived, ts, Act::GroupCreated(group));
        }
        for _ in 0..dice.round(size).max(1) {
            if self.next >= self.injection.targets.len() {
                return;
            }
            self.next += 1;
            let target = u32::try_from(self.next).unwrap_or(u32::MAX);
            if self.injection.planted == Archetype::GroupAdder {
                let act = Act::MemberAdded(group);
                lived.note(Draft { ts, actor: 0, target: Some(target), act, pair: None });
            } else {
                self.approach(dice, lived, (target, ts));
            }
            ts += whole(dice.log_normal(self.campaign.gap_ms, 0.7)).max(20);
        }
    }

    fn approach(&self, dice: &mut Dice, lived: &mut Lived, (target, ts): (u32, Millis)) {
        let Campaign { style, harshness, surfaces, by_message, ladder, .. } = self.campaign;
        let manner = Manner::of(style, harshness, Regime::Prior);
        let surface = dice.weighted(surfaces);
        let opening = if dice.chance(by_message) { Opening::Message } else { Opening::Request };
        // Who comes through common contacts has some, from the second target on.
        let has_mutual = target > 1 && dice.chance(ladder);
        let base = if has_mutual { 0.591 } else { ANSWER_STRANGER };
        let answer = logistic(logit(base) + self.charm + manner.appeal);
        let gate = (self.is_after_minors() && !has_mutual && dice.chance(0.12)).then_some(Gate::DmToMinor);
        let common = Common {
            mutuals: if has_mutual { Mutuals::One } else { Mutuals::None },
            shared_groups: SharedGroups::None,
            actor_has_target: false,
            target_has_actor: false,
        };
        let waking = |who: u32| Waking {
            key: mix(self.injection.seed, u64::from(who), 17),
            clock: Clock { hours_ahead: 0, hours: Hours::Adult },
            is_campus: false,
        };
        let waking = [waking(0), waking(target)];
        let meeting = Meeting { common, answer, gate, notice: false, waking, talk_length: 1.0, weight: 0.0 };
        play(dice, lived, &Approach { actor: 0, target, ts, opening, surface }, &meeting, &manner);
    }

    /// The abuser, taken for an adult, and the targets.
    fn cast(&self, dice: &mut Dice) -> Cast {
        let injection = self.injection;
        let p_minor = if injection.planted == Archetype::MinorCoercion { 0.9 } else { 0.03 };
        let abuser = Account::of(injection.account.clone(), injection.start, Some(p_minor));
        let targets = injection.targets.iter().map(|token| {
            let p_minor = self.is_after_minors().then(|| logistic(2.2 + 0.5 * dice.normal()));
            Account::of(token.clone(), injection.start.saturating_sub(200 * DAY), p_minor)
        });
        let accounts: Vec<Account> = std::iter::once(abuser).chain(targets).collect();
        let place = |id: u64| Place { network: id, device: id << 2, devices: 1, region: 0, elsewhere: None };
        let places = (0..).zip(&accounts).map(|(id, _)| place(id)).collect();
        Cast { accounts, places }
    }
}

#[cfg(test)]
mod tests;
