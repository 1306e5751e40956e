//! The policy: what may be done about an account, checked, shown, and tried on flags that there were.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand};
use detect::Flag;
use events::Country;
use platform::files::Lines;
use review::{DryRun, Facts, Ladder, Missing, Rung, SHIPPED_LADDER, Standing};
use serde_json::json;

use crate::terminal::{data, say};

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Report every fault of a policy at once.
    Check {
        /// The policy, a file like config/policy.toml.
        file: PathBuf,
    },
    /// Show a policy as it is understood, and its version.
    Show {
        /// The policy [default: the shipped one].
        file: Option<PathBuf>,
    },
    /// Say to how many flagged accounts each rung would be open, and what another policy would change.
    #[command(name = "dry-run")]
    DryRun(DryRunArgs),
    /// Say how much evidence there is behind a flag, what would be missing for more, and what may be done.
    Explain(ExplainArgs),
}

#[derive(Debug, Args)]
#[command(after_help = "Examples:
  silhouette policy dry-run --flags flags.jsonl --country GB
  silhouette policy dry-run --flags flags.jsonl --country GB --against stricter.toml")]
pub(crate) struct DryRunArgs {
    /// Flags, JSON Lines, as `detect` writes them; of each account the latest counts.
    #[arg(long)]
    flags: PathBuf,
    /// The policy [default: the shipped one].
    #[arg(long)]
    policy: Option<PathBuf>,
    /// Another policy, to say what it would change.
    #[arg(long)]
    against: Option<PathBuf>,
    /// As if all accounts lived in this country, a code such as GB [default: as if no country were known].
    #[arg(long, value_parser = country)]
    country: Option<Country>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
#[command(after_help = "Example:
  silhouette policy explain 9f64fea6244e6f9d11d05ea4df6f2a7d --flags flags.jsonl --country GB")]
pub(crate) struct ExplainArgs {
    /// The flag's id.
    flag: String,
    /// The file that holds the flag, JSON Lines.
    #[arg(long)]
    flags: PathBuf,
    /// The policy [default: the shipped one].
    #[arg(long)]
    policy: Option<PathBuf>,
    /// As if the account lived in this country, a code such as GB [default: as if no country were known].
    #[arg(long, value_parser = country)]
    country: Option<Country>,
    /// Print one JSON object.
    #[arg(long)]
    json: bool,
}

fn country(code: &str) -> Result<Country, String> {
    Country::from_code(code).ok_or_else(|| "expected an ISO 3166-1 alpha-2 code, such as GB".to_owned())
}

pub(crate) fn run(command: &PolicyCommand) -> anyhow::Result<()> {
    match command {
        PolicyCommand::Check { file } => {
            let ladder = read(Some(file))?;
            say(&format!("{} is sound; its version is {}", file.display(), ladder.version()));
            Ok(())
        }
        PolicyCommand::Show { file } => {
            let ladder = read(file.as_deref())?;
            data(&format!("version: {}", ladder.version()));
            ladder.lines().iter().for_each(|line| data(line));
            Ok(())
        }
        PolicyCommand::DryRun(args) => dry_run(args),
        PolicyCommand::Explain(args) => explain(args),
    }
}

/// The policy in a file, or else the shipped one.
pub(crate) fn read(file: Option<&Path>) -> anyhow::Result<Ladder> {
    let Some(file) = file else { return Ok(Ladder::parse(SHIPPED_LADDER)?) };
    let text = std::fs::read_to_string(file);
    let text = text.with_context(|| format!("could not read the policy in {}", file.display()))?;
    Ladder::parse(&text).with_context(|| format!("{} is no policy", file.display()))
}

/// Where a flagged account stands under a ladder.
fn standing(facts: &Facts, ladder: &Ladder, country: Option<Country>) -> Standing {
    Standing { level: facts.assess(ladder.bars()).level, p: facts.p, country }
}

fn dry_run(args: &DryRunArgs) -> anyhow::Result<()> {
    let ladder = read(args.policy.as_deref())?;
    let other = args.against.as_deref().map(|file| read(Some(file))).transpose()?;
    let accounts = latest(&args.flags)?;
    let mut run = DryRun::new(&ladder, other.as_ref());
    for facts in accounts.values().map(|(_, facts)| facts) {
        let under_other = other.as_ref().unwrap_or(&ladder);
        run.take(standing(facts, &ladder, args.country), standing(facts, under_other, args.country));
    }
    if args.json {
        data(&as_json(&ladder, other.as_ref(), &run, accounts.len()));
    } else {
        in_words(&ladder, other.as_ref(), &run, accounts.len());
    }
    Ok(())
}

/// Of each account, its latest flag's time and what it says.
fn latest(flags: &Path) -> anyhow::Result<BTreeMap<String, (u64, Facts)>> {
    let mut lines = Lines::open(flags)?;
    let (mut accounts, mut number) = (BTreeMap::new(), 0_u64);
    while let Some(line) = lines.next_line()? {
        number += 1;
        let flag: Flag = serde_json::from_slice(line)
            .with_context(|| format!("line {number} of {} is no flag", flags.display()))?;
        let known: &mut (u64, Facts) = accounts.entry(flag.account.as_str().to_owned()).or_default();
        if flag.ts >= known.0 {
            *known = (flag.ts, Facts::of_flag(&flag));
        }
    }
    Ok(accounts)
}

fn as_json(ladder: &Ladder, other: Option<&Ladder>, run: &DryRun<'_>, accounts: usize) -> String {
    let reach = run.reach();
    let levels: BTreeMap<&str, u64> = reach.levels.iter().map(|(level, n)| (level.as_str(), *n)).collect();
    let rungs: Vec<_> = Rung::ALL
        .iter()
        .map(|rung| {
            let open = reach.rungs.get(rung);
            let change = run.changes().get(rung);
            json!({
                "rung": rung.as_str(),
                "accounts": open.map_or(0, |(_, n)| *n),
                "consent": open.map(|(consent, _)| consent.as_str()),
                "gained": change.map(|change| change.gained),
                "lost": change.map(|change| change.lost),
            })
        })
        .collect();
    let against = other.map(Ladder::version);
    json!({
        "policy": ladder.version(), "against": against, "accounts": accounts, "levels": levels, "rungs": rungs,
    })
    .to_string()
}

fn in_words(ladder: &Ladder, other: Option<&Ladder>, run: &DryRun<'_>, accounts: usize) {
    data(&format!("policy {}: {accounts} flagged accounts", ladder.version()));
    for (level, n) in &run.reach().levels {
        data(&format!("  {}  {n:>7}  {}", level.as_str(), level.sentence()));
    }
    for rung in Rung::ALL {
        let (people, n) =
            run.reach().rungs.get(rung).map_or(("", 0), |(consent, n)| (consent.sentence(), *n));
        let who = if n > 0 { format!(" ({people} must agree)") } else { String::new() };
        let change = run.changes().get(rung).filter(|_| other.is_some());
        let change = change.map_or_else(String::new, |c| format!("  +{} −{}", c.gained, c.lost));
        data(&format!("  {:<12} {n:>7}{change}  {}{who}", rung.as_str(), rung.sentence()));
    }
    if let Some(other) = other {
        data(&format!("+ and −: accounts that policy {} would add and leave out", other.version()));
    }
}

fn explain(args: &ExplainArgs) -> anyhow::Result<()> {
    let ladder = read(args.policy.as_deref())?;
    let flag = detector::flag_in_file(&args.flags, &args.flag)?;
    let facts = Facts::of_flag(&flag);
    let assessment = facts.assess(ladder.bars());
    let standing = standing(&facts, &ladder, args.country);
    let rungs: Vec<_> = Rung::ALL.iter().map(|rung| (*rung, ladder.consent(*rung, standing))).collect();
    if args.json {
        let missing = |missing: &Missing| json!({ "text": missing.sentence, "any_of": missing.any_of });
        let rung = |(rung, consent): &(Rung, Result<review::Consent, Vec<String>>)| {
            let (consent, against) = (consent.as_ref().ok(), consent.as_ref().err());
            json!({ "rung": rung.as_str(), "consent": consent.map(|c| c.as_str()), "against": against })
        };
        data(
            &json!({
                "flag_id": flag.flag_id,
                "policy": ladder.version(),
                "level": assessment.level.as_str(),
                "rests_on": assessment.rests_on,
                "missing": assessment.missing.iter().map(missing).collect::<Vec<_>>(),
                "rungs": rungs.iter().map(rung).collect::<Vec<_>>(),
            })
            .to_string(),
        );
        return Ok(());
    }
    data(&format!("{}: {}", assessment.level.as_str(), assessment.level.sentence()));
    assessment.rests_on.iter().for_each(|ground| data(&format!("  rests on: {ground}")));
    for Missing { sentence, any_of } in &assessment.missing {
        data(&format!("  missing:  {sentence}"));
        any_of.iter().for_each(|any| data(&format!("            - {any}")));
    }
    for (rung, consent) in rungs {
        match consent {
            Ok(consent) => data(&format!("{:<12} open; {} must agree", rung.as_str(), consent.sentence())),
            Err(against) => data(&format!("{:<12} not open: {}", rung.as_str(), against.join("; "))),
        }
    }
    Ok(())
}
