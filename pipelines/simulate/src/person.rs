//! A person: what is really so, of which a platform sees only consequences.

use events::Millis;

use crate::DAY;
use crate::dice::{Dice, Process, Quantiles, whole};

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
    (0.98, 65.0),
    (0.99, 100.0),
    (0.999, 217.0),
    (1.0, 232.0),
]);

/// How far people differ in how readily others answer, in log-odds. CollegeMsg: reply rate by initiator .10 at
/// p5 and .80 at p95, sampling noise included.
const CHARM_SIGMA: f64 = 0.9;

/// Log-odds are stretched by √(1 + .346 σ²), so that the mean over people, not the median, is the published
/// rate (the usual approximation of a logistic-normal mean).
pub(crate) const CHARM_STRETCH: f64 = 1.131;

/// Days over which [`INITIATED`] counts.
const PLAN_DAYS: u32 = 28;

/// What a person is to the platform.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Role {
    Ordinary,
    /// Teaches a school class; with an intake, meets it on that day.
    Teacher {
        intake: Option<u32>,
    },
    /// Coaches a youth club; with an intake, meets it on that day.
    YouthCoach {
        intake: Option<u32>,
    },
    /// Asks many minors at once and goes on with those who answer.
    Scattergun(Abuse),
    /// Sends the same to everybody, in bursts.
    BulkSpammer(Abuse),
}

/// How an abuser goes about it, drawn once for each.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Abuse {
    /// When it begins.
    pub(crate) onset: Millis,
    /// Share of days on which it happens.
    pub(crate) drive: f64,
    /// Requests in a week of such days, or messages in a burst.
    pub(crate) pace: f64,
    /// Median gap between two of them, in milliseconds.
    pub(crate) gap_ms: f64,
    /// Share of minors among the targets that are chosen by age.
    pub(crate) focus: f64,
    /// How badly targets take it, 1 for the usual.
    pub(crate) harshness: f64,
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
    outreach: f64,
    /// Share of strangers among those contacts.
    pub(crate) strangers: f64,
}

/// A person and their account's place in the world.
#[derive(Clone, Debug)]
pub(crate) struct Person {
    /// Years.
    pub(crate) age: u8,
    /// Index into [`crate::rhythm::REGIONS`].
    pub(crate) region: usize,
    pub(crate) role: Role,
    /// When the account is created, where that is inside the world.
    pub(crate) joins: Option<Millis>,
    pub(crate) habits: Habits,
    /// Households, classes, clubs, workplaces and circles, by index.
    pub(crate) communities: Vec<u32>,
}

impl Habits {
    pub(crate) fn draw(dice: &mut Dice) -> Self {
        let outreach = dice.unit();
        Self {
            presence: dice.between(0.25, 0.85),
            // Spread by person and again by day: together near the log-normal sigma 1.2 of our choice.
            talk: dice.log_normal(1.0, 0.8),
            charm: CHARM_SIGMA * dice.normal(),
            outreach,
            // Somebody who contacts a hundred people in a month does not know them all.
            strangers: if outreach > 0.9 { dice.between(0.2, 0.85) } else { dice.between(0.05, 0.55) },
        }
    }

    /// How many people the person contacts for the first time on this day.
    ///
    /// Contacts come in spells: CollegeMsg has 2 / 8 / 34 / 142 on a person's busiest day at
    /// p50 / p90 / p99 / max, from 59 % of all contacts (of those who initiate fewer than five) down to 25 %.
    pub(crate) fn first_contacts(&self, seed: u64, person: u32, day: u32) -> u64 {
        let mut left = whole(INITIATED.value(self.outreach) + 0.5);
        if left == 0 {
            return 0;
        }
        let mut dice = Dice::new(seed, person, Process::Plan, day / PLAN_DAYS);
        let mut today = 0;
        while left > 0 {
            let share = if dice.chance(0.03) { dice.between(0.3, 0.7) } else { dice.between(0.02, 0.24) };
            let spell = whole((left as f64 * share).ceil()).clamp(1, left);
            if dice.below(u64::from(PLAN_DAYS)) == u64::from(day % PLAN_DAYS) {
                today += spell;
            }
            left -= spell;
        }
        today
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

    /// How the person abuses the platform, if so.
    pub(crate) fn abuse(&self) -> Option<&Abuse> {
        match &self.role {
            Role::Scattergun(abuse) | Role::BulkSpammer(abuse) => Some(abuse),
            _ => None,
        }
    }

    /// Whether two people are near enough in age to be taken for peers, and on the same side of 18 or within two years of each other.
    pub(crate) fn is_peer_of(&self, other: &Person) -> bool {
        let gap = self.age.abs_diff(other.age);
        if self.is_minor() != other.is_minor() {
            gap <= 2
        } else if self.is_minor() {
            gap <= 3
        } else {
            gap <= 4 + self.age.min(other.age) / 4
        }
    }
}
