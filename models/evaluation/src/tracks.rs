//! How each account's score rose over time.

use std::collections::BTreeMap;

/// Of each account, every moment at which its score was higher than ever before.
#[derive(Clone, Debug, Default)]
pub struct Tracks {
    by_account: BTreeMap<String, Vec<(u64, f64)>>,
}

impl Tracks {
    /// Takes in a score at a moment, milliseconds since the epoch. Scores of an account come in order of time.
    pub fn raise(&mut self, account: &str, at: u64, score: f64) {
        match self.by_account.get_mut(account) {
            Some(track) => {
                if track.last().is_none_or(|(_, highest)| score > *highest) {
                    track.push((at, score));
                }
            }
            None => {
                self.by_account.insert(account.to_owned(), vec![(at, score)]);
            }
        }
    }

    /// Forgets the accounts that are not such.
    pub fn retain(&mut self, such: impl Fn(&str) -> bool) {
        self.by_account.retain(|account, _| such(account));
    }

    /// Accounts that were ever scored.
    pub fn len(&self) -> usize {
        self.by_account.len()
    }

    /// Whether nobody was ever scored.
    pub fn is_empty(&self) -> bool {
        self.by_account.is_empty()
    }

    /// The highest score of an account.
    pub fn highest(&self, account: &str) -> Option<f64> {
        self.by_account.get(account)?.last().map(|(_, score)| *score)
    }

    /// When an account's score first reached a threshold.
    pub fn reached(&self, account: &str, threshold: f64) -> Option<u64> {
        let track = self.by_account.get(account)?;
        track.get(track.partition_point(|(_, score)| *score < threshold)).map(|(at, _)| *at)
    }

    /// Accounts with their highest score, highest first; who got there first comes first among equals.
    pub fn ranked(&self) -> Vec<(&str, f64)> {
        let mut all: Vec<(&str, u64, f64)> = self
            .by_account
            .iter()
            .filter_map(|(account, track)| track.last().map(|(at, score)| (account.as_str(), *at, *score)))
            .collect();
        all.sort_by(|a, b| b.2.total_cmp(&a.2).then(a.1.cmp(&b.1)).then(a.0.cmp(b.0)));
        all.into_iter().map(|(account, _, score)| (account, score)).collect()
    }
}
