//! What detection did to each account, held against the truth.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::Truth;
use crate::metrics::{calibration_error, median};

const DAY_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

/// What was seen of detection.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Highest probability of each account that was ever scored, 0 to 1.
    pub highest_p: BTreeMap<String, f64>,
    /// The same from a run in which no report was ever filed.
    pub highest_p_without_reports: BTreeMap<String, f64>,
    /// When each flagged account was first flagged, milliseconds since the epoch.
    pub first_flag: BTreeMap<String, u64>,
    /// Per abusive account, when it first turned to each minor, milliseconds since the epoch, in any order.
    pub minor_contacts: BTreeMap<String, Vec<u64>>,
    /// Probabilities of scored account-days, with the account.
    pub account_days: Vec<(String, f64)>,
    /// First and last event time, milliseconds since the epoch.
    pub span: (u64, u64),
}

/// Precision and recall among the accounts that fit into the capacity.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtCapacity {
    /// Share of the reviewed accounts that are abusive, 0 to 1.
    pub precision: f64,
    /// Share of the abusive accounts that are reviewed, 0 to 1.
    pub recall: f64,
}

/// How detection fared with one kind of account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Accounts of the kind.
    pub accounts: usize,
    /// Those that were flagged.
    pub flagged: usize,
    /// Those among the `capacity` highest.
    pub at_capacity: usize,
}

/// The figures. What cannot be computed is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many accounts reviewers look at over the whole span, highest probability first.
    pub capacity: usize,
    /// Accounts of the truth.
    pub accounts: usize,
    /// Abusive ones among them.
    pub abusive: usize,
    /// Days from first to last event.
    pub days: f64,
    /// Share of the `capacity` highest accounts that are abusive.
    pub precision_at_capacity: Option<f64>,
    /// Share of the abusive accounts that are among the `capacity` highest.
    pub recall_at_capacity: Option<f64>,
    /// Accounts flagged, a million accounts and day.
    pub flags_per_million_per_day: Option<f64>,
    /// Median, over abusive accounts that turned to any minor, of the minors they turned to before their first
    /// flag; all of them where there was no flag.
    pub minors_before_flag_median: Option<f64>,
    /// Recall at capacity where no report was ever filed.
    pub recall_without_reports: Option<f64>,
    /// Expected calibration error over account-days.
    pub calibration_error: f64,
    /// Abusive accounts by archetype.
    pub archetypes: BTreeMap<String, Group>,
    /// Innocent look-alikes by role.
    pub roles: BTreeMap<String, Group>,
    /// Everybody else.
    pub ordinary: Group,
}

impl Evaluation {
    /// Holds what was seen against the truth, with room to review `capacity` accounts.
    pub fn of(observed: &Observed, truth: &[Truth], capacity: usize) -> Self {
        let abusive: BTreeMap<&str, bool> = truth.iter().map(|t| (t.account.as_str(), t.abusive)).collect();
        let reviewed = highest(&observed.highest_p, capacity);
        let with = at_capacity(&reviewed, &abusive);
        let without = at_capacity(&highest(&observed.highest_p_without_reports, capacity), &abusive);
        let days = (observed.span.1.saturating_sub(observed.span.0)) as f64 / DAY_MS;
        let rate = observed.first_flag.len() as f64 / (truth.len() as f64 * days) * 1e6;
        let (p, y): (Vec<f64>, Vec<bool>) = observed
            .account_days
            .iter()
            .map(|(account, p)| (*p, abusive.get(account.as_str()).copied().unwrap_or(false)))
            .unzip();
        let mut evaluation = Self {
            capacity,
            accounts: truth.len(),
            abusive: abusive.values().filter(|a| **a).count(),
            days,
            precision_at_capacity: with.map(|c| c.precision),
            recall_at_capacity: with.map(|c| c.recall),
            flags_per_million_per_day: rate.is_finite().then_some(rate),
            minors_before_flag_median: median(minors_before_flag(observed)),
            recall_without_reports: without.map(|c| c.recall),
            calibration_error: calibration_error(&p, &y),
            archetypes: BTreeMap::new(),
            roles: BTreeMap::new(),
            ordinary: Group::default(),
        };
        for account in truth {
            let group = match (&account.archetype, &account.role) {
                (Some(archetype), _) => evaluation.archetypes.entry(archetype.clone()).or_default(),
                (None, Some(role)) => evaluation.roles.entry(role.clone()).or_default(),
                (None, None) => &mut evaluation.ordinary,
            };
            group.accounts += 1;
            group.flagged += usize::from(observed.first_flag.contains_key(&account.account));
            group.at_capacity += usize::from(reviewed.contains(&account.account.as_str()));
        }
        evaluation
    }
}

/// The `capacity` accounts of highest probability; ties go by name.
fn highest(p: &BTreeMap<String, f64>, capacity: usize) -> Vec<&str> {
    let mut accounts: Vec<(&str, f64)> = p.iter().map(|(account, p)| (account.as_str(), *p)).collect();
    accounts.sort_by(|a, b| b.1.total_cmp(&a.1));
    accounts.into_iter().take(capacity).map(|(account, _)| account).collect()
}

fn at_capacity(reviewed: &[&str], abusive: &BTreeMap<&str, bool>) -> Option<AtCapacity> {
    let hits = reviewed.iter().filter(|account| abusive.get(**account) == Some(&true)).count() as f64;
    let all = abusive.values().filter(|a| **a).count() as f64;
    let there = !reviewed.is_empty() && all > 0.0;
    there.then(|| AtCapacity { precision: hits / reviewed.len() as f64, recall: hits / all })
}

fn minors_before_flag(observed: &Observed) -> Vec<f64> {
    let before = |(account, contacts): (&String, &Vec<u64>)| {
        let flag = observed.first_flag.get(account).copied().unwrap_or(u64::MAX);
        contacts.iter().filter(|at| **at <= flag).count() as f64
    };
    observed.minor_contacts.iter().filter(|(_, contacts)| !contacts.is_empty()).map(before).collect()
}

#[cfg(test)]
mod tests;
