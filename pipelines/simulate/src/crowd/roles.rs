//! Who is what: a few abusers, and many more people who look like them and are not.

use super::{Community, Crowd, Kind, TOWN};
use crate::campaign::{Campaign, Span};
use crate::dice::{Dice, Process, mix, whole};
use crate::params::CheckedParams;
use crate::person::Person;
use crate::role::{Archetype, LookAlike, Role};
use crate::{DAY, HOUR};

mod places;

/// How many there are of each kind.
pub(crate) struct Census {
    pub(crate) abusers: Vec<(Archetype, u32)>,
    pub(crate) look_alikes: Vec<(LookAlike, u32)>,
}

impl Census {
    pub(crate) fn of(params: &CheckedParams) -> Self {
        let raw = params.get();
        let accounts = f64::from(raw.accounts);
        let abusers = abusers(raw);
        let number = |kind: &Archetype| abusers.iter().find(|(k, _)| k == kind).map_or(0, |(_, n)| *n);
        let count = |kind: LookAlike| {
            let share = raw.scenario.look_alike_share(kind);
            let resembles = |abuse: &&Archetype| abuse.resembled_by().contains(&kind);
            let most = Archetype::ALL.iter().filter(resembles).map(number).max().unwrap_or(0);
            let least = f64::from(most) * raw.scenario.look_alikes.per_abuser;
            let count = if share > 0.0 { (share * accounts).max(least) } else { 0.0 };
            u32::try_from(whole(count.ceil())).unwrap_or(u32::MAX)
        };
        let look_alikes = LookAlike::ALL.iter().map(|kind| (*kind, count(*kind))).collect();
        Self { abusers, look_alikes }
    }
}

/// Abusers by archetype, by largest remainder. A world with any abuse has some of the more frequent kinds, and from
/// 2,100 accounts on every kind.
fn abusers(raw: &crate::Params) -> Vec<(Archetype, u32)> {
    let accounts = f64::from(raw.accounts);
    let kinds: Vec<Archetype> =
        Archetype::ALL.iter().copied().filter(|kind| raw.scenario.weight(*kind) > 0.0).collect();
    let least = (accounts / 150.0).min(kinds.len() as f64).max(2.0);
    let share = raw.scenario.abuse.share;
    let total = if share > 0.0 { (share * accounts).round().max(least.floor()) } else { 0.0 };
    let sum: f64 = kinds.iter().map(|kind| raw.scenario.weight(*kind)).sum();
    let mut ranked: Vec<(Archetype, f64)> =
        kinds.iter().map(|kind| (*kind, total * raw.scenario.weight(*kind) / sum)).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1));
    // One of each first, as far as that goes, then the rest by weight.
    let mut left = whole(total);
    let mut counts: Vec<(Archetype, u32)> = Vec::new();
    for (kind, exact) in &ranked {
        let n = left.min(whole(exact.floor()).max(1));
        left -= n;
        counts.push((*kind, u32::try_from(n).unwrap_or(u32::MAX)));
    }
    let kinds = counts.len().max(1) as u64;
    for (place, (_, n)) in (0..kinds).zip(&mut counts) {
        *n += u32::try_from(left / kinds + u64::from(place < left % kinds)).unwrap_or(0);
    }
    for (kind, n) in &mut counts {
        // Somebody who comes back has two accounts.
        *n += u32::from(*kind == Archetype::BanEvader && *n % 2 == 1);
    }
    let decoys = u32::try_from(whole(raw.scenario.abuse.decoys * accounts)).unwrap_or(0);
    if decoys > 0 {
        counts.retain(|(kind, _)| *kind != Archetype::Decoy);
        counts.push((Archetype::Decoy, decoys));
    }
    counts
}

