//! The crowd: people, the communities that they live in, and who among them is what.

use events::Millis;

use crate::DAY;
use crate::campaign::Campaign;
use crate::dice::{Dice, Process, single, whole};
use crate::network::Network;
use crate::params::CheckedParams;
use crate::person::{Habits, Person};
use crate::role::{LookAlike, Role};

mod circles;
mod roles;
mod second;

/// People who live in one place.
pub(crate) const TOWN: u32 = 400;

/// Numbers of homes from which on somebody lives alone.
pub(crate) const ALONE: u32 = 1 << 31;

/// What people share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Household,
    Class,
    Club,
    Workplace,
    Circle,
    /// Freshers of one place.
    Cohort,
    /// A gaming clan of mixed ages.
    Clan,
    /// Those who have to do with an institution, and not with each other.
    Clientele,
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
            Kind::Cohort => (0.02, 0.8),
            Kind::Clan => (0.25, 0.9),
            Kind::Clientele => (0.0, 0.0),
        }
    }

    /// Whether its members know each other in person.
    pub(crate) fn is_in_person(self) -> bool {
        !matches!(self, Kind::Circle | Kind::Clan | Kind::Clientele)
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
    /// By number, as roles name them.
    pub(crate) campaigns: Vec<Campaign>,
    /// By person, the household.
    pub(crate) homes: Vec<u32>,
}

impl Crowd {
    pub(crate) fn draw(params: &CheckedParams) -> Self {
        let raw = params.get();
        let mut people = people(params);
        let mut communities = Vec::new();
        let mut dice = Dice::new(raw.seed, 0, Process::Crowd, 1);
        for first in (0..raw.accounts).step_by(TOWN as usize) {
            let town: Vec<u32> = (first..raw.accounts.min(first + TOWN)).collect();
            settle(&mut dice, &people, &town, &mut communities);
        }
        circles::draw(&mut dice, &people, &mut communities);
        for community in &mut communities {
            let is_new =
                matches!(community.kind, Kind::Club | Kind::Circle | Kind::Workplace) && dice.chance(0.12);
            let day = u32::try_from(dice.below(u64::from(raw.days))).unwrap_or(0);
            community.founded = is_new.then_some(day);
        }
        let (mut minors, mut adults): (Vec<u32>, Vec<u32>) =
            (0..raw.accounts).partition(|p| people[*p as usize].is_minor());
        let mut crowd = Self {
            people: Vec::new(),
            communities,
            network: Network::new(people.len()),
            minors: Vec::new(),
            adults: Vec::new(),
            campaigns: Vec::new(),
            homes: Vec::new(),
        };
        roles::assign(params, &mut people, &mut crowd);
        for (index, community) in (0..).zip(&crowd.communities) {
            community.members.iter().for_each(|member| people[*member as usize].communities.push(index));
        }
        second::accounts(params, &mut people, &mut crowd);
        // Second accounts change ages.
        minors.retain(|p| people[*p as usize].is_minor());
        adults.retain(|p| !people[*p as usize].is_minor());
        (crowd.minors, crowd.adults) = (minors, adults);
        crowd.homes = crowd.homes(&people);
        crowd.people = people;
        if raw.scenario.population.acquainted {
            crowd.befriend(raw.seed);
        }
        crowd
    }

    /// What a person is up to, if anything.
    pub(crate) fn campaign(&self, person: &Person) -> Option<&Campaign> {
        match person.role {
            Role::Abuser { campaign, .. } => self.campaigns.get(campaign as usize),
            _ => None,
        }
    }

    /// By person, the number of the household; who has none lives alone.
    fn homes(&self, people: &[Person]) -> Vec<u32> {
        let is_home = |index: &&u32| self.communities[**index as usize].kind == Kind::Household;
        let home = |(id, person): (u32, &Person)| {
            // Numbers of people and of communities are kept apart.
            person.communities.iter().find(is_home).copied().unwrap_or(ALONE | id)
        };
        (0..).zip(people).map(home).collect()
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
                        self.network.connect(*a, *b, single(weight));
                    }
                }
            }
        }
    }
}

/// Whether the person has yet to meet those whom they lead.
fn awaits_intake(person: &Person) -> bool {
    let kinds = [LookAlike::Teacher, LookAlike::YouthCoach];
    matches!(person.role, Role::LookAlike { kind, day } if kinds.contains(&kind) && day != u32::MAX)
}

fn people(params: &CheckedParams) -> Vec<Person> {
    let raw = params.get();
    let population = &raw.scenario.population;
    let arriving = 1.0 - (-population.arrivals_per_day * f64::from(raw.days)).exp();
    let mut towns = Dice::new(raw.seed, 0, Process::Crowd, 0);
    let shares = raw.scenario.regions();
    let (minor_ages, adult_ages) = (
        ages([(9, 12), (13, 15), (16, 17)], population.minor_ages),
        ages([(18, 24), (25, 39), (40, 75)], population.adult_ages),
    );
    let mut region = 0;
    let person = |id: u32| {
        if id.is_multiple_of(TOWN) {
            region = towns.weighted(&shares);
        }
        let mut dice = Dice::new(raw.seed, id, Process::Person, 0);
        let ages = if dice.chance(population.minor_share) { &minor_ages } else { &adult_ages };
        let (youngest, oldest) = dice.weighted(ages);
        let years = dice.below(u64::from(oldest - youngest) + 1);
        let open = whole(f64::from(raw.days) * DAY as f64 * population.arrivals_until);
        let joins = dice.chance(arriving).then(|| raw.start + dice.below(open));
        Person {
            age: youngest + u8::try_from(years).unwrap_or(0),
            poses_as: None,
            region,
            role: Role::Ordinary,
            joins,
            leaves: None,
            earlier: None,
            habits: Habits::draw(&mut dice),
            communities: Vec::new(),
        }
    };
    (0..raw.accounts).map(person).collect()
}

fn ages(bands: [(u8, u8); 3], weights: [f64; 3]) -> [((u8, u8), f64); 3] {
    [0, 1, 2].map(|band| (bands[band], weights[band]))
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

/// Cuts `all` into pieces of random size.
pub(crate) fn chunks(dice: &mut Dice, all: &[u32], least: f64, most: f64, mut each: impl FnMut(&[u32])) {
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
