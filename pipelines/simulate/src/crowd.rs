//! The crowd: people, the communities that they live in, and who among them is what.

use events::Millis;

use crate::DAY;
use crate::dice::{Dice, Process, whole};
use crate::network::Network;
use crate::params::CheckedParams;
use crate::person::{Habits, Person, Role};
use crate::rhythm::REGIONS;

mod roles;

/// People who live in one place.
const TOWN: u32 = 400;

/// Share of accounts created inside four weeks (our choice).
const ARRIVALS_PER_DAY: f64 = 0.006;

/// Ages by weight: minors 9–12, 13–15, 16–17 and adults 18–24, 25–39, 40–75 (bands of the population design,
/// weights our choice).
const MINOR_AGES: [((u8, u8), f64); 3] = [((9, 12), 0.25), ((13, 15), 0.40), ((16, 17), 0.35)];
const ADULT_AGES: [((u8, u8), f64); 3] = [((18, 24), 0.27), ((25, 39), 0.40), ((40, 75), 0.33)];

/// What people share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Household,
    Class,
    Club,
    Workplace,
    Circle,
}

impl Kind {
    /// Share of pairs in contact at the start (our choice: some fifteen contacts each, as MSN's mean degree of
    /// 14.4), and how often those talk.
    fn closeness(self) -> (f64, f64) {
        match self {
            Kind::Household => (0.95, 3.0),
            Kind::Class => (0.35, 1.0),
            Kind::Club => (0.40, 0.7),
            Kind::Workplace => (0.45, 0.6),
            Kind::Circle => (0.25, 0.8),
        }
    }

    /// Whether its members know each other in person.
    pub(crate) fn is_in_person(self) -> bool {
        self != Kind::Circle
    }
}

/// A small community with a group of its own.
#[derive(Clone, Debug)]
pub(crate) struct Community {
    pub(crate) kind: Kind,
    /// By person, the founder or leader first.
    pub(crate) members: Vec<u32>,
    /// The day on which its group is created; none where it was there before.
    pub(crate) founded: Option<u32>,
}

/// Everybody and everything at the start of the world.
#[derive(Debug)]
pub(crate) struct Crowd {
    pub(crate) people: Vec<Person>,
    pub(crate) communities: Vec<Community>,
    pub(crate) network: Network,
    pub(crate) minors: Vec<u32>,
    pub(crate) adults: Vec<u32>,
}

impl Crowd {
    pub(crate) fn draw(params: &CheckedParams) -> Self {
        let seed = params.get().seed;
        let mut people = people(params);
        let (minors, adults) = (0..params.get().accounts).partition(|p| people[*p as usize].is_minor());
        let mut communities = Vec::new();
        let mut dice = Dice::new(seed, 0, Process::Crowd, 1);
        for first in (0..params.get().accounts).step_by(TOWN as usize) {
            let town: Vec<u32> = (first..params.get().accounts.min(first + TOWN)).collect();
            settle(&mut dice, &people, &town, &mut communities);
        }
        circles(&mut dice, &people, &mut communities);
        for community in &mut communities {
            let is_new =
                matches!(community.kind, Kind::Club | Kind::Circle | Kind::Workplace) && dice.chance(0.12);
            let day = u32::try_from(dice.below(u64::from(params.get().days))).unwrap_or(0);
            community.founded = is_new.then_some(day);
        }
        let mut crowd =
            Self { people: Vec::new(), communities, network: Network::new(people.len()), minors, adults };
        roles::assign(params, &mut people, &mut crowd);
        for (index, community) in (0..).zip(&crowd.communities) {
            community.members.iter().for_each(|member| people[*member as usize].communities.push(index));
        }
        crowd.people = people;
        crowd.befriend(seed);
        crowd
    }

    /// The contacts that are there before the world begins.
    fn befriend(&mut self, seed: u64) {
        for (index, community) in (0..).zip(&self.communities) {
            let mut dice = Dice::new(seed, index, Process::Ties, 0);
            let (density, weight) = community.kind.closeness();
            for (place, a) in community.members.iter().enumerate() {
                for b in &community.members[place + 1..] {
                    let (one, other) = (&self.people[*a as usize], &self.people[*b as usize]);
                    let are_here = one.joins.is_none() && other.joins.is_none();
                    let sociable = (one.habits.talk * other.habits.talk).powf(0.25);
                    if dice.chance(density * sociable)
                        && are_here
                        && !awaits_intake(one)
                        && !awaits_intake(other)
                    {
                        let weight = dice.log_normal(weight, 1.0);
                        self.network.connect(*a, *b, weight);
                    }
                }
            }
        }
    }
}

