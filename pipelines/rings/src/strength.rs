//! How much each kind of evidence says: every number that a link rests on.
//!
//! No kind that innocent people share by living alike says more than [`SHARED_MOST`], so that it takes two kinds to join
//! accounts ([`crate::TOGETHER`]). Weights are summed as whole numbers: the order in which they are met changes nothing.

use libm::{exp2, log2};

use crate::{DAY, HOUR, Second};

/// The most that devices in common say, and registrations in a burst on one network; those under one phone prefix, which
/// are sold to many, say less.
pub(crate) const SHARED_MOST: f64 = 0.5;
pub(crate) const PREFIX_MOST: f64 = 0.3;

/// Accounts that were created within this of each other are of one burst.
pub(crate) const BURST: Second = 4 * DAY;

/// First contacts of one target within this of each other are synchronised; within the second, loosely; and beyond it,
/// as far as they are remembered, hardly.
pub(crate) const SYNCHRONISED: Second = 3 * HOUR;
const LOOSELY: Second = 2 * DAY;

/// What is left of device and network between old contacts, in a community, and across generations.
const OLD_CONTACTS: f64 = 0.3;
const COMMUNITY: f64 = 0.3;
const GENERATIONS: f64 = 0.5;

/// One: weights of common targets are whole millionths.
pub(crate) const ONE: u64 = 1_000_000;

/// How long a link keeps all of its strength, and in what time it then halves.
const FRESH: Second = 28 * DAY;
const HALF_LIFE: f64 = 28.0;

/// What speaks for innocence where two accounts share a place.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Kin {
    pub(crate) old_contacts: bool,
    pub(crate) community: bool,
    pub(crate) generations: bool,
}

impl Kin {
    /// What is left of a shared place, 0 to 1.
    pub(crate) fn factor(self) -> f64 {
        let mut left = 1.0;
        for (holds, factor) in
            [(self.old_contacts, OLD_CONTACTS), (self.community, COMMUNITY), (self.generations, GENERATIONS)]
        {
            left *= if holds { factor } else { 1.0 };
        }
        left
    }
}

/// How rare it is to be among `n`: 1 for two, a half for four, a fifth for 32.
pub(crate) fn rarity(n: usize) -> f64 {
    1.0 / log2(n.max(2) as f64)
}

/// [`rarity`] in millionths.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 to a million")]
pub(crate) fn rarity_millionths(n: usize) -> u64 {
    (rarity(n) * ONE as f64) as u64
}

/// Devices in common, by how many accounts were seen on each.
pub(crate) fn devices(mut crowds: Vec<usize>) -> f64 {
    crowds.sort_unstable();
    let open = crowds.into_iter().fold(1.0, |open, n| open * (1.0 - rarity(n)));
    SHARED_MOST * (1.0 - open)
}

/// A burst: `together` of the `all` accounts of a place were created within days of both. Two are no burst. Of 1 at the
/// most.
pub(crate) fn burst(together: usize, all: usize) -> f64 {
    if together < 3 || all < together {
        return 0.0;
    }
    let share = (together - 1) as f64 / (all - 1) as f64;
    let size = 1.0 - 1.0 / (together - 1) as f64;
    share * size
}

/// How much more a burst says of whose place most turn to strangers, by how many are of it: nothing up to five, half as
/// much again from 25 on. Homes and flats are small, and classes turn to each other.
pub(crate) fn campaign(together: usize) -> f64 {
    1.0 + 0.5 * (together.saturating_sub(5) as f64 / 20.0).min(1.0)
}

/// What one common target says, in millionths, of `askers` who turned to it, both at strangers' distance (hundredths); none
/// where they were not near in time.
pub(crate) fn common(askers: usize, (a, b): (u8, u8), apart: Second) -> Option<u64> {
    let near = match apart {
        _ if apart <= SYNCHRONISED => 100,
        _ if apart <= LOOSELY => 33,
        _ => return None,
    };
    Some(rarity_millionths(askers) * u64::from(a) / 100 * u64::from(b) / 100 * near / 100)
}

