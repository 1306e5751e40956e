//! Today against the account's own past.

use events::Surface;

use crate::reference::pair::Approach;
use crate::reference::{DAY, is_within};

use super::{Columns, FEW, H24, Seen, put};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    put(columns, "fc_rate_all_z", z(seen, |_| true, |days| days.len() as f64));
    let minors = |day: &[&Approach]| day.iter().map(|a| a.p).sum::<u64>() as f64 / 10_000.0;
    put(columns, "fc_minor_expected_z", z(seen, |_| true, minors));
    put(columns, "gate_probe_z", z(seen, |a| a.is_gated, |days| days.len() as f64));
    put(columns, "group_inject_z", z(seen, |a| a.is_added, |days| days.len() as f64));
    shifts(seen, columns);
}

/// The approaches of the last 24 hours, and of each of the 27 stretches of 24 hours before.
fn days<'s>(seen: &'s Seen<'_>, which: impl Fn(&Approach) -> bool) -> Vec<Vec<&'s Approach>> {
    let day = |back: u64| {
        let approaches = seen.approaches.iter().filter(|a| is_within(a.start + back * DAY, DAY, seen.now));
        approaches.filter(|a| which(a)).collect()
    };
    (0..28).map(day).collect()
}

fn z(seen: &Seen<'_>, which: impl Fn(&Approach) -> bool, value: impl Fn(&[&Approach]) -> f64) -> Option<f64> {
    let days = days(seen, which);
    let (today, past) = days.split_first()?;
    if past.iter().map(Vec::len).sum::<usize>() < FEW {
        return None;
    }
    let values: Vec<f64> = past.iter().map(|day| value(day)).collect();
    let mean = values.iter().sum::<f64>() / 27.0;
    let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / 27.0;
    Some((value(today) - mean) / (variance + 1.0).sqrt())
}

fn shifts(seen: &Seen<'_>, columns: &mut Columns) {
    let today = seen.within(H24);
    let past: Vec<&Approach> =
        seen.approaches.iter().filter(|a| !is_within(a.start, DAY, seen.now)).collect();
    put(columns, "regime_shift_surface", divergence(&today, &past));
    let minors = |approaches: &[&Approach]| {
        let m = super::expected(approaches);
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
