//! `silhouette bench engine`: what detection costs on this machine, phase by phase.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::Context;
use events::Encoding;

use crate::bench::args::EngineArgs;
use crate::bench::clock::{cpu, resident};
use crate::bench::drive::{self, BATCH, Drive};
use crate::bench::report::{Latency, Report, Snapshots, Stages};
use crate::bench::{Chunk, Traffic, Workload, model};
use crate::terminal::{bar, data};

/// Events made at a time. Making them is not measured.
const CHUNK: usize = 8192;

/// Events of the workload lie up to this far from their turn: less than the engine waits for.
const JITTER_MS: u32 = 2000;

/// Events of a batch in the measurement of latency: few, as a stream that is read as it comes gives them.
const LATENCY_BATCH: usize = 64;

/// The figures for stages and latency are taken from this part of the events.
const PART: u64 = 4;

/// How often the detector writes what changed, by its defaults, and how many of these are measured.
const SEGMENT_EVERY: Duration = Duration::from_secs(10);
const SEGMENTS_OF_CHANGES: u64 = 2;

pub(crate) fn run(args: &EngineArgs) -> anyhow::Result<()> {
    let profile = detect::Profile::default();
    let model = match &args.model {
        Some(directory) => detector::load_model(directory, &profile)?,
        None => model::plausible(&detect::feature_schema(&profile))?,
    };
    let mut bench = Bench::new(args, model)?;
    let report = bench.run(args)?;
    data(&if args.json { serde_json::to_string(&report)? } else { report.to_string() });
    Ok(())
}

/// The engine under measurement and the traffic that it is given.
struct Bench {
    workload: Workload,
    drive: Drive,
    lines: Chunk,
    records: Chunk,
    resident_before: u64,
}

/// Events and what they cost.
#[derive(Clone, Copy, Debug, Default)]
struct Cost {
    events: u64,
    cpu: Duration,
}

impl Cost {
    fn add(&mut self, events: usize, cpu: Duration) {
        self.events += events as u64;
        self.cpu += cpu;
    }

    fn rate(&self) -> f64 {
        self.events as f64 / self.cpu.as_secs_f64().max(1e-9)
    }

    fn ns(&self) -> f64 {
        self.cpu.as_secs_f64() * 1e9 / (self.events as f64).max(1.0)
    }
}

impl Bench {
    fn new(args: &EngineArgs, model: scorers::Model) -> anyhow::Result<Self> {
        let traffic = Traffic { accounts: args.accounts, seed: args.seed, jitter_ms: JITTER_MS };
        let mut bench = Self {
            workload: Workload::new(traffic),
            drive: Drive::new(model),
            lines: Chunk::default(),
            records: Chunk::default(),
            resident_before: 0,
        };
        bench.resident_before = resident()?.now;
        Ok(bench)
    }

    fn run(&mut self, args: &EngineArgs) -> anyhow::Result<Report> {
        let fill = self.fill();
        let filled = resident()?;
        let before = self.drive.looked_at_and_scored();
        let json = self.steady(args.events, Encoding::Json);
        let protobuf = self.steady(args.events, Encoding::Protobuf);
        let after = self.drive.looked_at_and_scored();
        let stages = self.stages(args.events / PART);
        let latency = self.latency(args.events / PART);
        let (resident, accounts, counts) = (resident()?, self.drive.accounts(), self.drive.counts);
        let mut bytes = self.drive.account_bytes();
        bytes.sort_unstable();
        let events = json.cost.events + protobuf.cost.events;
        Ok(Report {
            accounts,
            events: args.events,
            seed: args.seed,
            json_bytes_per_event: json.bytes as f64 / json.cost.events as f64,
            protobuf_bytes_per_event: protobuf.bytes as f64 / protobuf.cost.events as f64,
            fill_events: fill.events,
            fill_events_per_core_second: fill.rate(),
            json_events_per_core_second: json.cost.rate(),
            json_events_per_core_second_slowest: json.slowest,
            json_events_per_core_second_fastest: json.fastest,
            protobuf_events_per_core_second: protobuf.cost.rate(),
            protobuf_events_per_core_second_slowest: protobuf.slowest,
            protobuf_events_per_core_second_fastest: protobuf.fastest,
            rss_bytes: filled.now,
            rss_bytes_after: resident.now,
            rss_bytes_most: resident.most,
            bytes_per_account_mean: (filled.now - self.resident_before.min(filled.now)) as f64
                / accounts as f64,
            bytes_per_account_p50: percentile(&bytes, 0.5),
            bytes_per_account_p99: percentile(&bytes, 0.99),
            bytes_per_account_max: percentile(&bytes, 1.0),
            stages,
            latency,
            snapshots: self.snapshots()?,
            looked_at_per_event: (after.0 - before.0) as f64 / events as f64,
            scored_per_event: (after.1 - before.1) as f64 / events as f64,
            flags: counts.flags,
            refused: counts.refused,
            late: counts.late,
        })
    }

