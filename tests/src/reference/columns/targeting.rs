//! Whom the account turns to.

use events::Surface;

use crate::reference::age::{self, ONE};
use crate::reference::is_within;
use crate::reference::life::Sum;
use crate::reference::pair::Approach;

use super::{
    Columns, D7, D28, FEW, H1, H24, M10, Seen, Window, count, drawn, expected, over, percentiles, put, share,
    share_of,
};

/// Usual shares of the surfaces, in the contract's order.
const USUAL: [f64; 12] = [0.12, 0.12, 0.30, 0.06, 0.05, 0.12, 0.10, 0.03, 0.01, 0.03, 0.05, 0.01];

pub(super) fn add(seen: &Seen<'_>, columns: &mut Columns) {
    first_contacts(seen, columns);
    shares(seen, columns);
    ages(seen, columns);
    refusals(seen, columns);
    surfaces(seen, columns);
    discovery(seen, columns);
}

fn first_contacts(seen: &Seen<'_>, columns: &mut Columns) {
    let all = [M10, H1, H24, D7, D28];
    let let_go = |window: Window| {
        let crowd = seen.crowd.iter().filter(move |(start, _)| is_within(*start, window.1, seen.now));
        crowd.map(|(_, p)| *p)
    };
    over(columns, "fc_rate_all", &all, |w| count(seen.within(w).len() + let_go(w).count()));
    over(columns, "fc_minor_expected", &all, |w| {
        let p: u64 = seen.within(w).iter().map(|a| a.p).chain(let_go(w)).sum();
        Some(p as f64 / 10_000.0)
    });
    put(columns, "fc_rate_all_life", Some(seen.diary.life.sum(Sum::FirstContacts, seen.now)));
    put(columns, "fc_minor_expected_life", Some(seen.diary.life.sum(Sum::Minors, seen.now) / 10_000.0));
    percentiles(columns, "fc_rate_all", &[H24, D7, D28]);
    percentiles(columns, "fc_minor_expected", &[H24, D7, D28]);
    over(columns, "fc_minor_hard", &[H24, D7, D28], |w| {
        count(seen.within(w).iter().filter(|a| a.p >= 9_000).count())
    });
    put(columns, "minor_cusum", Some(seen.diary.life.excess(seen.card.holder) as f64 / 10_000.0));
}

fn shares(seen: &Seen<'_>, columns: &mut Columns) {
    let h = seen.holder();
    let u = 0.80 * h + 0.07 * (1.0 - h);
    let excess = |m: f64, n: f64| (n >= 5.0).then(|| (m + 5.0 * u) / (n + 5.0) - u);
    over(columns, "minor_share_excess", &[D7, D28], |w| {
        excess(expected(&seen.within(w)), seen.within(w).len() as f64)
    });
    let life = |sum| seen.diary.life.sum(sum, seen.now);
    let of_life = excess(life(Sum::Minors) / 10_000.0, life(Sum::FirstContacts));
    put(columns, "minor_share_excess_life", of_life);
    over(columns, "minor_share_llr", &[D7, D28], |w| {
        let (m, n) = (expected(&seen.within(w)), seen.within(w).len());
        let q = (u * (27.0 / 7.0)).min(0.95);
        (n >= FEW).then(|| m * (q / u).ln() + (n as f64 - m) * ((1.0 - q) / (1.0 - u)).ln())
    });
    over(columns, "inbound_initiation_share", &[D28], |w| {
        let begun = seen.begun_by_others.iter().filter(|(start, _)| is_within(*start, w.1, seen.now));
        let k: Vec<u64> = begun.map(|(_, p)| *p).collect();
        let n = k.len() + seen.within(w).len();
        let k = k.iter().sum::<u64>() as f64 / 10_000.0;
        let m = k + expected(&seen.within(w));
        (n >= FEW).then(|| drawn(k, m, 0.5))
    });
}

/// How many tenths of a year the account is older than likely minors.
fn gaps(seen: &Seen<'_>, window: Window) -> Vec<u64> {
    let own = age::expected(seen.card.holder.unwrap_or(age::UNSAID), seen.card.band);
    let gap = |a: &&Approach| own.saturating_sub(age::expected(a.p, a.first.band));
    seen.minors_within(window).iter().map(gap).collect()
}

