//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::bench::BenchCommand;
use crate::models::ModelsCommand;
use crate::policy::PolicyCommand;
use crate::rings::RingsCommand;

/// Finds accounts that behave unlike their peers, from contact metadata alone.
///
/// A flag is a signal, not proof: people decide. Data goes to standard output or to --out, messages to
/// standard error.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100, after_help = EXIT_CODES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done, 1 failed, 2 wrong usage or configuration.

Examples:
  silhouette demo
  silhouette simulate --accounts 20000 --days 42 --seed 1 --out world
  silhouette train --events world/events.jsonl --labels world/labels.jsonl --out model
  silhouette detect --events world/events.jsonl --model model --out flags.jsonl
  silhouette detect --config silhouette.toml";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Everything at once, embedded, with simulated people: ends with flagged accounts on a page.
    Demo(DemoArgs),
    /// Make a world of simulated people: events.jsonl, labels.jsonl, truth.jsonl.
    Simulate(SimulateArgs),
    /// Turn other people's records into events.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Put a file of events onto a Kafka topic.
    Produce(ProduceArgs),
    /// Flag accounts: from a file to its end, or from a stream until stopped.
    Detect(DetectArgs),
    /// Write the feature vectors at the end of the events as Parquet, one row an account.
    Features(FeaturesArgs),
    /// Train a model: model.json, card.md, report.json, manifest.json, dataset.parquet.
    Train(TrainArgs),
    /// Hold a model's flags against the truth of a simulated world.
    Evaluate(EvaluateArgs),
    /// Look after the registry: which models there are, which of them serves, and what is proven of them.
    #[command(subcommand)]
    Models(ModelsCommand),
    /// What may be done about an account: check a policy, show it, try it on flags that there were.
    #[command(subcommand)]
    Policy(PolicyCommand),
    /// Say whether days differ from those that a model is used to: its features, its score, how many it flags.
    Drift(DriftArgs),
    /// Compute a flag again from the log, and say where it comes out otherwise; exits with 1 if it does.
    Reproduce(ReproduceArgs),
    /// Find accounts that seem to act as one, and say why.
    #[command(subcommand)]
    Rings(RingsCommand),
    /// Serve the review API and the console.
    Review(ReviewArgs),
    /// Check the audit log of review.
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Measure Silhouette on this machine.
    #[command(subcommand)]
    Bench(BenchCommand),
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Simulated accounts.
    #[arg(long, default_value_t = 2500)]
    pub(crate) accounts: u32,
    /// Simulated days.
    #[arg(long, default_value_t = 18)]
    pub(crate) days: u32,
    /// Another seed is another world.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Port of the console on 127.0.0.1; 0 takes a free one.
    #[arg(long, default_value_t = 8088)]
    pub(crate) port: u16,
}

