//! A population to measure on: people first, then their accounts, then what a platform sees of them.
//!
//! Owns the simulated world, its truth and its labels. Must never read a clock or a file, nor let an event
//! say what only the truth may say. Start reading at [`World`].
//!
//! Sources named in the comments: *CollegeMsg* is the private-message traffic of an online student community
//! (Panzarasa, Opsahl and Carley 2009), measured; *Boshmaf 2011* is "The Socialbot Network"; what is marked
//! *our choice* has no source.

mod account;
mod campaign;
mod contact;
mod crowd;
mod dice;
mod draft;
mod inject;
mod network;
mod params;
mod person;
pub mod realism;
mod rhythm;
mod role;
mod scenario;
mod scribe;
mod world;

pub use draft::Lived;
pub use inject::{Injection, inject};
pub use params::{CheckedParams, Error, Params};
pub use role::{Archetype, LookAlike};
pub use scenario::{
    Abuse, Calendar, Drift, LookAlikes, Platform, Population, Regime, Reports, Review, Scenario, Season,
    Unreadable, Victims,
};
pub use world::{Day, World};

/// Milliseconds in a second, a minute, an hour and a day.
pub(crate) const SECOND: u64 = 1000;
pub(crate) const MINUTE: u64 = 60 * SECOND;
pub(crate) const HOUR: u64 = 60 * MINUTE;
pub(crate) const DAY: u64 = 24 * HOUR;
