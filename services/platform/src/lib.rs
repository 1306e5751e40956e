//! Everything outside: streams, files, snapshots, configuration, metrics, logs. One file per outside system.
//!
//! Owns the streams, the files and the settings that the services share. Must never decide anything about an account. Start reading at
//! [`Source`] and [`Sink`].

pub mod config;
pub mod files;
pub mod logs;
pub mod metrics;
pub mod model_store;
pub mod notes;
pub mod ops;
pub mod snapshots;

pub mod embedded_log;
pub mod kafka;
pub mod stream;
pub mod transport;

pub use embedded_log::{EmbeddedLog, EmbeddedSink, EmbeddedSource};
pub use kafka::{Kafka, KafkaSink, KafkaSource};
pub use model_store::{ModelStore, ModelWriter};
pub use stream::{Batch, Error, Positions, Record, Sink, Source, partition_of};
pub use transport::Transport;
