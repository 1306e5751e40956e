//! What a way of ranking accounts finds within a capacity, how soon, and whom it wrongs.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::bootstrap::{Interval, Resamples};
use crate::metrics::quantile;
use crate::{Tracks, Truth};

const DAY_MS: u64 = 24 * 60 * 60 * 1000;

/// Whoever is found within so many days of their onset is found soon.
pub const SOON_DAYS: u64 = 14;

/// How long a review may take, in days.
const DELAYS: [u64; 4] = [0, 1, 3, 7];

/// One account as evaluation sees it.
#[derive(Clone, Debug)]
pub struct Person {
    /// What is really so.
    pub truth: Truth,
    /// What is drawn together when accounts are drawn anew: those that share a device have the same.
    pub ring: usize,
    /// Region, tenure and age band, parted by slashes.
    pub cohort: String,
    /// When it first turned to each minor, milliseconds since the epoch.
    pub minors: Vec<u64>,
    /// Whether it turned to anybody in the window; who did nothing cannot be found.
    pub is_active: bool,
}

/// What accounts are judged by.
#[derive(Clone, Debug)]
pub struct Bench {
    /// Every account that can be reviewed: not those that were suspended when the window began.
    pub people: BTreeMap<String, Person>,
    /// How many accounts reviewers look at over the window.
    pub capacity: usize,
    /// First and last moment that counts, milliseconds since the epoch.
    pub window: (u64, u64),
}

/// Accounts of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Kind {
    /// Accounts; of offenders, those that were active.
    pub accounts: usize,
    /// Those within the capacity.
    pub found: usize,
}

/// Minors that an offender turned to before somebody could act.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Minors {
    /// How long the review took, in days.
    pub delay_days: u64,
    /// Middle of the offenders that turned to any minor; all of their minors where they were not found.
    pub median: Option<f64>,
    /// Nine of ten have at most as many.
    pub p90: Option<f64>,
}

/// Innocent accounts that share a region, a tenure or an age band.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Slice {
    /// Region, tenure or age.
    pub of: &'static str,
    /// Which.
    pub name: String,
    /// Innocent accounts.
    pub innocent: usize,
    /// Those wrongly within the capacity.
    pub wronged: usize,
    /// The share.
    pub rate: Interval,
}

/// The figures of one way to rank accounts. What cannot be computed is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// What ranked them.
    pub by: String,
    /// Share of the accounts within the capacity that are abusive.
    pub precision: Interval,
    /// The same of the first quarter of the capacity.
    pub precision_top_quarter: Option<f64>,
    /// Share of the active offenders that are within the capacity.
    pub recall: Interval,
    /// Share of the offenders whose first 14 days lie in the window that were found in them.
    pub recall_soon: Interval,
    /// Days from onset, or from the window's start, to being found; of those found.
    pub days_to_flag_median: Option<f64>,
    /// Minors turned to before the flag.
    pub minors: Vec<Minors>,
    /// The same at once, by archetype: the median.
    pub minors_by_archetype: BTreeMap<String, Option<f64>>,
    /// Offenders by archetype.
    pub archetypes: BTreeMap<String, Kind>,
    /// Innocent look-alikes by role.
    pub roles: BTreeMap<String, Kind>,
    /// The highest share of a look-alike role within the capacity, with the role.
    pub worst_role: Option<(String, f64)>,
    /// Everybody else.
    pub ordinary: Kind,
    /// Innocent accounts by region, tenure and age band.
    pub slices: Vec<Slice>,
    /// Recall and precision at each capacity up to the one given, and to twice as much.
    pub curve: Vec<(f64, f64)>,
    /// Accounts within the capacity, in the order in which they were found.
    pub found: Vec<String>,
    /// Of those found in each week of the window, how many, and how many were abusive.
    pub weeks: Vec<Kind>,
}

