//! What a world is like: a scenario, as a TOML file or by default, and its checks.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::rhythm::REGIONS;
use crate::role::{Archetype, LookAlike};

mod check;
mod shipped;
mod spelling;

/// Why a text is no scenario: the place, what is wrong there, and what may have been meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Unreadable(String);

/// A scenario. Every key may be left out; what each means is in `docs/scenarios.md`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Its name; one that begins with `unseen-` is not trained on.
    pub name: String,
    /// Who lives there.
    pub population: Population,
    /// When it is.
    pub calendar: Calendar,
    /// How much abuse there is, of which kinds.
    pub abuse: Abuse,
    /// How many innocent people resemble it.
    pub look_alikes: LookAlikes,
    /// What those who are approached do about it.
    pub victims: Victims,
    /// How far reports can be believed.
    pub reports: Reports,
    /// What the platform's own reviewers can do.
    pub review: Review,
    /// What the platform knows and stops.
    pub platform: Platform,
    /// What changes in mid-stream, by day.
    pub drift: Vec<Drift>,
}

/// Who lives there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Population {
    /// Share of accounts whose holder is under 18, 0 to 0.3.
    pub minor_share: f64,
    /// Weights of the ages 9–12, 13–15, 16–17 among minors.
    pub minor_ages: [f64; 3],
    /// Weights of the ages 18–24, 25–39, 40–75 among adults.
    pub adult_ages: [f64; 3],
    /// Weights of regions by country code; empty for the usual ones.
    pub regions: BTreeMap<String, f64>,
    /// Messages that an active account sends on an ordinary day, median, 0 to 100.
    pub messages_median: f64,
    /// First contacts, relative to CollegeMsg's, 0 to 10.
    pub first_contacts: f64,
    /// Days over which CollegeMsg's first contacts of one person are spread, 7 to 400.
    pub contact_days: u32,
    /// Share of accounts that are created in four weeks, a day, 0 to 0.2.
    pub arrivals_per_day: f64,
    /// Share of the world's time in which those accounts are created, 0.05 to 1.
    pub arrivals_until: f64,
    /// Share of people who only read, 0 to 0.39.
    pub silent_share: f64,
    /// Of contacts that are sought among people who are not strangers, the share that are contacts of contacts, 0 to 1.
    pub by_contacts: f64,
    /// Whether people know each other, and are in contact, before the world begins.
    pub acquainted: bool,
    /// Share of ordinary first contacts that are messages, not requests, 0 to 1.
    pub by_message: f64,
    /// Length of a conversation with somebody new, relative to CollegeMsg's, 0.2 to 5.
    pub talk_length: f64,
}

/// When it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calendar {
    /// Whether there is school.
    pub season: Season,
    /// Day on which freshers' week begins, from 0; a day beyond the world's last leaves it out.
    pub freshers_day: u32,
}

/// Whether there is school.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Season {
    /// Lessons on weekdays.
    Term,
    /// None.
    Holidays,
    /// Lessons until the middle of the world, none from then on.
    TermThenHolidays,
    /// Everybody is a student of a campus, awake late.
    Campus,
}

/// How much abuse there is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Abuse {
    /// Share of accounts that are abusive, 0 to 0.05.
    pub share: f64,
    /// Weights by archetype, instead of the usual ones; 0 leaves one out, and what is not named keeps its own.
    pub archetypes: BTreeMap<String, f64>,
    /// First contacts of abusers, relative to the usual, 0.05 to 20.
    pub pace: f64,
    /// Decoys, as a share of the accounts, 0 to 0.05; they come on top.
    pub decoys: f64,
    /// Accounts of one ring, 2 to 200.
    pub ring_accounts: u32,
}

/// How many innocent people resemble abuse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LookAlikes {
    /// Of each kind, for each abuser that it resembles, 0 to 30.
    pub per_abuser: f64,
    /// Shares of accounts by kind, instead of the usual ones; 0 leaves one out.
    pub shares: BTreeMap<String, f64>,
}

/// What those who are approached do about it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Victims {
    /// Which published rates hold.
    pub regime: Regime,
}

/// Published rates of blocking and reporting; they differ by a factor of fifty.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Regime {
    /// Between the two: .45 block, .12 report (population design).
    Prior,
    /// As platforms observe: 1 % report a harmful experience (Instagram 2021); .30 block (our choice).
    Observed,
    /// As minors say in surveys: 68 % block, 50 % report (Thorn 2021).
    SelfReported,
}

/// How far reports can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reports {
    /// P(offender) of an account with 1, 2, 3, 4, 5, and 6 or more distinct reporters, each in 0.05 to 1.
    pub offender_share: [f64; 6],
}

/// What the platform's own reviewers can do.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Review {
    /// Accounts decided a day, for each 10,000 accounts, 0 to 1000.
    pub per_day: f64,
    /// Accounts drawn at random and decided a day, for each 10,000 accounts, 0 to 1000.
    pub audited_per_day: f64,
    /// Share of right decisions, 0.5 to 1.
    pub accuracy: f64,
    /// Days until a decision is a label, median, 0.1 to 60.
    pub delay_days: f64,
    /// Share of the accounts found abusive that are suspended, 0 to 1.
    pub suspended: f64,
}

