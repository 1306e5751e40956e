//! What the tests stand on: real components, started and stopped by the tests themselves.

pub mod browser;
mod component;
pub mod kafka;
pub mod pictures;
pub mod postgres;
pub mod prometheus;
pub mod provider;
pub mod python;
pub mod reference;
pub mod typescript;

pub use component::component;
