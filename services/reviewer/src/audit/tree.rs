//! The Merkle tree of RFC 6962 over the entries, and the chain through them.

use ring::digest::{Context, SHA256};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// Where a node stands: its level above the leaves, and its place from the left in that level.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodePlace {
    pub(crate) level: u32,
    pub(crate) position: u64,
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The hash of a leaf with this content.
pub(crate) fn leaf_hash(content: &[u8]) -> Hash {
    sha256(&[&[0], content])
}

/// The hash of the node above two others.
pub(crate) fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The next link of the chain.
pub(crate) fn chain(before: &Hash, leaf: &Hash) -> Hash {
    sha256(&[&[2], before, leaf])
}

/// A hash in hexadecimal digits.
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The hash of 64 hexadecimal digits.
pub(crate) fn parse_hash(text: &str) -> Option<Hash> {
    let mut hash = [0; 32];
    let digits = text.as_bytes();
    if digits.len() != 64 {
        return None;
    }
    for (byte, pair) in hash.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// The roots of the complete subtrees of a growing tree, largest first; what is needed to go on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree of this size with these peaks; none where they do not fit together.
    pub(crate) fn restore(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (peaks.len() == size.count_ones() as usize).then_some(Self { size, peaks })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    pub(crate) fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf, and gives the inner nodes that it completes, lowest first.
    pub(crate) fn push(&mut self, leaf: Hash) -> Vec<(NodePlace, Hash)> {
        let mut completed = Vec::new();
        let (mut hash, mut position, mut level) = (leaf, self.size, 0);
        while position & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(&left, &hash);
            (position, level) = (position >> 1, level + 1);
            completed.push((NodePlace { level, position }, hash));
        }
        self.peaks.push(hash);
        self.size += 1;
        completed
    }

    /// The root of the whole; that of an empty tree is the hash of nothing.
    pub(crate) fn root(&self) -> Hash {
        let mut peaks = self.peaks.iter().rev();
        let Some(last) = peaks.next() else { return sha256(&[]) };
        peaks.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// A subtree of the leaves `from..from + count`, by the complete subtrees that it is made of, left to right.
fn complete_subtrees(from: u64, count: u64) -> Vec<NodePlace> {
    let (mut places, mut from, mut left) = (Vec::new(), from, count);
    while left > 0 {
        let level = left.ilog2();
        places.push(NodePlace { level, position: from >> level });
        from += 1 << level;
        left -= 1 << level;
    }
    places
}

/// Splits a tree of this many leaves, at least two, as the RFC does: at the largest power of two below it.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// The parts of a proof that a leaf is in a tree of this size, nearest to the leaf first; each is given by the
/// complete subtrees that it is folded from.
pub(crate) fn inclusion(index: u64, size: u64) -> Vec<Vec<NodePlace>> {
    let (mut parts, mut from, mut count) = (Vec::new(), 0, size);
    while count > 1 {
        let left = split(count);
        if index - from < left {
            parts.push(complete_subtrees(from + left, count - left));
            count = left;
        } else {
            parts.push(complete_subtrees(from, left));
            (from, count) = (from + left, count - left);
        }
    }
    parts.reverse();
    parts
}

/// The parts of a proof that the tree of `old` leaves is the beginning of that of `size`; `0 < old <= size`.
pub(crate) fn consistency(old: u64, size: u64) -> Vec<Vec<NodePlace>> {
    let (mut parts, mut from, mut count, mut wanted, mut is_whole) = (Vec::new(), 0, size, old, true);
    while wanted < count {
        let left = split(count);
        if wanted <= left {
            parts.push(complete_subtrees(from + left, count - left));
            count = left;
        } else {
            parts.push(complete_subtrees(from, left));
            (from, count, wanted, is_whole) = (from + left, count - left, wanted - left, false);
        }
    }
    if !is_whole {
        parts.push(complete_subtrees(from, count));
    }
    parts.reverse();
    parts
}

/// Folds complete subtrees, left to right, into the hash of the tree that they make.
pub(crate) fn fold(hashes: &[Hash]) -> Option<Hash> {
    let (last, before) = hashes.split_last()?;
    Some(before.iter().rev().fold(*last, |right, left| node_hash(left, &right)))
}

#[cfg(test)]
mod tests;