/// What the platform knows and stops.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Platform {
    /// Whether it knows ages.
    pub ages: bool,
    /// Whether it knows how people found each other; else every surface is `unknown`.
    pub surfaces: bool,
    /// Whether it says what connects a pair.
    pub relations: bool,
    /// Whether it sees devices and networks.
    pub devices: bool,
    /// Whether it has gates and safety notices.
    pub gates: bool,
    /// Days between releases of a detection model, which adaptive abusers answer; 1 to 365.
    pub release_days: u32,
}

/// What changes from one day on; factors are relative to the start.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Drift {
    /// The first day, from 0.
    pub day: u32,
    /// Messages, 0.1 to 10.
    pub messages: f64,
    /// Ordinary first contacts, 0.1 to 10.
    pub first_contacts: f64,
    /// First contacts of abusers, 0.05 to 20.
    pub pace: f64,
    /// Share of minors among abusers' targets, 0 to 1.
    pub focus: f64,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            population: Population::default(),
            calendar: Calendar { season: Season::Term, freshers_day: 9 },
            abuse: Abuse {
                share: 0.005,
                archetypes: BTreeMap::new(),
                pace: 1.0,
                decoys: 0.0,
                ring_accounts: 6,
            },
            look_alikes: LookAlikes { per_abuser: 10.0, shares: BTreeMap::new() },
            victims: Victims { regime: Regime::Prior },
            reports: Reports { offender_share: [0.458, 0.742, 0.837, 0.873, 0.867, 0.928] },
            review: Review {
                per_day: 12.0,
                audited_per_day: 12.0,
                accuracy: 0.9,
                delay_days: 2.0,
                suspended: 0.5,
            },
            platform: Platform {
                ages: true,
                surfaces: true,
                relations: true,
                devices: true,
                gates: true,
                release_days: 14,
            },
            drift: Vec::new(),
        }
    }
}

impl Default for Population {
    fn default() -> Self {
        Self {
            minor_share: 0.12,
            minor_ages: [0.25, 0.40, 0.35],
            adult_ages: [0.27, 0.40, 0.33],
            regions: BTreeMap::new(),
            messages_median: 6.0,
            first_contacts: 1.0,
            contact_days: 28,
            arrivals_per_day: 0.006,
            arrivals_until: 1.0,
            silent_share: 0.0,
            by_contacts: 0.5,
            acquainted: true,
            by_message: 0.8,
            talk_length: 1.0,
        }
    }
}

/// Keys of a section that are left out take the section's own defaults.
macro_rules! section_defaults {
    ($($section:ident . $field:ident),+) => {
        $(impl Default for $section {
            fn default() -> Self {
                Scenario::default().$field
            }
        })+
    };
}
section_defaults!(
    Calendar.calendar,
    Abuse.abuse,
    LookAlikes.look_alikes,
    Victims.victims,
    Reports.reports,
    Review.review,
    Platform.platform
);

impl Default for Drift {
    fn default() -> Self {
        Self { day: 0, messages: 1.0, first_contacts: 1.0, pace: 1.0, focus: 1.0 }
    }
}

impl Scenario {
    /// Reads a scenario.
    ///
    /// # Errors
    /// What is no TOML, an unknown key or a wrong type, with its line; ranges are checked with the parameters.
    pub fn parse(text: &str) -> Result<Self, Unreadable> {
        toml::from_str(text).map_err(|cause: toml::de::Error| {
            let hint = spelling::hint_in(cause.message());
            Unreadable(format!("{}{hint}", cause.to_string().trim_end()))
        })
    }

    /// The scenario in TOML, every key with its value.
    ///
    /// # Panics
    /// Never: every value has a form in TOML.
    pub fn to_toml(&self) -> String {
        toml::to_string(self).expect("numbers, words and maps have a form in TOML")
    }

    /// Whether training must leave its worlds alone.
    pub fn is_unseen(&self) -> bool {
        self.name.starts_with("unseen-")
    }

    /// What holds on a day.
    pub(crate) fn drift_on(&self, day: u32) -> Drift {
        let begun = self.drift.iter().filter(|drift| drift.day <= day);
        begun.max_by_key(|drift| drift.day).copied().unwrap_or_default()
    }

    pub(crate) fn weight(&self, archetype: Archetype) -> f64 {
        self.abuse.archetypes.get(archetype.name()).copied().unwrap_or_else(|| archetype.weight())
    }

    pub(crate) fn look_alike_share(&self, kind: LookAlike) -> f64 {
        self.look_alikes.shares.get(kind.name()).copied().unwrap_or_else(|| kind.share())
    }

    /// Regions by index with their weights.
    pub(crate) fn regions(&self) -> Vec<(usize, f64)> {
        let usual = self.population.regions.is_empty();
        let weight = |code: &str| self.population.regions.get(code).copied().unwrap_or(0.0);
        let regions = REGIONS.iter().enumerate();
        regions.map(|(i, region)| (i, if usual { region.share } else { weight(region.code) })).collect()
    }
}
