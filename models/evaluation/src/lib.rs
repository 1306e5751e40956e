//! How good detection is, measured against what is really so.
//!
//! Owns the metrics and the truth they are measured against. Must never feed back into detection. Start
//! reading at [`Evaluation::of`].

mod metrics;
mod outcome;
mod single;
mod truth;

pub use metrics::{auc, average_precision, calibration_error};
pub use outcome::{AtCapacity, Evaluation, Group, Observed};
pub use single::{Best, Peaks};
pub use truth::Truth;
