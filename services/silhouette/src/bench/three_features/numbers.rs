//! Accounts by dense numbers, in the order in which they are met.

use std::hash::{Hash, Hasher};

use events::Token;
use rustc_hash::FxHasher;

/// A token with its hash.
#[derive(Clone, Debug)]
pub(super) struct Met {
    token: Token,
    hash: u32,
}

impl Met {
    pub(super) fn new(token: Token) -> Self {
        let mut hasher = FxHasher::default();
        token.hash(&mut hasher);
        // The upper half is mixed best.
        let hash = (hasher.finish() >> 32) as u32;
        Self { token, hash }
    }
}

/// A table with open addressing, which unlike the standard library's can be touched before it is asked.
#[derive(Debug, Default)]
pub(super) struct Numbers {
    /// A power of two of them, at most half of them taken.
    slots: Vec<Slot>,
    tokens: Vec<Token>,
}

/// A number with the hash of its token.
#[derive(Clone, Copy, Debug)]
struct Slot {
    hash: u32,
    number: u32,
}

const FREE: Slot = Slot { hash: 0, number: u32::MAX };
const SLOTS_MIN: usize = 1024;

impl Numbers {
    /// How many accounts have been met.
    pub(super) fn len(&self) -> usize {
        self.tokens.len()
    }

    /// The number of an account, a new one where it has none.
    pub(super) fn of(&mut self, met: Met) -> u32 {
        if self.slots.len() < 2 * (self.tokens.len() + 1) {
            self.grow();
        }
        let (at, found) = self.place(&met);
        if let Some(number) = found {
            return number;
        }
        #[expect(clippy::cast_possible_truncation, reason = "fewer accounts than a file could hold")]
        let number = self.tokens.len() as u32;
        self.slots[at] = Slot { hash: met.hash, number };
        self.tokens.push(met.token);
        number
    }

    /// The number of an account, if it has one.
    pub(super) fn find(&self, met: &Met) -> Option<u32> {
        if self.slots.is_empty() { None } else { self.place(met).1 }
    }

    /// Reads from the place where an account is looked for first.
    pub(super) fn touch(&self, met: &Met) -> u32 {
        self.slots.get(self.home(met.hash)).map_or(0, |slot| slot.number)
    }

    /// Where an account is or would be, and its number if it has one.
    fn place(&self, met: &Met) -> (usize, Option<u32>) {
        let mut at = self.home(met.hash);
        loop {
            let slot = self.slots[at];
            if slot.number == FREE.number {
                return (at, None);
            }
            if slot.hash == met.hash && self.tokens[slot.number as usize] == met.token {
                return (at, Some(slot.number));
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    fn home(&self, hash: u32) -> usize {
        hash as usize & self.slots.len().wrapping_sub(1)
    }

    fn grow(&mut self) {
        let taken = std::mem::take(&mut self.slots);
        self.slots = vec![FREE; (2 * taken.len()).max(SLOTS_MIN)];
        for slot in taken.into_iter().filter(|slot| slot.number != FREE.number) {
            let mut at = self.home(slot.hash);
            while self.slots[at].number != FREE.number {
                at = (at + 1) & (self.slots.len() - 1);
            }
            self.slots[at] = slot;
        }
    }
}
