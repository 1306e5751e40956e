//! Review: flags come in from a stream and become cases; people decide them, over HTTP or in a browser; the
//! decisions become labels.
//!
//! The only writer of cases, decisions and labels. Must never keep or log anything that a person could have
//! typed. Start reading at [`Service`].

mod asking;
pub mod audit;
mod board;
mod clock;
mod desk;
mod http;
mod intake;
mod metrics;
mod oidc;
mod relay;
pub mod roles;
mod service;
mod settings;
mod store;
mod sweeper;
mod view;

pub use clock::Clock;
pub use service::{Service, Streams, run};
/// What the service counts and measures.
pub const METRICS: &[platform::metrics::Declared] = metrics::Metrics::DECLARED;

pub use settings::{Analyst, InvalidTokenHash, Limits, Oidc, Resolver, Settings, TokenHash};
