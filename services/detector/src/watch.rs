//! What a running detector says of itself: once a batch, never once an event.

use std::collections::BTreeMap;

use detect::{Engine, Lineup, Verdicts};
use events::Millis;
use platform::Batch;
use platform::metrics::{DetectorMetrics, Gauge};
use prometheus::IntGauge;
use prometheus::local::LocalHistogram;

/// Where event time and the state stand.
pub(crate) struct Watch {
    metrics: DetectorMetrics,
    /// Of each partition, its clock and its lag.
    partitions: BTreeMap<i32, (Gauge, Gauge)>,
    /// Flags among the challenger's accounts: its own, and those that the champion would have shown.
    challenger: (IntGauge, IntGauge),
}

impl Watch {
    pub(crate) fn new(metrics: &DetectorMetrics) -> Self {
        let whose = |whose| metrics.challenger_flags.with_label_values(&[whose]);
        let challenger = (whose("challenger"), whose("champion"));
        Self { metrics: metrics.clone(), partitions: BTreeMap::new(), challenger }
    }

    /// Notes where things stand after a batch, and whether everything has been read.
    pub(crate) fn observe(&mut self, engine: &Engine, batch: &Batch, now: Millis, at_end: bool) {
        let behind = |heard: Millis| now.saturating_sub(heard) as f64 / 1000.0;
        // Before the first event, and before the end has been seen, nobody knows.
        let lag = if at_end { 0.0 } else { engine.latest().map_or(f64::NAN, behind) };
        self.metrics.lag_seconds.set(lag);
        for (partition, heard) in engine.heard() {
            let Some(heard) = heard else { continue };
            let (clock, lag) = self.partitions.entry(partition).or_insert_with(|| {
                let name = partition.to_string();
                let gauge = |of: &platform::metrics::GaugeVec| of.with_label_values(&[name.as_str()]);
                (gauge(&self.metrics.partition_clock), gauge(&self.metrics.partition_lag_seconds))
            });
            clock.set(seconds(heard));
            lag.set(if batch.at_end.contains(&partition) { 0.0 } else { behind(heard) });
        }
        if engine.closed() > 0 {
            self.metrics.closed_tick.set(seconds(engine.closed()));
        }
        self.metrics.accounts.set(i64::try_from(engine.accounts()).unwrap_or(i64::MAX));
        self.metrics.waiting.set(i64::try_from(engine.waiting()).unwrap_or(i64::MAX));
    }

    /// Notes how many flags of the challenger's accounts were shown, and how many the champion would have shown.
    pub(crate) fn show_challenger(&self, shown: u64, expected: u64) {
        self.challenger.0.set(i64::try_from(shown).unwrap_or(i64::MAX));
        self.challenger.1.set(i64::try_from(expected).unwrap_or(i64::MAX));
    }
}

fn seconds(ms: Millis) -> f64 {
    ms as f64 / 1000.0
}

/// What models said of some rows.
pub(crate) struct Noted {
    rows: u64,
    disagreed: u64,
    champion: Found,
    challenger: Option<Found>,
}

/// What one model said of them.
struct Found {
    flags: u64,
    probability: LocalHistogram,
}

impl Found {
    fn note(&mut self, verdict: &detect::Verdict) {
        self.flags += u64::from(verdict.is_flagged);
        self.probability.observe(verdict.score.p);
    }
}

impl Noted {
    pub(crate) fn new(lineup: &Lineup, metrics: &DetectorMetrics) -> Self {
        let found = |model: &str| Found {
            flags: 0,
            probability: metrics.probability.with_label_values(&[model]).local(),
        };
        let challenger = lineup.challenger().map(|(model, _)| found(model.id()));
        Self { rows: 0, disagreed: 0, champion: found(lineup.champion().id()), challenger }
    }

    pub(crate) fn note(&mut self, verdicts: &Verdicts) {
        self.rows += 1;
        self.champion.note(&verdicts.champion);
        if let Some((found, verdict)) = self.challenger.as_mut().zip(verdicts.challenger.as_ref()) {
            found.note(verdict);
            self.disagreed += u64::from(verdict.is_flagged != verdicts.champion.is_flagged);
        }
    }

    pub(crate) fn count(&self, lineup: &Lineup, metrics: &DetectorMetrics) {
        let challenger = lineup.challenger().map(|(model, _)| model).zip(self.challenger.as_ref());
        for (model, found) in [(lineup.champion(), &self.champion)].into_iter().chain(challenger) {
            metrics.scored.with_label_values(&[model.id()]).inc_by(self.rows);
            metrics.found.with_label_values(&[model.id()]).inc_by(found.flags);
            found.probability.flush();
        }
        metrics.disagreed.inc_by(self.disagreed);
    }
}
