//! Which models there are, which of them serves, and what must hold before one may.
//!
//! Owns what is written of a model when it is registered, the moves of the aliases champion and challenger, and the
//! gates before what is seen of a challenger. Must never see a file or a key: who stores it signs it. Start reading at
//! [`History`].

mod canary;
mod entry;
mod gates;
mod history;

pub use canary::Canary;
pub use entry::{Blob, Entry, FORMAT, MODEL_FILE, is_model_id, is_name};
pub use gates::{Gate, Gates, Proof};
pub use history::{Act, Challenger, Consent, History, Move, Refused};

/// Why a text is not what the registry writes.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    /// Not such a document.
    #[error("not a document of the registry")]
    Syntax(#[from] serde_json::Error),
    /// Written by another version.
    #[error("it has format {found}, this program reads format {FORMAT}")]
    Format {
        /// Its format.
        found: u32,
    },
    /// Something in it cannot be.
    #[error("{0}")]
    Unsound(String),
}
