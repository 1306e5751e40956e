use proptest::prelude::*;

use super::*;

/// The tree as the RFC defines it, by recursion over all leaves.
fn whole(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [one] => *one,
        _ => {
            let left = leaves.len().next_power_of_two() / 2;
            node_hash(&whole(&leaves[..left]), &whole(&leaves[left..]))
        }
    }
}

fn leaves(count: u64) -> Vec<Hash> {
    (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
}

fn size_of(count: u64) -> usize {
    usize::try_from(count).unwrap()
}

fn hash_of(leaves: &[Hash], place: NodePlace) -> Hash {
    let (from, count) = (size_of(place.position << place.level), 1 << place.level);
    whole(&leaves[from..from + count])
}

fn hashes(leaves: &[Hash], parts: Vec<Vec<NodePlace>>) -> Vec<Hash> {
    let folded = |part: Vec<NodePlace>| {
        let hashes: Vec<Hash> = part.into_iter().map(|place| hash_of(leaves, place)).collect();
        fold(&hashes).unwrap()
    };
    parts.into_iter().map(folded).collect()
}

/// RFC 9162, 2.1.3.2.
fn root_by_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Option<Hash> {
    let (mut node, mut last, mut root) = (index, size - 1, leaf);
    for part in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            root = node_hash(part, &root);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            root = node_hash(&root, part);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some(root)
}

/// RFC 9162, 2.1.4.2: the old and the new root that a proof leads to.
fn roots_by_consistency(old: u64, size: u64, old_root: Hash, proof: &[Hash]) -> Option<(Hash, Hash)> {
    if old == size {
        return proof.is_empty().then_some((old_root, old_root));
    }
    let mut parts = proof.to_vec();
    if old.is_power_of_two() {
        parts.insert(0, old_root);
    }
    let (mut node, mut last) = (old - 1, size - 1);
    while node & 1 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (first, rest) = parts.split_first()?;
    let (mut before, mut after) = (*first, *first);
    for part in rest {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            before = node_hash(part, &before);
            after = node_hash(part, &after);
            while node & 1 == 0 && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            after = node_hash(&after, part);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    (last == 0).then_some((before, after))
}

#[test]
fn the_empty_tree_and_one_leaf_are_those_of_the_rfc() {
    // Known values of certificate transparency's own tests.
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(hex(&Frontier::default().root()), empty);
    let leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
    assert_eq!(hex(&leaf_hash(b"")), leaf);
    assert_eq!(parse_hash(leaf), Some(leaf_hash(b"")));
    assert_eq!(parse_hash("00"), None);
}

#[test]
fn a_growing_tree_has_the_roots_and_the_nodes_of_the_definition() {
    let all = leaves(130);
    let mut frontier = Frontier::default();
    for (size, leaf) in all.iter().enumerate() {
        for (place, hash) in frontier.push(*leaf) {
            assert_eq!(hash, hash_of(&all, place), "{place:?}");
        }
        assert_eq!(frontier.root(), whole(&all[..=size]));
    }
}

proptest! {
    #[test]
    fn proofs_of_inclusion_are_accepted_by_the_rfcs_own_check(size in 1u64..200, at in 0u64..200) {
        let (all, index) = (leaves(size), at % size);
        let proof = hashes(&all, inclusion(index, size));
        let leaf = all[size_of(index)];
        prop_assert_eq!(root_by_inclusion(leaf, index, size, &proof), Some(whole(&all)));
        let other = leaf_hash(b"other");
        prop_assert_ne!(root_by_inclusion(other, index, size, &proof), Some(whole(&all)));
    }

    #[test]
    fn proofs_of_consistency_are_accepted_by_the_rfcs_own_check(size in 1u64..200, at in 0u64..200) {
        let (all, old) = (leaves(size), at % size + 1);
        let proof = hashes(&all, consistency(old, size));
        let old_root = whole(&all[..size_of(old)]);
        prop_assert_eq!(roots_by_consistency(old, size, old_root, &proof), Some((old_root, whole(&all))));
    }
}
