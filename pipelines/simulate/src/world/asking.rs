//! First contacts: what the two have in common, and how likely an answer is.

use events::{Gate, Millis, Mutuals, SharedGroups, Surface};

use super::{Today, World};
use crate::contact::{Approach, Manner, Meeting, Opening, play};
use crate::crowd::Kind;
use crate::dice::{Dice, logistic, logit, single};
use crate::draft::Common;
use crate::person::{CHARM_STRETCH, Person};
use crate::role::LookAlike;

/// Boshmaf 2011: strangers accepted .193 of requests without and .591 with a contact in common.
pub(crate) const ANSWER_STRANGER: f64 = 0.193;
const ANSWER_MUTUAL: f64 = 0.591;

/// CollegeMsg: .431 of messages between people of one community without a contact in common are answered.
const ANSWER_PEER: f64 = 0.431;

/// People who know each other in person (our choice; with the rest, CollegeMsg's .467 in all).
const ANSWER_KNOWN: f64 = 0.80;

/// First contacts in a day from which the platform may refuse more (our choice).
const REQUEST_LIMIT: u64 = 60;

/// Somebody asked, and where they were found.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ask {
    pub(super) target: u32,
    pub(super) ts: Millis,
    pub(super) surface: Surface,
    pub(super) opening: Opening,
}

impl World {
    /// Makes a first contact, with all that follows from it.
    pub(super) fn reach(&self, today: &mut Today<'_>, ask: Ask, manner: &Manner) {
        let meeting = self.meeting(today, &ask, manner);
        let Ask { target, ts, surface, opening } = ask;
        today.met.push(target);
        today.contacts += 1;
        let approach = Approach { actor: today.who, target, ts, opening, surface };
        play(&mut today.dice, today.lived, &approach, &meeting, manner);
    }

    /// Somebody else makes a first contact with the person.
    pub(super) fn be_reached(&self, today: &mut Today<'_>, ask: Ask, manner: &Manner) {
        let (person, follower) = (today.who, ask.target);
        today.met.push(follower);
        today.who = follower;
        let Ask { ts, surface, opening, .. } = ask;
        let meeting = self.meeting(today, &Ask { target: person, ..ask }, manner);
        let approach = Approach { actor: follower, target: person, ts, opening, surface };
        play(&mut today.dice, today.lived, &approach, &meeting, manner);
        today.who = person;
    }

    /// Whether two people know each other in person.
    fn know_each_other(&self, one: &Person, other: &Person) -> bool {
        let is_house = |person: &Person| person.role.look_alike() == Some(LookAlike::Institution);
        let poses = one.poses_as.is_some() || other.poses_as.is_some();
        self.params.get().scenario.population.acquainted
            && !poses
            && one.communities.iter().any(|index| {
                let kind = self.crowd.communities[*index as usize].kind;
                other.communities.contains(index)
                    && (kind.is_in_person() || kind == Kind::Clientele && (is_house(one) || is_house(other)))
            })
    }

    /// What the person and their target have in common.
    pub(super) fn common(&self, today: &mut Today<'_>, ask: &Ask) -> Common {
        let people = &self.crowd.people;
        let (one, other) = (&people[today.who as usize], &people[ask.target as usize]);
        let is_known = self.know_each_other(one, other);
        let shared = one.communities.iter().filter(|index| other.communities.contains(index)).count();
        let in_book = |dice: &mut Dice| dice.chance(if is_known { 0.6 } else { 0.02 });
        Common {
            mutuals: mutuals_class(self.crowd.network.mutuals(today.who, ask.target)),
            shared_groups: shared_class(shared),
            actor_has_target: ask.surface == Surface::PhoneImport || in_book(&mut today.dice),
            target_has_actor: in_book(&mut today.dice),
        }
    }

