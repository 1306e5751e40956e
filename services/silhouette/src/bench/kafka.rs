//! `silhouette bench kafka`: from a topic of Apache Kafka to flags on another, beside the client alone.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use detector::{Live, Settings, Signals, Streams};
use events::Encoding;
use platform::metrics::DetectorMetrics;
use platform::{Kafka, Positions, Sink, Source, Transport};
use prometheus::Registry;
use serde::Serialize;

use crate::bench::args::KafkaArgs;
use crate::bench::clock::cpu;
use crate::bench::{Chunk, Traffic, Workload, drive, model};
use crate::files;
use crate::serve::{spawn, wait_until_caught_up};
use crate::terminal::{bar, data, say};

/// Events made at a time. Making them is not measured.
const CHUNK: u64 = 8192;

/// Most records of a poll, as the detector has it by default.
const BATCH: usize = 10_000;
const POLL_WAIT: Duration = Duration::from_millis(100);

/// How long everything may take.
const PATIENCE: Duration = Duration::from_secs(3600);

/// Events a second and core, and what they came to.
#[derive(Debug, Serialize)]
struct Report {
    events: u64,
    accounts: u32,
    partitions: i32,
    encoding: &'static str,
    seed: u64,
    /// Read, decoded, detected on, flags sent, snapshots written and positions committed.
    events_per_core_second: f64,
    /// Read by the same client, and forgotten.
    client_only_events_per_core_second: f64,
    /// By the clock.
    seconds: f64,
    flags: u64,
}

pub(crate) fn run(args: &KafkaArgs) -> anyhow::Result<()> {
    let kafka = Kafka::new(&args.brokers, BTreeMap::new())?;
    let topics = Topics::make(&kafka, args.partitions)?;
    produce(&kafka, &topics.events, args)?;
    let client = read_alone(&kafka, &topics.events, args.events)?;
    let (spent, seconds, flags) = detect(&kafka, &topics, args)?;
    let rate = |spent: Duration| args.events as f64 / spent.as_secs_f64().max(1e-9);
    let report = Report {
        events: args.events,
        accounts: args.accounts,
        partitions: args.partitions,
        encoding: args.encoding.as_str(),
        seed: args.seed,
        events_per_core_second: rate(spent),
        client_only_events_per_core_second: rate(client),
        seconds,
        flags,
    };
    data(&if args.json { serde_json::to_string(&report)? } else { report.to_string() });
    Ok(())
}

impl std::fmt::Display for Report {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { events, accounts, partitions, encoding, seconds, flags, .. } = self;
        writeln!(f, "{events} events of {accounts} accounts, {encoding}, {partitions} partitions")?;
        writeln!(f, "events/s and core, from topic to flags       {:.0}", self.events_per_core_second)?;
        writeln!(
            f,
            "events/s and core, the client alone          {:.0}",
            self.client_only_events_per_core_second
        )?;
        write!(f, "seconds by the clock, flags                  {seconds:.1}, {flags}")
    }
}

/// Topics of this run's own, which go when it ends.
struct Topics<'a> {
    kafka: &'a Kafka,
    events: String,
    flags: String,
    dead_letters: String,
}

impl<'a> Topics<'a> {
    fn make(kafka: &'a Kafka, partitions: i32) -> anyhow::Result<Self> {
        let name = format!("silhouette-bench-{}", uuid::Uuid::new_v4().simple());
        let (flags, dead_letters) = (format!("{name}-flags"), format!("{name}-dead-letters"));
        let topics = Self { kafka, events: name, flags, dead_letters };
        for topic in topics.names() {
            kafka.ensure_topic(topic, partitions, -1)?;
        }
        Ok(topics)
    }

    fn names(&self) -> [&str; 3] {
        [&self.events, &self.flags, &self.dead_letters]
    }
}

impl Drop for Topics<'_> {
    fn drop(&mut self) {
        if let Err(error) = self.kafka.remove_topics(&self.names()) {
            say(&format!("{error}: {:#}; they may be removed by hand", error.cause));
        }
    }
}

fn produce(kafka: &Kafka, topic: &str, args: &KafkaArgs) -> anyhow::Result<()> {
    let mut workload = Workload::new(Traffic { accounts: args.accounts, seed: args.seed, jitter_ms: 0 });
    let (mut lines, mut sink) = (Chunk::default(), kafka.sink(topic)?);
    let progress = bar("producing", args.events);
    let mut sent = 0;
    while sent < args.events {
        workload.steady(usize::try_from(CHUNK.min(args.events - sent))?, &mut lines);
        for line in lines.records() {
            let event = drive::decode(Encoding::Json, line);
            files::send(&mut sink, args.encoding, (line, event.as_ref()), sent)?;
            sent += 1;
        }
        progress.set_position(sent);
    }
    sink.flush()?;
    progress.finish_and_clear();
    Ok(())
}

/// What it takes to read the topic and do nothing with it.
fn read_alone(kafka: &Kafka, topic: &str, events: u64) -> anyhow::Result<Duration> {
    let progress = bar("reading with the client alone", events);
    let (start, deadline) = (cpu(), Instant::now() + PATIENCE);
    let mut source = kafka.reader(topic)?;
    source.seek(&Positions::new())?;
    let mut read = 0;
    while read < events {
        ensure!(Instant::now() < deadline, "{read} of {events} events came within {PATIENCE:?}");
        read += source.poll(BATCH, POLL_WAIT)?.records.len() as u64;
        progress.set_position(read);
    }
    let spent = cpu() - start;
    progress.finish_and_clear();
    Ok(spent)
}

/// The detector, from its start until every event is detected on and everything is durable.
fn detect(kafka: &Kafka, topics: &Topics<'_>, args: &KafkaArgs) -> anyhow::Result<(Duration, f64, u64)> {
    let folder = tempfile::tempdir().context("could not make a directory for snapshots")?;
    let engine = detect::Settings::default();
    let model = match &args.model {
        Some(directory) => detector::load_model(directory, &engine.profile)?,
        None => model::plausible(&detect::feature_schema(&engine.profile))?,
    };
    let settings = Settings {
        engine,
        min_p: None,
        flags_an_hour: u32::MAX,
        idle_after: Duration::from_millis(500),
        batch_events: BATCH,
        waiting_max: 500_000,
        snapshot_every: Duration::from_secs(10),
        state: folder.path().to_owned(),
    };
    let streams = Streams {
        transport: Transport::Kafka(kafka.clone()),
        events: topics.events.clone(),
        encoding: args.encoding,
        flags: topics.flags.clone(),
        dead_letters: topics.dead_letters.clone(),
        group: topics.events.clone(),
    };
    let (metrics, signals) = (DetectorMetrics::register(&Registry::new())?, Signals::default());
    let flags = metrics.flags.with_label_values(&[model.id()]);
    let progress = bar("detecting", args.events);
    let (start, began, given) = (cpu(), Instant::now(), signals.clone());
    let detector = spawn(move || Live::open(settings, &streams, model, metrics, given)?.run())?;
    let caught_up = wait_until_caught_up(&signals, PATIENCE, || detector.is_finished());
    signals.stop.store(true, Ordering::Release);
    detector.join().map_err(|_| anyhow::anyhow!("the detector panicked"))??;
    caught_up?;
    let (spent, seconds) = (cpu() - start, began.elapsed().as_secs_f64());
    progress.finish_and_clear();
    Ok((spent, seconds, flags.get()))
}
