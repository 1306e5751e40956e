//! What is really so. Only evaluation may read it.

use std::collections::BTreeMap;

use evaluation::{Together, Truth};

use super::places::{HOME_DEVICE, LIBRARY_DEVICE};
use crate::crowd::{ALONE, Crowd};
use crate::role::{Archetype, LookAlike, Role};
use crate::scribe::Cast;

pub(super) fn of(crowd: &Crowd, cast: &Cast) -> Vec<Truth> {
    let entry = |(person, account): (&crate::person::Person, &crate::account::Account)| {
        let (archetype, role) = match person.role {
            Role::Ordinary => (None, None),
            Role::LookAlike { kind, .. } => (None, Some(kind.name())),
            Role::Abuser { archetype, .. } => (Some(archetype.name()), None),
        };
        Truth {
            account: account.token.as_str().to_owned(),
            abusive: archetype.is_some(),
            archetype: archetype.map(str::to_owned),
            role: role.map(str::to_owned),
            onset: crowd.campaign(person).map(|campaign| campaign.onset),
            minor: person.is_minor(),
        }
    };
    crowd.people.iter().zip(&cast.accounts).map(entry).collect()
}

/// Who really belongs together, and who only lives alike; each group of two accounts or more.
pub(super) fn groups(crowd: &Crowd, cast: &Cast, rings: &BTreeMap<u32, Vec<u32>>) -> Vec<Together> {
    let together = |kind: &str, is_ring: bool, people: &[u32]| Together {
        kind: kind.to_owned(),
        is_ring,
        accounts: people.iter().map(|who| cast.accounts[*who as usize].token.as_str().to_owned()).collect(),
    };
    let mut groups = Vec::new();
    for people in rings.values() {
        let campaign = people.first().and_then(|who| crowd.campaign(&crowd.people[*who as usize]));
        groups.extend(campaign.map(|campaign| together(campaign.archetype.name(), true, people)));
    }
    for (who, person) in (0..).zip(&crowd.people) {
        let Some(earlier) = person.earlier else { continue };
        let is_back = person.role.archetype() == Some(Archetype::BanEvader);
        let kind = if is_back { Archetype::BanEvader.name() } else { LookAlike::ChangedNumber.name() };
        groups.push(together(kind, is_back, &[earlier, who]));
    }
    let mut alike: BTreeMap<(&str, u64), Vec<u32>> = BTreeMap::new();
    for (who, place) in (0..).zip(&cast.places) {
        let home = crowd.homes[who as usize];
        if home < ALONE {
            alike.entry(("household", u64::from(home))).or_default().push(who);
        }
        if place.device & LIBRARY_DEVICE > 0 {
            alike.entry(("library", place.device)).or_default().push(who);
        } else if place.device & HOME_DEVICE > 0 {
            alike.entry(("household_with_one_device", place.device)).or_default().push(who);
        }
    }
    groups.extend(alike.into_iter().map(|((kind, _), people)| together(kind, false, &people)));
    groups.retain(|group| group.accounts.len() > 1);
    groups
}
