//! From events and labels to a model, its card, its report and its manifest.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, bail};
use dataset::{Dataset, Examples, Keep, Knowledge, Rows, Sampling, Selection, Watch};
use detect::Settings;
use evaluation::{average_precision, calibration_error};
use events::{Label, Millis, decode};
use platform::files::{self, Lines, Output, read_json_lines};
use schema::{Schema, Vector};
use scorers::{Artifact, Baselines, Model, Provenance};
use serde::Serialize;
use training::{FOLDS, Family, Fitted};

use crate::card;
use crate::manifest::Manifest;
use crate::replay::replay_until;

/// What to train from and where to write.
#[derive(Debug)]
pub struct TrainJob<'a> {
    /// Events, JSON Lines.
    pub events: &'a Path,
    /// Labels, JSON Lines.
    pub labels: &'a Path,
    /// The model's directory.
    pub out: &'a Path,
    /// Labels and events are visible up to here, milliseconds since the epoch; none for all of them.
    pub as_of: Option<Millis>,
    /// Rows from so long before `as_of` are left out, in milliseconds.
    pub embargo_ms: Millis,
    /// Of accounts of which nothing is known, one row in so many; none for as many as make [`ROWS_AIM`] rows.
    pub one_in: Option<u32>,
    /// How event time is cut.
    pub settings: Settings,
    /// Which family of models, and how to fit it.
    pub family: Family,
    /// Whether to replay half of the log a second time, to see whether any column knows the other half.
    pub check_leaks: bool,
    /// Accounts that training must not see, a token a line.
    pub leave_out: Option<&'a Path>,
}

/// About so many rows of accounts of which nothing is known are enough.
pub const ROWS_AIM: u64 = 150_000;

/// What training made.
#[derive(Clone, Debug, Serialize)]
pub struct TrainReport {
    /// The model's id.
    pub model: String,
    /// The family of models, and how its scores were calibrated.
    pub family: &'static str,
    /// How its scores were made probabilities.
    pub calibration: &'static str,
    /// The hash of the feature schema.
    pub schema: String,
    /// Events taken in.
    pub events: u64,
    /// Lines refused.
    pub rejected: u64,
    /// Rows of the data set.
    pub rows: usize,
    /// Accounts taken for abusive, more likely than not, that were met.
    pub positive_accounts: usize,
    /// Each row judged by a model that had not seen its account.
    pub test: TestFigures,
}

/// Figures on rows of accounts that the judging model had not seen. What cannot be computed is null.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TestFigures {
    /// Rows.
    pub rows: usize,
    /// Rows of accounts taken for abusive.
    pub positives: usize,
    /// Average precision, 0 to 1.
    pub average_precision: Option<f64>,
    /// Expected calibration error, 0 to 1, against what was known; who is abusive and not known to be counts as wrong.
    pub calibration_error: f64,
    /// Of the rows at or over the model's threshold, the share taken for abusive.
    pub precision_at_threshold: Option<f64>,
    /// Of the rows taken for abusive, the share at or over the model's threshold.
    pub recall_at_threshold: Option<f64>,
}

