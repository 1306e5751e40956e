//! What scoring by trees costs: 300 whole trees of six splits deep over 169 columns.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use schema::Vector;
use scorers::{Node, Scorer, Trees, Usual};

const WIDTH: usize = 169;
const TREES: usize = 300;
const DEPTH: u32 = 6;
const BATCH: usize = 256;

/// Numbers that look drawn, the same every time.
fn drawn(n: usize) -> f64 {
    let mixed = (n as u64).wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 11) as f64 / (1_u64 << 53) as f64
}

fn trees() -> Trees {
    let usual = |i: usize| Usual { feature: format!("f{i}"), baseline: 0.5 };
    let mut trees = Trees { columns: (0..WIDTH).map(usual).collect(), ..Trees::default() };
    for tree in 0..TREES {
        let root = trees.nodes.len();
        trees.roots.push(u32::try_from(root).expect("few nodes"));
        for i in 0..(1 << (DEPTH + 1)) - 1 {
            let cover = 0.5_f64.powi(i32::try_from((i + 1_usize).ilog2()).expect("shallow"));
            let number = drawn(tree * 1000 + i);
            let column = (drawn(tree * 1000 + i + 500) * WIDTH as f64).floor();
            let column = (0..WIDTH).find(|c| *c as f64 >= column).unwrap_or(0);
            trees.nodes.push(if i + 1 < 1 << DEPTH {
                let left = u32::try_from(root + 2 * i + 1).expect("few nodes");
                Node::split(u16::try_from(column).expect("few columns"), number, i % 2 == 0, (left, cover))
            } else {
                Node::leaf(number - 0.5, cover)
            });
        }
    }
    trees
}

fn score(c: &mut Criterion) {
    let scorer: Scorer = trees().into();
    let value = |n: usize| if n.is_multiple_of(7) { f64::NAN } else { drawn(n) };
    let rows: Vec<Vector> =
        (0..BATCH).map(|row| Vector::new((0..WIDTH).map(|i| value(row * WIDTH + i)).collect())).collect();
    let mut group = c.benchmark_group("trees");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function(BenchmarkId::new("score", BATCH), |b| {
        b.iter(|| rows.iter().map(|x| scorer.score(x)).sum::<f64>());
    });
    group.throughput(Throughput::Elements(1));
    group.bench_function("contributions", |b| b.iter(|| scorer.contributions(&rows[0])));
    group.finish();
}

criterion_group!(benches, score);
criterion_main!(benches);
