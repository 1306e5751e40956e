//! From a scored vector to a flag: when an account first reaches the threshold, and at each further tenth.

use std::collections::{BTreeMap, HashMap};

use events::{Millis, Token};
use schema::{Family, ReasonCode, Schema, Vector};
use scorers::{Model, Score};
use serde::{Deserialize, Serialize};

use crate::features::Catalogue;
use crate::gate::Gate;
use crate::{Evidence, Flag, Profile, Reason, Row, feature_schema};

/// The most reasons on a flag.
const REASONS_MAX: usize = 6;

/// Evidence older than this is not shown, in milliseconds.
const EVIDENCE_MS: Millis = 28 * 24 * 60 * 60 * 1000;

/// Scores rows with one model and remembers how high each account has been flagged.
#[derive(Clone, Debug)]
pub struct Flagger {
    schema: Schema,
    model: Model,
    threshold: f64,
    gate: Gate,
    steps: HashMap<Token, u8>,
}

/// What a flagger remembers, for a snapshot.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FlaggedSteps {
    model: String,
    threshold: f64,
    steps: Vec<(Token, u8)>,
}

impl FlaggedSteps {
    pub(crate) fn into_steps(self) -> HashMap<Token, u8> {
        self.steps.into_iter().collect()
    }
}

impl Flagger {
    /// Flags with `model`, of this profile's schema, from probability `threshold` on, or else from the model's own.
    pub fn new(model: Model, profile: &Profile, threshold: Option<f64>) -> Self {
        let threshold = threshold.unwrap_or_else(|| model.artifact().threshold);
        let gate = Gate::new(&Catalogue::new(profile), &model, threshold);
        Self { schema: feature_schema(profile), model, threshold, gate, steps: HashMap::new() }
    }

    /// What tells which accounts need not be scored.
    pub fn gate(&self) -> Gate {
        self.gate.clone()
    }

    /// The model.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The probability from which accounts are flagged, 0 to 1.
    pub fn threshold(&self) -> f64 {
        self.threshold
    }

    /// The score of a row, and a flag if it reaches the threshold for the first time or climbs by a further
    /// tenth. An account that has turned to nobody has harmed nobody, whatever it shares with others: it has no flag.
    pub fn consider(&mut self, row: &Row<'_>) -> (Score, Option<Flag>) {
        let x = self.model.complete(&row.x, row.cohort.name());
        let score = self.model.score(&x);
        let step = self.step(score.p);
        if !row.has_turned_to_anybody
            || step == 0
            || self.steps.get(&row.account).is_some_and(|before| *before >= step)
        {
            return (score, None);
        }
        self.steps.insert(row.account.clone(), step);
        (score, Some(self.flag(row, &x, score, step)))
    }

    /// 0 below the threshold, 1 from it on, one more at each further tenth.
    fn step(&self, p: f64) -> u8 {
        if p < self.threshold {
            return 0;
        }
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10")]
        let tenths = ((p - self.threshold) * 10.0 + 1e-9).floor() as u8;
        tenths + 1
    }

    fn flag(&self, row: &Row<'_>, x: &Vector, score: Score, step: u8) -> Flag {
        let recent = |e: &Evidence| row.at.saturating_sub(e.ts) < EVIDENCE_MS;
        let timeline: Vec<Evidence> = row.evidence().into_iter().filter(recent).collect();
        let number = |v: &f64| (!v.is_nan()).then_some(*v);
        Flag {
            flag_id: flag_id(&row.account, self.model.id(), row.at, step),
            account: row.account.clone(),
            ts: row.at,
            p: score.p,
            score: score.score,
            model: self.model.id().to_owned(),
            reasons: self.reasons(x),
            families: self.families(x),
            evidence: timeline.iter().map(|e| e.event.clone()).collect(),
            timeline,
            features: self.schema.names().map(str::to_owned).zip(x.values().iter().map(number)).collect(),
        }
    }

    /// What the features of each family add together.
    fn families(&self, x: &Vector) -> BTreeMap<Family, f64> {
        let mut families = BTreeMap::new();
        let contributions = self.model.artifact().scorer.contributions(x);
        for (feature, contribution) in self.schema.features().iter().zip(contributions) {
            *families.entry(feature.family).or_default() += contribution;
        }
        families
    }

    /// What pushed the score up most, one feature a reason code, heaviest first.
    ///
    /// With correlated columns a model may give weight to the harmless side of one; that is no reason.
    fn reasons(&self, x: &Vector) -> Vec<Reason> {
        let scorer = &self.model.artifact().scorer;
        let columns = scorer.columns().into_iter().zip(scorer.contributions(x)).zip(x.values());
        let mut reasons: Vec<Reason> = self
            .schema
            .features()
            .iter()
            .zip(columns)
            .filter(|(feature, (((_, baseline), contribution), value))| {
                *contribution > 0.0 && feature.direction.holds(**value, *baseline)
            })
            .map(|(feature, (((_, baseline), contribution), value))| Reason {
                code: feature.reason,
                feature: feature.name.clone(),
                value: *value,
                baseline,
                contribution,
                text: feature.explain(*value, baseline),
            })
            .collect();
        reasons.sort_by(|a, b| {
            b.contribution.total_cmp(&a.contribution).then_with(|| a.feature.cmp(&b.feature))
        });
        let mut seen: Vec<ReasonCode> = Vec::new();
        reasons.retain(|reason| {
            let new = !seen.contains(&reason.code);
            seen.push(reason.code);
            new
        });
        reasons.truncate(REASONS_MAX);
        reasons
    }

    /// How high each account has been flagged.
    pub(crate) fn flagged(&self) -> &HashMap<Token, u8> {
        &self.steps
    }

    /// Takes accounts for flagged as high as this, whoever flagged them.
    pub(crate) fn take_over(&mut self, steps: HashMap<Token, u8>) {
        self.steps = steps;
    }

    /// These steps as they are stored; in order of token.
    pub(crate) fn remember(&self, steps: HashMap<Token, u8>) -> FlaggedSteps {
        let mut steps: Vec<(Token, u8)> = steps.into_iter().collect();
        steps.sort_unstable();
        FlaggedSteps { model: self.model.id().to_owned(), threshold: self.threshold, steps }
    }

    /// What is remembered, for a snapshot; in order of token.
    pub fn steps(&self) -> FlaggedSteps {
        self.remember(self.steps.clone())
    }

    /// Takes up what was remembered, if it was under the same model and threshold: another model flags anew.
    pub fn resume(&mut self, remembered: FlaggedSteps) {
        if remembered.model == self.model.id() && remembered.threshold.to_bits() == self.threshold.to_bits() {
            self.steps = remembered.steps.into_iter().collect();
        }
    }
}

/// Thirty-two hexadecimal digits over what caused the flag; changing what goes in would re-flag all history.
fn flag_id(account: &Token, model: &str, at: Millis, step: u8) -> String {
    let mut hasher = blake3::Hasher::new();
    for part in [account.as_str(), model, &at.to_string(), &step.to_string()] {
        hasher.update(part.as_bytes());
        hasher.update(b"\n");
    }
    format!("{:.32}", hasher.finalize().to_hex().as_str())
}
