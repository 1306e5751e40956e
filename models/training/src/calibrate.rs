//! From scores of accounts that the model has not seen to probabilities: three ways, of which the best is taken.

use scorers::{Beta, Calibration, Isotonic, beta_terms};

use crate::{Error, FOLDS};

/// Scores with what is so, a row each.
pub(crate) struct Scored<'a> {
    pub(crate) scores: &'a [f64],
    pub(crate) y: &'a [bool],
    pub(crate) weight: &'a [f64],
}

/// A way to calibrate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    Platt,
    Beta,
    Isotonic,
}

/// The way with the least log loss on folds that it was not fitted on; Platt scaling, the plainest, where they are even.
pub(crate) fn best(scored: &Scored<'_>, fold: &[usize]) -> Result<Way, Error> {
    let mut best = (Way::Platt, log_loss(scored, &Way::Platt.across(scored, fold)?));
    for way in [Way::Beta, Way::Isotonic] {
        let loss = log_loss(scored, &way.across(scored, fold)?);
        if loss < best.1 {
            best = (way, loss);
        }
    }
    Ok(best.0)
}

impl Way {
    /// Fitted on the rows that are such.
    pub(crate) fn fit(self, scored: &Scored<'_>, such: impl Fn(usize) -> bool) -> Result<Calibration, Error> {
        let rows = Rows::of(scored, such);
        match self {
            Way::Platt => {
                let [intercept, slope] = newton(&rows, |score| [1.0, score]);
                if slope > 0.0 { Ok(Calibration::platt(slope, intercept)) } else { Err(Error::Inverted) }
            }
            Way::Beta => beta(&rows),
            Way::Isotonic => isotonic(rows),
        }
    }

    /// For each fold, what was fitted on the others.
    pub(crate) fn by_fold(self, scored: &Scored<'_>, fold: &[usize]) -> Result<Vec<Calibration>, Error> {
        (0..FOLDS).map(|n| self.fit(scored, |i| fold[i] != n)).collect()
    }

    /// Each row's probability by what was fitted on the other folds.
    pub(crate) fn across(self, scored: &Scored<'_>, fold: &[usize]) -> Result<Vec<f64>, Error> {
        let by_fold = self.by_fold(scored, fold)?;
        Ok(scored.scores.iter().zip(fold).map(|(score, fold)| by_fold[*fold].probability(*score)).collect())
    }
}

/// Mean over the weight, with probabilities kept off 0 and 1.
fn log_loss(scored: &Scored<'_>, p: &[f64]) -> f64 {
    let rows = scored.y.iter().zip(scored.weight).zip(p);
    let (sum, weight) = rows.fold((0.0, 0.0), |(sum, all), ((y, weight), p)| {
        let p = p.clamp(1e-6, 1.0 - 1e-6);
        let loss = if *y { -p.ln() } else { -(1.0 - p).ln() };
        (sum + weight * loss, all + weight)
    });
    sum / weight
}

/// Scores, what they should come out as, and weights. What is so is pulled in a little, as Platt did, so that scores that
/// part all rows do not make for infinite slopes.
struct Rows {
    scores: Vec<f64>,
    target: Vec<f64>,
    weight: Vec<f64>,
    /// Share that is so.
    share: f64,
}

impl Rows {
    fn of(scored: &Scored<'_>, such: impl Fn(usize) -> bool) -> Self {
        let rows: Vec<usize> = (0..scored.scores.len()).filter(|i| such(*i)).collect();
        let count = |wanted: bool| rows.iter().filter(|i| scored.y[**i] == wanted).count() as f64;
        let (so, not) = (count(true), count(false));
        let target = |i: usize| if scored.y[i] { (so + 1.0) / (so + 2.0) } else { 1.0 / (not + 2.0) };
        let weight: Vec<f64> = rows.iter().map(|i| scored.weight[*i]).collect();
        let positive: f64 = rows.iter().filter(|i| scored.y[**i]).map(|i| scored.weight[*i]).sum();
        Self {
            scores: rows.iter().map(|i| scored.scores[*i]).collect(),
            target: rows.iter().map(|i| target(*i)).collect(),
            share: positive / weight.iter().sum::<f64>(),
            weight,
        }
    }
}

