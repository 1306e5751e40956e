//! The figures of `silhouette bench engine`, as JSON and as a table.

use std::fmt;

use serde::Serialize;

/// Everything that was measured. A figure is absent where there was nothing to measure.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Accounts in state at the end.
    pub(crate) accounts: usize,
    /// Events of everyday traffic, for each encoding.
    pub(crate) events: u64,
    pub(crate) seed: u64,
    pub(crate) json_bytes_per_event: f64,
    pub(crate) protobuf_bytes_per_event: f64,
    pub(crate) fill_events: u64,
    pub(crate) fill_events_per_core_second: f64,
    pub(crate) json_events_per_core_second: f64,
    /// The slowest and the fastest tenth of the events.
    pub(crate) json_events_per_core_second_slowest: f64,
    pub(crate) json_events_per_core_second_fastest: f64,
    pub(crate) protobuf_events_per_core_second: f64,
    pub(crate) protobuf_events_per_core_second_slowest: f64,
    pub(crate) protobuf_events_per_core_second_fastest: f64,
    /// Resident memory after the fill, after everything, and at most before the snapshot.
    pub(crate) rss_bytes: u64,
    pub(crate) rss_bytes_after: u64,
    pub(crate) rss_bytes_most: u64,
    /// Resident memory that the fill added, over its accounts.
    pub(crate) bytes_per_account_mean: f64,
    pub(crate) bytes_per_account_p50: Option<u32>,
    pub(crate) bytes_per_account_p99: Option<u32>,
    pub(crate) bytes_per_account_max: Option<u32>,
    #[serde(flatten)]
    pub(crate) stages: Stages,
    #[serde(flatten)]
    pub(crate) latency: Latency,
    #[serde(flatten)]
    pub(crate) snapshots: Snapshots,
    /// Accounts that a tick touched, and those among them that the gate let through to be scored, over events.
    pub(crate) looked_at_per_event: f64,
    pub(crate) scored_per_event: f64,
    pub(crate) flags: u64,
    pub(crate) refused: u64,
    pub(crate) late: u64,
}

/// Nanoseconds of a core an event.
#[derive(Debug, Serialize)]
pub(crate) struct Stages {
    /// From bytes to an event.
    #[serde(rename = "stage_decode_json_ns")]
    pub(crate) decode_json_ns: f64,
    #[serde(rename = "stage_decode_protobuf_ns")]
    pub(crate) decode_protobuf_ns: f64,
    /// Into the order of (ts, id), without duplicates.
    #[serde(rename = "stage_order_ns")]
    pub(crate) order_ns: f64,
    /// Into the accounts' state.
    #[serde(rename = "stage_state_ns")]
    pub(crate) state_ns: f64,
    /// Over the accounts of each tick: gate, features, score, flag.
    #[serde(rename = "stage_score_ns")]
    pub(crate) score_ns: f64,
}

/// From handing over the batch that completes a tick until an account of the tick was scored and its flag was there,
/// in microseconds. Waiting for event time is not in it.
#[derive(Debug, Serialize)]
pub(crate) struct Latency {
    #[serde(rename = "event_to_flag_p50_us")]
    pub(crate) p50_us: Option<f64>,
    #[serde(rename = "event_to_flag_p99_us")]
    pub(crate) p99_us: Option<f64>,
    #[serde(rename = "event_to_flag_p999_us")]
    pub(crate) p999_us: Option<f64>,
}

