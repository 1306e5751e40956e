//! What the parts of detection cost: `cargo bench -p detect`.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]

use std::hint::black_box;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use detect::{Arrival, Engine, Restoring, Settings};
use events::{Event, Millis, decode};

const START: Millis = 1_750_000_000_000;

const ACCOUNTS: u64 = 5_000;

/// Events of a day and more.
const EVENTS: u64 = 100_000;

/// Numbers without regularity (SplitMix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// One event in sixteen is a request to somebody new, one an answer, the others are messages among few.
fn event(n: u64) -> Event {
    let roll = mixed(n);
    let (kind, spread) = match roll % 16 {
        0 => ("\"contact.requested\",\"surface\":\"suggested\"", ACCOUNTS),
        1 => ("\"contact.accepted\"", 16),
        _ => ("\"message.sent\",\"kind\":\"text\"", 16),
    };
    let actor = (roll >> 8) % ACCOUNTS;
    let target = (actor + 1 + (roll >> 32) % (spread - 1)) % ACCOUNTS;
    let ts = START + n * 1_000;
    let text = format!(
        "{{\"v\":1,\"id\":\"event-{n:016}\",\"ts\":{ts},\"type\":{kind},\"actor\":\"account-{actor:08}\",\
         \"target\":\"account-{target:08}\",\"target_ctx\":{{\"p_minor\":0.{}}},\"rel\":{{\"edge\":\"none\"}}}}",
        10 + roll % 80
    );
    decode(text.as_bytes(), Millis::MAX).expect("a valid event")
}

/// An engine that has taken in the first events.
fn filled() -> Engine {
    let mut engine = Engine::new(Settings::default(), &[0]);
    (0..EVENTS).for_each(|n| push(&mut engine, event(n)));
    engine.close_where(|_| false, |_| ());
    engine
}

fn push(engine: &mut Engine, event: Event) {
    assert_eq!(engine.push(0, event), Arrival::Kept);
}

fn parts(criterion: &mut Criterion) {
    let engine = filled();
    let next: Vec<Event> = (EVENTS..EVENTS + 10_000).map(event).collect();
    let mut segment = Vec::new();
    engine.clone().segment(|part| segment.extend(part));

    let mut group = criterion.benchmark_group("events");
    group.throughput(Throughput::Elements(next.len() as u64));
    let both = || (engine.clone(), next.clone());
    group.bench_function("into_state", |b| {
        b.iter_batched_ref(
            both,
            |(engine, next)| {
                next.drain(..).for_each(|event| push(engine, event));
                engine.close_where(|_| false, |_| ());
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();

    let mut group = criterion.benchmark_group("accounts");
    group.throughput(Throughput::Elements(engine.accounts() as u64));
    let at = engine.latest().unwrap_or(START);
    group.bench_function("vectors", |b| {
        b.iter(|| engine.survey(at, |row| drop(black_box(row.x))));
    });
    group.bench_function("pairs", |b| {
        b.iter(|| engine.survey(at, |row| drop(black_box(row.pairs()))));
    });
    group.bench_function("stored", |b| {
        b.iter_batched_ref(
            || engine.clone(),
            |engine| engine.segment(|part| drop(black_box(part))),
            BatchSize::LargeInput,
        );
    });
    group.bench_function("read_back", |b| {
        b.iter_batched(
            || segment.clone(),
            |segment| {
                let mut restoring = Restoring::new(Settings::default());
                restoring.take(segment).expect("a segment");
                restoring.finish().expect("the first segment holds everything")
            },
            BatchSize::LargeInput,
        );
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = parts
}
criterion_main!(benches);
