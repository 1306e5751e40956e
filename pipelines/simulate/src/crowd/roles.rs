//! Who is what: a few abusers, and at least ten times as many people who look like them and are not.

use std::collections::HashSet;

use events::Millis;

use super::{Crowd, Kind, TOWN};
use crate::dice::{Dice, Process, whole};
use crate::params::CheckedParams;
use crate::person::{Abuse, Person, Role};
use crate::{DAY, HOUR, MINUTE, SECOND};

/// Look-alikes for each scattergun adder; at least ten are asked for, and more exist.
const LOOK_ALIKES: usize = 12;

/// Abusers of each archetype, at least, in a world that has any.
const ABUSERS_MIN: usize = 6;

/// Share of all accounts that are look-alikes, at least (our choice).
const LOOK_ALIKE_SHARE: f64 = 0.01;

/// Onsets lie in this part of the world, so that something is left to be seen.
const ONSET_LATEST: f64 = 0.85;

/// Gives roles to people, and classes and clubs to those who lead them.
pub(super) fn assign(params: &CheckedParams, people: &mut [Person], crowd: &mut Crowd) {
    let raw = params.get();
    let mut dice = Dice::new(raw.seed, 0, Process::Role, 0);
    let each = if raw.abusive_share > 0.0 {
        let share = f64::from(raw.accounts) * raw.abusive_share / 2.0;
        usize::try_from(whole(share.round())).unwrap_or(0).max(ABUSERS_MIN)
    } else {
        0
    };
    let alike = (LOOK_ALIKES * each)
        .max(usize::try_from(whole(f64::from(raw.accounts) * LOOK_ALIKE_SHARE)).unwrap_or(0));

    let mut candidates = crowd.adults.clone();
    dice.shuffle(&mut candidates);
    let leads = |id: &u32| (22..=65).contains(&people[*id as usize].age);
    let leaders: Vec<u32> = candidates.iter().copied().filter(leads).take(alike).collect();
    let taken: HashSet<u32> = leaders.iter().copied().collect();
    let mut rest = candidates.into_iter().filter(|id| !taken.contains(id));

    lead(params, &leaders, people, crowd);
    for id in rest.by_ref().take(each) {
        let mut dice = Dice::new(raw.seed, id, Process::Role, 1);
        scattergun(params, &mut dice, &mut people[id as usize]);
    }
    for id in rest.take(each) {
        let mut dice = Dice::new(raw.seed, id, Process::Role, 1);
        bulk_spammer(params, &mut dice, &mut people[id as usize]);
        crowd.communities.iter_mut().for_each(|community| community.members.retain(|member| *member != id));
    }
    crowd.communities.retain(|community| !community.members.is_empty());
}

/// Three in five teach a class, the others coach a club; every class and club has its leaders in turn.
fn lead(params: &CheckedParams, leaders: &[u32], people: &mut [Person], crowd: &mut Crowd) {
    let of_kind = |kind| {
        let groups = crowd.communities.iter().enumerate().filter(move |(_, c)| c.kind == kind);
        groups.map(|(index, _)| index).collect::<Vec<_>>()
    };
    let (classes, clubs) = (of_kind(Kind::Class), of_kind(Kind::Club));
    for (place, id) in leaders.iter().enumerate() {
        let mut dice = Dice::new(params.get().seed, *id, Process::Role, 1);
        let intake = dice.chance(0.7).then(|| intake_day(&mut dice, params.get().days));
        let teaches = (place % 5 < 3 && !classes.is_empty()) || clubs.is_empty();
        let (led, role, most) = if teaches {
            (&classes, Role::Teacher { intake }, 3)
        } else {
            (&clubs, Role::YouthCoach { intake }, 2)
        };
        let person = &mut people[*id as usize];
        person.role = role;
        person.joins = None;
        let local =
            |index: &usize| crowd.communities[*index].members.last().is_some_and(|m| m / TOWN == id / TOWN);
        let near: Vec<usize> = led.iter().copied().filter(local).collect();
        let led = if near.is_empty() { led } else { &near };
        for step in 0..=usize::try_from(dice.below(most)).unwrap_or(0) {
            let Some(index) = led.get((place / 2 + step) % led.len().max(1)) else { continue };
            let community = &mut crowd.communities[*index];
            if !community.members.contains(id) {
                community.members.insert(0, *id);
                community.founded = community.founded.or(intake);
            }
        }
    }
}

fn intake_day(dice: &mut Dice, days: u32) -> u32 {
    u32::try_from(dice.below(u64::from(days))).unwrap_or(0)
}

fn instant(dice: &mut Dice, params: &CheckedParams, from: f64, to: f64) -> Millis {
    let length = (params.end() - params.get().start) as f64;
    params.get().start + whole(dice.between(from, to) * length)
}

/// Every number is a prior of the population design unless a source is named.
fn scattergun(params: &CheckedParams, dice: &mut Dice, person: &mut Person) {
    let onset = instant(dice, params, 0.02, ONSET_LATEST);
    let age_ms = whole(dice.log_normal(2.0 * DAY as f64, 1.2));
    let joins = onset.saturating_sub(age_ms);
    person.joins = (dice.chance(0.5) && joins > params.get().start).then_some(joins);
    person.role = Role::Scattergun(Abuse {
        onset,
        drive: dice.between(0.25, 0.95),
        // Archetype A1: 30 to 300 requests to minors a week.
        pace: dice.log_normal(65.0, 0.8).clamp(30.0, 300.0),
        gap_ms: dice.log_normal(90.0 * SECOND as f64, 0.8),
        focus: dice.between(0.75, 1.0),
        harshness: dice.log_normal(0.8, 0.6).clamp(0.15, 2.0),
    });
}

fn bulk_spammer(params: &CheckedParams, dice: &mut Dice, person: &mut Person) {
    let joins = instant(dice, params, 0.0, 0.8 * ONSET_LATEST);
    person.joins = Some(joins);
    // 5 minutes after registration (WhatsApp 2019) at the fastest; some let the account age for a few days.
    let wait = whole(dice.log_normal(8.0 * HOUR as f64, 2.0)).max(5 * MINUTE);
    person.role = Role::BulkSpammer(Abuse {
        onset: (joins + wait).min(instant(dice, params, ONSET_LATEST - 0.05, ONSET_LATEST)),
        drive: dice.between(0.15, 0.9),
        // Up to 100 messages in 15 seconds (WhatsApp 2019).
        pace: dice.log_normal(35.0, 0.8).clamp(6.0, 100.0),
        gap_ms: dice.log_normal(800.0, 1.5).clamp(100.0, 60.0 * SECOND as f64),
        focus: 0.0,
        harshness: dice.log_normal(0.8, 0.6).clamp(0.15, 2.0),
    });
}
