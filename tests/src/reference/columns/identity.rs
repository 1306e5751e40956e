//! What the account, its devices and its registration are.

use crate::reference::{DAY, Second, age, is_within};

use super::{Columns, D7, D28, FEW, H24, Seen, count, over, put};

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    put(columns, "account_age", seen.age().map(|age| age as f64 / DAY as f64));
    put(columns, "holder_minor", seen.card.holder.map(|p| p as f64 / 10_000.0));
    put(columns, "age_edit_toward_minor", count(seen.diary.age_edits()));
    put(columns, "age_edit_after_gate", count(seen.diary.age_edits_after_gate()));
    over(columns, "identity_churn", &[D7, D28], |w| {
        let edits = seen.diary.identity().iter().filter(|(at, _)| is_within(*at, w.1, seen.now));
        let is_near = |at: Second| seen.approaches.iter().any(|a| a.start.abs_diff(at) <= DAY);
        count(edits.filter(|(at, _)| is_near(*at)).map(|(_, what)| what).sum())
    });
    inconsistency(seen, columns);
    links(seen, columns);
    regions(seen, columns);
}

fn inconsistency(seen: &Seen<'_>, columns: &mut Columns) {
    let n = seen.pairs.len() as f64;
    let m = seen.pairs.iter().sum::<u64>() as f64 / 10_000.0;
    let q = (m + 0.5) / (n + 5.0);
    let is_enough = seen.pairs.len() >= FEW;
    let d = seen.card.band.map(|band| if age::is_minors(band) { 1.0 } else { 0.0 });
    put(columns, "age_inconsistency", d.filter(|_| is_enough).map(|d: f64| (q - d).abs()));
    put(columns, "age_inconsistency_sd", is_enough.then(|| (q * (1.0 - q) / (n + 6.0)).sqrt()));
}

fn links(seen: &Seen<'_>, columns: &mut Columns) {
    let reputation = |(n, b): (usize, usize)| (b as f64 + 50.0 * 0.01) / (n as f64 + 50.0);
    put(columns, "reg_reputation", seen.registered_alike.map(reputation));
    put(columns, "device_accounts", count(seen.devices.iter().map(|device| device.others).sum()));
    let abuse = seen.devices.iter().map(|device| {
        let accounts = device.others as f64 + 1.0;
        device.banned_others as f64 / (2.0 + accounts).ln()
    });
    put(columns, "device_abuse_link", Some(abuse.fold(0.0, |sum, link| sum + link)));
    let banned_at = seen.devices.iter().filter_map(|device| device.banned_at).max();
    put(columns, "device_ban_age", banned_at.map(|t| (seen.now - t) as f64 / DAY as f64));
}

fn regions(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "region_mismatch", &[H24, D28], |w| {
        let known: Vec<u64> = seen.within(w).iter().filter_map(|a| a.first.mismatch).collect();
        (known.len() >= FEW).then(|| known.iter().sum::<u64>() as f64 / known.len() as f64 / 100.0)
    });
    put(columns, "region_countries", count(seen.diary.countries()));
    let flag = |at: Option<Second>, length: Second| {
        Some(if at.is_some_and(|at| is_within(at, length, seen.now)) { 1.0 } else { 0.0 })
    };
    over(columns, "new_country", &[H24, D7], |w| flag(seen.diary.new_country_at, w.1));
    over(columns, "new_device", &[H24, D7], |w| flag(seen.diary.new_device_at, w.1));
}
