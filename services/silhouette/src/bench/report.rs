//! The figures of `silhouette bench engine`, as JSON and as a table.

use std::fmt;

use serde::Serialize;

/// Everything that was measured. A figure is absent where the engine does not offer what it needs.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// Accounts in state at the end.
    pub(crate) accounts: usize,
    /// Events of everyday traffic, for each encoding.
    pub(crate) events: u64,
    pub(crate) seed: u64,
    pub(crate) bytes_per_event: f64,
    pub(crate) fill_events: u64,
    pub(crate) fill_events_per_core_second: f64,
    pub(crate) json_events_per_core_second: f64,
    /// The slowest and the fastest tenth of the events.
    pub(crate) json_events_per_core_second_slowest: f64,
    pub(crate) json_events_per_core_second_fastest: f64,
    pub(crate) protobuf_events_per_core_second: Option<f64>,
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
    pub(crate) event_to_flag_p50_us: Option<f64>,
    pub(crate) event_to_flag_p99_us: Option<f64>,
    pub(crate) event_to_flag_p999_us: Option<f64>,
    pub(crate) snapshot_seconds_per_million: f64,
    pub(crate) restore_seconds_per_million: f64,
    pub(crate) snapshot_bytes_per_account: f64,
    /// Events a second and core while a snapshot is being written, over those without.
    pub(crate) throughput_while_snapshotting: Option<f64>,
    /// Accounts scored, over events.
    pub(crate) rows_per_event: f64,
    pub(crate) flags: u64,
    pub(crate) refused: u64,
    pub(crate) late: u64,
}

/// Nanoseconds of a core an event.
#[derive(Debug, Serialize)]
pub(crate) struct Stages {
    /// From bytes to an event.
    #[serde(rename = "stage_decode_ns")]
    pub(crate) decode_ns: f64,
    /// Into the order of (ts, id), without duplicates.
    #[serde(rename = "stage_order_ns")]
    pub(crate) order_ns: f64,
    /// Into the accounts' state, and the rows out of it.
    #[serde(rename = "stage_state_ns")]
    pub(crate) state_ns: f64,
    /// From rows to scores and flags.
    #[serde(rename = "stage_score_ns")]
    pub(crate) score_ns: f64,
}

/// From handing over an event to its accounts' scores, in microseconds.
#[derive(Debug)]
pub(crate) struct Latency {
    pub(crate) p50_us: Option<f64>,
    pub(crate) p99_us: Option<f64>,
    pub(crate) p999_us: Option<f64>,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |what: &str, value: String| writeln!(f, "{what:<44} {value}");
        row("accounts", whole(self.accounts as f64))?;
        row("bytes an event (JSON)", whole(self.bytes_per_event))?;
        row("events/s and core, JSON", whole(self.json_events_per_core_second))?;
        let (slowest, fastest) =
            (self.json_events_per_core_second_slowest, self.json_events_per_core_second_fastest);
        row("  slowest and fastest tenth", format!("{} to {}", whole(slowest), whole(fastest)))?;
        row("events/s and core, protobuf", known(self.protobuf_events_per_core_second, whole))?;
        row("events/s and core, filling (JSON)", whole(self.fill_events_per_core_second))?;
        row("resident memory, filled", mebibytes(self.rss_bytes))?;
        row("resident memory, at most", mebibytes(self.rss_bytes_most))?;
        row("bytes an account, mean (resident)", whole(self.bytes_per_account_mean))?;
        let bytes = [self.bytes_per_account_p50, self.bytes_per_account_p99, self.bytes_per_account_max];
        let bytes = bytes.map(|value| known(value.map(f64::from), whole));
        row("bytes an account, p50, p99, max (state)", bytes.join(", "))?;
        let Stages { decode_ns, order_ns, state_ns, score_ns } = &self.stages;
        let stages = [decode_ns, order_ns, state_ns, score_ns].map(|ns| format!("{ns:.0}"));
        row("ns an event: decode, order, state, score", stages.join(", "))?;
        let us = [self.event_to_flag_p50_us, self.event_to_flag_p99_us, self.event_to_flag_p999_us];
        row("event to flag, us: p50, p99, p99.9", us.map(|value| known(value, whole)).join(", "))?;
        row("snapshot, s a million accounts", format!("{:.2}", self.snapshot_seconds_per_million))?;
        row("restore, s a million accounts", format!("{:.2}", self.restore_seconds_per_million))?;
        row("snapshot, bytes an account", whole(self.snapshot_bytes_per_account))?;
        let ratio = known(self.throughput_while_snapshotting, |share| format!("{:.0} %", share * 100.0));
        row("throughput while a snapshot is written", ratio)?;
        row("accounts scored an event", format!("{:.2}", self.rows_per_event))?;
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
