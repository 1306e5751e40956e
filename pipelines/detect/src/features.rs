//! The catalogue of features: what each one is, and how it is computed from what is seen of an account.
//!
//! A feature is one definition over one or several windows; each window gives a column, and a raw count its
//! percentile within the cohort and its deviation from the account's own past besides. All else follows from the
//! definition: the schema and its hash, the models' columns, Parquet, explanations, the gate's bounds and
//! `docs/features.md`.

use schema::{Direction, Family, Feature, ReasonCode, Schema, Transform, Unit, Vector, Window};

use crate::Profile;
use crate::state::pair::Set;
use crate::state::{Hourly, Hours, Rare};
use crate::view::{Tally, View};

mod deviation;
mod graph;
mod identity;
mod page;
mod protest;
mod response;
mod rhythm;
mod targeting;
mod timing;

pub use page::features_page;

/// Ratios over fewer than this are absent, never 0.
pub(crate) const RATIO_N_MIN: u32 = 5;

/// With how many at the usual rate a share is shrunk.
const STRENGTH: f64 = 5.0;

/// One definition over its windows.
pub(crate) struct Definition {
    /// Name; a windowed column is called `name_window`.
    pub(crate) name: &'static str,
    /// The definition in words and formulae, in the terms of `docs/detection.md`.
    pub(crate) meaning: &'static str,
    pub(crate) unit: Unit,
    /// The windows; empty for what has none.
    pub(crate) windows: &'static [Window],
    pub(crate) family: Family,
    pub(crate) reason: ReasonCode,
    pub(crate) direction: Direction,
    pub(crate) transform: Transform,
    /// Sentence for people, with `{value}`, `{baseline}` and `{window}` in it.
    pub(crate) sentence: &'static str,
    pub(crate) null_when: Option<&'static str>,
    /// What the deployment must know: event types and fields, alternatives parted by `|`.
    pub(crate) needs: &'static [&'static str],
    pub(crate) over: Over,
    /// Which values are possible over n of what it is over.
    pub(crate) range: Range,
    pub(crate) derived: Derived,
    /// The value from the whole account and from one window of it.
    pub(crate) value: fn(&View<'_>, &Tally, Window) -> Option<f64>,
}

/// What a feature is computed over. An account that has few of them cannot have much of the feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Over {
    /// How many first contacts and expected minors there are in each window and on each day, and nothing else of pairs:
    /// computed at a glance.
    Counts,
    /// Remembered first contacts.
    Approaches,
    /// Those of them in a set.
    In(Set),
    /// The minors expected among them: at least half a one for each likely minor.
    Minors,
    /// Remembered pairs.
    Pairs,
    /// Remembered messages.
    Messages,
    /// Anything else.
    Other,
}

/// Which values a feature can have.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Range {
    /// From 0 to n.
    Count,
    /// Between two numbers each of the n.
    PerOne(f64, f64),
    /// Between two numbers, and absent for n below 5.
    Ratio(f64, f64),
    /// A share of something that is pulled towards what is usual as if five more had been seen at it, to which each of
    /// the n gives at most `per_one`.
    ShareOf { per_one: f64, usual: f64 },
    /// Between two numbers, and absent for n = 0.
    Among(f64, f64),
    /// Between two numbers.
    Fixed(f64, f64),
}

/// Which further columns a raw count gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Derived {
    None,
    /// Its percentile within the cohort, for windows of a day and more.
    Percentile,
}

/// A share in 0 to 1.
const SHARE: Range = Range::Ratio(0.0, 1.0);

/// A share of members of a set among others.
const fn share_of(usual: f64) -> Range {
    Range::ShareOf { per_one: 1.0, usual }
}

/// What most definitions of a kind have in common; a definition names the rest.
const BLANK: Definition = Definition {
    name: "",
    meaning: "",
    unit: Unit::Share,
    windows: &[],
    family: Family::Targeting,
    reason: ReasonCode::RC01,
    direction: Direction::More,
    transform: Transform::Identity,
    sentence: "",
    null_when: None,
    needs: &[],
    over: Over::Approaches,
    range: SHARE,
    derived: Derived::None,
    value: |_, _, _| None,
};

/// A count of accounts or events.
const COUNT: Definition =
    Definition { unit: Unit::Accounts, transform: Transform::Log1p, range: Range::Count, ..BLANK };

/// A sum of probabilities.
const EXPECTED: Definition = Definition { unit: Unit::ExpectedAccounts, ..COUNT };

const FEW_CONTACTS: Option<&str> = Some("fewer than 5 first contacts");
const FEW_MINORS: Option<&str> = Some("fewer than 5 first contacts with likely minors");

/// Every definition, in the columns' order.
fn definitions() -> impl Iterator<Item = &'static Definition> {
    [
        targeting::FEATURES,
        response::FEATURES,
        timing::FEATURES,
        rhythm::FEATURES,
        identity::FEATURES,
        graph::FEATURES,
        protest::FEATURES,
        deviation::FEATURES,
    ]
    .into_iter()
    .flatten()
}

