//! The commands that go from files to files.

use std::path::Path;

use anyhow::bail;
use detect::Settings;
use detector::{FileJob, detect_file, load_model, load_profile, wall_clock};
use events::Encoding;
use platform::files::Lines;
use platform::{Kafka, Sink};
use trainer::{EvaluateJob, FeaturesJob, TrainJob};
use training::{Family, LogisticParams, TreeParams};

use crate::args::{DetectArgs, EvaluateArgs, FeaturesArgs, ModelFamily, ProduceArgs, TrainArgs};
use crate::simulate::refuse_unseen;
use crate::terminal::{count, data, say};

pub(crate) fn produce(args: &ProduceArgs) -> anyhow::Result<()> {
    if args.partitions < 1 {
        bail!("--partitions must be at least 1, not {}", args.partitions);
    }
    let kafka = Kafka::new(&args.brokers, std::collections::BTreeMap::new())?;
    kafka.ensure_topic(&args.topic, args.partitions, -1)?;
    let mut sink = kafka.sink(&args.topic)?;
    let mut lines = Lines::open(&args.events)?;
    let progress = count("producing");
    let (mut sent, mut refusable) = (0_u64, 0_u64);
    let now = wall_clock();
    while let Some(line) = lines.next_line()? {
        let event = events::decode(line, now).ok();
        refusable += u64::from(event.is_none());
        send(&mut sink, args.encoding, (line, event.as_ref()), sent)?;
        sent += 1;
        progress.set_position(sent);
    }
    sink.flush()?;
    progress.finish_and_clear();
    say(&format!("{sent} lines are on topic {}", args.topic));
    if refusable > 0 {
        say(&format!("{refusable} of them are no valid events: a detector will refuse them"));
    }
    Ok(())
}

/// Puts a line onto a topic, in an encoding where it is an event, as it is where it is none.
pub(crate) fn send(
    sink: &mut impl Sink,
    encoding: Encoding,
    (line, event): (&[u8], Option<&events::Event>),
    number: u64,
) -> anyhow::Result<()> {
    let key = key(event, number);
    match (encoding, event) {
        (Encoding::Protobuf, Some(event)) => sink.send(&key, &event.to_protobuf())?,
        _ => sink.send(&key, line)?,
    }
    Ok(())
}

/// Events are keyed by actor; what has none, and what is no event, is spread.
fn key(event: Option<&events::Event>, number: u64) -> String {
    event.and_then(|e| e.actor.as_ref()).map_or_else(|| number.to_string(), |actor| actor.as_str().to_owned())
}

/// How files are detected on: as by default, under this profile.
fn settings(profile: &str) -> anyhow::Result<Settings> {
    Ok(Settings { profile: load_profile(profile)?, ..Settings::default() })
}

pub(crate) fn detect(args: &DetectArgs, events: &Path) -> anyhow::Result<()> {
    let (Some(model), Some(out)) = (&args.model, &args.out) else {
        bail!("--events needs --model and --out");
    };
    let settings = settings(&args.profile)?;
    let job = FileJob {
        events,
        model: load_model(model, &settings.profile)?,
        min_p: args.min_p,
        settings,
        flags: out,
        dead_letters: args.dead_letters.as_deref(),
    };
    let progress = count("detecting");
    let report = detect_file(job, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    let counts = &report.counts;
    let (lines, refused, accounts) = (counts.lines, counts.rejected(), report.accounts);
    say(&format!(
        "{} flags from {lines} lines of {accounts} accounts are in {}",
        report.flags,
        out.display()
    ));
    if refused > 0 {
        let by_rule: Vec<String> =
            counts.rejects.iter().map(|(rule, n)| format!("{} {n}", rule.as_str())).collect();
        say(&format!("{refused} lines were refused: {}", by_rule.join(", ")));
    }
    for (n, what) in [
        (counts.merged, "came late and were merged"),
        (counts.duplicates, "had been delivered before"),
        (counts.late, "came too late and were left out"),
    ] {
        if n > 0 {
            say(&format!("{n} events {what}"));
        }
    }
    Ok(())
}

pub(crate) fn features(args: &FeaturesArgs) -> anyhow::Result<()> {
    let progress = count("computing features");
    let settings = settings(&args.profile)?;
    let job = FeaturesJob { events: &args.events, out: &args.out, pairs: args.pairs.as_deref(), settings };
    let written = trainer::write_features(&job, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    say(&format!("{} accounts are in {}", written.accounts, args.out.display()));
    if let Some(pairs) = &args.pairs {
        say(&format!("{} pairs are in {}", written.pairs, pairs.display()));
    }
    Ok(())
}

pub(crate) fn train(args: &TrainArgs) -> anyhow::Result<()> {
    refuse_unseen(&args.events)?;
    let job = TrainJob {
        events: &args.events,
        labels: &args.labels,
        out: &args.out,
        as_of: args.as_of,
        settings: settings(&args.profile)?,
        family: family(args),
        embargo_ms: u64::from(args.embargo_days) * 24 * 60 * 60 * 1000,
        one_in: args.one_in,
        check_leaks: args.check_leaks,
        leave_out: args.leave_out.as_deref(),
    };
    let progress = count("replaying for training");
    let report = trainer::train(&job, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    if args.json {
        data(&serde_json::to_string_pretty(&report)?);
    }
    let rows = report.rows;
    say(&format!(
        "model {} from {rows} rows is in {}; its card is card.md",
        report.model,
        args.out.display()
    ));
    Ok(())
}

fn family(args: &TrainArgs) -> Family {
    let (trees, logistic) = (TreeParams::default(), LogisticParams::default());
    match args.family {
        ModelFamily::Logistic => {
            Family::Logistic(LogisticParams { l2: args.l2.unwrap_or(logistic.l2), ..logistic })
        }
        ModelFamily::Trees => Family::Trees(TreeParams {
            trees: args.trees,
            rate: args.rate,
            depth: args.depth,
            l2: args.l2.unwrap_or(trees.l2),
            ..trees
        }),
    }
}

pub(crate) fn evaluate(args: &EvaluateArgs) -> anyhow::Result<()> {
    let settings = settings(&args.profile)?;
    let load = |path: &std::path::PathBuf| load_model(path, &settings.profile);
    let job = EvaluateJob {
        events: &args.events,
        truth: &args.truth,
        model: load(&args.model)?,
        beside: args.beside.as_ref().map(load).transpose()?,
        capacity: args.capacity,
        from: args.from,
        settings,
    };
    let progress = count("evaluating");
    let evaluation = trainer::evaluate(&job, wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    if let Some(report) = &args.report {
        trainer::write_evaluation(report, &evaluation, &job.model)?;
        say(&format!("the report is {}", report.display()));
    }
    if args.json {
        data(&serde_json::to_string_pretty(&evaluation)?);
    } else {
        data(&trainer::figures_in_words(&evaluation));
    }
    Ok(())
}
