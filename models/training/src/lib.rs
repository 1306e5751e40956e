//! From labelled feature vectors to a model.
//!
//! Owns fitting and calibration; deterministic. Must never see an event or a clock. Start reading at [`fit`].

mod fit;

pub use fit::{CheckedParams, Error, Examples, Params, fit};
