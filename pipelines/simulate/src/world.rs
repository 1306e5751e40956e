//! A world, lived day by day: what people set going on a day depends on the world as it was that morning, so that they
//! can be visited in any order and by any number of threads.

use std::collections::BTreeMap;

use events::{Event, Label, Millis};

use crate::DAY;
use crate::account::Account;
use crate::crowd::{Crowd, day_start};
use crate::dice::{Dice, Process};
use crate::draft::{Act, Change, Diary, Draft, Lived, SLICES, Sliced};
use crate::params::{CheckedParams, Params};
use crate::role::Role;
use crate::scenario::Drift;
use crate::scribe::{Cast, Named, Scribe, Sheet};

mod asking;
mod bureau;
mod campaigns;
mod look_alikes;
mod outreach;
mod places;
mod routine;
mod truth;

pub(crate) use asking::ANSWER_STRANGER;
use bureau::Bureau;

/// People who are visited together.
const CHUNK: u32 = 512;

/// A population with its accounts.
///
/// Iterating gives the events of one day after the other, each day sorted by (ts, id), and so the whole; nothing lies
/// beyond the last day. With more than one thread, do by hand what the iterator does: [`World::begin_day`],
/// [`World::live`] for every chunk, [`World::end_day`], [`World::write`] for every slice. The bytes are the same.
///
/// A day's memory holds that day's drafts and what is already planned for the days to come.
#[derive(Debug)]
pub struct World {
    params: CheckedParams,
    crowd: Crowd,
    cast: Cast,
    diary: Diary,
    scribe: Scribe,
    bureau: Bureau,
    /// Who acts together, by number of the ring.
    rings: BTreeMap<u32, Vec<u32>>,
    /// What happens today whatever people do.
    given: Vec<Draft>,
    /// The day that comes next, from 0.
    day: u32,
}

/// A day that was lived and waits to be written.
#[derive(Debug)]
pub struct Day {
    number: u32,
    /// What was given, then what each chunk set going, in their order.
    pages: Vec<Sliced>,
}

impl Day {
    /// Pieces of the day, in order of time.
    pub fn slices(&self) -> std::ops::Range<u32> {
        0..SLICES
    }

    /// Events of the day.
    pub fn events(&self) -> usize {
        self.pages.iter().map(Sliced::len).sum()
    }
}

/// One person's day.
struct Today<'a> {
    dice: Dice,
    lived: &'a mut Lived,
    who: u32,
    day: u32,
    start: Millis,
    drift: Drift,
    /// First contacts made so far.
    contacts: u64,
    /// With whom.
    met: Vec<u32>,
}

impl World {
    /// Draws the people, their communities and their accounts, and who among them is what.
    pub fn new(params: &CheckedParams) -> Self {
        let Params { seed, start, days, ref scenario, .. } = *params.get();
        let crowd = Crowd::draw(params);
        let scribe = Scribe::new(seed, "silhouette simulate 2026 names", scenario.platform);
        let accounts = (0..).zip(&crowd.people).map(|(id, person)| {
            let mut dice = Dice::new(seed, id, Process::Account, 0);
            let name = scribe.name(Named::Account, u64::from(id));
            let account = Account::draw(&mut dice, person, name, start);
            if scenario.platform.ages { account } else { account.without_age() }
        });
        let mut rings: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (id, person) in (0..).zip(&crowd.people) {
            if let Some(ring) = crowd.campaign(person).and_then(|campaign| campaign.ring) {
                rings.entry(ring).or_default().push(id);
            }
        }
        let cast = Cast { accounts: accounts.collect(), places: places::of(params, &crowd) };
        let mut world = Self {
            params: params.clone(),
            bureau: Bureau::new(params, &crowd),
            crowd,
            cast,
            diary: Diary::new(start, days),
            scribe,
            rings,
            given: Vec::new(),
            day: 0,
        };
        world.plan_bans();
        world
    }

    /// What the platform came to know of some accounts, and when: sorted by (ts, account), complete after the last
    /// day.
    pub fn labels(&self) -> Vec<Label> {
        self.bureau.labels(&self.cast)
    }

    /// What is really so, one entry an account.
    pub fn truth(&self) -> Vec<evaluation::Truth> {
        truth::of(&self.crowd, &self.cast)
    }

    /// Who really belongs together: rings, people who came back; and who only lives alike: households, readers of a
    /// library, people with a new number.
    pub fn groups(&self) -> Vec<evaluation::Together> {
        truth::groups(&self.crowd, &self.cast, &self.rings)
    }

