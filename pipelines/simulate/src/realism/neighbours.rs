//! Whether a classifier can tell two samples apart.

/// Neighbours that vote.
const NEIGHBOURS: usize = 15;

/// The AUC of a nearest-neighbour classifier that is to tell `a` from `b`, each member judged by the others; 0.5 where
/// it cannot, 1 where it always can.
///
/// Columns are compared by rank, so that their units do not matter. Time grows with the square of the members.
/// Source: classifier two-sample tests (Lopez-Paz and Oquab 2017).
pub fn two_sample_auc(a: &[Vec<f64>], b: &[Vec<f64>]) -> Option<f64> {
    let points: Vec<&Vec<f64>> = a.iter().chain(b).collect();
    if a.len() < NEIGHBOURS || b.len() < NEIGHBOURS {
        return None;
    }
    let ranked = ranks(&points);
    // Samples of different size vote with the same weight.
    let weight = [1.0 / a.len() as f64, 1.0 / b.len() as f64];
    let is_b = |i: usize| i >= a.len();
    let scores: Vec<f64> = (0..points.len())
        .map(|i| {
            let mut near: Vec<(f64, usize)> = (0..points.len())
                .filter(|j| *j != i)
                .map(|j| (distance(&ranked[i], &ranked[j]), j))
                .collect();
            near.select_nth_unstable_by(NEIGHBOURS - 1, |x, y| x.0.total_cmp(&y.0).then(x.1.cmp(&y.1)));
            let votes = |b: bool| near[..NEIGHBOURS].iter().filter(|(_, j)| is_b(*j) == b).count() as f64;
            let (for_a, for_b) = (votes(false) * weight[0], votes(true) * weight[1]);
            for_b / (for_a + for_b)
        })
        .collect();
    let labels: Vec<bool> = (0..points.len()).map(is_b).collect();
    evaluation::auc(&scores, &labels)
}

/// Each column as ranks from 0 to 1, equal values with the same.
fn ranks(points: &[&Vec<f64>]) -> Vec<Vec<f64>> {
    let width = points.first().map_or(0, |point| point.len());
    let mut ranked = vec![vec![0.0; width]; points.len()];
    for column in 0..width {
        let mut order: Vec<usize> = (0..points.len()).collect();
        order.sort_by(|a, b| points[*a][column].total_cmp(&points[*b][column]));
        let mut start = 0;
        while start < order.len() {
            let value = points[order[start]][column];
            let end = (start..order.len()).find(|i| points[order[*i]][column] > value).unwrap_or(order.len());
            for i in &order[start..end] {
                ranked[*i][column] = (start + end) as f64 / 2.0 / points.len() as f64;
            }
            start = end.max(start + 1);
        }
    }
    ranked
}

fn distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| (x - y).powi(2)).sum()
}
