//! The model card: what the model is for, what it was made from, how it fared, what it must not be used for.

use schema::Schema;
use scorers::Model;

use crate::TrainReport;

/// The card as Markdown.
pub(crate) fn write(model: &Model, schema: &Schema, report: &TrainReport) -> String {
    let artifact = model.artifact();
    let made_from = &artifact.provenance;
    let figure = |value: Option<f64>| value.map_or_else(|| "not known".to_owned(), |v| format!("{v:.3}"));
    let test = &report.test;
    let mut card = format!(
        "# Model {id}\n\n\
         A logistic regression over {width} features of contact metadata, calibrated by Platt scaling. Its output is \
         the probability that an account would be found abusive: a signal, not proof.\n\n\
         ## Use\n\n\
         For ranking accounts for review by people. Not for adverse acts by itself, and not on another feature \
         schema than `{schema_hash}`: it is refused there.\n\n\
         ## Made from\n\n\
         | | |\n|---|---|\n\
         | data set | `{dataset_hash}` |\n| rows | {rows} |\n| accounts | {accounts} |\n\
         | accounts labelled abusive | {positives} |\n| labels known by | {as_of} ms since the epoch |\n\n\
         Accounts without a label were taken as not abusive.\n\n\
         ## Test\n\n\
         On {test_rows} account-days ({test_positives} of accounts labelled abusive), of accounts that were neither \
         fitted nor calibrated on and later than all that was fitted on:\n\n\
         | figure | value |\n|---|---|\n\
         | average precision | {ap} |\n| precision at the threshold ({threshold}) | {precision} |\n\
         | recall at the threshold | {recall} |\n| calibration error | {ece:.4} |\n\n\
         ## Weights\n\n\
         Log-odds a standard deviation, and where the value is absent; the usual value beside them.\n\n\
         | feature | reason | weight | absent | usual |\n|---|---|---|---|---|\n",
        id = model.id(),
        width = schema.len(),
        schema_hash = artifact.schema_hash,
        dataset_hash = made_from.dataset_hash,
        rows = made_from.rows,
        accounts = made_from.accounts,
        positives = made_from.positive_accounts,
        as_of = made_from.as_of,
        test_rows = test.rows,
        test_positives = test.positives,
        ap = figure(test.average_precision),
        threshold = artifact.threshold,
        precision = figure(test.precision_at_threshold),
        recall = figure(test.recall_at_threshold),
        ece = test.calibration_error,
    );
    for (feature, column) in schema.features().iter().zip(&artifact.logistic.columns) {
        card += &format!(
            "| {} | {} | {:+.3} | {:+.3} | {} |\n",
            feature.name,
            feature.reason.code(),
            column.weight,
            column.weight_absent,
            feature.unit.in_words(column.baseline),
        );
    }
    card
}
