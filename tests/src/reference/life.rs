//! What is remembered of an account for life, as a list of additions: sums that fade, and the excess.

use super::age::{self, Parts};
use super::{DAY, Second};

/// Half of it is gone after so many days.
const HALF_DAYS: f32 = 14.0;

/// What fades.
#[derive(Clone, Copy, Debug)]
pub(super) enum Sum {
    FirstContacts,
    Minors,
    Answered,
    Accepted,
    Protests,
}

/// A first contact, for the excess.
#[derive(Clone, Copy, Debug)]
struct Contact {
    day: u64,
    p: Parts,
    /// How probable it was then that the holder is a minor.
    holder: Option<Parts>,
}

/// Additions in their order.
#[derive(Clone, Debug, Default)]
pub(super) struct Life {
    additions: Vec<(u64, Sum, Parts)>,
    contacts: Vec<Contact>,
}

impl Life {
    /// Adds to one of the sums.
    pub(super) fn add(&mut self, s: Second, sum: Sum, amount: Parts) {
        self.additions.push((s / DAY, sum, amount));
    }

    /// A first contact, of an account with this holder.
    pub(super) fn add_contact(&mut self, s: Second, p: Parts, holder: Option<Parts>) {
        self.add(s, Sum::FirstContacts, 1);
        self.add(s, Sum::Minors, p);
        self.contacts.push(Contact { day: s / DAY, p, holder });
    }

    /// A sum as it is at a moment.
    pub(super) fn sum(&self, which: Sum, now: Second) -> f64 {
        let mut sums = [0.0_f32; 5];
        let mut last = self.additions.first().map_or(0, |(day, ..)| *day);
        for (day, sum, amount) in &self.additions {
            let factor = fade(day.saturating_sub(last));
            sums.iter_mut().for_each(|sum| *sum *= factor);
            last = last.max(*day);
            sums[*sum as usize] += *amount as f32;
        }
        f64::from(sums[which as usize] * fade((now / DAY).saturating_sub(last)))
    }

    /// The excess as it is when the holder is so, in ten-thousandths.
    pub(super) fn excess(&self, holder: Option<Parts>) -> Parts {
        let mut excess = 0;
        let mut contacts = self.contacts.iter().peekable();
        while let Some(first) = contacts.next() {
            let mut x = first.p;
            while let Some(same_day) = contacts.next_if(|contact| contact.day <= first.day) {
                x += same_day.p;
            }
            let closed_by = contacts.peek().map_or(holder, |next| next.holder);
            let allowance = if closed_by.unwrap_or(age::UNSAID) < age::LIKELY { 5_000 } else { 40_000 };
            excess = u64::saturating_sub(excess + x, allowance);
        }
        excess
    }
}

fn fade(days: u64) -> f32 {
    (-(days as f32) / HALF_DAYS).exp2()
}
