//! The catalogue of features: what each one is, and how it is computed from an account's state.
//!
//! A family is one definition over one or several windows; each window gives a column. Adding a family to
//! [`FAMILIES`] adds its columns to the schema, the models, the Parquet files and the explanations.

use events::Millis;
use schema::{Direction, Feature, ReasonCode, Schema, Transform, Unit, Vector, Window};

use crate::account::Account;
use crate::age::MinorOdds;

mod context;
mod fan_out;
mod response;
mod tally;

use tally::{Tally, View};

/// Ratios over fewer accounts than this are absent, never 0.
const RATIO_N_MIN: u64 = 5;

/// One definition over its windows.
struct Family {
    /// Name; a windowed column is called `name_window`.
    name: &'static str,
    meaning: &'static str,
    unit: Unit,
    /// The windows; empty for what has none.
    windows: &'static [Window],
    reason: ReasonCode,
    direction: Direction,
    transform: Transform,
    sentence: &'static str,
    null_when: Option<&'static str>,
    /// The value from the whole account and from one window of it.
    value: fn(&View, &Tally) -> Option<f64>,
}

/// Every family, in the columns' order.
const FAMILIES: &[&Family] = &[
    &fan_out::FIRST_CONTACTS,
    &fan_out::MINORS_EXPECTED,
    &fan_out::MINOR_SHARE_EXCESS,
    &fan_out::STRANGER_SHARE,
    &fan_out::OPEN_DISCOVERY_SHARE,
    &fan_out::GATE_ATTEMPTS,
    &fan_out::BURST,
    &response::ACCEPTANCE,
    &response::REPLY_RATE,
    &response::BLOCKS,
    &response::BLOCKS_BY_MINORS,
    &response::REPORTS_BY_MINORS,
    &context::ACCOUNT_AGE,
    &context::HOLDER_MINOR,
];

/// The schema that this program computes.
pub fn feature_schema() -> Schema {
    let mut features = Vec::new();
    for family in FAMILIES {
        match family.windows {
            [] => features.push(column(family, None)),
            windows => features.extend(windows.iter().map(|window| column(family, Some(*window)))),
        }
    }
    Schema::new(features)
}

fn column(family: &Family, window: Option<Window>) -> Feature {
    Feature {
        name: window.map_or_else(|| family.name.to_owned(), |w| format!("{}_{}", family.name, w.name)),
        meaning: family.meaning,
        unit: family.unit,
        window,
        reason: family.reason,
        direction: family.direction,
        transform: family.transform,
        sentence: family.sentence,
        null_when: family.null_when,
    }
}

/// An account's vector at `now`, from every event up to then.
pub(crate) fn vector(account: &Account, now: Millis) -> Vector {
    let view = View::of(account, now);
    let mut values = Vec::new();
    for family in FAMILIES {
        match family.windows {
            [] => values.push((family.value)(&view, view.window(Window::D28))),
            windows => values.extend(windows.iter().map(|w| (family.value)(&view, view.window(*w)))),
        }
    }
    Vector::new(values.into_iter().map(|v| v.unwrap_or(f64::NAN)).collect())
}

/// A sum of ten-thousandths as a number of accounts.
fn expected(ten_thousandths: u64) -> f64 {
    ten_thousandths as f64 / MinorOdds::ONE
}

/// The share k of n, pulled towards `prior` as if `strength` more had been seen at it; absent below n = 5.
fn shrunk_share(k: f64, n: u64, prior: f64, strength: f64) -> Option<f64> {
    (n >= RATIO_N_MIN).then(|| (k + prior * strength) / (n as f64 + strength))
}
