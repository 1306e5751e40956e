//! The abusers' days. They ask, wait and are answered like everybody else.

use events::Surface;

use super::outreach::Ask;
use super::{Today, World};
use crate::contact::{Manner, Opening};
use crate::dice::{Dice, Process, whole};
use crate::person::Abuse;
use crate::{DAY, HOUR, SECOND};

/// How a scattergun adder finds minors (archetype A1: strangers, through what the platform suggests).
pub(crate) const SCATTER_SURFACES: [(Surface, f64); 5] = [
    (Surface::Suggested, 0.42),
    (Surface::Search, 0.24),
    (Surface::Comment, 0.24),
    (Surface::Mutual, 0.06),
    (Surface::Game, 0.04),
];

/// How a bulk sender reaches people: numbers and names from lists (our choice).
pub(crate) const BULK_SURFACES: [(Surface, f64); 4] =
    [(Surface::Search, 0.5), (Surface::Unknown, 0.25), (Surface::PhoneImport, 0.15), (Surface::Group, 0.1)];

impl World {
    /// A day of a scattergun adder: a few sittings, many requests.
    pub(super) fn scatter(&mut self, today: &mut Today<'_>, abuse: &Abuse) {
        let mut dice = Dice::new(self.params.get().seed, today.who, Process::Role, today.day + 2);
        if today.start + DAY <= abuse.onset || !dice.chance(abuse.drive) {
            return;
        }
        let manner = Manner::importunate(abuse.harshness);
        let mean = dice.log_normal(abuse.pace / 7.0, 0.5);
        let count = dice.poisson(mean.min(400.0));
        let joins = self.crowd.people[today.who as usize].joins.filter(|joins| *joins >= today.start);
        let mut ts = self.free_moment(today, joins).max(abuse.onset);
        for _ in 0..count {
            let pool = if dice.chance(abuse.focus) { &self.crowd.minors } else { &self.crowd.adults };
            let Some(target) = self.find_in(today, pool) else { continue };
            if dice.chance(0.06) {
                ts = self.free_moment(today, joins).max(abuse.onset);
            }
            let surface = dice.weighted(&SCATTER_SURFACES);
            let opening = if dice.chance(0.2) { Opening::Message } else { Opening::Request };
            self.reach(today, Ask { target, ts, surface, opening }, &manner);
            ts += whole(dice.log_normal(abuse.gap_ms, 0.9)).max(2 * SECOND);
        }
    }

    /// A day of a bulk sender: a burst or several, to whoever is on the list.
    pub(super) fn spam(&mut self, today: &mut Today<'_>, abuse: &Abuse) {
        let mut dice = Dice::new(self.params.get().seed, today.who, Process::Role, today.day + 2);
        let is_first = (today.start..today.start + DAY).contains(&abuse.onset);
        if today.start + DAY <= abuse.onset || !(is_first || dice.chance(abuse.drive)) {
            return;
        }
        let manner = Manner::bulk(abuse.harshness);
        let everybody = u64::from(self.params.get().accounts);
        let mut ts = if is_first { abuse.onset } else { self.free_moment(today, None) };
        for _ in 0..=dice.poisson(0.7) {
            let size = whole(dice.log_normal(abuse.pace, 0.4)).clamp(3, 100);
            for _ in 0..size {
                let Ok(target) = u32::try_from(dice.below(everybody)) else { continue };
                if self.is_new_to(today, target) {
                    let surface = dice.weighted(&BULK_SURFACES);
                    self.reach(today, Ask { target, ts, surface, opening: Opening::Message }, &manner);
                }
                ts += whole(dice.log_normal(abuse.gap_ms, 0.5)).max(20);
            }
            ts += whole(dice.log_normal(2.0 * HOUR as f64, 0.8));
        }
    }
}
