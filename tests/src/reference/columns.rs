//! The table of features, row by row.

use std::collections::BTreeMap;

use events::{Millis, Surface};

use super::age::{self, ONE};
use super::known::Known;
use super::pair::{FirstContact, Pair, Request};

const MINUTE: Millis = 60 * 1000;
const HOUR: Millis = 60 * MINUTE;
const DAY: Millis = 24 * HOUR;

/// Shares are absent below this many, and are drawn towards what is usual with the weight of this many.
const FEW: usize = 5;
const STRENGTH: f64 = 5.0;

const ALL: &[&str] = &["1h", "24h", "7d", "28d"];
const FROM_24H: &[&str] = &["24h", "7d", "28d"];
const FROM_7D: &[&str] = &["7d", "28d"];
const ONLY_28D: &[&str] = &["28d"];

/// A feature's name, the windows that it has, and its value over one of them.
type InWindow = (&'static str, &'static [&'static str], Option<f64>);

/// Every column of an account at a tick.
pub(super) fn at(known: &Known<'_>, account: &str, at: Millis) -> BTreeMap<String, Option<f64>> {
    let said = known.said(account);
    let pairs = known.pairs(account, at);
    let mut columns = BTreeMap::new();
    for (window, length) in [("1h", HOUR), ("24h", DAY), ("7d", 7 * DAY), ("28d", 28 * DAY)] {
        let is_in = |ts: Millis| ts <= at && ts + length > at;
        let features = in_window(&pairs, said.holder.unwrap_or(age::UNSAID) / ONE, is_in);
        for (feature, _, value) in features.into_iter().filter(|(_, windows, _)| windows.contains(&window)) {
            columns.insert(format!("{feature}_{window}"), value);
        }
    }
    columns.insert("burst".to_owned(), Some(count(burst(&pairs, at))));
    let age_ms = said.created.map(|created| at.saturating_sub(created));
    columns.insert("account_age".to_owned(), age_ms.map(|ms| ms as f64 / DAY as f64));
    columns.insert("holder_minor".to_owned(), said.holder.map(|p| p / ONE));
    columns
}

/// The table's features over one window.
fn in_window(pairs: &[Pair], h: f64, is_in: impl Fn(Millis) -> bool) -> Vec<InWindow> {
    let contacted: Vec<(FirstContact, Pair)> = pairs
        .iter()
        .filter_map(|pair| Some((pair.first_contact?, *pair)))
        .filter(|(contact, _)| is_in(contact.at))
        .collect();
    let minors = expected(contacted.iter().map(|(_, pair)| pair));
    let usual = h * 0.80 + (1.0 - h) * 0.07;

    let known: Vec<bool> = contacted.iter().filter_map(|(contact, _)| contact.is_stranger).collect();
    let found: Vec<bool> =
        contacted.iter().filter_map(|(contact, _)| contact.surface).map(is_open_discovery).collect();
    let answered: Vec<bool> = contacted
        .iter()
        .filter_map(|(_, pair)| pair.request)
        .filter(|request| *request != Request::Open)
        .map(|request| request == Request::Accepted)
        .collect();
    let replied: Vec<bool> = contacted
        .iter()
        .filter(|(_, pair)| pair.is_written_to)
        .map(|(_, pair)| pair.has_written_back)
        .collect();

    let refused = pairs.iter().filter(|pair| pair.refused_at.is_some_and(&is_in));
    let blocked: Vec<&Pair> = pairs.iter().filter(|pair| pair.blocked_at.is_some_and(&is_in)).collect();
    let reported = pairs.iter().filter(|pair| pair.reported_at.is_some_and(&is_in));
    vec![
        ("first_contacts", ALL, Some(count(contacted.len()))),
        ("minors_expected", ALL, Some(minors)),
        ("minor_share_excess", FROM_7D, mean(minors, contacted.len(), usual).map(|share| share - usual)),
        ("stranger_share", FROM_7D, share(&known, 0.3)),
        ("open_discovery_share", FROM_7D, share(&found, 0.4)),
        ("gate_attempts", FROM_24H, Some(count(refused.count()))),
        ("acceptance", FROM_7D, share(&answered, 0.4)),
        ("reply_rate", FROM_24H, share(&replied, 0.467)),
        ("blocks", FROM_24H, Some(count(blocked.len()))),
        ("blocks_by_minors", FROM_7D, Some(expected(blocked.into_iter()))),
        ("reports_by_minors", ONLY_28D, Some(expected(reported))),
    ]
}

/// Σ p(B).
fn expected<'a>(pairs: impl Iterator<Item = &'a Pair>) -> f64 {
    pairs.fold(0.0, |sum, pair| sum + pair.p) / ONE
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

/// Most first contacts of the last day within ten minutes, which may as well begin with one of them.
fn burst(pairs: &[Pair], at: Millis) -> usize {
    let times: Vec<Millis> = pairs
        .iter()
        .filter_map(|pair| Some(pair.first_contact?.at))
        .filter(|ts| *ts <= at && ts + DAY > at)
        .collect();
    let within = |t: Millis| times.iter().filter(|ts| (t..t + 10 * MINUTE).contains(ts)).count();
    times.iter().map(|t| within(*t)).max().unwrap_or(0)
}

fn share(which: &[bool], prior: f64) -> Option<f64> {
    mean(count(which.iter().filter(|is| **is).count()), which.len(), prior)
}

fn mean(sum: f64, n: usize, prior: f64) -> Option<f64> {
    (n >= FEW).then(|| (sum + prior * STRENGTH) / (count(n) + STRENGTH))
}

fn count(n: usize) -> f64 {
    n as f64
}
