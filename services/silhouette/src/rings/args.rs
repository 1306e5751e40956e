//! The command line of `silhouette rings`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

const EXAMPLES: &str =
    "A link says that two accounts have something in common that few have; it is a signal, not proof.

Examples:
  silhouette rings list --events events.jsonl
  silhouette rings show ACCOUNT --events events.jsonl --hops 2 --json
  silhouette rings explain ACCOUNT OTHER --events events.jsonl
  silhouette rings export --events events.jsonl --format graphml --out rings.graphml
  silhouette rings judge --events world/events.jsonl --truth world/truth.jsonl";

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum RingsCommand {
    /// List the clusters: accounts that seem to act as one, those that turn to most minors first.
    List {
        #[command(flatten)]
        from: Input,
        /// Leave out clusters of fewer accounts, at least 2.
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u32).range(2..))]
        min_accounts: u32,
        /// Print them as JSON, one object a line.
        #[arg(long)]
        json: bool,
    },
    /// Show an account, or a cluster by its id, with those around it: at most 50 accounts.
    Show {
        /// The account's token, or the cluster's id, which is the token of one of its accounts.
        #[arg(value_parser = token)]
        account: events::Token,
        #[command(flatten)]
        from: Input,
        /// Links to follow from the account, 1 or 2.
        #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(1..=2))]
        hops: u8,
        /// Print accounts and links as one JSON object: what a picture is drawn from.
        #[arg(long)]
        json: bool,
    },
    /// Say why two accounts are linked, directly or through others, or why not, with the events behind it.
    Explain {
        /// One account's token.
        #[arg(value_parser = token)]
        one: events::Token,
        /// The other's.
        #[arg(value_parser = token)]
        other: events::Token,
        #[command(flatten)]
        from: Input,
        /// Print it as one JSON object.
        #[arg(long)]
        json: bool,
    },
    /// Write every cluster with its accounts and links to a file.
    Export {
        #[command(flatten)]
        from: Input,
        /// The format.
        #[arg(long, value_enum, default_value_t = Format::Json)]
        format: Format,
        /// The file (`.zst` is compressed).
        #[arg(long)]
        out: PathBuf,
    },
    /// Hold the clusters of a simulated world against who really belongs together.
    Judge {
        #[command(flatten)]
        from: Input,
        /// The world's truth.jsonl; its groups.jsonl must lie beside it.
        #[arg(long)]
        truth: PathBuf,
        /// Print the figures as one JSON object.
        #[arg(long)]
        json: bool,
    },
}

/// What to link.
#[derive(Debug, Args)]
pub(crate) struct Input {
    /// Events, JSON Lines (`.zst` is decompressed).
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// Pairs that reviewers have broken, JSON Lines such as {"a": TOKEN, "b": TOKEN}: they stay broken.
    #[arg(long)]
    pub(crate) broken: Option<PathBuf>,
    /// As of then, milliseconds since the epoch [default: to the end of the events].
    #[arg(long)]
    pub(crate) until: Option<u64>,
    /// The most accounts of a cluster; a larger one falls apart at its weakest links.
    #[arg(long, default_value_t = 256, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub(crate) accounts_max: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// One JSON object: clusters, accounts, links.
    Json,
    /// GraphML, which tools for graphs read.
    Graphml,
}

fn token(text: &str) -> Result<events::Token, String> {
    events::Token::try_from(text).map_err(|invalid| format!("{invalid}; `silhouette rings list` shows some"))
}