    fn meeting(&self, today: &mut Today<'_>, ask: &Ask, manner: &Manner) -> Meeting {
        let people = &self.crowd.people;
        let (one, other) = (&people[today.who as usize], &people[ask.target as usize]);
        let common = self.common(today, ask);
        let mutuals = common.mutuals;
        let is_known = self.know_each_other(one, other);
        let shared = common.shared_groups != SharedGroups::None;
        let usual = match (is_known, mutuals) {
            (true, _) => ANSWER_KNOWN,
            (false, mutuals) if mutuals != Mutuals::None => ANSWER_MUTUAL,
            _ if one.is_peer_of(other) => ANSWER_PEER,
            _ => ANSWER_STRANGER,
        };
        let answer =
            logistic(logit(usual) * CHARM_STRETCH + one.habits.charm + manner.appeal + leading(one, other));
        let are_one_ring = self
            .crowd
            .campaign(one)
            .zip(self.crowd.campaign(other))
            .is_some_and(|(a, b)| a.ring.is_some() && a.ring == b.ring);
        let silent = self.params.get().scenario.population.silent_share;
        let answer = match other.habits.is_silent(&self.params.get().scenario.population) {
            // They vouch for each other, and now and then refuse each other, as real people do.
            _ if are_one_ring => 0.85,
            true => 0.0,
            // The published rates are means over everybody.
            false => (answer / (1.0 - silent)).min(0.97),
        };
        let is_distant = !is_known && mutuals == Mutuals::None && !shared;
        // Most new contacts go quiet again after the first conversation.
        let (lasts, often) = if is_known { (0.12, 0.5) } else { (0.02, 0.2) };
        let weight = if today.dice.chance(lasts) { today.dice.log_normal(often, 1.0) } else { 0.0 };
        let (gate, notice) = match self.params.get().scenario.platform.gates && is_distant {
            true => self.gate(today, ask.target),
            false => (None, false),
        };
        let talk_length = self.params.get().scenario.population.talk_length;
        let waking = [self.waking(today.who, today.day), self.waking(ask.target, today.day)];
        Meeting { common, answer, gate, notice, waking, talk_length, weight: single(weight) }
    }

    /// The platform's own rules towards people with nothing in common, the same for everybody: what looks like an
    /// adult asking a minor is stopped now and then, or the minor is warned, and the next of very many contacts is
    /// stopped. Rates are our choice.
    fn gate(&self, today: &mut Today<'_>, target: u32) -> (Option<Gate>, bool) {
        let p_minor = |who: u32| self.cast.accounts[who as usize].p_minor();
        let is_adult_to_minor =
            p_minor(today.who).is_some_and(|p| p < 0.2) && p_minor(target).is_some_and(|p| p > 0.8);
        if is_adult_to_minor && today.dice.chance(0.12) {
            (Some(Gate::DmToMinor), false)
        } else if today.contacts >= REQUEST_LIMIT && today.dice.chance(0.3) {
            (Some(Gate::RequestLimit), false)
        } else {
            (None, is_adult_to_minor && today.dice.chance(0.15))
        }
    }
}

/// People expect to hear from the one who leads their class or club.
fn leading(one: &Person, other: &Person) -> f64 {
    let leads = matches!(one.role.look_alike(), Some(LookAlike::Teacher | LookAlike::YouthCoach));
    let is_led = other.is_minor() && one.communities.iter().any(|index| other.communities.contains(index));
    if leads && is_led { 1.0 } else { 0.0 }
}

fn mutuals_class(count: usize) -> Mutuals {
    match count {
        0 => Mutuals::None,
        1 => Mutuals::One,
        2..=4 => Mutuals::From2To4,
        5..=9 => Mutuals::From5To9,
        10.. => Mutuals::From10,
    }
}

fn shared_class(count: usize) -> SharedGroups {
    match count {
        0 => SharedGroups::None,
        1 => SharedGroups::One,
        2..=4 => SharedGroups::From2To4,
        5.. => SharedGroups::From5,
    }
}
