use proptest::prelude::*;

use super::*;
use crate::life::{Life, token};

/// What a few accounts do: who, what, with whom or where, and after how many minutes.
fn deeds() -> impl Strategy<Value = Vec<(u8, u8, u8, u16)>> {
    proptest::collection::vec((0..12_u8, 0..10_u8, 0..12_u8, 0..400_u16), 1..120)
}

fn live(deeds: &[(u8, u8, u8, u16)]) -> Life {
    let mut life = Life::default();
    for (who, deed, other, minutes) in deeds {
        life.minutes(u64::from(*minutes));
        let (who, whom) = (format!("who{who}"), format!("who{other}"));
        let (device, network) = (format!("device{}", other % 4), format!("network{}", other % 3));
        match deed {
            0 => life.created(&who, &device, &network),
            1 | 2 => life.session(&who, &device, &network),
            3 => life.message_of_old(&who, &whom),
            4 => life.suspended(&who),
            _ => life.ask(&who, &format!("whom{}", other % 7)),
        };
    }
    life
}

fn in_ticks(life: &Life, size: usize, turn: impl Fn(&mut Vec<events::Event>)) -> Rings {
    let mut rings = Rings::new(8);
    for chunk in life.events.chunks(size) {
        let mut chunk = chunk.to_vec();
        turn(&mut chunk);
        rings.tick(&chunk);
    }
    rings
}

fn clusters(rings: &Rings) -> Vec<crate::Cluster> {
    rings.clusters().iter().cloned().collect()
}

proptest! {
    #[test]
    fn the_order_of_events_within_a_tick_changes_nothing(deeds in deeds(), size in 1..20_usize) {
        let life = live(&deeds);
        let straight = in_ticks(&life, size, |_| {});
        let turned = in_ticks(&life, size, |chunk| chunk.reverse());
        prop_assert_eq!(straight.linker().links(0.0), turned.linker().links(0.0));
        prop_assert_eq!(clusters(&straight), clusters(&turned));
    }

    #[test]
    fn an_event_that_comes_twice_counts_once(deeds in deeds(), size in 1..20_usize) {
        let life = live(&deeds);
        let once = in_ticks(&life, size, |_| {});
        let twice = in_ticks(&life, size, |chunk| chunk.extend_from_within(..));
        prop_assert_eq!(once.linker().links(0.0), twice.linker().links(0.0));
    }

    #[test]
    fn after_a_refresh_all_is_as_if_put_together_at_once(deeds in deeds(), size in 1..20_usize) {
        let mut rings = in_ticks(&live(&deeds), size, |_| {});
        rings.refresh();
        let whole = Clusters::of(rings.linker().links(TOGETHER), 8);
        prop_assert_eq!(clusters(&rings), whole.iter().cloned().collect::<Vec<_>>());
    }

    #[test]
    fn strengths_are_probabilities_and_both_sides_agree(deeds in deeds()) {
        let linker = live(&deeds).linker();
        let pairs = linker.links(0.0);
        for pair in &pairs {
            prop_assert!(pair.a < pair.b && (0.0..1.0).contains(&pair.strength));
            prop_assert!(pair.links.iter().all(|l| (0.0..=1.0).contains(&l.strength) && l.since <= l.last));
            let back = linker.between(&pair.b, &pair.a);
            prop_assert_eq!(back.as_ref(), Some(pair));
        }
    }

    #[test]
    fn whatever_happens_a_broken_link_stays_broken(deeds in deeds(), a in 0..12_u8, b in 0..12_u8, at in 0..120_usize) {
        let life = live(&deeds);
        let (a, b) = (token(&format!("who{a}")), token(&format!("who{b}")));
        let mut rings = Rings::default();
        for (n, event) in life.events.iter().enumerate() {
            if n == at.min(life.events.len() - 1) {
                rings.break_link(&a, &b);
            }
            rings.tick(std::slice::from_ref(event));
        }
        rings.refresh();
        prop_assert!(rings.linker().between(&a, &b).is_none());
        prop_assert!(rings.explain(&a, &b).is_broken);
    }
}

#[test]
fn a_chain_explains_who_is_linked_only_through_others() {
    let mut life = Life::default();
    for n in 0..20 {
        life.hours(4).ask("left", &format!("one{n}")).ask("middle", &format!("one{n}"));
        life.hours(2).ask("middle", &format!("two{n}")).ask("right", &format!("two{n}"));
    }
    let rings = in_ticks(&life, 7, |_| {});
    let found = rings.explain(&token("left"), &token("right"));
    assert!(found.direct.is_none() && found.cluster.is_some() && !found.is_broken);
    let ways: Vec<&Token> = found.chain.iter().flat_map(|pair| [&pair.a, &pair.b]).collect();
    assert_eq!(found.chain.len(), 2);
    assert!(ways.contains(&&token("middle")));
}

#[test]
fn a_ring_counts_each_victim_once() {
    let mut life = Life::default();
    for n in 0..20 {
        life.hours(4).ask("left", &format!("victim{n}")).ask("right", &format!("victim{n}"));
    }
    life.ask("right", "another");
    let rings = in_ticks(&life, 5, |_| {});
    let cluster = rings.clusters().of_account(&token("left")).unwrap().clone();
    let sum = rings.linker().roll_up(&cluster.members);
    assert_eq!(
        (sum.accounts, sum.targets, sum.minors, sum.minors_of_one, sum.synchronised),
        (2, 21, 21, 21, 20)
    );
    assert!(
        (sum.minors_expected - 21.0 * 0.9).abs() < 0.01 && sum.minors_expected_24h < sum.minors_expected_7d
    );
}

#[test]
fn a_picture_has_at_most_fifty_accounts() {
    let mut life = Life::default();
    for n in 0..60 {
        life.minutes(30).created(&format!("bot{n}"), &format!("phone{}", n / 5), "backroom");
        life.session(&format!("bot{n}"), &format!("phone{}", (n / 5 + 1) % 12), "backroom");
    }
    let picture = life.linker().picture(&token("bot0"), 2);
    assert_eq!((picture.nodes.len(), picture.left_out > 0), (crate::NODES_MAX, true));
    assert_eq!(picture.nodes[0], (token("bot0"), 0));
    assert!(picture.pairs.iter().all(|pair| picture.nodes.iter().any(|(token, _)| *token == pair.b)));
}

#[test]
fn a_trail_finds_the_events_behind_a_link() {
    let mut life = Life::default();
    life.created("left", "phone", "net").created("right", "phone", "net").ask("left", "victim");
    life.ask("right", "victim").ask("right", "nobody").session("other", "phone", "net");
    let linker = life.linker();
    let trail = linker.trail(&token("left"), &token("right")).unwrap();
    let kinds: Vec<_> = life.events.iter().map(|event| trail.bears_on(event)).collect();
    use crate::Kind::{Device, Targets};
    assert_eq!(kinds, [Some(Device), Some(Device), Some(Targets), Some(Targets), None, None]);
}
