//! The event contract: the only door through which anything enters Silhouette.
//!
//! Owns the types of every event, their two encodings, the refusal of everything else, and what is published of
//! it: the JSON Schema and the `.proto`. Must never hold a byte of what it refuses. Start reading at [`decode`].
//!
//! JSON is defined by [`decode_strict`]; [`decode`] gives the same verdicts and reads ordinary events several times
//! faster. Protocol Buffers ([`decode_protobuf`], [`Event::to_protobuf`]) carry the same events and are refused by
//! the same rules. One list in `types.rs` makes all of them; a new field is one entry there.

mod context;
mod country;
mod declare;
mod decode;
mod encoding;
mod event;
mod json;
mod label;
mod protobuf;
#[cfg(test)]
mod samples;
mod schema;
mod token;
mod types;
mod words;

pub use context::{Age, AgeSource, Context, Edge, Mutuals, Probability, Relation, SharedGroups};
pub use country::Country;
pub use decode::{EVENT_BYTES_MAX, FUTURE_MAX_MS, Reject, Rule, decode, decode_strict};
pub use encoding::Encoding;
pub use event::Parties;
pub use label::{Label, LabelSource, Verdict};
pub use protobuf::{decode_protobuf, proto_text};
pub use schema::{json_schema, json_schema_text};
pub use token::{InvalidToken, Token};
pub use types::*;

/// Milliseconds since the Unix epoch, UTC.
pub type Millis = u64;
