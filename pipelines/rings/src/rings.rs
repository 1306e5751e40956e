//! The whole: events in, clusters out, a tick at a time.

use events::{Event, Token};

use crate::DAY;
use crate::clusters::{Clusters, MEMBERS_MAX, TOGETHER};
use crate::explain::{Explanation, explain};
use crate::linker::Linker;

/// Links and clusters, kept as events come.
///
/// After each tick, accounts of which something changed are linked anew. What changes for an account without its doing
/// (its links fade, a device of its becomes common) is seen at the first tick of each day, when all are.
#[derive(Clone, Debug)]
pub struct Rings {
    linker: Linker,
    clusters: Clusters,
    /// The day on which everybody was last linked anew.
    day: u64,
}

impl Default for Rings {
    fn default() -> Self {
        Self::new(MEMBERS_MAX)
    }
}

impl Rings {
    /// Nothing yet, and no clusters of more than `members_max` accounts.
    pub fn new(members_max: usize) -> Self {
        Self { linker: Linker::default(), clusters: Clusters::new(members_max), day: 0 }
    }

    /// Takes in the events of one tick, in any order. Returns the accounts that were linked anew, none where all were.
    pub fn tick(&mut self, events: &[Event]) -> Vec<Token> {
        self.linker.tick(events);
        let day = self.linker.now() / (u64::from(DAY) * 1000);
        if day > self.day {
            self.day = day;
            self.refresh();
            return Vec::new();
        }
        self.follow()
    }

    /// Breaks what links two accounts, for good.
    pub fn break_link(&mut self, one: &Token, other: &Token) {
        self.linker.break_link(one, other);
        self.follow();
    }

    /// Links everybody anew.
    pub fn refresh(&mut self) {
        self.linker.take_changed();
        self.clusters = self.clusters.anew(self.linker.links(TOGETHER));
    }

    /// The clusters.
    pub fn clusters(&self) -> &Clusters {
        &self.clusters
    }

    /// What the links rest on.
    pub fn linker(&self) -> &Linker {
        &self.linker
    }

    /// Why two accounts are linked or not.
    pub fn explain(&self, one: &Token, other: &Token) -> Explanation {
        explain(&self.linker, &self.clusters, one, other)
    }

    fn follow(&mut self) -> Vec<Token> {
        let changed = self.linker.take_changed();
        let linker = &self.linker;
        let links = changed.iter().map(|token| (token.clone(), linker.links_of(token, TOGETHER)));
        self.clusters.update(links);
        changed
    }
}

#[cfg(test)]
mod tests;
