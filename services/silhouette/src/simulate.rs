//! Worlds of simulated people: to a folder, or with the events to Kafka, on several threads.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::num::NonZeroUsize;
use std::path::Path;

use ::simulate::{CheckedParams, Params, Scenario, World};
use anyhow::{Context, bail};
use platform::files::{self, Output};
use platform::{Kafka, Sink};
use serde::Serialize;

use crate::args::SimulateArgs;
use crate::terminal::{bar, count, data, say};

mod threads;

pub(crate) use threads::{Piece, live};

/// The scenario beside a world's events.
const SCENARIO: &str = "scenario.toml";

pub(crate) fn run(args: &SimulateArgs) -> anyhow::Result<()> {
    if args.scenario == "list" {
        data(&Scenario::names().join("\n"));
        return Ok(());
    }
    let defaults = Params::default();
    let mut scenario = scenario(&args.scenario)?;
    scenario.abuse.share = args.abusive_share.unwrap_or(scenario.abuse.share);
    let params = Params {
        accounts: args.accounts,
        days: args.days,
        seed: args.seed,
        start: args.start.unwrap_or(defaults.start),
        scenario,
    };
    let params = params.check()?;
    let (events, place) = match (&args.brokers, &args.topic) {
        (Some(brokers), Some(topic)) => (kafka(brokers, topic, args.partitions)?, format!("topic {topic}")),
        _ => {
            let name = if args.zstd { "events.jsonl.zst" } else { "events.jsonl" };
            let path = args.out.join(name);
            let place = path.display().to_string();
            let events = if args.zstd {
                Events::Packed(Output::create_packed(&path)?)
            } else {
                Events::File(Output::create(&path)?)
            };
            (events, place)
        }
    };
    let n = write_world(params, &args.out, (events, args.threads), |_| Ok(()))?;
    let (accounts, days) = (args.accounts, args.days);
    say(&format!("{n} events of {accounts} accounts over {days} days are in {place}"));
    if let Some(report) = &args.report {
        write_report(args, report)?;
    }
    Ok(())
}

fn write_report(args: &SimulateArgs, out: &Path) -> anyhow::Result<()> {
    let name = if args.zstd { "events.jsonl.zst" } else { "events.jsonl" };
    let job = trainer::RealismJob {
        world: &args.out,
        events: &args.out.join(name),
        real: args.real.as_deref(),
        out,
        settings: detect::Settings::default(),
    };
    let progress = count("measuring realism");
    trainer::report_realism(&job, detector::wall_clock(), |n| progress.set_position(n))?;
    progress.finish_and_clear();
    say(&format!("the report is {}", out.display()));
    Ok(())
}

/// The scenario of that name, or in that file.
fn scenario(name_or_path: &str) -> anyhow::Result<Scenario> {
    if let Some(scenario) = Scenario::shipped(name_or_path) {
        return Ok(scenario);
    }
    let text = std::fs::read_to_string(name_or_path).with_context(|| {
        let names = Scenario::names().join(", ");
        format!("{name_or_path:?} is neither a shipped scenario ({names}) nor a file that can be read")
    })?;
    Scenario::parse(&text).with_context(|| format!("could not use the scenario {name_or_path}"))
}

/// Refuses events of a world that no model may be trained on.
pub(crate) fn refuse_unseen(events: &Path) -> anyhow::Result<()> {
    let beside = events.parent().map(|folder| folder.join(SCENARIO)).unwrap_or_default();
    let scenario = std::fs::read_to_string(&beside).ok().and_then(|text| Scenario::parse(&text).ok());
    if let Some(scenario) = scenario.filter(Scenario::is_unseen) {
        bail!(
            "{} is a world of the scenario {:?}, which is kept for evaluation: train on one whose name does not \
             begin with \"unseen-\"",
            events.display(),
            scenario.name
        );
    }
    Ok(())
}

/// Where a world's events go.
pub(crate) enum Events {
    File(Output),
    /// Compressed by the threads that write.
    Packed(Output),
    Kafka(Box<dyn Sink>),
}

fn kafka(brokers: &str, topic: &str, partitions: i32) -> anyhow::Result<Events> {
    if partitions < 1 {
        bail!("--partitions must be at least 1, not {partitions}");
    }
    let kafka = Kafka::new(brokers, BTreeMap::new())?;
    kafka.ensure_topic(topic, partitions, -1)?;
    Ok(Events::Kafka(Box::new(kafka.sink(topic)?)))
}

impl Events {
    fn take(&mut self, piece: &Piece) -> anyhow::Result<()> {
        match self {
            Events::File(output) => Ok(output.write_all(piece.bytes())?),
            Events::Packed(output) => Ok(output.write_all(piece.packed())?),
            Events::Kafka(sink) => Ok(piece.lines().try_for_each(|(key, line)| sink.send(key, line))?),
        }
    }

    fn finish(self) -> anyhow::Result<()> {
        match self {
            Events::File(output) | Events::Packed(output) => Ok(output.finish()?),
            Events::Kafka(mut sink) => Ok(sink.flush()?),
        }
    }
}

/// Writes a world to a plain folder.
pub(crate) fn write_plain(
    params: Params,
    out: &Path,
    also: impl FnMut(&Piece) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let params = params.check()?;
    let events = Events::File(Output::create(&out.join("events.jsonl"))?);
    write_world(params, out, (events, None), also)
}

/// Writes a world, its labels, truth and scenario, showing each piece of the events to `also`; returns the number of
/// events. The events get their name last, so that a folder with events in it is whole.
fn write_world(
    params: CheckedParams,
    out: &Path,
    (mut events, threads): (Events, Option<NonZeroUsize>),
    mut also: impl FnMut(&Piece) -> anyhow::Result<()>,
) -> anyhow::Result<u64> {
    let progress = bar("drawing the people", u64::from(params.get().days));
    let mut world = World::new(&params);
    progress.set_message("simulating days");
    let threads = threads.or_else(|| std::thread::available_parallelism().ok());
    let mut n = 0;
    let pack = matches!(events, Events::Packed(_));
    live(&mut world, (threads.map_or(1, NonZeroUsize::get), pack), |piece| {
        n += piece.len() as u64;
        events.take(piece)?;
        if piece.ends_day() {
            progress.inc(1);
            progress.set_message(format!("simulating days, {n} events"));
        }
        also(piece)
    })?;
    progress.finish_and_clear();
    write_lines(&out.join("labels.jsonl"), &world.labels())?;
    write_lines(&out.join("truth.jsonl"), &world.truth())?;
    write_lines(&out.join("groups.jsonl"), &world.groups())?;
    files::write(&out.join(SCENARIO), &params.get().scenario.to_toml())?;
    events.finish()?;
    Ok(n)
}

/// Writes items as JSON Lines.
pub(crate) fn write_lines<T: Serialize>(path: &Path, items: &[T]) -> anyhow::Result<()> {
    let mut output = Output::create(path)?;
    for item in items {
        output.line(&serde_json::to_string(item)?)?;
    }
    Ok(output.finish()?)
}
