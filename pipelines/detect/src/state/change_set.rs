//! Which records changed since the last snapshot.

/// One bit a number.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChangeSet {
    words: Vec<u64>,
}

impl ChangeSet {
    pub(crate) fn note(&mut self, number: u32) {
        let word = number as usize / 64;
        if self.words.len() <= word {
            self.words.resize(word + 1, 0);
        }
        self.words[word] |= 1 << (number % 64);
    }

    fn has(&self, number: u32) -> bool {
        self.words.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Of the first `count` numbers, those that changed and those of a slice of all; nothing is changed thereafter.
    pub(crate) fn take(&mut self, count: usize, slice: Slice) -> Vec<u32> {
        let all = 0..u32::try_from(count).unwrap_or(u32::MAX);
        let due = all.filter(|number| self.has(*number) || slice.holds(u64::from(*number))).collect();
        self.words.fill(0);
        due
    }
}

/// Every how many-eth record is written whether it changed or not, so that a few segments hold everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    pub(crate) index: u64,
    pub(crate) of: u64,
}

impl Slice {
    pub(crate) fn holds(self, number: u64) -> bool {
        number % self.of == self.index
    }
}
