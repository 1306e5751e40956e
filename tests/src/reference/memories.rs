//! All that an account remembers of others, and what it lets go.

use super::Second;
use super::age::Parts;
use super::pair::{Approach, MEMORY, Memory};

const APPROACHES_MAX: usize = 256;
const BONDS_MAX: usize = 96;

/// An account's memories, in the order in which they were made.
#[derive(Clone, Debug, Default)]
pub(super) struct Memories<'a> {
    list: Vec<Memory<'a>>,
    /// Start and p of the approaches that had to go.
    crowd: Vec<(Second, Parts)>,
}

impl<'a> Memories<'a> {
    /// What is remembered of another.
    pub(super) fn of(&mut self, other: &str) -> Option<&mut Memory<'a>> {
        self.list.iter_mut().find(|memory| memory.other == other)
    }

    /// The approach to another.
    pub(super) fn approach(&self, other: &str, now: Second) -> Option<Approach> {
        self.list.iter().find(|memory| memory.other == other)?.approach(now)
    }

    /// Everything that is not forgotten.
    pub(super) fn all(&self, now: Second) -> impl Iterator<Item = &Memory<'a>> {
        self.list.iter().filter(move |memory| !memory.is_forgotten(now))
    }

    /// The approaches, in the order in which they were made.
    pub(super) fn approaches(&self, now: Second) -> Vec<Approach> {
        self.list.iter().filter_map(|memory| memory.approach(now)).collect()
    }

    /// The bonds that the other side began.
    pub(super) fn begun_by_others(&self, now: Second) -> impl Iterator<Item = &Memory<'a>> {
        self.all(now).filter(|memory| memory.is_begun_by_other)
    }

    /// Start and p of the approaches that had to go.
    pub(super) fn crowd(&self) -> &[(Second, Parts)] {
        &self.crowd
    }

    /// Lets time pass: approaches become bonds, in the order in which they began.
    pub(super) fn settle(&mut self, now: Second) {
        while let Some(index) = self.oldest_approach().filter(|i| self.list[*i].start + MEMORY <= now) {
            let then = self.list[index].start + MEMORY;
            self.make_bond(index, then);
        }
    }

    /// Lets another be forgotten if it is time.
    pub(super) fn forget(&mut self, other: &str, now: Second) {
        self.list.retain(|memory| memory.other != other || !memory.is_forgotten(now));
    }

    /// Remembers one more.
    pub(super) fn add(&mut self, memory: Memory<'a>) {
        let now = memory.start;
        let is_approach = memory.first_contact.is_some();
        self.list.push(memory);
        if !is_approach {
            self.make_room(now);
        } else if self.list.iter().filter(|memory| memory.first_contact.is_some()).count() > APPROACHES_MAX
            && let Some(index) = self.oldest_approach()
        {
            self.crowd.push((self.list[index].start, self.list[index].p));
            self.make_bond(index, now);
        }
    }

    /// The approach that began first; of equals the one that was made first.
    fn oldest_approach(&self) -> Option<usize> {
        let approaches = self.list.iter().enumerate().filter(|(_, memory)| memory.first_contact.is_some());
        approaches.min_by_key(|(_, memory)| memory.start).map(|(index, _)| index)
    }

    fn make_bond(&mut self, index: usize, now: Second) {
        self.list[index].first_contact = None;
        self.make_room(now);
    }

    /// Lets go of bonds so that there are not too many: what is forgotten, or else the one longest unheard of.
    fn make_room(&mut self, now: Second) {
        let is_bond = |memory: &Memory<'a>| memory.first_contact.is_none();
        if self.list.iter().filter(|memory| is_bond(memory)).count() <= BONDS_MAX {
            return;
        }
        let before = self.list.len();
        self.list.retain(|memory| !memory.is_forgotten(now));
        if self.list.len() < before {
            return;
        }
        let bonds = self.list.iter().enumerate().filter(|(_, memory)| is_bond(memory));
        if let Some((least, _)) = bonds.min_by_key(|(_, memory)| memory.last()) {
            self.list.remove(least);
        }
    }
}
