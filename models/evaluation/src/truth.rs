//! What is really so of a simulated account. Only evaluation may read it.

use serde::{Deserialize, Serialize};

/// One account's truth, one JSON line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Truth {
    /// The account's token.
    pub account: String,
    /// Whether its holder abuses the platform.
    pub abusive: bool,
    /// The kind of abuse, where there is any.
    pub archetype: Option<String>,
    /// The kind of innocent look-alike, where it is one.
    pub role: Option<String>,
    /// When the abuse began, milliseconds since the epoch.
    pub onset: Option<u64>,
    /// Whether the holder is under 18.
    pub minor: bool,
}
