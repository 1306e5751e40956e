//! Today against the account's own past.

use events::Surface;

use crate::reference::age::ONE;
use crate::reference::pair::Approach;
use crate::reference::{DAY, is_within};

use super::{Columns, FEW, H24, Seen, expected, put};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    put(columns, "fc_rate_all_z", z(seen, 1, |_| 1));
    put(columns, "fc_minor_expected_z", z(seen, ONE, |a| a.p));
    put(columns, "gate_probe_z", z(seen, 1, |a| a.is_gated.into()));
    put(columns, "group_inject_z", z(seen, 1, |a| a.is_added.into()));
    shifts(seen, columns);
}

/// The approaches of the last 24 hours, and of each of the 27 stretches of 24 hours before.
fn days<'s>(seen: &'s Seen<'_>) -> Vec<Vec<&'s Approach>> {
    let day = |back: u64| {
        seen.approaches.iter().filter(|a| is_within(a.start + back * DAY, DAY, seen.now)).collect()
    };
    (0..28).map(day).collect()
}

/// Of what each approach adds, in parts of which so many are one.
fn z(seen: &Seen<'_>, unit: u64, amount: fn(&Approach) -> u64) -> Option<f64> {
    let days = days(seen);
    let (today, past) = days.split_first()?;
    if past.iter().map(Vec::len).sum::<usize>() < FEW {
        return None;
    }
    let value = |day: &Vec<&Approach>| day.iter().map(|a| amount(a)).sum::<u64>();
    let sum: u64 = past.iter().map(value).sum();
    let squares: u64 = past.iter().map(value).map(|v| v * v).sum();
    // Whole numbers for as long as there are any.
    let n_units = (27 * unit) as f64;
    let mean = sum as f64 / n_units;
    let variance = (27 * squares - sum * sum) as f64 / (n_units * n_units);
    Some((value(today) as f64 / unit as f64 - mean) / (variance + 1.0).sqrt())
}

fn shifts(seen: &Seen<'_>, columns: &mut Columns) {
    let today = seen.within(H24);
    let past: Vec<&Approach> =
        seen.approaches.iter().filter(|a| !is_within(a.start, DAY, seen.now)).collect();
    put(columns, "regime_shift_surface", divergence(&today, &past));
    let minors = |approaches: &[&Approach]| {
        let m = expected(approaches);
        (m + 0.5) / (approaches.len() as f64 + 5.0)
    };
    let is_enough = today.len() >= FEW && past.len() >= FEW;
    put(columns, "regime_shift_minor", is_enough.then(|| minors(&today) - minors(&past)));
    let rate = || ((today.len() as f64 + 1.0) / (past.len() as f64 / 27.0 + 1.0)).ln();
    put(columns, "regime_shift_rate", (past.len() >= FEW).then(rate));
}

/// Jensen-Shannon divergence of the surfaces.
fn divergence(today: &[&Approach], past: &[&Approach]) -> Option<f64> {
    let surfaces = |approaches: &[&Approach]| -> Vec<Surface> {
        approaches.iter().filter_map(|a| a.first.surface).collect()
    };
    let (today, past) = (surfaces(today), surfaces(past));
    if today.len() < FEW || past.len() < FEW {
        return None;
    }
    let share = |of: &[Surface], surface: Surface| {
        of.iter().filter(|s| **s == surface).count() as f64 / of.len() as f64
    };
    let part = |p: f64, m: f64| if p > 0.0 { p * (p / m).ln() } else { 0.0 };
    let term = |surface: &Surface| {
        let (p, q) = (share(&today, *surface), share(&past, *surface));
        let m = (p + q) / 2.0;
        (part(p, m) + part(q, m)) / 2.0
    };
    Some(Surface::ALL.iter().map(term).sum())
}
