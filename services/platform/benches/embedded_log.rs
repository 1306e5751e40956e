//! How fast the embedded log takes and gives records of 300 bytes, on one topic of four partitions.

use std::time::Duration;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use platform::{EmbeddedLog, Positions, Sink, Source};

const RECORDS: u32 = 100_000;
const VALUE: [u8; 300] = [b'x'; 300];

fn write(log: &EmbeddedLog) {
    let mut sink = log.sink("events").expect("a new topic");
    for n in 0..RECORDS {
        sink.send(&format!("account-{:04}", n % 5000), &VALUE).expect("room");
    }
    sink.flush().expect("a disk");
}

fn benches(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("embedded_log");
    group.throughput(Throughput::Elements(RECORDS.into())).sample_size(10);

    group.bench_function("write", |bencher| {
        let empty = || tempfile::tempdir().expect("a directory");
        bencher.iter_batched_ref(
            empty,
            |dir| write(&EmbeddedLog::new(dir.path(), 4)),
            BatchSize::PerIteration,
        );
    });

    let dir = tempfile::tempdir().expect("a directory");
    let log = EmbeddedLog::new(dir.path(), 4);
    write(&log);
    let mut source = log.source("events", "bench").expect("a topic");
    group.bench_function("read", |bencher| {
        bencher.iter(|| {
            source.seek(&Positions::new()).expect("positions");
            let mut count = 0;
            while count < RECORDS as usize {
                count += source.poll(4000, Duration::ZERO).expect("records").records.len();
            }
        });
    });
    group.finish();
}

criterion_group!(embedded_log, benches);
criterion_main!(embedded_log);
