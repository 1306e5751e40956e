//! Which accounts act as one: links between accounts, clusters of links, and what a cluster does as a whole.
//!
//! Owns what accounts have in common, how much that says, and which of them belong together. Must never say more than
//! that: a link is a signal that two accounts have something in common which few have. Start reading at [`Rings`].
//!
//! How it works, with its sources, is in `docs/rings.md`.

mod account;
mod asks;
mod clusters;
mod explain;
pub mod graph;
#[cfg(test)]
mod life;
mod link;
mod linker;
mod place;
mod rings;
mod rollup;
mod strength;

pub use clusters::{Cluster, Clusters, MEMBERS_MAX, TOGETHER};
pub use explain::{Explanation, NODES_MAX, Picture, Trail};
pub use link::{Kind, Link, Pair};
pub use linker::{Footprint, Linker};
pub use rings::Rings;
pub use rollup::RollUp;

/// Seconds since the Unix epoch, UTC: fine enough for links, and half the size of milliseconds.
pub(crate) type Second = u32;

pub(crate) const MINUTE: Second = 60;
pub(crate) const HOUR: Second = 60 * MINUTE;
pub(crate) const DAY: Second = 24 * HOUR;

/// How long first contacts, and things in common that are no longer used, are remembered.
pub(crate) const MEMORY: Second = 28 * DAY;

/// How long it is remembered whom a suspended account had turned to.
pub(crate) const BAN_MEMORY: Second = 90 * DAY;

/// The second in which a millisecond lies; beyond the year 2106 the last one.
pub(crate) fn second(ms: events::Millis) -> Second {
    Second::try_from(ms / 1000).unwrap_or(Second::MAX)
}
