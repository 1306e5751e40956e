//! Whether a challenger flags its share of the accounts about as often as the champion would have.

/// Looks are taken when so many flags have been counted, and at each doubling of that.
const FIRST_LOOK: u64 = 8;

/// A rate that lies so far out, to either side, comes about by chance once in so many looks.
const ONE_IN: f64 = 100.0;

/// Flags of the accounts of a challenger's share.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Canary {
    shown: u64,
    expected: u64,
    looked_at: u64,
}

impl Canary {
    /// Takes in one account's turn: whether the challenger flagged it, and whether the champion would have.
    pub fn note(&mut self, is_shown: bool, is_expected: bool) {
        self.shown += u64::from(is_shown);
        self.expected += u64::from(is_expected);
    }

    /// Flags that were shown, and those that the champion would have shown.
    pub fn counts(&self) -> (u64, u64) {
        (self.shown, self.expected)
    }

    /// Whether the two differ by more than ninety-nine in a hundred pairs of equal rates do.
    ///
    /// Given how many there are of both, those of the challenger are as many as heads of so many fair coins where the
    /// rates are equal (Przyborowski and Wilenski 1940); accounts that both flag make it hold all the more.
    pub fn is_out_of_band(&mut self) -> bool {
        let all = self.shown + self.expected;
        if all < FIRST_LOOK.max(2 * self.looked_at) {
            return false;
        }
        self.looked_at = all;
        2.0 * tail(self.shown.min(self.expected), all) < 1.0 / ONE_IN
    }
}

/// The probability of at most `heads` heads of `coins` fair coins.
fn tail(heads: u64, coins: u64) -> f64 {
    // In logarithms: a half to the power of some thousand is no number.
    let (n, mut ln_choose, mut sum) = (coins as f64, 0.0_f64, 0.0);
    for k in 0..=heads {
        sum += (ln_choose - n * std::f64::consts::LN_2).exp();
        ln_choose += ((n - k as f64) / (k as f64 + 1.0)).ln();
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(shown: u64, expected: u64) -> bool {
        let mut canary = Canary::default();
        (0..shown).for_each(|_| canary.note(true, false));
        (0..expected).for_each(|_| canary.note(false, true));
        canary.is_out_of_band()
    }

    #[test]
    fn many_more_and_many_fewer_are_out_of_band() {
        // Of eight coins, eight the same: 2 in 256.
        assert!(after(8, 0) && after(0, 8));
        assert!(!after(7, 0), "too few to look at");
        assert!(!after(7, 1) && !after(30, 20) && !after(500, 480));
        assert!(after(40, 15) && after(600, 480) && after(3_000, 2_000));
        assert!((tail(4, 8) - 163.0 / 256.0).abs() < 1e-12);
    }

    #[test]
    fn it_looks_at_each_doubling_only() {
        let mut canary = Canary::default();
        (0..4).for_each(|_| canary.note(true, true));
        assert!(!canary.is_out_of_band());
        (0..7).for_each(|_| canary.note(true, false));
        assert!(!canary.is_out_of_band(), "fifteen are not sixteen");
        (0..20).for_each(|_| canary.note(true, false));
        assert!(canary.is_out_of_band());
        assert_eq!(canary.counts(), (31, 4));
    }
}
