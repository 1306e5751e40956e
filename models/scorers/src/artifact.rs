//! A model as versioned data, and what makes one unfit for use.

use std::collections::BTreeMap;

use schema::{Schema, Vector};
use serde::{Deserialize, Serialize};

use crate::{Baselines, Calibration, Logistic, Score, Scorer};

/// The artefact's format; another number is another meaning.
const FORMAT: u32 = 3;

/// A trained model as data: everything that scoring needs, and nothing that could run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    /// Format of this document.
    pub format: u32,
    /// Hash of the feature schema that it was trained on.
    pub schema_hash: String,
    /// The columns that were always absent where it was trained, each with the reason.
    pub unavailable: BTreeMap<String, String>,
    /// Probability from which an account is flagged, in 0 to 1.
    pub threshold: f64,
    /// From log-odds to probability.
    pub calibration: Calibration,
    /// The model.
    pub scorer: Scorer,
    /// What is usual in each cohort.
    #[serde(default)]
    pub baselines: Baselines,
    /// What it was made from.
    pub provenance: Provenance,
}

/// What a model was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Provenance {
    /// Hash over the rows that were fitted, calibrated and tested on.
    pub dataset_hash: String,
    /// Training rows.
    pub rows: usize,
    /// Accounts among them.
    pub accounts: usize,
    /// Accounts labelled abusive among them.
    pub positive_accounts: usize,
    /// Labels were visible up to here, milliseconds since the epoch.
    pub as_of: u64,
}

impl Artifact {
    /// An artefact in today's format.
    pub fn new(
        schema: &Schema,
        scorer: impl Into<Scorer>,
        calibration: Calibration,
        provenance: Provenance,
    ) -> Self {
        let schema_hash = schema.hash().to_owned();
        // Where the calibrated probability says "more likely than not".
        Self {
            format: FORMAT,
            schema_hash,
            unavailable: unavailable(schema),
            threshold: 0.5,
            calibration,
            scorer: scorer.into(),
            baselines: Baselines::default(),
            provenance,
        }
    }

    /// The artefact as a document whose id is the hash of its content.
    pub fn encode(&self) -> String {
        let document = Document { id: self.id(), artifact: self.clone() };
        let text = match self.scorer {
            Scorer::Logistic(_) => serde_json::to_string_pretty(&document),
            // Tens of thousands of nodes are not read by eye.
            Scorer::Trees(_) => serde_json::to_string(&document),
        };
        #[expect(clippy::expect_used, reason = "names and finite numbers always encode")]
        let text = text.expect("an artefact encodes as JSON");
        text + "\n"
    }

    fn id(&self) -> String {
        #[expect(clippy::expect_used, reason = "names and finite numbers always encode")]
        let content = serde_json::to_vec(self).expect("an artefact encodes as JSON");
        format!("{:.16}", blake3::hash(&content).to_hex().as_str())
    }
}

/// The artefact as it is stored.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    id: String,
    artifact: Artifact,
}

/// What of a document of any format says which it is.
#[derive(Deserialize)]
struct OfFormat {
    artifact: Format,
}

#[derive(Deserialize)]
struct Format {
    format: u32,
}

/// The columns that a deployment cannot know, each with the reason.
fn unavailable(schema: &Schema) -> BTreeMap<String, String> {
    let reason = |feature: &schema::Feature| Some((feature.name.clone(), feature.unavailable.clone()?));
    schema.features().iter().filter_map(reason).collect()
}

/// Why a document is not a model that can be used here.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Not an artefact at all.
    #[error("not a model artefact")]
    Syntax(#[source] serde_json::Error),
    /// Written by another version.
    #[error("the artefact has format {found}, this program reads format {FORMAT}; train it again")]
    Format {
        /// Its format.
        found: u32,
    },
    /// Changed since it was written.
    #[error("the artefact says it is {said} but its content hashes to {found}: it was changed or damaged")]
    Damaged {
        /// The id written in it.
        said: String,
        /// The hash of its content.
        found: String,
    },
    /// Trained on other features.
    #[error(
        "the model was trained on feature schema {found}, this program computes {expected}{difference}; train it again"
    )]
    OtherSchema {
        /// The schema that this program computes.
        expected: String,
        /// The schema that the model knows.
        found: String,
        /// Which columns differ, in words.
        difference: String,
    },
    /// Quantiles that are none.
    #[error("the baselines' quantiles must be nine finite numbers that rise, for each column of each cohort")]
    Baselines,
    /// A calibration that falls, or is none.
    #[error("the {0} must rise with the score, in finite numbers")]
    Calibration(&'static str),
    /// Trees whose walks do not end.
    #[error("the trees' nodes must lead to nodes after them, split on known features, and be finite numbers")]
    Trees,
    /// A number that cannot be right.
    #[error("{field} is {found}, it must {must}")]
    Number {
        /// Where.
        field: String,
        /// What it is.
        found: f64,
        /// What would be right.
        must: &'static str,
    },
}

/// A model that has been checked against the feature schema and can score.
#[derive(Clone, Debug)]
pub struct Model {
    id: String,
    artifact: Artifact,
    percentiles: Vec<(usize, usize)>,
}

