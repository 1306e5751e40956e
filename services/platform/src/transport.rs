//! Which shape of the stream is behind a [`Source`] or a [`Sink`].

use crate::embedded_log::EmbeddedLog;
use crate::kafka::Kafka;
use crate::stream::{Error, Sink, Source};

/// Where events come from and flags go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A directory on this machine. Its topics are made when they are first opened.
    Embedded(EmbeddedLog),
    /// A cluster. Its topics must be there: see [`Kafka::ensure_topic`].
    Kafka(Kafka),
}

impl Transport {
    /// A consumer of `topic` in `group`.
    ///
    /// # Errors
    /// When the store or the brokers cannot be reached, or the topic is not as it should be.
    pub fn source(&self, topic: &str, group: &str) -> Result<Box<dyn Source>, Error> {
        Ok(match self {
            Self::Embedded(log) => Box::new(log.source(topic, group)?),
            Self::Kafka(kafka) => Box::new(kafka.source(topic, group)?),
        })
    }

    /// A reader of `topic` that belongs to no group, for looking back: it must not commit.
    ///
    /// # Errors
    /// When the store or the brokers cannot be reached, or the topic is not as it should be.
    pub fn reader(&self, topic: &str) -> Result<Box<dyn Source>, Error> {
        Ok(match self {
            Self::Embedded(log) => Box::new(log.source(topic, "silhouette-alone")?),
            Self::Kafka(kafka) => Box::new(kafka.reader(topic)?),
        })
    }

    /// A producer to `topic`.
    ///
    /// # Errors
    /// When the store or the brokers cannot be reached, or the topic is not as it should be.
    pub fn sink(&self, topic: &str) -> Result<Box<dyn Sink>, Error> {
        Ok(match self {
            Self::Embedded(log) => Box::new(log.sink(topic)?),
            Self::Kafka(kafka) => Box::new(kafka.sink(topic)?),
        })
    }
}
