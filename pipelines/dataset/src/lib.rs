//! From scored rows and labels to a training set, point in time.
//!
//! Owns what a training row is: a vector as it was when it was scored, with the label as it was known by a
//! given moment. Must never show a row what came after it. Start reading at [`Dataset::new`].

mod dataset;
mod knowledge;
mod leak;
mod pairs;
mod rows;
mod watch;

pub use dataset::{Dataset, Examples, Selection};
pub use knowledge::{Knowledge, Known};
pub use leak::leaks;
pub use pairs::Pairs;
pub use rows::{Absences, Keep, Rows, Sampling};
pub use watch::Watch;

/// What went wrong while making a data set.
#[derive(Debug, thiserror::Error)]
#[error("could not {attempt}")]
pub struct Error {
    attempt: &'static str,
    #[source]
    cause: polars::error::PolarsError,
}

impl Error {
    fn while_trying(attempt: &'static str) -> impl FnOnce(polars::error::PolarsError) -> Self {
        move |cause| Self { attempt, cause }
    }
}