#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Accounts, at least 200.
    #[arg(long, default_value_t = 50_000)]
    pub(crate) accounts: u32,
    /// Days, at least 2.
    #[arg(long, default_value_t = 60)]
    pub(crate) days: u32,
    /// The same seed makes the same world, to the byte, with any number of threads.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Folder for events.jsonl, labels.jsonl, truth.jsonl, groups.jsonl and scenario.toml.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// A shipped scenario, or a file like those in config/scenarios. `--scenario list` names them.
    #[arg(long, default_value = "default")]
    pub(crate) scenario: String,
    /// Share of abusive accounts, 0 to 0.05, instead of the scenario's.
    #[arg(long)]
    pub(crate) abusive_share: Option<f64>,
    /// When the world starts, milliseconds since the epoch [default: 2025-01-06].
    #[arg(long)]
    pub(crate) start: Option<u64>,
    /// Threads [default: one for each core].
    #[arg(long)]
    pub(crate) threads: Option<std::num::NonZeroUsize>,
    /// Compress the events: events.jsonl.zst.
    #[arg(long, conflicts_with = "brokers")]
    pub(crate) zstd: bool,
    /// Send the events to Kafka instead of a file: host:port, several separated by commas.
    #[arg(long, requires = "topic", conflicts_with = "report")]
    pub(crate) brokers: Option<String>,
    /// Topic for --brokers; made with --partitions where it is missing.
    #[arg(long, requires = "brokers")]
    pub(crate) topic: Option<String>,
    /// Partitions of the topic if it is made.
    #[arg(long, default_value_t = 4)]
    pub(crate) partitions: i32,
    /// Write a report on how realistic the world is: an HTML page.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
    /// Real traffic for the report, as `silhouette import collegemsg` reads it.
    #[arg(long, requires = "report")]
    pub(crate) real: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Private-message traffic of lines "sender recipient unix_seconds", as SNAP distributes CollegeMsg.
    Collegemsg {
        /// The file.
        file: PathBuf,
        /// Where the events go, JSON Lines (`.zst` is compressed).
        #[arg(long)]
        out: PathBuf,
        /// Plant an abuser of this archetype among the real people; may be given several times.
        #[arg(long, requires = "truth")]
        plant: Vec<String>,
        /// Where the truth about everybody goes, JSON Lines; it takes real people for innocent.
        #[arg(long, requires = "plant")]
        truth: Option<PathBuf>,
        /// Another seed plants others.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// A model that LightGBM trained on the features of dataset.parquet, in its text format.
    Lightgbm {
        /// The file that LightGBM's save_model wrote; objective binary.
        file: PathBuf,
        /// Directory of a model of the same features: what is usual is taken from it, and what it was made from.
        #[arg(long)]
        like: PathBuf,
        /// Directory of the model.
        #[arg(long)]
        out: PathBuf,
        /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
        #[arg(long, default_value = "discovery")]
        profile: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ProduceArgs {
    /// Events, JSON Lines (`.zst` is decompressed), which go out keyed by actor. Lines that are no events go as they are.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// How events are written on the topic; a detector's `topics.encoding` must say the same.
    #[arg(long, value_parser = parse_encoding, default_value = "json")]
    pub(crate) encoding: events::Encoding,
    /// host:port, several separated by commas.
    #[arg(long)]
    pub(crate) brokers: String,
    /// Topic; made where it is missing.
    #[arg(long)]
    pub(crate) topic: String,
    /// Partitions of the topic if it is made.
    #[arg(long, default_value_t = 4)]
    pub(crate) partitions: i32,
}

#[derive(Debug, Args)]
pub(crate) struct DetectArgs {
    /// Configuration, for a stream; without it the defaults.
    #[arg(long, conflicts_with_all = ["events", "model", "out", "min_p", "dead_letters"])]
    pub(crate) config: Option<PathBuf>,
    /// Events, JSON Lines (`.zst` is decompressed), for a file.
    #[arg(long, requires = "model", requires = "out")]
    pub(crate) events: Option<PathBuf>,
    /// Directory of the model.
    #[arg(long, requires = "events")]
    pub(crate) model: Option<PathBuf>,
    /// Where the flags go, JSON Lines.
    #[arg(long, requires = "events")]
    pub(crate) out: Option<PathBuf>,
    /// Probability from which accounts are flagged, 0 to 1 [default: the model's own].
    #[arg(long, requires = "events", value_parser = probability)]
    pub(crate) min_p: Option<f64>,
    /// Where the places of refused lines go, JSON Lines.
    #[arg(long, requires = "events")]
    pub(crate) dead_letters: Option<PathBuf>,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery", conflicts_with = "config")]
    pub(crate) profile: String,
}

#[derive(Debug, Args)]
pub(crate) struct FeaturesArgs {
    /// Events, JSON Lines.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// The Parquet file.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// A second Parquet file, with one row for each first contact of the last 28 days: what a model of pairs is fitted to.
    #[arg(long)]
    pub(crate) pairs: Option<PathBuf>,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery")]
    pub(crate) profile: String,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// Events, JSON Lines.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// Labels, JSON Lines.
    #[arg(long)]
    pub(crate) labels: PathBuf,
    /// Directory of the model.
    #[arg(long)]
    pub(crate) out: PathBuf,
    /// Only what had happened and was known by then, milliseconds since the epoch [default: all].
    #[arg(long)]
    pub(crate) as_of: Option<u64>,
    /// Leave out what was seen in so many days before that: what is wrong with it is mostly not known yet.
    #[arg(long, default_value_t = 2)]
    pub(crate) embargo_days: u32,
    /// The family of models.
    #[arg(long, value_enum, default_value_t = ModelFamily::Trees)]
    pub(crate) family: ModelFamily,
    /// Weight of the L2 penalty, at least 0 [default: 5 for trees, 1 for logistic].
    #[arg(long)]
    pub(crate) l2: Option<f64>,
    /// Trees: how many; at least 1.
    #[arg(long, default_value_t = 300)]
    pub(crate) trees: usize,
    /// Trees: by how much of its step each moves the score, above 0 and at most 1.
    #[arg(long, default_value_t = 0.04)]
    pub(crate) rate: f64,
    /// Trees: splits from the root to a leaf, 1 to 16.
    #[arg(long, default_value_t = 6)]
    pub(crate) depth: usize,
    /// Keep one row in so many of accounts of which nothing is known; probabilities stay those of all
    /// [default: so that some 150,000 rows stay].
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) one_in: Option<u32>,
    /// Leave these accounts out, a token a line: to see how a model fares with what it has never met.
    #[arg(long)]
    pub(crate) leave_out: Option<PathBuf>,
    /// Replay half of the log a second time, and fail if any feature knows the other half.
    #[arg(long)]
    pub(crate) check_leaks: bool,
    /// Print the report as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery")]
    pub(crate) profile: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum ModelFamily {
    /// Boosted trees.
    Trees,
    /// Logistic regression.
    Logistic,
}

#[derive(Debug, Args)]
pub(crate) struct EvaluateArgs {
    /// Events, JSON Lines.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// Truth, JSON Lines.
    #[arg(long)]
    pub(crate) truth: PathBuf,
    /// Directory of the model.
    #[arg(long)]
    pub(crate) model: PathBuf,
    /// How many accounts reviewers can look at over all of the time that is judged [default: as many as there are
    /// active offenders].
    #[arg(long)]
    pub(crate) capacity: Option<usize>,
    /// Judge from then on, milliseconds since the epoch; what happened before only makes accounts what they are.
    #[arg(long)]
    pub(crate) from: Option<u64>,
    /// Directory of another model to hold it against.
    #[arg(long)]
    pub(crate) beside: Option<PathBuf>,
    /// Write a report: an HTML page.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
    /// Print the figures as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery")]
    pub(crate) profile: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  silhouette drift --events events.jsonl --model model --until 1738540800000 --metrics drift.prom")]
pub(crate) struct DriftArgs {
    /// Events, JSON Lines.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// Directory of the model.
    #[arg(long)]
    pub(crate) model: PathBuf,
    /// The reference days begin then, milliseconds since the epoch [default: with the first whole day].
    #[arg(long)]
    pub(crate) from: Option<u64>,
    /// The reference days end then, and the days that are judged begin [default: the last seven whole days are judged].
    #[arg(long)]
    pub(crate) until: Option<u64>,
    /// Accounts of a day that are compared, at most; at least 100.
    #[arg(long, default_value_t = 2000, value_parser = clap::value_parser!(u32).range(100..))]
    pub(crate) accounts: u32,
    /// Write the latest day as metrics, for a node exporter's textfile collector.
    #[arg(long)]
    pub(crate) metrics: Option<PathBuf>,
    /// Write a report: an HTML page.
    #[arg(long)]
    pub(crate) report: Option<PathBuf>,
    /// Print every judged day as JSON.
    #[arg(long)]
    pub(crate) json: bool,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery")]
    pub(crate) profile: String,
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  silhouette reproduce 9f64fea6244e6f9d11d05ea4df6f2a7d --config silhouette.toml
  silhouette reproduce 9f64fea6244e6f9d11d05ea4df6f2a7d --flags flags.jsonl --events events.jsonl --model model")]
pub(crate) struct ReproduceArgs {
    /// The flag's id.
    pub(crate) flag: String,
    /// Configuration of the detector: topics, registry, model; without it and without files the defaults.
    #[arg(long, conflicts_with_all = ["flags", "events", "model", "min_p"])]
    pub(crate) config: Option<PathBuf>,
    /// The file that holds the flag, JSON Lines, instead of the topic.
    #[arg(long, requires = "events", requires = "model")]
    pub(crate) flags: Option<PathBuf>,
    /// The events, JSON Lines, instead of the topic.
    #[arg(long, requires = "flags")]
    pub(crate) events: Option<PathBuf>,
    /// Directory of the flag's model.
    #[arg(long, requires = "flags")]
    pub(crate) model: Option<PathBuf>,
    /// Probability from which accounts were flagged, 0 to 1 [default: the model's own].
    #[arg(long, requires = "flags", value_parser = probability)]
    pub(crate) min_p: Option<f64>,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery", conflicts_with = "config")]
    pub(crate) profile: String,
    /// Print what was found as JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ReviewArgs {
    /// Configuration; without it the defaults.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Option<ReviewCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ReviewCommand {
    /// Make a token for somebody who may sign in, and the line for the configuration.
    Token {
        /// The name under which decisions are recorded.
        name: String,
        /// A role that they start with; may be given several times.
        #[arg(long, default_value = "analyst")]
        role: Vec<String>,
    },
    /// List the shipped roles and every permission.
    Roles,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Hold every entry against the hashes, the signatures, and notes of earlier heads kept elsewhere.
    ///
    /// Exits with 1 where anything was changed. Without --witness, a log that was cut back to an earlier head of its
    /// own looks whole: keep the notes of GET /v1/audit/checkpoint where whoever can write the database cannot.
    Verify {
        /// A SQLite file, or a postgres:// address.
        #[arg(long)]
        database: String,
        /// The log's public key, as GET /v1/audit/checkpoint and `audit key` print it.
        #[arg(long)]
        verifier: String,
        /// A file with one earlier note; may be given several times.
        #[arg(long)]
        witness: Vec<PathBuf>,
    },
    /// Print the public key that belongs to a secret.
    Key {
        /// The file of the secret, `review.audit_key`; made where it is missing.
        file: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Report every fault of the configuration at once.
    Check(ConfigArgs),
    /// Show the configuration as it would be used.
    Show(ConfigArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    /// Configuration; without it the defaults.
    #[arg(long)]
    pub(crate) config: Option<PathBuf>,
}

fn probability(text: &str) -> Result<f64, String> {
    let wrong = || format!("{text} is not a number from 0 to 1");
    text.parse().ok().filter(|p| (0.0..=1.0).contains(p)).ok_or_else(wrong)
}

pub(crate) fn parse_encoding(word: &str) -> Result<events::Encoding, String> {
    let known = events::Encoding::ALL;
    let words: Vec<&str> = known.iter().map(|encoding| encoding.as_str()).collect();
    let found = known.iter().find(|encoding| encoding.as_str() == word);
    found.copied().ok_or_else(|| format!("must be one of {}", words.join(", ")))
}
