//! Who the accounts of the workload are, as functions of their number: nothing is stored of an account, so that
//! twenty million need no more memory than twenty.

use crate::bench::dice::{SLICES, Sampler, below, draw, happens, mix, normal, quantile_of_slice};

/// New contacts of the middle account over 28 days: the median out-degree of CollegeMsg is 3 in a community of
/// 1,899, that of a messenger with the whole of somebody's life in it is taken to be twice that.
const DEGREE_MEDIAN: f64 = 6.0;

/// Standard deviation of the logarithm: with the busiest hundredth below, the mean is 14.0, near the 14.4 new
/// contacts a month that were counted on MSN Messenger (Leskovec and Horvitz, "Planetary-scale views on a large
/// instant-messaging network", 2008), and nine in ten have at most 28 (CollegeMsg: 29).
const DEGREE_SPREAD: f64 = 1.2;

/// From this quantile on accounts are public ones (creators, shops, schools), with hundreds of contacts: a Pareto
/// distribution of exponent 2.5 from 200 to 2,000. Our choice: CollegeMsg's 99th percentile is 105, its maximum 237.
const BUSY_FROM: f64 = 0.99;
const BUSY_DEGREE_MIN: f64 = 200.0;
const BUSY_DEGREE_MAX: f64 = 2000.0;
const BUSY_EXPONENT: f64 = 2.5;

/// What an account does falls with its rank as (rank + offset)^-0.8, a Zipf-Mandelbrot law: the busiest act some 60
/// times as often as the mean account (in CollegeMsg: 35 times, among 1,899).
const ACTIVITY_EXPONENT: f64 = 0.8;
const ACTIVITY_OFFSET: f64 = 0.001;

/// Accounts of minors in ten thousand. Our choice.
const MINORS: u32 = 1500;
/// First contacts across the line of age, in ten thousand: people keep to their own age (Leskovec and Horvitz).
const ACROSS_AGES: u32 = 800;

/// One account in so many turns to strangers by the hundred.
const SCATTERGUN_ONE_IN: u32 = 20_000;

const COUNTRIES: [&str; 8] = ["GB", "US", "DE", "IN", "BR", "FR", "PH", "NG"];

/// An account's number, 0 to one less than the accounts; a higher number has more contacts and acts more.
pub(crate) type Account = u32;

/// Every account of a workload.
#[derive(Debug)]
pub(crate) struct People {
    count: u32,
    seed: u64,
    degrees: Vec<f64>,
    by_degree: Sampler,
    by_activity: Sampler,
}

/// What the platform knows of an account.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Profile {
    /// Probability that the holder is a minor, in hundredths, 1 to 98.
    pub(crate) p_minor_hundredths: u8,
    pub(crate) age: &'static str,
    pub(crate) country: &'static str,
    /// How long before the workload the account was made, in milliseconds.
    pub(crate) made_before_ms: u64,
}

impl People {
    /// So many people, at least 1.
    pub(crate) fn new(count: u32, seed: u64) -> Self {
        let count = count.max(1);
        let degrees = (0..SLICES).map(|slice| degree_at(quantile_of_slice(slice))).collect();
        let activity = |q: f64| (1.0 - q + ACTIVITY_OFFSET).powf(-ACTIVITY_EXPONENT);
        Self {
            count,
            seed,
            degrees,
            by_degree: Sampler::new(count, degree_at),
            by_activity: Sampler::new(count, activity),
        }
    }

    pub(crate) fn count(&self) -> u32 {
        self.count
    }

    /// How many contacts an account finds in 28 days.
    pub(crate) fn degree(&self, account: Account) -> u32 {
        let slice = u64::from(account) * u64::from(SLICES) / u64::from(self.count);
        let slice = usize::try_from(slice).unwrap_or(usize::MAX).min(self.degrees.len() - 1);
        let fraction = f64::from(below(self.draw(account, 0), 1 << 16)) / f64::from(1 << 16);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to some thousands")]
        let whole = (self.degrees[slice] + fraction) as u32;
        whole
    }

    /// An account that turns to somebody new, drawn in proportion to how many contacts it finds.
    pub(crate) fn newcomer(&self, draw: u64) -> Account {
        self.by_degree.account(draw)
    }

    /// An account that does something, drawn in proportion to its activity.
    pub(crate) fn actor(&self, draw: u64) -> Account {
        self.by_activity.account(draw)
    }

    /// The contact number `k` of an account.
    pub(crate) fn contact(&self, account: Account, k: u64) -> Account {
        let same_age = !happens(self.draw(account, k ^ 0x5151_0000_0000), ACROSS_AGES);
        let mut other = account;
        for attempt in 0..16 {
            other = below(self.draw(account, k ^ ((attempt + 1) << 40)), self.count);
            if other != account && (!same_age || self.is_minor(other) == self.is_minor(account)) {
                break;
            }
        }
        if other == account { (account + 1) % self.count } else { other }
    }

    /// One of the accounts that turn to strangers by the hundred.
    pub(crate) fn scattergun(&self, draw: u64) -> Account {
        let which = below(draw, (self.count / SCATTERGUN_ONE_IN).max(1));
        below(mix(self.seed ^ u64::from(which) ^ 0x00ca_7735), self.count)
    }

    /// Somebody for whom a scattergun looks: eight in ten are minors.
    pub(crate) fn sought(&self, draw: u64) -> Account {
        let minor = happens(draw, 8000);
        let candidates = (0..16).map(|attempt| below(mix(draw ^ (attempt + 1)), self.count));
        candidates
            .fold(0, |found, next| if self.is_minor(found) == minor && found != 0 { found } else { next })
    }

    pub(crate) fn is_minor(&self, account: Account) -> bool {
        happens(self.draw(account, 1), MINORS)
    }

    pub(crate) fn profile(&self, account: Account) -> Profile {
        let roll = self.draw(account, 2);
        let minor = self.is_minor(account);
        let (ages, least, range): (&[&str], u8, u8) = if minor {
            (&["u13", "13_15", "13_15", "16_17", "16_17", "unknown"], 55, 44)
        } else {
            (&["18_20", "21_24", "25_34", "25_34", "35p", "35p", "35p", "unknown"], 1, 35)
        };
        let [_, age, p, country, made, ..] = roll.to_le_bytes();
        Profile {
            p_minor_hundredths: least + p % range,
            age: ages[usize::from(age) % ages.len()],
            country: COUNTRIES[usize::from(country) % COUNTRIES.len()],
            made_before_ms: (1 + u64::from(made)) * 4 * 86_400_000,
        }
    }

    /// Sixty-four bits that belong to an account.
    pub(crate) fn draw(&self, account: Account, what: u64) -> u64 {
        draw(self.seed, u64::from(account), what)
    }
}

/// Contacts over 28 days of an account at quantile `q` of the population.
fn degree_at(q: f64) -> f64 {
    if q < BUSY_FROM {
        return (DEGREE_SPREAD * normal(q)).exp() * DEGREE_MEDIAN;
    }
    let rarer = (1.0 - q) / (1.0 - BUSY_FROM);
    (BUSY_DEGREE_MIN * rarer.powf(-1.0 / BUSY_EXPONENT)).min(BUSY_DEGREE_MAX)
}
