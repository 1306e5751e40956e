use proptest::prelude::*;

use super::*;

/// Schools of `size`, in each of which everybody knows everybody, and one contact from each to the next.
fn schools(schools: u32, size: u32) -> Contacts {
    let mut contacts = Vec::new();
    for school in 0..schools {
        let first = school * size;
        for a in first..first + size {
            contacts.extend((a + 1..first + size).map(|b| (a, b, 1.0)));
        }
        if school > 0 {
            contacts.push((first - 1, first, 1.0));
        }
    }
    Contacts::of(schools * size, &contacts)
}

#[test]
fn schools_are_found_without_names() {
    let communities = schools(5, 12).communities();
    for school in communities.chunks(12) {
        assert!(school.iter().all(|community| *community == school[0]), "{communities:?}");
    }
    let mut names = communities;
    names.dedup();
    assert_eq!(names.len(), 5);
}

#[test]
fn a_sweep_of_one_school_stands_out_from_a_few_in_each() {
    let communities = schools(5, 12).communities();
    let one = sweep(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 8], &communities, 5).unwrap();
    assert_eq!((one.targets, one.size), (9, 12));
    assert!(one.entropy.abs() < 1e-9);
    let each = sweep(&[0, 12, 24, 36, 48], &communities, 5).unwrap();
    assert!(each.share() < 0.1 && (each.entropy - libm::log2(5.0)).abs() < 1e-9);
    assert_eq!(sweep(&[], &communities, 5), None);
    assert_eq!(sweep(&[1], &communities, 13), None);
}

#[test]
fn trust_hardly_reaches_those_whom_few_have_let_in() {
    // Eight schools of genuine people; twelve accounts that vouch for each other and were let in once.
    let contacts = schools(9, 12);
    let trust = contacts.trust(&[0, 15, 30, 45, 60, 75]);
    let (genuine, sybils) = trust.split_at(96);
    let mean = |all: &[f64]| all.iter().sum::<f64>() / all.len() as f64;
    assert!(mean(sybils) < 0.3 * mean(genuine), "{} {}", mean(sybils), mean(genuine));
}

#[test]
fn negative_feedback_takes_trust_away() {
    let feedback = |negative| discounted((10, 0), (10, negative));
    assert_eq!(feedback(0), 1.0);
    assert!((feedback(30) - 0.25).abs() < 1e-6);
    let tree = |weight| Contacts::of(4, &[(0, 1, 1.0), (1, 2, 1.0), (0, 2, 1.0), (2, 3, weight)]);
    assert!(tree(feedback(30)).trust(&[0])[3] < tree(1.0).trust(&[0])[3]);
}

#[test]
fn new_contacts_of_one_class_know_each_other() {
    let contacts = schools(4, 10);
    assert_eq!(contacts.clustering(&[0, 1, 2, 3]), Some(1.0));
    assert_eq!(contacts.clustering(&[0, 10, 20, 30]), Some(0.0));
    assert_eq!((contacts.clustering(&[3, 3]), contacts.clustering(&[])), (None, None));
}

proptest! {
    #[test]
    fn trust_is_neither_made_nor_lost(
        contacts in proptest::collection::vec((0..20_u32, 0..20_u32), 1..60), seed in 0..20_u32,
    ) {
        let weighed: Vec<(u32, u32, f32)> = contacts.iter().map(|(a, b)| (*a, *b, 1.0)).collect();
        let contacts = Contacts::of(20, &weighed);
        let trust = contacts.trust(&[seed]);
        let weight = |account: u32| contacts.of_account(account).len() as f64;
        let kept: f64 = (0..20).map(|account| trust[account as usize] * weight(account)).sum();
        let all: f64 = (0..20).map(weight).sum();
        let given = if weight(seed) > 0.0 { all } else { 0.0 };
        prop_assert!((kept - given).abs() < 1e-6 * all.max(1.0));
    }

    #[test]
    fn the_order_of_contacts_changes_nothing(
        contacts in proptest::collection::vec((0..20_u32, 0..20_u32), 1..60),
    ) {
        let weighed: Vec<(u32, u32, f32)> = contacts.iter().map(|(a, b)| (*a, *b, 1.0)).collect();
        let turned: Vec<(u32, u32, f32)> = weighed.iter().rev().map(|(a, b, w)| (*b, *a, *w)).collect();
        let (one, other) = (Contacts::of(20, &weighed), Contacts::of(20, &turned));
        prop_assert_eq!(one.communities(), other.communities());
        prop_assert_eq!(one.trust(&[3, 5]), other.trust(&[3, 5]));
    }
}
