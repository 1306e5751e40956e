//! One suite for both shapes of a stream: whatever holds of the embedded log holds of Apache Kafka.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use platform::{Batch, EmbeddedLog, Kafka, Positions, Record, Sink, Source, Transport, partition_of};
use silhouette_tests::kafka::Broker;
use tempfile::TempDir;

const PARTITIONS: i32 = 4;
const PATIENCE: Duration = Duration::from_secs(60);
const WAIT: Duration = Duration::from_millis(200);

/// A shape of the stream, with a topic that nobody else uses.
struct Stage {
    transport: Transport,
    topic: String,
    _dir: Option<TempDir>,
}

impl Stage {
    fn embedded() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let transport = Transport::Embedded(EmbeddedLog::new(dir.path(), PARTITIONS));
        Some(Self { transport, topic: "events".into(), _dir: Some(dir) })
    }

    fn kafka() -> Option<Self> {
        Some(Self::at(Broker::shared()?))
    }

    fn at(broker: &Broker) -> Self {
        static TOPICS: AtomicU32 = AtomicU32::new(0);
        let topic = format!("events-{}", TOPICS.fetch_add(1, Ordering::Relaxed));
        let kafka = Kafka::new(broker.address(), BTreeMap::new()).unwrap().with_patience(PATIENCE);
        kafka.ensure_topic(&topic, PARTITIONS, 1).unwrap();
        kafka.ensure_topic(&topic, PARTITIONS, 1).unwrap();
        Self { transport: Transport::Kafka(kafka), topic, _dir: None }
    }

    fn source(&self, group: &str) -> Box<dyn Source> {
        // Groups are known to a whole cluster.
        self.transport.source(&self.topic, &format!("{group}-{}", self.topic)).unwrap()
    }

    fn sink(&self) -> Box<dyn Sink> {
        self.transport.sink(&self.topic).unwrap()
    }

    /// Writes one record a key: the key itself, then a space and `mark`.
    fn write(&self, keys: impl IntoIterator<Item = String>, mark: &str) {
        let mut sink = self.sink();
        for key in keys {
            sink.send(&key, format!("{key} {mark}").as_bytes()).unwrap();
        }
        sink.flush().unwrap();
    }
}

/// Polls until `enough` of what came so far.
fn read_until(source: &mut dyn Source, mut enough: impl FnMut(&[Record], &Batch) -> bool) -> Vec<Record> {
    let mut records = Vec::new();
    let deadline = Instant::now() + PATIENCE;
    loop {
        let mut batch = source.poll(1000, WAIT).unwrap();
        records.append(&mut batch.records);
        if enough(&records, &batch) {
            return records;
        }
        assert!(Instant::now() < deadline, "{} records in {PATIENCE:?}, not enough", records.len());
    }
}

fn read_to_end(source: &mut dyn Source) -> Vec<Record> {
    read_until(source, |_, batch| batch.at_end == all())
}

fn all() -> Vec<i32> {
    (0..PARTITIONS).collect()
}

fn keys(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("key-{n}"))
}

fn text(record: &Record) -> &str {
    std::str::from_utf8(&record.value).unwrap()
}

/// Asserts that the offsets of each partition are in order without a gap, and gives where reading went on.
fn next_of(records: &[Record], from: &Positions) -> Positions {
    let mut next: Positions = (0..PARTITIONS).map(|p| (p, from.get(&p).copied().unwrap_or(0))).collect();
    for record in records {
        let at = next.get_mut(&record.partition).unwrap();
        assert_eq!(record.offset, *at, "partition {}", record.partition);
        *at += 1;
    }
    next
}

fn a_key_stays_on_its_partition_in_order(stage: &Stage) {
    let odd = ["", "é", "ключ", "a/b c", "0123456789abcdef0123456789abcdef0123456789abcdef"];
    let keys: Vec<String> = keys(50).chain(odd.map(String::from)).collect();
    for round in 0..20 {
        stage.write(keys.iter().cloned(), &round.to_string());
    }

    let records = read_to_end(&mut *stage.source("g"));
    assert_eq!(records.len(), keys.len() * 20);
    next_of(&records, &Positions::new());
    let mut rounds: BTreeMap<&str, u32> = BTreeMap::new();
    for record in &records {
        let (key, round) = text(record).rsplit_once(' ').unwrap();
        assert_eq!(record.partition, partition_of(key, PARTITIONS), "{key:?}");
        let expected = rounds.entry(key).or_default();
        assert_eq!(round, expected.to_string(), "{key:?}");
        *expected += 1;
    }
    assert_eq!(records.iter().map(|r| r.partition).collect::<BTreeSet<_>>(), (0..PARTITIONS).collect());
}

