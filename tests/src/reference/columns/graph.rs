//! Whom the account is linked with, through those it turns to.

use crate::reference::DAY;

use super::{COMPARED, Columns, Seen, put};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    let first = seen.approaches.iter().take(COMPARED);
    let susceptibility: i64 = first.map(|a| a.first.susceptibility).sum();
    put(columns, "target_susceptibility_weighted", Some(susceptibility as f64 / 16.0));

    let a = seen.approaches.len().min(COMPARED) as f64;
    let overlap = |(b, c, is_linked): &(usize, usize, bool)| {
        if *c == 0 {
            return 0.0;
        }
        let (b, c) = (*b as f64, *c as f64);
        let overlap = c / (a + b - c);
        if *is_linked { overlap } else { overlap / 2.0 }
    };
    let is_young = seen.age().is_some_and(|age| age < 7 * DAY);
    let most = seen.entered.iter().map(overlap).fold(0.0, f64::max);
    put(columns, "ban_evasion_recontact", is_young.then_some(most));
}
