//! What was known of accounts by a given moment, and how sure it was.

use std::collections::BTreeMap;

use events::{Label, LabelSource, Millis, Token, Verdict};

use crate::Watch;

/// How likely an account that so many others reported is an offender, from none on.
///
/// Measured on the abuse reports of a real social network, 72,768 reported accounts with the platform's own verdict.
const REPORTED: [f64; 7] = [0.0, 0.458, 0.742, 0.837, 0.873, 0.867, 0.928];

/// What was known of one account.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Known {
    /// How likely it is abusive, 0 to 1.
    pub p: f64,
    /// Rows from this moment on say what was done about the account, and are left out.
    pub until: Millis,
    /// Whether somebody decided; else others only reported it.
    pub is_decided: bool,
}

/// What was known of accounts; nothing of those that are not there.
#[derive(Clone, Debug, Default)]
pub struct Knowledge(BTreeMap<Token, Known>);

impl Knowledge {
    /// What was known by `as_of`, milliseconds since the epoch: decisions, of which the latest of an account counts, and
    /// where nobody decided, reports.
    pub fn new(labels: &[Label], watch: &Watch, as_of: Millis) -> Self {
        let mut known: BTreeMap<Token, Known> = BTreeMap::new();
        for account in watch.all_reported() {
            if let Some((first, reporters)) = watch.reported(account, as_of) {
                let p = likely(reporters);
                known.insert(account.clone(), Known { p, until: first, is_decided: false });
            }
        }
        let mut decided: Vec<&Label> = labels.iter().filter(|label| label.ts <= as_of).collect();
        decided.sort_by_key(|label| label.ts);
        for label in decided {
            let until = match label.label {
                Verdict::Abusive => watch.shut_out(&label.account).unwrap_or(Millis::MAX).min(label.ts),
                Verdict::Benign => Millis::MAX,
            };
            known.insert(label.account.clone(), Known { p: certainty(label), until, is_decided: true });
        }
        Self(known)
    }

    /// What was known of an account.
    pub fn of(&self, account: &Token) -> Option<Known> {
        self.0.get(account).copied()
    }

    /// Everybody of whom something was known.
    pub fn accounts(&self) -> impl Iterator<Item = (&Token, &Known)> {
        self.0.iter()
    }
}

/// Between the measured points, and level beyond.
fn likely(reporters: f64) -> f64 {
    let last = REPORTED.len() - 1;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in a list of seven")]
    let below = (reporters.floor() as usize).min(last);
    let above = (below + 1).min(last);
    REPORTED[below] + (REPORTED[above] - REPORTED[below]) * (reporters - below as f64).clamp(0.0, 1.0)
}

/// How likely what was decided is so (our choice): reviewers err in about one case of ten.
fn certainty(label: &Label) -> f64 {
    match (label.label, label.source) {
        (Verdict::Abusive, LabelSource::Reviewer | LabelSource::AuditSample) => 0.9,
        (Verdict::Abusive, LabelSource::Platform | LabelSource::Appeal | LabelSource::Simulation) => 1.0,
        (Verdict::Benign, LabelSource::Reviewer) => 0.1,
        (Verdict::Benign, _) => 0.0,
    }
}
