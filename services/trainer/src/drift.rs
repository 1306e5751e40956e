//! A log's days held against each other: features, score and flag rate of one model.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::bail;
use detect::{Row, Settings};
use evaluation::drift::{Day, Judged, Reference};
use events::Millis;
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

impl DriftReport {
    /// The latest day, as Prometheus reads it.
    pub fn metrics(&self) -> String {
        let model = &self.model;
        let latest = self.days.last();
        let alarms = latest.map_or(0, |day| day.alarms.len());
        let day = latest.map_or(0, |day| day.day * DAY_MS / 1000);
        let mut text = format!(
            "# HELP silhouette_drift_alarms Numbers of the latest day that differ from the reference days.\n\
             # TYPE silhouette_drift_alarms gauge\nsilhouette_drift_alarms{{model=\"{model}\"}} {alarms}\n\
             # HELP silhouette_drift_day_timestamp_seconds The latest day that was judged.\n\
             # TYPE silhouette_drift_day_timestamp_seconds gauge\n\
             silhouette_drift_day_timestamp_seconds{{model=\"{model}\"}} {day}\n\
             # HELP silhouette_drift_probability How probable what differs is where nothing has changed.\n\
             # TYPE silhouette_drift_probability gauge\n"
        );
        for alarm in latest.into_iter().flat_map(|day| &day.alarms) {
            let unlike = serde_json::to_value(alarm.unlike).unwrap_or_default();
            text += &format!(
                "silhouette_drift_probability{{model=\"{model}\",column=\"{}\",unlike={unlike}}} {:e}\n",
                alarm.column, alarm.p
            );
        }
        text
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
