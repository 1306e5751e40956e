//! The command line of the registry.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum ModelsCommand {
    /// Register what `silhouette train` or `silhouette import lightgbm` wrote.
    Push {
        /// Directory of the model.
        directory: PathBuf,
        /// Who registers it.
        #[arg(long)]
        by: String,
        /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
        #[arg(long, default_value = "discovery")]
        profile: String,
        #[command(flatten)]
        to: Keyed,
    },
    /// List the registered models, newest first, with who serves.
    List {
        /// Print them as JSON.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        of: Registry,
    },
    /// Show what is written of a model, what was found when it was judged, and the moves that name it.
    Show {
        /// Its id, or `champion` or `challenger`.
        model: String,
        /// Print this file of it instead, such as card.md.
        #[arg(long)]
        file: Option<String>,
        #[command(flatten)]
        of: Registry,
    },
    /// Write a model's files into a directory, from which `detect` and `evaluate` read it.
    Pull {
        /// Its id, or `champion` or `challenger`.
        model: String,
        /// The directory.
        #[arg(long)]
        out: PathBuf,
        #[command(flatten)]
        of: Registry,
    },
    /// Hold a model against the gates: trained again to the bit, calibrated, no worse than the champion, in no slice
    /// either, and nothing of content in its columns. Exits with 1 where a gate is shut.
    Judge(JudgeArgs),
    /// Move a model on: into shadow, to a share of the accounts, to champion.
    Promote {
        /// Its id.
        model: String,
        /// `shadow`, a share such as `10%`, or `champion`.
        #[arg(long)]
        to: Aim,
        /// Who moves it.
        #[arg(long)]
        by: String,
        /// Who else agreed; not needed for shadow, of which nothing is shown.
        #[arg(long, conflicts_with = "proposal")]
        approved_by: Option<String>,
        #[command(flatten)]
        review: Review,
        #[command(flatten)]
        of: Keyed,
    },
    /// Go back: take a challenger's share away, or else make the champion before champion again.
    Rollback {
        /// Who goes back; one person may, because waiting does more harm.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        of: Keyed,
    },
    /// Show flags again of a model that found more than may be shown in an hour, and was silenced.
    Lift {
        /// Who has looked at what it found, and lifts the limit.
        #[arg(long)]
        by: String,
        #[command(flatten)]
        of: Keyed,
    },
    /// Write the registry as MLflow's file store: MLFLOW_ALLOW_FILE_STORE=true mlflow ui --backend-store-uri DIR.
    Export {
        /// The directory, which must not be there yet.
        #[arg(long)]
        mlflow: PathBuf,
        #[command(flatten)]
        of: Registry,
    },
    /// Hold everything in the registry against its hashes and signatures. Exits with 1 where anything was changed.
    Verify {
        #[command(flatten)]
        of: Registry,
    },
}

const EXAMPLES: &str = "Examples:
  silhouette models push model --by sam
  silhouette models judge 8a1f03c2d4e5b697 --trained-on world/events.jsonl --labels world/labels.jsonl \\
      --events fresh/events.jsonl --truth fresh/truth.jsonl
  silhouette models promote 8a1f03c2d4e5b697 --to shadow --by sam
  silhouette models promote 8a1f03c2d4e5b697 --to 10% --by sam --approved-by lee
  silhouette models promote 8a1f03c2d4e5b697 --to champion --by sam --proposal p7k2 \\
      --review http://127.0.0.1:8088 --token-file token
  silhouette models rollback --by lee";

/// A registry, to read from.
#[derive(Debug, Args)]
pub(crate) struct Registry {
    /// The registry's directory.
    #[arg(long, default_value = "data/registry")]
    pub(crate) registry: PathBuf,
    /// The file of its public key.
    #[arg(long, default_value = "data/registry.key.pub")]
    pub(crate) verifier: PathBuf,
}

/// A registry, to write to.
#[derive(Debug, Args)]
pub(crate) struct Keyed {
    /// The registry's directory.
    #[arg(long, default_value = "data/registry")]
    pub(crate) registry: PathBuf,
    /// The file of the secret that signs for it, made where it is missing; the public key lies beside it.
    #[arg(long, default_value = "data/registry.key")]
    pub(crate) key: PathBuf,
}

/// Where two people agreed.
#[derive(Debug, Args)]
pub(crate) struct Review {
    /// The proposal in review by which somebody else agreed.
    #[arg(long, requires = "review", requires = "token_file")]
    pub(crate) proposal: Option<String>,
    /// Address of the review service.
    #[arg(long, requires = "proposal")]
    pub(crate) review: Option<String>,
    /// The file of a token of the review service that may see the proposal.
    #[arg(long, requires = "proposal")]
    pub(crate) token_file: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct JudgeArgs {
    /// The model's id.
    pub(crate) model: String,
    /// Events that it was not trained on, JSON Lines.
    #[arg(long)]
    pub(crate) events: PathBuf,
    /// Their truth, JSON Lines.
    #[arg(long)]
    pub(crate) truth: PathBuf,
    /// How many accounts reviewers can look at over the time that is judged [default: as many as there are active
    /// offenders].
    #[arg(long)]
    pub(crate) capacity: Option<usize>,
    /// Judge from then on, milliseconds since the epoch.
    #[arg(long)]
    pub(crate) from: Option<u64>,
    /// The most that probabilities of the surest hundredth of account-days may be off; a small world needs more. It is
    /// recorded.
    #[arg(long, default_value_t = 0.03)]
    pub(crate) calibration_error_max: f64,
    /// The events that it was trained on: it is trained again.
    #[arg(long, requires = "labels", required_unless_present = "trained_again")]
    pub(crate) trained_on: Option<PathBuf>,
    /// The labels that it was trained on.
    #[arg(long, requires = "trained_on")]
    pub(crate) labels: Option<PathBuf>,
    /// The accounts that were left out.
    #[arg(long, requires = "trained_on")]
    pub(crate) left_out: Option<PathBuf>,
    /// Directory of the model as somebody else trained it again, where it was not trained by `silhouette train`.
    #[arg(long, conflicts_with = "trained_on")]
    pub(crate) trained_again: Option<PathBuf>,
    /// What the platform's servers know: discovery, number, sealed, mailbox, or a file.
    #[arg(long, default_value = "discovery")]
    pub(crate) profile: String,
    #[command(flatten)]
    pub(crate) of: Keyed,
}

/// Where a model is moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// It scores, and nothing is shown.
    Shadow,
    /// Of so many accounts in a hundred its flags are shown.
    Share(u8),
    /// It serves.
    Champion,
}

impl FromStr for Aim {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let percent = || text.strip_suffix('%')?.parse().ok().filter(|percent| (1..=99).contains(percent));
        match text {
            "shadow" => Ok(Aim::Shadow),
            "champion" => Ok(Aim::Champion),
            _ => percent()
                .map(Aim::Share)
                .ok_or_else(|| format!("{text:?} is neither shadow nor champion nor a share from 1% to 99%")),
        }
    }
}