    /// Brings every account with its contacts into state.
    fn fill(&mut self) -> Cost {
        let progress = bar("filling accounts with contacts", self.workload.fill_progress().1);
        let mut cost = Cost::default();
        loop {
            self.workload.fill(CHUNK, &mut self.lines);
            if self.lines.len() == 0 {
                break;
            }
            let start = cpu();
            self.drive.take(&self.lines, Encoding::Json);
            cost.add(self.lines.len(), cpu() - start);
            progress.set_position(self.workload.fill_progress().0);
        }
        progress.finish_and_clear();
        cost
    }

    /// Everyday traffic from bytes to flags.
    fn steady(&mut self, events: u64, encoding: Encoding) -> Steady {
        let progress = bar(&format!("everyday traffic as {}", encoding.as_str()), events);
        let mut steady = Steady { slowest: f64::INFINITY, ..Steady::default() };
        let mut round = Cost::default();
        while steady.cost.events < events {
            self.more(events - steady.cost.events);
            drive::translate(encoding, &self.lines, &mut self.records);
            let records = &self.records;
            let start = cpu();
            self.drive.take(records, encoding);
            let spent = cpu() - start;
            steady.cost.add(records.len(), spent);
            // A newline stands after each record and is none of it.
            steady.bytes += (records.bytes().len() - records.len()) as u64;
            round.add(records.len(), spent);
            if round.events >= events / 10 {
                steady.slowest = steady.slowest.min(round.rate());
                steady.fastest = steady.fastest.max(round.rate());
                round = Cost::default();
            }
            progress.set_position(steady.cost.events);
        }
        progress.finish_and_clear();
        steady
    }

    /// What each stage costs, every other chunk with and without looking at accounts.
    fn stages(&mut self, events: u64) -> Stages {
        let progress = bar("measuring stages", events);
        let (mut decode, mut decode_protobuf, mut order) =
            (Cost::default(), Cost::default(), Cost::default());
        let (mut unseen, mut scored) = (Cost::default(), Cost::default());
        let mut scoring = true;
        while decode.events < events {
            self.more(events - decode.events);
            scoring = !scoring;
            decode_protobuf.add(self.lines.len(), self.decode_protobuf());
            let records: Vec<&[u8]> = self.lines.records().collect();
            for batch in records.chunks(BATCH) {
                let start = cpu();
                let taken: Vec<_> =
                    batch.iter().filter_map(|record| drive::decode(Encoding::Json, record)).collect();
                let decoded = cpu();
                taken.into_iter().for_each(|event| self.drive.push(event));
                let ordered = cpu();
                if scoring {
                    self.drive.close(|| ());
                    scored.add(batch.len(), cpu() - ordered);
                } else {
                    self.drive.close_unseen();
                    unseen.add(batch.len(), cpu() - ordered);
                }
                decode.add(batch.len(), decoded - start);
                order.add(batch.len(), ordered - decoded);
            }
            progress.set_position(decode.events);
        }
        progress.finish_and_clear();
        Stages {
            decode_json_ns: decode.ns(),
            decode_protobuf_ns: decode_protobuf.ns(),
            order_ns: order.ns(),
            state_ns: unseen.ns(),
            score_ns: scored.ns() - unseen.ns(),
        }
    }

    /// What it takes to decode the lines from protobuf.
    fn decode_protobuf(&mut self) -> Duration {
        drive::translate(Encoding::Protobuf, &self.lines, &mut self.records);
        let start = cpu();
        for record in self.records.records() {
            std::hint::black_box(drive::decode(Encoding::Protobuf, record));
        }
        cpu() - start
    }

