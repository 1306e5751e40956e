//! What goes over the wire, as far as most programs need it. Fields that are not named here are passed over.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Why the service refused (RFC 9457).
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Problem {
    /// Which kind of problem it is; documented, and never reused for another.
    #[serde(rename = "type")]
    pub uri: String,
    /// What it is, in a few words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What of this request it is about.
    pub detail: Option<String>,
}

impl Problem {
    /// The last part of its type.
    pub fn name(&self) -> &str {
        self.uri.rsplit(':').next().unwrap_or("")
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.title, self.name())
    }
}

/// Who holds a token, and what they may do.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Me {
    /// The name under which acts are recorded.
    pub name: String,
    /// Each permission, with the queues in which it holds.
    pub permissions: BTreeMap<String, Vec<String>>,
}

/// What waits in a queue.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Queue {
    /// The queue.
    pub queue: String,
    /// Cases that are not decided.
    pub open: u64,
    /// Of these, in somebody's hand.
    pub claimed: u64,
    /// Of these, open for longer than is allowed.
    pub overdue: u64,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Page<T> {
    /// What is on it.
    #[serde(alias = "cases", alias = "proposals", alias = "appeals", alias = "holds", alias = "views")]
    pub entries: Vec<T>,
    /// The cursor of the next page; none on the last one.
    pub next: Option<String>,
}

/// A case in a list.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct CaseSummary {
    /// The case.
    pub case_id: String,
    /// The account, a pseudonym.
    pub account: String,
    /// `open` or `decided`.
    pub status: String,
    /// The queue that it is in.
    pub queue: String,
    /// Probability of the latest flag, 0 to 1. A signal, not proof.
    pub risk: f64,
    /// Why it stands where it stands.
    pub order_reason: String,
}

/// A case in somebody's hand.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct InHand {
    /// The case.
    pub case_id: String,
    /// Who has it.
    pub by: String,
    /// Until when, milliseconds since the epoch, UTC.
    pub until: u64,
    /// Whether a break is due.
    pub is_break_due: bool,
}

/// Everything about a case, as far as whoever asks may see it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Case {
    /// The case.
    pub case_id: String,
    /// The account, a pseudonym.
    pub account: String,
    /// `open` or `decided`.
    pub status: String,
    /// The queue that it is in.
    pub queue: String,
    /// Grows whenever the case changes; a decision is of one version.
    pub version: u32,
    /// Probability of the latest flag, 0 to 1. A signal, not proof.
    pub risk: f64,
    /// The decision, once there is one.
    pub decision: Option<Value>,
    /// Everything else.
    #[serde(flatten)]
    pub rest: BTreeMap<String, Value>,
}

/// What was found, in the words of the document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Finding<'a> {
    /// Abuse.
    Abusive {
        /// What it is about.
        category: &'a str,
        /// Which rule it breaks.
        policy: &'a str,
        /// What made a person find it.
        reason: &'a str,
        /// What is to be done.
        action: &'a str,
    },
    /// None.
    Benign {
        /// What made a person find none.
        reason: &'a str,
    },
}

/// What a decision came to.
#[derive(Clone, Debug, PartialEq)]
pub enum Decided {
    /// It stands.
    Stands(Case),
    /// It waits for a second person.
    Waits(Proposal),
}

/// What one person proposed and another must approve.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Proposal {
    /// The proposal.
    pub proposal_id: String,
    /// What is proposed.
    pub act: String,
    /// What exactly.
    pub content: String,
    /// The hash of exactly that.
    pub content_hash: String,
    /// Who proposed it.
    pub proposed_by: String,
    /// Where it stands.
    pub status: String,
}

/// What became of a proposal.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Settled {
    /// The proposal.
    pub proposal_id: String,
    /// What became of it.
    pub status: String,
}

/// A page of labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Labels {
    /// One JSON object a line.
    pub lines: String,
    /// Where the next page is; none on the last one.
    pub next: Option<String>,
}
