//! What is kept of a refused event: where it stands, and why it was refused. Nothing of itself.

use events::{Reject, Rule};
use serde::{Deserialize, Serialize};

/// One dead letter, one JSON record. To see the event, an operator goes back to the broker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeadLetter {
    /// Topic, or file, that held it.
    pub topic: String,
    /// Its partition.
    pub partition: i32,
    /// Its offset; in a file, its line from 0.
    pub offset: i64,
    /// Its length in bytes.
    pub length: usize,
    /// The rule that refused it.
    pub rule: Rule,
    /// The byte at which the fault was seen.
    pub position: usize,
}

impl DeadLetter {
    pub(crate) fn new(topic: &str, partition: i32, offset: i64, reject: Reject) -> Self {
        let Reject { rule, position, length } = reject;
        Self { topic: topic.to_owned(), partition, offset, length, rule, position }
    }

    pub(crate) fn encode(&self) -> String {
        #[expect(clippy::expect_used, reason = "words and numbers always encode")]
        serde_json::to_string(self).expect("a dead letter encodes as JSON")
    }
}
