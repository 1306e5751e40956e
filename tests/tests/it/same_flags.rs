//! The same events give the same flags: from a file, through the embedded log, through Apache Kafka, and
//! however often the detector is killed.

use std::sync::atomic::Ordering;
use std::time::Duration;

use detector::{Live, Settings, Signals, Streams, load_model};
use platform::metrics::DetectorMetrics;
use platform::{EmbeddedLog, Transport};
use prometheus::Registry;
use silhouette_tests::kafka::Broker;

use crate::lab::{Detector, Lab, eventually, extent, flags_of_file, ids, produce, records, sorted};

#[test]
fn through_the_embedded_log() {
    let lab = Lab::shared();
    let folder = tempfile::tempdir().unwrap();
    let expected = flags_of_file(&lab.events, folder.path());
    assert!(expected.len() > 10, "a world worth looking at: {} flags", expected.len());

    let transport = Transport::Embedded(EmbeddedLog::new(folder.path().join("log"), 4));
    let mut sink = transport.sink("events").unwrap();
    for line in std::fs::read_to_string(&lab.events).unwrap().lines() {
        let event = events::decode(line.as_bytes(), u64::MAX).unwrap();
        sink.send(event.actor.as_ref().map_or("", |a| a.as_str()), line.as_bytes()).unwrap();
    }
    sink.flush().unwrap();

    let streams = Streams {
        transport: transport.clone(),
        events: "events".to_owned(),
        flags: "flags".to_owned(),
        dead_letters: "dead-letters".to_owned(),
        group: "detector".to_owned(),
    };
    // The first life is stopped early on, the second goes on from its snapshot to the end.
    for batches in [3_000, usize::MAX] {
        let signals = Signals::default();
        let settings = Settings {
            engine: detect::Settings::default(),
            min_p: None,
            idle_after: Duration::from_secs(1),
            batch_events: 1_000,
            waiting_max: 20_000,
            snapshot_every: Duration::from_millis(50),
            state: folder.path().join("state"),
        };
        let metrics = DetectorMetrics::register(&Registry::new()).unwrap();
        let events = metrics.events.clone();
        let model = load_model(&lab.model, &detect::Profile::default()).unwrap();
        let live = Live::open(settings, &streams, model, metrics, signals.clone()).unwrap();
        let running = std::thread::spawn(move || live.run());
        let taken_in = || {
            let count = |t: &events::EventType| events.with_label_values(&[t.as_str()]).get();
            usize::try_from(events::EventType::ALL.iter().map(count).sum::<u64>()).unwrap()
        };
        eventually("enough has been read", || {
            assert!(!running.is_finished(), "the detector ended by itself");
            taken_in() >= batches || signals.caught_up.load(Ordering::Acquire)
        });
        signals.stop.store(true, Ordering::Release);
        running.join().unwrap().unwrap();
    }
    assert!(sorted(records(&transport, "flags")) == expected, "the flags differ from those of the file");
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
