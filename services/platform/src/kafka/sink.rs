//! Writing to a topic, with every loss brought to light.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use rdkafka::client::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, DeliveryResult, Producer, ProducerContext};
use rdkafka::util::Timeout;

use super::{Kafka, log, log_error};
use crate::stream::{Error, Sink};

const DEFAULTS: &[(&str, &str)] = &[
    ("linger.ms", "5"),
    // How long a record is tried for; a flush takes at most that long.
    ("message.timeout.ms", "60000"),
];

const FIXED: &[(&str, &str)] = &[
    ("enable.idempotence", "true"),
    ("acks", "all"),
    // Where Kafka's Java client puts a key, and `partition_of` too.
    ("partitioner", "murmur2_random"),
];

/// How long to wait for room when the queue is full, before looking again for failures.
const ROOM_WAIT: Duration = Duration::from_millis(100);

/// A producer to one topic of a [`Kafka`] cluster. Once it has lost a record, every call says so.
pub struct KafkaSink {
    producer: BaseProducer<Deliveries>,
    topic: String,
}

impl std::fmt::Debug for KafkaSink {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KafkaSink").field("topic", &self.topic).finish_non_exhaustive()
    }
}

impl KafkaSink {
    pub(super) fn open(kafka: &Kafka, topic: &str) -> anyhow::Result<Self> {
        let producer: BaseProducer<Deliveries> = kafka.client(DEFAULTS, FIXED, Deliveries::default())?;
        kafka.partitions(producer.client(), topic)?;
        Ok(Self { producer, topic: topic.into() })
    }

    fn error(&self, cause: impl Into<anyhow::Error>) -> Error {
        Error::new(format!("write to topic {:?}", self.topic), cause)
    }

    fn check_deliveries(&self) -> Result<(), Error> {
        let failures = self.producer.context().failures();
        match &*failures {
            None => Ok(()),
            Some((first, count)) => {
                let cause = anyhow::Error::new(first.clone());
                Err(self.error(cause.context(format!("records not delivered: {count}"))))
            }
        }
    }
}

impl Sink for KafkaSink {
    fn send(&mut self, key: &str, value: &[u8]) -> Result<(), Error> {
        let mut record = BaseRecord::to(&self.topic).key(key).payload(value);
        self.producer.poll(Duration::ZERO);
        loop {
            self.check_deliveries()?;
            match self.producer.send(record) {
                Ok(()) => return Ok(()),
                Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), refused)) => {
                    record = refused;
                    self.producer.poll(ROOM_WAIT);
                }
                Err((error, _)) => return Err(self.error(error)),
            }
        }
    }

    fn flush(&mut self) -> Result<(), Error> {
        // It ends: each record is delivered or given up within `message.timeout.ms`.
        self.producer.flush(Timeout::Never).map_err(|error| self.error(error))?;
        self.check_deliveries()
    }
}

/// What became of the records: the first failure, and how many there were.
#[derive(Default)]
struct Deliveries(Mutex<Option<(KafkaError, u64)>>);

impl Deliveries {
    fn failures(&self) -> std::sync::MutexGuard<'_, Option<(KafkaError, u64)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl ClientContext for Deliveries {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log(level, facility, message);
    }

    fn error(&self, error: KafkaError, reason: &str) {
        log_error(&error, reason);
    }
}

impl ProducerContext for Deliveries {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, _)) = result {
            let mut failures = self.failures();
            let count = failures.as_ref().map_or(0, |(_, count)| *count);
            let first = failures.take().map_or_else(|| error.clone(), |(first, _)| first);
            *failures = Some((first, count + 1));
        }
    }
}
