//! Figures over probabilities and what is so.

/// Area under the precision–recall curve as the mean precision at each positive, 0 to 1; none without any.
///
/// Shapes: `p.len() == y.len()`. Ties count as if in the given order.
pub fn average_precision(p: &[f64], y: &[bool]) -> Option<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|a, b| p[*b].total_cmp(&p[*a]));
    let (mut hits, mut sum) = (0.0, 0.0);
    for (rank, i) in order.into_iter().enumerate() {
        if y[i] {
            hits += 1.0;
            sum += hits / (rank as f64 + 1.0);
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

/// Expected calibration error, 0 to 1: over ten bins of equally many rows, the mean distance between the mean
/// probability and the share that is so. Over no rows it is 0.
///
/// Shapes: `p.len() == y.len()`. Source: Naeini, Cooper and Hauskrecht 2015, with equal-mass bins.
pub fn calibration_error(p: &[f64], y: &[bool]) -> f64 {
    const BINS: usize = 10;
    let mut rows: Vec<(f64, bool)> = p.iter().copied().zip(y.iter().copied()).collect();
    rows.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = rows.len();
    let distance = |bin: usize| {
        let part = &rows[bin * n / BINS..(bin + 1) * n / BINS];
        let expected: f64 = part.iter().map(|(p, _)| p).sum();
        let found = part.iter().filter(|(_, y)| *y).count() as f64;
        (expected - found).abs()
    };
    if n == 0 { 0.0 } else { (0..BINS).map(distance).sum::<f64>() / n as f64 }
}

/// The middle value; the mean of the two middle ones where there are evenly many. None without any.
pub(crate) fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n == 0 {
        return None;
    }
    Some(f64::midpoint(values[(n - 1) / 2], values[n / 2]))
}

#[cfg(test)]
mod tests;
