//! Reading a topic whole: the group gives us every partition, or we say who has the rest.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, CommitMode, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;
use rdkafka::message::{BorrowedMessage, Message};
use rdkafka::topic_partition_list::{Offset, TopicPartitionList};
use rdkafka::types::RDKafkaRespErr;

use super::{Kafka, log, log_error, passes};
use crate::stream::{Batch, Error, Positions, Record, Source, check_positions};

const DEFAULTS: &[(&str, &str)] = &[
    // So modest that no partition runs far ahead of the others, and refilled at once.
    ("queued.min.messages", "20000"),
    ("fetch.queue.backoff.ms", "10"),
    // An empty fetch is what says that a partition is at its end.
    ("fetch.wait.max.ms", "100"),
    ("fetch.error.backoff.ms", "100"),
    // How long the group waits for a detector that crashed before it gives the partitions to the next one.
    ("session.timeout.ms", "10000"),
];

const FIXED: &[(&str, &str)] = &[
    ("group.protocol", "classic"),
    ("partition.assignment.strategy", "range"),
    ("enable.auto.commit", "false"),
    ("enable.auto.offset.store", "false"),
    ("enable.partition.eof", "true"),
    ("auto.offset.reset", "earliest"),
    ("isolation.level", "read_committed"),
];

/// A consumer of one topic of a [`Kafka`] cluster.
pub struct KafkaSource {
    consumer: BaseConsumer<Reading>,
    kafka: Kafka,
    // The group is joined by the first poll: until then nobody would take part in its rebalances, and positions
    // can be committed only outside of one.
    joined: bool,
    // What went wrong after the last poll had taken some records.
    failed: Option<KafkaError>,
}

impl std::fmt::Debug for KafkaSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaSource").field("reading", self.consumer.context()).finish_non_exhaustive()
    }
}

impl KafkaSource {
    /// A reader that belongs to no group: it takes every partition, whoever else reads them.
    pub(super) fn open_alone(kafka: &Kafka, topic: &str) -> anyhow::Result<Self> {
        let mut source = Self::open(kafka, topic, "silhouette-alone")?;
        source.reading().assigned(&source.consumer, source.reading().partitions)?;
        source.joined = true;
        Ok(source)
    }

    pub(super) fn open(kafka: &Kafka, topic: &str, group: &str) -> anyhow::Result<Self> {
        let fixed: Vec<_> = FIXED.iter().copied().chain([("group.id", group)]).collect();
        let partitions = kafka.partitions(kafka.probe()?.client(), topic)?;
        let reading = Reading {
            topic: topic.into(),
            group: group.into(),
            partitions,
            state: Mutex::new(State {
                starts: (0..partitions).map(|p| (p, Offset::Stored)).collect(),
                held: BTreeSet::new(),
                at_end: BTreeSet::new(),
                owned: None,
            }),
        };
        let consumer: BaseConsumer<Reading> = kafka.client(DEFAULTS, &fixed, reading)?;
        Ok(Self { consumer, kafka: kafka.clone(), joined: false, failed: None })
    }

    fn reading(&self) -> &Reading {
        self.consumer.context()
    }

    fn error(&self, attempt: &str, cause: impl Into<anyhow::Error>) -> Error {
        let Reading { topic, group, .. } = self.reading();
        Error::new(format!("{attempt} topic {topic:?} for group {group:?}"), cause)
    }

    fn join(&mut self) -> Result<(), KafkaError> {
        if !self.joined {
            self.consumer.subscribe(&[&self.reading().topic])?;
            self.joined = true;
        }
        Ok(())
    }

    /// Takes what is there into `batch`, waiting until `deadline` for the first record.
    fn take(&self, batch: &mut Batch, max: usize, deadline: Instant) -> Result<(), KafkaError> {
        while batch.records.len() < max {
            let left = deadline.saturating_duration_since(Instant::now());
            let wait = if batch.records.is_empty() { left } else { Duration::ZERO };
            match self.consumer.poll(wait) {
                Some(Ok(message)) => batch.records.push(self.reading().took(&message)),
                Some(Err(KafkaError::PartitionEOF(partition))) => {
                    self.reading().state().at_end.insert(partition);
                }
                Some(Err(KafkaError::MessageConsumption(code))) if passes(code) => {}
                Some(Err(error)) => return Err(error),
                // It also returns early when it has seen to the group.
                None if wait.is_zero() || !self.reading().is_whole() => break,
                None => {}
            }
        }
        Ok(())
    }

