//! From events and labels in files to a model in a directory, and from a model to figures.
//!
//! Owns the commands of the data scientist; it is the one writer of models. Start reading at [`train`].

mod card;
mod drift;
mod evaluate;
mod features;
mod judge;
mod lightgbm;
mod manifest;
mod mlflow;
mod realism;
mod registering;
mod replay;
mod report;
mod rings;
mod train;

pub use self::rings::{Broken, RingsJob, find_evidence, judge_rings, read_rings};
pub use drift::{DriftJob, DriftMetrics, DriftReport, drift};
pub use evaluate::{EvaluateJob, evaluate};
pub use features::{FeaturesJob, FeaturesWritten, write_features};
pub use judge::{Again, JudgeJob, judge};
pub use lightgbm::import_lightgbm;
pub use mlflow::export_mlflow;
pub use realism::{RealismJob, report_realism};
pub use registering::{fetch, register, verify};
pub use report::{date_of, figures_in_words, write_drift, write_evaluation};
pub use train::{ROWS_AIM, TestFigures, TrainJob, TrainReport, train};
