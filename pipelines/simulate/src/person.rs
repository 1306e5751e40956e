//! A person: what is really so, of which a platform sees only consequences.

use events::Millis;

use crate::DAY;
use crate::dice::{Dice, Quantiles, whole};
use crate::role::Role;
use crate::scenario::Population;

/// First contacts that a person initiates in four weeks. CollegeMsg, measured (n = 1,899): 1 / 18 / 98 / 232
/// at p50 / p90 / p99 / max.
const INITIATED: Quantiles = Quantiles(&[
    (0.0, 0.0),
    (0.39, 0.0),
    (0.40, 1.0),
    (0.50, 1.0),
    (0.60, 2.0),
    (0.70, 4.0),
    (0.80, 9.0),
    (0.90, 18.0),
    (0.95, 32.0),
    (0.98, 60.0),
    (0.99, 96.0),
    (0.999, 217.0),
    (1.0, 232.0),
]);

/// How far people differ in how readily others answer, in log-odds. CollegeMsg: reply rate by initiator .10 at
/// p5 and .80 at p95, sampling noise included.
const CHARM_SIGMA: f64 = 1.15;

/// The same, below the median: hardly anybody is never answered (CollegeMsg: p5 lies nearer to the median than p95).
const CHARM_SIGMA_BELOW: f64 = 1.04;

/// Log-odds are stretched by √(1 + .346 σ²), so that the mean over people, not the median, is the published
/// rate (the usual approximation of a logistic-normal mean).
pub(crate) const CHARM_STRETCH: f64 = 1.207;

/// For when a person's first contacts are asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Plan {
    /// The day, from the world's start or from when the person joined.
    pub(crate) day: u32,
    /// Days over which CollegeMsg's contacts are spread.
    pub(crate) days: u32,
    /// Whether the person joined less than that ago.
    pub(crate) is_new: bool,
}

/// What a person is like on the platform.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Habits {
    /// Share of days with any activity.
    pub(crate) presence: f64,
    /// Messages on such a day, relative to the usual.
    pub(crate) talk: f64,
    /// How readily others answer, in log-odds.
    pub(crate) charm: f64,
    /// Place among all people by contacts initiated, 0 to 1.
    pub(crate) outreach: f64,
    /// Share of strangers among those contacts.
    pub(crate) strangers: f64,
}

/// A person and their account's place in the world. A second account is held by a copy of the same person.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Years.
    pub(crate) age: u8,
    /// The age that the person pretends to have, towards everybody.
    pub(crate) poses_as: Option<u8>,
    /// Index into [`crate::rhythm::REGIONS`].
    pub(crate) region: usize,
    pub(crate) role: Role,
    /// When the account is created, where that is inside the world.
    pub(crate) joins: Option<Millis>,
    /// From when on the account lies idle.
    pub(crate) leaves: Option<Millis>,
    /// The same person's account before this one.
    pub(crate) earlier: Option<u32>,
    pub(crate) habits: Habits,
    /// Households, classes, clubs, workplaces and circles, by index.
    pub(crate) communities: Vec<u32>,
}

/// How readily others answer, from a standard normal.
fn charm(normal: f64) -> f64 {
    normal * if normal < 0.0 { CHARM_SIGMA_BELOW } else { CHARM_SIGMA }
}

impl Habits {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let outreach = dice.unit();
        Self {
            presence: dice.between(0.25, 0.85),
            // Spread by person and again by day: together near the log-normal sigma 1.2 of our choice.
            talk: dice.log_normal(1.0, 0.8),
            charm: charm(dice.normal()),
            outreach,
            // Somebody who contacts a hundred people in a month does not know them all.
            strangers: if outreach > 0.9 { dice.between(0.2, 0.9) } else { dice.between(0.05, 0.8) },
        }
    }

    /// How many people the person contacts for the first time on a day.
    ///
    /// Contacts come in spells: CollegeMsg has 2 / 8 / 34 / 142 on a person's busiest day at
    /// p50 / p90 / p99 / max, from 59 % of all contacts (of those who initiate fewer than five) down to 25 %.
    pub(crate) fn first_contacts(&self, plan: Plan, dice: impl FnOnce() -> Dice) -> u64 {
        let Plan { day, days, is_new } = plan;
        let mut left = whole(INITIATED.value(self.outreach) + 0.5);
        if left == 0 {
            return 0;
        }
        let mut dice = dice();
        let mut today = 0;
        while left > 0 {
            let is_big = dice.chance(if left > 150 { 0.35 } else { 0.04 });
            let share = if is_big { dice.between(0.3, 0.7) } else { dice.between(0.02, 0.24) };
            let spell = whole((left as f64 * share).ceil()).clamp(1, left);
            // Newcomers make most of their contacts soon.
            let share = if is_new { dice.unit() * dice.unit() * dice.unit() } else { dice.unit() };
            if whole(share * f64::from(days)) == u64::from(day % days) {
                today += spell;
            }
            left -= spell;
        }
        today
    }
}

impl Habits {
    /// Whether the person only reads.
    pub(crate) fn is_silent(&self, population: &Population) -> bool {
        self.outreach < population.silent_share
    }
}

impl Person {
    pub(crate) fn is_minor(&self) -> bool {
        self.age < 18
    }

    /// Whether the account exists when the day that starts then is over.
    pub(crate) fn has_joined_by(&self, day_start: Millis) -> bool {
        self.joins.is_none_or(|joins| joins < day_start + DAY)
    }

    /// Whether the account is in use at some moment of the day that starts then.
    pub(crate) fn is_here(&self, day_start: Millis) -> bool {
        self.has_joined_by(day_start) && self.leaves.is_none_or(|leaves| leaves > day_start)
    }

    /// The age that others see.
    pub(crate) fn apparent_age(&self) -> u8 {
        self.poses_as.unwrap_or(self.age)
    }

    /// Whether two people are near enough in age to be taken for peers, and on the same side of 18 or within
    /// two years of each other.
    pub(crate) fn is_peer_of(&self, other: &Person) -> bool {
        let (one, other) = (self.apparent_age(), other.apparent_age());
        let gap = one.abs_diff(other);
        if (one < 18) != (other < 18) {
            gap <= 2
        } else if one < 18 {
            gap <= 3
        } else {
            gap <= 4 + one.min(other) / 4
        }
    }
}
