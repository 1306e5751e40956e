//! What is known of an account.

use events::{Age, Body, Context, Country, Event};

use super::age::{self, Parts};
use super::{HOUR, Second, second};

/// How long an account counts as courted or protesting after it last was.
const APPEAL: Second = 72 * HOUR;
const APPEAL_MAX: u64 = 255;

const CIRCLE_MAX: usize = 3;
const CIRCLE_COUNT_MAX: u64 = 255;

/// What was said of an account; what was never said is none.
#[derive(Clone, Debug, Default)]
pub(super) struct Card<'a> {
    /// How probable it is that the holder is a minor, by whatever event said it last.
    pub(super) holder: Option<Parts>,
    /// The same, by the latest `account.updated` that said it.
    pub(super) stated: Option<Parts>,
    pub(super) band: Option<Age>,
    pub(super) country: Option<Country>,
    pub(super) created: Option<Second>,
    pub(super) device: Option<&'a str>,
    /// Countries of its contacts, with a count each.
    circle: Vec<(Country, u64)>,
    courted: u64,
    protested: u64,
    appeal_at: Second,
}

impl<'a> Card<'a> {
    /// What a context teaches.
    pub(super) fn learn_context(&mut self, context: &Context) {
        self.holder = age::said_by(Some(context)).or(self.holder);
        self.band = age::band(context.age).or(self.band);
        self.country = context.country.or(self.country);
        self.created = context.created.map(second).or(self.created);
    }

    /// What an event's own words teach of its actor.
    pub(super) fn learn_words(&mut self, event: &'a Event) {
        match &event.body {
            Body::AccountCreated(created) => {
                self.created = Some(second(created.created));
                self.country = created.country.or(self.country);
                self.device = created.device.as_ref().map(|device| device.as_str()).or(self.device);
            }
            Body::AccountUpdated(update) => {
                let said = age::said(update.p_minor, update.age, update.age_source);
                self.holder = said.or(self.holder);
                self.stated = said.or(self.stated);
                self.band = age::band(update.age).or(self.band);
                self.country = update.country.or(self.country);
                self.created = update.created.map(second).or(self.created);
            }
            Body::SessionStarted(session) => {
                self.country = session.country.or(self.country);
                self.device = session.device.as_ref().map(|device| device.as_str()).or(self.device);
            }
            Body::DeviceLinked(linked) => self.device = Some(linked.device.as_str()),
            _ => {}
        }
    }

    /// Adds a country to the circle.
    pub(super) fn widen(&mut self, country: Country) {
        if self.circle.iter().any(|(c, n)| *c == country && *n >= CIRCLE_COUNT_MAX) {
            self.circle.iter_mut().for_each(|(_, n)| *n /= 2);
        }
        if let Some((_, n)) = self.circle.iter_mut().find(|(c, _)| *c == country) {
            *n += 1;
        } else if self.circle.len() < CIRCLE_MAX {
            self.circle.push((country, 1));
        } else if let Some(least) = self.circle.iter_mut().min_by_key(|(_, n)| *n) {
            *least = (country, 1);
        }
    }

    /// It was courted, or it protested.
    pub(super) fn appeal(&mut self, is_protest: bool, s: Second) {
        (self.courted, self.protested) = self.appeals(s);
        let count = if is_protest { &mut self.protested } else { &mut self.courted };
        *count = (*count + 1).min(APPEAL_MAX);
        self.appeal_at = self.appeal_at.max(s);
    }

    /// How often it was courted and how often it protested, as far as that is remembered.
    fn appeals(&self, s: Second) -> (u64, u64) {
        if s > self.appeal_at + APPEAL { (0, 0) } else { (self.courted, self.protested) }
    }

    /// In sixteenths of a nat.
    #[expect(clippy::cast_possible_truncation, reason = "-32 to 96")]
    pub(super) fn susceptibility(&self, s: Second) -> i64 {
        let (courted, protested) = self.appeals(s);
        let odds = (protested as f64 + 0.5) / (courted as f64 + 5.0);
        (16.0 * (odds / 0.1).ln()).round().clamp(-32.0, 96.0) as i64
    }

    /// Percent of what this account knows that is not of the country of one who comes to it.
    pub(super) fn mismatch(&self, comer: Option<Country>) -> Option<u64> {
        let comer = comer?;
        let own = self.circle.iter().find(|(c, _)| *c == comer).map_or(0, |(_, n)| *n);
        let n = own + u64::from(self.country == Some(comer));
        let d = self.circle.iter().map(|(_, n)| n).sum::<u64>() + u64::from(self.country.is_some());
        (d > 0).then(|| 100 * (d - n) / d)
    }
}
