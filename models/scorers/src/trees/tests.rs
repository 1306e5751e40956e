use proptest::prelude::*;

use super::*;

const WIDTH: usize = 4;

/// What a node is drawn from: feature, threshold, where absent goes, value, share of the rows that go left.
type Draw = (u16, f64, bool, f64, f64);

fn draws() -> impl Strategy<Value = Vec<Draw>> {
    let feature = 0..u16::try_from(WIDTH).unwrap();
    prop::collection::vec((feature, -1.0..1.0_f64, any::<bool>(), -2.0..2.0_f64, 0.05..0.95_f64), 31)
}

/// Trees of up to five levels; a node whose value is positive and that has room below it is split.
fn trees(of: &[Vec<Draw>]) -> Trees {
    let usual = |i: usize| Usual { feature: format!("f{i}"), baseline: 0.0 };
    let mut made = Trees { intercept: -1.0, columns: (0..WIDTH).map(usual).collect(), ..Trees::default() };
    for draws in of {
        made.roots.push(u32::try_from(made.nodes.len()).unwrap());
        made.nodes.push(Node::leaf(0.0, 1.0));
        grow(&mut made.nodes, draws, 0, 1.0);
    }
    assert!(made.is_sound());
    made
}

/// Puts the node of the heap's place `i` where the last node's child or root has been laid out.
fn grow(nodes: &mut Vec<Node>, draws: &[Draw], i: usize, cover: f64) {
    let at = nodes.len() - 1;
    fill(nodes, at, draws, (i, cover));
}

fn fill(nodes: &mut Vec<Node>, at: usize, draws: &[Draw], (i, cover): (usize, f64)) {
    let (feature, threshold, absent_left, value, share) = draws[i];
    if 2 * i + 2 >= draws.len() || value < -1.0 {
        nodes[at] = Node::leaf(value, cover);
        return;
    }
    let left = nodes.len();
    nodes.extend([Node::leaf(0.0, 1.0); 2]);
    nodes[at] = Node::split(feature, threshold, absent_left, (u32::try_from(left).unwrap(), cover));
    fill(nodes, left, draws, (2 * i + 1, cover * share));
    fill(nodes, left + 1, draws, (2 * i + 2, cover * (1.0 - share)));
}

fn values() -> impl Strategy<Value = Vec<f64>> {
    prop::collection::vec(prop_oneof![1 => Just(f64::NAN), 4 => -1.5..1.5_f64], WIDTH)
}

/// What is expected below a node where the columns in `known` are and no other.
fn conditional(trees: &Trees, at: u32, x: &[f64], known: usize) -> f64 {
    let node = &trees.nodes[at as usize];
    if node.is_leaf() {
        return node.number;
    }
    if known >> node.feature & 1 == 1 {
        return conditional(trees, node.child(x[usize::from(node.feature)]), x, known);
    }
    let [left, right] = [node.left, node.left + 1].map(|child| {
        let cover = trees.nodes[child as usize].cover;
        (cover, cover * conditional(trees, child, x, known))
    });
    (left.1 + right.1) / (left.0 + right.0)
}

/// Shapley values by their definition: over every order in which columns become known.
fn by_definition(trees: &Trees, x: &[f64]) -> Vec<f64> {
    let game =
        |known: usize| -> f64 { trees.roots.iter().map(|root| conditional(trees, *root, x, known)).sum() };
    let factorial = |n: usize| -> f64 { (1..=n).map(|k| k as f64).product() };
    let value = |column: usize| -> f64 {
        let sets = (0..1_usize << WIDTH).filter(|set| set >> column & 1 == 0);
        sets.map(|set| {
            let size = set.count_ones() as usize;
            let weight = factorial(size) * factorial(WIDTH - size - 1) / factorial(WIDTH);
            weight * (game(set | 1 << column) - game(set))
        })
        .sum()
    };
    (0..WIDTH).map(value).collect()
}

proptest! {
    #[test]
    fn contributions_are_shapley_values_and_sum_to_the_score(
        forest in prop::collection::vec(draws(), 1..4),
        x in values(),
    ) {
        let trees = trees(&forest);
        let right = by_definition(&trees, &x);
        let x = Vector::new(x);
        let found = trees.contributions(&x);
        for (right, found) in right.iter().zip(&found) {
            prop_assert!((right - found).abs() < 1e-9, "{right} {found}");
        }
        let sum = trees.expected() + found.iter().sum::<f64>();
        prop_assert!((sum - trees.score(&x)).abs() < 1e-9);
    }

    #[test]
    fn no_vector_within_the_spans_scores_more_than_the_most(
        forest in prop::collection::vec(draws(), 1..4),
        spans in prop::collection::vec((-1.5..1.5_f64, 0.0..1.0_f64, 0..3_u8), WIDTH),
        places in prop::collection::vec(0.0..=1.0_f64, WIDTH),
    ) {
        let trees = trees(&forest);
        let of = |(low, width, kind): &(f64, f64, u8)| Span {
            values: (*kind != 0).then_some((*low, low + width)),
            is_maybe_absent: *kind < 2,
        };
        let spans: Vec<Span> = spans.iter().map(of).collect();
        let inside = |(span, place): (&Span, &f64)| match span.values {
            Some((low, high)) if !span.is_maybe_absent || *place > 0.3 => low + (high - low) * place,
            _ => f64::NAN,
        };
        let x = Vector::new(spans.iter().zip(&places).map(inside).collect());
        prop_assert!(trees.score(&x) <= trees.most(&spans));
        let exactly: Vec<Span> = x.values().iter().map(|value| Span::exactly(*value)).collect();
        prop_assert_eq!(trees.score(&x).to_bits(), trees.most(&exactly).to_bits());
    }

    #[test]
    fn a_document_gives_the_trees_back(forest in prop::collection::vec(draws(), 1..3)) {
        let trees = trees(&forest);
        let text = serde_json::to_string(&trees).unwrap();
        prop_assert_eq!(serde_json::from_str::<Trees>(&text).unwrap(), trees);
    }
}

#[test]
fn trees_that_lead_nowhere_are_not_sound() {
    let split = |left: u32| Trees {
        columns: vec![Usual { feature: "a".to_owned(), baseline: 0.0 }],
        roots: vec![0],
        nodes: vec![Node::split(0, 0.5, true, (left, 1.0)), Node::leaf(1.0, 0.5), Node::leaf(2.0, 0.5)],
        intercept: 0.0,
    };
    assert!(split(1).is_sound());
    assert!(!split(0).is_sound(), "a circle");
    assert!(!split(2).is_sound(), "the right child is missing");
    let mut other_column = split(1);
    other_column.columns.clear();
    assert!(!other_column.is_sound());
    let mut nothing_came_by = split(1);
    nothing_came_by.nodes[1] = Node::leaf(1.0, 0.0);
    assert!(!nothing_came_by.is_sound());
}