/// Gives roles to people, and communities to those whose role needs them.
pub(super) fn assign(params: &CheckedParams, people: &mut [Person], crowd: &mut Crowd) {
    let raw = params.get();
    let census = Census::of(params);
    let mut dice = Dice::new(raw.seed, 0, Process::Role, 0);
    let mut order: Vec<u32> = (0..raw.accounts).collect();
    dice.shuffle(&mut order);
    let mut free = Free { order, taken: vec![false; people.len()] };
    // The kinds with the narrowest ages choose first.
    let mut kinds = census.look_alikes.clone();
    kinds.sort_by_key(|(kind, _)| kind.ages().1 - kind.ages().0);
    for (kind, count) in kinds {
        for id in free.take(people, count, kind.ages()) {
            let mut dice = Dice::new(raw.seed, id, Process::Role, 1);
            let day = starting_day(&mut dice, params, kind);
            let person = &mut people[id as usize];
            person.role = Role::LookAlike { kind, day };
            settle_in(&mut dice, params, person, kind, day);
        }
    }
    places::find(params, people, crowd);
    let mut loners = vec![false; people.len()];
    for (archetype, count) in census.abusers {
        let ages = if archetype == Archetype::MinorCoercion { (12, 17) } else { (18, 75) };
        for (place, id) in (0..).zip(free.take(people, count, ages)) {
            let number = u32::try_from(crowd.campaigns.len()).unwrap_or(u32::MAX);
            let campaign = abuser(
                params,
                &mut people[id as usize],
                (archetype, place / raw.scenario.abuse.ring_accounts, id),
            );
            people[id as usize].role = Role::Abuser { archetype, campaign: number };
            loners[id as usize] = has_no_friends(archetype, id);
            crowd.campaigns.push(campaign);
        }
    }
    for community in &mut crowd.communities {
        community.members.retain(|member| !loners[*member as usize]);
    }
    crowd.communities.retain(|community: &Community| !community.members.is_empty());
    mingle(&mut dice, people, &mut crowd.communities);
}

/// People who have no role yet, in random order.
struct Free {
    order: Vec<u32>,
    taken: Vec<bool>,
}

impl Free {
    /// So many of them, of these ages if there are enough; of the same side of 18 if not, who then are of that age.
    fn take(&mut self, people: &mut [Person], count: u32, (youngest, oldest): (u8, u8)) -> Vec<u32> {
        let mut found = Vec::new();
        for exact in [true, false] {
            for id in &self.order {
                if found.len() >= count as usize {
                    return found;
                }
                let person = &mut people[*id as usize];
                let fits = (youngest..=oldest).contains(&person.age);
                let near = !exact && (person.age < 18) == (oldest < 18);
                if !self.taken[*id as usize] && (fits || near) {
                    self.taken[*id as usize] = true;
                    person.age = person.age.clamp(youngest, oldest);
                    found.push(*id);
                }
            }
        }
        found
    }
}

fn starting_day(dice: &mut Dice, params: &CheckedParams, kind: LookAlike) -> u32 {
    let raw = params.get();
    let any = u32::try_from(dice.below(u64::from(raw.days))).unwrap_or(0);
    match kind {
        // Seven in ten meet a new class or club inside the world.
        LookAlike::Teacher | LookAlike::YouthCoach if dice.chance(0.3) => u32::MAX,
        LookAlike::Fresher => {
            let late = u32::try_from(dice.below(4)).unwrap_or(0);
            raw.scenario.calendar.freshers_day.saturating_add(late)
        }
        _ => any,
    }
}

/// What a look-alike's role says of their account and habits.
fn settle_in(dice: &mut Dice, params: &CheckedParams, person: &mut Person, kind: LookAlike, day: u32) {
    let raw = params.get();
    match kind {
        LookAlike::Teacher | LookAlike::YouthCoach | LookAlike::Institution | LookAlike::Creator => {
            person.joins = None;
        }
        // Half of them have made the account for it.
        LookAlike::Fresher if day < raw.days && dice.chance(0.5) => {
            let first = raw.start + u64::from(day) * DAY;
            person.joins = Some(first.saturating_sub(dice.below(3 * DAY)).max(raw.start) + HOUR);
        }
        LookAlike::DeclaredAdult | LookAlike::OnlineFriends | LookAlike::SchoolLeaver => {
            person.habits.outreach = person.habits.outreach.max(dice.between(0.4, 0.98));
        }
        _ => {}
    }
    if kind == LookAlike::OnlineFriends || kind == LookAlike::Dater {
        person.habits.strangers = dice.between(0.6, 0.95);
    }
}

