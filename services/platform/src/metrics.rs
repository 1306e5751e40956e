//! The detector's metrics, by name, and how any registry is shown. No label ever holds an id of an account.

use prometheus::{
    Gauge, Histogram, HistogramOpts, IntCounter, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
};

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
/// Of every hundred accounts, those whose flags are of the model.
pub const MODEL_SHARE: &str = "silhouette_model_share_percent";
/// Accounts scored, by model.
pub const SCORED: &str = "silhouette_scored_accounts_total";
/// Flags that a model found, whether or not they are shown.
pub const FOUND: &str = "silhouette_found_flags_total";
/// Accounts that champion and challenger do not both flag or both leave.
pub const DISAGREED: &str = "silhouette_disagreed_accounts_total";
/// Moves of the registry's aliases, by what became of them.
pub const MODEL_MOVES: &str = "silhouette_model_moves_total";
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
    /// [`MODEL_SHARE`].
    pub model_share: IntGaugeVec,
    /// [`SCORED`].
    pub scored: IntCounterVec,
    /// [`FOUND`].
    pub found: IntCounterVec,
    /// [`DISAGREED`].
    pub disagreed: IntCounter,
    /// [`MODEL_MOVES`].
    pub model_moves: IntCounterVec,
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
            model_share: IntGaugeVec::new(
                Opts::new(MODEL_SHARE, "Of every hundred accounts, those whose flags are of the model."),
                &["model"],
            )?,
            scored: IntCounterVec::new(Opts::new(SCORED, "Accounts scored, by model."), &["model"])?,
            found: IntCounterVec::new(
                Opts::new(FOUND, "Flags that a model found, whether or not they are shown."),
                &["model"],
            )?,
            disagreed: IntCounter::new(DISAGREED, "Accounts that only one of two models flags.")?,
            model_moves: IntCounterVec::new(
                Opts::new(MODEL_MOVES, "Moves of the registry's aliases: taken, refused, or halted here."),
                &["outcome"],
            )?,
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
        registry.register(Box::new(metrics.model_share.clone()))?;
        registry.register(Box::new(metrics.scored.clone()))?;
        registry.register(Box::new(metrics.found.clone()))?;
        registry.register(Box::new(metrics.disagreed.clone()))?;
        registry.register(Box::new(metrics.model_moves.clone()))?;
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
