//! Age as a probability: what is known of whether an account's holder is under 18.

use std::num::NonZeroU16;

use events::{Age, AgeSource, Context, Probability};
use serde::{Deserialize, Serialize};
use zerocopy::{Immutable, IntoBytes, KnownLayout, TryFromBytes};

/// Probability that a holder is a minor, in ten-thousandths, so that sums are exact in any order.
///
/// Kept one higher than it is, so that an absent one takes no room of its own.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Serialize,
    Deserialize,
    IntoBytes,
    TryFromBytes,
    Immutable,
    KnownLayout,
)]
#[repr(transparent)]
pub(crate) struct MinorOdds(NonZeroU16);

impl Default for MinorOdds {
    fn default() -> Self {
        Self::PRIOR
    }
}

impl MinorOdds {
    /// Ten-thousandths in one.
    pub(crate) const ONE: f64 = 10_000.0;

    /// Of an account of which nothing is known: the share of minors among accounts is put at 8–12 %.
    pub(crate) const PRIOR: MinorOdds = Self::exactly(1_000);

    /// From here on an account counts as a likely minor.
    pub(crate) const LIKELY: MinorOdds = Self::exactly(5_000);

    /// From here on nearly certainly.
    pub(crate) const CERTAIN: MinorOdds = Self::exactly(9_000);

    /// From a context: the platform's own probability, else the age band as far as its source can be trusted.
    pub(crate) fn of(context: &Context) -> Option<Self> {
        Self::said(context.p_minor, context.age, context.age_source)
    }

    /// From what is said of a holder's age.
    pub(crate) fn said(p: Option<Probability>, age: Option<Age>, source: Option<AgeSource>) -> Option<Self> {
        p.map(Self::rounded).or_else(|| banded(age?, source.unwrap_or(AgeSource::Declared)))
    }

    fn rounded(p: Probability) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000 by type")]
        Self::exactly((p.get() * Self::ONE).round() as u16)
    }

    const fn exactly(ten_thousandths: u16) -> Self {
        Self(NonZeroU16::MIN.saturating_add(ten_thousandths))
    }

    /// Ten-thousandths, 0 to 10,000.
    pub(crate) fn ten_thousandths(self) -> u32 {
        u32::from(self.0.get()) - 1
    }

    pub(crate) fn is_likely(self) -> bool {
        self >= Self::LIKELY
    }

    /// The probability, 0 to 1.
    pub(crate) fn probability(self) -> f64 {
        f64::from(self.ten_thousandths()) / Self::ONE
    }
}

/// Band and source to probability.
///
/// A third of children with a profile have declared an adult's age (Ofcom, 2022), most of them one just
/// past 18; what was verified, inferred or vouched for is taken as nearly certain.
fn banded(age: Age, source: AgeSource) -> Option<MinorOdds> {
    let minor = matches!(age, Age::U13 | Age::From13To15 | Age::From16To17);
    let ten_thousandths = match (age, source) {
        (Age::Unknown, _) => return None,
        (Age::From16To17, AgeSource::Declared) => 9_000,
        (_, AgeSource::Declared) if minor => 9_500,
        (Age::From18To20, AgeSource::Declared) => 2_000,
        (Age::From21To24, AgeSource::Declared) => 800,
        (_, AgeSource::Declared) => 300,
        _ if minor => 9_900,
        _ => 100,
    };
    Some(MinorOdds::exactly(ten_thousandths))
}

/// Whether an age band is one of minors.
pub(crate) fn is_minor_band(age: Age) -> bool {
    matches!(age, Age::U13 | Age::From13To15 | Age::From16To17)
}

/// Years in the middle of a band, times ten.
fn middle(age: Age) -> u32 {
    match age {
        Age::U13 => 110,
        Age::From13To15 => 145,
        Age::From16To17 => 170,
        Age::From18To20 => 195,
        Age::From21To24 => 230,
        Age::From25To34 | Age::Unknown => 300,
        Age::From35 => 450,
    }
}

/// Expected age of a holder in tenths of years: the middle of the band on the side, minor or adult, that the band is on;
/// 14.5 and 30 years on the side of which nothing is known.
pub(crate) fn expected_age(p: MinorOdds, band: Option<Age>) -> u32 {
    let minor = band.filter(|b| is_minor_band(*b)).map_or(145, middle);
    let adult = band.filter(|b| !is_minor_band(*b)).map_or(300, middle);
    let p = p.ten_thousandths();
    (p * minor + (10_000 - p) * adult) / 10_000
}
