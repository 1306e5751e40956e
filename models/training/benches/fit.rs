//! What training trees costs: 20,000 rows of 60 columns, with four folds for calibration.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use rand::{RngExt, SeedableRng};
use schema::{Direction, Feature, ReasonCode, Schema, Transform, Unit, Vector};
use training::{Examples, FOLDS, Family, TreeParams, fit};

const ROWS: usize = 20_000;
const WIDTH: usize = 60;

fn schema() -> Schema {
    let feature = |i: usize| Feature {
        name: format!("f{i}"),
        meaning: "a number".to_owned(),
        unit: Unit::Accounts,
        window: None,
        family: schema::Family::Timing,
        reason: ReasonCode::RC01,
        direction: Direction::More,
        transform: Transform::Identity,
        sentence: "{value}",
        null_when: None,
        unavailable: None,
    };
    Schema::new((0..WIDTH).map(feature).collect())
}

fn examples() -> Examples {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut made = Examples::default();
    for i in 0..ROWS {
        let x: Vec<f64> = (0..WIDTH).map(|_| rng.random()).collect();
        made.y.push(x[0] + x[1] * x[2] > 1.5);
        made.x.push(Vector::new(x));
        made.likely.push(true);
        made.open.push(false);
        made.weight.push(1.0);
        made.fold.push(i % FOLDS);
    }
    made
}

fn trees(c: &mut Criterion) {
    let (schema, examples) = (schema(), examples());
    let params = TreeParams { trees: 50, ..TreeParams::default() };
    let mut group = c.benchmark_group("fit");
    group.sample_size(10).throughput(Throughput::Elements(ROWS as u64));
    group.bench_function("trees", |b| {
        b.iter(|| fit(&schema, &examples, Family::Trees(params)).expect("fits"))
    });
    group.finish();
}

criterion_group!(benches, trees);
criterion_main!(benches);