    /// From handing over the batch that completes a tick until an account of the tick was scored.
    fn latency(&mut self, events: u64) -> Latency {
        let progress = bar("measuring latency", events);
        let mut latencies: Vec<u32> = Vec::new();
        let mut done = 0;
        while done < events {
            self.more(events - done);
            let records: Vec<&[u8]> = self.lines.records().collect();
            for batch in records.chunks(LATENCY_BATCH) {
                let start = Instant::now();
                for event in batch.iter().filter_map(|record| drive::decode(Encoding::Json, record)) {
                    self.drive.push(event);
                }
                self.drive.close(|| {
                    latencies.push(u32::try_from(start.elapsed().as_nanos()).unwrap_or(u32::MAX));
                });
            }
            done += self.lines.len() as u64;
            progress.set_position(done);
        }
        progress.finish_and_clear();
        latencies.sort_unstable();
        let us = |share| percentile(&latencies, share).map(|ns| f64::from(ns) / 1000.0);
        Latency { p50_us: us(0.5), p99_us: us(0.99), p999_us: us(0.999) }
    }

    /// Writes the state to disk whole, then its changes at the detector's pace during everyday traffic, forgets it, and
    /// reads it again.
    fn snapshots(&mut self) -> anyhow::Result<Snapshots> {
        let progress = bar("measuring snapshots", SEGMENTS_OF_CHANGES);
        let folder = tempfile::tempdir().context("could not make a directory for snapshots")?;
        let mut disk = platform::snapshots::Snapshots::open(folder.path())?;
        let whole = self.save(&mut disk)?;
        let (mut traffic, mut pauses) = (Duration::ZERO, Vec::new());
        for _ in 0..SEGMENTS_OF_CHANGES {
            let before: Duration = pauses.last().copied().unwrap_or(whole.making);
            let apart = SEGMENT_EVERY.max(before * detector::PAUSES_APART);
            let mut since = Duration::ZERO;
            while since < apart {
                self.more(u64::MAX);
                let start = cpu();
                self.drive.take(&self.lines, Encoding::Json);
                let spent = cpu() - start;
                traffic += spent;
                since += spent;
            }
            pauses.push(self.save(&mut disk)?.making);
            progress.inc(1);
        }
        let accounts = self.drive.accounts();
        self.drive.forget();
        let (start, started) = (cpu(), Instant::now());
        self.drive.restore(disk.latest_first()?)?;
        let (back, took) = (cpu() - start, started.elapsed());
        let restored = self.drive.accounts();
        anyhow::ensure!(restored == accounts, "{accounts} accounts went in, {restored} came back");
        progress.finish_and_clear();

        let per_million = |time: Duration| time.as_secs_f64() * 1e6 / accounts as f64;
        let paused: Duration = pauses.iter().sum();
        let longest = pauses.iter().max().copied().unwrap_or_default();
        Ok(Snapshots {
            snapshot_seconds: per_million(whole.making),
            packing_seconds: per_million(whole.packing),
            restore_seconds: per_million(back),
            restore_seconds_elapsed: took.as_secs_f64(),
            bytes_per_account: whole.bytes as f64 / accounts as f64,
            pause_ms: longest.as_secs_f64() * 1e3,
            throughput: traffic.as_secs_f64() / (traffic + paused).as_secs_f64(),
        })
    }

    /// Writes the next segment as the detector does, but packs it on this thread, and says what each took.
    fn save(&mut self, disk: &mut platform::snapshots::Snapshots) -> anyhow::Result<Saved> {
        let mut draft = disk.begin()?;
        let (mut saved, mut written) = (Saved::default(), Ok(()));
        let start = cpu();
        self.drive.segment(|part| {
            let start = cpu();
            saved.bytes += part.len() as u64;
            if written.is_ok() {
                written = draft.write_all(&part);
            }
            saved.packing += cpu() - start;
        });
        saved.making = cpu() - start - saved.packing;
        written.context("could not write a snapshot")?;
        disk.keep(draft)?;
        Ok(saved)
    }

    fn more(&mut self, left: u64) {
        let events = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK);
        self.workload.steady(events, &mut self.lines);
    }
}

/// A segment of the state: its size, and what it took to make it and to pack and write it.
#[derive(Clone, Copy, Debug, Default)]
struct Saved {
    bytes: u64,
    making: Duration,
    packing: Duration,
}

/// Everyday traffic, and its slowest and fastest tenth in events a second and core.
#[derive(Debug, Default)]
struct Steady {
    cost: Cost,
    bytes: u64,
    slowest: f64,
    fastest: f64,
}

/// The value below which this share of the sorted values lies; none where there are none.
fn percentile(sorted: &[u32], share: f64) -> Option<u32> {
    let last = sorted.len().checked_sub(1)?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to the last index")]
    let index = (last as f64 * share).round() as usize;
    sorted.get(index).copied()
}
