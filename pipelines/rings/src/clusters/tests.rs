use proptest::prelude::*;

use super::*;
use crate::life::token;
use crate::link::Link;

fn name(n: usize) -> Token {
    token(&format!("account{n:03}"))
}

fn pair(a: usize, b: usize, strength: f64) -> Pair {
    let link = Link { kind: Kind::Device, strength, since: 5, last: 9, count: 1 };
    Pair::new(&name(a), &name(b), vec![link])
}

fn groups(clusters: &Clusters) -> Vec<Vec<Token>> {
    clusters.iter().map(|cluster| cluster.members.clone()).collect()
}

/// Pairs among a few accounts, each once, of a few strengths so that many are equal.
fn pairs() -> impl Strategy<Value = Vec<Pair>> {
    let raw = proptest::collection::btree_map((0..24_usize, 0..24_usize), 5..10_u8, 0..60);
    raw.prop_map(|raw| {
        let mut once = BTreeMap::new();
        for ((a, b), tenths) in raw {
            if a != b {
                once.insert((a.min(b), a.max(b)), tenths);
            }
        }
        once.into_iter().map(|((a, b), tenths)| pair(a, b, f64::from(tenths) / 10.0)).collect()
    })
}

#[test]
fn weak_pairs_join_nobody() {
    let clusters = Clusters::of([pair(1, 2, 0.54), pair(3, 4, 0.61)], 10);
    assert_eq!(groups(&clusters), [[name(3), name(4)]]);
    let cluster = clusters.of_account(&name(4)).unwrap();
    assert!((cluster.confidence - 0.61).abs() < 1e-9 && (cluster.since, cluster.last) == (5, 9));
    assert_eq!(cluster.kinds, BTreeMap::from([(Kind::Device, 1)]));
}

#[test]
fn a_component_that_is_too_large_falls_apart_at_its_weakest_link() {
    let strong = [(0, 1), (1, 2), (2, 3), (4, 5), (5, 6), (6, 7)].map(|(a, b)| pair(a, b, 0.9));
    let clusters = Clusters::of(strong.into_iter().chain([pair(3, 4, 0.7)]), 5);
    assert_eq!(clusters.iter().map(|c| c.members.len()).collect::<Vec<_>>(), [4, 4]);
    let cut: Vec<(Token, Token)> = clusters.cut().into_iter().map(|p| (p.a.clone(), p.b.clone())).collect();
    assert_eq!(cut, [(name(3), name(4))]);
}

#[test]
fn one_pair_does_not_join_two_rings_and_two_do() {
    let rings = [(0, 1), (1, 2), (3, 4), (4, 5)].map(|(a, b)| pair(a, b, 0.7));
    let sizes = |more: Vec<Pair>| -> Vec<usize> {
        let clusters = Clusters::of(rings.iter().cloned().chain(more), 10);
        clusters.iter().map(|cluster| cluster.members.len()).collect()
    };
    assert_eq!(sizes(vec![pair(2, 3, 0.6)]), [3, 3]);
    assert_eq!(sizes(vec![pair(2, 3, 0.6), pair(0, 5, 0.6)]), [6]);
}

#[test]
fn the_weakest_link_that_holds_is_the_confidence() {
    let clusters = Clusters::of([pair(0, 1, 0.9), pair(1, 2, 0.8), pair(0, 2, 0.6)], 10);
    assert!((clusters.iter().next().unwrap().confidence - 0.8).abs() < 1e-9);
}

proptest! {
    #[test]
    fn the_order_of_pairs_changes_nothing(pairs in pairs(), turn in 0..60_usize, members_max in 2..12_usize) {
        let mut turned = pairs.clone();
        turned.rotate_left(turn % pairs.len().max(1));
        turned.reverse();
        prop_assert_eq!(
            Clusters::of(pairs, members_max).clusters,
            Clusters::of(turned, members_max).clusters
        );
    }

    #[test]
    fn no_cluster_is_larger_than_the_cap(pairs in pairs(), members_max in 2..12_usize) {
        let clusters = Clusters::of(pairs, members_max);
        for cluster in clusters.iter() {
            prop_assert!((2..=members_max).contains(&cluster.members.len()));
            prop_assert!(cluster.members.iter().all(|m| clusters.of_account(m) == Some(cluster)));
        }
    }

    #[test]
    fn what_is_cut_could_not_have_stayed(pairs in pairs(), members_max in 2..12_usize) {
        let clusters = Clusters::of(pairs, members_max);
        let size = |token: &Token| clusters.of_account(token).map_or(1, |cluster| cluster.members.len());
        for pair in clusters.cut() {
            let is_large = size(&pair.a) + size(&pair.b) > members_max;
            prop_assert!(is_large || size(&pair.a).min(size(&pair.b)) >= GROUP);
        }
    }

    #[test]
    fn step_by_step_comes_to_the_same_as_all_at_once(
        before in pairs(), after in pairs(), members_max in 2..12_usize,
    ) {
        let mut clusters = Clusters::of(before, members_max);
        let of = |n: usize| after.iter().filter(|p| p.a == name(n) || p.b == name(n)).cloned().collect();
        for n in 0..24 {
            clusters.update([(name(n), of(n))]);
        }
        prop_assert_eq!(clusters.clusters, Clusters::of(after, members_max).clusters);
    }
}