/// One column of the vector.
#[derive(Clone, Copy)]
pub(crate) struct ColumnOf {
    pub(crate) definition: &'static Definition,
    pub(crate) window: Option<Window>,
    /// Whether it is the percentile of the raw column.
    pub(crate) is_percentile: bool,
}

/// Every column, in order: a definition's own, then their percentiles.
pub(crate) fn columns() -> impl Iterator<Item = ColumnOf> {
    definitions().flat_map(|definition| {
        let windows: Vec<Option<Window>> = match definition.windows {
            [] => vec![None],
            windows => windows.iter().copied().map(Some).collect(),
        };
        let has_percentile = |window: &Option<Window>| {
            definition.derived == Derived::Percentile
                && window.is_some_and(|w| w.length_ms() >= Window::H24.length_ms() && w != Window::LIFE)
        };
        let percentiles: Vec<Option<Window>> = windows.iter().copied().filter(has_percentile).collect();
        let raw =
            windows.into_iter().map(move |window| ColumnOf { definition, window, is_percentile: false });
        raw.chain(percentiles.into_iter().map(move |window| ColumnOf {
            definition,
            window,
            is_percentile: true,
        }))
    })
}

impl ColumnOf {
    /// The column's name.
    pub(crate) fn name(&self) -> String {
        let name = self.window.map_or_else(
            || self.definition.name.to_owned(),
            |w| format!("{}_{}", self.definition.name, w.name()),
        );
        if self.is_percentile { name + "_pct" } else { name }
    }

    fn feature(&self, profile: &Profile) -> Feature {
        let d = self.definition;
        let unavailable = profile.lacking(d.needs);
        let mut feature = Feature {
            name: self.name(),
            meaning: d.meaning.to_owned(),
            unit: d.unit,
            window: self.window,
            family: d.family,
            reason: d.reason,
            direction: d.direction,
            transform: d.transform,
            sentence: d.sentence,
            null_when: d.null_when,
            unavailable,
        };
        if self.is_percentile {
            feature.meaning = format!(
                "share of accounts of the same cohort (region, tenure, age band) that have less: {}",
                d.meaning
            );
            feature.unit = Unit::Percentile;
            feature.transform = Transform::Identity;
            feature.direction = Direction::Neither;
            feature.null_when = Some("there is no cohort to compare with");
        }
        feature
    }

    /// What bounds its value. A lifetime remembers more than the pairs do.
    pub(crate) fn over(&self) -> Over {
        if self.window == Some(Window::LIFE) { Over::Other } else { self.definition.over }
    }

    pub(crate) fn value(&self, view: &View<'_>) -> Option<f64> {
        if self.is_percentile {
            return None;
        }
        let window = self.window.unwrap_or(Window::D28);
        (self.definition.value)(view, view.window(window), window)
    }
}

/// Everything that features need, each type or field by itself.
#[cfg(test)]
pub(crate) fn needs() -> impl Iterator<Item = &'static str> {
    definitions().flat_map(|definition| definition.needs).flat_map(|need| need.split('|'))
}

/// The schema of a deployment of this profile.
pub fn feature_schema(profile: &Profile) -> Schema {
    Schema::new(columns().map(|column| column.feature(profile)).collect())
}

/// Which columns a profile has; computed once, used for every vector.
#[derive(Clone, Debug)]
pub(crate) struct Catalogue {
    pub(crate) columns: Vec<ColumnOf>,
    pub(crate) available: Vec<bool>,
}

impl std::fmt::Debug for ColumnOf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.name())
    }
}

impl Catalogue {
    pub(crate) fn new(profile: &Profile) -> Self {
        let columns: Vec<ColumnOf> = columns().collect();
        let available =
            columns.iter().map(|column| profile.lacking(column.definition.needs).is_none()).collect();
        Self { columns, available }
    }

    /// An account's vector. Percentiles are absent until a model fills them in.
    pub(crate) fn vector(&self, view: &View<'_>) -> Vector {
        let value = |(column, available): (&ColumnOf, &bool)| {
            if *available { column.value(view).unwrap_or(f64::NAN) } else { f64::NAN }
        };
        Vector::new(self.columns.iter().zip(&self.available).map(value).collect())
    }
}

/// What an account did within the window's hours.
fn hourly(view: &View<'_>, window: Window, which: fn(&Hours) -> &Hourly) -> f64 {
    let hours = view.rare.and_then(Rare::hours);
    hours.map_or(0.0, |hours| f64::from(which(hours).within(view.now, window.seconds())))
}

/// A sum of ten-thousandths as a number of accounts.
fn expected(ten_thousandths: u32) -> f64 {
    f64::from(ten_thousandths) / 10_000.0
}

/// The share k of n, pulled towards `usual` as if five more had been seen at it; absent below n = 5.
fn shrunk(k: u32, n: u32, usual: f64) -> Option<f64> {
    shrunk_sum(f64::from(k), f64::from(n), n, usual)
}

/// The share k of m over n of something, pulled towards `usual`; absent below n = 5.
fn shrunk_sum(k: f64, m: f64, n: u32, usual: f64) -> Option<f64> {
    (n >= RATIO_N_MIN).then(|| (k + usual * STRENGTH) / (m + STRENGTH))
}

#[cfg(test)]
mod tests;
