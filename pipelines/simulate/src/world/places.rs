//! Where everybody goes online from: homes, shared devices, rings of accounts, lives in two places.

use std::collections::{BTreeMap, BTreeSet};

use crate::crowd::{ALONE, Crowd, TOWN};
use crate::dice::{Dice, Process, mix};
use crate::params::CheckedParams;
use crate::person::Person;
use crate::rhythm::REGIONS;
use crate::role::LookAlike;
use crate::scribe::Place;

/// Accounts of a ring that are run at one desk, and the devices there (our choice).
const DESK: u32 = 6;
const DESK_DEVICES: u32 = 3;

/// Above the numbers of devices of homes and of libraries.
pub(super) const HOME_DEVICE: u64 = 1 << 43;
pub(super) const LIBRARY_DEVICE: u64 = 1 << 44;

pub(super) fn of(params: &CheckedParams, crowd: &Crowd) -> Vec<Place> {
    let seed = params.get().seed;
    let sharing = homes_that_share(crowd);
    let mut met_of_ring: BTreeMap<u32, u32> = BTreeMap::new();
    let place = |(id, person): (u32, &Person)| {
        let own = crowd.homes[id as usize];
        let home = u64::from(own);
        if let Some(ring) = crowd.campaign(person).and_then(|c| c.ring).filter(|_| is_operated(crowd, person))
        {
            let met = met_of_ring.entry(ring).or_default();
            let desk = *met / DESK;
            *met += 1;
            return Place {
                network: 1 << 41 | u64::from(ring),
                device: 1 << 42 | u64::from(ring) << 8 | u64::from(desk * DESK_DEVICES),
                devices: DESK_DEVICES,
                region: operator_region(seed, ring),
                // Now and then through somebody else's connection, where the victims are.
                elsewhere: Some((person.region, 0.3)),
            };
        }
        let mut dice = Dice::new(seed, id, Process::Account, 1);
        let other = usize::try_from(dice.below(REGIONS.len() as u64)).unwrap_or(0);
        let is_sharer = person.role.look_alike() == Some(LookAlike::SharedDevice);
        let shares = is_sharer || dice.chance(if sharing.contains(&own) { 0.7 } else { 0.03 });
        // Who lives alone goes to the town's library.
        let shared =
            if own >= ALONE { LIBRARY_DEVICE | u64::from(id / TOWN) << 2 } else { HOME_DEVICE | home << 2 };
        let holder = u64::from(person.earlier.filter(|_| dice.chance(0.6)).unwrap_or(id));
        let elsewhere = match person.role.look_alike() {
            Some(LookAlike::TwoHomes) => Some((other, 0.45)),
            Some(LookAlike::Diaspora) => Some((other, 0.15)),
            // Travel (our choice).
            _ => dice.chance(0.03).then_some((other, 0.1)),
        };
        Place {
            network: home,
            device: if shares { shared } else { holder << 2 },
            devices: if dice.chance(0.2) { 2 } else { 1 },
            region: person.region,
            elsewhere,
        }
    };
    (0..).zip(&crowd.people).map(place).collect()
}

/// Households in which a device is used by several.
fn homes_that_share(crowd: &Crowd) -> BTreeSet<u32> {
    let is_sharer = |person: &Person| person.role.look_alike() == Some(LookAlike::SharedDevice);
    let sharers = crowd.homes.iter().zip(&crowd.people).filter(|(_, person)| is_sharer(person));
    sharers.map(|(home, _)| *home).collect()
}

/// Whether the account is one of several in the same hands. Reporters who act together are people of their own.
fn is_operated(crowd: &Crowd, person: &Person) -> bool {
    crowd.campaign(person).is_some_and(|c| c.archetype != crate::role::Archetype::BrigadingReporter)
}

/// Where a ring sits: anywhere.
pub(super) fn operator_region(seed: u64, ring: u32) -> usize {
    usize::try_from(mix(seed, u64::from(ring), 7) % REGIONS.len() as u64).unwrap_or(0)
}
