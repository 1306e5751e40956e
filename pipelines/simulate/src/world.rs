//! A world, lived day by day.

use evaluation::Truth;
use events::{Event, Label, Millis};

use crate::DAY;
use crate::account::Account;
use crate::crowd::{Crowd, Kind, day_start};
use crate::dice::{Dice, Process};
use crate::draft::{Act, Change, Diary, Draft};
use crate::params::{CheckedParams, Params};
use crate::person::Role;
use crate::scribe::{Cast, Named, Place, Scribe};

mod abuse;
mod leading;
mod outcome;
mod outreach;
mod routine;

pub(crate) use abuse::{BULK_SURFACES, SCATTER_SURFACES};
pub(crate) use outreach::ANSWER_STRANGER;

/// A population with its accounts. Iterating gives the events of one day after the other, each day sorted by
/// (ts, id), and so the whole; nothing lies beyond the last day.
///
/// A day's memory holds that day's events and what is already planned for the days to come.
#[derive(Debug)]
pub struct World {
    params: CheckedParams,
    crowd: Crowd,
    cast: Cast,
    diary: Diary,
    scribe: Scribe,
    /// The day that comes next, from 0.
    day: u32,
}

/// One person's day.
struct Today<'a> {
    dice: &'a mut Dice,
    who: u32,
    day: u32,
    start: Millis,
    /// First contacts made so far.
    contacts: u64,
}

impl World {
    /// Draws the people, their communities and their accounts, and who among them is what.
    pub fn new(params: &CheckedParams) -> Self {
        let Params { seed, start, days, .. } = *params.get();
        let crowd = Crowd::draw(params);
        let scribe = Scribe::new(seed, "silhouette simulate 2025 names");
        let accounts = (0..).zip(&crowd.people).map(|(id, person)| {
            let mut dice = Dice::new(seed, id, Process::Account, 0);
            Account::draw(&mut dice, person, scribe.name(Named::Account, u64::from(id)), start)
        });
        let at_home = |index: &&u32| crowd.communities[**index as usize].kind == Kind::Household;
        let places = (0..).zip(&crowd.people).map(|(id, person)| Place {
            // Who has no household lives alone; numbers of people and of communities are kept apart.
            household: person.communities.iter().find(at_home).copied().unwrap_or(1 << 31 | id),
            region: person.region,
        });
        let cast = Cast { accounts: accounts.collect(), places: places.collect() };
        Self { params: params.clone(), crowd, cast, diary: Diary::new(start, days), scribe, day: 0 }
    }

    /// What became known of some accounts, sorted by (ts, account): abusive ones some days after their onset,
    /// and a sample of benign ones. Only what becomes known before the end.
    pub fn labels(&self) -> Vec<Label> {
        outcome::labels(&self.params, &self.crowd, &self.cast)
    }

    /// What is really so, one entry an account.
    pub fn truth(&self) -> Vec<Truth> {
        outcome::truth(&self.crowd, &self.cast)
    }

    fn live(&mut self) -> Vec<Event> {
        let day = self.day;
        for change in self.diary.changes(day as usize) {
            match change {
                Change::Connect { a, b, weight } => self.crowd.network.connect(a, b, weight),
                Change::Part { a, b } => self.crowd.network.part(a, b),
            }
        }
        self.found_groups(day);
        let start = day_start(self.params.get().start, day);
        for who in 0..self.params.get().accounts {
            if self.crowd.people[who as usize].has_joined_by(start) {
                let mut dice = Dice::new(self.params.get().seed, who, Process::Life, day);
                let mut today = Today { dice: &mut dice, who, day, start, contacts: 0 };
                self.spend(&mut today);
            }
        }
        let drafts = self.diary.drafts(day as usize);
        self.scribe.write(day, &drafts, &self.cast)
    }

    /// Everything that one person sets going on one day.
    fn spend(&mut self, today: &mut Today<'_>) {
        let person = &self.crowd.people[today.who as usize];
        let role = person.role;
        let joins = person.joins.filter(|joins| (today.start..today.start + DAY).contains(joins));
        if let Some(joins) = joins {
            self.note(today.who, joins, Act::Created);
            self.arrive(today, joins);
        }
        self.go_about(today, joins);
        match role {
            Role::Ordinary => {}
            Role::Teacher { intake } | Role::YouthCoach { intake } => self.lead(today, intake),
            Role::Scattergun(abuse) => self.scatter(today, &abuse),
            Role::BulkSpammer(abuse) => self.spam(today, &abuse),
        }
    }

    /// Notes something that concerns nobody else.
    fn note(&mut self, actor: u32, ts: Millis, act: Act) {
        self.diary.note(Draft { ts, actor, target: None, act, pair: None });
    }
}

impl Iterator for World {
    type Item = Vec<Event>;

    fn next(&mut self) -> Option<Vec<Event>> {
        (self.day < self.params.get().days).then(|| {
            let events = self.live();
            self.day += 1;
            events
        })
    }
}

#[cfg(test)]
mod tests;
