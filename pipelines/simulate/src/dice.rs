//! Chance: one ChaCha stream per (seed, person, process, day), so that nobody's draws hang on another's.

use rand::seq::SliceRandom;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rand_distr::{Distribution, Poisson, StandardNormal};

/// What a stream is drawn for. Inserting a process before others changes every world.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Process {
    Crowd,
    Person,
    Account,
    Ties,
    Plan,
    Life,
    Role,
    Community,
    Scribe,
    Injection,
    Campaign,
    Report,
    Review,
}

/// One stream of draws.
pub(crate) struct Dice(ChaCha8Rng);

/// A distribution by its measured quantiles: (share, value), both ascending, interpolated on ln(1 + value).
pub(crate) struct Quantiles(pub(crate) &'static [(f64, f64)]);

impl Quantiles {
    /// The value below which the share `at` lies.
    pub(crate) fn value(&self, at: f64) -> f64 {
        let above = self.0.partition_point(|(share, _)| *share < at).clamp(1, self.0.len() - 1);
        let ((s0, v0), (s1, v1)) = (self.0[above - 1], self.0[above]);
        let way = ((at - s0) / (s1 - s0)).clamp(0.0, 1.0);
        (v0.ln_1p() + way * (v1.ln_1p() - v0.ln_1p())).exp_m1()
    }
}

impl Dice {
    /// The stream of this seed, person, process and day.
    pub(crate) fn new(seed: u64, person: u32, process: Process, day: u32) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8..12].copy_from_slice(&person.to_le_bytes());
        key[12] = process as u8;
        key[16..20].copy_from_slice(&day.to_le_bytes());
        Self(ChaCha8Rng::from_seed(key))
    }

    /// Uniform in [0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        self.0.random()
    }

    /// True with probability `p`.
    pub(crate) fn chance(&mut self, p: f64) -> bool {
        self.unit() < p
    }

    /// Uniform in [low, high).
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// Uniform in 0 to `n` − 1; 0 where `n` is 0.
    pub(crate) fn below(&mut self, n: u64) -> u64 {
        if n == 0 { 0 } else { self.0.random_range(0..n) }
    }

    /// The standard normal distribution.
    pub(crate) fn normal(&mut self) -> f64 {
        StandardNormal.sample(&mut self.0)
    }

    /// A log-normal with this median and this standard deviation of its logarithm.
    pub(crate) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// A count with this mean, which lies below 10⁶.
    pub(crate) fn poisson(&mut self, mean: f64) -> u64 {
        Poisson::new(mean).map_or(0, |poisson| whole(poisson.sample(&mut self.0)))
    }

    /// A draw from measured quantiles.
    pub(crate) fn quantile(&mut self, quantiles: &Quantiles) -> f64 {
        let at = self.unit();
        quantiles.value(at)
    }

    /// A whole number near `value`, with that mean.
    pub(crate) fn round(&mut self, value: f64) -> u64 {
        whole(value + self.unit())
    }

    /// One of `items`; none of none.
    pub(crate) fn pick<T: Copy>(&mut self, items: &[T]) -> Option<T> {
        let index = usize::try_from(self.below(items.len() as u64)).ok()?;
        items.get(index).copied()
    }

    /// One of `choices`, by weight. There is at least one.
    pub(crate) fn weighted<T: Copy>(&mut self, choices: &[(T, f64)]) -> T {
        let total: f64 = choices.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for (choice, weight) in choices {
            left -= weight;
            if left < 0.0 {
                return *choice;
            }
        }
        choices[choices.len() - 1].0
    }

    /// Puts `items` in random order.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        items.shuffle(&mut self.0);
    }
}

/// A hash of three numbers, for choices that need no stream of their own (SplitMix64's finaliser).
pub(crate) fn mix(a: u64, b: u64, c: u64) -> u64 {
    let mut z = a ^ b.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ c.wrapping_mul(0xd1b5_4a32_d192_ed03);
    for factor in [0xbf58_476d_1ce4_e5b9_u64, 0x94d0_49bb_1331_11eb] {
        z = (z ^ (z >> 30)).wrapping_mul(factor);
        z ^= z >> 27;
    }
    z ^ (z >> 31)
}

/// The whole part of a number, 0 where it is negative.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast from f64 saturates, which is what is wanted"
)]
pub(crate) fn whole(value: f64) -> u64 {
    value as u64
}

/// A number in single precision: what is remembered of many needs no more.
#[expect(clippy::cast_possible_truncation, reason = "it is rounded, which is what is wanted")]
pub(crate) fn single(value: f64) -> f32 {
    value as f32
}

/// ln(p / (1 − p)).
pub(crate) fn logit(p: f64) -> f64 {
    (p / (1.0 - p)).ln()
}

/// The inverse of [`logit`].
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}
