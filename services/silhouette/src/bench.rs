//! Measuring on this machine: how fast detection and review are, what an account costs, and the job that peers are held to.

mod api;
mod args;
mod clock;
mod dice;
mod drive;
mod engine;
mod kafka;
mod model;
mod people;
mod report;
mod rings;
mod three_features;
mod traffic_file;
mod wire;
mod workload;

pub(crate) use args::BenchCommand;
use wire::Chunk;
use workload::{Traffic, Workload};

pub(crate) fn run(command: &BenchCommand) -> anyhow::Result<()> {
    match command {
        BenchCommand::Engine(args) => engine::run(args),
        BenchCommand::Workload(args) => traffic_file::write(args),
        BenchCommand::ThreeFeatures(args) => three_features::run(args),
        BenchCommand::Kafka(args) => kafka::run(args),
        BenchCommand::Api(args) => api::run(args),
        BenchCommand::Rings(args) => rings::run(args),
    }
}