impl Model {
    /// Reads a document, refusing what is damaged, of another format, or of another feature schema.
    ///
    /// # Errors
    /// Says what does not fit and what would.
    pub fn decode(document: &str, schema: &Schema) -> Result<Self, Error> {
        let OfFormat { artifact: Format { format } } =
            serde_json::from_str(document).map_err(Error::Syntax)?;
        if format != FORMAT {
            return Err(Error::Format { found: format });
        }
        let Document { id: said, artifact } = serde_json::from_str(document).map_err(Error::Syntax)?;
        let found = artifact.id();
        if said != found {
            return Err(Error::Damaged { said, found });
        }
        check_schema(&artifact, schema)?;
        check_numbers(&artifact)?;
        if !artifact.baselines.is_sound() {
            return Err(Error::Baselines);
        }
        let percentiles = artifact.baselines.places(schema);
        Ok(Self { id: found, artifact, percentiles })
    }

    /// Sixteen hexadecimal digits over everything in the artefact.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The artefact.
    pub fn artifact(&self) -> &Artifact {
        &self.artifact
    }

    /// The raw column and the percentile column of each pair, by place.
    pub fn percentiles(&self) -> &[(usize, usize)] {
        &self.percentiles
    }

    /// A vector with its percentiles filled in: how it compares with its cohort.
    pub fn complete(&self, x: &Vector, cohort: &str) -> Vector {
        self.artifact.baselines.complete_at(&self.percentiles, x, cohort)
    }

    /// Log-odds and calibrated probability of a complete vector of the model's schema.
    pub fn score(&self, x: &Vector) -> Score {
        let score = self.artifact.scorer.score(x);
        Score { score, p: self.artifact.calibration.probability(score) }
    }
}

fn check_schema(artifact: &Artifact, schema: &Schema) -> Result<(), Error> {
    let known: Vec<&str> = artifact.scorer.columns().into_iter().map(|(feature, _)| feature).collect();
    let computed: Vec<&str> = schema.names().collect();
    if artifact.schema_hash == schema.hash() && known == computed {
        return Ok(());
    }
    let only = |mine: &[&str], others: &[&str]| -> Vec<String> {
        mine.iter().filter(|name| !others.contains(name)).map(|name| (*name).to_owned()).collect()
    };
    let mut difference = String::new();
    for (words, names) in
        [("only the model has", only(&known, &computed)), ("the model lacks", only(&computed, &known))]
    {
        if !names.is_empty() {
            difference += &format!(" ({words} {})", names.join(", "));
        }
    }
    difference += &other_knowledge(&artifact.unavailable, &unavailable(schema));
    if difference.is_empty() {
        difference += " (columns of the same name mean something else)";
    }
    Err(Error::OtherSchema {
        expected: schema.hash().to_owned(),
        found: artifact.schema_hash.clone(),
        difference,
    })
}

/// How what is known where the model was trained differs from what is known here, in words.
fn other_knowledge(there: &BTreeMap<String, String>, here: &BTreeMap<String, String>) -> String {
    let missing = |words: &str, mine: &BTreeMap<String, String>, others: &BTreeMap<String, String>| {
        let mut only = mine.iter().filter(|(name, reason)| others.get(*name) != Some(*reason));
        let Some((name, reason)) = only.next() else { return String::new() };
        match only.count() {
            0 => format!(" ({words} {reason}, and so no {name})"),
            n => format!(" ({words} {reason}, and so no {name}; {n} more columns differ)"),
        }
    };
    missing("where it was trained,", there, here) + &missing("here,", here, there)
}

fn check(field: &str, found: f64, good: bool, must: &'static str) -> Result<(), Error> {
    if good { Ok(()) } else { Err(Error::Number { field: field.to_owned(), found, must }) }
}

fn check_numbers(artifact: &Artifact) -> Result<(), Error> {
    let threshold = artifact.threshold;
    check("threshold", threshold, (0.0..=1.0).contains(&threshold), "lie in 0 to 1")?;
    if !artifact.calibration.is_sound() {
        return Err(Error::Calibration(artifact.calibration.name()));
    }
    match &artifact.scorer {
        Scorer::Logistic(logistic) => check_logistic(logistic),
        Scorer::Trees(trees) if trees.is_sound() => Ok(()),
        Scorer::Trees(_) => Err(Error::Trees),
    }
}

fn check_logistic(logistic: &Logistic) -> Result<(), Error> {
    check("intercept", logistic.intercept, logistic.intercept.is_finite(), "be finite")?;
    for column in &logistic.columns {
        let positive = column.scale.is_finite() && column.scale > 0.0;
        check(&format!("scale of {}", column.feature), column.scale, positive, "be positive")?;
        for (name, value) in [("centre", column.centre), ("weight", column.weight)] {
            check(&format!("{name} of {}", column.feature), value, value.is_finite(), "be finite")?;
        }
        let absent = column.weight_absent;
        check(&format!("weight_absent of {}", column.feature), absent, absent.is_finite(), "be finite")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests;
