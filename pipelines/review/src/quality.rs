//! Whether people decide alike: which decisions somebody else makes again, and how the two compare.

use std::collections::BTreeMap;

use crate::CaseId;

/// How much is looked at again.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quality {
    /// The share of decisions that somebody else makes again, 0 to 1.
    pub double_review: f64,
    /// The share of the cases handed out whose right decision is known, 0 to 1.
    pub golden: f64,
}

impl Default for Quality {
    fn default() -> Self {
        Self { double_review: 0.1, golden: 0.02 }
    }
}

/// What draws samples: the same for the same secret, and not to be foreseen without it.
#[derive(Clone, Copy)]
pub struct Lot([u8; 32]);

impl std::fmt::Debug for Lot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Lot")
    }
}

impl Lot {
    /// The lot of this secret.
    pub fn new(secret: [u8; 32]) -> Self {
        Self(secret)
    }

    /// Whether somebody else decides this version of a case again.
    pub fn falls_on_decision(&self, case: &CaseId, version: u32, share: f64) -> bool {
        self.falls(&format!("decision {case} {version}"), share)
    }

    /// Whether the n-th case that somebody is handed is one whose right decision is known.
    pub fn falls_on_turn(&self, person: &str, n: u64, share: f64) -> bool {
        self.falls(&format!("turn {n} {person}"), share)
    }

    fn falls(&self, what: &str, share: f64) -> bool {
        let mut drawn = [0; 8];
        blake3::Hasher::new_keyed(&self.0).update(what.as_bytes()).finalize_xof().fill(&mut drawn);
        // 53 bits, so that the number is exact.
        let drawn = (u64::from_be_bytes(drawn) >> 11) as f64 / (1_u64 << 53) as f64;
        drawn < share
    }
}

/// How two people's decisions on the same cases compare.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Agreement {
    /// Cases that both decided.
    pub pairs: u64,
    /// Of these, decided alike.
    pub alike: u64,
    /// Cohen's kappa: agreement beyond what chance alone would give, at most 1. None where there is no pair, or where
    /// both only ever said one and the same, so that chance explains everything.
    pub kappa: Option<f64>,
}

impl Agreement {
    /// Of what the first and the second person said of each case.
    pub fn of<T: Ord>(pairs: &[(T, T)]) -> Self {
        let count = pairs.len() as u64;
        let alike = pairs.iter().filter(|(first, second)| first == second).count() as u64;
        let (mut firsts, mut seconds) = (BTreeMap::<&T, u64>::new(), BTreeMap::<&T, u64>::new());
        for (first, second) in pairs {
            *firsts.entry(first).or_default() += 1;
            *seconds.entry(second).or_default() += 1;
        }
        // Whole numbers, so that "chance explains everything" is seen exactly.
        let by_chance: u64 =
            firsts.iter().map(|(said, first)| first * seconds.get(said).copied().unwrap_or(0)).sum();
        let square = count * count;
        let kappa = (square > by_chance).then(|| {
            let (observed, expected) = (alike as f64 / count as f64, by_chance as f64 / square as f64);
            (observed - expected) / (1.0 - expected)
        });
        Self { pairs: count, alike, kappa }
    }
}

#[cfg(test)]
mod tests;
