//! First contacts beyond those that are remembered one by one: counted by time, and recognised by a bitmap.

use serde::{Deserialize, Serialize};

use super::directory::AccountId;
use crate::age::MinorOdds;
use crate::time::{HOUR, MINUTE, Second};

/// Length and number of the buckets of each level, finest first; one more than make up an hour, a day and 28 days.
const LEVELS: [(Second, usize); 3] = [(MINUTE, 61), (30 * MINUTE, 49), (12 * HOUR, 57)];
const BUCKETS: usize = 61 + 49 + 57;

/// Places of the bitmap.
const PLACES: u32 = 8_192;

/// Past this many taken places the bitmap is of little use, and is begun anew.
const TAKEN_MAX: u32 = PLACES / 16 * 15;

/// Parts of one first contact that are counted.
const PART: u32 = 64;

/// The crowd of one account, of fixed size.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Crowd {
    /// Number of each bucket, by its level's length.
    numbers: Vec<u32>,
    /// First contacts in 64ths, and the sum of p(B) over them in 64ths of a hundredth.
    contacts: Vec<u32>,
    minors: Vec<u32>,
    /// One bit a place.
    taken: Vec<u64>,
    taken_count: u32,
}

impl Default for Crowd {
    fn default() -> Self {
        Self {
            numbers: vec![0; BUCKETS],
            contacts: vec![0; BUCKETS],
            minors: vec![0; BUCKETS],
            taken: vec![0; PLACES as usize / 64],
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
    pub(crate) const BYTES: usize = BUCKETS * 12 + PLACES as usize / 8 + 8 + 4 * size_of::<Vec<u8>>();

    /// Takes the place of a counterpart. None if it was taken: the two have met, or share it with another pair.
    /// Otherwise how many such counterparts this one stands for: as many as there are places for each free one, so
    /// that those who share a place are counted in the mean (horvitz-thompson).
    pub(crate) fn recognise(&mut self, other: AccountId) -> Option<f64> {
        let place = mixed(other) % PLACES;
        let (word, bit) = (place as usize / 64, 1_u64 << (place % 64));
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
        for (length, buckets) in LEVELS {
            let number = at / length;
            let index = start + number as usize % buckets;
            start += buckets;
            // A bucket that is newer than what comes holds another time.
            if self.numbers[index] > number {
                continue;
            }
            if self.numbers[index] < number {
                (self.numbers[index], self.contacts[index], self.minors[index]) = (number, 0, 0);
            }
            self.contacts[index] = self.contacts[index].saturating_add(parts(contacts));
            let minors = contacts * minor.probability() * 100.0;
            self.minors[index] = self.minors[index].saturating_add(parts(minors));
        }
    }

    /// What lies in a window that ends now. Of a bucket across the window's start, its share of the time.
    pub(crate) fn within(&self, window: Second, now: Second) -> Crowded {
        let mut start = 0;
        let mut sum = Crowded::default();
        for (length, buckets) in LEVELS {
            let range = start..start + buckets;
            start += buckets;
            if u64::from(window) > u64::from(length) * (buckets as u64 - 1) {
                continue;
            }
            let from = f64::from(now) - f64::from(window);
            for index in range.filter(|i| self.contacts[*i] > 0 && self.numbers[*i] <= now / length) {
                let begin = f64::from(self.numbers[index]) * f64::from(length);
                let end = begin + f64::from(length);
                let share = ((end - from) / f64::from(length)).clamp(0.0, 1.0);
                sum.contacts += share * f64::from(self.contacts[index]) / f64::from(PART);
                sum.minors += share * f64::from(self.minors[index]) / f64::from(PART) / 100.0;
            }
            break;
        }
        sum
    }
}

/// A number without regularity: those of accounts that were met one after the other must fall upon places as if at
/// random, or fewer would share one than is reckoned with. The finaliser of MurmurHash3 (A. Appleby).
fn mixed(number: u32) -> u32 {
    let number = (number ^ (number >> 16)).wrapping_mul(0x85eb_ca6b);
    let number = (number ^ (number >> 13)).wrapping_mul(0xc2b2_ae35);
    number ^ (number >> 16)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive; saturates")]
fn parts(value: f64) -> u32 {
    (value * f64::from(PART)).round() as u32
}
