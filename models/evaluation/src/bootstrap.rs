//! How far a share would be off in another draw of the same people and rings.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// How often people are drawn anew.
const DRAWS: usize = 200;

/// A share with the range in which it lies in nineteen of twenty draws. Null where it is of nobody.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The share itself, 0 to 1.
    pub value: Option<f64>,
    /// One in forty draws is below.
    pub low: Option<f64>,
    /// One in forty draws is above.
    pub high: Option<f64>,
}

/// Draws of rings with replacement, the same every time.
#[derive(Debug)]
pub(crate) struct Resamples {
    rings: Vec<usize>,
    count: usize,
}

impl Resamples {
    /// Of accounts that belong to these rings.
    pub(crate) fn new(rings: impl Iterator<Item = usize>) -> Self {
        let rings: Vec<usize> = rings.collect();
        let count = rings.iter().max().map_or(0, |most| most + 1);
        Self { rings, count }
    }

    /// The sum of what accounts have above, over the sum of what they have below, in the accounts' order.
    ///
    /// Source: Efron 1979, by the percentile method, with rings drawn whole.
    pub(crate) fn share(&self, tallies: &[(f64, f64)]) -> Interval {
        // Most rings have nothing to do with it, and are drawn as one.
        let mut by_ring = vec![(0.0, 0.0); self.count];
        for (ring, (above, below)) in self.rings.iter().zip(tallies) {
            by_ring[*ring].0 += above;
            by_ring[*ring].1 += below;
        }
        let concerned: Vec<(f64, f64)> = by_ring.into_iter().filter(|(_, below)| *below > 0.0).collect();
        let ratio = |(above, below): (f64, f64)| (below > 0.0).then(|| above / below);
        let total = |sum: (f64, f64), one: &(f64, f64)| (sum.0 + one.0, sum.1 + one.1);
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        let mut drawn: Vec<f64> = Vec::with_capacity(DRAWS);
        for _ in 0..if concerned.is_empty() { 0 } else { DRAWS } {
            let draws = (0..concerned.len()).map(|_| &concerned[rng.random_range(0..concerned.len())]);
            drawn.extend(ratio(draws.fold((0.0, 0.0), total)));
        }
        drawn.sort_by(f64::total_cmp);
        let at = |part: usize| drawn.get(drawn.len() * part / 40).copied();
        Interval { value: ratio(concerned.iter().fold((0.0, 0.0), total)), low: at(1), high: at(39) }
    }
}
