//! A log's days held against each other: features, score and flag rate of one model.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use detect::{Row, Settings};
use evaluation::drift::{Day, Judged, Reference};
use events::Millis;
use platform::metrics::{self, GaugeVec, Label, MODEL, Metric, Registry, Values};
use scorers::Model;
use serde::Serialize;

use crate::replay::replay;

const DAY_MS: Millis = 24 * 60 * 60 * 1000;

/// Days that are judged where nobody says which.
const JUDGED: usize = 7;

/// What to hold against what.
#[derive(Debug)]
pub struct DriftJob<'a> {
    /// Events, JSON Lines.
    pub events: &'a Path,
    /// The model.
    pub model: Model,
    /// The reference days begin then, milliseconds since the epoch; none for the first whole day.
    pub from: Option<Millis>,
    /// They end then; none where the last seven whole days are judged.
    pub until: Option<Millis>,
    /// Accounts of a day that are compared, at most.
    pub accounts: usize,
    /// How event time is cut.
    pub settings: Settings,
}

/// What was found.
#[derive(Clone, Debug, Serialize)]
pub struct DriftReport {
    /// The model's id.
    pub model: String,
    /// Reference days.
    pub reference_days: usize,
    /// Numbers of each day that are looked at.
    pub numbers: usize,
    /// Below which probability one is unlike: so that a week without any change raises an alarm once in a hundred.
    pub threshold: f64,
    /// The days after them.
    pub days: Vec<Judged>,
}

/// A column of the feature schema, the score, or the flag rate.
const COLUMN: Label = Label {
    name: "column",
    values: Values::Bounded {
        by: "columns of the feature schema, and two",
        is_one: |value| {
            value.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_')
        },
    },
};
const UNLIKE: Label =
    Label { name: "unlike", values: Values::Closed(|| vec!["level", "absence", "spread", "flag_rate"]) };

platform::metrics! {
    /// The latest day that was judged.
    pub struct DriftMetrics {
        alarms: GaugeVec = Metric {
            name: "silhouette_drift_alarms",
            unit: "numbers of a day",
            labels: &[MODEL],
            means: "Numbers of the latest day that differ from the reference days.",
            bad: "Above 0: people, the platform or its producers have changed, and the model speaks of others than it learned \
                  from.",
            ..Metric::NONE
        },
        least: GaugeVec = Metric {
            name: "silhouette_drift_least_probability",
            unit: "probability",
            labels: &[MODEL],
            means: "How probable the most unlike number of the latest day is where nothing has changed.",
            bad: "Below the threshold.",
            ..Metric::NONE
        },
        threshold: GaugeVec = Metric {
            name: "silhouette_drift_threshold",
            unit: "probability",
            labels: &[MODEL],
            means: "Below which probability a number is unlike: a week without any change raises an alarm once in a hundred.",
            bad: "None by itself.",
            ..Metric::NONE
        },
        probability: GaugeVec = Metric {
            name: "silhouette_drift_probability",
            unit: "probability",
            labels: &[MODEL, COLUMN, UNLIKE],
            means: "How probable each number that differs is where nothing has changed.",
            bad: "Any: it says where to look.",
            ..Metric::NONE
        },
        day: GaugeVec = Metric {
            name: "silhouette_drift_day_timestamp_seconds",
            unit: "seconds",
            labels: &[MODEL],
            means: "When the latest day that was judged began: event time, since the epoch.",
            bad: "More than three days ago: nobody looks for drift.",
            ..Metric::NONE
        },
    }
}

impl DriftReport {
    /// The latest day, as Prometheus reads it.
    ///
    /// # Errors
    /// Where a model's id is no label.
    pub fn metrics(&self) -> metrics::Result<String> {
        let registry = Registry::new();
        let metrics = DriftMetrics::registered(&registry)?;
        let model: &[&str] = &[&self.model];
        metrics.threshold.with_label_values(model).set(self.threshold);
        metrics.alarms.with_label_values(model).set(0.0);
        if let Some(latest) = self.days.last() {
            metrics.alarms.with_label_values(model).set(latest.alarms.len() as f64);
            metrics.least.with_label_values(model).set(latest.least_p);
            metrics.day.with_label_values(model).set((latest.day * DAY_MS / 1000) as f64);
            for alarm in &latest.alarms {
                let unlike = serde_json::to_value(alarm.unlike).unwrap_or_default();
                let of: &[&str] = &[&self.model, &alarm.column, unlike.as_str().unwrap_or_default()];
                metrics.probability.with_label_values(of).set(alarm.p);
            }
        }
        metrics::text(&registry)
    }
}