fn an_empty_topic_is_at_its_end(stage: &Stage) {
    let mut source = stage.source("g");
    let zero: Positions = (0..PARTITIONS).map(|p| (p, 0)).collect();
    assert_eq!(source.partitions(), all());
    assert!(read_to_end(&mut *source).is_empty());
    assert_eq!(source.earliest().unwrap(), zero);
    assert_eq!(source.ends().unwrap(), zero);
    assert_eq!(source.committed().unwrap(), Positions::new());
    source.commit(&Positions::new()).unwrap();
}

fn the_end_is_left_when_more_is_written(stage: &Stage) {
    let mut source = stage.source("g");
    read_to_end(&mut *source);

    let here = partition_of("a", PARTITIONS);
    stage.write(["a".into(), "a".into(), "a".into()], "x");
    let mut seen = Vec::new();
    while seen.len() < 2 {
        let batch = source.poll(1, PATIENCE).unwrap();
        assert!(!batch.at_end.contains(&here), "one of three is still to come");
        seen.extend(batch.records);
    }
    seen.extend(read_to_end(&mut *source));
    assert_eq!(seen.len(), 3);
    assert_eq!(source.ends().unwrap()[&here], 3);
}

fn a_commit_survives_reopening(stage: &Stage) {
    stage.write(keys(200), "first");
    let mut source = stage.source("g");
    let first = next_of(&read_to_end(&mut *source), &Positions::new());
    source.commit(&first).unwrap();
    assert_eq!(source.committed().unwrap(), first);
    stage.write(keys(200), "second");
    read_to_end(&mut *source);
    drop(source);

    let mut source = stage.source("g");
    assert_eq!(source.committed().unwrap(), first);
    let second = read_to_end(&mut *source);
    assert!(second.iter().all(|record| text(record).ends_with("second")));
    assert_eq!(next_of(&second, &first), source.ends().unwrap());

    let mut stranger = stage.source("another");
    assert_eq!(stranger.committed().unwrap(), Positions::new());
    assert_eq!(read_to_end(&mut *stranger).len(), 400);
}

fn reading_goes_on_from_where_it_is_told(stage: &Stage) {
    stage.write(keys(400), "x");
    let mut source = stage.source("g");
    let ends = source.ends().unwrap();
    source.commit(&ends).unwrap();

    // Before the first poll, and stronger than what is committed.
    let middle: Positions = ends.iter().take(2).map(|(partition, end)| (*partition, end / 2)).collect();
    source.seek(&middle).unwrap();
    assert_eq!(next_of(&read_to_end(&mut *source), &middle), ends);

    // Under way, with more at hand than a poll took.
    source.seek(&Positions::new()).unwrap();
    read_until(&mut *source, |records, _| !records.is_empty());
    source.seek(&middle).unwrap();
    assert_eq!(next_of(&read_to_end(&mut *source), &middle), ends);

    // At the end, beyond it, and nowhere.
    source.seek(&ends).unwrap();
    assert!(read_to_end(&mut *source).is_empty());
    let beyond = ends.iter().map(|(partition, end)| (*partition, end + 1000)).collect();
    source.seek(&beyond).unwrap();
    assert_eq!(read_until(&mut *source, |records, _| records.len() >= 400).len(), 400);
    assert!(source.seek(&Positions::from([(PARTITIONS, 0)])).is_err());
    assert!(source.seek(&Positions::from([(0, -1)])).is_err());
}

