//! From events and labels in files to a model in a directory, and from a model to figures.
//!
//! Owns the commands of the data scientist; it is the one writer of models. Start reading at [`train`].

mod card;
mod evaluate;
mod features;
mod lightgbm;
mod manifest;
mod realism;
mod replay;
mod report;
mod train;

pub use evaluate::{EvaluateJob, evaluate};
pub use features::{FeaturesJob, FeaturesWritten, write_features};
pub use lightgbm::import_lightgbm;
pub use realism::{RealismJob, report_realism};
pub use report::{figures_in_words, write_evaluation};
pub use train::{ROWS_AIM, TestFigures, TrainJob, TrainReport, train};