/// Trains a model and writes `model.json`, `card.md`, `report.json`, `manifest.json` and `dataset.parquet`.
///
/// The model itself is written last, so that a directory with a model in it is whole.
///
/// # Errors
/// Where a file cannot be read or written, or there is too little to learn from.
pub fn train(job: &TrainJob<'_>, now: Millis, mut progress: impl FnMut(u64)) -> anyhow::Result<TrainReport> {
    let labels: Vec<Label> = read_json_lines(job.labels)?;
    let (watch, account_days) = look_over(job, now)?;
    let as_of = job.as_of.unwrap_or_else(|| latest(&labels, &watch));
    let knowledge = Knowledge::new(&labels, &watch, as_of);
    if !knowledge.accounts().any(|(_, known)| known.is_decided && known.p > 0.5) {
        bail!(
            "{} has no label \"abusive\" that was known by {as_of}; at least one is needed",
            job.labels.display()
        );
    }
    let schema = detect::feature_schema(&job.settings.profile);
    let one_in =
        job.one_in.unwrap_or_else(|| u32::try_from(account_days / ROWS_AIM).unwrap_or(u32::MAX)).max(1);
    let whole = knowledge.accounts().map(|(account, _)| account.clone()).collect();
    let left_out = tokens(job.leave_out)?;
    let mut rows = Rows::sampled(schema.clone(), Keep::Moments, Sampling { whole, one_in });
    let settings = job.settings.clone();
    let replayed = replay_until(job.events, settings, (now, as_of), &mut progress, &mut |row| {
        if !left_out.contains(row.account.as_str()) {
            rows.push(&row);
        }
    })?;
    let leaks = if job.check_leaks { Some(find_leaks(job, now, as_of)?) } else { None };
    if let Some(leaks) = leaks.as_ref().filter(|leaks| !leaks.is_empty()) {
        bail!("these columns know what came later: {}", leaks.join(", "));
    }
    let selection = Selection { as_of, embargo_ms: job.embargo_ms, folds: FOLDS };
    let dataset = Dataset::new(&rows, &knowledge, &watch, selection)?;
    let n = rows.len();
    drop(rows);
    let mut examples = dataset.examples()?;
    let dataset_hash = examples.hash();
    let baselines = usual(&schema, &examples);
    let complete = |(x, cohort): (&Vector, &String)| baselines.complete(&schema, x, cohort);
    examples.x = examples.x.iter().zip(&examples.cohorts).map(complete).collect();
    let provenance = provenance(&examples, &dataset_hash, as_of);
    let to_fit = to_fit(&mut examples);
    let fitted = training::fit(&schema, &to_fit, job.family)?;
    let mut artifact =
        Artifact::new(&schema, fitted.scorer.clone(), fitted.calibration.clone(), provenance.clone());
    artifact.baselines = baselines;
    let document = artifact.encode();
    let model = Model::decode(&document, &schema).context("the model just made does not read back")?;
    let report = TrainReport {
        model: model.id().to_owned(),
        family: artifact.scorer.family(),
        calibration: artifact.calibration.name(),
        schema: schema.hash().to_owned(),
        events: replayed.counts().events.values().sum(),
        rejected: replayed.counts().rejected(),
        rows: n,
        positive_accounts: provenance.positive_accounts,
        test: test_figures(&to_fit, &fitted, model.artifact().threshold),
    };
    let manifest = Manifest::of(job, &model, selection, one_in, leaks.is_some())?;
    write(job.out, &dataset, &report, (&manifest, &model, &schema))?;
    files::write(&job.out.join("model.json"), &document)?;
    Ok(report)
}

fn write(
    out: &Path,
    dataset: &Dataset,
    report: &TrainReport,
    (manifest, model, schema): (&Manifest, &Model, &Schema),
) -> anyhow::Result<()> {
    let mut parquet = Output::create(&out.join("dataset.parquet"))?;
    dataset.write_parquet(&mut parquet)?;
    parquet.finish()?;
    files::write(&out.join("report.json"), &format!("{}\n", serde_json::to_string_pretty(report)?))?;
    files::write(&out.join("manifest.json"), &format!("{}\n", serde_json::to_string_pretty(manifest)?))?;
    files::write(&out.join("card.md"), &card::write(model, schema, Some(report)))?;
    Ok(())
}

/// What the log says of accounts that their vectors must not, and how many account-days are in it.
fn look_over(job: &TrainJob<'_>, now: Millis) -> anyhow::Result<(Watch, u64)> {
    let mut watch = Watch::default();
    let mut lines = Lines::open(job.events)?;
    while let Some(line) = lines.next_line()? {
        let Ok(event) = decode(line, now) else { continue };
        if job.as_of.is_none_or(|as_of| event.ts <= as_of) {
            watch.note(&event);
        }
    }
    let days = watch.account_days();
    Ok((watch, days))
}