    /// Begins the next day: what was decided the days before takes effect, and the platform does its work. False
    /// where the last day is over.
    pub fn begin_day(&mut self) -> bool {
        let day = self.day;
        if day >= self.params.get().days {
            return false;
        }
        let page = self.diary.open(day);
        for change in page.changes {
            self.apply(change);
        }
        self.given = page.drafts;
        let mut lived = self.lived_on(day);
        self.found_groups(day, &mut lived);
        self.work(day, &mut lived);
        self.given.append(&mut lived.today);
        self.diary.keep(lived.later, lived.changes);
        true
    }

    /// Groups of people who are visited together.
    pub fn chunks(&self) -> std::ops::Range<u32> {
        0..self.params.get().accounts.div_ceil(CHUNK)
    }

    /// What the people of one chunk set going today. Chunks may be visited in any order.
    pub fn live(&self, chunk: u32) -> Lived {
        let (day, Params { seed, start, accounts, .. }) = (self.day, self.params.get());
        let start = day_start(*start, day);
        let mut lived = self.lived_on(day);
        let drift = self.params.get().scenario.drift_on(day);
        for who in chunk * CHUNK..((chunk + 1) * CHUNK).min(*accounts) {
            if self.crowd.people[who as usize].is_here(start) && !self.bureau.is_out(who, start) {
                let dice = Dice::new(*seed, who, Process::Life, day);
                let (lived, met) = (&mut lived, Vec::new());
                self.spend(&mut Today { dice, lived, who, day, start, drift, contacts: 0, met });
            }
        }
        lived.close(|draft| self.bureau.lets_happen(draft));
        lived
    }

    /// Ends the day with what every chunk set going, in the order of the chunks.
    pub fn end_day(&mut self, lived: impl IntoIterator<Item = Lived>) -> Day {
        let start = day_start(self.params.get().start, self.day);
        let given = std::mem::take(&mut self.given);
        let mut pages = vec![Sliced::of(given, start, |draft| self.bureau.lets_happen(draft))];
        for lived in lived {
            let (page, later, changes) = lived.into_parts();
            pages.push(page);
            self.diary.keep(later, changes);
        }
        let number = self.day;
        self.day += 1;
        Day { number, pages }
    }

    /// Gives the events of one slice of a day, sorted by (ts, id). Slices may be written in any order.
    pub fn write(&self, day: &Day, slice: u32, each: impl FnMut(&Event)) {
        let drafts: Vec<Draft> = day.pages.iter().flat_map(|page| page.slice(slice)).copied().collect();
        self.scribe.write(Sheet { day: day.number, slice, drafts: &drafts }, &self.cast, each);
    }

    fn lived_on(&self, day: u32) -> Lived {
        Lived::new(day_start(self.params.get().start, day), self.params.end())
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::Meet { a, b } => self.crowd.network.meet(a, b),
            Change::Connect { a, b, weight } => self.crowd.network.connect(a, b, weight),
            Change::Part { a, b } => self.crowd.network.part(a, b),
            Change::Blocked { subject } => self.bureau.hear_of_block(subject),
            Change::Reported { reporter, subject } => self.bureau.hear(reporter, subject),
            Change::Estimate { who, belief } => self.cast.accounts[who as usize].believe(f64::from(belief)),
        }
    }

    /// Everything that one person sets going on one day.
    fn spend(&self, today: &mut Today<'_>) {
        let person = &self.crowd.people[today.who as usize];
        let joins = person.joins.filter(|joins| (today.start..today.start + DAY).contains(joins));
        if let Some(joins) = joins {
            self.note(today, joins, Act::Created);
            self.arrive(today, joins);
        }
        self.go_about(today, joins);
        match person.role {
            Role::Ordinary => {}
            Role::LookAlike { kind, day } => self.look_alike(today, kind, day),
            Role::Abuser { archetype, campaign } => {
                self.pursue(today, archetype, &self.crowd.campaigns[campaign as usize]);
            }
        }
    }

    /// Notes something that concerns nobody else.
    fn note(&self, today: &mut Today<'_>, ts: Millis, act: Act) {
        today.lived.note(Draft { ts, actor: today.who, target: None, act, pair: None });
    }

    /// Whether the person lives in a campus of students.
    fn is_campus(&self) -> bool {
        self.params.get().scenario.calendar.season == crate::scenario::Season::Campus
    }
}

impl Iterator for World {
    type Item = Vec<Event>;

    fn next(&mut self) -> Option<Vec<Event>> {
        if !self.begin_day() {
            return None;
        }
        let lived: Vec<Lived> = self.chunks().map(|chunk| self.live(chunk)).collect();
        let day = self.end_day(lived);
        let mut events = Vec::with_capacity(day.events());
        for slice in day.slices() {
            self.write(&day, slice, |event| events.push(event.clone()));
        }
        Some(events)
    }
}

#[cfg(test)]
mod tests;
