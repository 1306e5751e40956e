//! The one interface behind which events come in and flags go out: partitions, offsets, consumer
//! positions. Apache Kafka and the embedded log both stand behind it, with the same meaning.

use std::collections::BTreeMap;
use std::time::Duration;

/// Per partition, the offset of the next record to read.
pub type Positions = BTreeMap<i32, i64>;

/// One record as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// Partition, from 0.
    pub partition: i32,
    /// Offset within the partition, from 0, growing.
    pub offset: i64,
    /// The record's value.
    pub value: Vec<u8>,
}

/// What one poll gave: records, and the partitions that were found read to their end.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    /// Records, in offset order within each partition.
    pub records: Vec<Record>,
    /// Partitions that had nothing more to read when this poll returned, ascending. Held ones are left out:
    /// nobody looked.
    pub at_end: Vec<i32>,
}

/// What went wrong between us and a stream.
#[derive(Debug, thiserror::Error)]
#[error("could not {attempt}")]
pub struct Error {
    /// What was attempted, with the topic in it.
    pub attempt: String,
    /// Why it failed.
    #[source]
    pub cause: anyhow::Error,
}

impl Error {
    pub(crate) fn new(attempt: impl Into<String>, cause: impl Into<anyhow::Error>) -> Self {
        Self { attempt: attempt.into(), cause: cause.into() }
    }
}

/// One consumer of one topic, alone in its group: it owns every partition.
///
/// Until the first [`Source::seek`] it reads on from the group's committed positions. A position that the
/// topic does not have, because the records are gone or were never there, is read from the earliest record;
/// compare with [`Source::earliest`] and [`Source::ends`] to see it. Every method blocks, so that none belongs
/// on an asynchronous worker thread.
pub trait Source: Send {
    /// Every partition of the topic, ascending.
    fn partitions(&self) -> Vec<i32>;

    /// Reads on from `positions`; a partition that they do not name is read from its earliest record.
    ///
    /// # Errors
    /// When `positions` name a partition that the topic does not have, or an offset below 0.
    fn seek(&mut self, positions: &Positions) -> Result<(), Error>;

    /// At most `max` records, waiting at most `wait` for the first one and not at all once there is one.
    ///
    /// A record that was in reach of a failed poll comes with the next one: none is passed over.
    fn poll(&mut self, max: usize, wait: Duration) -> Result<Batch, Error>;

    /// Leaves `partitions` unread until they are no longer named here.
    fn hold(&mut self, partitions: &[i32]) -> Result<(), Error>;

    /// Makes `positions` the group's own; durable when this returns.
    fn commit(&mut self, positions: &Positions) -> Result<(), Error>;

    /// The group's committed positions; a partition never committed is left out.
    fn committed(&mut self) -> Result<Positions, Error>;

    /// Per partition, the earliest offset that can still be read.
    fn earliest(&mut self) -> Result<Positions, Error>;

    /// Per partition, the offset that the next record to be written will have.
    fn ends(&mut self) -> Result<Positions, Error>;
}

/// One producer to one topic. Records of the same key go to the same partition and keep their order.
pub trait Sink: Send {
    /// Takes a record; it is durable only after [`Sink::flush`], and lost if the sink is dropped before.
    fn send(&mut self, key: &str, value: &[u8]) -> Result<(), Error>;

    /// Returns when every record sent so far is durable.
    fn flush(&mut self) -> Result<(), Error>;
}

/// The partition, from 0, of a key in a topic of `partitions` partitions.
///
/// It is the place where Kafka's Java client puts the key, so that a platform's own producers and both shapes
/// of ours agree. Source: `org.apache.kafka.clients.producer.internals.BuiltInPartitioner`.
pub fn partition_of(key: &str, partitions: i32) -> i32 {
    (murmur2(key.as_bytes()) & 0x7fff_ffff).cast_signed() % partitions
}

/// MurmurHash2 of 32 bits with the seed of Kafka's Java client.
fn murmur2(bytes: &[u8]) -> u32 {
    const SEED: u32 = 0x9747_b28c;
    const M: u32 = 0x5bd1_e995;

    // As in the original, the length is mixed in modulo 2^32.
    let [a, b, c, d, ..] = bytes.len().to_le_bytes();
    let mut hash = SEED ^ u32::from_le_bytes([a, b, c, d]);

    let (words, rest) = bytes.as_chunks::<4>();
    for word in words {
        let mut k = u32::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 24;
        hash = hash.wrapping_mul(M) ^ k.wrapping_mul(M);
    }
    if !rest.is_empty() {
        let mut last = [0; 4];
        last[..rest.len()].copy_from_slice(rest);
        hash = (hash ^ u32::from_le_bytes(last)).wrapping_mul(M);
    }
    hash = (hash ^ (hash >> 13)).wrapping_mul(M);
    hash ^ (hash >> 15)
}

/// Refuses positions that a topic of `partitions` partitions cannot have.
pub(crate) fn check_positions(positions: &Positions, partitions: i32) -> anyhow::Result<()> {
    for (partition, offset) in positions {
        anyhow::ensure!((0..partitions).contains(partition), "it has no partition {partition}");
        anyhow::ensure!(*offset >= 0, "offset {offset} of partition {partition} is below 0");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