/// The lines of a file of tokens; of none, nothing.
fn tokens(file: Option<&Path>) -> anyhow::Result<BTreeSet<String>> {
    let Some(file) = file else { return Ok(BTreeSet::new()) };
    let text = std::fs::read_to_string(file).with_context(|| format!("could not read {}", file.display()))?;
    Ok(text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect())
}

/// When the last thing was learnt.
fn latest(labels: &[Label], watch: &Watch) -> Millis {
    labels.iter().map(|label| label.ts).max().unwrap_or(0).max(watch.latest())
}

/// Columns that come out otherwise where the log ends early.
fn find_leaks(job: &TrainJob<'_>, now: Millis, as_of: Millis) -> anyhow::Result<Vec<String>> {
    const ONE_IN: u32 = 20;
    let schema = detect::feature_schema(&job.settings.profile);
    let replayed = |until: Millis| {
        let sampling = Sampling { one_in: ONE_IN, ..Sampling::default() };
        let mut rows = Rows::sampled(schema.clone(), Keep::Every, sampling);
        let settings = job.settings.clone();
        replay_until(job.events, settings, (now, until), &mut |_| {}, &mut |row| rows.push(&row))?;
        anyhow::Ok(rows)
    };
    let whole = replayed(as_of)?;
    let middle = whole.span().map_or(0, |(first, last)| first.midpoint(last));
    Ok(dataset::leaks(&whole, &replayed(middle)?))
}

/// What is usual in each cohort, among accounts that are not known to be abusive.
fn usual(schema: &Schema, examples: &Examples) -> Baselines {
    let innocent = || (0..examples.x.len()).filter(|i| !examples.y[*i] && examples.likely[*i]);
    let cohorts: Vec<String> = innocent().map(|i| examples.cohorts[i].clone()).collect();
    let x: Vec<Vector> = innocent().map(|i| examples.x[i].clone()).collect();
    Baselines::fit(schema, &cohorts, &x)
}

fn provenance(examples: &Examples, dataset_hash: &str, as_of: Millis) -> Provenance {
    let accounts = |such: &dyn Fn(usize) -> bool| {
        let those = (0..examples.x.len()).filter(|i| such(*i)).map(|i| examples.accounts[i].as_str());
        those.collect::<BTreeSet<_>>().len()
    };
    Provenance {
        dataset_hash: dataset_hash.to_owned(),
        rows: examples.x.len(),
        accounts: accounts(&|_| true),
        positive_accounts: accounts(&|i| examples.y[i] && examples.likely[i]),
        as_of,
    }
}

/// The examples as training takes them; the vectors are moved.
fn to_fit(examples: &mut Examples) -> training::Examples {
    training::Examples {
        x: std::mem::take(&mut examples.x),
        y: examples.y.clone(),
        likely: examples.likely.clone(),
        open: examples.open.clone(),
        weight: examples.weight.clone(),
        fold: examples.fold.clone(),
    }
}

fn test_figures(examples: &training::Examples, fitted: &Fitted, threshold: f64) -> TestFigures {
    let rows: Vec<usize> = (0..examples.x.len()).filter(|i| examples.likely[*i]).collect();
    let p: Vec<f64> = rows.iter().map(|i| fitted.unseen[*i].1).collect();
    let y: Vec<bool> = rows.iter().map(|i| examples.y[*i]).collect();
    let weight = |such: &dyn Fn(usize) -> bool| -> f64 {
        rows.iter().enumerate().filter(|(at, _)| such(*at)).map(|(_, i)| examples.weight[*i]).sum()
    };
    let flagged = weight(&|at| p[at] >= threshold);
    let positives = weight(&|at| y[at]);
    let hits = weight(&|at| y[at] && p[at] >= threshold);
    let sampled: Vec<f64> = rows.iter().map(|i| examples.weight[*i]).collect();
    TestFigures {
        rows: rows.len(),
        positives: y.iter().filter(|y| **y).count(),
        average_precision: average_precision(&p, &y, &sampled),
        calibration_error: calibration_error(&p, &y, &sampled),
        precision_at_threshold: (flagged > 0.0).then(|| hits / flagged),
        recall_at_threshold: (positives > 0.0).then(|| hits / positives),
    }
}
