//! Trees that LightGBM trained, from its text format.

use std::collections::HashMap;
use std::str::FromStr;

use schema::Schema;

use super::{Node, Trees, Usual};
use crate::Calibration;

/// Why a text is not a model that can be used here.
#[derive(Debug, PartialEq, thiserror::Error)]
pub enum NotImported {
    /// A line is missing or not what it should be.
    #[error("tree {tree}: expected {field}=..., with as many numbers as there are splits or leaves")]
    Field {
        /// Which tree, counted from 0; of the head, the first.
        tree: usize,
        /// The field's name.
        field: &'static str,
    },
    /// Something that trees here do not do.
    #[error("{0}")]
    Unsupported(&'static str),
    /// A feature that the schema has not.
    #[error("there is no feature {0:?}")]
    Feature(String),
}

/// Reads a text of LightGBM for one binary objective; its features are columns of the schema by name.
///
/// # Errors
/// Says what is not supported: several classes, random forests, categories, linear trees, zeros that mean absent.
pub fn read(text: &str, schema: &Schema) -> Result<(Trees, Calibration), NotImported> {
    let mut parts = text.split("\nTree=");
    let head = Fields::of(parts.next().unwrap_or_default(), 0);
    let objective = head.text("objective")?;
    let Some(sigmoid) = objective.strip_prefix("binary sigmoid:").and_then(|n| n.trim().parse::<f64>().ok())
    else {
        return Err(NotImported::Unsupported("only objective=binary can be imported"));
    };
    if head.0.contains_key("average_output") || head.text("num_tree_per_iteration")? != "1" {
        return Err(NotImported::Unsupported("only boosted trees of one class can be imported"));
    }
    let place = |name: &str| {
        let found = schema.names().position(|known| known == name).and_then(|i| u16::try_from(i).ok());
        found.ok_or_else(|| NotImported::Feature(name.to_owned()))
    };
    let features: Vec<u16> = head.text("feature_names")?.split(' ').map(place).collect::<Result<_, _>>()?;
    let usual = |name: &str| Usual { feature: name.to_owned(), baseline: 0.0 };
    let mut trees = Trees { columns: schema.names().map(usual).collect(), ..Trees::default() };
    for (number, part) in parts.enumerate() {
        let tree = part.split("\n\n").next().unwrap_or_default();
        append(&Fields::of(tree, number), &features, &mut trees)?;
    }
    if trees.roots.is_empty() {
        return Err(NotImported::Field { tree: 0, field: "Tree" });
    }
    Ok((trees, Calibration::platt(sigmoid, 0.0)))
}

/// Lines `name=value` of one tree.
struct Fields<'a>(HashMap<&'a str, &'a str>, usize);

impl<'a> Fields<'a> {
    fn of(text: &'a str, tree: usize) -> Self {
        // A line without a value is a name by itself.
        Self(text.lines().map(|line| line.split_once('=').unwrap_or((line, ""))).collect(), tree)
    }

    fn text(&self, field: &'static str) -> Result<&'a str, NotImported> {
        self.0.get(field).copied().ok_or(NotImported::Field { tree: self.1, field })
    }

    fn numbers<T: FromStr>(&self, field: &'static str, count: usize) -> Result<Vec<T>, NotImported> {
        let wrong = || NotImported::Field { tree: self.1, field };
        let numbers =
            self.text(field)?.split_ascii_whitespace().map(T::from_str).collect::<Result<Vec<T>, _>>();
        numbers.ok().filter(|numbers| numbers.len() == count).ok_or_else(wrong)
    }
}

/// Appends a tree, breadth first, so that children stand side by side.
fn append(fields: &Fields<'_>, features: &[u16], trees: &mut Trees) -> Result<(), NotImported> {
    let wrong = |field| NotImported::Field { tree: fields.1, field };
    let place = |n: usize| u32::try_from(n).map_err(|_| wrong("num_leaves"));
    let leaves = fields.numbers::<usize>("num_leaves", 1)?[0];
    if fields.0.get("num_cat").is_some_and(|n| *n != "0")
        || fields.0.get("is_linear").is_some_and(|n| *n != "0")
    {
        return Err(NotImported::Unsupported("categories and linear trees cannot be imported"));
    }
    let values: Vec<f64> = fields.numbers("leaf_value", leaves)?;
    let splits = leaves.saturating_sub(1);
    trees.roots.push(place(trees.nodes.len())?);
    if splits == 0 {
        trees.nodes.push(Node::leaf(values.first().copied().ok_or_else(|| wrong("leaf_value"))?, 1.0));
        return Ok(());
    }
    let leaf_rows: Vec<f64> = fields.numbers("leaf_count", leaves)?;
    let rows: Vec<f64> = fields.numbers("internal_count", splits)?;
    let columns: Vec<usize> = fields.numbers("split_feature", splits)?;
    let thresholds: Vec<f64> = fields.numbers("threshold", splits)?;
    let kinds: Vec<u8> = fields.numbers("decision_type", splits)?;
    let children: [Vec<i64>; 2] =
        [fields.numbers("left_child", splits)?, fields.numbers("right_child", splits)?];
    let mut waiting = std::collections::VecDeque::from([0_i64]);
    let mut laid = trees.nodes.len() + 1;
    let mut seen = 0;
    while let Some(at) = waiting.pop_front() {
        seen += 1;
        if seen > leaves + splits {
            return Err(wrong("left_child"));
        }
        // A leaf is the complement of its number.
        let of = |at: i64| usize::try_from(at).map_err(|_| wrong("left_child"));
        if at < 0 {
            let leaf = of(!at)?;
            let (Some(value), Some(rows)) = (values.get(leaf), leaf_rows.get(leaf)) else {
                return Err(wrong("left_child"));
            };
            trees.nodes.push(Node::leaf(*value, rows.max(1.0)));
            continue;
        }
        let i = of(at)?;
        let (Some(column), Some(at), Some(kind)) = (columns.get(i), thresholds.get(i), kinds.get(i)) else {
            return Err(wrong("left_child"));
        };
        let feature = *features.get(*column).ok_or_else(|| wrong("split_feature"))?;
        // There, what is equal to the threshold goes left, too; the greatest one parts what is absent from all else.
        let split = Node::split(
            feature,
            at.next_up().min(f64::MAX),
            absent_left(*kind, *at)?,
            (place(laid)?, rows[i].max(1.0)),
        );
        trees.nodes.push(split);
        waiting.extend([children[0][i], children[1][i]]);
        laid += 2;
    }
    Ok(())
}

/// Where an absent value goes: bit 1 says left; bits 2 and 3 say what is absent: nothing, zero, or NaN.
fn absent_left(kind: u8, threshold: f64) -> Result<bool, NotImported> {
    match (kind & 1, kind >> 2 & 3) {
        (1, _) => Err(NotImported::Unsupported("categories and linear trees cannot be imported")),
        // Where nothing was absent in training, NaN counts as 0.
        (_, 0) => Ok(0.0 <= threshold),
        (_, 2) => Ok(kind & 2 != 0),
        _ => Err(NotImported::Unsupported("zeros that mean absent cannot be imported")),
    }
}

#[cfg(test)]
mod tests;
