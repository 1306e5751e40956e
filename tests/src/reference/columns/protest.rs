//! Those it turned to object.

use std::collections::{BTreeMap, BTreeSet};

use crate::reference::MINUTE;
use crate::reference::life::Sum;
use crate::reference::pair::Approach;

use super::{Columns, D7, D28, FEW, H24, Seen, Window, count, drawn, expected, over, percentiles, put};

const DAY_MINUTES: u64 = 1_440;
const WEEK_MINUTES: u64 = 10_080;

/// Of those who object within the same ten minutes, so many count.
const TOGETHER_MAX: usize = 3;

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "victim_protest", &[H24, D7, D28], |w| Some(protest(seen, w, DAY_MINUTES)));
    let life = seen.diary.life.sum(Sum::Protests, seen.now) / 10_000.0;
    put(columns, "victim_protest_life", Some(life));
    percentiles(columns, "victim_protest", &[H24, D7, D28]);
    over(columns, "victim_protest_share", &[D7, D28], |w| {
        let within = seen.within(w);
        let share = || drawn(protest(seen, w, DAY_MINUTES), expected(&within), 0.02);
        (within.len() >= FEW).then(share)
    });
    over(columns, "victim_protest_late", &[D7, D28], |w| Some(protest(seen, w, WEEK_MINUTES)));
    over(columns, "blocks", &[H24, D7, D28], |w| {
        count(seen.within(w).iter().filter(|a| a.is_blocked).count())
    });
    percentiles(columns, "blocks", &[H24, D7, D28]);
    over(columns, "reports_by_minors", &[D28], |w| {
        Some(expected(seen.within(w).iter().filter(|a| a.is_reported)))
    });
}

/// Σ w p(B).
fn protest(seen: &Seen<'_>, window: Window, minutes_max: u64) -> f64 {
    let mut sources = BTreeSet::new();
    let mut together: BTreeMap<u64, usize> = BTreeMap::new();
    let mut sum = 0.0;
    for approach in seen.within(window) {
        let Some(protest) = approach.protest.filter(|protest| protest.after <= minutes_max) else { continue };
        if protest.source.is_some_and(|source| !sources.insert(source)) {
            continue;
        }
        let before = together.entry((approach.start / MINUTE + protest.after) / 10).or_default();
        *before += 1;
        if *before <= TOGETHER_MAX {
            sum += weight(approach, protest.is_spoken) * approach.p as f64;
        }
    }
    sum / 10_000.0
}

fn weight(approach: &Approach, is_spoken: bool) -> f64 {
    let is_only_removed = !approach.is_blocked && !approach.is_reported;
    let weight = if is_only_removed { 0.5 } else { 1.0 };
    if is_spoken || approach.is_grave { weight * 1.5 } else { weight }
}