fn what_is_held_is_neither_read_nor_lost(stage: &Stage) {
    stage.write(keys(400), "x");
    let mut source = stage.source("g");
    let ends = source.ends().unwrap();
    let of = |records: &[Record]| records.iter().map(|r| r.partition).collect::<BTreeSet<_>>();

    source.hold(&[0, 2]).unwrap();
    let mut records = read_until(&mut *source, |_, batch| batch.at_end == [1, 3]);
    assert_eq!(of(&records), BTreeSet::from([1, 3]));

    source.hold(&[1, 2]).unwrap();
    let more = read_until(&mut *source, |_, batch| batch.at_end == [0, 3]);
    assert_eq!(of(&more), BTreeSet::from([0]));
    records.extend(more);

    // What is written while a partition is held at its end is not passed over for the end.
    let waiting = (0..).map(|n| format!("late-{n}")).find(|key| partition_of(key, PARTITIONS) == 1).unwrap();
    stage.write([waiting], "x");
    source.hold(&[]).unwrap();
    let more = read_to_end(&mut *source);
    assert_eq!(of(&more), BTreeSet::from([1, 2]));
    records.extend(more);

    let next = next_of(&records, &Positions::new());
    assert_eq!(next[&1], ends[&1] + 1);
    assert_eq!(next, source.ends().unwrap());
}

fn many_records_all_arrive(stage: &Stage) {
    const COUNT: usize = 20_000;
    let mut sink = stage.sink();
    let value = [b'x'; 300];
    for key in keys(COUNT) {
        sink.send(&key, &value).unwrap();
    }
    sink.flush().unwrap();

    let mut source = stage.source("g");
    let records = read_to_end(&mut *source);
    assert_eq!(records.len(), COUNT);
    let next = next_of(&records, &Positions::new());
    assert_eq!(next, source.ends().unwrap());
    assert_eq!(next.values().sum::<i64>(), 20_000);
    assert!(records.iter().all(|record| record.value == value));
}

fn a_value_may_be_any_bytes(stage: &Stage) {
    let values: [&[u8]; 4] = [b"", b"\xff\xfe\x00\x80", b"\0", &[0xC3; 100_000]];
    let mut sink = stage.sink();
    for value in values {
        sink.send("one key", value).unwrap();
    }
    sink.flush().unwrap();
    let records = read_to_end(&mut *stage.source("g"));
    assert_eq!(records.iter().map(|record| record.value.as_slice()).collect::<Vec<_>>(), values);
}

fn a_reader_keeps_up_with_a_writer(stage: &Stage) {
    let mut source = stage.source("g");
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..50 {
                stage.write(keys(100), &round.to_string());
            }
        });
        let records = read_until(&mut *source, |records, _| records.len() >= 5000);
        assert_eq!(records.len(), 5000);
        assert_eq!(next_of(&records, &Positions::new()).values().sum::<i64>(), 5000);
    });
}

fn looking_back_disturbs_nobody(stage: &Stage) {
    stage.write(keys(200), "x");
    let mut source = stage.source("g");
    let next = next_of(&read_to_end(&mut *source), &Positions::new());

    let mut readers = [0, 1].map(|_| stage.transport.reader(&stage.topic).unwrap());
    for reader in &mut readers {
        assert_eq!(read_to_end(&mut **reader).len(), 200);
    }
    let middle: Positions = next.iter().map(|(partition, end)| (*partition, end / 2)).collect();
    readers[0].seek(&middle).unwrap();
    assert_eq!(next_of(&read_to_end(&mut *readers[0]), &middle), next);

    source.commit(&next).unwrap();
    stage.write(keys(200), "y");
    assert_eq!(next_of(&read_to_end(&mut *source), &next), source.ends().unwrap());
}

/// Every check, on both shapes.
macro_rules! conformance {
    ($($check:ident)+) => {
        mod embedded {
            $(#[test] fn $check() { super::$check(&super::Stage::embedded().unwrap()) })+
        }
        mod kafka {
            $(#[test] fn $check() { if let Some(stage) = super::Stage::kafka() { super::$check(&stage) } })+
        }
    };
}

conformance! {
    a_key_stays_on_its_partition_in_order
    an_empty_topic_is_at_its_end
    the_end_is_left_when_more_is_written
    a_commit_survives_reopening
    reading_goes_on_from_where_it_is_told
    what_is_held_is_neither_read_nor_lost
    many_records_all_arrive
    a_value_may_be_any_bytes
    a_reader_keeps_up_with_a_writer
    looking_back_disturbs_nobody
}

mod faults;
