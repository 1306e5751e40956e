//! The audit log: who did or read what, and what was refused, in a form that cannot be changed unnoticed.
//!
//! Every entry is a leaf of a Merkle tree (RFC 6962) and a link of a chain. The head of the log is a signed note,
//! as transparency logs use it. Start reading at [`Entry`]; [`verify`] is what an auditor runs.

mod entry;
mod notary;
mod recorder;
mod tree;
mod verify;

pub(crate) use entry::Entry;
pub use notary::{Notary, Verifier};
pub(crate) use recorder::{Recorder, Sighting};
pub(crate) use tree::{Frontier, NodePlace, chain, consistency, fold, inclusion, leaf_hash, parse_hash};
pub use tree::{Hash, hex};
pub use verify::{Finding, Log, Report, verify, verify_database};
