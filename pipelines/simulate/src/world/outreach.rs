//! Whom somebody seeks, and where they find them.

use events::{Millis, Surface, Via};

use super::asking::Ask;
use super::{Today, World};
use crate::contact::{COURTEOUS, Manner, Opening};
use crate::crowd::Kind;
use crate::dice::{Quantiles, mix, whole};
use crate::draft::Act;
use crate::{DAY, MINUTE, SECOND};

/// How well a child suits an adult whom contacts have in common, and the other way round: friends' children, children's
/// friends, neighbours (our choice).
const ACROSS: f64 = 0.2;

/// Share of minors among the strangers whom adults contact: 7 % of those recommended to adults in general
/// (trial exhibits, 2025).
const MINOR_STRANGERS: f64 = 0.07;

/// Place by contacts initiated below which somebody is quiet, and how often such a person is passed over where people
/// do not know each other (found by measuring: CollegeMsg's students wrote to 3 / 29 others at p50 / p90).
const QUIET: f64 = 0.6;
const QUIET_MISSED: f64 = 0.9;

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

impl World {
    /// The contacts that a person seeks today, in a spell or two.
    pub(super) fn meet_people(
        &self,
        today: &mut Today<'_>,
        joins: Option<Millis>,
        (planned, manner): (u64, &Manner),
    ) {
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
                let by_message = today.dice.chance(self.params.get().scenario.population.by_message);
                let opening = if by_message { Opening::Message } else { Opening::Request };
                self.reach(today, Ask { target, ts, surface, opening }, manner);
            }
            ts += whole(today.dice.log_normal(75.0 * SECOND as f64, 1.1)).max(3 * SECOND);
        }
    }

    /// A new arrival joins the groups of their communities and imports an address book.
    pub(super) fn arrive(&self, today: &mut Today<'_>, joins: Millis) {
        let mut ts = joins + 2 * MINUTE + today.dice.below(20 * MINUTE);
        let mut count = whole(today.dice.quantile(&IMPORTED) + 0.5);
        for index in self.crowd.people[today.who as usize].communities.clone() {
            if self.crowd.communities[index as usize].founded.is_none_or(|day| day < today.day)
                && today.dice.chance(0.8)
            {
                let later = joins + whole(today.dice.log_normal(6.0 * 60.0 * MINUTE as f64, 1.5)).max(MINUTE);
                let via = if today.dice.chance(0.5) { Via::Added } else { Via::Link };
                self.note(today, later, Act::GroupJoined(u64::from(index), via));
            }
        }
        while count > 0 && self.params.get().scenario.population.acquainted {
            count -= 1;
            let Some(target) = self.find_member(today) else { return };
            let opening = if today.dice.chance(0.5) { Opening::Message } else { Opening::Request };
            self.reach(today, Ask { target, ts, surface: Surface::PhoneImport, opening }, &COURTEOUS);
            ts += whole(today.dice.log_normal(8.0 * SECOND as f64, 1.0)).max(SECOND);
        }
    }

    /// Somebody of a shared community, else a contact's contact.
    pub(super) fn find_acquaintance(
        &self,
        today: &mut Today<'_>,
    ) -> Option<(u32, &'static [(Surface, f64)])> {
        let population = &self.params.get().scenario.population;
        if !today.dice.chance(population.by_contacts)
            && let Some(member) = self.find_member(today)
        {
            return Some((member, &KNOWN_SURFACES));
        }
        for _ in 0..6 {
            let Some(other) = self.contact_of_contact(today) else { break };
            if self.is_new_to(today, other) && self.suits(today, other) {
                return Some((other, &MUTUAL_SURFACES));
            }
        }
        self.find_stranger(today).map(|who| (who, &STRANGER_SURFACES[..]))
    }

    /// Where people know each other, contacts are who talks with them; elsewhere, whoever they ever wrote to.
    fn contact_of_contact(&self, today: &mut Today<'_>) -> Option<u32> {
        if self.params.get().scenario.population.acquainted {
            let friend = today.dice.pick(self.crowd.network.ties(today.who))?.who;
            return today.dice.pick(self.crowd.network.ties(friend)).map(|tie| tie.who);
        }
        let met = self.crowd.network.met(today.who);
        let friend = today.dice.pick(met).or_else(|| today.dice.pick(&today.met))?;
        today.dice.pick(self.crowd.network.met(friend))
    }

    /// Somebody of the person's own communities whom they have not met on the platform.
    pub(super) fn find_member(&self, today: &mut Today<'_>) -> Option<u32> {
        let communities = &self.crowd.people[today.who as usize].communities;
        for _ in 0..8 {
            let index = today.dice.pick(communities)?;
            let community = &self.crowd.communities[index as usize];
            let member = today.dice.pick(&community.members)?;
            if community.kind != Kind::Clientele && self.is_new_to(today, member) {
                return Some(member);
            }
        }
        None
    }

    /// A stranger near one's own age; of adults' strangers, a few are minors.
    pub(super) fn find_stranger(&self, today: &mut Today<'_>) -> Option<u32> {
        let person = &self.crowd.people[today.who as usize];
        let is_minor = person.is_minor();
        // Who poses as a teenager is shown teenagers too.
        let share = if is_minor {
            0.85
        } else if person.poses_as.is_some() {
            0.4
        } else {
            MINOR_STRANGERS
        };
        let wants_minor = today.dice.chance(share);
        let pool = if wants_minor { &self.crowd.minors } else { &self.crowd.adults };
        let mut fallback = None;
        for _ in 0..12 {
            let other = self.somebody(today, pool)?;
            if self.is_new_to(today, other) {
                fallback = Some(other);
                if wants_minor != is_minor || self.suits(today, other) {
                    break;
                }
            }
        }
        fallback
    }

    /// Somebody of that pool; where people do not know each other, half of the time somebody whom others have found.
    fn somebody(&self, today: &mut Today<'_>, pool: &[u32]) -> Option<u32> {
        let mut other = today.dice.pick(pool)?;
        if self.params.get().scenario.population.acquainted {
            return Some(other);
        }
        // Who seeks nobody is found less often.
        for _ in 0..2 {
            let is_quiet = self.crowd.people[other as usize].habits.outreach < QUIET;
            if is_quiet && today.dice.chance(QUIET_MISSED) {
                other = today.dice.pick(pool)?;
            }
        }
        if today.dice.chance(0.6) {
            return Some(other);
        }
        today.dice.pick(self.crowd.network.met(other)).or(Some(other))
    }

    /// Somebody of that pool whom the person has not met.
    pub(super) fn find_in(&self, today: &mut Today<'_>, pool: &[u32]) -> Option<u32> {
        (0..12).find_map(|_| today.dice.pick(pool).filter(|other| self.is_new_to(today, *other)))
    }

    /// Whether the two have never met, and it is the person's turn: on a given day only one of two strangers may
    /// approach the other, so that what both do that day can be drawn apart.
    pub(super) fn is_new_to(&self, today: &Today<'_>, other: u32) -> bool {
        let (a, b) = (today.who, other);
        let goes_first = mix(u64::from(a.min(b)), u64::from(a.max(b)), u64::from(today.day)) & 1 == 0;
        a != b
            && goes_first == (a < b)
            && self.crowd.people[b as usize].has_joined_by(today.start.saturating_sub(DAY))
            && self.crowd.people[b as usize].is_here(today.start)
            && !self.bureau.is_out(b, today.start)
            && !self.crowd.network.have_met(a, b)
            && !today.met.contains(&b)
    }

    /// Nearness in age: e-fold for each six years (population design: exp(−|Δage|/τ)).
    pub(super) fn suits(&self, today: &mut Today<'_>, other: u32) -> bool {
        let (one, other) = (&self.crowd.people[today.who as usize], &self.crowd.people[other as usize]);
        let (one, other) = (one.apparent_age(), other.apparent_age());
        let gap = f64::from(one.abs_diff(other));
        let across = (one < 18) != (other < 18) && gap > 3.0;
        today.dice.chance(if across { ACROSS } else { (-gap / 6.0).exp() })
    }
}
