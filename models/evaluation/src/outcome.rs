//! A model held against the truth, beside what else there is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use crate::{Bench, Figures, Reliability, Tracks};

const DAY_MS: f64 = 24.0 * 60.0 * 60.0 * 1000.0;

/// What was seen of detection.
#[derive(Clone, Debug, Default)]
pub struct Observed {
    /// Scores of the model.
    pub tracks: Tracks,
    /// The same where no report was ever filed.
    pub tracks_without_reports: Tracks,
    /// Scores of others, by name.
    pub beside: Vec<(String, Tracks)>,
    /// Accounts that were flagged at the model's own threshold.
    pub flagged: BTreeSet<String>,
    /// Probabilities of scored account-days, and whether the account was abusive by then.
    pub account_days: Vec<(f64, bool)>,
    /// Each account's highest value of each column, in one order.
    pub columns: BTreeMap<String, Vec<f32>>,
    /// The columns' names.
    pub names: Vec<String>,
}

impl Observed {
    /// Forgets the accounts that are not such; their days stay.
    pub fn retain(&mut self, such: impl Fn(&str) -> bool) {
        self.tracks.retain(&such);
        self.tracks_without_reports.retain(&such);
        self.beside.iter_mut().for_each(|(_, tracks)| tracks.retain(&such));
        self.flagged.retain(|account| such(account));
        self.columns.retain(|account, _| such(account));
    }
}

/// How detection fared with one kind of account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Accounts of the kind; of abusive ones, those that were active.
    pub accounts: usize,
    /// Those that were flagged.
    pub flagged: usize,
    /// Those within the capacity.
    pub at_capacity: usize,
}

/// What the best column by itself would find: chosen with the truth known, so that nobody could do better.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct OneFeature {
    /// The column.
    pub feature: String,
    /// Share of the accounts with most of it, within the capacity, that are abusive.
    pub precision: f64,
}

/// Accounts that one of two ways finds within the capacity and the other does not.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Difference {
    /// The other way.
    pub with: String,
    /// Found by both.
    pub both: usize,
    /// Found by the model alone, and whether they are abusive.
    pub only_model: Vec<(String, bool)>,
    /// Found by the other alone, and whether they are abusive.
    pub only_other: Vec<(String, bool)>,
}

/// The figures. What cannot be computed is null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Evaluation {
    /// How many accounts reviewers look at over the window, highest score first.
    pub capacity: usize,
    /// Accounts of the truth.
    pub accounts: usize,
    /// Abusive ones that were active in the window.
    pub abusive: usize,
    /// Days of the window.
    pub days: f64,
    /// Share of the accounts within the capacity that are abusive.
    pub precision_at_capacity: Option<f64>,
    /// Share of the active abusive accounts that are within the capacity.
    pub recall_at_capacity: Option<f64>,
    /// Accounts flagged at the model's threshold, a million accounts and day.
    pub flags_per_million_per_day: Option<f64>,
    /// Median, over abusive accounts that turned to any minor, of the minors they turned to before they were found; all
    /// of them where they were not.
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
    /// The model's figures.
    pub model: Figures,
    /// The same where no report was ever filed.
    pub without_reports: Figures,
    /// Those of others: baselines and another model.
    pub beside: Vec<Figures>,
    /// What the best column by itself would find.
    pub one_feature: Option<OneFeature>,
    /// Against each of the others.
    pub differences: Vec<Difference>,
    /// Whether probabilities mean what they say.
    pub reliability: Reliability,
}

impl Evaluation {
    /// Holds what was seen against the truth.
    pub fn of(observed: &Observed, bench: &Bench) -> Self {
        let model = Figures::of("model", &observed.tracks, bench);
        let without_reports = Figures::of("model, without reports", &observed.tracks_without_reports, bench);
        let beside: Vec<Figures> =
            observed.beside.iter().map(|(name, tracks)| Figures::of(name, tracks, bench)).collect();
        let days = bench.window.1.saturating_sub(bench.window.0) as f64 / DAY_MS;
        let rate = observed.flagged.len() as f64 / (bench.people.len() as f64 * days) * 1e6;
        let reliability = Reliability::of(&observed.account_days);
        let groups = Groups { observed, bench, within: model.found.iter().map(String::as_str).collect() };
        Self {
            capacity: bench.capacity,
            accounts: bench.people.len(),
            abusive: bench.offenders(),
            days,
            precision_at_capacity: model.precision.value,
            recall_at_capacity: model.recall.value,
            flags_per_million_per_day: rate.is_finite().then_some(rate),
            minors_before_flag_median: model.minors.first().and_then(|minors| minors.median),
            recall_without_reports: without_reports.recall.value,
            calibration_error: reliability.error,
            archetypes: groups.by(|p| p.truth.archetype.clone().filter(|_| p.truth.abusive && p.is_active)),
            roles: groups.by(|p| p.truth.role.clone().filter(|_| !p.truth.abusive)),
            ordinary: groups
                .by(|p| (p.truth.role.is_none() && !p.truth.abusive).then(String::new))
                .into_values()
                .next()
                .unwrap_or_default(),
            one_feature: one_feature(observed, bench),
            differences: beside.iter().map(|other| difference(&model, other, bench)).collect(),
            model,
            without_reports,
            beside,
            reliability,
        }
    }
}

struct Groups<'a> {
    observed: &'a Observed,
    bench: &'a Bench,
    within: BTreeSet<&'a str>,
}

impl Groups<'_> {
    fn by(&self, kind: impl Fn(&crate::Person) -> Option<String>) -> BTreeMap<String, Group> {
        let mut groups: BTreeMap<String, Group> = BTreeMap::new();
        for (account, person) in &self.bench.people {
            let Some(name) = kind(person) else { continue };
            let group = groups.entry(name).or_default();
            group.accounts += 1;
            group.flagged += usize::from(self.observed.flagged.contains(account));
            group.at_capacity += usize::from(self.within.contains(account.as_str()));
        }
        groups
    }
}

fn one_feature(observed: &Observed, bench: &Bench) -> Option<OneFeature> {
    let is_abusive = |account: &String| bench.people.get(account).is_some_and(|person| person.truth.abusive);
    let precision = |(column, name): (usize, &String)| {
        let mut accounts: Vec<(f32, bool)> =
            observed.columns.iter().map(|(account, of)| (of[column], is_abusive(account))).collect();
        accounts.sort_by(|a, b| b.0.total_cmp(&a.0));
        let reviewed = accounts.iter().take(bench.capacity);
        let n = reviewed.len().max(1) as f64;
        OneFeature { feature: name.clone(), precision: reviewed.filter(|(_, so)| *so).count() as f64 / n }
    };
    let all = observed.names.iter().enumerate().map(precision);
    all.max_by(|a, b| a.precision.total_cmp(&b.precision)).filter(|_| !observed.columns.is_empty())
}

fn difference(model: &Figures, other: &Figures, bench: &Bench) -> Difference {
    let only = |mine: &Figures, theirs: &Figures| -> Vec<(String, bool)> {
        let alone = mine.found.iter().filter(|account| !theirs.found.contains(account));
        let is_abusive =
            |account: &String| bench.people.get(account).is_some_and(|person| person.truth.abusive);
        alone.map(|account| (account.clone(), is_abusive(account))).collect()
    };
    let only_model = only(model, other);
    Difference {
        with: other.by.clone(),
        both: model.found.len() - only_model.len(),
        only_model,
        only_other: only(other, model),
    }
}

#[cfg(test)]
mod tests;
