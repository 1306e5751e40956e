//! A simulated world sent straight to Apache Kafka is the same world as in a file.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;

use events::{Event, decode};
use platform::{Kafka, Positions, Record, Transport, partition_of};
use silhouette_tests::kafka::Broker;

use crate::lab::{eventually, extent, run, sorted, succeed, text};

const PARTITIONS: i32 = 3;
const WORLD: [&str; 9] =
    ["simulate", "--accounts", "700", "--days", "8", "--seed", "31", "--abusive-share", "0.03"];

/// Every record of a topic, in the order of each partition.
fn read(transport: &Transport, topic: &str) -> Vec<Record> {
    let mut reader = transport.reader(topic).unwrap();
    let total = extent(reader.as_mut());
    reader.seek(&Positions::new()).unwrap();
    let mut found = Vec::new();
    eventually("every record is read", || {
        found.append(&mut reader.poll(10_000, Duration::from_millis(200)).unwrap().records);
        found.len() >= total
    });
    found
}

fn event(record: &Record) -> Event {
    decode(&record.value, u64::MAX).unwrap()
}

fn lines(path: &Path) -> Vec<String> {
    std::fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect()
}

#[test]
fn a_world_on_kafka_is_the_same_as_in_a_file() {
    let Some(broker) = Broker::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (file, stream) = (folder.path().join("file"), folder.path().join("stream"));
    succeed(&[&WORLD[..], &["--threads", "1", "--out", text(&file)]].concat());
    let to = ["--brokers", broker.address(), "--topic", "simulated", "--partitions", "3"];
    succeed(&[&WORLD[..], &to, &["--threads", "2", "--out", text(&stream)]].concat());

    let transport = Transport::Kafka(Kafka::new(broker.address(), BTreeMap::new()).unwrap());
    let records = read(&transport, "simulated");
    let values = records.iter().map(|r| String::from_utf8(r.value.clone()).unwrap()).collect();
    let in_file = lines(&file.join("events.jsonl"));
    assert!(in_file.len() > 10_000, "{}", in_file.len());
    assert!(sorted(values) == sorted(in_file), "the topic and the file differ");
    assert!(!stream.join("events.jsonl").exists());
    for beside in ["labels.jsonl", "truth.jsonl", "scenario.toml"] {
        assert_eq!(lines(&stream.join(beside)), lines(&file.join(beside)), "{beside}");
    }

    let mut last: BTreeMap<i32, (u64, String)> = BTreeMap::new();
    for record in &records {
        let event = event(record);
        // Keyed by actor: an account's events are in order on one partition.
        let key = event.actor.as_ref().map_or("", |actor| actor.as_str());
        assert!(key.is_empty() || record.partition == partition_of(key, PARTITIONS), "{key}");
        let place = (event.ts, event.id.as_str().to_owned());
        assert!(last.insert(record.partition, place.clone()).is_none_or(|before| before < place));
    }
    assert_eq!(last.keys().copied().collect::<BTreeSet<_>>(), (0..PARTITIONS).collect());
}

#[test]
fn a_compressed_world_is_the_same_as_a_plain_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = Vec::new();
    for threads in ["1", "8"] {
        let out = folder.path().join(threads);
        succeed(&[&WORLD[..], &["--zstd", "--threads", threads, "--out", text(&out)]].concat());
        packed.push(std::fs::read(out.join("events.jsonl.zst")).unwrap());
    }
    assert!(packed[0] == packed[1], "the number of threads shows in the bytes");
    let plain = folder.path().join("plain");
    succeed(&[&WORLD[..], &["--threads", "3", "--out", text(&plain)]].concat());
    let mut unpacked = Vec::new();
    let mut read = platform::files::Lines::open(&folder.path().join("1/events.jsonl.zst")).unwrap();
    while let Some(line) = read.next_line().unwrap() {
        unpacked.push(String::from_utf8(line.to_vec()).unwrap());
    }
    assert!(unpacked == lines(&plain.join("events.jsonl")), "compressed and plain differ");
}

#[test]
fn an_unseen_world_is_not_trained_on_and_a_misspelt_scenario_is_explained() {
    let folder = tempfile::tempdir().unwrap();
    let world = folder.path().join("world");
    let size = ["simulate", "--accounts", "300", "--days", "3", "--out", text(&world)];
    succeed(&[&size[..], &["--scenario", "unseen-patient"]].concat());
    let (events, labels) = (world.join("events.jsonl"), world.join("labels.jsonl"));
    let model = folder.path().join("model");
    let said = |args: &[&str]| {
        let output = run(args);
        assert!(!output.status.success(), "{args:?}");
        String::from_utf8(output.stderr).unwrap()
    };
    let refused =
        said(&["train", "--events", text(&events), "--labels", text(&labels), "--out", text(&model)]);
    assert!(refused.contains("kept for evaluation") && !model.exists(), "{refused}");

    let scenario = folder.path().join("mine.toml");
    std::fs::write(&scenario, "name = \"mine\"\n\n[abuse]\npaec = 0.5\n").unwrap();
    let explained = said(&[&size[..], &["--scenario", text(&scenario)]].concat());
    assert!(explained.contains("line 4") && explained.contains("did you mean pace?"), "{explained}");
}