    fn watermarks(&self, of: fn((i64, i64)) -> i64) -> Result<Positions, Error> {
        let topic = &self.reading().topic;
        let watermark = |partition| {
            let fetch = || self.consumer.fetch_watermarks(topic, partition, self.kafka.patience);
            Ok((partition, of(self.kafka.patiently(fetch)?)))
        };
        (0..self.reading().partitions)
            .map(watermark)
            .collect::<Result<_, KafkaError>>()
            .map_err(|cause| self.error("read the extent of", cause))
    }
}

impl Source for KafkaSource {
    fn partitions(&self) -> Vec<i32> {
        (0..self.reading().partitions).collect()
    }

    fn seek(&mut self, positions: &Positions) -> Result<(), Error> {
        check_positions(positions, self.reading().partitions)
            .and_then(|()| Ok(self.reading().seek(&self.consumer, positions)?))
            .map_err(|cause| self.error("seek in", cause))
    }

    fn poll(&mut self, max: usize, wait: Duration) -> Result<Batch, Error> {
        self.join().map_err(|error| self.error("join", error))?;
        let mut batch = Batch::default();
        let taken = match self.failed.take() {
            Some(error) => Err(error),
            None => self.take(&mut batch, max, Instant::now() + wait),
        };
        match taken {
            // What was taken must not be passed over, so the error waits for the next poll.
            Err(error) if !batch.records.is_empty() => self.failed = Some(error),
            Err(error) => return Err(self.error("read", error)),
            Ok(()) if batch.records.is_empty() => {
                self.reading().check_ownership().map_err(|cause| self.error("read", cause))?;
            }
            Ok(()) => {}
        }
        batch.at_end = self.reading().at_end();
        Ok(batch)
    }

    fn hold(&mut self, partitions: &[i32]) -> Result<(), Error> {
        let held = partitions.iter().copied().collect();
        self.reading().hold(&self.consumer, held).map_err(|cause| self.error("hold partitions of", cause))
    }

    fn commit(&mut self, positions: &Positions) -> Result<(), Error> {
        if positions.is_empty() {
            return Ok(());
        }
        let reading = self.reading();
        let at = positions.iter().map(|(partition, offset)| (*partition, Offset::Offset(*offset)));
        check_positions(positions, reading.partitions)
            .and_then(|()| reading.check_ownership())
            .and_then(|()| {
                let list = list(&reading.topic, at)?;
                Ok(self.kafka.patiently(|| self.consumer.commit(&list, CommitMode::Sync))?)
            })
            .map_err(|cause| self.error("commit positions in", cause))
    }

    fn committed(&mut self) -> Result<Positions, Error> {
        let Reading { topic, partitions, .. } = self.reading();
        let all = list(topic, (0..*partitions).map(|partition| (partition, Offset::Invalid)));
        let committed = all
            .and_then(|all| {
                self.kafka.patiently(|| self.consumer.committed_offsets(all.clone(), self.kafka.patience))
            })
            .map_err(|cause| self.error("read the committed positions in", cause))?;
        let offset = |partition: i32, offset| match offset {
            Offset::Offset(offset) => Some((partition, offset)),
            _ => None,
        };
        Ok(committed.elements().iter().filter_map(|at| offset(at.partition(), at.offset())).collect())
    }

    fn earliest(&mut self) -> Result<Positions, Error> {
        self.watermarks(|(earliest, _)| earliest)
    }

    fn ends(&mut self) -> Result<Positions, Error> {
        self.watermarks(|(_, end)| end)
    }
}

/// What a consumer reads, and how far it has come; librdkafka's callbacks see it too.
#[derive(Debug)]
struct Reading {
    topic: String,
    group: String,
    partitions: i32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    // Where each partition is read on from, whenever it is assigned. Names every partition.
    starts: BTreeMap<i32, Offset>,
    held: BTreeSet<i32>,
    at_end: BTreeSet<i32>,
    // How many partitions the group gave us; none while it makes up its mind.
    owned: Option<i32>,
}