/// Who poses as a teenager to be believed belongs to circles of teenagers, and to the networks of
/// their schools and teams, where nobody has met them (our choice: four to seven, and one to three).
fn mingle(dice: &mut Dice, people: &[Person], communities: &mut [Community]) {
    let is_teen = |id: &u32| (13..18).contains(&people[*id as usize].age);
    let of_teens = |community: &Community| {
        let teens = community.members.iter().filter(|id| is_teen(id)).count();
        2 * teens >= community.members.len()
    };
    let places = |is: &dyn Fn(Kind) -> bool| -> Vec<usize> {
        let such = communities.iter().enumerate().filter(|(_, all)| is(all.kind) && of_teens(all));
        such.map(|(index, _)| index).collect()
    };
    let circles = places(&|kind| matches!(kind, Kind::Circle | Kind::Clan));
    let schools = places(&|kind| matches!(kind, Kind::Class | Kind::Club));
    for (id, _) in (0..).zip(people).filter(|(_, p)| p.role.archetype() == Some(Archetype::Catfish)) {
        for (among, count) in [(&circles, 4 + dice.below(4)), (&schools, 1 + dice.below(3))] {
            for _ in 0..count {
                let Some(index) = dice.pick(among) else { break };
                if !communities[index].members.contains(&id) {
                    communities[index].members.push(id);
                }
            }
        }
    }
}

/// Accounts that were made for abuse alone.
fn has_no_friends(archetype: Archetype, id: u32) -> bool {
    use Archetype::*;
    // Half of the romance scams are run from accounts that were somebody's (our choice).
    if archetype == RomanceScam {
        return mix(u64::from(id), 3, 1) & 1 == 0;
    }
    matches!(archetype, SextortionFarm | BulkSpammer | ColludingSybil | Decoy | GroupAdder | Catfish)
}

fn abuser(
    params: &CheckedParams,
    person: &mut Person,
    (archetype, ring, id): (Archetype, u32, u32),
) -> Campaign {
    use Archetype::*;
    let raw = params.get();
    let span = Span { start: raw.start, end: params.end() };
    let mut dice = Dice::new(raw.seed, id, Process::Role, 1);
    let mut campaign = Campaign::draw(&mut dice, archetype, span);
    match archetype {
        BulkSpammer | SextortionFarm | ColludingSybil | Decoy | GroupAdder => {
            let mut joins = span.instant(&mut dice, 0.0, 0.7);
            if matches!(archetype, SextortionFarm | ColludingSybil) {
                // The accounts of a ring are made within some days of each other.
                let mut of_ring = Dice::new(raw.seed, ring, Process::Campaign, archetype as u32);
                joins = span.instant(&mut of_ring, 0.0, 0.6) + dice.below(4 * DAY);
                campaign.ring = Some((archetype as u32) << 24 | ring);
            }
            person.joins = Some(joins);
            campaign.start_after(&mut dice, joins, span);
        }
        BrigadingReporter => campaign.ring = Some((archetype as u32) << 24 | ring),
        Hijacked | AgedAccount | MinorCoercion => person.joins = None,
        _ => {
            // Half of the others have a new account, some days old.
            let age_ms = whole(dice.log_normal(2.0 * DAY as f64, 1.2));
            let joins = campaign.onset.saturating_sub(age_ms);
            person.joins = (dice.chance(0.5) && joins > raw.start).then_some(joins);
        }
    }
    if archetype == Catfish || (archetype == SextortionFarm && dice.chance(0.8)) {
        person.poses_as = u8::try_from(13 + dice.below(4)).ok();
    }
    if archetype == Catfish {
        // Lives as a teenager does who has friends online, and most have done so for long (our choice).
        person.habits.outreach = person.habits.outreach.max(dice.between(0.75, 0.985));
        person.habits.strangers = dice.between(0.4, 0.9);
        person.habits.presence = person.habits.presence.max(dice.between(0.4, 0.85));
        person.joins = person.joins.filter(|_| dice.chance(0.5));
    }
    if matches!(archetype, Catfish | LowAndSlow | Adaptive) {
        // They know how to be liked.
        person.habits.charm += if archetype == Catfish { 0.6 } else { 0.4 };
    }
    campaign
}

/// The town of a person, by the first who lives there.
pub(super) fn town(id: u32) -> u32 {
    id / TOWN * TOWN
}

/// Whether people of this kind of community are led by teachers.
pub(super) fn is_class(kind: Kind) -> bool {
    kind == Kind::Class
}
