use std::collections::HashSet;

use events::{EventType, decode};

use super::*;

const START: Millis = 1_082_000_000_000;

fn injection(planted: Archetype, seed: u64) -> Injection {
    let token = |n: u32| Token::try_from(format!("somebody_number_{n:04}").as_str()).unwrap();
    let (account, targets) = (token(0), (1..=150).map(token).collect());
    Injection { planted, account, targets, moments: vec![], start: START, end: START + 60 * DAY, seed }
}

#[test]
fn what_is_planted_keeps_the_contract_and_its_order() {
    for planted in [Archetype::Scattergun, Archetype::BulkSpammer] {
        let injection = injection(planted, 4);
        let events = inject(&injection);
        assert_eq!(events, inject(&injection));
        assert!(events.is_sorted_by_key(|event| (event.ts, event.id.clone())));
        assert_eq!(events.iter().map(|event| &event.id).collect::<HashSet<_>>().len(), events.len());
        assert_eq!(events[0].event_type(), EventType::AccountCreated);
        let known: HashSet<_> = injection.targets.iter().chain([&injection.account]).collect();
        for event in &events {
            assert_eq!(decode(event.to_json().as_bytes(), event.ts).as_ref(), Ok(event));
            assert!(event.actor.iter().chain(&event.target).all(|token| known.contains(token)));
            assert!((START..injection.end).contains(&event.ts));
        }
        assert_ne!(events, inject(&Injection { seed: 5, ..injection }));
    }
}

#[test]
fn a_scattergun_asks_likely_minors_and_is_mostly_ignored() {
    let injection = injection(Archetype::Scattergun, 4);
    let events = inject(&injection);
    let of = |wanted| events.iter().filter(move |event| event.event_type() == wanted);
    let from_us = |event: &&Event| event.actor.as_ref() == Some(&injection.account);
    let asked = of(EventType::ContactRequested).count();
    assert!(asked > 60, "{asked}");
    let estimates: Vec<f64> = of(EventType::ContactRequested)
        .filter_map(|event| event.target_ctx.as_ref()?.p_minor.map(|p| p.get()))
        .collect();
    let mean = estimates.iter().sum::<f64>() / estimates.len() as f64;
    assert!((0.85..0.93).contains(&mean), "{mean}");
    assert!(of(EventType::ContactAccepted).count() < asked * 3 / 4);
    assert!(
        of(EventType::ContactBlocked).count() > 0 && of(EventType::GateRefused).filter(from_us).count() > 0
    );
}

#[test]
fn a_bulk_sender_writes_to_many_within_seconds() {
    let mut busiest = 0;
    for seed in 1..=5 {
        let injection = injection(Archetype::BulkSpammer, seed);
        let events = inject(&injection);
        let is_theirs = |event: &&Event| event.actor.as_ref() == Some(&injection.account);
        let messages = events.iter().filter(|event| event.event_type() == EventType::MessageSent);
        let times: Vec<Millis> = messages.filter(is_theirs).map(|event| event.ts).collect();
        let within_a_minute = |ts: &Millis| times.iter().filter(|t| (*ts..ts + MINUTE).contains(t)).count();
        busiest = busiest.max(times.iter().map(within_a_minute).max().unwrap_or(0));
        let is_unknown =
            |event: &Event| event.target_ctx.is_none() || event.target.as_ref() == Some(&injection.account);
        assert!(events.iter().all(is_unknown));
    }
    assert!(busiest >= 20, "{busiest}");
}