/// Holds the days after the reference days against them.
///
/// # Errors
/// Where the events cannot be read, or there are too few days.
pub fn drift(job: &DriftJob<'_>, now: Millis, mut progress: impl FnMut(u64)) -> anyhow::Result<DriftReport> {
    let mut days = Days { job, days: BTreeMap::new() };
    replay(job.events, job.settings.clone(), now, &mut progress, &mut |row| days.note(&row))?;
    let mut days = days.finish();
    // The log hardly begins and ends at midnight.
    if days.len() < 3 {
        bail!("the log holds {} days; a reference needs more", days.len());
    }
    days.pop();
    days.remove(0);
    let last = days.last().map_or(0, |day| day.day + 1);
    let until = job.until.map_or_else(|| last.saturating_sub(JUDGED as u64), |until| until.div_ceil(DAY_MS));
    let from = job.from.map_or(0, |from| from.div_ceil(DAY_MS));
    let (before, after): (Vec<Day>, Vec<Day>) = days.into_iter().partition(|day| day.day < until);
    let before: Vec<Day> = before.into_iter().filter(|day| day.day >= from).collect();
    let schema = detect::feature_schema(&job.settings.profile);
    let names = schema.names().map(str::to_owned).chain(["score".to_owned()]).collect::<Vec<_>>();
    let numbers = 3 * names.len() + 1;
    let reference = Reference::of(names, &before)?;
    Ok(DriftReport {
        model: job.model.id().to_owned(),
        reference_days: reference.days(),
        numbers,
        threshold: reference.threshold(),
        days: after.iter().filter_map(|day| reference.judge(day)).collect(),
    })
}

struct Days<'a> {
    job: &'a DriftJob<'a>,
    days: BTreeMap<u64, Accounts>,
}

/// The accounts of a day, each as it was last.
#[derive(Default)]
struct Accounts {
    /// By a hash, of which the least are kept: the same accounts on every day, as far as they are there.
    kept: BTreeMap<u64, Vec<f32>>,
    /// Whether each that was scored reached the threshold.
    flagged: BTreeMap<u64, bool>,
}

impl Days<'_> {
    fn note(&mut self, row: &Row<'_>) {
        let model = &self.job.model;
        let x = model.complete(&row.x, row.cohort.name());
        let score = model.score(&x);
        let [a, b, c, d, e, f, g, h, ..] = *blake3::hash(row.account.as_str().as_bytes()).as_bytes();
        let hash = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let day = self.days.entry(row.at / DAY_MS).or_default();
        let is_flagged = day.flagged.entry(hash).or_default();
        *is_flagged |= score.p >= model.artifact().threshold;
        let is_full = day.kept.len() >= self.job.accounts && !day.kept.contains_key(&hash);
        if is_full && day.kept.last_key_value().is_some_and(|(last, _)| *last < hash) {
            return;
        }
        #[expect(clippy::cast_possible_truncation, reason = "a rank needs no more than a single's precision")]
        let values = x.values().iter().chain([&score.score]).map(|value| *value as f32).collect();
        day.kept.insert(hash, values);
        if day.kept.len() > self.job.accounts {
            day.kept.pop_last();
        }
    }

    fn finish(self) -> Vec<Day> {
        let day = |(day, accounts): (u64, Accounts)| {
            let flagged = accounts.flagged.values().filter(|is| **is).count() as u64;
            let rows = accounts.kept.into_values().collect();
            Day { day, rows, scored: (accounts.flagged.len() as u64, flagged) }
        };
        self.days.into_iter().map(day).collect()
    }
}
