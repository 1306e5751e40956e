//! How probable it is that a holder is a minor, in whole ten-thousandths.

use events::{Age, AgeSource, Probability};

/// One, in the unit of every probability here. Whole numbers add up exactly, whatever the order.
pub(super) const ONE: f64 = 10_000.0;

/// Where nobody ever said anything.
pub(super) const UNSAID: f64 = 1_000.0;

/// What somebody says of a holder's age; none where it says nothing.
pub(super) fn said(
    p_minor: Option<Probability>,
    age: Option<Age>,
    age_source: Option<AgeSource>,
) -> Option<f64> {
    if let Some(p) = p_minor {
        return Some((p.get() * ONE).round());
    }
    let (weak, strong) = match age? {
        Age::U13 | Age::From13To15 => (9_500.0, 9_900.0),
        Age::From16To17 => (9_000.0, 9_900.0),
        Age::From18To20 => (2_000.0, 100.0),
        Age::From21To24 => (800.0, 100.0),
        Age::From25To34 | Age::From35 => (300.0, 100.0),
        Age::Unknown => return None,
    };
    match age_source {
        None | Some(AgeSource::Declared) => Some(weak),
        Some(AgeSource::Inferred | AgeSource::Verified | AgeSource::Guardian) => Some(strong),
    }
}
