//! What must hold of a model before anything of it is shown.

use evaluation::{Evaluation, Figures, Interval, Slice};
use schema::Schema;
use serde::{Deserialize, Serialize};

use crate::Unreadable;
use crate::entry::{self, FORMAT};

/// Words that only somebody has who reads what people write, show or say.
const CONTENT: [&str; 19] = [
    "text",
    "texts",
    "body",
    "subject",
    "caption",
    "transcript",
    "keyword",
    "keywords",
    "language",
    "sentiment",
    "topic",
    "word",
    "words",
    "emoji",
    "url",
    "hashtag",
    "image",
    "perceptual",
    "embedding",
];

/// One gate, and what was found there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gate {
    /// Which.
    pub name: String,
    /// Whether it is open.
    pub passed: bool,
    /// What was found.
    pub said: String,
}

/// Every gate before one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gates {
    /// Format of this document.
    pub format: u32,
    /// The model.
    pub model: String,
    /// The champion that it was held against; none where there was none.
    pub against: Option<String>,
    /// BLAKE3 of the evaluation's figures.
    pub evaluation: String,
    /// What was found, each by itself.
    pub gates: Vec<Gate>,
    /// When, milliseconds since the epoch.
    pub at: u64,
}

/// What the gates look at.
#[derive(Debug)]
pub struct Proof<'a> {
    /// The model's id.
    pub model: &'a str,
    /// The champion's id.
    pub champion: Option<&'a str>,
    /// The schema whose vectors the model scores.
    pub schema: &'a Schema,
    /// The model on events that it was not trained on, with the champion beside it as `model <id>`.
    pub evaluation: &'a Evaluation,
    /// The most that probabilities of the surest hundredth may be off.
    pub calibration_error_max: f64,
    /// The hash of the artefact that is registered, and of the one that training gave again, or why there is none.
    pub reproduced: (&'a str, Result<String, String>),
}

impl Gates {
    /// Judges a model at `at`, milliseconds since the epoch.
    pub fn judge(proof: &Proof<'_>, at: u64) -> Self {
        let mut gates = vec![
            content(proof.schema),
            reproduced(&proof.reproduced),
            calibrated(proof.evaluation, proof.calibration_error_max),
        ];
        if let Some(champion) = proof.champion {
            let by = format!("model {champion}");
            match proof.evaluation.beside.iter().find(|figures| figures.by == by) {
                Some(figures) => {
                    gates.push(no_worse(&proof.evaluation.model, figures));
                    gates.push(no_slice_worse(&proof.evaluation.model.slices, &figures.slices));
                }
                None => gates.push(gate("champion", false, format!("was not held against {by}"))),
            }
        }
        let figures = serde_json::to_vec(proof.evaluation).unwrap_or_default();
        Self {
            format: FORMAT,
            model: proof.model.to_owned(),
            against: proof.champion.map(str::to_owned),
            evaluation: blake3::hash(&figures).to_hex().to_string(),
            gates,
            at,
        }
    }

    /// The gates that are shut.
    pub fn failed(&self) -> impl Iterator<Item = &Gate> {
        self.gates.iter().filter(|gate| !gate.passed)
    }

    /// Reads gates.
    ///
    /// # Errors
    /// Where the text is none.
    pub fn decode(text: &str) -> Result<Self, Unreadable> {
        entry::decode(text, |gates: &Self| gates.format)
    }

    /// The gates as a document.
    pub fn encode(&self) -> String {
        entry::encode(self)
    }
}

fn gate(name: &str, passed: bool, said: String) -> Gate {
    Gate { name: name.to_owned(), passed, said }
}

/// No column is of what people write, show or say.
fn content(schema: &Schema) -> Gate {
    let words = |text: &str| -> Vec<String> {
        text.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase).collect()
    };
    let bears =
        |feature: &&schema::Feature| words(&feature.name).iter().any(|word| CONTENT.contains(&word.as_str()));
    let bearing: Vec<&str> = schema.features().iter().filter(bears).map(|f| f.name.as_str()).collect();
    let said = match bearing.as_slice() {
        [] => format!("{} columns, none of content", schema.len()),
        some => format!("of content: {}", some.join(", ")),
    };
    gate("content", bearing.is_empty(), said)
}

/// Training again gives the artefact to the bit.
fn reproduced((registered, again): &(&str, Result<String, String>)) -> Gate {
    let (passed, said) = match again {
        Ok(again) if again == registered => (true, format!("trained again, it is {again}")),
        Ok(again) => (false, format!("trained again, it is {again} and not {registered}")),
        Err(why) => (false, format!("not trained again: {why}")),
    };
    gate("reproduction", passed, said)
}

fn calibrated(evaluation: &Evaluation, most: f64) -> Gate {
    let error = evaluation.reliability.error_top_percent;
    let said = format!("error {error:.4} in the surest hundredth, at most {most}");
    gate("calibration", error <= most, said)
}

/// Nothing that is found lies below the champion's interval, and something is found as well or better.
fn no_worse(model: &Figures, champion: &Figures) -> Gate {
    let pairs = [
        ("precision", model.precision, champion.precision),
        ("recall", model.recall, champion.recall),
        ("recall within 14 days", model.recall_soon, champion.recall_soon),
    ];
    let known = pairs.iter().filter_map(|(name, model, champion)| Some((*name, model.value?, *champion)));
    let known: Vec<(&str, f64, Interval)> = known.collect();
    let below: Vec<String> = known
        .iter()
        .filter(|(_, value, champion)| champion.low.is_some_and(|low| *value < low))
        .map(|(name, value, champion)| {
            format!("{name} {value:.3} lies below the champion's {:.3}", champion.low.unwrap_or(0.0))
        })
        .collect();
    let as_good = known.iter().any(|(_, value, champion)| champion.value.is_none_or(|other| *value >= other));
    let (passed, said) = match below.as_slice() {
        [] if as_good => {
            let said = known.iter().map(|(name, value, champion)| {
                format!("{name} {value:.3} (champion {:.3})", champion.value.unwrap_or(f64::NAN))
            });
            (true, said.collect::<Vec<_>>().join(", "))
        }
        [] => (false, "nothing is found as well as by the champion".to_owned()),
        some => (false, some.join(", ")),
    };
    gate("champion", passed, said)
}

/// In no slice are more innocent accounts wronged than by the champion, beyond what chance does.
fn no_slice_worse(model: &[Slice], champion: &[Slice]) -> Gate {
    let worse = |slice: &Slice| {
        let before = champion.iter().find(|other| other.of == slice.of && other.name == slice.name);
        let before = before.and_then(|other| other.rate.value).unwrap_or(0.0);
        let low = slice.rate.low?;
        (low > before).then(|| format!("{} {}: at least {low:.4}, was {before:.4}", slice.of, slice.name))
    };
    let worse: Vec<String> = model.iter().filter_map(worse).collect();
    let said = match worse.as_slice() {
        [] => format!("{} slices, none in which more are wronged", model.len()),
        some => some.join(", "),
    };
    gate("slices", worse.is_empty(), said)
}

#[cfg(test)]
mod tests;
