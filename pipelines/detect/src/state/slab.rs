//! Many short lists of one kind of record, without an allocation each.
//!
//! A list of n records lives in a cell of the class whose capacity is the least that holds n; cells of a class lie in
//! pages. A byte of each key lies apart from keys and records, so that looking for one reads one byte a record and then
//! hardly any record but that one. All of it is safe code: a list is a number, not a pointer.

use super::foresight::{LINE, fetch};

/// How many records the cells of each class hold.
const CAPACITIES: [u16; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

/// Cells in a page.
const PAGE: usize = 256;

/// Tags that are compared at once.
const STRETCH: usize = 16;

/// The longest list.
pub(crate) const LIST_MAX: usize = 256;

/// One list; empty by default.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct List {
    cell: u32,
    len: u16,
    class: u8,
}

impl List {
    pub(crate) fn len(self) -> usize {
        usize::from(self.len)
    }

    pub(crate) fn len_u16(self) -> u16 {
        self.len
    }

    fn capacity(self) -> usize {
        if self.len == 0 { 0 } else { usize::from(CAPACITIES[usize::from(self.class)]) }
    }

    fn place(self) -> (usize, usize) {
        let cell = self.cell as usize;
        (cell / PAGE, cell % PAGE * usize::from(CAPACITIES[usize::from(self.class)]))
    }
}

/// All lists of one kind.
#[derive(Clone, Debug)]
pub(crate) struct Slab<R> {
    classes: Vec<Class<R>>,
    filler: R,
}

#[derive(Clone, Debug)]
struct Class<R> {
    tags: Vec<Vec<u8>>,
    entries: Vec<Vec<(u32, R)>>,
    free: Vec<u32>,
    cells: u32,
}

impl<R> Default for Class<R> {
    fn default() -> Self {
        Self { tags: Vec::new(), entries: Vec::new(), free: Vec::new(), cells: 0 }
    }
}

impl<R: Clone> Slab<R> {
    /// No lists yet; `filler` stands where there is no record.
    pub(crate) fn new(filler: R) -> Self {
        Self { classes: CAPACITIES.iter().map(|_| Class::default()).collect(), filler }
    }

    /// A byte of each key.
    pub(crate) fn tags(&self, list: List) -> &[u8] {
        if list.len == 0 {
            return &[];
        }
        let (page, start) = list.place();
        &self.classes[usize::from(list.class)].tags[page][start..start + list.len()]
    }

    /// Keys and records, in the order in which they were appended.
    pub(crate) fn entries(&self, list: List) -> &[(u32, R)] {
        if list.len == 0 {
            return &[];
        }
        let (page, start) = list.place();
        &self.classes[usize::from(list.class)].entries[page][start..start + list.len()]
    }

    /// The record at a place of a list.
    pub(crate) fn record_mut(&mut self, list: List, index: usize) -> Option<&mut R> {
        if index >= list.len() {
            return None;
        }
        let (page, start) = list.place();
        let entries = &mut self.classes[usize::from(list.class)].entries[page];
        entries.get_mut(start + index).map(|(_, record)| record)
    }

    pub(crate) fn iter(&self, list: List) -> impl Iterator<Item = (u32, &R)> {
        self.entries(list).iter().map(|(key, record)| (*key, record))
    }

    /// Asks for the bytes of a list's keys.
    pub(super) fn fetch_tags(&self, list: List) {
        let tags = self.tags(list);
        (0..tags.len()).step_by(LINE).for_each(|at| fetch(tags, at));
    }

    /// Asks for all of a list.
    pub(super) fn fetch_entries(&self, list: List) {
        let entries = self.entries(list);
        (0..entries.len()).step_by(LINE.div_ceil(size_of::<(u32, R)>())).for_each(|at| fetch(entries, at));
    }

    /// Asks for what is likely to be the record of a key. Whether it seems to be there.
    pub(super) fn fetch_record(&self, list: List, key: u32) -> bool {
        let tag = tag(key);
        let likely = self.tags(list).iter().position(|t| *t == tag);
        likely.inspect(|index| fetch(self.entries(list), *index)).is_some()
    }

    /// Where in the list the record of a key is.
    pub(crate) fn find(&self, list: List, key: u32) -> Option<usize> {
        if list.len == 0 {
            return None;
        }
        let (tags, entries, tag) = (self.tags(list), self.entries(list), tag(key));
        // A stretch at a time without leaving early, which the compiler turns into few wide comparisons.
        let has = |tags: &[u8]| tags.iter().fold(false, |has, t| has | (*t == tag));
        let (stretches, rest) = tags.as_chunks::<STRETCH>();
        let at = |start: usize, tags: &[u8]| {
            (start..)
                .zip(tags)
                .find(|(index, t)| **t == tag && entries[*index].0 == key)
                .map(|(index, _)| index)
        };
        let mut start = 0;
        for stretch in stretches {
            if has(stretch)
                && let Some(index) = at(start, stretch)
            {
                return Some(index);
            }
            start += STRETCH;
        }
        at(start, rest)
    }

