//! What it costs to decode one event, by encoding: `cargo bench -p events`.

#![allow(missing_docs, reason = "criterion's macros make functions without any")]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use events::{Event, Millis, decode, decode_protobuf, decode_strict};

const NOW: Millis = 1_750_000_000_000;

const REQUEST: &str = r#"{"v":1,"id":"0190a000-0000-7000-8000-000000000001","ts":1750000000000,"type":"contact.requested","actor":"account_000000000001","target":"account_000000000002","target_ctx":{"p_minor":0.9312,"age":"13_15"},"rel":{"edge":"none","mutuals":"0"},"surface":"suggested"}"#;

const MESSAGE: &str = r#"{"v":1,"id":"0190a000-0000-7000-8000-000000000002","ts":1750000000000,"type":"message.sent","actor":"0190a000-0000-7000-8000-00000000000a","target":"0190a000-0000-7000-8000-00000000000b","actor_ctx":{"p_minor":0.0213,"age":"35p","age_source":"declared","created":1700000000000,"country":"GB"},"target_ctx":{"p_minor":0.9312,"age":"13_15","age_source":"inferred","created":1710000000000,"country":"GB"},"rel":{"edge":"connected","mutuals":"2_4","target_has_actor":false,"actor_has_target":false,"shared_groups":"0"},"kind":"text","size":"s","request_folder":false,"typing":"short"}"#;

const READ: &str = r#"{"v":1,"id":"0190a000-0000-7000-8000-000000000003","ts":1750000000000,"type":"message.read","actor":"0190a000-0000-7000-8000-00000000000a","target":"0190a000-0000-7000-8000-00000000000b"}"#;

fn decoding(criterion: &mut Criterion) {
    for (name, text) in [("request", REQUEST), ("message", MESSAGE), ("read", READ)] {
        let event: Event = decode_strict(text.as_bytes(), NOW).expect("a valid event");
        assert_eq!(event.to_json(), text, "as our own encoder writes it");
        // As Python's json.dumps writes it when it sorts the keys.
        let sorted: serde_json::Value = serde_json::from_str(text).expect("JSON");
        let foreign = sorted.to_string().replace(":", ": ").replace(",", ", ");

        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        let strict = |text: &str| decode_strict(black_box(text.as_bytes()), NOW);
        let fast = |text: &str| decode(black_box(text.as_bytes()), NOW);
        // By reference: moving the event out of the measurement is not part of decoding it.
        group.bench_function("json_strict", |b| b.iter(|| black_box(&strict(text)).is_ok()));
        group.bench_function("json", |b| b.iter(|| black_box(&fast(text)).is_ok()));
        group.bench_function("json_sorted_and_spaced", |b| b.iter(|| black_box(&fast(&foreign)).is_ok()));
        let bytes = event.to_protobuf();
        let binary = |bytes: &[u8]| decode_protobuf(black_box(bytes), NOW);
        group.bench_function("protobuf", |b| b.iter(|| black_box(&binary(&bytes)).is_ok()));
        group.finish();
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(40);
    targets = decoding
}
criterion_main!(benches);
