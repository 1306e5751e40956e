//! The command line of `silhouette bench`.

use std::num::NonZeroU32;
use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
pub(crate) enum BenchCommand {
    /// Measure the engine: events a second and core, memory an account, latency, snapshots.
    Engine(EngineArgs),
    /// Write the traffic that is measured with as a file, in strict order of time.
    Workload(WorkloadArgs),
    /// The job that other engines are held to: three features over 24 hours at every event of a file.
    ThreeFeatures(ThreeFeaturesArgs),
    /// Measure detection from a topic of Apache Kafka to flags on another, beside the client alone.
    Kafka(KafkaArgs),
    /// Measure the review API: requests a second, and how soon each is answered.
    Api(ApiArgs),
    /// Measure links and clusters: edges a second, memory an edge, and how long all links and clusters take anew.
    Rings(RingsArgs),
}

#[derive(Debug, Args)]
pub(crate) struct KafkaArgs {
    /// host:port, several separated by commas. Topics are made there and removed again.
    #[arg(long)]
    pub(crate) brokers: String,
    /// Events of everyday traffic.
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(10_000..))]
    pub(crate) events: u64,
    /// Accounts.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1000..=200_000_000))]
    pub(crate) accounts: u32,
    /// Partitions of each topic.
    #[arg(long, default_value_t = 4, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub(crate) partitions: i32,
    /// How the events are written.
    #[arg(long, value_parser = crate::args::parse_encoding, default_value = "json")]
    pub(crate) encoding: events::Encoding,
    /// The same seed makes the same traffic, to the byte.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Directory of a model [default: one with plausible weights, made in the program].
    #[arg(long)]
    pub(crate) model: Option<PathBuf>,
    /// Print the figures as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ApiArgs {
    /// Open cases.
    #[arg(long, default_value_t = 10_000)]
    pub(crate) cases: usize,
    /// Clients that ask at once, each as soon as it was answered.
    #[arg(long, default_value = "8")]
    pub(crate) clients: NonZeroU32,
    /// For how long, seconds.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: u32,
    /// An empty PostgreSQL database: postgres://user@host/name [default: SQLite in a temporary folder].
    #[arg(long)]
    pub(crate) database: Option<String>,
    /// Print the figures as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct RingsArgs {
    /// Accounts.
    #[arg(long, default_value_t = 1_000_000, value_parser = clap::value_parser!(u32).range(1000..=50_000_000))]
    pub(crate) accounts: u32,
    /// First contacts of each account; with them go a registration and three sessions.
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=256))]
    pub(crate) contacts: u32,
    /// Threads that link all accounts anew.
    #[arg(long, default_value = "2")]
    pub(crate) threads: NonZeroU32,
    /// The same seed makes the same events.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Print the figures as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct EngineArgs {
    /// Accounts, each with the contacts of 28 days.
    #[arg(long, default_value_t = 200_000, value_parser = clap::value_parser!(u32).range(1000..=200_000_000))]
    pub(crate) accounts: u32,
    /// Events to measure everyday traffic with, once for each encoding.
    #[arg(long, default_value_t = 2_000_000, value_parser = clap::value_parser!(u64).range(100_000..))]
    pub(crate) events: u64,
    /// The same seed makes the same traffic, to the byte.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Directory of a model [default: one with plausible weights, made in the program].
    #[arg(long)]
    pub(crate) model: Option<PathBuf>,
    /// Print the figures as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct WorkloadArgs {
    /// Where the events go, JSON Lines.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Events.
    #[arg(long, default_value_t = 2_000_000)]
    pub(crate) events: u64,
    /// Accounts [default: a tenth of the events, so that the file holds 30 hours].
    #[arg(long)]
    pub(crate) accounts: Option<u32>,
    /// The same seed makes the same traffic, to the byte.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
}

#[derive(Debug, Args)]
pub(crate) struct ThreeFeaturesArgs {
    /// Events, JSON Lines, each sender's in the order of time.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// Print the answer as one JSON object, as the peers do.
    #[arg(long)]
    pub(crate) json: bool,
}
