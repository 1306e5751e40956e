//! The numbers themselves.

use serde::{Deserialize, Serialize};

/// One account's features at one moment: one number a column, NaN where a value is absent.
///
/// Encoded as an array in which an absent value is `null`.
#[derive(Clone, Debug)]
pub struct Vector(Vec<f64>);

impl Vector {
    /// A vector of these values, in the schema's order; NaN means absent.
    pub fn new(values: Vec<f64>) -> Self {
        Self(values)
    }

    /// The values, in the schema's order.
    pub fn values(&self) -> &[f64] {
        &self.0
    }
}

/// Equal to the last bit; an absent value equals an absent one.
impl PartialEq for Vector {
    fn eq(&self, other: &Self) -> bool {
        self.0.len() == other.0.len()
            && self
                .0
                .iter()
                .zip(&other.0)
                .all(|(a, b)| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan()))
    }
}

impl Serialize for Vector {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|v| (!v.is_nan()).then_some(*v)))
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let values = Vec::<Option<f64>>::deserialize(deserializer)?;
        Ok(Self(values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect()))
    }
}