fn ages(seen: &Seen<'_>, columns: &mut Columns) {
    over(columns, "pair_age_gap_exp", &[D7, D28], |w| {
        let gaps = gaps(seen, w);
        (gaps.len() >= FEW).then(|| gaps.iter().sum::<u64>() as f64 / gaps.len() as f64 / 10.0)
    });
    over(columns, "pair_age_gap_wide", &[D7, D28], |w| {
        let is_wide: Vec<bool> = gaps(seen, w).iter().map(|gap| *gap >= 50).collect();
        share_of(&is_wide, 0.1)
    });
}

fn refusals(seen: &Seen<'_>, columns: &mut Columns) {
    for (name, hours) in [("gate_probe_1h", 1), ("gate_probe_24h", 24), ("gate_probe_7d", 7 * 24)] {
        put(columns, name, count(seen.diary.refusals.count(hours, seen.now)));
    }
    percentiles(columns, "gate_probe", &[H24, D7]);
    over(columns, "gate_probe_minors", &[H24, D7], |w| {
        Some(expected(seen.within(w).iter().filter(|a| a.is_gated)))
    });
    over(columns, "gate_probe_share", &[H24, D7], |w| {
        let within = seen.within(w);
        share(within.iter().filter(|a| a.is_gated).count(), within.len(), 0.02)
    });
    over(columns, "gate_probe_switch", &[D7], |w| {
        let within = seen.within(w);
        share(within.iter().filter(|a| a.first.is_after_gate).count(), within.len(), 0.02)
    });
}

/// The approaches whose surface is known, with it.
fn found<'s>(seen: &'s Seen<'_>, window: Window) -> Vec<(Surface, &'s Approach)> {
    seen.within(window).into_iter().filter_map(|a| Some((a.first.surface?, a))).collect()
}

fn surfaces(seen: &Seen<'_>, columns: &mut Columns) {
    let p_of = |found: &[(Surface, &Approach)], surface: Surface| {
        let such = found.iter().filter(|(s, _)| *s == surface);
        such.map(|(_, a)| a.p).sum::<u64>() as f64 / 10_000.0
    };
    over(columns, "surface_skew_minor", &[D7, D28], |w| {
        let found = found(seen, w);
        let m = Surface::ALL.iter().fold(0.0, |m, surface| m + p_of(&found, *surface));
        let term = |(surface, r): (&Surface, f64)| {
            let q = (p_of(&found, *surface) + r) / (m + 1.0);
            q * (q / r).ln()
        };
        (found.len() >= FEW).then(|| Surface::ALL.iter().zip(USUAL).map(term).sum())
    });
    over(columns, "open_discovery_share", &[D7, D28], |w| {
        let is_open: Vec<bool> =
            found(seen, w).iter().map(|(surface, _)| is_open_discovery(*surface)).collect();
        share_of(&is_open, 0.4)
    });
    over(columns, "group_to_dm_funnel", &[D7, D28], |w| {
        let found = found(seen, w);
        let m = found.iter().map(|(_, a)| a.p).sum::<u64>() as f64 / 10_000.0;
        (found.len() >= FEW).then(|| drawn(p_of(&found, Surface::Group), m, 0.12))
    });
}

fn is_open_discovery(surface: Surface) -> bool {
    matches!(
        surface,
        Surface::Suggested
            | Surface::Search
            | Surface::Comment
            | Surface::Nearby
            | Surface::Game
            | Surface::Group
    )
}

fn discovery(seen: &Seen<'_>, columns: &mut Columns) {
    let looks = |w: Window| -> Vec<u64> {
        let looks = seen.diary.looks().iter().filter(|look| is_within(look.at, w.1, seen.now));
        looks.map(|look| look.p).collect()
    };
    over(columns, "view_minor_expected", &[H24, D7], |w| {
        Some(looks(w).iter().sum::<u64>() as f64 / ONE as f64)
    });
    over(columns, "view_to_request_minor", &[D7], |w| {
        let (n, nm) = (looks(w).len(), looks(w).iter().sum::<u64>() as f64 / ONE as f64);
        let viewed: Vec<&Approach> = seen.within(w).into_iter().filter(|a| a.first.is_viewed).collect();
        let (k, km) = (viewed.len() as f64, expected(&viewed));
        let others = (k - km + 0.5) / (n as f64 - nm + 5.0);
        (n >= FEW).then(|| ((km + 0.5) / (nm + 5.0) - others).clamp(-1.0, 1.0))
    });
    over(columns, "group_minor_access", &[D7, D28], |w| {
        Some(expected(seen.within(w).iter().filter(|a| a.first.is_exposed)))
    });
    let joins = seen.diary.exposures.count(28 * 24, seen.now);
    put(columns, "group_minor_joins_28d", count(joins));
}
