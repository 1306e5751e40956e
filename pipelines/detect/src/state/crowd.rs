//! First contacts beyond those that are remembered one by one: counted by time, and recognised by a bitmap.

use serde::{Deserialize, Serialize};

use crate::age::MinorOdds;
use crate::time::{HOUR, MINUTE, Second};

/// Length and number of the buckets of each level, finest first; one more than make up an hour, a day and 28 days.
const LEVELS: [(Second, usize); 3] = [(MINUTE, 61), (30 * MINUTE, 49), (12 * HOUR, 57)];
const BUCKETS: usize = 61 + 49 + 57;

/// Places of the bitmap: as many as leave an account within its 16 KiB.
const PLACES: u32 = 11_712;

/// Past this many taken places, which is at some 24,000 counterparts, the bitmap is begun anew: each would stand for more
/// than eight, and the count's standard error pass 1 % (that of n counterparts is the root of P·(x − 1 − ln x), with P
/// places and x = exp(n / P)). Who is met again thereafter is counted again.
const TAKEN_MAX: u32 = PLACES / 8 * 7;

/// Parts of one first contact that are counted.
const PART: u32 = 64;

/// The crowd of one account, of fixed size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Crowd {
    /// The latest bucket's number at each level: those before it lie in a ring.
    latest: [u32; LEVELS.len()],
    /// First contacts in 64ths, and the sum of p(B) over them in 64ths of a hundredth.
    contacts: Box<[u32]>,
    minors: Box<[u32]>,
    /// One bit a place.
    taken: Box<[u64]>,
    taken_count: u32,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            latest: [0; LEVELS.len()],
            contacts: [0; BUCKETS].into(),
            minors: [0; BUCKETS].into(),
            taken: [0; PLACES as usize / 64].into(),
            taken_count: 0,
        }
    }
}

/// How many first contacts, and how many minors among them are expected.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Crowded {
    pub(crate) contacts: f64,
    pub(crate) minors: f64,
}

impl Crowd {
    /// Bytes of a crowd.
    pub(crate) const BYTES: usize = BUCKETS * 8 + PLACES as usize / 8 + size_of::<Self>();

    /// Takes the place of a counterpart. None if it was taken: the two have met, or share it with another pair.
    /// Otherwise how many such counterparts this one stands for: as many as there are places for each free one, so
    /// that those who share a place are counted in the mean (horvitz-thompson).
    ///
    /// The counterpart is known by a key of its token, and not by its number, which depends on who else was met before it.
    pub(crate) fn recognise(&mut self, key: u64) -> Option<f64> {
        let place = key % u64::from(PLACES);
        let word = usize::try_from(place / 64).unwrap_or(0);
        let bit = 1_u64 << (place % 64);
        if self.taken[word] & bit != 0 {
            return None;
        }
        let stands_for = f64::from(PLACES) / f64::from(PLACES - self.taken_count);
        if self.taken_count >= TAKEN_MAX {
            self.taken.fill(0);
            self.taken_count = 0;
        }
        self.taken[word] |= bit;
        self.taken_count += 1;
        Some(stands_for)
    }

    /// Counts first contacts made at `at`.
    pub(crate) fn count(&mut self, at: Second, contacts: f64, minor: MinorOdds) {
        let mut start = 0;
        for (level, (length, buckets)) in LEVELS.into_iter().enumerate() {
            let number = at / length;
            let latest = &mut self.latest[level];
            let place = |number: u32| start + number as usize % buckets;
            if number > *latest {
                // What those in between held is of another time.
                let passed = (number - *latest).min(u32::try_from(buckets).unwrap_or(u32::MAX));
                for stale in (0..passed).map(|back| place(number - back)) {
                    (self.contacts[stale], self.minors[stale]) = (0, 0);
                }
                *latest = number;
            }
            if ((*latest - number) as usize) < buckets {
                let (contacts_at, minors_at) =
                    (&mut self.contacts[place(number)], &mut self.minors[place(number)]);
                *contacts_at = contacts_at.saturating_add(parts(contacts));
                *minors_at = minors_at.saturating_add(parts(contacts * minor.probability() * 100.0));
            }
            start += buckets;
        }
    }

    /// What lies in a window that ends now. Of a bucket across the window's start, its share of the time.
    pub(crate) fn within(&self, window: Second, now: Second) -> Crowded {
        let mut start = 0;
        let mut sum = Crowded::default();
        for (level, (length, buckets)) in LEVELS.into_iter().enumerate() {
            if u64::from(window) > u64::from(length) * (buckets as u64 - 1) {
                start += buckets;
                continue;
            }
            let from = f64::from(now) - f64::from(window);
            let latest = self.latest[level];
            for back in 0..u32::try_from(buckets).unwrap_or(u32::MAX).min(latest + 1) {
                let number = latest - back;
                let index = start + number as usize % buckets;
                let end = (f64::from(number) + 1.0) * f64::from(length);
                let share = ((end - from) / f64::from(length)).clamp(0.0, 1.0);
                sum.contacts += share * f64::from(self.contacts[index]) / f64::from(PART);
                sum.minors += share * f64::from(self.minors[index]) / f64::from(PART) / 100.0;
            }
            break;
        }
        sum
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive; saturates")]
fn parts(value: f64) -> u32 {
    (value * f64::from(PART)).round() as u32
}
