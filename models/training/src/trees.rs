//! Boosted trees by histograms (forust), laid out for scoring.

use std::collections::VecDeque;

use forust_ml::constraints::{Constraint, ConstraintMap};
use forust_ml::sampler::SampleMethod;
use forust_ml::tree::Tree;
use forust_ml::{GradientBooster, Matrix};
use schema::Schema;
use scorers::{Node, Trees, Usual};
use serde::{Deserialize, Serialize};

use crate::{Error, Examples, baseline};

/// How to fit boosted trees.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeParams {
    /// How many trees; at least 1.
    pub trees: usize,
    /// By how much of its step each tree moves the score, above 0 and at most 1.
    pub rate: f64,
    /// Splits from a root to a leaf, at most; 1 to 16.
    pub depth: usize,
    /// L2 penalty on a leaf; at least 0.
    pub l2: f64,
    /// The least sum of hessians in a leaf; at least 0.
    pub leaf_min: f64,
    /// The share of rows that each tree sees, above 0 and at most 1.
    pub row_share: f64,
    /// The share of columns that each tree may split on, above 0 and at most 1; at least [`COLUMNS_MIN`] columns.
    pub column_share: f64,
    /// Another seed draws other rows and columns.
    pub seed: u64,
}

/// So many columns each tree may split on, where there are so many.
pub const COLUMNS_MIN: usize = 8;

impl Default for TreeParams {
    fn default() -> Self {
        Self {
            trees: 300,
            rate: 0.04,
            depth: 6,
            l2: 5.0,
            leaf_min: 0.5,
            row_share: 0.7,
            column_share: 0.3,
            seed: 1,
        }
    }
}

impl TreeParams {
    /// Checks every number.
    pub(crate) fn check(self) -> Result<(), Error> {
        let share = |share: f64| share > 0.0 && share <= 1.0;
        let least = |number: f64| number.is_finite() && number >= 0.0;
        for (good, complaint) in [
            (self.trees >= 1, "trees must be at least 1"),
            (share(self.rate), "rate must be above 0 and at most 1"),
            ((1..=16).contains(&self.depth), "depth must be 1 to 16"),
            (least(self.l2), "l2 must be a number of at least 0"),
            (least(self.leaf_min), "leaf_min must be a number of at least 0"),
            (share(self.row_share), "row_share must be above 0 and at most 1"),
            (share(self.column_share), "column_share must be above 0 and at most 1"),
        ] {
            if !good {
                return Err(Error::Param(complaint));
            }
        }
        Ok(())
    }
}

/// The same examples and parameters give the same trees, on any number of threads.
pub(crate) fn fit(schema: &Schema, examples: &Examples, params: TreeParams) -> Result<Trees, Error> {
    let columns = varying(examples, schema.len());
    let rows = examples.len();
    let mut data = Vec::with_capacity(columns.len() * rows);
    for column in &columns {
        data.extend(examples.x.iter().map(|x| x.values()[*column]));
    }
    let y: Vec<f64> = examples.y.iter().map(|y| f64::from(u8::from(*y))).collect();
    let mut booster = booster(schema, &columns, params);
    booster.fit(&Matrix::new(&data, rows, columns.len()), &y, &examples.weight, None)?;
    let usual =
        |(j, name): (usize, &str)| Usual { feature: name.to_owned(), baseline: baseline(j, examples) };
    let mut trees = Trees {
        intercept: booster.base_score,
        columns: schema.names().enumerate().map(usual).collect(),
        ..Trees::default()
    };
    booster.trees.iter().for_each(|tree| lay_out(tree, &columns, schema, &mut trees));
    Ok(trees)
}

fn booster(schema: &Schema, columns: &[usize], params: TreeParams) -> GradientBooster {
    let floor = COLUMNS_MIN as f64 / columns.len().max(1) as f64;
    #[expect(clippy::cast_possible_truncation, reason = "the library wants single precision")]
    let single = |number: f64| number as f32;
    let sampling = if params.row_share < 1.0 { SampleMethod::Random } else { SampleMethod::None };
    let features = schema.features();
    let only_worse =
        |(i, column): (usize, &usize)| features[*column].is_only_worse().then_some((i, Constraint::Positive));
    let constraints: ConstraintMap = columns.iter().enumerate().filter_map(only_worse).collect();
    GradientBooster::default()
        .set_iterations(params.trees)
        .set_learning_rate(single(params.rate))
        .set_max_depth(params.depth)
        .set_l2(single(params.l2))
        .set_min_leaf_weight(single(params.leaf_min))
        .set_sample_method(sampling)
        .set_subsample(single(params.row_share))
        .set_colsample_bytree(params.column_share.max(floor).min(1.0))
        .set_monotone_constraints(Some(constraints))
        .set_seed(params.seed)
        .set_initialize_base_score(true)
}

/// Columns that have more than one value: the library refuses others.
fn varying(examples: &Examples, width: usize) -> Vec<usize> {
    let varies = |column: &usize| {
        let mut known = examples.x.iter().map(|x| x.values()[*column]).filter(|v| !v.is_nan());
        let first = known.next();
        known.any(|v| Some(v) != first)
    };
    (0..width).filter(varies).collect()
}

/// Appends a tree, breadth first, so that children stand side by side.
///
/// The library bounds the leaves below a split on a feature that can only be worse where the splits below are on such
/// features too, and no others; so they are bounded here: none left of such a split is above its middle, none right of it
/// below.
fn lay_out(tree: &Tree, columns: &[usize], schema: &Schema, trees: &mut Trees) {
    let place = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let root = trees.nodes.len();
    trees.roots.push(place(root));
    let mut waiting = VecDeque::from([(0, f64::NEG_INFINITY, f64::INFINITY)]);
    let mut laid = root + 1;
    while let Some((number, low, high)) = waiting.pop_front() {
        let node = &tree.nodes[number];
        let cover = f64::from(node.hessian_sum).max(COVER_MIN);
        if node.is_leaf {
            trees.nodes.push(Node::leaf(f64::from(node.weight_value).clamp(low, high), cover));
            continue;
        }
        let column = columns[node.split_feature];
        let weight = |child: usize| f64::from(tree.nodes[child].weight_value);
        let middle = f64::midpoint(weight(node.left_child), weight(node.right_child)).clamp(low, high);
        let is_bound = schema.features()[column].is_only_worse();
        let (left_high, right_low) = if is_bound { (middle, middle) } else { (high, low) };
        waiting.extend([(node.left_child, low, left_high), (node.right_child, right_low, high)]);
        let absent_left = node.missing_node == node.left_child;
        let feature = u16::try_from(column).unwrap_or(u16::MAX);
        trees.nodes.push(Node::split(feature, node.split_value, absent_left, (place(laid), cover)));
        laid += 2;
    }
}

/// A node that rounding left without cover still has some.
const COVER_MIN: f64 = 1e-9;

#[cfg(test)]
mod tests;
