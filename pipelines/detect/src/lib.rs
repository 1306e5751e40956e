//! From events to flags: state, features, score, flag.
//!
//! Owns what is remembered of accounts and what is computed from it. Pure: no clock, no file, no thread;
//! event time is all the time there is. Start reading at [`Engine`].

mod account;
mod age;
mod engine;
mod features;
mod flag;
mod flagger;
mod reorder;
mod replay;
mod state;

pub use account::{PAIR_MEMORY_MS, PAIRS_MAX};
pub use engine::{Engine, Row, Settings};
pub use features::feature_schema;
pub use flag::{Evidence, EvidenceKind, Flag, Reason};
pub use flagger::{FlaggedSteps, Flagger};
pub use reorder::Arrival;
pub use replay::{Counts, Replay};
