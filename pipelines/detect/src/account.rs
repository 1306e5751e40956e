//! What is remembered of one account: what the platform knows of it, and its pairs.

use std::collections::{BTreeMap, VecDeque};

use events::{Context, Millis, Surface};
use serde::{Deserialize, Serialize};

use crate::age::MinorOdds;
use crate::{Evidence, EvidenceKind};

/// A pair is forgotten this long after its last event.
pub const PAIR_MEMORY_MS: Millis = 28 * 24 * 60 * 60 * 1000;

/// The most pairs that are remembered of one account, whatever it does.
pub const PAIRS_MAX: usize = 4096;

/// The most evidence that is remembered of one account.
const EVIDENCE_MAX: usize = 64;

/// An account's number within one engine, given in the order in which accounts are met.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub(crate) struct AccountId(pub(crate) u32);

/// What the platform has said of an account.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Profile {
    pub(crate) created: Option<Millis>,
    pub(crate) minor: Option<MinorOdds>,
}

impl Profile {
    /// Takes over what a context states and keeps what it is silent on.
    pub(crate) fn learn(&mut self, context: &Context) {
        self.created = context.created.or(self.created);
        self.minor = MinorOdds::of(context).or(self.minor);
    }
}

/// One account.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Account {
    /// From the account's own events: what serves where an event brings no context.
    pub(crate) stated: Profile,
    /// The latest from any event.
    pub(crate) latest: Profile,
    pub(crate) pairs: BTreeMap<AccountId, Pair>,
    pub(crate) evidence: VecDeque<Evidence>,
}

/// How an account and one other have dealt with each other, seen from the account.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Pair {
    /// Time of the pair's latest event.
    pub(crate) last: Millis,
    /// Whether the account has reached out to the other, and the other to it.
    pub(crate) reached_out: bool,
    pub(crate) was_reached: bool,
    /// The first contact, where it was the account's.
    pub(crate) contact: Option<FirstContact>,
    /// Probability that the other is a minor, when the account reached out.
    pub(crate) minor: MinorOdds,
    pub(crate) request: Request,
    /// Whether the account has sent the other a message, and whether the other wrote back.
    pub(crate) messaged: bool,
    pub(crate) replied: bool,
    /// When the platform last refused a contact, and when the other first blocked or reported the account.
    pub(crate) gated_at: Option<Millis>,
    pub(crate) blocked_at: Option<Millis>,
    pub(crate) reported_at: Option<Millis>,
}

/// A first contact, as it was made.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(crate) struct FirstContact {
    pub(crate) at: Millis,
    pub(crate) surface: Option<Surface>,
    /// Whether they had no mutual contact, no common group, and the other did not know the account's number.
    pub(crate) stranger: Option<bool>,
}

/// What became of the account's request to the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Request {
    None,
    Open,
    Accepted,
    Declined,
}

impl Pair {
    fn new(at: Millis) -> Self {
        Self {
            last: at,
            reached_out: false,
            was_reached: false,
            contact: None,
            minor: MinorOdds::PRIOR,
            request: Request::None,
            messaged: false,
            replied: false,
            gated_at: None,
            blocked_at: None,
            reported_at: None,
        }
    }

    fn is_forgotten(&self, now: Millis) -> bool {
        self.last + PAIR_MEMORY_MS < now
    }
}

impl Account {
    /// The pair with another account, made where there is none or it has been forgotten.
    pub(crate) fn meet(&mut self, other: AccountId, now: Millis) -> &mut Pair {
        if !self.pairs.contains_key(&other) {
            self.make_room(now);
        }
        let pair = self.pairs.entry(other).or_insert_with(|| Pair::new(now));
        if pair.is_forgotten(now) {
            *pair = Pair::new(now);
        }
        pair.last = now;
        pair
    }

    /// The pair with another account, where it is remembered.
    pub(crate) fn recall(&mut self, other: AccountId, now: Millis) -> Option<&mut Pair> {
        let pair = self.pairs.get_mut(&other).filter(|pair| !pair.is_forgotten(now))?;
        pair.last = now;
        Some(pair)
    }

    /// Keeps the account within [`PAIRS_MAX`]: first the forgotten pairs go, then one in which the account did
    /// not make the first contact, then the one that has been silent longest.
    fn make_room(&mut self, now: Millis) {
        if self.pairs.len() < PAIRS_MAX {
            return;
        }
        self.pairs.retain(|_, pair| !pair.is_forgotten(now));
        while self.pairs.len() >= PAIRS_MAX {
            let least = self.pairs.iter().min_by_key(|(id, pair)| (pair.contact.is_some(), pair.last, **id));
            let Some(least) = least.map(|(id, _)| *id) else { return };
            self.pairs.remove(&least);
        }
    }

    /// Remembers an event as evidence, in place of the oldest once there is much of it.
    pub(crate) fn note(&mut self, evidence: Evidence) {
        // Declines are many and say little each: they never push out anything else.
        let crowded = self.evidence.len() >= EVIDENCE_MAX;
        if crowded {
            let weakest = |e: &Evidence| matches!(e.kind, EvidenceKind::Declined | EvidenceKind::Accepted);
            let out = self.evidence.iter().position(weakest).unwrap_or(0);
            self.evidence.remove(out);
        }
        self.evidence.push_back(evidence);
    }
}
