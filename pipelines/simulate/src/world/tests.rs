use std::collections::{HashMap, HashSet};

use events::{EventType, Verdict, decode};

use super::*;
use crate::Params;
use crate::role::{Archetype, LookAlike};

mod marginals;
mod scenarios;
mod signatures;

fn world(accounts: u32, days: u32, seed: u64) -> World {
    World::new(&Params { accounts, days, seed, ..Params::default() }.check().unwrap())
}

fn hash(world: World) -> blake3::Hash {
    let mut hasher = blake3::Hasher::new();
    for event in world.flatten() {
        hasher.update(event.to_json().as_bytes()).update(b"\n");
    }
    hasher.finalize()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(hash(world(300, 5, 7)), hash(world(300, 5, 7)));
    assert_ne!(hash(world(300, 5, 7)), hash(world(300, 5, 8)));
}

#[test]
fn chunks_and_slices_in_any_order_give_the_same_bytes() {
    let mut backwards = world(1_500, 6, 7);
    let mut hasher = blake3::Hasher::new();
    while backwards.begin_day() {
        let mut lived: Vec<_> = backwards.chunks().rev().map(|chunk| backwards.live(chunk)).collect();
        lived.reverse();
        let day = backwards.end_day(lived);
        let mut written: Vec<String> = Vec::new();
        for slice in day.slices().rev() {
            let mut text = String::new();
            backwards.write(&day, slice, |event| text.push_str(&(event.to_json() + "\n")));
            written.push(text);
        }
        written.iter().rev().for_each(|text| {
            hasher.update(text.as_bytes());
        });
    }
    assert_eq!(hasher.finalize(), hash(world(1_500, 6, 7)));
}

#[test]
fn a_longer_world_begins_with_the_same_people() {
    let (short, long) = (world(300, 5, 7), world(300, 9, 7));
    let region = |world: &World| world.crowd.people.iter().map(|p| p.region).collect::<Vec<_>>();
    assert_eq!(region(&short), region(&long));
}

#[test]
fn every_event_keeps_the_contract() {
    // A start that is no midnight is as good as another.
    let params = Params { accounts: 2_500, days: 12, seed: 3, start: 1_700_000_012_345, ..Params::default() };
    let world = World::new(&params.check().unwrap());
    let (start, end) = (world.params.get().start, world.params.end());
    let mut types = HashSet::new();
    for event in world.flatten() {
        let json = event.to_json();
        assert_eq!(decode(json.as_bytes(), event.ts).as_ref(), Ok(&event), "{json}");
        assert!((start..end).contains(&event.ts), "{json}");
        types.insert(event.event_type());
    }
    use EventType::*;
    for expected in [
        AccountCreated,
        AccountUpdated,
        AccountStatus,
        SessionStarted,
        DiscoveryViewed,
        ContactRequested,
        ContactAccepted,
        ContactDeclined,
        ContactBlocked,
        MessageSent,
        MessageRead,
        CallPlaced,
        CallAnswered,
        GroupCreated,
        GroupJoined,
        GroupLeft,
        GroupMemberAdded,
        GateRefused,
        NoticeShown,
        ReportFiled,
        ReportResolved,
    ] {
        assert!(types.contains(&expected), "no {}", expected.as_str());
    }
}

#[test]
fn the_whole_is_sorted_and_ids_are_unique() {
    let world = world(300, 6, 5);
    let start = world.params.get().start;
    let mut ids = HashSet::new();
    let mut last = (0, None);
    for (day, events) in (0..).zip(world) {
        for event in events {
            assert_eq!((event.ts - start) / DAY, day);
            let key = (event.ts, Some(event.id.clone()));
            assert!(key > last, "{key:?} after {last:?}");
            last = key;
            assert!(ids.insert(event.id));
        }
    }
}