impl Figures {
    /// Of these tracks, called `by`.
    pub fn of(by: &str, tracks: &Tracks, bench: &Bench) -> Self {
        let ranked = tracks.ranked();
        let reviewed: Vec<&str> = ranked.iter().take(bench.capacity).map(|(account, _)| *account).collect();
        let threshold = ranked
            .get(bench.capacity.saturating_sub(1))
            .or_else(|| ranked.last())
            .map_or(f64::INFINITY, |r| r.1);
        let within: BTreeSet<&str> = reviewed.iter().copied().collect();
        let view = View { bench, within: &within, tracks, threshold };
        let tallies: Vec<Tally> = bench.people.keys().map(|account| view.tally(account)).collect();
        let resamples = Resamples::new(bench.people.values().map(|person| person.ring));
        let share =
            |of: fn(&Tally) -> (f64, f64)| resamples.share(&tallies.iter().map(of).collect::<Vec<_>>());
        let quarter = bench.capacity.div_ceil(4).min(reviewed.len());
        let hits = |accounts: &[&str]| accounts.iter().filter(|a| bench.is_abusive(a)).count() as f64;
        let roles = view.kinds(|person| person.truth.role.clone().filter(|_| !person.truth.abusive));
        let rate = |kind: &Kind| kind.found as f64 / kind.accounts.max(1) as f64;
        let worst = roles.iter().max_by(|a, b| rate(a.1).total_cmp(&rate(b.1)));
        let is_ordinary = |person: &Person| person.truth.role.is_none() && !person.truth.abusive;
        Self {
            by: by.to_owned(),
            precision: share(|t| (t.hit, t.found)),
            precision_top_quarter: (quarter > 0).then(|| hits(&reviewed[..quarter]) / quarter as f64),
            recall: share(|t| (t.hit_active, t.active)),
            recall_soon: share(|t| (t.hit_soon, t.could_soon)),
            days_to_flag_median: view.days_to_flag(),
            minors: DELAYS.iter().map(|days| view.minors(*days)).collect(),
            minors_by_archetype: view.minors_by_archetype(),
            archetypes: view.kinds(|person| person.truth.archetype.clone().filter(|_| person.is_offender())),
            worst_role: worst.map(|(role, kind)| (role.clone(), rate(kind))),
            roles,
            ordinary: view
                .kinds(|p| is_ordinary(p).then(String::new))
                .into_values()
                .next()
                .unwrap_or_default(),
            slices: view.slices(&resamples),
            curve: curve(&ranked, bench),
            found: view.in_order(&reviewed),
            weeks: view.weeks(&reviewed),
        }
    }
}

impl Bench {
    fn is_abusive(&self, account: &str) -> bool {
        self.people.get(account).is_some_and(|person| person.truth.abusive)
    }

    /// Abusive accounts that were active in the window.
    pub fn offenders(&self) -> usize {
        self.people.values().filter(|person| person.is_offender()).count()
    }

    /// From when an account can be found: its onset, or the window's start.
    fn start(&self, person: &Person) -> u64 {
        person.truth.onset.unwrap_or(0).max(self.window.0)
    }
}

impl Person {
    fn is_offender(&self) -> bool {
        self.truth.abusive && self.is_active
    }
}

/// What one account adds to each share: above and below.
#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    found: f64,
    hit: f64,
    active: f64,
    hit_active: f64,
    could_soon: f64,
    hit_soon: f64,
}

struct View<'a> {
    bench: &'a Bench,
    within: &'a BTreeSet<&'a str>,
    tracks: &'a Tracks,
    threshold: f64,
}