/// What one target that is turned to again says, in millionths: the square of the lesser distance, and less only where
/// more than eight turned to it.
pub(crate) fn repeated(askers: usize, (a, b): (u8, u8)) -> u64 {
    let distance = u64::from(a.min(b));
    (3 * rarity_millionths(askers)).min(ONE) * distance / 100 * distance / 100
}

/// Common targets: the sum of what they say, how many were synchronised, and the fewer first contacts of the two.
///
/// By themselves they join accounts only where much of what one of them does is synchronised.
pub(crate) fn targets(sum: u64, synchronised: u32, fewer: usize) -> f64 {
    let share = if synchronised >= 8 { f64::from(synchronised) / fewer.max(1) as f64 } else { 0.0 };
    let says = 1.0 - exp2(-(sum as f64 / ONE as f64) / 2.0);
    says * (SHARED_MOST + 0.45 * share.min(1.0))
}

/// How much it takes to take an account for a suspended one's return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// It was there before the suspension.
    Old,
    /// It was created after it.
    New,
    /// It was, and was seen on a device or network of few with the suspended one.
    NewAndNear,
}

/// To whom an account turns whom a suspended one had known: the sum of what they say, and of all to whom it turns (of an
/// account that was created after the suspension, the first few: who comes back begins with them). Of the rest, a part
/// counts against it.
pub(crate) fn again(sum: u64, most: u64, doubt: Doubt) -> f64 {
    let (sum, most) = (sum as f64 / ONE as f64, most as f64 / ONE as f64);
    let (least, rest) = match doubt {
        Doubt::Old => (3.0, 1.0),
        Doubt::New => (2.0, 0.3),
        Doubt::NewAndNear => (0.8, 0.1),
    };
    0.95 * sum / (sum + least + rest * (most - sum).max(0.0))
}

/// What is left after so long, in whole days: all for four weeks, then half every four weeks.
pub(crate) fn faded(last: Second, now: Second) -> f64 {
    let age = now.saturating_sub(last).saturating_sub(FRESH) / DAY;
    exp2(-f64::from(age) / HALF_LIFE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_common_says_little() {
        assert!((rarity(2) - 1.0).abs() < 1e-12 && (rarity(4) - 0.5).abs() < 1e-12);
        assert!(devices(vec![2]) > 3.0 * devices(vec![20]));
        assert!(burst(6, 6) > 4.0 * burst(6, 60));
    }

    #[test]
    fn no_shared_place_is_enough() {
        assert!(devices(vec![2; 8]) <= SHARED_MOST && SHARED_MOST * burst(256, 256) <= SHARED_MOST);
        const { assert!(SHARED_MOST < crate::TOGETHER && PREFIX_MOST < SHARED_MOST) };
    }

    #[test]
    fn two_made_together_are_no_burst() {
        assert_eq!(burst(2, 2), 0.0);
        assert!(burst(3, 3) > 0.0);
    }

    #[test]
    fn kinship_takes_away() {
        let old = Kin { old_contacts: true, ..Kin::default() };
        let parents = Kin { generations: true, ..old };
        assert!(parents.factor() < old.factor() && old.factor() < Kin::default().factor());
        assert_eq!(Kin::default().factor(), 1.0);
    }

    #[test]
    fn links_fade() {
        assert_eq!(faded(0, 28 * DAY), 1.0);
        assert!((faded(0, 56 * DAY) - 0.5).abs() < 1e-9 && faded(5, 3) == 1.0);
    }

    #[test]
    fn nearness_in_time_and_distance_between_people_make_common_targets_telling() {
        let strangers = (100, 100);
        assert!(common(2, strangers, HOUR) > common(2, strangers, DAY));
        assert!(common(2, strangers, DAY).is_some() && common(2, strangers, 10 * DAY).is_none());
        assert!(common(2, strangers, HOUR) > common(9, strangers, HOUR));
        assert!(common(2, strangers, HOUR).unwrap() > 50 * common(2, (10, 10), HOUR).unwrap());
        assert!(repeated(7, strangers) == ONE && repeated(32, strangers) < ONE);
    }

    #[test]
    fn common_targets_alone_join_only_those_who_do_little_else() {
        let many = 100 * ONE;
        assert!(targets(many, 20, 200) < crate::TOGETHER && targets(many, 20, 40) > crate::TOGETHER);
    }
}
