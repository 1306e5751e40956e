use std::collections::{HashMap, HashSet};

use events::{EventType, Verdict, decode};

use super::*;
use crate::Params;

mod marginals;

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
fn a_longer_world_begins_with_the_same_people() {
    let (short, long) = (world(300, 5, 7), world(300, 9, 7));
    let age = |world: &World| world.crowd.people.iter().map(|p| (p.age, p.region)).collect::<Vec<_>>();
    assert_eq!(age(&short), age(&long));
}

#[test]
fn every_event_keeps_the_contract() {
    // A start that is no midnight is as good as another.
    let params = Params { accounts: 400, days: 10, seed: 3, start: 1_700_000_012_345, ..Params::default() };
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
        GroupMemberAdded,
        GateRefused,
        ReportFiled,
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
fn nobody_acts_before_their_account_exists() {
    let mut world = world(1_000, 20, 3);
    let created: HashMap<_, _> =
        world.cast.accounts.iter().map(|account| (account.token.clone(), account.created)).collect();
    for event in world.by_ref().flatten() {
        if let Some(actor) = &event.actor {
            assert!(event.ts >= created[actor], "{}", event.to_json());
        }
    }
}

#[test]
fn truth_and_labels_agree() {
    let world = world(1_000, 28, 2);
    let end = world.params.end();
    let truth: HashMap<_, _> = world.truth().into_iter().map(|t| (t.account.clone(), t)).collect();
    assert_eq!(truth.len(), 1_000);
    let labels = world.labels();
    assert!(labels.is_sorted_by_key(|label| label.ts));
    for label in &labels {
        let truth = &truth[label.account.as_str()];
        assert_eq!(label.label == Verdict::Abusive, truth.abusive);
        assert_eq!(label.category.is_some(), truth.abusive);
        assert!(label.ts < end && truth.onset.is_none_or(|onset| onset < label.ts));
    }
    let known = |role: Option<&str>| {
        labels
            .iter()
            .filter(|l| truth[l.account.as_str()].role.as_deref() == role)
            .map(|l| l.label)
            .collect::<Vec<_>>()
    };
    assert!(known(Some("teacher")).len() > 3);
    assert!(known(None).contains(&Verdict::Abusive) && known(None).contains(&Verdict::Benign));
}

#[test]
fn there_are_ten_look_alikes_to_each_scattergun() {
    for (accounts, share) in [(200, 0.005), (1_000, 0.005), (4_000, 0.005), (2_000, 0.039)] {
        let params = Params { accounts, abusive_share: share, ..Params::default() };
        let truth = World::new(&params.check().unwrap()).truth();
        let count = |name: &str| {
            truth
                .iter()
                .filter(|t| t.archetype.as_deref() == Some(name) || t.role.as_deref() == Some(name))
                .count()
        };
        assert!(count("scattergun") >= 6 && count("bulk_spammer") >= 6);
        assert!(count("teacher") + count("youth_coach") >= 10 * count("scattergun"), "{accounts}");
        assert!(truth.iter().all(|t| t.abusive == t.onset.is_some() && t.abusive == t.archetype.is_some()));
        assert!(!truth.iter().any(|t| t.abusive && t.minor));
    }
}

#[test]
fn a_world_may_be_free_of_abuse() {
    let params = Params { accounts: 200, days: 2, abusive_share: 0.0, ..Params::default() };
    let world = World::new(&params.check().unwrap());
    assert!(world.truth().iter().all(|truth| !truth.abusive));
    assert!(world.labels().iter().all(|label| label.label == Verdict::Benign));
}