impl View<'_> {
    /// When an account within the capacity was found.
    fn found_at(&self, account: &str) -> Option<u64> {
        self.tracks.reached(account, self.threshold).filter(|_| self.within.contains(account))
    }

    fn tally(&self, account: &str) -> Tally {
        let person = &self.bench.people[account];
        let one = |is: bool| f64::from(u8::from(is));
        let found = self.found_at(account);
        let (is_found, is_offender) = (found.is_some(), person.is_offender());
        let soon = self.bench.start(person) + SOON_DAYS * DAY_MS;
        let could_soon = is_offender && soon <= self.bench.window.1;
        Tally {
            found: one(is_found),
            hit: one(is_found && person.truth.abusive),
            active: one(is_offender),
            hit_active: one(is_found && is_offender),
            could_soon: one(could_soon),
            hit_soon: one(could_soon && found.is_some_and(|at| at <= soon)),
        }
    }

    fn offenders(&self) -> impl Iterator<Item = (&str, &Person)> {
        self.bench.people.iter().filter(|(_, p)| p.is_offender()).map(|(account, p)| (account.as_str(), p))
    }

    fn days_to_flag(&self) -> Option<f64> {
        let days = |(account, person): (&str, &Person)| {
            let at = self.found_at(account)?;
            Some(at.saturating_sub(self.bench.start(person)) as f64 / DAY_MS as f64)
        };
        quantile(self.offenders().filter_map(days).collect(), 0.5)
    }

    /// Minors that an offender turned to between when it could be found and so many days after it was.
    fn minors_of(&self, account: &str, person: &Person, days: u64) -> Option<f64> {
        let start = self.bench.start(person);
        let end = self.found_at(account).map_or(u64::MAX, |at| at + days * DAY_MS);
        let since = person.minors.iter().filter(|at| **at >= start).count();
        (since > 0).then(|| person.minors.iter().filter(|at| **at >= start && **at <= end).count() as f64)
    }

    fn minors(&self, delay_days: u64) -> Minors {
        let counts: Vec<f64> =
            self.offenders().filter_map(|(account, p)| self.minors_of(account, p, delay_days)).collect();
        Minors { delay_days, median: quantile(counts.clone(), 0.5), p90: quantile(counts, 0.9) }
    }

    fn minors_by_archetype(&self) -> BTreeMap<String, Option<f64>> {
        let mut by: BTreeMap<String, Vec<f64>> = BTreeMap::new();
        for (account, person) in self.offenders() {
            let kind = person.truth.archetype.clone().unwrap_or_default();
            by.entry(kind).or_default().extend(self.minors_of(account, person, 0));
        }
        by.into_iter().map(|(kind, counts)| (kind, quantile(counts, 0.5))).collect()
    }

    fn kinds(&self, kind: impl Fn(&Person) -> Option<String>) -> BTreeMap<String, Kind> {
        let mut kinds: BTreeMap<String, Kind> = BTreeMap::new();
        for (account, person) in &self.bench.people {
            let Some(name) = kind(person) else { continue };
            let of = kinds.entry(name).or_default();
            of.accounts += 1;
            of.found += usize::from(self.within.contains(account.as_str()));
        }
        kinds
    }

    fn slices(&self, resamples: &Resamples) -> Vec<Slice> {
        let mut slices = Vec::new();
        for (place, of) in ["region", "tenure", "age"].into_iter().enumerate() {
            let part = |person: &Person| person.cohort.split('/').nth(place).unwrap_or("unknown").to_owned();
            let names: BTreeSet<String> = self.bench.people.values().map(part).collect();
            for name in names {
                let one = |is: bool| f64::from(u8::from(is));
                let tally = |(account, person): (&String, &Person)| {
                    let is_such = !person.truth.abusive && part(person) == name;
                    (one(is_such && self.within.contains(account.as_str())), one(is_such))
                };
                let tallies: Vec<(f64, f64)> = self.bench.people.iter().map(tally).collect();
                let count = |of: fn(&(f64, f64)) -> f64| tallies.iter().filter(|t| of(t) > 0.0).count();
                let (innocent, wronged) = (count(|t| t.1), count(|t| t.0));
                slices.push(Slice { of, name, innocent, wronged, rate: resamples.share(&tallies) });
            }
        }
        slices
    }

    fn in_order(&self, reviewed: &[&str]) -> Vec<String> {
        let mut found: Vec<(Option<u64>, &str)> =
            reviewed.iter().map(|account| (self.found_at(account), *account)).collect();
        found.sort_unstable();
        found.into_iter().map(|(_, account)| account.to_owned()).collect()
    }

    fn weeks(&self, reviewed: &[&str]) -> Vec<Kind> {
        let (from, to) = self.bench.window;
        let week = |at: u64| usize::try_from(at.saturating_sub(from) / (7 * DAY_MS)).unwrap_or(0);
        let mut weeks = vec![Kind::default(); week(to) + 1];
        for account in reviewed {
            if let Some(week) = self.found_at(account).and_then(|at| weeks.get_mut(week(at))) {
                week.accounts += 1;
                week.found += usize::from(self.bench.is_abusive(account));
            }
        }
        weeks
    }
}

fn curve(ranked: &[(&str, f64)], bench: &Bench) -> Vec<(f64, f64)> {
    let all = bench.offenders().max(1) as f64;
    let mut hits = 0.0;
    let mut point = |(i, (account, _)): (usize, &(&str, f64))| {
        hits += f64::from(u8::from(bench.is_abusive(account)));
        (hits / all, hits / (i as f64 + 1.0))
    };
    ranked.iter().take(2 * bench.capacity).enumerate().map(&mut point).collect()
}

#[cfg(test)]
mod tests;
