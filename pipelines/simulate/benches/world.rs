//! How fast one thread lives and writes a world: days of 10,000 people, as JSON Lines.
#![allow(missing_docs, reason = "criterion's macros make undocumented items")]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use simulate::{Params, World};

const DAYS: u32 = 5;

fn days(c: &mut Criterion) {
    let params = Params { accounts: 10_000, days: DAYS, ..Params::default() };
    let params = params.check().expect("sound parameters");
    let events: usize = World::new(&params).map(|day| day.len()).sum();
    let mut group = c.benchmark_group("world");
    group.sample_size(10).throughput(Throughput::Elements(events as u64));
    let live = |world: &mut World, write: bool| {
        let mut bytes = 0;
        while world.begin_day() {
            let lived: Vec<_> = world.chunks().map(|chunk| world.live(chunk)).collect();
            let day = world.end_day(lived);
            if write {
                for slice in day.slices() {
                    world.write(&day, slice, |event| bytes += event.to_json().len());
                }
            }
        }
        bytes
    };
    group.bench_function("new", |b| b.iter(|| World::new(&params)));
    group.bench_function("live", |b| b.iter_with_setup(|| World::new(&params), |mut w| live(&mut w, false)));
    group.bench_function("live and write", |b| {
        b.iter_with_setup(|| World::new(&params), |mut w| live(&mut w, true));
    });
    group.finish();
}

criterion_group!(benches, days);
criterion_main!(benches);
