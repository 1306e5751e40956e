//! First contacts: whom somebody asks, where they found them, and what the two have in common.

use events::{Gate, Millis, Mutuals, SharedGroups, Surface, Via};

use super::{Today, World};
use crate::contact::{Approach, COURTEOUS, Manner, Meeting, Opening, play};
use crate::dice::{Dice, Quantiles, logistic, logit, whole};
use crate::draft::{Act, Common};
use crate::person::{CHARM_STRETCH, Person, Role};
use crate::{DAY, MINUTE, SECOND};

/// Boshmaf 2011: strangers accepted .193 of requests without and .591 with a contact in common.
pub(crate) const ANSWER_STRANGER: f64 = 0.193;
const ANSWER_MUTUAL: f64 = 0.591;

/// CollegeMsg: .431 of messages between people of one community without a contact in common are answered.
const ANSWER_PEER: f64 = 0.431;

/// People who know each other in person (our choice; with the rest, CollegeMsg's .467 in all).
const ANSWER_KNOWN: f64 = 0.80;

/// Share of minors among the strangers whom adults contact: 7 % of those recommended to adults in general
/// (trial exhibits, 2025).
const MINOR_STRANGERS: f64 = 0.07;

/// Contacts imported by a new arrival (our choice).
const IMPORTED: Quantiles =
    Quantiles(&[(0.0, 0.0), (0.25, 1.0), (0.5, 4.0), (0.9, 16.0), (0.99, 50.0), (1.0, 80.0)]);

