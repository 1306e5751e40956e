//! Age as a probability: what is known of whether an account's holder is under 18.

use events::{Age, AgeSource, Context, Probability};
use serde::{Deserialize, Serialize};

/// Probability that a holder is a minor, in ten-thousandths, so that sums are exact in any order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct MinorOdds(u16);

impl MinorOdds {
    /// Ten-thousandths in one.
    pub(crate) const ONE: f64 = 10_000.0;

    /// Of an account of which nothing is known: the share of minors among accounts is put at 8–12 %.
    pub(crate) const PRIOR: MinorOdds = MinorOdds(1_000);

    /// From a context: the platform's own probability, else the age band as far as its source can be trusted.
    pub(crate) fn of(context: &Context) -> Option<Self> {
        let from_age = || banded(context.age?, context.age_source.unwrap_or(AgeSource::Declared));
        context.p_minor.map(Self::rounded).or_else(from_age)
    }

    fn rounded(p: Probability) -> Self {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to 10,000 by type")]
        Self((p.get() * Self::ONE).round() as u16)
    }

    /// Ten-thousandths, 0 to 10,000.
    pub(crate) fn ten_thousandths(self) -> u64 {
        u64::from(self.0)
    }

    /// The probability, 0 to 1.
    pub(crate) fn probability(self) -> f64 {
        f64::from(self.0) / Self::ONE
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
    Some(MinorOdds(ten_thousandths))
}