impl Reading {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn took(&self, message: &BorrowedMessage<'_>) -> Record {
        let (partition, offset) = (message.partition(), message.offset());
        let mut state = self.state();
        state.starts.insert(partition, Offset::Offset(offset + 1));
        state.at_end.remove(&partition);
        Record { partition, offset, value: message.payload().unwrap_or_default().to_vec() }
    }

    fn at_end(&self) -> Vec<i32> {
        let state = self.state();
        state.at_end.difference(&state.held).copied().collect()
    }

    fn seek(&self, consumer: &BaseConsumer<Self>, positions: &Positions) -> Result<(), KafkaError> {
        let start = |partition| positions.get(&partition).map_or(Offset::Beginning, |at| Offset::Offset(*at));
        let mut state = self.state();
        state.starts = (0..self.partitions).map(|partition| (partition, start(partition))).collect();
        // Before the group has given us anything, there is nothing to move: the assignment will.
        if state.owned == Some(self.partitions) { self.assign(consumer, &mut state) } else { Ok(()) }
    }

    fn hold(&self, consumer: &BaseConsumer<Self>, held: BTreeSet<i32>) -> Result<(), KafkaError> {
        let mut state = self.state();
        let before = std::mem::replace(&mut state.held, held);
        let freed: Vec<i32> = before.difference(&state.held).copied().collect();
        // Nobody looked while they were held, so that they are not known to be at their end any more;
        // librdkafka looks again when they are resumed.
        state.at_end.retain(|partition| !freed.contains(partition));
        consumer.pause(&list(&self.topic, state.held.difference(&before).map(|p| (*p, Offset::Invalid)))?)?;
        consumer.resume(&list(&self.topic, freed.into_iter().map(|p| (p, Offset::Invalid)))?)
    }

    /// Reads every partition from its start.
    fn assign(&self, consumer: &BaseConsumer<Self>, state: &mut State) -> Result<(), KafkaError> {
        state.at_end.clear();
        consumer.assign(&list(
            &self.topic,
            state.starts.iter().map(|(partition, start)| (*partition, *start)),
        )?)?;
        // A new assignment forgets what was paused.
        consumer.pause(&list(&self.topic, state.held.iter().map(|p| (*p, Offset::Invalid)))?)
    }

    /// What the group decided: read it all, or nothing.
    fn assigned(&self, consumer: &BaseConsumer<Self>, count: i32) -> Result<(), KafkaError> {
        let mut state = self.state();
        state.owned = Some(count);
        if count == self.partitions {
            self.assign(consumer, &mut state)
        } else {
            state.at_end.clear();
            // Not `unassign`: librdkafka takes only an assignment, be it of nothing, for an answer to one.
            consumer.assign(&TopicPartitionList::new())
        }
    }

    /// Whether the group has not given any partition to somebody else.
    fn is_whole(&self) -> bool {
        self.state().owned.is_none_or(|owned| owned == self.partitions)
    }

    fn check_ownership(&self) -> anyhow::Result<()> {
        let Self { topic, group, partitions, .. } = self;
        let owned = self.state().owned.unwrap_or(*partitions);
        anyhow::ensure!(
            owned >= *partitions,
            "the detector must own every partition of topic {topic:?}; another member of group {group:?} holds {} \
             of them",
            partitions - owned
        );
        anyhow::ensure!(
            owned == *partitions,
            "topic {topic:?} grew from {partitions} partitions to {owned}, and its keys changed places"
        );
        Ok(())
    }
}

impl ClientContext for Reading {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ConsumerContext for Reading {
    fn rebalance(
        &self,
        consumer: &BaseConsumer<Self>,
        event: RDKafkaRespErr,
        given: &mut TopicPartitionList,
    ) {
        let done = if event == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS {
            self.assigned(consumer, i32::try_from(given.count()).unwrap_or(i32::MAX))
        } else {
            let mut state = self.state();
            state.owned = None;
            state.at_end.clear();
            consumer.unassign()
        };
        // Without its assignment it reads nothing, which is safe; librdkafka has no other way to hear of it.
        if let Err(error) = done {
            tracing::error!(%error, topic = self.topic, "could not take what the group gave");
        }
    }
}

fn list(topic: &str, at: impl IntoIterator<Item = (i32, Offset)>) -> Result<TopicPartitionList, KafkaError> {
    let mut list = TopicPartitionList::new();
    for (partition, offset) in at {
        list.add_partition_offset(topic, partition, offset)?;
    }
    Ok(list)
}
