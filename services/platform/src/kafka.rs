//! The production shape of a stream: Apache Kafka, or whatever speaks its protocol, through librdkafka.
//!
//! What correctness rests on is set here and cannot be set otherwise; everything else, such as TLS and SASL, is
//! passed through under librdkafka's own names. Kafka's transactions are not relied upon.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use anyhow::Context;
use futures_executor::block_on;
use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, TopicReplication};
use rdkafka::client::{Client, ClientContext};
use rdkafka::config::{ClientConfig, FromClientConfigAndContext, RDKafkaLogLevel};
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use crate::stream::Error;

mod sink;
mod source;

pub use sink::KafkaSink;
pub use source::KafkaSource;

/// Properties that correctness rests on, with librdkafka's other names for them.
const RESERVED: &[&str] = &[
    "bootstrap.servers",
    "metadata.broker.list",
    "group.id",
    "group.protocol",
    "partition.assignment.strategy",
    "enable.auto.commit",
    "auto.commit.enable",
    "enable.auto.offset.store",
    "enable.partition.eof",
    "auto.offset.reset",
    "isolation.level",
    "enable.idempotence",
    "acks",
    "request.required.acks",
    "partitioner",
    "transactional.id",
];

/// How long a broker may take to answer, unless told otherwise.
const PATIENCE: Duration = Duration::from_secs(10);

/// The pause between two tries. Nothing here could wake us sooner: what we wait for happens at the brokers.
const TRY_INTERVAL: Duration = Duration::from_millis(50);

/// How long a client waits at most before it connects again to a broker that went away.
const RECONNECT_MS_MAX: &str = "1000";

/// A Kafka cluster and how to reach it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kafka {
    brokers: String,
    extra: BTreeMap<String, String>,
    patience: Duration,
}

impl Kafka {
    /// The cluster behind `brokers`, as `host:port,...`. Nothing is connected yet.
    ///
    /// `extra` holds librdkafka properties, for example `security.protocol`; one may also tune what is only a
    /// default here, such as `linger.ms` or `queued.min.messages`.
    ///
    /// # Errors
    /// When `extra` holds a property that correctness rests on.
    pub fn new(brokers: impl Into<String>, extra: BTreeMap<String, String>) -> Result<Self, Error> {
        let brokers = brokers.into();
        if let Some(property) = RESERVED.iter().find(|property| extra.contains_key(**property)) {
            let cause = anyhow::anyhow!("property {property:?} is set by Silhouette and must be left out");
            return Err(Error::new(format!("use Kafka at {brokers}"), cause));
        }
        Ok(Self { brokers, extra, patience: PATIENCE })
    }

