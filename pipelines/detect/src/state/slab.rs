//! Many short lists of one kind of record, without an allocation each.
//!
//! A list of n records lives in a cell of the class whose capacity is the least that holds n; cells of a class lie in
//! pages. The keys by which records are found lie apart from the records, so that looking for one reads four bytes a
//! record. All of it is safe code: a list is a number, not a pointer.

/// How many records the cells of each class hold.
const CAPACITIES: [u16; 16] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256];

/// Cells in a page.
const PAGE: usize = 256;

/// Keys that are compared at once.
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
    keys: Vec<Vec<u32>>,
    records: Vec<Vec<R>>,
    free: Vec<u32>,
    cells: u32,
}

impl<R> Default for Class<R> {
    fn default() -> Self {
        Self { keys: Vec::new(), records: Vec::new(), free: Vec::new(), cells: 0 }
    }
}

impl<R: Clone> Slab<R> {
    /// No lists yet; `filler` stands where there is no record.
    pub(crate) fn new(filler: R) -> Self {
        Self { classes: CAPACITIES.iter().map(|_| Class::default()).collect(), filler }
    }

    pub(crate) fn keys(&self, list: List) -> &[u32] {
        if list.len == 0 {
            return &[];
        }
        let (page, start) = list.place();
        &self.classes[usize::from(list.class)].keys[page][start..start + list.len()]
    }

    pub(crate) fn records(&self, list: List) -> &[R] {
        if list.len == 0 {
            return &[];
        }
        let (page, start) = list.place();
        &self.classes[usize::from(list.class)].records[page][start..start + list.len()]
    }

    pub(crate) fn records_mut(&mut self, list: List) -> &mut [R] {
        if list.len == 0 {
            return &mut [];
        }
        let (page, start) = list.place();
        &mut self.classes[usize::from(list.class)].records[page][start..start + list.len()]
    }

    pub(crate) fn iter(&self, list: List) -> impl Iterator<Item = (u32, &R)> {
        self.keys(list).iter().copied().zip(self.records(list))
    }

    pub(crate) fn find(&self, list: List, key: u32) -> Option<usize> {
        // A stretch at a time without leaving early, which the compiler turns into few wide comparisons.
        let (stretches, rest) = self.keys(list).as_chunks::<STRETCH>();
        let found = |keys: &[u32; STRETCH]| keys.iter().fold(false, |found, k| found | (*k == key));
        let (start, keys): (usize, &[u32]) = match stretches.iter().position(found) {
            Some(index) => (index * STRETCH, &stretches[index]),
            None => (stretches.len() * STRETCH, rest),
        };
        keys.iter().position(|k| *k == key).map(|index| start + index)
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
        class.keys[page][start + at] = key;
        class.records[page][start + at] = record;
    }

    /// Takes a record out; those after it move up.
    pub(crate) fn remove(&mut self, list: &mut List, index: usize) -> R {
        let (page, start) = list.place();
        let end = start + list.len();
        let class = &mut self.classes[usize::from(list.class)];
        class.keys[page][start + index..end].rotate_left(1);
        class.records[page][start + index..end].rotate_left(1);
        let removed = std::mem::replace(&mut class.records[page][end - 1], self.filler.clone());
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
        capacity * (size_of::<u32>() + size_of::<R>())
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
            new.keys[to_page][to..to + n].copy_from_slice(&old.keys[from_page][from..from + n]);
            new.records[to_page][to..to + n].swap_with_slice(&mut old.records[from_page][from..from + n]);
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
            self.keys.push(Vec::new());
            self.records.push(Vec::new());
        }
        let (Some(keys), Some(records)) = (self.keys.last_mut(), self.records.last_mut()) else {
            return cell;
        };
        let len = keys.len() + capacity;
        // A page grows by doubling to exactly its size, so that few accounts take little and many waste nothing.
        let reserve = (keys.len().max(capacity)).min(PAGE * capacity - keys.len());
        if keys.capacity() < len {
            keys.reserve_exact(reserve);
            records.reserve_exact(reserve);
        }
        keys.resize(len, 0);
        records.resize(len, filler.clone());
        cell
    }
}

#[cfg(test)]
mod tests;
