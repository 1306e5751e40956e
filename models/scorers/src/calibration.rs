//! From a model's log-odds to a probability that means what it says.

use serde::{Deserialize, Serialize};

/// A map from scores to probabilities that never falls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Calibration {
    /// A logistic curve of the score.
    Platt(Platt),
    /// A logistic curve with two slopes.
    Beta(Beta),
    /// Lines between measured points.
    Isotonic(Isotonic),
}

/// Platt scaling: p = 1 / (1 + exp(−(slope · score + intercept))).
///
/// Source: J. Platt, "Probabilistic outputs for support vector machines", 1999.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Platt {
    /// Multiplies the score; positive, so that a higher score is never less probable.
    pub slope: f64,
    /// Added to it.
    pub intercept: f64,
}

/// Beta calibration: with q = 1 / (1 + exp(−score)), the log-odds are low · ln q − high · ln(1 − q) + intercept.
///
/// Source: Kull, Silva Filho and Flach, "Beta calibration", 2017.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Beta {
    /// Slope among low scores; at least 0.
    pub low: f64,
    /// Slope among high scores; at least 0, and one of both positive.
    pub high: f64,
    /// Log-odds added to both.
    pub intercept: f64,
}

/// Isotonic regression, straight between the points and level beyond them.
///
/// Source: Zadrozny and Elkan, "Transforming classifier scores into accurate multiclass probability estimates", 2002.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Isotonic {
    /// Score and probability of each point, both rising; at least one.
    pub points: Vec<(f64, f64)>,
}

impl Calibration {
    /// Platt scaling.
    pub fn platt(slope: f64, intercept: f64) -> Self {
        Self::Platt(Platt { slope, intercept })
    }

    /// The kind's name.
    pub const fn name(&self) -> &'static str {
        match self {
            Calibration::Platt(_) => "Platt scaling",
            Calibration::Beta(_) => "beta calibration",
            Calibration::Isotonic(_) => "isotonic regression",
        }
    }

    /// The probability of a score, 0 to 1.
    pub fn probability(&self, score: f64) -> f64 {
        match self {
            Calibration::Platt(platt) => sigmoid(platt.slope.mul_add(score, platt.intercept)),
            Calibration::Beta(beta) => sigmoid(beta.odds(score)),
            Calibration::Isotonic(isotonic) => isotonic.probability(score),
        }
    }

    /// A score below which no probability is `p` or more, for p strictly between 0 and 1; infinite where none is.
    /// It lies close to the least score of such a probability.
    pub fn score_at(&self, p: f64) -> f64 {
        let odds = (p / (1.0 - p)).ln();
        match self {
            Calibration::Platt(platt) => (odds - platt.intercept) / platt.slope,
            Calibration::Beta(beta) => bisect(|score| beta.odds(score) < odds),
            Calibration::Isotonic(isotonic) => isotonic.score_at(p),
        }
    }

    /// Whether it never falls, and every number is one.
    pub(crate) fn is_sound(&self) -> bool {
        let finite = |numbers: &[f64]| numbers.iter().all(|n| n.is_finite());
        match self {
            Calibration::Platt(Platt { slope, intercept }) => finite(&[*slope, *intercept]) && *slope > 0.0,
            Calibration::Beta(Beta { low, high, intercept }) => {
                finite(&[*low, *high, *intercept]) && *low >= 0.0 && *high >= 0.0 && low + high > 0.0
            }
            Calibration::Isotonic(Isotonic { points }) => {
                let rises = |two: &[(f64, f64)]| two[0].0 < two[1].0 && two[0].1 <= two[1].1;
                !points.is_empty()
                    && points.iter().all(|(score, p)| score.is_finite() && (0.0..=1.0).contains(p))
                    && points.windows(2).all(rises)
            }
        }
    }
}

impl Beta {
    fn odds(&self, score: f64) -> f64 {
        let [low, high] = beta_terms(score);
        self.low.mul_add(low, self.high.mul_add(high, self.intercept))
    }
}

/// ln q and −ln(1 − q) of a score's q = 1 / (1 + exp(−score)); both rise with the score.
pub fn beta_terms(score: f64) -> [f64; 2] {
    let softplus = |x: f64| x.max(0.0) + (-x.abs()).exp().ln_1p();
    [-softplus(-score), softplus(score)]
}

impl Isotonic {
    fn probability(&self, score: f64) -> f64 {
        let after = self.points.partition_point(|(at, _)| *at <= score);
        match (after.checked_sub(1).map(|i| self.points[i]), self.points.get(after)) {
            (None, None) => f64::NAN,
            (Some((_, p)), None) => p,
            (None, Some((_, p))) => *p,
            (Some((left, low)), Some((right, high))) => {
                let part = (score - left) / (right - left);
                (low + part * (high - low)).clamp(low, *high)
            }
        }
    }

    fn score_at(&self, p: f64) -> f64 {
        let after = self.points.partition_point(|(_, at)| *at < p);
        match (after.checked_sub(1).map(|i| self.points[i]), self.points.get(after)) {
            (_, None) => f64::INFINITY,
            (None, Some(_)) => f64::NEG_INFINITY,
            (Some((left, low)), Some((right, high))) => left + (p - low) / (high - low) * (right - left),
        }
    }
}

fn sigmoid(odds: f64) -> f64 {
    if odds >= 0.0 {
        1.0 / (1.0 + (-odds).exp())
    } else {
        let e = odds.exp();
        e / (1.0 + e)
    }
}

/// Beyond this, a score is as good as certain.
const SCORE_MAX: f64 = 1e4;

/// The greatest score that was found to be below, to the last bits; infinite where all are.
fn bisect(is_below: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (-SCORE_MAX, SCORE_MAX);
    if is_below(high) {
        return f64::INFINITY;
    }
    if !is_below(low) {
        return f64::NEG_INFINITY;
    }
    while high - low > 1e-9 {
        let middle = f64::midpoint(low, high);
        if is_below(middle) { low = middle } else { high = middle }
    }
    low
}