/// Where strangers find each other (our choice; none of these is any archetype's own).
const STRANGER_SURFACES: [(Surface, f64); 7] = [
    (Surface::Suggested, 0.30),
    (Surface::Search, 0.24),
    (Surface::Comment, 0.16),
    (Surface::Game, 0.12),
    (Surface::Nearby, 0.06),
    (Surface::Link, 0.06),
    (Surface::Unknown, 0.06),
];
const KNOWN_SURFACES: [(Surface, f64); 6] = [
    (Surface::PhoneImport, 0.35),
    (Surface::Group, 0.25),
    (Surface::Mutual, 0.15),
    (Surface::Search, 0.10),
    (Surface::Qr, 0.10),
    (Surface::Link, 0.05),
];
const MUTUAL_SURFACES: [(Surface, f64); 4] = [
    (Surface::Mutual, 0.45),
    (Surface::Suggested, 0.35),
    (Surface::Group, 0.12),
    (Surface::ForwardedContact, 0.08),
];

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
    /// The contacts that a person seeks today, in a spell or two.
    pub(super) fn meet_people(&mut self, today: &mut Today<'_>, joins: Option<Millis>, planned: u64) {
        let strangers = self.crowd.people[today.who as usize].habits.strangers;
        let mut ts = self.free_moment(today, joins);
        for _ in 0..planned {
            if today.dice.chance(0.04) {
                ts = self.free_moment(today, joins);
            }
            let found = if today.dice.chance(strangers) {
                self.find_stranger(today).map(|who| (who, &STRANGER_SURFACES[..]))
            } else {
                self.find_acquaintance(today)
            };
            if let Some((target, surfaces)) = found {
                let surface = today.dice.weighted(surfaces);
                let opening = if today.dice.chance(0.8) { Opening::Message } else { Opening::Request };
                self.reach(today, Ask { target, ts, surface, opening }, &COURTEOUS);
            }
            ts += whole(today.dice.log_normal(75.0 * SECOND as f64, 1.1)).max(3 * SECOND);
        }
    }

    /// A new arrival joins the groups of their communities and imports an address book.
    pub(super) fn arrive(&mut self, today: &mut Today<'_>, joins: Millis) {
        let mut ts = joins + 2 * MINUTE + today.dice.below(20 * MINUTE);
        let mut count = whole(today.dice.quantile(&IMPORTED) + 0.5);
        for index in self.crowd.people[today.who as usize].communities.clone() {
            if self.crowd.communities[index as usize].founded.is_none_or(|day| day < today.day)
                && today.dice.chance(0.8)
            {
                let later = joins + whole(today.dice.log_normal(6.0 * 60.0 * MINUTE as f64, 1.5)).max(MINUTE);
                let via = if today.dice.chance(0.5) { Via::Added } else { Via::Link };
                self.note(today.who, later, Act::GroupJoined(index, via));
            }
        }
        while count > 0 {
            count -= 1;
            let Some(target) = self.find_member(today) else { return };
            let opening = if today.dice.chance(0.5) { Opening::Message } else { Opening::Request };
            self.reach(today, Ask { target, ts, surface: Surface::PhoneImport, opening }, &COURTEOUS);
            ts += whole(today.dice.log_normal(8.0 * SECOND as f64, 1.0)).max(SECOND);
        }
    }

    /// Somebody of a shared community, else a contact's contact.
    fn find_acquaintance(&self, today: &mut Today<'_>) -> Option<(u32, &'static [(Surface, f64)])> {
        if today.dice.chance(0.5)
            && let Some(member) = self.find_member(today)
        {
            return Some((member, &KNOWN_SURFACES));
        }
        for _ in 0..6 {
            let friend = today.dice.pick(self.crowd.network.ties(today.who))?.who;
            let other = today.dice.pick(self.crowd.network.ties(friend))?.who;
            if self.is_new_to(today, other) && self.suits(today, other) {
                return Some((other, &MUTUAL_SURFACES));
            }
        }
        self.find_stranger(today).map(|who| (who, &STRANGER_SURFACES[..]))
    }

    /// Somebody of the person's own communities whom they have not met on the platform.
    fn find_member(&self, today: &mut Today<'_>) -> Option<u32> {
        let communities = &self.crowd.people[today.who as usize].communities;
        for _ in 0..8 {
            let index = today.dice.pick(communities)?;
            let member = today.dice.pick(&self.crowd.communities[index as usize].members)?;
            if self.is_new_to(today, member) {
                return Some(member);
            }
        }
        None
    }

    /// A stranger near one's own age; of adults' strangers, a few are minors.
    fn find_stranger(&self, today: &mut Today<'_>) -> Option<u32> {
        let is_minor = self.crowd.people[today.who as usize].is_minor();
        let wants_minor = today.dice.chance(if is_minor { 0.85 } else { MINOR_STRANGERS });
        let pool = if wants_minor { &self.crowd.minors } else { &self.crowd.adults };
        let mut fallback = None;
        for _ in 0..12 {
            let other = today.dice.pick(pool)?;
            if self.is_new_to(today, other) {
                fallback = Some(other);
                if wants_minor != is_minor || self.suits(today, other) {
                    break;
                }
            }
        }
        fallback
    }

    /// Somebody of that pool whom the person has not met.
    pub(super) fn find_in(&self, today: &mut Today<'_>, pool: &[u32]) -> Option<u32> {
        (0..12).find_map(|_| today.dice.pick(pool).filter(|other| self.is_new_to(today, *other)))
    }

    pub(super) fn is_new_to(&self, today: &Today<'_>, other: u32) -> bool {
        other != today.who
            && self.crowd.people[other as usize].has_joined_by(today.start.saturating_sub(DAY))
            && !self.crowd.network.have_met(today.who, other)
    }

    /// Nearness in age: e-fold for each six years (population design: exp(−|Δage|/τ)).
    fn suits(&self, today: &mut Today<'_>, other: u32) -> bool {
        let (one, other) = (&self.crowd.people[today.who as usize], &self.crowd.people[other as usize]);
        let gap = f64::from(one.age.abs_diff(other.age));
        let across = one.is_minor() != other.is_minor() && gap > 3.0;
        !across && today.dice.chance((-gap / 6.0).exp())
    }

    /// Makes a first contact, with all that follows from it.
    pub(super) fn reach(&mut self, today: &mut Today<'_>, ask: Ask, manner: &Manner) {
        let meeting = self.meeting(today, &ask, manner);
        let Ask { target, ts, surface, opening } = ask;
        self.crowd.network.meet(today.who, target);
        today.contacts += 1;
        let approach = Approach { actor: today.who, target, ts, opening, surface };
        play(today.dice, &mut self.diary, &approach, &meeting, manner);
    }

    fn meeting(&self, today: &mut Today<'_>, ask: &Ask, manner: &Manner) -> Meeting {
        let (one, other) = (&self.crowd.people[today.who as usize], &self.crowd.people[ask.target as usize]);
        let mutuals = self.crowd.network.mutuals(today.who, ask.target);
        let shared = one.communities.iter().filter(|index| other.communities.contains(index)).count();
        let is_known = one.communities.iter().any(|index| {
            other.communities.contains(index) && self.crowd.communities[*index as usize].kind.is_in_person()
        });
        let in_book = |dice: &mut Dice| dice.chance(if is_known { 0.6 } else { 0.02 });
        let common = Common {
            mutuals: mutuals_class(mutuals),
            shared_groups: shared_class(shared),
            actor_has_target: ask.surface == Surface::PhoneImport || in_book(today.dice),
            target_has_actor: in_book(today.dice),
        };
        let usual = match (is_known, mutuals) {
            (true, _) => ANSWER_KNOWN,
            (false, 1..) => ANSWER_MUTUAL,
            (false, 0) if one.is_peer_of(other) => ANSWER_PEER,
            (false, 0) => ANSWER_STRANGER,
        };
        let answer =
            logistic(logit(usual) * CHARM_STRETCH + one.habits.charm + manner.appeal + leading(one, other));
        let is_distant = !is_known && mutuals == 0 && shared == 0;
        // Most new contacts go quiet again after the first conversation.
        let (lasts, often) = if is_known { (0.12, 0.5) } else { (0.02, 0.2) };
        let weight = if today.dice.chance(lasts) { today.dice.log_normal(often, 1.0) } else { 0.0 };
        let gate = self.gate(today, ask.target, is_distant);
        Meeting { common, answer, gate, weight }
    }

    /// The platform's own rules, the same for everybody: what looks like an adult asking a distant minor is
    /// stopped now and then, and so is the next of very many. Rates are our choice.
    fn gate(&self, today: &mut Today<'_>, target: u32, is_distant: bool) -> Option<Gate> {
        let p_minor = |who: u32| self.cast.accounts[who as usize].p_minor();
        let is_adult_to_minor =
            p_minor(today.who).is_some_and(|p| p < 0.2) && p_minor(target).is_some_and(|p| p > 0.8);
        if is_distant && is_adult_to_minor && today.dice.chance(0.12) {
            Some(Gate::DmToMinor)
        } else if today.contacts >= REQUEST_LIMIT && today.dice.chance(0.3) {
            Some(Gate::RequestLimit)
        } else {
            None
        }
    }
}

/// People expect to hear from the one who leads their class or club.
fn leading(one: &Person, other: &Person) -> f64 {
    let leads = matches!(one.role, Role::Teacher { .. } | Role::YouthCoach { .. });
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
