//! What each shipped scenario promises is so in its world.

use events::{Body, Edge, Event};

use super::*;
use crate::Scenario;

fn shipped(name: &str, accounts: u32, days: u32) -> World {
    let scenario = Scenario::shipped(name).unwrap();
    World::new(&Params { accounts, days, seed: 8, scenario, ..Params::default() }.check().unwrap())
}

fn abusive(world: &World) -> f64 {
    let truth = world.truth();
    truth.iter().filter(|t| t.abusive && t.archetype.as_deref() != Some("decoy")).count() as f64
        / truth.len() as f64
}

#[test]
fn base_rates_are_as_the_names_say() {
    for (name, share) in [
        ("base-rate-0.02", 0.0002),
        ("base-rate-0.05", 0.0005),
        ("base-rate-0.15", 0.0015),
        ("base-rate-0.4", 0.004),
        ("base-rate-4", 0.04),
    ] {
        let found = abusive(&shipped(name, 100_000, 5));
        // Of every kind there is one, and who comes back has two accounts.
        assert!((found - share).abs() <= 0.000_02 + 0.05 * share, "{name}: {found}");
    }
}

fn firsts_of_abusers(world: &mut World) -> Vec<(u32, bool)> {
    let start = world.params.get().start;
    let truth: HashMap<String, evaluation::Truth> =
        world.truth().into_iter().map(|t| (t.account.clone(), t)).collect();
    let first = |event: Event| {
        let (actor, target) = (event.actor.as_ref()?.as_str(), event.target.as_ref()?.as_str());
        let is_first = event.rel.as_ref().is_some_and(|rel| rel.edge == Some(Edge::None));
        let counts = is_first && truth[actor].onset.is_some_and(|onset| onset <= event.ts);
        let day = u32::try_from((event.ts - start) / DAY).unwrap();
        counts.then(|| (day, truth[target].minor))
    };
    world.by_ref().flatten().filter_map(first).collect()
}

#[test]
fn abusers_slow_down_and_mix_their_targets_where_there_is_drift() {
    let late = |mut scenario: Scenario| {
        scenario.abuse.share = 0.02;
        for kind in Archetype::ALL.iter().filter(|kind| **kind != Archetype::Scattergun) {
            scenario.abuse.archetypes.insert(kind.name().to_owned(), 0.0);
        }
        let params = Params { accounts: 3_000, days: 50, seed: 8, scenario, ..Params::default() };
        let mut world = World::new(&params.check().unwrap());
        let late: Vec<bool> =
            firsts_of_abusers(&mut world).into_iter().filter(|(day, _)| *day >= 40).map(|(_, m)| m).collect();
        (late.len() as f64, late.iter().filter(|minor| **minor).count() as f64 / late.len().max(1) as f64)
    };
    let (drifted, usual) = (late(Scenario::shipped("drift").unwrap()), late(Scenario::default()));
    println!(
        "late contacts of scatterguns and their share of minors: {drifted:?} with drift, {usual:?} without"
    );
    assert!(drifted.0 < 0.7 * usual.0 && drifted.1 < 0.8 * usual.1);
}

#[test]
fn decoys_flood_and_are_no_abuse_of_minors() {
    let world = shipped("decoys", 10_000, 10);
    let truth = world.truth();
    let decoys = truth.iter().filter(|t| t.archetype.as_deref() == Some("decoy")).count();
    assert_eq!(decoys, 100);
    assert!((abusive(&world) - 0.005).abs() < 0.001);
}

#[test]
fn platforms_that_know_less_say_less() {
    for (name, ages, surfaces) in [("no-ages", false, true), ("no-surfaces", true, false)] {
        let all: Vec<Event> = shipped(name, 600, 4).flatten().collect();
        let has_age =
            all.iter().any(|event| event.actor_ctx.as_ref().is_some_and(|ctx| ctx.p_minor.is_some()));
        let has_surface = all.iter().any(|event| {
            matches!(&event.body, Body::ContactRequested(asked) if asked.surface != events::Surface::Unknown)
        });
        assert_eq!((has_age, has_surface), (ages, surfaces), "{name}");
        assert_eq!(all.iter().any(|event| event.rel.is_some()), surfaces, "{name}");
    }
}

#[test]
fn what_is_unseen_differs_from_what_is_trained_on() {
    let count = |name: &str, role: &str| {
        let truth = shipped(name, 5_000, 5).truth();
        truth.iter().filter(|t| t.role.as_deref() == Some(role)).count()
    };
    assert!(count("unseen-roles", "teacher") == 0 && count("default", "teacher") > 0);
    assert!(count("unseen-roles", "recruiter") > 2 * count("default", "recruiter"));
    let kinds = |name: &str| {
        let truth = shipped(name, 10_000, 5).truth();
        truth.into_iter().filter_map(|t| t.archetype).collect::<HashSet<_>>()
    };
    assert!(!kinds("unseen-patient").contains("scattergun") && kinds("unseen-patient").contains("catfish"));
    let minors = |name: &str| shipped(name, 5_000, 5).truth().iter().filter(|t| t.minor).count();
    assert!(minors("unseen-places") > minors("default") * 3 / 2);
    let with_relations =
        shipped("unseen-platform", 600, 4).flatten().filter(|event| event.rel.is_some()).count();
    assert_eq!(with_relations, 0);
}
