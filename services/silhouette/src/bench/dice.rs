//! Chance without memory: every draw is a hash of a seed and of what it is for.

/// Mixes a number; every bit of what comes out depends on every bit that went in.
///
/// Source: the finaliser of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators", 2014).
pub(crate) fn mix(mut x: u64) -> u64 {
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// The draw number `b` of stream `a`.
pub(crate) fn draw(seed: u64, a: u64, b: u64) -> u64 {
    let stream = mix(seed ^ a.wrapping_mul(0x9e37_79b9_7f4a_7c15));
    mix(stream ^ b.wrapping_mul(0xd1b5_4a32_d192_ed03))
}

/// A draw as a whole number from 0 to `n - 1`; 0 where `n` is 0.
pub(crate) fn below(draw: u64, n: u32) -> u32 {
    #[expect(clippy::cast_possible_truncation, reason = "smaller than n, which is a u32")]
    let number = ((u128::from(draw) * u128::from(n)) >> 64) as u32;
    number
}

/// Whether a draw falls on a chance of so many in ten thousand.
pub(crate) fn happens(draw: u64, in_ten_thousand: u32) -> bool {
    below(draw, 10_000) < in_ten_thousand
}

/// Draws accounts in proportion to a weight that falls or rises with their place in the population.
///
/// The population is cut into equally many accounts a slice, and within a slice all weigh the same.
#[derive(Debug)]
pub(crate) struct Sampler {
    /// For each of 65,536 equal parts of the weight, the slice in which it lies.
    slices: Vec<u16>,
    population: u32,
}

/// Slices of the population, so fine that the heaviest hundredth is cut into 40.
pub(crate) const SLICES: u32 = 4096;

impl Sampler {
    /// A sampler of `population` accounts, where those at quantile q of the population weigh `weight(q)`.
    pub(crate) fn new(population: u32, weight: impl Fn(f64) -> f64) -> Self {
        let weights: Vec<f64> = (0..SLICES).map(|slice| weight(quantile_of_slice(slice))).collect();
        let total: f64 = weights.iter().sum();
        let mut slices = Vec::with_capacity(1 << 16);
        let (mut slice, mut sum) = (0_u16, weights[0]);
        for part in 0..1 << 16 {
            let at = (f64::from(part) + 0.5) / f64::from(1 << 16) * total;
            while sum < at && u32::from(slice) + 1 < SLICES {
                slice += 1;
                sum += weights[usize::from(slice)];
            }
            slices.push(slice);
        }
        Self { slices, population }
    }

    /// The account of a draw.
    pub(crate) fn account(&self, draw: u64) -> u32 {
        let slice = u64::from(self.slices[(draw >> 48) as usize]);
        let population = u64::from(self.population);
        let start = slice * population / u64::from(SLICES);
        let end = ((slice + 1) * population / u64::from(SLICES)).max(start + 1);
        #[expect(clippy::cast_possible_truncation, reason = "smaller than the population, which is a u32")]
        let (first, length) = (start as u32, (end - start) as u32);
        first + below(draw << 16, length)
    }
}

/// The quantile at the middle of a slice, 0 to 1.
pub(crate) fn quantile_of_slice(slice: u32) -> f64 {
    (f64::from(slice) + 0.5) / f64::from(SLICES)
}

/// The standard normal deviate at quantile `q`, to 4.5e-4.
///
/// Source: Abramowitz and Stegun, "Handbook of mathematical functions", 1964, formula 26.2.23.
pub(crate) fn normal(q: f64) -> f64 {
    let tail = q.min(1.0 - q);
    let t = (-2.0 * tail.ln()).sqrt();
    let above = (0.010_328_f64.mul_add(t, 0.802_853)).mul_add(t, 2.515_517);
    let below = ((0.001_308_f64.mul_add(t, 0.189_269)).mul_add(t, 1.432_788)).mul_add(t, 1.0);
    let z = t - above / below;
    if q < 0.5 { -z } else { z }
}
