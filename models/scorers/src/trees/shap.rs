//! Exact contributions of boosted trees.
//!
//! A column's contribution is its Shapley value in the game in which the columns of a set are known and all others follow
//! the training rows that came by each node. Source: Lundberg, Erion and Lee, "Consistent individualized feature
//! attribution for tree ensembles", 2018, algorithm 2.

use schema::Vector;

use super::Trees;

/// A column on the way to a node.
#[derive(Clone, Copy)]
struct Step {
    feature: u16,
    /// Share of the rows that go on where the column is not known.
    zero: f64,
    /// 1 where the vector itself goes on, else 0.
    one: f64,
    /// Of the sets of so many known columns, the weight that comes by here.
    weight: f64,
}

/// No column: the start of every way.
const START: u16 = u16::MAX;

impl Trees {
    /// Log-odds of a vector of which nothing is known; with the contributions they sum to the score.
    pub fn expected(&self) -> f64 {
        self.roots.iter().fold(self.intercept, |sum, root| sum + self.mean_below(*root))
    }

    fn mean_below(&self, at: u32) -> f64 {
        let node = &self.nodes[at as usize];
        if node.is_leaf() {
            return node.number;
        }
        let [left, right] =
            [node.left, node.left + 1].map(|child| (self.cover(child), self.mean_below(child)));
        (left.0 * left.1 + right.0 * right.1) / (left.0 + right.0)
    }

    fn cover(&self, at: u32) -> f64 {
        self.nodes[at as usize].cover
    }

    /// What each column adds to the log-odds beyond [`Trees::expected`].
    pub fn contributions(&self, x: &Vector) -> Vec<f64> {
        let mut found = vec![0.0; self.columns.len()];
        for root in &self.roots {
            self.walk(*root, x.values(), &extended(&[], START, 1.0, 1.0), &mut found);
        }
        found
    }

    fn walk(&self, at: u32, x: &[f64], way: &[Step], found: &mut [f64]) {
        let node = &self.nodes[at as usize];
        if node.is_leaf() {
            for (i, step) in way.iter().enumerate().skip(1) {
                let share = weight_without(way, i) * (step.one - step.zero);
                found[usize::from(step.feature)] += share * node.number;
            }
            return;
        }
        let mut way = way.to_vec();
        let (mut zero, mut one) = (1.0, 1.0);
        if let Some(i) = way.iter().position(|step| step.feature == node.feature) {
            (zero, one) = (way[i].zero, way[i].one);
            way = shortened(&way, i);
        }
        let taken = node.child(x[usize::from(node.feature)]);
        let both = self.cover(node.left) + self.cover(node.left + 1);
        for child in [node.left, node.left + 1] {
            let goes = if child == taken { one } else { 0.0 };
            let share = self.cover(child) / both;
            self.walk(child, x, &extended(&way, node.feature, zero * share, goes), found);
        }
    }
}

/// The way with one more column.
fn extended(way: &[Step], feature: u16, zero: f64, one: f64) -> Vec<Step> {
    let n = way.len();
    let mut way = way.to_vec();
    way.push(Step { feature, zero, one, weight: if n == 0 { 1.0 } else { 0.0 } });
    for i in (0..n).rev() {
        way[i + 1].weight += one * way[i].weight * (i as f64 + 1.0) / (n as f64 + 1.0);
        way[i].weight *= zero * (n - i) as f64 / (n as f64 + 1.0);
    }
    way
}

/// The way as it was without a column: undoes [`extended`].
fn shortened(way: &[Step], without: usize) -> Vec<Step> {
    let last = way.len() - 1;
    let mut shorter = way.to_vec();
    let weights = unwound(way, without);
    shorter.remove(without);
    shorter.truncate(last);
    for (step, weight) in shorter.iter_mut().zip(weights) {
        step.weight = weight;
    }
    shorter
}

fn weight_without(way: &[Step], without: usize) -> f64 {
    unwound(way, without).into_iter().sum()
}

/// The weights of a way without one of its columns.
fn unwound(way: &[Step], without: usize) -> Vec<f64> {
    let last = way.len() - 1;
    let Step { zero, one, .. } = way[without];
    let n = last as f64 + 1.0;
    let mut weights = vec![0.0; last];
    let mut next = way[last].weight;
    for i in (0..last).rev() {
        if one == 0.0 {
            weights[i] = way[i].weight * n / (zero * (last - i) as f64);
        } else {
            weights[i] = next * n / ((i as f64 + 1.0) * one);
            next = way[i].weight - weights[i] * zero * (last - i) as f64 / n;
        }
    }
    weights
}
