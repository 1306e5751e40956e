//! What a group of events will need, asked for before the first of them is taken in.
//!
//! The state of millions of accounts lies outside every cache, and reads that wait for one another take twenty times as
//! long as reads that do not. So what a group needs is asked for together, one layer after the other: numbers, then
//! what is found by a number, then what is found by that. Nobody waits for what was asked for, and nothing here decides
//! anything.

use events::{Event, Token};
use prefetch_index::prefetch_index;

use super::State;
use super::directory::{AccountId, Place};

/// How many events, or accounts, are foreseen at a time.
pub(crate) const GROUP: usize = 32;

/// Bytes that come from memory at a time.
pub(super) const LINE: usize = 64;

/// Who an event names, and which account each seems to be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parties {
    pub(super) actor: Option<Party>,
    pub(super) target: Option<Party>,
}

/// One account that an event names.
#[derive(Clone, Copy, Debug)]
pub(super) struct Party {
    pub(super) place: Place,
    /// An account whose token has the same hash, as far as it is kept.
    pub(super) likely: Option<AccountId>,
}

impl State {
    /// Takes in events, each with whether it is late, in this order.
    pub(crate) fn take_in<'e>(&mut self, mut events: impl Iterator<Item = (&'e Event, bool)>) {
        let mut group = Vec::with_capacity(GROUP);
        let mut parties = Vec::with_capacity(GROUP);
        loop {
            group.extend(events.by_ref().take(GROUP));
            if group.is_empty() {
                return;
            }
            parties.extend(group.iter().map(|(event, _)| self.parties(event)));
            self.foresee(&parties);
            for ((event, late), parties) in group.drain(..).zip(parties.drain(..)) {
                self.apply(event, late, parties);
            }
        }
    }

    fn parties(&self, event: &Event) -> Parties {
        let party = |token: &Token| {
            let place = Place::of(token);
            Party { place, likely: self.directory.likely(place) }
        };
        Parties { actor: event.actor.as_ref().map(party), target: event.target.as_ref().map(party) }
    }

    fn foresee(&self, parties: &[Parties]) {
        let likely = |party: Option<Party>| party.and_then(|party| party.likely);
        let pairs = || parties.iter().map(|parties| (likely(parties.actor), likely(parties.target)));
        let accounts = || pairs().flat_map(|(actor, target)| [actor, target]).flatten();
        for id in accounts() {
            let (shard, local) = self.shard(id);
            self.directory.fetch(id);
            shard.fetch(local);
        }
        for id in accounts() {
            let (shard, local) = self.shard(id);
            self.directory.fetch_text(id);
            shard.fetch_keys(local);
        }
        for (actor, target) in pairs().filter_map(|(actor, target)| actor.zip(target)) {
            for (id, other) in [(actor, target), (target, actor)] {
                let (shard, local) = self.shard(id);
                shard.fetch_pair(local, other);
            }
        }
    }

    /// Asks for what is needed of accounts that are going to be looked at.
    pub(crate) fn foresee_looks(&self, ids: &[AccountId]) {
        for id in ids {
            let (shard, local) = self.shard(*id);
            shard.fetch(local);
            self.directory.fetch(*id);
            self.registers.fetch(*id);
        }
        for id in ids {
            let (shard, local) = self.shard(*id);
            shard.fetch_look(local);
            self.registers.fetch_links(*id);
        }
    }
}

/// Asks for the lines in which a record of a list begins and ends.
pub(super) fn fetch<T>(records: &[T], index: usize) {
    prefetch_index(records, index);
    prefetch_index(records, index + 1);
}
