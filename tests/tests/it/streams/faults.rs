//! What is particular to one shape: crashes, rivals, and brokers that are not there.

use std::process::{Command, Stdio};

use super::*;

/// Names the log that a child process of [`a_killed_writer_leaves_whole_flushes`] writes to.
const DIR: &str = "SILHOUETTE_TEST_LOG";

/// Records of one flush of the child.
const FLUSH: i64 = 100;

#[test]
fn a_killed_writer_leaves_whole_flushes() {
    let dir = tempfile::tempdir().unwrap();
    let mut writer = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "streams::faults::writes_until_killed"])
        .env(DIR, dir.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let log = EmbeddedLog::new(dir.path(), PARTITIONS);
    let mut source = log.source("events", "g").unwrap();
    let mut records = read_until(&mut source, |records, _| records.len() >= 2000);
    writer.kill().unwrap();
    writer.wait().unwrap();

    records.extend(read_to_end(&mut source));
    let count: i64 = next_of(&records, &Positions::new()).values().sum();
    assert_eq!(count % FLUSH, 0, "{count}");
    log.sink("events").unwrap().flush().unwrap();
    assert_eq!(source.ends().unwrap().values().sum::<i64>(), count);
}

/// Not a test by itself: the other process of the one above.
#[test]
fn writes_until_killed() {
    let Some(dir) = std::env::var_os(DIR) else { return };
    let mut sink = EmbeddedLog::new(dir, PARTITIONS).sink("events").unwrap();
    for n in 0.. {
        sink.send(&format!("key-{n}"), b"x").unwrap();
        if (n + 1) % FLUSH == 0 {
            sink.flush().unwrap();
        }
    }
}

#[test]
fn a_second_member_of_the_group_is_told_of() {
    let Some(stage) = Stage::kafka() else { return };
    stage.write(keys(100), "x");
    let mut first = stage.source("g");
    read_to_end(&mut *first);

    let mut second = stage.source("g");
    let deadline = Instant::now() + PATIENCE;
    let (mut told_first, mut told_second) = (None, None);
    while told_first.is_none() || told_second.is_none() {
        assert!(Instant::now() < deadline, "both must be told");
        // Both take part in the group for as long as either is to be told.
        let (polled_first, polled_second) = (first.poll(10, WAIT), second.poll(10, WAIT));
        told_first = told_first.or_else(|| polled_first.err());
        told_second = told_second.or_else(|| polled_second.err());
    }
    for told in [told_first, told_second] {
        let expected = format!(
            "the detector must own every partition of topic {0:?}; another member of group {1:?} holds 2 of them",
            stage.topic,
            format!("g-{}", stage.topic)
        );
        assert_eq!(told.unwrap().cause.to_string(), expected);
    }
    assert!(first.commit(&Positions::from([(0, 1)])).is_err(), "whoever shares a topic must not commit");

    // Alone again, it reads on where it was.
    drop(second);
    stage.write(keys(100), "y");
    let mut records = Vec::new();
    while records.len() < 100 {
        assert!(Instant::now() < deadline + PATIENCE, "it must get them all back");
        records.extend(first.poll(1000, WAIT).map(|batch| batch.records).unwrap_or_default());
    }
    assert!(records.iter().all(|record| text(record).ends_with('y')));
}

#[test]
fn a_broker_that_comes_back_loses_nothing() {
    let Some(mut broker) = Broker::own() else { return };
    let stage = Stage::at(&broker);
    stage.write(keys(200), "first");
    let mut source = stage.source("g");
    let first = next_of(&read_to_end(&mut *source), &Positions::new());
    source.commit(&first).unwrap();
    let mut sink = stage.sink();

    broker.kill().unwrap();
    for key in keys(200) {
        sink.send(&key, format!("{key} second").as_bytes()).unwrap();
    }
    broker.restart().unwrap();
    sink.flush().unwrap();

    // The source that was open goes on, and a new one knows what was committed before and after.
    assert_eq!(stage.source("g").committed().unwrap(), first);
    let second = read_until(&mut *source, |records, _| records.len() >= 200);
    assert!(second.iter().all(|record| text(record).ends_with("second")));
    let next = next_of(&second, &first);
    source.commit(&next).unwrap();
    drop(source);
    assert_eq!(stage.source("g").committed().unwrap(), next);
}

#[test]
fn a_record_that_is_not_delivered_is_told_of() {
    let Some(Stage { transport: Transport::Kafka(kafka), topic, .. }) = Stage::kafka() else { return };
    // More than the broker takes, which only the broker knows.
    let extra = BTreeMap::from([("message.max.bytes".to_owned(), "10000000".to_owned())]);
    let mut sink = Kafka::new(kafka.brokers(), extra).unwrap().sink(&topic).unwrap();
    sink.send("a", &vec![0; 2_000_000]).unwrap();
    for told in [sink.flush(), sink.flush(), sink.send("a", b"y")] {
        let told = told.unwrap_err();
        assert_eq!(told.to_string(), format!("could not write to topic {topic:?}"));
        assert_eq!(told.cause.to_string(), "records not delivered: 1");
    }
}

#[test]
fn a_missing_topic_is_told_of() {
    let Some(Stage { transport, .. }) = Stage::kafka() else { return };
    for told in [transport.source("no-such", "g").err(), transport.sink("no-such").err()] {
        let told = told.unwrap();
        assert!(told.to_string().contains("\"no-such\""), "{told}");
        assert!(told.cause.to_string().starts_with("there is no such topic at 127.0.0.1:"), "{}", told.cause);
    }
}

#[test]
fn brokers_out_of_reach_are_named() {
    let kafka = Kafka::new("127.0.0.1:1", BTreeMap::new()).unwrap().with_patience(Duration::from_millis(300));
    let transport = Transport::Kafka(kafka.clone());
    for told in [
        transport.source("events", "g").err(),
        transport.sink("events").err(),
        kafka.ensure_topic("events", PARTITIONS, 1).err(),
    ] {
        let told = told.unwrap();
        assert!(told.to_string().contains("topic \"events\""), "{told}");
        assert_eq!(told.cause.to_string(), "no broker of 127.0.0.1:1 answered within 300ms");
    }
}
