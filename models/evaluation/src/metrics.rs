//! Figures over probabilities and what is so.

/// Area under the precision–recall curve as the mean precision at each positive, 0 to 1; none without any.
///
/// Shapes: `p.len() == y.len() == weight.len()`; a row counts as often as its weight says. Ties count as if in the given
/// order.
pub fn average_precision(p: &[f64], y: &[bool], weight: &[f64]) -> Option<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let (mut hits, mut all, mut sum) = (0.0, 0.0, 0.0);
    for i in order {
        all += weight[i];
        if y[i] {
            hits += weight[i];
            sum += weight[i] * hits / all;
        }
    }
    (hits > 0.0).then(|| sum / hits)
}

/// Area under the ROC curve, 0 to 1: how often a positive has a higher score than a negative, ties counted half; none
/// where one kind is missing.
///
/// Shapes: `p.len() == y.len()`. Source: Mann and Whitney 1947.
pub fn auc(p: &[f64], y: &[bool]) -> Option<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let (mut below, mut wins, mut positives, mut start) = (0.0, 0.0, 0.0, 0);
    while start < order.len() {
        let value = p[order[start]];
        let end = start + order[start..].iter().take_while(|i| p[**i] <= value).count().max(1);
        let hits = order[start..end].iter().filter(|i| y[**i]).count() as f64;
        let misses = (end - start) as f64 - hits;
        wins += hits * (below + misses / 2.0);
        positives += hits;
        below += misses;
        start = end;
    }
    (positives > 0.0 && below > 0.0).then(|| wins / (positives * below))
}

/// Expected calibration error, 0 to 1: over ten bins of equal weight, the mean distance between the mean probability and
/// the share that is so. Over no rows it is 0.
///
/// Shapes: `p.len() == y.len() == weight.len()`. Source: Naeini, Cooper and Hauskrecht 2015, with equal-mass bins.
pub fn calibration_error(p: &[f64], y: &[bool], weight: &[f64]) -> f64 {
    const BINS: f64 = 10.0;
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*a].total_cmp(&p[*b]));
    let all: f64 = weight.iter().sum();
    let (mut below, mut bin, mut distance, mut error) = (0.0, 0.0, 0.0_f64, 0.0);
    for i in order {
        if below >= (bin + 1.0) * all / BINS {
            error += distance.abs();
            distance = 0.0;
            bin = (below * BINS / all).floor();
        }
        distance += weight[i] * (p[i] - f64::from(u8::from(y[i])));
        below += weight[i];
    }
    if all > 0.0 { (error + distance.abs()) / all } else { 0.0 }
}

/// The value below which a share of the values lies, between two of them where it falls between; none without any.
pub(crate) fn quantile(mut values: Vec<f64>, share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let place = values.len().checked_sub(1)? as f64 * share;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
    let (low, high) = (values[place.floor() as usize], values[place.ceil() as usize]);
    Some(low + (high - low) * place.fract())
}

#[cfg(test)]
mod tests;
