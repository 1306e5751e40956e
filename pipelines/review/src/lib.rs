//! What becomes of a flag once people look at it: a case, its place in the queue, a decision, a label.
//!
//! Owns the states of a case and how flags join it. Must know nothing of clocks, tables or screens, and must
//! hold no text that a person typed. Start reading at [`Docket`].

mod case;
mod decision;
mod docket;
mod rank;

pub use case::{CaseId, DecidedCase, OpenCase};
pub use decision::{AbusiveReason, BenignReason, Decision, Fault, Field, Finding, Outcome};
pub use docket::{Admission, Docket};
pub use rank::{QUEUE_ORDER, Rank};