    /// The same cluster, whose brokers may take `patience` to answer; 10 seconds unless set.
    pub fn with_patience(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// The brokers that are asked first, as `host:port,...`.
    pub fn brokers(&self) -> &str {
        &self.brokers
    }

    /// Makes `topic`, unless there is one of that name, which is left as it is.
    ///
    /// # Errors
    /// When no broker answers, or the cluster refuses.
    pub fn ensure_topic(&self, topic: &str, partitions: i32, replication: i32) -> Result<(), Error> {
        self.make_topic(topic, partitions, replication)
            .map_err(|cause| Error::new(format!("make topic {topic:?}"), cause))
    }

    /// The names of all topics.
    ///
    /// # Errors
    /// When no broker answers.
    pub fn topics(&self) -> Result<Vec<String>, Error> {
        let names = || -> anyhow::Result<Vec<String>> {
            let metadata = self.probe()?.client().fetch_metadata(None, self.patience)?;
            Ok(metadata.topics().iter().map(|topic| topic.name().to_owned()).collect())
        };
        names().map_err(|cause| Error::new(format!("list the topics at {}", self.brokers), cause))
    }

    /// Removes topics; one that is not there is passed over.
    ///
    /// # Errors
    /// When no broker answers, or the cluster refuses.
    pub fn remove_topics(&self, topics: &[&str]) -> Result<(), Error> {
        let remove = || -> anyhow::Result<()> {
            let admin: AdminClient<Quiet> = self.client(&[], &[], Quiet)?;
            let options = AdminOptions::new().request_timeout(Some(self.patience));
            for removed in block_on(admin.delete_topics(topics, &options))? {
                match removed {
                    Ok(_) | Err((_, RDKafkaErrorCode::UnknownTopicOrPartition)) => {}
                    Err((_, code)) => return Err(KafkaError::AdminOp(code).into()),
                }
            }
            Ok(())
        };
        remove().map_err(|cause| Error::new(format!("remove topics {topics:?}"), cause))
    }

    /// A consumer of `topic` in `group`.
    ///
    /// # Errors
    /// When no broker answers, there is no such topic, or librdkafka refuses a property.
    pub fn source(&self, topic: &str, group: &str) -> Result<KafkaSource, Error> {
        KafkaSource::open(self, topic, group)
            .map_err(|cause| Error::new(format!("open topic {topic:?} for group {group:?}"), cause))
    }

    /// A reader of `topic` that belongs to no group, for looking back: it must not commit.
    ///
    /// # Errors
    /// When no broker answers, there is no such topic, or librdkafka refuses a property.
    pub fn reader(&self, topic: &str) -> Result<KafkaSource, Error> {
        KafkaSource::open_alone(self, topic)
            .map_err(|cause| Error::new(format!("open topic {topic:?}"), cause))
    }

    /// A producer to `topic`.
    ///
    /// # Errors
    /// When no broker answers, there is no such topic, or librdkafka refuses a property.
    pub fn sink(&self, topic: &str) -> Result<KafkaSink, Error> {
        KafkaSink::open(self, topic).map_err(|cause| Error::new(format!("open topic {topic:?}"), cause))
    }

    fn make_topic(&self, topic: &str, partitions: i32, replication: i32) -> anyhow::Result<()> {
        let probe = self.probe()?;
        if self.partition_count(probe.client(), topic)?.is_some() {
            return Ok(());
        }
        let admin: AdminClient<Quiet> = self.client(&[], &[], Quiet)?;
        let new = NewTopic::new(topic, partitions, TopicReplication::Fixed(replication));
        let options = AdminOptions::new().request_timeout(Some(self.patience));
        for made in block_on(admin.create_topics(&[new], &options))? {
            match made {
                Ok(_) | Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((_, code)) => return Err(KafkaError::AdminOp(code).into()),
            }
        }
        self.await_topic(&probe, topic)
    }

    /// Waits until the brokers know of a topic that was just made, with a leader for every partition.
    fn await_topic(&self, probe: &BaseConsumer<Quiet>, topic: &str) -> anyhow::Result<()> {
        let deadline = Instant::now() + self.patience;
        while self.partition_count(probe.client(), topic)?.is_none() {
            anyhow::ensure!(
                Instant::now() < deadline,
                "it was made, but no broker led it within {:?}",
                self.patience
            );
            std::thread::park_timeout(TRY_INTERVAL);
        }
        Ok(())
    }

    /// What `attempt` gives, tried again while the brokers are between two states: a leader or coordinator that
    /// has just come up refuses for a moment.
    fn patiently<T>(&self, attempt: impl Fn() -> Result<T, KafkaError>) -> Result<T, KafkaError> {
        let deadline = Instant::now() + self.patience;
        loop {
            match attempt() {
                Err(error) if error.rdkafka_error_code().is_some_and(passes) && Instant::now() < deadline => {
                    tracing::debug!(%error, "trying again");
                    std::thread::park_timeout(TRY_INTERVAL);
                }
                done => return done,
            }
        }
    }

    /// A client that only asks about the cluster.
    fn probe(&self) -> anyhow::Result<BaseConsumer<Quiet>> {
        self.client(&[], &[], Quiet)
    }

    /// How many partitions `topic` has, or none where there is no such topic or it is not led yet.
    ///
    /// All topics are asked for, because asking for one by name makes it on brokers that allow that.
    fn partition_count<C: ClientContext>(
        &self,
        client: &Client<C>,
        topic: &str,
    ) -> anyhow::Result<Option<i32>> {
        let metadata = client
            .fetch_metadata(None, self.patience)
            .with_context(|| format!("no broker of {} answered within {:?}", self.brokers, self.patience))?;
        let led = metadata.topics().iter().find(|known| {
            known.name() == topic
                && known.error().is_none()
                && known.partitions().iter().all(|p| p.leader() >= 0)
        });
        Ok(led.map(|known| i32::try_from(known.partitions().len())).transpose()?.filter(|count| *count > 0))
    }

    /// How many partitions `topic` has.
    fn partitions<C: ClientContext>(&self, client: &Client<C>, topic: &str) -> anyhow::Result<i32> {
        self.partition_count(client, topic)?
            .with_context(|| format!("there is no such topic at {}, or it has no leader", self.brokers))
    }

    /// A client: `defaults`, then what `extra` says, then what is `fixed`.
    fn client<C: ClientContext, T: FromClientConfigAndContext<C>>(
        &self,
        defaults: &[(&str, &str)],
        fixed: &[(&str, &str)],
        context: C,
    ) -> anyhow::Result<T> {
        let mut config = ClientConfig::new();
        config.set_log_level(RDKafkaLogLevel::Info);
        config.set("bootstrap.servers", &self.brokers);
        config.set("reconnect.backoff.max.ms", RECONNECT_MS_MAX);
        let extra = self.extra.iter().map(|(key, value)| (key.as_str(), value.as_str()));
        for (key, value) in defaults.iter().copied().chain(extra).chain(fixed.iter().copied()) {
            config.set(key, value);
        }
        Ok(config.create_with_context(context)?)
    }
}

/// A client that hears of nothing but errors and log lines.
struct Quiet;

impl ClientContext for Quiet {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ConsumerContext for Quiet {}

/// Whether it passes by itself, because the cluster is changing hands or librdkafka connects again.
fn passes(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode::{
        AllBrokersDown, BrokerTransportFailure, CoordinatorLoadInProgress, CoordinatorNotAvailable,
        NotCoordinator, OperationTimedOut, PollExceeded, Resolve, WaitingForCoordinator,
    };
    matches!(
        code,
        AllBrokersDown
            | BrokerTransportFailure
            | CoordinatorLoadInProgress
            | CoordinatorNotAvailable
            | NotCoordinator
            | OperationTimedOut
            | PollExceeded
            | Resolve
            | WaitingForCoordinator
    )
}

/// librdkafka's own log lines, among ours.
fn log(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Debug => tracing::debug!(facility, "{message}"),
        RDKafkaLogLevel::Info | RDKafkaLogLevel::Notice => tracing::info!(facility, "{message}"),
        // It goes on trying whatever it reports; what does end our work comes back as an error.
        _ => tracing::warn!(facility, "{message}"),
    }
}

fn log_error(error: &KafkaError, reason: &str) {
    if error.rdkafka_error_code() != Some(RDKafkaErrorCode::PartitionEOF) {
        tracing::warn!(%error, reason, "trouble with Kafka");
    }
}

#[cfg(test)]
mod tests;
