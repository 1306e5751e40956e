//! Why something was not done.

use review::{AppealRefused, ApprovalRefused, EmergencyRefused};

use crate::store;

/// Why something was not done. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Refusal {
    /// There is no such thing, or none that whoever asks may know of.
    #[error("there is no such thing")]
    Unknown,
    /// They may see it and not do it.
    #[error("it is not theirs to do")]
    Forbidden,
    /// The case changed since it was read.
    #[error("the case changed since it was read")]
    Changed,
    /// Somebody has already decided it.
    #[error("the case has already been decided")]
    Decided,
    /// Nobody has decided it.
    #[error("no decision stands on the case")]
    NotDecided,
    /// The evidence was never served to them.
    #[error("the evidence was not served to them")]
    NotSeen,
    /// Somebody else has it in hand.
    #[error("somebody else has the case in hand")]
    Claimed,
    /// They are giving a second look at the case.
    #[error("they are giving a second look at the case")]
    Blind,
    /// They have seen enough of this for a day.
    #[error("they have seen enough of this for a day")]
    Exposed,
    /// They may read the case anyway.
    #[error("they may read the case anyway")]
    NoEmergency,
    /// Too many of their emergencies wait to be judged.
    #[error("too many of their emergencies wait to be judged")]
    UnreviewedEmergencies,
    /// It cannot be judged.
    #[error(transparent)]
    Emergency(#[from] EmergencyRefused),
    /// A case of a graver queue is overdue.
    #[error("a case of a graver queue is overdue")]
    GraverWaits,
    /// The ring would hold too many cases.
    #[error("a ring holds no more cases")]
    RingFull,
    /// The case is in no ring.
    #[error("the case is in no ring")]
    NoRing,
    /// Somebody keeps as many views as they can.
    #[error("nobody keeps more views")]
    TooManyViews,
    /// It waits for a second person.
    #[error("the case waits for a second person")]
    WaitsForSecond,
    /// Another case of the account is open.
    #[error("another case of the account is open")]
    HasOpenCase,
    /// An appeal is open.
    #[error("an appeal against the decision is open")]
    AppealOpen,
    /// More decisions in a minute than anybody can think through.
    #[error("too many decisions in a minute")]
    TooFast,
    /// The account's records must be kept.
    #[error("the account is under a legal hold")]
    UnderHold,
    /// It no longer is what was proposed.
    #[error("what the proposal is about has changed")]
    Void,
    /// It cannot be approved.
    #[error(transparent)]
    Approval(#[from] ApprovalRefused),
    /// It cannot be decided.
    #[error(transparent)]
    Appeal(#[from] AppealRefused),
    /// The system has no random numbers.
    #[error("the system has no random numbers")]
    NoRandomness,
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
}