/// Logistic regression over two terms by Newton's method, halving steps that make it worse.
fn newton(rows: &Rows, terms: impl Fn(f64) -> [f64; 2]) -> [f64; 2] {
    const STEPS_MAX: usize = 100;
    let x: Vec<[f64; 2]> = rows.scores.iter().map(|score| terms(*score)).collect();
    let odds = |w: [f64; 2], x: &[f64; 2]| w[0] * x[0] + w[1] * x[1];
    let loss = |w: [f64; 2]| -> f64 {
        let one = |((x, t), weight): ((&[f64; 2], &f64), &f64)| {
            let z = odds(w, x);
            weight * (z.max(0.0) - z * t + (-z.abs()).exp().ln_1p())
        };
        x.iter().zip(&rows.target).zip(&rows.weight).map(one).sum()
    };
    let mut w = [0.0, 0.0];
    let mut now = loss(w);
    for _ in 0..STEPS_MAX {
        let (mut g, mut h) = ([0.0; 2], [0.0, 0.0, 0.0]);
        for ((x, t), weight) in x.iter().zip(&rows.target).zip(&rows.weight) {
            let p = 1.0 / (1.0 + (-odds(w, x)).exp());
            let (d, c) = (weight * (p - t), weight * p * (1.0 - p));
            g = [g[0] + d * x[0], g[1] + d * x[1]];
            h = [h[0] + c * x[0] * x[0], h[1] + c * x[0] * x[1], h[2] + c * x[1] * x[1]];
        }
        let (a, c) = (h[0] + 1e-9, h[2] + 1e-9);
        let determinant = a * c - h[1] * h[1];
        let step = [(c * g[0] - h[1] * g[1]) / determinant, (a * g[1] - h[1] * g[0]) / determinant];
        let tried =
            (0..30).map(|k| 0.5_f64.powi(k)).map(|part| [w[0] - part * step[0], w[1] - part * step[1]]);
        let Some((next, better)) = tried.map(|w| (w, loss(w))).find(|(_, found)| *found < now) else { break };
        let gained = now - better;
        (w, now) = (next, better);
        if gained < 1e-10 * now.abs() {
            break;
        }
    }
    w
}

/// The slopes at least 0, the intercept found for each pair: by turns, until neither moves.
fn beta(rows: &Rows) -> Result<Calibration, Error> {
    let both = |score: f64, share: f64| {
        let [low, high] = beta_terms(score);
        share * low + (1.0 - share) * high
    };
    // low and high are the parts of one slope over a mixture of both terms, which is searched for by sections.
    let fitted = |share: f64| {
        let [intercept, slope] = newton(rows, |score| [1.0, both(score, share)]);
        let slope = slope.max(0.0);
        let loss: f64 = (0..rows.scores.len())
            .map(|i| {
                let z = slope.mul_add(both(rows.scores[i], share), intercept);
                rows.weight[i] * (z.max(0.0) - z * rows.target[i] + (-z.abs()).exp().ln_1p())
            })
            .sum();
        (loss, share, slope, intercept)
    };
    let best = (0..=20_u8).map(|n| fitted(f64::from(n) / 20.0)).min_by(|a, b| a.0.total_cmp(&b.0));
    let Some((_, share, slope, intercept)) = best.filter(|best| best.2 > 0.0) else {
        return Err(Error::Inverted);
    };
    Ok(Calibration::Beta(Beta { low: slope * share, high: slope * (1.0 - share), intercept }))
}

/// Pool adjacent violators: neighbours that fall are made one. Each block is a point at its mean score, its share pulled
/// towards the population's as if one more row of it had been seen.
fn isotonic(rows: Rows) -> Result<Calibration, Error> {
    struct Block {
        score: f64,
        so: f64,
        weight: f64,
    }
    let mut order: Vec<usize> = (0..rows.scores.len()).collect();
    order.sort_by(|a, b| rows.scores[*a].total_cmp(&rows.scores[*b]));
    let mut blocks: Vec<Block> = Vec::new();
    for i in order {
        let weight = rows.weight[i];
        blocks.push(Block { score: weight * rows.scores[i], so: weight * rows.target[i], weight });
        while let [.., before, last] = &mut blocks[..] {
            let same = before.score * last.weight == last.score * before.weight;
            if before.so * last.weight < last.so * before.weight && !same {
                break;
            }
            before.score += last.score;
            before.so += last.so;
            before.weight += last.weight;
            blocks.pop();
        }
    }
    let mut points: Vec<(f64, f64)> = Vec::new();
    for Block { score, so, weight } in blocks {
        let (at, p) = (score / weight, (so + rows.share) / (weight + 1.0));
        let before = points.last().map_or((f64::NEG_INFINITY, 0.0), |last| *last);
        if at > before.0 {
            points.push((at, p.max(before.1)));
        }
    }
    let rises = points.first().map(|p| p.1) < points.last().map(|p| p.1);
    if rises { Ok(Calibration::Isotonic(Isotonic { points })) } else { Err(Error::Inverted) }
}

#[cfg(test)]
mod tests;