    /// A list of these records, without growing to it. None where there are more than a list holds.
    pub(crate) fn list_of(&mut self, records: &[(u32, R)]) -> Option<List> {
        let len = u16::try_from(records.len()).ok()?;
        if len == 0 {
            return Some(List::default());
        }
        let least = CAPACITIES.iter().position(|capacity| *capacity >= len)?;
        let class = &mut self.classes[least];
        let cell = class.take_cell(usize::from(CAPACITIES[least]), &self.filler);
        let list = List { cell, len, class: u8::try_from(least).ok()? };
        let (page, start) = list.place();
        let places = start..start + records.len();
        class.entries[page][places.clone()].clone_from_slice(records);
        class.tags[page][places].iter_mut().zip(records).for_each(|(at, (key, _))| *at = tag(*key));
        Some(list)
    }

    /// Appends a record.
    ///
    /// # Panics
    /// Where the list is as long as it can be: its owner makes room first.
    pub(crate) fn push(&mut self, list: &mut List, key: u32, record: R) {
        assert!(list.len() < LIST_MAX, "a full list is made room in first");
        if list.len() == list.capacity() {
            self.grow(list);
        }
        let at = list.len();
        list.len += 1;
        let (page, start) = list.place();
        let class = &mut self.classes[usize::from(list.class)];
        class.tags[page][start + at] = tag(key);
        class.entries[page][start + at] = (key, record);
    }

    /// Takes a record out; those after it move up.
    pub(crate) fn remove(&mut self, list: &mut List, index: usize) -> R {
        let (page, start) = list.place();
        let end = start + list.len();
        let class = &mut self.classes[usize::from(list.class)];
        class.tags[page][start + index..end].rotate_left(1);
        class.entries[page][start + index..end].rotate_left(1);
        let removed = std::mem::replace(&mut class.entries[page][end - 1].1, self.filler.clone());
        list.len -= 1;
        if list.len == 0 {
            class.free.push(list.cell);
            *list = List::default();
        }
        removed
    }

    /// Bytes that a list occupies.
    pub(crate) fn bytes(list: List) -> usize {
        Self::bytes_for(list.capacity())
    }

    /// Bytes of a cell of this capacity.
    pub(crate) const fn bytes_for(capacity: usize) -> usize {
        capacity * (size_of::<u8>() + size_of::<(u32, R)>())
    }

    /// Moves a full list to the next class.
    fn grow(&mut self, list: &mut List) {
        let class = if list.len == 0 { 0 } else { list.class + 1 };
        let cell = self.classes[usize::from(class)]
            .take_cell(usize::from(CAPACITIES[usize::from(class)]), &self.filler);
        let grown = List { cell, len: list.len, class };
        if list.len > 0 {
            let (from_page, from) = list.place();
            let (to_page, to) = grown.place();
            let (below, above) = self.classes.split_at_mut(usize::from(class));
            let (old, new) = (&mut below[usize::from(list.class)], &mut above[0]);
            let n = list.len();
            new.tags[to_page][to..to + n].copy_from_slice(&old.tags[from_page][from..from + n]);
            new.entries[to_page][to..to + n].swap_with_slice(&mut old.entries[from_page][from..from + n]);
            old.free.push(list.cell);
        }
        *list = grown;
    }
}

impl<R: Clone> Class<R> {
    fn take_cell(&mut self, capacity: usize, filler: &R) -> u32 {
        if let Some(cell) = self.free.pop() {
            return cell;
        }
        let cell = self.cells;
        self.cells += 1;
        if (cell as usize).is_multiple_of(PAGE) {
            self.tags.push(Vec::new());
            self.entries.push(Vec::new());
        }
        let (Some(tags), Some(entries)) = (self.tags.last_mut(), self.entries.last_mut()) else {
            return cell;
        };
        let len = tags.len() + capacity;
        // A page grows by doubling to exactly its size, so that few accounts take little and many waste nothing.
        let reserve = (tags.len().max(capacity)).min(PAGE * capacity - tags.len());
        if tags.capacity() < len {
            tags.reserve_exact(reserve);
            entries.reserve_exact(reserve);
        }
        tags.resize(len, 0);
        entries.resize(len, (0, filler.clone()));
        cell
    }
}

/// Eight bits of a key that differ among numbers that follow one another (Fibonacci hashing).
fn tag(key: u32) -> u8 {
    key.wrapping_mul(0x9e37_79b1).to_be_bytes()[0]
}

#[cfg(test)]
mod tests;