/// The state as the detector writes it to disk, and read again.
#[derive(Debug, Serialize)]
pub(crate) struct Snapshots {
    /// Seconds of a core for a million accounts: all of the state at once, as the first snapshot is.
    #[serde(rename = "snapshot_seconds_per_million")]
    pub(crate) snapshot_seconds: f64,
    /// The same to compress it and to write it to disk, which the detector does on another thread.
    #[serde(rename = "snapshot_packing_seconds_per_million")]
    pub(crate) packing_seconds: f64,
    /// From disk.
    #[serde(rename = "restore_seconds_per_million")]
    pub(crate) restore_seconds: f64,
    /// All of it, by the clock.
    pub(crate) restore_seconds_elapsed: f64,
    #[serde(rename = "snapshot_bytes_per_account")]
    pub(crate) bytes_per_account: f64,
    /// How long the writing of what changed in ten seconds of full speed, and of its share of the rest, holds up
    /// events.
    #[serde(rename = "snapshot_pause_ms")]
    pub(crate) pause_ms: f64,
    /// Events a second and core with such a snapshot every ten seconds, over those without, in the same traffic.
    #[serde(rename = "throughput_with_snapshots")]
    pub(crate) throughput: f64,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |what: &str, value: String| writeln!(f, "{what:<44} {value}");
        row("accounts", whole(self.accounts as f64))?;
        let bytes = [self.json_bytes_per_event, self.protobuf_bytes_per_event].map(whole);
        row("bytes an event: JSON, protobuf", bytes.join(", "))?;
        row("events/s and core, JSON", whole(self.json_events_per_core_second))?;
        let (slowest, fastest) =
            (self.json_events_per_core_second_slowest, self.json_events_per_core_second_fastest);
        row("  slowest and fastest tenth", format!("{} to {}", whole(slowest), whole(fastest)))?;
        row("events/s and core, protobuf", whole(self.protobuf_events_per_core_second))?;
        let (slowest, fastest) =
            (self.protobuf_events_per_core_second_slowest, self.protobuf_events_per_core_second_fastest);
        row("  slowest and fastest tenth", format!("{} to {}", whole(slowest), whole(fastest)))?;
        row("events/s and core, filling (JSON)", whole(self.fill_events_per_core_second))?;
        row("resident memory, filled", mebibytes(self.rss_bytes))?;
        row("resident memory, at most", mebibytes(self.rss_bytes_most))?;
        row("bytes an account, mean (resident)", whole(self.bytes_per_account_mean))?;
        let bytes = [self.bytes_per_account_p50, self.bytes_per_account_p99, self.bytes_per_account_max];
        let bytes = bytes.map(|value| known(value.map(f64::from), whole));
        row("bytes an account, p50, p99, max (state)", bytes.join(", "))?;
        let Stages { decode_json_ns, decode_protobuf_ns, order_ns, state_ns, score_ns } = &self.stages;
        row("ns an event: decode JSON, protobuf", format!("{decode_json_ns:.0}, {decode_protobuf_ns:.0}"))?;
        row("  order, state, score", format!("{order_ns:.0}, {state_ns:.0}, {score_ns:.0}"))?;
        let us = [self.latency.p50_us, self.latency.p99_us, self.latency.p999_us];
        row("event to flag, us: p50, p99, p99.9", us.map(|value| known(value, whole)).join(", "))?;
        let Snapshots { bytes_per_account, pause_ms, throughput, .. } = &self.snapshots;
        let Snapshots { snapshot_seconds, packing_seconds, .. } = &self.snapshots;
        row(
            "snapshot of all, s a million: make, pack",
            format!("{snapshot_seconds:.2}, {packing_seconds:.2}"),
        )?;
        row("  bytes an account", whole(*bytes_per_account))?;
        let Snapshots { restore_seconds, restore_seconds_elapsed, .. } = &self.snapshots;
        row(
            "restore, s a million; s of all by the clock",
            format!("{restore_seconds:.2}; {restore_seconds_elapsed:.1}"),
        )?;
        row("snapshot of changes, ms without events", whole(*pause_ms))?;
        row("throughput with one every 10 s", format!("{:.0} %", throughput * 100.0))?;
        let seen = format!("{:.3}, {:.3}", self.looked_at_per_event, self.scored_per_event);
        row("an event: accounts looked at, scored", seen)?;
        row("flags", whole(self.flags as f64))?;
        let bad = format!("{}, {}", self.refused, self.late);
        write!(f, "{:<44} {bad}", "events refused, events late (both must be 0)")
    }
}

fn known(value: Option<f64>, words: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "not known".to_owned(), words)
}

/// A number without its fraction, in groups of three digits.
fn whole(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut text = String::new();
    for (n, digit) in digits.chars().enumerate() {
        if n > 0 && (digits.len() - n).is_multiple_of(3) {
            text.push(' ');
        }
        text.push(digit);
    }
    text
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", whole(bytes as f64 / f64::from(1 << 20)))
}