#[test]
fn nobody_acts_before_their_account_exists_or_while_it_is_suspended() {
    let mut world = world(2_500, 20, 3);
    let created: HashMap<_, _> =
        world.cast.accounts.iter().map(|account| (account.token.clone(), account.created)).collect();
    let mut suspended = HashSet::new();
    for event in world.by_ref().flatten() {
        let Some(actor) = &event.actor else { continue };
        assert!(event.ts >= created[actor], "{}", event.to_json());
        match &event.body {
            events::Body::AccountStatus(change) if change.status == events::Status::Suspended => {
                suspended.insert(actor.clone());
            }
            events::Body::AccountStatus(_) => {
                suspended.remove(actor);
            }
            _ => assert!(!suspended.contains(actor), "{}", event.to_json()),
        }
    }
    assert!(!suspended.is_empty());
}

#[test]
fn a_pair_has_one_first_contact() {
    let mut pairs = HashSet::new();
    for event in world(800, 20, 9).flatten() {
        let is_first = event.rel.as_ref().is_some_and(|rel| rel.edge == Some(events::Edge::None));
        if let (true, Some(a), Some(b)) = (is_first, &event.actor, &event.target) {
            let pair = if a < b { (a.clone(), b.clone()) } else { (b.clone(), a.clone()) };
            assert!(pairs.insert(pair), "{}", event.to_json());
        }
    }
}

#[test]
fn labels_hold_what_a_platform_can_know() {
    let mut world = world(3_000, 40, 2);
    let end = world.params.end();
    world.by_ref().for_each(drop);
    let truth: HashMap<_, _> = world.truth().into_iter().map(|t| (t.account.clone(), t)).collect();
    assert_eq!(truth.len(), 3_000);
    let labels = world.labels();
    assert!(labels.is_sorted_by_key(|label| label.ts));
    assert!(labels.iter().all(|label| label.ts < end && label.source != events::LabelSource::Simulation));
    let wrong = |label: &&Label| (label.label == Verdict::Abusive) != truth[label.account.as_str()].abusive;
    let errors = labels.iter().filter(wrong).count();
    assert!(errors > 0 && errors * 4 < labels.len(), "{errors} of {}", labels.len());
    let abusive = labels.iter().filter(|label| label.label == Verdict::Abusive).count();
    assert!(abusive > 5, "{abusive}");
}

#[test]
fn every_look_alike_is_ten_times_as_common_as_what_it_resembles() {
    for (accounts, share) in [(3_000, 0.005), (20_000, 0.005), (20_000, 0.02)] {
        let mut params = Params { accounts, days: 20, ..Params::default() };
        params.scenario.abuse.share = share;
        let truth = World::new(&params.check().unwrap()).truth();
        let count = |name: &str| {
            let is = |t: &&evaluation::Truth| {
                t.archetype.as_deref() == Some(name) || t.role.as_deref() == Some(name)
            };
            truth.iter().filter(is).count()
        };
        for archetype in Archetype::ALL.iter().filter(|kind| **kind != Archetype::Decoy) {
            let n = count(archetype.name());
            assert!(n > 0, "{}", archetype.name());
            for kind in archetype.resembled_by() {
                let alike = count(kind.name());
                assert!(alike >= 10 * n, "{alike} {} to {n} {}", kind.name(), archetype.name());
            }
        }
        assert!(LookAlike::ALL.iter().all(|kind| count(kind.name()) > 0));
        assert!(truth.iter().all(|t| t.abusive == t.onset.is_some() && t.abusive == t.archetype.is_some()));
    }
}

#[test]
fn a_world_may_be_free_of_abuse() {
    let mut params = Params { accounts: 200, days: 2, ..Params::default() };
    params.scenario.abuse.share = 0.0;
    let mut world = World::new(&params.check().unwrap());
    world.by_ref().for_each(drop);
    assert!(world.truth().iter().all(|truth| !truth.abusive));
}

#[test]
fn a_platform_may_know_neither_ages_nor_surfaces_nor_devices() {
    let mut params = Params { accounts: 600, days: 4, ..Params::default() };
    let platform = &mut params.scenario.platform;
    (platform.ages, platform.surfaces, platform.devices) = (false, false, false);
    platform.relations = false;
    for event in World::new(&params.check().unwrap()).flatten() {
        let json = event.to_json();
        assert!(!json.contains("p_minor") && !json.contains("device") && !json.contains("\"rel\""), "{json}");
        assert!(!json.contains("surface") || json.contains("\"surface\":\"unknown\""), "{json}");
    }
}
