//! How probable it is that a holder is a minor, in whole ten-thousandths, and how old a holder is expected to be.

use events::{Age, AgeSource, Context, Probability};

/// Ten-thousandths. Whole numbers add up exactly, whatever the order.
pub(super) type Parts = u64;

/// A probability of one.
pub(super) const ONE: Parts = 10_000;

/// Where nobody ever said anything.
pub(super) const UNSAID: Parts = 1_000;

/// From here on a holder is a likely minor.
pub(super) const LIKELY: Parts = 5_000;

/// What somebody says of a holder's age; none where it says nothing.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000")]
pub(super) fn said(
    p_minor: Option<Probability>,
    age: Option<Age>,
    age_source: Option<AgeSource>,
) -> Option<Parts> {
    if let Some(p) = p_minor {
        return Some((p.get() * 10_000.0).round() as Parts);
    }
    let (weak, strong) = match age? {
        Age::U13 | Age::From13To15 => (9_500, 9_900),
        Age::From16To17 => (9_000, 9_900),
        Age::From18To20 => (2_000, 100),
        Age::From21To24 => (800, 100),
        Age::From25To34 | Age::From35 => (300, 100),
        Age::Unknown => return None,
    };
    match age_source {
        None | Some(AgeSource::Declared) => Some(weak),
        Some(AgeSource::Inferred | AgeSource::Verified | AgeSource::Guardian) => Some(strong),
    }
}

/// What a context says of it.
pub(super) fn said_by(context: Option<&Context>) -> Option<Parts> {
    context.and_then(|c| said(c.p_minor, c.age, c.age_source))
}

/// The band that somebody says.
pub(super) fn band(age: Option<Age>) -> Option<Age> {
    age.filter(|age| *age != Age::Unknown)
}

/// Whether a band is one of minors.
pub(super) fn is_minors(band: Age) -> bool {
    matches!(band, Age::U13 | Age::From13To15 | Age::From16To17)
}

/// Expected age of a holder, in tenths of a year.
pub(super) fn expected(p: Parts, band: Option<Age>) -> u64 {
    let middle = |band| match band {
        Age::U13 => 110,
        Age::From13To15 => 145,
        Age::From16To17 => 170,
        Age::From18To20 => 195,
        Age::From21To24 => 230,
        Age::From25To34 => 300,
        Age::From35 | Age::Unknown => 450,
    };
    let child = band.filter(|band| is_minors(*band)).map_or(145, middle);
    let adult = band.filter(|band| !is_minors(*band)).map_or(300, middle);
    (p * child + (ONE - p) * adult) / ONE
}
