//! Everything that is known after some events, and whom each of them makes worth a score.

use std::collections::{BTreeMap, BTreeSet};

use events::{Age, Body, Edge, Event, EventType, SharedGroups, Surface};

use super::age::{self, Parts};
use super::card::Card;
use super::diary::{self, Diary, Look};
use super::life::Sum;
use super::memories::Memories;
use super::pair::{self, Approach, FirstContact, Memory, Request, Taken};
use super::registers::Registers;
use super::{DAY, HOUR, Heard, Second, second};

/// All of it.
#[derive(Debug, Default)]
pub(super) struct World<'a> {
    cards: BTreeMap<&'a str, Card<'a>>,
    memories: BTreeMap<&'a str, Memories<'a>>,
    diaries: BTreeMap<&'a str, Diary<'a>>,
    pub(super) registers: Registers<'a>,
    /// Those of whose holder's age an `account.updated` of this tick said something.
    restated: BTreeSet<&'a str>,
}

/// An event with what was understood of it.
#[derive(Clone, Copy, Debug)]
struct Deed<'a> {
    event: &'a Event,
    s: Second,
    is_late: bool,
    actor: &'a str,
    target: Option<&'a str>,
    p_actor: Parts,
    p_target: Parts,
}

impl<'a> World<'a> {
    pub(super) fn card(&mut self, account: &'a str) -> &mut Card<'a> {
        self.cards.entry(account).or_default()
    }

    pub(super) fn memories(&mut self, account: &'a str) -> &mut Memories<'a> {
        self.memories.entry(account).or_default()
    }

    pub(super) fn diary(&mut self, account: &'a str) -> &mut Diary<'a> {
        self.diaries.entry(account).or_default()
    }

    /// Takes in the next event; gives the accounts that are scored for it.
    pub(super) fn take_in(&mut self, Heard { event, is_late }: Heard<'a>) -> BTreeSet<&'a str> {
        let mut scored = BTreeSet::new();
        let Some(actor) = event.actor.as_ref().map(|a| a.as_str()) else { return scored };
        let target = event.target.as_ref().map(|t| t.as_str());
        let band = self.teach(event, actor, target);
        let said_or = |said: Option<Parts>, stated: Option<Parts>| said.or(stated).unwrap_or(age::UNSAID);
        let deed = Deed {
            event,
            s: second(event.ts),
            is_late,
            actor,
            target,
            p_actor: said_or(age::said_by(event.actor_ctx.as_ref()), self.card(actor).stated),
            p_target: said_or(
                age::said_by(event.target_ctx.as_ref()),
                target.and_then(|target| self.card(target).stated),
            ),
        };
        if let Some(other) = target.filter(|target| *target != actor) {
            scored.extend(self.meet(deed, other));
        }
        scored.extend(self.keep_diary(deed, band));
        scored.extend(self.keep_registers(deed));
        self.raise(deed);
        scored
    }

    /// Teaches the cards of those whom an event names; gives the actor's band as it was before the event's own words.
    fn teach(&mut self, event: &'a Event, actor: &'a str, target: Option<&'a str>) -> Option<Age> {
        if let Some(context) = &event.actor_ctx {
            self.card(actor).learn_context(context);
        }
        if let (Some(target), Some(context)) = (target, &event.target_ctx) {
            self.card(target).learn_context(context);
        }
        let band = self.card(actor).band;
        self.card(actor).learn_words(event);
        let device = match &event.body {
            Body::AccountCreated(created) => created.device.as_ref(),
            Body::SessionStarted(session) => session.device.as_ref(),
            Body::DeviceLinked(linked) => Some(&linked.device),
            _ => None,
        };
        if let Some(device) = device {
            self.registers.add_device(actor, device.as_str());
        }
        if let Body::AccountUpdated(update) = &event.body
            && age::said(update.p_minor, update.age, update.age_source).is_some()
        {
            self.restated.insert(actor);
        }
        band
    }

    /// What an event does to the memories of the two whom it names.
    fn meet(&mut self, deed: Deed<'a>, target: &'a str) -> BTreeSet<&'a str> {
        let Deed { event, s, actor, .. } = deed;
        for (mine, other) in [(actor, target), (target, actor)] {
            self.memories(mine).settle(s);
            self.memories(mine).forget(other, s);
        }
        let before = [self.approach(actor, target, s), self.approach(target, actor, s)];
        let is_refused = event.event_type() == EventType::GateRefused;
        if pair::is_reaching_out(event) {
            self.reach_out(deed, target);
            if !is_refused && self.memories(target).of(actor).is_none() {
                self.memories(target).add(memory(actor, s, deed.p_actor, None, true));
            }
        }
        self.give(deed, actor, target, true);
        if !is_refused {
            self.give(deed, target, actor, false);
        }
        let after = [self.approach(actor, target, s), self.approach(target, actor, s)];

        let mut scored = BTreeSet::new();
        let [before_own, before_other] = before;
        let [after_own, after_other] = after;
        for (mine, before, after) in [(actor, before_own, after_own), (target, before_other, after_other)] {
            let Some(after) = after else { continue };
            if before.is_none() || has_gone_on(before.as_ref(), &after) {
                scored.insert(mine);
            }
            self.add_to_life(mine, before.as_ref(), &after, s);
        }
        scored
    }

    fn approach(&mut self, mine: &'a str, other: &str, s: Second) -> Option<Approach> {
        self.memories(mine).approach(other, s)
    }

    /// The actor remembers the target from now on, if it did not before.
    fn reach_out(&mut self, deed: Deed<'a>, target: &'a str) {
        let Deed { event, s, actor, p_target, .. } = deed;
        if self.memories(actor).of(target).is_some() {
            return;
        }
        let edge = event.rel.as_ref().and_then(|rel| rel.edge);
        let is_first = matches!(edge, None | Some(Edge::None));
        let first_contact = is_first.then(|| self.first_contact(deed, target));
        self.memories(actor).add(memory(target, s, p_target, first_contact, false));
    }

    fn first_contact(&mut self, deed: Deed<'a>, target: &'a str) -> FirstContact {
        let Deed { event, s, actor, .. } = deed;
        let rel = event.rel.as_ref();
        let surface = pair::surface(event);
        let shares_group =
            rel.and_then(|rel| rel.shared_groups).is_some_and(|groups| groups != SharedGroups::None);
        let country = self.card(actor).country;
        let card = self.card(target).clone();
        let diary = self.diary(actor);
        FirstContact {
            surface,
            is_stranger: pair::is_stranger(event),
            mutuals: pair::mutuals(event),
            has: rel.and_then(|rel| rel.actor_has_target),
            had: rel.and_then(|rel| rel.target_has_actor),
            band: card.band,
            mismatch: card.mismatch(country),
            susceptibility: card.susceptibility(s),
            is_after_gate: diary.refusals.is_last_within(HOUR, s),
            is_viewed: diary.looks().iter().any(|look| look.whom == target && look.at + 7 * DAY >= s),
            is_exposed: diary.exposures.is_last_within(14 * DAY, s)
                && (surface == Some(Surface::Group) || shares_group),
        }
    }

    /// Gives an event to a memory, if it is there.
    fn give(&mut self, deed: Deed<'a>, mine: &'a str, other: &'a str, is_own: bool) {
        let Deed { event, s, .. } = deed;
        let Card { country, device, .. } = *self.card(other);
        let hour = |country| (s / HOUR).wrapping_add_signed(i64::from(detect::utc_offset(country))) % 24;
        let taken = Taken {
            event,
            at: s,
            is_own,
            is_night: country.is_some_and(|country| matches!(hour(country), 23 | 0..=4)),
            source: device.and_then(|device| self.registers.number(device)),
            unsent_at: self.diary(mine).unsent.last(),
        };
        if let Some(memory) = self.memories(mine).of(other) {
            memory.taken.push(taken);
        }
    }

    /// What an account's sums for life gain by what became of an approach.
    fn add_to_life(&mut self, mine: &'a str, before: Option<&Approach>, after: &Approach, s: Second) {
        let holder = self.card(mine).holder;
        let life = &mut self.diary(mine).life;
        if before.is_none() {
            life.add_contact(s, after.p, holder);
        }
        if is_answered(Some(after)) && !is_answered(before) && after.is_to_minor() {
            life.add(s, Sum::Answered, 1);
            if after.request == Some(Request::Accepted) {
                life.add(s, Sum::Accepted, 1);
            }
        }
        if after.protest.is_some() && before.is_none_or(|before| before.protest.is_none()) {
            life.add(s, Sum::Protests, after.p);
        }
    }

    /// What the actor itself did; gives it if it is scored for it.
    fn keep_diary(&mut self, deed: Deed<'a>, band: Option<Age>) -> Option<&'a str> {
        let Deed { event, s, is_late, actor, target, p_target, .. } = deed;
        let card = self.card(actor).clone();
        let diary = self.diary(actor);
        diary.take_message(event, s, is_late, &card);
        diary.take_update(event, s, band);
        if let (EventType::DiscoveryViewed, Some(whom), false) = (event.event_type(), target, is_late) {
            diary.take_look(Look { whom, at: s, p: p_target });
        }
        let is_new = diary.take_session(event, s);
        diary.note(event, s);
        let is_scored = is_new
            || matches!(
                event.event_type(),
                EventType::AccountCreated
                    | EventType::AccountUpdated
                    | EventType::GroupCreated
                    | EventType::GateRefused
            );
        is_scored.then_some(actor)
    }

    /// What the registers learn; gives the accounts that are scored for it.
    fn keep_registers(&mut self, deed: Deed<'a>) -> Option<&'a str> {
        let Deed { event, s, actor, target, p_actor, p_target, .. } = deed;
        self.registers.register(actor, event, s);
        self.registers.judge(actor, event, s);
        match &event.body {
            Body::GroupCreated(body) => self.registers.create_group(body.group.as_str(), p_actor, s),
            Body::GroupJoined(body) => {
                let was_of_minors = self.registers.enter_group(body.group.as_str(), p_actor, s);
                if was_of_minors && diary::is_found(event) && p_actor < age::LIKELY {
                    self.diary(actor).note_exposure(s);
                    return Some(actor);
                }
            }
            Body::GroupMemberAdded(body) => {
                let target = target.filter(|target| *target != actor)?;
                self.registers.enter_group(body.group.as_str(), p_target, s);
                self.registers.note_addition(target, body.group.as_str(), actor, s);
            }
            Body::GroupLeft(body) => {
                self.registers.leave_group(body.group.as_str(), p_actor, s);
                let adder = self.registers.take_adder(actor, body.group.as_str(), s)?;
                return self.leave_quickly(adder, actor, s).then_some(adder);
            }
            _ => {}
        }
        None
    }

    /// Gives whether the adder has an approach to whoever left.
    fn leave_quickly(&mut self, adder: &'a str, leaver: &'a str, s: Second) -> bool {
        self.memories(adder).settle(s);
        if self.approach(adder, leaver, s).is_none() {
            return false;
        }
        self.memories(adder).of(leaver).map(|memory| memory.has_left_quickly = true).is_some()
    }

    /// What rises on cards after everything else.
    fn raise(&mut self, deed: Deed<'a>) {
        let Deed { event, s, actor, target, .. } = deed;
        let Some(target) = target else { return };
        match event.event_type() {
            EventType::ContactAccepted => {
                let (actors, targets) = (self.card(actor).country, self.card(target).country);
                if let Some(country) = targets {
                    self.card(actor).widen(country);
                }
                if let Some(country) = actors {
                    self.card(target).widen(country);
                }
            }
            EventType::ContactRequested => self.card(target).appeal(false, s),
            EventType::ContactBlocked | EventType::ReportFiled => self.card(actor).appeal(true, s),
            _ => {}
        }
    }

    /// Ends a tick; gives the accounts that are scored for what changed by it.
    pub(super) fn end_tick(&mut self, now: Second) -> BTreeSet<&'a str> {
        self.memories.values_mut().for_each(|memories| memories.settle(now));
        let mut scored = BTreeSet::new();
        for restated in std::mem::take(&mut self.restated) {
            let Some(p) = self.card(restated).stated else { continue };
            let met: Vec<&'a str> = self.memories(restated).all(now).map(|memory| memory.other).collect();
            for other in met {
                let is_approach = self.approach(other, restated, now).is_some();
                let Some(memory) = self.memories(other).of(restated) else { continue };
                if memory.is_forgotten(now) {
                    continue;
                }
                if memory.p != p && is_approach {
                    scored.insert(other);
                }
                memory.p = p;
            }
        }
        for banned in self.registers.take_banned() {
            let approaches = self.memories(banned).approaches(now);
            let latest = approaches.into_iter().rev().take(64).map(|approach| approach.other).collect();
            self.registers.enter(banned, latest, now);
        }
        scored
    }
}

fn memory<'a>(
    other: &'a str,
    start: Second,
    p: Parts,
    first_contact: Option<FirstContact>,
    is_begun_by_other: bool,
) -> Memory<'a> {
    Memory { other, start, p, first_contact, is_begun_by_other, has_left_quickly: false, taken: Vec::new() }
}

/// Whether what became of an approach through an event makes its account scored.
fn has_gone_on(before: Option<&Approach>, after: &Approach) -> bool {
    let was = |what: fn(&Approach) -> bool| before.is_some_and(what);
    let is_new = |what: fn(&Approach) -> bool| what(after) && !was(what);
    is_new(|approach| is_answered(Some(approach)))
        || is_new(|approach| approach.escalation.is_some())
        || is_new(|approach| approach.is_blocked)
        || is_new(|approach| approach.is_reported)
        || is_new(|approach| approach.is_removed)
        || is_new(|approach| approach.back > 0)
}

fn is_answered(approach: Option<&Approach>) -> bool {
    matches!(approach.and_then(|a| a.request), Some(Request::Accepted | Request::Declined))
}
