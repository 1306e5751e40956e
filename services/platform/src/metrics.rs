//! The detector's metrics, by name, and how any registry is shown. No label ever holds an id of an account.

use prometheus::{Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, Opts, Registry};

/// Events taken in, by type.
pub const EVENTS: &str = "silhouette_events_total";
/// Events refused, by rule.
pub const REJECTS: &str = "silhouette_rejects_total";
/// Events that came too late and were dropped.
pub const LATE: &str = "silhouette_late_events_total";
/// Events that came late and were merged.
pub const MERGED: &str = "silhouette_merged_events_total";
/// Events that had been delivered before.
pub const DUPLICATES: &str = "silhouette_duplicate_events_total";
/// Accounts for which something happened, by whether their score might reach the threshold.
pub const GATED: &str = "silhouette_gated_accounts_total";
/// Flags emitted, by model.
pub const FLAGS: &str = "silhouette_flags_total";
/// Age of the latest event read, in seconds; 0 when everything has been read.
pub const LAG: &str = "silhouette_lag_seconds";
/// Time to take in a batch.
pub const BATCH: &str = "silhouette_batch_seconds";
/// Time to compute and score one account.
pub const SCORE: &str = "silhouette_score_seconds";
/// Age of the latest durable snapshot.
pub const SNAPSHOT_AGE: &str = "silhouette_snapshot_age_seconds";
/// Time to make a snapshot durable.
pub const SNAPSHOT: &str = "silhouette_snapshot_seconds";
/// Accounts remembered.
pub const ACCOUNTS: &str = "silhouette_accounts";
/// Events that wait for their tick.
pub const WAITING: &str = "silhouette_waiting_events";

/// The detector's metrics, registered.
#[derive(Clone, Debug)]
pub struct DetectorMetrics {
    /// [`EVENTS`].
    pub events: IntCounterVec,
    /// [`REJECTS`].
    pub rejects: IntCounterVec,
    /// [`LATE`].
    pub late: IntCounter,
    /// [`MERGED`].
    pub merged: IntCounter,
    /// [`DUPLICATES`].
    pub duplicates: IntCounter,
    /// [`GATED`].
    pub gated: IntCounterVec,
    /// [`FLAGS`].
    pub flags: IntCounterVec,
    /// [`LAG`].
    pub lag_seconds: Gauge,
    /// [`BATCH`].
    pub batch_seconds: Histogram,
    /// [`SCORE`].
    pub score_seconds: Histogram,
    /// [`SNAPSHOT_AGE`].
    pub snapshot_age_seconds: Gauge,
    /// [`SNAPSHOT`].
    pub snapshot_seconds: Histogram,
    /// [`ACCOUNTS`].
    pub accounts: IntGauge,
    /// [`WAITING`].
    pub waiting: IntGauge,
}

impl DetectorMetrics {
    /// Registers the detector's metrics.
    ///
    /// # Errors
    /// Where one of their names is taken.
    pub fn register(registry: &Registry) -> prometheus::Result<Self> {
        let seconds = |name, help, least: f64| {
            let buckets = prometheus::exponential_buckets(least, 4.0, 10)?;
            Histogram::with_opts(HistogramOpts::new(name, help).buckets(buckets))
        };
        let metrics = Self {
            events: IntCounterVec::new(Opts::new(EVENTS, "Events taken in, by type."), &["type"])?,
            rejects: IntCounterVec::new(Opts::new(REJECTS, "Events refused, by rule."), &["rule"])?,
            late: IntCounter::new(LATE, "Events that came too late and were dropped.")?,
            merged: IntCounter::new(MERGED, "Events that came late and were merged.")?,
            duplicates: IntCounter::new(DUPLICATES, "Events that had been delivered before.")?,
            gated: IntCounterVec::new(
                Opts::new(GATED, "Accounts looked at, by whether their score might reach the threshold."),
                &["outcome"],
            )?,
            flags: IntCounterVec::new(Opts::new(FLAGS, "Flags emitted, by model."), &["model"])?,
            lag_seconds: Gauge::new(LAG, "Age of the latest event read; 0 when everything has been read.")?,
            batch_seconds: seconds(BATCH, "Time to take in a batch.", 1e-4)?,
            score_seconds: seconds(SCORE, "Time to compute and score one account.", 1e-7)?,
            snapshot_age_seconds: Gauge::new(SNAPSHOT_AGE, "Age of the latest durable snapshot.")?,
            snapshot_seconds: seconds(SNAPSHOT, "Time to make a snapshot durable.", 1e-3)?,
            accounts: IntGauge::new(ACCOUNTS, "Accounts remembered.")?,
            waiting: IntGauge::new(WAITING, "Events that wait for their tick.")?,
        };
        // Until the detector has seen its stream, nobody knows.
        metrics.lag_seconds.set(f64::NAN);
        registry.register(Box::new(metrics.events.clone()))?;
        registry.register(Box::new(metrics.rejects.clone()))?;
        registry.register(Box::new(metrics.late.clone()))?;
        registry.register(Box::new(metrics.merged.clone()))?;
        registry.register(Box::new(metrics.duplicates.clone()))?;
        registry.register(Box::new(metrics.gated.clone()))?;
        registry.register(Box::new(metrics.flags.clone()))?;
        registry.register(Box::new(metrics.lag_seconds.clone()))?;
        registry.register(Box::new(metrics.batch_seconds.clone()))?;
        registry.register(Box::new(metrics.score_seconds.clone()))?;
        registry.register(Box::new(metrics.snapshot_age_seconds.clone()))?;
        registry.register(Box::new(metrics.snapshot_seconds.clone()))?;
        registry.register(Box::new(metrics.accounts.clone()))?;
        registry.register(Box::new(metrics.waiting.clone()))?;
        Ok(metrics)
    }
}

/// Everything registered, as Prometheus reads it.
///
/// # Errors
/// Where a metric cannot be encoded.
pub fn text(registry: &Registry) -> prometheus::Result<String> {
    prometheus::TextEncoder::new().encode_to_string(&registry.gather())
}
