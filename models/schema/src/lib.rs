//! What a feature vector is: named columns with units, windows, reason codes and a hash over all of it.
//!
//! Owns the vocabulary in which detection, training and review speak of features. Must know nothing of
//! events or of how a feature is computed. Start reading at [`Schema`].

mod family;
mod feature;
mod reason;
mod vector;

pub use family::Family;
pub use feature::{Direction, Feature, Transform, Unit, Window};
pub use reason::ReasonCode;
pub use vector::Vector;

/// The columns of a feature vector, in order.
#[derive(Clone, Debug)]
pub struct Schema {
    features: Vec<Feature>,
    hash: String,
}

impl Schema {
    /// A schema of these columns.
    pub fn new(features: Vec<Feature>) -> Self {
        let mut hasher = blake3::Hasher::new();
        for feature in &features {
            hasher.update(feature.definition().as_bytes());
            hasher.update(b"\n");
        }
        let hash = format!("{:.16}", hasher.finalize().to_hex().as_str());
        Self { features, hash }
    }

    /// The columns, in order.
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// Sixteen hexadecimal digits over every column's definition: two schemas with the same hash mean the
    /// same by every column.
    pub fn hash(&self) -> &str {
        &self.hash
    }

    /// The number of columns.
    pub fn len(&self) -> usize {
        self.features.len()
    }

    /// Whether there are no columns.
    pub fn is_empty(&self) -> bool {
        self.features.is_empty()
    }

    /// The columns' names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.features.iter().map(|f| f.name.as_str())
    }
}
