//! Measuring on this machine: how fast the engine is, what an account costs, and the job that peers are held to.

mod dice;
mod people;
mod wire;
mod workload;

pub(crate) use wire::Chunk;
pub(crate) use workload::{Traffic, Workload};
