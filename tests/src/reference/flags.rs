//! When a score becomes a flag.

use std::collections::BTreeMap;

use events::Millis;
use schema::{Schema, Vector};
use scorers::Model;

use super::ScoredRow;

/// One flag, as far as its definition goes.
#[derive(Clone, Debug, PartialEq)]
pub struct FlagRow {
    /// The flag's id.
    pub flag_id: String,
    /// The account.
    pub account: String,
    /// The tick, milliseconds since the epoch.
    pub at: Millis,
    /// Log-odds.
    pub score: f64,
    /// Calibrated probability.
    pub p: f64,
}

/// The flags that `model` raises over `rows`, in their order, from probability `threshold` on.
pub fn flag_all(rows: &[ScoredRow], schema: &Schema, model: &Model, threshold: f64) -> Vec<FlagRow> {
    let mut flagged_at: BTreeMap<&str, u64> = BTreeMap::new();
    let mut flags = Vec::new();
    for row in rows {
        let x = schema.names().map(|name| row.columns[name].unwrap_or(f64::NAN)).collect();
        let scored = model.score(&Vector::new(x));
        let step = step(scored.p, threshold);
        let has_approach = row.columns["fc_rate_all_28d"] > Some(0.0);
        if !has_approach || step <= flagged_at.get(row.account.as_str()).copied().unwrap_or(0) {
            continue;
        }
        flagged_at.insert(&row.account, step);
        let cause = format!("{}\n{}\n{}\n{step}\n", row.account, model.id(), row.at);
        flags.push(FlagRow {
            flag_id: blake3::hash(cause.as_bytes()).to_hex().chars().take(32).collect(),
            account: row.account.clone(),
            at: row.at,
            score: scored.score,
            p: scored.p,
        });
    }
    flags
}

/// 0 below the threshold, 1 from it on, and one more with every tenth.
fn step(p: f64, threshold: f64) -> u64 {
    if p < threshold {
        return 0;
    }
    let tenths = (0..10).take_while(|tenth| f64::from(tenth + 1) <= 10.0 * (p - threshold) + 1e-9);
    1 + tenths.count() as u64
}
