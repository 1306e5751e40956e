//! From events and labels to a model, its card and its report.

use std::path::Path;

use anyhow::{Context, bail};
use dataset::{Dataset, Examples, Keep, Part, Rows, Split};
use detect::Settings;
use evaluation::{average_precision, calibration_error};
use events::{Label, Millis, Verdict};
use platform::files::{self, Output, read_json_lines};
use schema::{Schema, Vector};
use scorers::{Artifact, Baselines, Model, Provenance};
use serde::Serialize;
use training::Params;

use crate::card;
use crate::replay::replay;

/// What to train from and where to write.
#[derive(Debug)]
pub struct TrainJob<'a> {
    /// Events, JSON Lines.
    pub events: &'a Path,
    /// Labels, JSON Lines.
    pub labels: &'a Path,
    /// The model's directory.
    pub out: &'a Path,
    /// Labels are visible up to here, milliseconds since the epoch; none for all of them.
    pub as_of: Option<Millis>,
    /// How event time is cut.
    pub settings: Settings,
    /// How to fit.
    pub params: Params,
}

/// What training made.
#[derive(Clone, Debug, Serialize)]
pub struct TrainReport {
    /// The model's id.
    pub model: String,
    /// The hash of the feature schema.
    pub schema: String,
    /// Events taken in.
    pub events: u64,
    /// Lines refused.
    pub rejected: u64,
    /// Rows of the data set.
    pub rows: usize,
    /// Accounts labelled abusive that were met.
    pub positive_accounts: usize,
    /// On late rows of accounts that training never saw.
    pub test: TestFigures,
}

/// Figures on the test part. What cannot be computed is null.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TestFigures {
    /// Rows.
    pub rows: usize,
    /// Rows of accounts labelled abusive.
    pub positives: usize,
    /// Average precision, 0 to 1.
    pub average_precision: Option<f64>,
    /// Expected calibration error, 0 to 1.
    pub calibration_error: f64,
    /// Of the rows at or over the model's threshold, the share labelled abusive.
    pub precision_at_threshold: Option<f64>,
    /// Of the rows labelled abusive, the share at or over the model's threshold.
    pub recall_at_threshold: Option<f64>,
}

/// Trains a model and writes `model.json`, `card.md`, `report.json` and `dataset.parquet`.
///
/// The model itself is written last, so that a directory with a model in it is whole.
///
/// # Errors
/// Where a file cannot be read or written, or there is too little to learn from.
pub fn train(job: &TrainJob<'_>, now: Millis, mut progress: impl FnMut(u64)) -> anyhow::Result<TrainReport> {
    let labels: Vec<Label> = read_json_lines(job.labels)?;
    let schema = detect::feature_schema(&job.settings.profile);
    let mut rows = Rows::new(schema.clone(), Keep::LastOfDay);
    let replayed = replay(job.events, job.settings.clone(), now, &mut progress, &mut |row| rows.push(&row))?;
    let as_of = job.as_of.or_else(|| labels.iter().map(|l| l.ts).max()).unwrap_or(0);
    if !labels.iter().any(|l| l.label == Verdict::Abusive && l.ts <= as_of) {
        bail!(
            "{} has no label \"abusive\" that was known by {as_of}; at least one is needed",
            job.labels.display()
        );
    }
    let dataset = Dataset::new(&rows, &labels, as_of, Split::default())?;
    let [mut train, mut calibrate, mut test] = parts(&dataset)?;
    let baselines = usual(&schema, &train);
    for part in [&mut train, &mut calibrate, &mut test] {
        let complete = |(x, cohort): (&Vector, &String)| baselines.complete(&schema, x, cohort);
        part.x = part.x.iter().zip(&part.cohorts).map(complete).collect();
    }
    let (logistic, calibration) =
        training::fit(&schema, &examples(&train), &examples(&calibrate), job.params.check()?)?;

    let provenance = Provenance {
        dataset_hash: dataset.hash()?,
        rows: train.x.len() + calibrate.x.len(),
        accounts: distinct(&train, |_| true) + distinct(&calibrate, |_| true),
        positive_accounts: distinct(&train, |y| y) + distinct(&calibrate, |y| y),
        as_of,
    };
    let mut artifact = Artifact::new(&schema, logistic, calibration, provenance);
    artifact.baselines = baselines;
    let document = artifact.encode();
    let model = Model::decode(&document, &schema).context("the model just made does not read back")?;
    let report = TrainReport {
        model: model.id().to_owned(),
        schema: schema.hash().to_owned(),
        events: replayed.counts().events.values().sum(),
        rejected: replayed.counts().rejected(),
        rows: rows.len(),
        positive_accounts: [&train, &calibrate, &test].map(|part| distinct(part, |y| y)).iter().sum(),
        test: test_figures(&model, &test),
    };
    let mut parquet = Output::create(&job.out.join("dataset.parquet"))?;
    dataset.write_parquet(&mut parquet)?;
    parquet.finish()?;
    files::write(&job.out.join("report.json"), &format!("{}\n", serde_json::to_string_pretty(&report)?))?;
    files::write(&job.out.join("card.md"), &card::write(&model, &schema, &report))?;
    files::write(&job.out.join("model.json"), &document)?;
    Ok(report)
}

fn parts(dataset: &Dataset) -> anyhow::Result<[Examples; 3]> {
    Ok([dataset.examples(Part::Train)?, dataset.examples(Part::Calibrate)?, dataset.examples(Part::Test)?])
}

/// What is usual in each cohort, among accounts that are not known to be abusive.
fn usual(schema: &Schema, train: &Examples) -> Baselines {
    let innocent = || train.y.iter().enumerate().filter(|(_, abusive)| !**abusive).map(|(i, _)| i);
    let cohorts: Vec<String> = innocent().map(|i| train.cohorts[i].clone()).collect();
    let x: Vec<Vector> = innocent().map(|i| train.x[i].clone()).collect();
    Baselines::fit(schema, &cohorts, &x)
}

fn examples(part: &Examples) -> training::Examples {
    training::Examples { x: part.x.clone(), y: part.y.clone() }
}

/// How many accounts a part has whose rows have such a label; rows of an account stand together.
fn distinct(part: &Examples, such: impl Fn(bool) -> bool) -> usize {
    let mut accounts: Vec<&String> =
        part.accounts.iter().zip(&part.y).filter(|(_, y)| such(**y)).map(|(account, _)| account).collect();
    accounts.dedup();
    accounts.len()
}

fn test_figures(model: &Model, test: &Examples) -> TestFigures {
    let p: Vec<f64> = test.x.iter().map(|x| model.score(x).p).collect();
    let threshold = model.artifact().threshold;
    let over: Vec<bool> = p.iter().map(|p| *p >= threshold).collect();
    let count = |such: &dyn Fn(bool, bool) -> bool| {
        over.iter().zip(&test.y).filter(|(over, y)| such(**over, **y)).count() as f64
    };
    let (flagged, positives, hits) = (count(&|over, _| over), count(&|_, y| y), count(&|over, y| over && y));
    TestFigures {
        rows: test.x.len(),
        positives: test.y.iter().filter(|y| **y).count(),
        average_precision: average_precision(&p, &test.y),
        calibration_error: calibration_error(&p, &test.y),
        precision_at_threshold: (flagged > 0.0).then(|| hits / flagged),
        recall_at_threshold: (positives > 0.0).then(|| hits / positives),
    }
}
