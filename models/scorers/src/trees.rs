//! Boosted trees as one flat array: the score is the sum of one leaf a tree.

pub mod lightgbm;
mod shap;

use schema::Vector;
use serde::{Deserialize, Serialize};

/// The mark of a leaf in [`Node::feature`].
const LEAF: u16 = u16::MAX;

/// Boosted trees: the score is the intercept plus the leaf that a vector reaches in each tree.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trees {
    /// Log-odds before any tree.
    pub intercept: f64,
    /// One a feature, in the schema's order.
    pub columns: Vec<Usual>,
    /// Where each tree starts in `nodes`.
    pub roots: Vec<u32>,
    /// All nodes; children stand after their parent, side by side.
    pub nodes: Vec<Node>,
}

/// What is usual of a feature.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Usual {
    /// The feature's name.
    pub feature: String,
    /// Mean of its value among accounts not known to be abusive.
    pub baseline: f64,
}

/// A split, or a leaf.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Stored", into = "Stored")]
pub struct Node {
    /// Where a smaller value goes left, and any other right; of a leaf, its log-odds.
    number: f64,
    /// Sum of the training rows' hessians that came by: how much of the population the node stands for.
    cover: f64,
    /// The left child; the right one stands after it.
    left: u32,
    feature: u16,
    /// Whether an absent value goes left.
    absent_left: bool,
}

/// A node in a document: number, cover, left child, feature, 1 where an absent value goes left. The last three are
/// missing in a leaf.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    Split(f64, f64, u32, u16, u8),
    Leaf(f64, f64),
}

impl From<Stored> for Node {
    fn from(stored: Stored) -> Self {
        match stored {
            Stored::Split(at, cover, left, feature, absent) => {
                Self::split(feature, at, absent == 1, (left, cover))
            }
            Stored::Leaf(value, cover) => Self::leaf(value, cover),
        }
    }
}

impl From<Node> for Stored {
    fn from(node: Node) -> Self {
        if node.is_leaf() {
            Stored::Leaf(node.number, node.cover)
        } else {
            Stored::Split(node.number, node.cover, node.left, node.feature, u8::from(node.absent_left))
        }
    }
}

impl Node {
    /// A leaf of this many log-odds.
    pub fn leaf(value: f64, cover: f64) -> Self {
        Self { number: value, cover, left: 0, feature: LEAF, absent_left: false }
    }

    /// A split of a feature by place: what is below `at` goes to the first of two children side by side.
    pub fn split(feature: u16, at: f64, absent_left: bool, (left, cover): (u32, f64)) -> Self {
        Self { number: at, cover, left, feature, absent_left }
    }

    fn is_leaf(&self) -> bool {
        self.feature == LEAF
    }

    /// The child to which a value goes; NaN is an absent value.
    fn child(&self, value: f64) -> u32 {
        let goes_left = if value.is_nan() { self.absent_left } else { value < self.number };
        self.left + u32::from(!goes_left)
    }
}

/// Which values of a column are possible.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// The least and the greatest value; none where it is absent for certain.
    pub values: Option<(f64, f64)>,
    /// Whether it may be absent.
    pub is_maybe_absent: bool,
}

impl Span {
    /// Anything.
    pub const ANY: Span = Span { values: Some((f64::NEG_INFINITY, f64::INFINITY)), is_maybe_absent: true };

    /// This value and no other; NaN is an absent value.
    pub fn exactly(value: f64) -> Self {
        Self { values: (!value.is_nan()).then_some((value, value)), is_maybe_absent: value.is_nan() }
    }

    /// Whether the left and the right child of a split can be reached.
    fn reaches(&self, node: &Node) -> (bool, bool) {
        let (low, high) =
            self.values.map_or((false, false), |(low, high)| (low < node.number, high >= node.number));
        let absent = self.is_maybe_absent;
        (low || absent && node.absent_left, high || absent && !node.absent_left)
    }
}

impl Trees {
    /// Log-odds of a vector of the same schema.
    pub fn score(&self, x: &Vector) -> f64 {
        self.roots.iter().fold(self.intercept, |sum, root| sum + self.leaf_of(*root, x.values()))
    }

    fn leaf_of(&self, root: u32, x: &[f64]) -> f64 {
        let mut node = &self.nodes[root as usize];
        while !node.is_leaf() {
            node = &self.nodes[node.child(x[usize::from(node.feature)]) as usize];
        }
        node.number
    }

    /// The most that the score can be where each column lies in its span: never less than [`Trees::score`] of any
    /// such vector.
    ///
    /// Shapes: `spans.len() == columns.len()`. Trees are bounded one by one, so that it can be more than any vector has.
    pub fn most(&self, spans: &[Span]) -> f64 {
        // In the order of `score`, so that rounding cannot bring it below.
        self.roots
            .iter()
            .fold(self.intercept, |sum, root| sum + self.most_below(*root, spans, f64::NEG_INFINITY))
    }

    fn most_below(&self, at: u32, spans: &[Span], found: f64) -> f64 {
        let node = &self.nodes[at as usize];
        if node.is_leaf() {
            return found.max(node.number);
        }
        let (left, right) = spans[usize::from(node.feature)].reaches(node);
        let found = if left { self.most_below(node.left, spans, found) } else { found };
        if right { self.most_below(node.left + 1, spans, found) } else { found }
    }

    /// How many splits there are on each column.
    pub fn splits(&self) -> Vec<usize> {
        let mut splits = vec![0; self.columns.len()];
        for node in self.nodes.iter().filter(|node| !node.is_leaf()) {
            splits[usize::from(node.feature)] += 1;
        }
        splits
    }

    /// Whether every walk from a root ends at a leaf, and every number is one.
    pub(crate) fn is_sound(&self) -> bool {
        let count = self.nodes.len();
        let good = |(i, node): (usize, &Node)| {
            let leads_on = node.left as usize > i && (node.left as usize) + 1 < count;
            let is_known = usize::from(node.feature) < self.columns.len();
            let whole = node.number.is_finite() && node.cover.is_finite() && node.cover > 0.0;
            whole && (node.is_leaf() || leads_on && is_known)
        };
        self.intercept.is_finite()
            && self.roots.iter().all(|root| (*root as usize) < count)
            && self.nodes.iter().enumerate().all(good)
    }
}

#[cfg(test)]
mod tests;
