//! From events to flags: state, features, score, flag.
//!
//! Owns what is remembered of accounts and what is computed from it. Pure: no clock, no file, no thread;
//! event time is all the time there is. Start reading at [`Engine`].

mod age;
mod cohort;
mod engine;
mod features;
mod flag;
mod flagger;
mod gate;
mod limiter;
mod lineup;
mod pairs;
mod profile;
mod reorder;
mod replay;
mod segment;
mod state;
mod time;
mod view;

pub use cohort::Cohort;
pub use engine::{Engine, GateCounts, Outline, Row, Settings};
pub use features::{feature_schema, features_page};
pub use flag::{Evidence, EvidenceKind, Flag, Reason};
pub use flagger::{FlaggedSteps, Flagger};
pub use gate::Gate;
pub use limiter::Limit;
pub use lineup::{Bounds, Lineup, Verdict, Verdicts, is_of_share};
pub use pairs::{PAIR_COLUMNS, Pair, PairColumn};
pub use profile::{InvalidProfile, Profile};
pub use reorder::{Arrival, Counters};
pub use replay::{Counts, Replay};
pub use segment::Restoring;
pub use state::shard::{APPROACHES_MAX, BONDS_MAX};
pub use state::stored::Incomplete;
pub use time::utc_offset;
