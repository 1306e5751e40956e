//! What becomes of a flag once people look at it: a case, its place in a queue, a decision, an appeal, a label;
//! who may do what, and what takes two.
//!
//! Owns the states of a case and how flags join it. Must know nothing of clocks, tables or screens, and must
//! hold no text that a person typed. Start reading at [`Docket`].

mod access;
mod appeal;
mod case;
mod decision;
mod docket;
mod emergency;
mod ladder;
mod level;
mod note;
mod proposal;
mod quality;
mod queue;
mod rank;
mod ring;
mod shares;
mod statement;
mod wellbeing;
mod words;

pub use access::{Mask, Permission, Rights, Role, Roles};
pub use appeal::{Appeal, AppealGround, AppealOutcome, AppealReason, AppealRefused, SettledAppeal};
pub use case::{CaseId, DecidedCase, OpenCase};
pub use decision::{
    Abuse, AbusiveReason, Action, BenignReason, Decision, Fault, Field, Finding, Outcome, Policy, UndoReason,
    Words,
};
pub use docket::{Admission, Docket};
pub use emergency::{
    EMERGENCIES_MAX, Emergency, EmergencyFinding, EmergencyReason, EmergencyRefused, ReviewedEmergency,
};
pub use ladder::{
    Bar, Basis, Change, Consent, DryRun, InvalidLadder, Ladder, Reach, Rung, SHIPPED as SHIPPED_LADDER,
    Standing,
};
pub use level::{Assessment, Bars, Circle, Corroboration, Facts, Level, Missing, Urgency};
pub use note::{Note, NoteCode};
pub use proposal::{Act, ApprovalRefused, PROPOSAL_LIFETIME_MS, Proposal, ProposalStatus, Purpose};
pub use quality::{Agreement, Lot, Quality};
pub use queue::{Claimed, Due, Queue, SkipReason, SnoozeReason};
pub use rank::{QUEUE_ORDER, Rank, Weight};
pub use ring::{MergeReason, RING_CASES_MAX, SplitReason};
pub use shares::{Load, Shares};
pub use statement::Statement;
pub use wellbeing::Care;
