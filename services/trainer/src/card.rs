//! The model card: what the model is for, what it was made from, how it fared, what it must not be used for.

use schema::Schema;
use scorers::{Logistic, Model, Scorer, Trees};

use crate::TrainReport;

/// The card as Markdown.
pub(crate) fn write(model: &Model, schema: &Schema, report: Option<&TrainReport>) -> String {
    let artifact = model.artifact();
    let made_from = &artifact.provenance;
    let mut card = format!(
        "# Model {id}\n\n\
         {kind} over {width} features of contact metadata, calibrated by {calibration}. Its output is \
         the probability that an account would be found abusive: a signal, not proof.\n\n\
         ## Use\n\n\
         For ranking accounts for review by people. Not for adverse acts by itself, and not on another feature \
         schema than `{schema_hash}`: it is refused there.\n\n\
         ## Made from\n\n\
         | | |\n|---|---|\n\
         | data set | `{dataset_hash}` |\n| rows | {rows} |\n| accounts | {accounts} |\n\
         | accounts taken for abusive | {positives} |\n| labels known by | {as_of} ms since the epoch |\n\n\
         Accounts that nobody decided on and nobody reported were taken as not abusive; those that were only reported, as \
         far as reports are usually right, up to the first report. `manifest.json` has all that went in, by hash.\n\n\
         ## Test\n\n{test}\n\n",
        id = model.id(),
        kind = match artifact.scorer {
            Scorer::Logistic(_) => "A logistic regression",
            Scorer::Trees(_) => "Boosted trees",
        },
        calibration = artifact.calibration.name(),
        width = schema.len(),
        schema_hash = artifact.schema_hash,
        dataset_hash = made_from.dataset_hash,
        rows = made_from.rows,
        accounts = made_from.accounts,
        positives = made_from.positive_accounts,
        as_of = made_from.as_of,
        test = report.map_or_else(
            || "It was trained elsewhere; what is said of its data set is what was said of it.".to_owned(),
            |report| figures(report, artifact.threshold),
        ),
    );
    card += &match &artifact.scorer {
        Scorer::Logistic(logistic) => weights(logistic, schema),
        Scorer::Trees(trees) => shares(trees, schema),
    };
    card
}

fn figures(report: &TrainReport, threshold: f64) -> String {
    let figure = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |v| format!("{v:.3}"));
    let test = &report.test;
    format!(
        "On {rows} rows ({positives} of accounts taken for abusive), each judged by a model that had seen \
         nothing of its account, nor of accounts on the same devices:\n\n\
         | figure | value |\n|---|---|\n\
         | average precision | {ap} |\n| precision at the threshold ({threshold}) | {precision} |\n\
         | recall at the threshold | {recall} |\n| calibration error | {ece:.4} |",
        rows = test.rows,
        positives = test.positives,
        ap = figure(test.average_precision),
        precision = figure(test.precision_at_threshold),
        recall = figure(test.recall_at_threshold),
        ece = test.calibration_error,
    )
}

fn weights(logistic: &Logistic, schema: &Schema) -> String {
    let mut table = "## Weights\n\n\
         Log-odds a standard deviation, and where the value is absent; the usual value beside them.\n\n\
         | feature | reason | weight | absent | usual |\n|---|---|---|---|---|\n"
        .to_owned();
    for (feature, column) in schema.features().iter().zip(&logistic.columns) {
        table += &format!(
            "| {} | {} | {:+.3} | {:+.3} | {} |\n",
            feature.name,
            feature.reason.code(),
            column.weight,
            column.weight_absent,
            feature.unit.in_words(column.baseline),
        );
    }
    table
}

/// On how many splits each feature is looked at, most first.
fn shares(trees: &Trees, schema: &Schema) -> String {
    let splits = trees.splits();
    let all: usize = splits.iter().sum();
    let mut order: Vec<usize> = (0..splits.len()).filter(|i| splits[*i] > 0).collect();
    order.sort_by_key(|i| std::cmp::Reverse(splits[*i]));
    let mut table = format!(
        "## Splits\n\n\
         {all} splits in {} trees; the expected score is {:+.3}. More of a feature marked with ↑ never lowers the \
         score.\n\n\
         | feature | reason | splits | usual |\n|---|---|---|---|\n",
        trees.roots.len(),
        trees.expected(),
    );
    for i in order {
        let feature = &schema.features()[i];
        table += &format!(
            "| {}{} | {} | {} | {} |\n",
            feature.name,
            if feature.is_only_worse() { " ↑" } else { "" },
            feature.reason.code(),
            splits[i],
            feature.unit.in_words(trees.columns[i].baseline),
        );
    }
    table
}
