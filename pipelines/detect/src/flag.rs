//! What detection gives to review: an account that behaves unlike its peers, and why.

use std::collections::BTreeMap;

use events::{Millis, Surface, Token};
use schema::{Family, ReasonCode};
use serde::{Deserialize, Serialize};

/// One flag, one JSON line. A signal, not proof.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Flag {
    /// Hash of what caused it: account, model, tick and step. Every sink upserts by it.
    pub flag_id: String,
    /// The account.
    pub account: Token,
    /// The tick of event time at which the score was taken, milliseconds since the epoch.
    pub ts: Millis,
    /// Calibrated probability, 0 to 1.
    pub p: f64,
    /// The model's log-odds before calibration.
    pub score: f64,
    /// The model's id.
    pub model: String,
    /// What weighed most, heaviest first.
    pub reasons: Vec<Reason>,
    /// By how much all features of each family together moved the log-odds away from the usual account's, in nats.
    #[serde(default)]
    pub families: BTreeMap<Family, f64>,
    /// Ids of the events behind it, oldest first.
    pub evidence: Vec<Token>,
    /// The same events with their time and kind, oldest first; counterparts are not named.
    pub timeline: Vec<Evidence>,
    /// The vector as it was when it was scored; an absent value is null.
    pub features: BTreeMap<String, Option<f64>>,
}

/// One reason, with the account's number and the usual one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// Reason code.
    pub code: ReasonCode,
    /// The feature behind it.
    pub feature: String,
    /// The account's number.
    pub value: f64,
    /// What is usual among accounts not known to be abusive.
    pub baseline: f64,
    /// How much it moved the log-odds away from the usual account's.
    pub contribution: f64,
    /// A sentence for people.
    pub text: String,
}

/// One event behind a flag.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    /// The event's id.
    pub event: Token,
    /// Event time, milliseconds since the epoch.
    pub ts: Millis,
    /// What happened.
    pub kind: EvidenceKind,
    /// Probability that the counterpart is a minor.
    pub p_minor: f64,
    /// Where they found each other, if it is known.
    pub surface: Option<Surface>,
}

/// What happened, seen from the flagged account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// It contacted somebody for the first time.
    FirstContact,
    /// The platform refused a contact that it attempted.
    GateRefused,
    /// Its request was accepted.
    Accepted,
    /// Its request was declined or lapsed.
    Declined,
    /// Somebody whom it had contacted blocked it.
    Blocked,
    /// Somebody whom it had contacted reported it.
    Reported,
}