fn awaits_intake(person: &Person) -> bool {
    matches!(person.role, Role::Teacher { intake: Some(_) } | Role::YouthCoach { intake: Some(_) })
}

fn people(params: &CheckedParams) -> Vec<Person> {
    let raw = params.get();
    let arriving = 1.0 - (-ARRIVALS_PER_DAY * f64::from(raw.days)).exp();
    let mut towns = Dice::new(raw.seed, 0, Process::Crowd, 0);
    let shares: Vec<(usize, f64)> = REGIONS.iter().map(|region| region.share).enumerate().collect();
    let mut region = 0;
    let person = |id: u32| {
        if id.is_multiple_of(TOWN) {
            region = towns.weighted(&shares);
        }
        let mut dice = Dice::new(raw.seed, id, Process::Person, 0);
        let ages = if dice.chance(raw.minor_share) { &MINOR_AGES } else { &ADULT_AGES };
        let (youngest, oldest) = dice.weighted(ages);
        let years = dice.below(u64::from(oldest - youngest) + 1);
        let joins = dice.chance(arriving).then(|| raw.start + dice.below(u64::from(raw.days) * DAY));
        Person {
            age: youngest + u8::try_from(years).unwrap_or(0),
            region,
            role: Role::Ordinary,
            joins,
            habits: Habits::draw(&mut dice),
            communities: Vec::new(),
        }
    };
    (0..raw.accounts).map(person).collect()
}

/// Households, classes, clubs and workplaces of one town. Sizes are our choice; most groups are below ten or
/// little more (WhatsApp).
fn settle(dice: &mut Dice, people: &[Person], town: &[u32], communities: &mut Vec<Community>) {
    let age = |id: &u32| people[*id as usize].age;
    let mut found = |kind, members: &[u32]| {
        if members.len() > 1 {
            communities.push(Community { kind, members: members.to_vec(), founded: None });
        }
    };
    let (mut minors, mut adults): (Vec<u32>, Vec<u32>) = town.iter().partition(|id| age(id) < 18);
    dice.shuffle(&mut adults);
    dice.shuffle(&mut minors);

    let parents: Vec<u32> = adults.iter().copied().filter(|id| (28..=62).contains(&age(id))).collect();
    let homes = minors.len() * 2 / 3 + 1;
    for home in 0..homes {
        let children = minors.iter().skip(home).step_by(homes);
        let members: Vec<u32> = parents.iter().skip(2 * home).take(2).chain(children).copied().collect();
        found(Kind::Household, &members);
    }
    parents.get(2 * homes..).unwrap_or(&[]).chunks(2).for_each(|pair| found(Kind::Household, pair));

    let workers: Vec<u32> = adults.iter().copied().filter(|id| age(id) < 67).collect();
    chunks(dice, &workers, 5.0, 14.0, |members| found(Kind::Workplace, members));
    let athletes: Vec<u32> = minors.iter().copied().filter(|_| dice.chance(0.6)).collect();
    chunks(dice, &athletes, 12.0, 20.0, |members| found(Kind::Club, members));
    minors.sort_by_key(age);
    chunks(dice, &minors, 20.0, 28.0, |members| found(Kind::Class, members));
}

/// Circles of common interest, mostly of one age and regardless of place.
fn circles(dice: &mut Dice, people: &[Person], communities: &mut Vec<Community>) {
    for (youngest, oldest) in [(9, 14), (13, 19), (18, 27), (25, 42), (38, 75)] {
        let band = youngest..=oldest;
        let fits = |(_, person): &(u32, &Person)| band.contains(&person.age);
        let mut fans: Vec<u32> = (0..).zip(people).filter(fits).map(|(id, _)| id).collect();
        fans.retain(|_| dice.chance(0.6));
        dice.shuffle(&mut fans);
        chunks(dice, &fans, 6.0, 24.0, |members| {
            communities.push(Community { kind: Kind::Circle, members: members.to_vec(), founded: None });
        });
    }
}

/// Cuts `all` into pieces of random size.
fn chunks(dice: &mut Dice, all: &[u32], least: f64, most: f64, mut each: impl FnMut(&[u32])) {
    let mut left = all;
    while !left.is_empty() {
        let size = usize::try_from(whole(dice.between(least, most))).unwrap_or(1).clamp(1, left.len());
        let (piece, rest) = left.split_at(size);
        each(piece);
        left = rest;
    }
}

/// The start of a day, milliseconds since the epoch.
pub(crate) fn day_start(start: Millis, day: u32) -> Millis {
    start + u64::from(day) * DAY
}
