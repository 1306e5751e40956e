//! Communities of the look-alikes: classes and clubs that they lead, families, cohorts, clans, friends far away.

use std::collections::BTreeMap;

use super::{is_class, town};
use crate::crowd::{Community, Crowd, Kind, chunks};
use crate::dice::{Dice, Process, whole};
use crate::params::CheckedParams;
use crate::person::Person;
use crate::role::{LookAlike, Role};

/// Puts every look-alike where their role needs them.
pub(super) fn find(params: &CheckedParams, people: &[Person], crowd: &mut Crowd) {
    let seed = params.get().seed;
    let mut dice = Dice::new(seed, 0, Process::Role, 2);
    let places = Places::of(crowd);
    let mut apart: BTreeMap<LookAlike, Vec<u32>> = BTreeMap::new();
    for (id, person) in (0..).zip(people) {
        let Role::LookAlike { kind, day } = person.role else { continue };
        match kind {
            LookAlike::Teacher => lead(&mut dice, crowd, &places.classes, (id, day, 3)),
            LookAlike::YouthCoach => lead(&mut dice, crowd, &places.clubs, (id, day, 2)),
            LookAlike::Relative => join(&mut dice, crowd, &places.homes, id, 3),
            LookAlike::SchoolLeaver => join_oldest(&mut dice, people, crowd, &places.classes, id),
            LookAlike::Fresher
            | LookAlike::ClanHost
            | LookAlike::OnlineFriends
            | LookAlike::Diaspora
            | LookAlike::Institution => apart.entry(kind).or_default().push(id),
            _ => {}
        }
    }
    let minors: Vec<u32> = (0..).zip(people).filter(|(_, p)| p.is_minor()).map(|(id, _)| id).collect();
    for (kind, members) in apart {
        gather(&mut dice, params, crowd, (kind, &members, &minors));
    }
}

/// Communities by town.
struct Places {
    classes: BTreeMap<u32, Vec<usize>>,
    clubs: BTreeMap<u32, Vec<usize>>,
    homes: BTreeMap<u32, Vec<usize>>,
}

impl Places {
    fn of(crowd: &Crowd) -> Self {
        let of = |is: &dyn Fn(Kind) -> bool| {
            let mut by_town: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (index, community) in crowd.communities.iter().enumerate() {
                if let Some(member) = community.members.first().filter(|_| is(community.kind)) {
                    by_town.entry(town(*member)).or_default().push(index);
                }
            }
            by_town
        };
        Self {
            classes: of(&is_class),
            clubs: of(&|kind| kind == Kind::Club),
            homes: of(&|kind| kind == Kind::Household),
        }
    }
}

/// Communities near somebody: of their own town, else of any.
fn near(by_town: &BTreeMap<u32, Vec<usize>>, id: u32) -> &[usize] {
    let own = by_town.get(&town(id)).or_else(|| by_town.range(town(id)..).next().map(|(_, all)| all));
    own.or_else(|| by_town.values().next()).map_or(&[], Vec::as_slice)
}

/// Leads one to so many communities; with an intake, they come to be on that day.
fn lead(
    dice: &mut Dice,
    crowd: &mut Crowd,
    by_town: &BTreeMap<u32, Vec<usize>>,
    (id, day, most): (u32, u32, u64),
) {
    let led = near(by_town, id);
    for _ in 0..=dice.below(most) {
        let Some(index) = dice.pick(led) else { return };
        let community = &mut crowd.communities[index];
        if !community.members.contains(&id) {
            community.members.insert(0, id);
            community.founded = community.founded.or_else(|| (day != u32::MAX).then_some(day));
        }
    }
}

fn join(dice: &mut Dice, crowd: &mut Crowd, by_town: &BTreeMap<u32, Vec<usize>>, id: u32, count: u32) {
    for _ in 0..count {
        let Some(index) = dice.pick(near(by_town, id)) else { return };
        let members = &mut crowd.communities[index].members;
        if !members.contains(&id) {
            members.push(id);
        }
    }
}

/// Joins the class of one's town whose pupils are oldest.
fn join_oldest(
    dice: &mut Dice,
    people: &[Person],
    crowd: &mut Crowd,
    by_town: &BTreeMap<u32, Vec<usize>>,
    id: u32,
) {
    let oldest = |index: &&usize| {
        let members = &crowd.communities[**index].members;
        members.iter().map(|member| people[*member as usize].age).filter(|age| *age < 18).max()
    };
    let classes = near(by_town, id);
    let class = classes.iter().max_by_key(oldest).copied().or_else(|| dice.pick(classes));
    let Some(members) = class.map(|index| &mut crowd.communities[index].members) else { return };
    if !members.contains(&id) {
        members.push(id);
    }
}

/// Founds communities for people of one kind.
fn gather(
    dice: &mut Dice,
    params: &CheckedParams,
    crowd: &mut Crowd,
    (kind, members, minors): (LookAlike, &[u32], &[u32]),
) {
    let accounts = u64::from(params.get().accounts);
    let mut found = |kind, members: Vec<u32>, founded| {
        crowd.communities.push(Community { kind, members, founded });
    };
    let anybody = |dice: &mut Dice| u32::try_from(dice.below(accounts)).unwrap_or(0);
    match kind {
        LookAlike::Fresher => chunks(dice, members, 30.0, 60.0, |m| found(Kind::Cohort, m.to_vec(), None)),
        LookAlike::OnlineFriends => {
            chunks(dice, members, 5.0, 16.0, |m| found(Kind::Circle, m.to_vec(), None));
        }
        LookAlike::Diaspora => chunks(dice, members, 6.0, 20.0, |m| found(Kind::Circle, m.to_vec(), None)),
        LookAlike::ClanHost => {
            for host in members {
                let size = usize::try_from(whole(dice.between(8.0, 26.0))).unwrap_or(8);
                let mut clan = vec![*host];
                for _ in 0..size {
                    let some = if dice.chance(0.5) { dice.pick(minors) } else { Some(anybody(dice)) };
                    clan.extend(some.filter(|id| !clan.contains(id)));
                }
                found(Kind::Clan, clan, None);
            }
        }
        _ => {
            // Those who have to do with an institution: a third of them minors.
            for house in members {
                let size = usize::try_from(whole(dice.between(25.0, 90.0))).unwrap_or(25);
                let mut clients = vec![*house];
                for _ in 0..size {
                    let some = if dice.chance(0.3) { dice.pick(minors) } else { Some(anybody(dice)) };
                    clients.extend(some.filter(|id| !clients.contains(id)));
                }
                found(Kind::Clientele, clients, None);
            }
        }
    }
}
