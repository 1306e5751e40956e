//! How good detection is, measured against what is really so.
//!
//! Owns the metrics and the truth they are measured against. Must never feed back into detection. Start
//! reading at [`Evaluation::of`].

mod bootstrap;
pub mod drift;
mod figures;
mod metrics;
mod outcome;
mod reliability;
mod rings;
mod single;
mod tracks;
mod truth;

pub use bootstrap::Interval;
pub use figures::{Bench, Figures, Kind, Minors, Person, SOON_DAYS, Slice};
pub use metrics::{auc, average_precision, calibration_error};
pub use outcome::{Difference, Evaluation, Group, Observed, OneFeature};
pub use reliability::{Bin, Reliability};
pub use rings::{Found, Return, RingFigures, Spared, Together};
pub use single::{Best, Peaks};
pub use tracks::Tracks;
pub use truth::Truth;
