//! The same events give the same flags: from a file, through the embedded log, through Apache Kafka, and
//! however often the detector is killed.

use std::collections::BTreeMap;
use std::time::Duration;

use events::{Encoding, decode};
use platform::{Kafka, Transport};
use silhouette_tests::kafka::Broker;

use crate::lab::{
    Detector, Lab, eventually, extent, flags_of_file, ids, produce, produce_as, raw_records, records, sorted,
};
use crate::live::Stage;

#[test]
fn through_the_embedded_log() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let expected = flags_of_file(&lab.events, folder.path());
    assert!(expected.len() > 10, "a world worth looking at: {} flags", expected.len());

    let world = std::fs::read_to_string(&lab.events).unwrap();
    for encoding in Encoding::ALL {
        let stage = Stage::with(*encoding);
        stage.write(world.lines());
        // The first life is stopped early on, the second goes on from its snapshot to the end.
        for events in [3_000, u64::MAX] {
            let life = stage.start(1_000, Duration::from_millis(50));
            life.wait("enough has been read", |life| life.events() >= events || life.has_caught_up());
            life.stop();
        }
        assert!(stage.flags() == expected, "{}: the flags differ from those of the file", encoding.as_str());
    }
}

#[test]
fn a_file_goes_onto_a_topic_in_either_encoding() {
    let Some(broker) = Broker::shared() else { return };
    let folder = tempfile::tempdir().unwrap();
    let world = std::fs::read_to_string(&Lab::shared().events).unwrap();
    let mut lines: Vec<&str> = world.lines().take(500).collect();
    lines.push("no event");
    let events = folder.path().join("events.jsonl");
    std::fs::write(&events, lines.join("\n")).unwrap();
    let transport = Transport::Kafka(Kafka::new(broker.address(), BTreeMap::new()).unwrap());
    for encoding in Encoding::ALL {
        let topic = format!("encoded-as-{}", encoding.as_str());
        produce_as(encoding.as_str(), &events, broker.address(), &topic);
        let found = raw_records(&transport, &topic);
        let read = |bytes: &Vec<u8>| {
            encoding.decode(bytes, u64::MAX).map_or_else(|_| bytes.clone(), |e| e.to_protobuf())
        };
        let mut found: Vec<Vec<u8>> = found.iter().map(read).collect();
        let right = |line: &&str| {
            decode(line.as_bytes(), u64::MAX).map_or_else(|_| line.as_bytes().to_vec(), |e| e.to_protobuf())
        };
        let mut right: Vec<Vec<u8>> = lines.iter().map(right).collect();
        found.sort();
        right.sort();
        assert!(found == right, "{}", encoding.as_str());
    }
}

#[test]
fn through_apache_kafka_and_ten_kills() {
    let Some(broker) = Broker::shared() else { return };
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let expected = flags_of_file(&lab.events, folder.path());
    let total = std::fs::read_to_string(&lab.events).unwrap().lines().count();
    produce(&lab.events, broker.address(), "killed");

    // Small batches and frequent snapshots, so that every kind of moment is hit.
    let more = "idle_after = \"3s\"\nbatch_events = 500\nsnapshot_every = \"100ms\"";
    let mut detector = Detector::new(folder.path(), broker.address(), "killed", more);
    let mut reader = None;
    for kill in 0..10 {
        detector.start();
        let enough = (total / 14 + kill * 137) as f64;
        eventually("it is in the middle of the stream", || {
            detector.metric("silhouette_events_total") > enough
        });
        detector.kill();
        let reader = reader.get_or_insert_with(|| detector.transport.reader(&detector.flags).unwrap());
        assert!(extent(reader.as_mut()) <= expected.len(), "kill {kill}: more flags than there are");
    }
    detector.start();
    detector.catch_up();
    detector.stop();

    let found = records(&detector.transport, &detector.flags);
    let twice: Vec<_> = ids(&found).into_iter().filter(|(_, n)| *n > 1).collect();
    assert_eq!(twice, [], "flags that went out twice");
    assert!(sorted(found) == expected, "the flags differ from those of the file");
}

#[test]
fn positions_are_committed_and_a_restart_repeats_nothing() {
    let Some(broker) = Broker::shared() else { return };
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    produce(&lab.events, broker.address(), "restarted");
    let mut detector = Detector::new(folder.path(), broker.address(), "restarted", "idle_after = \"2s\"");
    detector.start();
    detector.catch_up();
    assert_eq!(
        (detector.answer("/livez").as_str(), detector.answer("/readyz").as_str()),
        ("alive\n", "ready\n")
    );
    detector.stop();
    let mut group = detector.transport.source("restarted", "restarted-detector").unwrap();
    assert_eq!(group.committed().unwrap(), group.ends().unwrap());
    drop(group);
    let before = sorted(records(&detector.transport, &detector.flags));

    detector.start();
    detector.catch_up();
    assert_eq!(detector.metric("silhouette_events_total"), 0.0, "events were read twice");
    detector.stop();
    assert!(sorted(records(&detector.transport, &detector.flags)) == before, "a restart changed the flags");
}
