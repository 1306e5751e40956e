//! An account: what the platform believes of a person, rightly or not.

use events::{Age, AgeSource, Context, Country, Millis, Probability, Token};

use crate::DAY;
use crate::dice::{Dice, logistic, whole};
use crate::person::Person;
use crate::rhythm::REGIONS;
use crate::role::LookAlike;

/// Share of minors who declare an adult's age (Ofcom 2022): 32 % of those with a profile at 8 to 17, 23 % of
/// those under 13. Seen here by age so that both come out.
const ADULT_DECLARED: [(u8, f64); 3] = [(13, 0.23), (16, 0.36), (18, 0.34)];

/// Share of adults who declare a minor's age (our choice).
const MINOR_DECLARED: f64 = 0.02;

/// What behaviour says of who poses as a minor, in log-odds, and what two weeks more of it say.
const POSED: f64 = 0.5;
const POSED_LONGER: f64 = -0.1;

/// The platform's share of minors before it knows anything of an account (domain default: 8 to 12 %).
const PRIOR: f64 = 0.12;

/// An account as the platform knows it.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) token: Token,
    pub(crate) created: Millis,
    pub(crate) country: Option<Country>,
    age: Option<(Age, AgeSource)>,
    /// Log-odds that the holder is a minor; none where the platform has no estimate.
    belief: Option<f64>,
}

fn band(age: u8) -> Age {
    match age {
        0..=12 => Age::U13,
        13..=15 => Age::From13To15,
        16..=17 => Age::From16To17,
        18..=20 => Age::From18To20,
        21..=24 => Age::From21To24,
        25..=34 => Age::From25To34,
        35.. => Age::From35,
    }
}

/// The age that the holder gave, true or not.
fn declared(dice: &mut Dice, person: &Person) -> u8 {
    let age = person.age;
    if let Some(age) = person.poses_as {
        return age;
    }
    if person.role.look_alike() == Some(LookAlike::DeclaredAdult) {
        return u8::try_from(18 + dice.below(12)).unwrap_or(18);
    }
    if age >= 18 {
        return if dice.chance(MINOR_DECLARED) { 17 } else { age };
    }
    let lies = ADULT_DECLARED.iter().find(|(below, _)| age < *below).is_some_and(|(_, p)| dice.chance(*p));
    if lies { u8::try_from(18 + dice.below(8)).unwrap_or(18) } else { age.max(13) }
}

/// What the platform reads from behaviour of whether the holder is a minor, in log-odds. Who poses keeps a teenager's
/// hours and company, and is taken for one (our choice: less surely than a teenager).
fn behaviour(person: &Person) -> f64 {
    if person.poses_as.is_some() {
        return POSED;
    }
    let distance = (f64::from(person.age.abs_diff(18)) / 4.0).min(1.0);
    1.3 * distance * if person.is_minor() { 1.0 } else { -1.0 }
}

impl Account {
    /// The account of a person, with whatever the platform makes of them.
    pub(crate) fn draw(dice: &mut Dice, person: &Person, token: Token, start: Millis) -> Self {
        let declared = declared(dice, person);
        let is_minor = person.is_minor();
        // Shares by source are our choice.
        let pretends =
            person.poses_as.is_some() || person.role.look_alike() == Some(LookAlike::DeclaredAdult);
        let age_source = match dice.unit() {
            p if pretends => {
                if p < 0.25 {
                    AgeSource::Inferred
                } else {
                    AgeSource::Declared
                }
            }
            p if p < 0.10 && is_minor => AgeSource::Guardian,
            p if p < 0.12 && !is_minor => AgeSource::Verified,
            p if p < 0.40 => AgeSource::Inferred,
            _ => AgeSource::Declared,
        };
        let sign = if is_minor { 1.0 } else { -1.0 };
        let belief = match age_source {
            AgeSource::Guardian | AgeSource::Verified => sign * dice.between(3.5, 5.0),
            _ => {
                // Log-likelihood ratio of the declared age at the rates above, and of behaviour (our choice:
                // two standard deviations apart, less at the boundary).
                let word: f64 = if declared < 18 { 3.5 } else { -1.1 };
                (PRIOR / (1.0 - PRIOR)).ln() + word + behaviour(person) + 1.2 * dice.normal()
            }
        };
        let age = match age_source {
            AgeSource::Guardian | AgeSource::Verified => band(person.age),
            AgeSource::Declared => band(declared),
            _ => {
                let seems = f64::from(person.apparent_age()) + 2.5 * dice.normal();
                band(u8::try_from(whole(seems)).unwrap_or(35).max(9))
            }
        };
        // Ages of accounts: median a year and a half (our choice).
        let lived = whole(dice.log_normal(540.0, 1.0).clamp(1.0, 3_600.0) * DAY as f64);
        Self {
            token,
            created: person.joins.unwrap_or(start - lived),
            country: dice.chance(0.95).then(|| REGIONS[person.region].country()),
            age: Some((age, age_source)),
            belief: dice.chance(0.95).then_some(belief),
        }
    }

    /// An account of which nothing is known but what is given; for planting into real traffic.
    pub(crate) fn of(token: Token, created: Millis, p_minor: Option<f64>) -> Self {
        let belief = p_minor.map(crate::dice::logit);
        Self { token, created, country: None, age: Some((Age::Unknown, AgeSource::Inferred)), belief }
    }

    /// The platform's probability that the holder is a minor.
    pub(crate) fn p_minor(&self) -> Option<f64> {
        self.belief.map(logistic)
    }

    /// A new estimate: time brings evidence, most of it right. None where the platform has none.
    pub(crate) fn estimate(&self, dice: &mut Dice, person: &Person) -> Option<f64> {
        let drift = match (person.poses_as, person.is_minor()) {
            (Some(_), _) => POSED_LONGER,
            (None, true) => 0.3,
            (None, false) => -0.3,
        };
        self.belief.map(|belief| (belief + drift + 0.5 * dice.normal()).clamp(-6.0, 6.0))
    }

    /// Takes a new estimate, in log-odds.
    pub(crate) fn believe(&mut self, belief: f64) {
        self.belief = Some(belief);
    }

    /// Forgets what a platform without ages does not know.
    pub(crate) fn without_age(self) -> Self {
        Self { age: None, belief: None, ..self }
    }

    /// What an event says of the account: the estimate of the moment, never twice quite the same.
    pub(crate) fn context(&self, dice: &mut Dice) -> Context {
        let estimate = self.belief.map(|belief| logistic(belief + 0.15 * dice.normal()));
        Context {
            p_minor: estimate.and_then(|p| Probability::new((p * 1000.0).round() / 1000.0)),
            age: self.age.map(|(age, _)| age),
            age_source: self.age.map(|(_, source)| source),
            created: Some(self.created),
            country: self.country,
        }
    }
}
