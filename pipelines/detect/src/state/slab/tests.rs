//! Lists in a slab hold one against lists of their own.

use proptest::prelude::*;

use super::*;

/// One thing that is done to one of a few lists.
#[derive(Clone, Debug)]
enum Deed {
    /// So many records are appended, as far as there is room.
    Push { list: usize, count: usize },
    /// The record at this place of hundred goes.
    Remove { list: usize, place: usize },
    /// All but so many go, from the front or from the back.
    Shrink { list: usize, left: usize, from_front: bool },
    /// A record is changed where it stands.
    Change { list: usize, place: usize },
}

const LISTS: usize = 4;

fn deed() -> impl Strategy<Value = Deed> {
    let list = || 0..LISTS;
    prop_oneof![
        4 => (list(), 1..40_usize).prop_map(|(list, count)| Deed::Push { list, count }),
        4 => (list(), 0..100_usize).prop_map(|(list, place)| Deed::Remove { list, place }),
        1 => (list(), 0..4_usize, any::<bool>())
            .prop_map(|(list, left, from_front)| Deed::Shrink { list, left, from_front }),
        2 => (list(), 0..100_usize).prop_map(|(list, place)| Deed::Change { list, place }),
    ]
}

/// The slab beside the lists that it stands for.
struct Both {
    slab: Slab<u64>,
    lists: [List; LISTS],
    expected: [Vec<(u32, u64)>; LISTS],
    next: u32,
}

impl Both {
    fn new() -> Self {
        let (lists, expected) = ([List::default(); LISTS], [const { Vec::new() }; LISTS]);
        Self { slab: Slab::new(u64::MAX), lists, expected, next: 0 }
    }

    fn push(&mut self, list: usize) {
        if self.expected[list].len() < LIST_MAX {
            let (key, record) = (self.next, u64::from(self.next) << 32 | list as u64);
            self.next += 1;
            self.slab.push(&mut self.lists[list], key, record);
            self.expected[list].push((key, record));
        }
    }

    fn remove(&mut self, list: usize, index: usize) {
        let removed = self.slab.remove(&mut self.lists[list], index);
        assert_eq!(removed, self.expected[list].remove(index).1);
    }

    fn act(&mut self, deed: &Deed) {
        match *deed {
            Deed::Push { list, count } => (0..count).for_each(|_| self.push(list)),
            Deed::Remove { list, place } => {
                if let Some(index) = self.index(list, place) {
                    self.remove(list, index);
                }
            }
            Deed::Shrink { list, left, from_front } => {
                while self.expected[list].len() > left {
                    self.remove(list, if from_front { 0 } else { self.expected[list].len() - 1 });
                }
            }
            Deed::Change { list, place } => {
                if let Some(index) = self.index(list, place) {
                    let (key, expected) = &mut self.expected[list][index];
                    *expected = !*expected;
                    let index = self.slab.find(self.lists[list], *key).unwrap();
                    *self.slab.record_mut(self.lists[list], index).expect("a record") = *expected;
                }
            }
        }
    }

    fn index(&self, list: usize, place: usize) -> Option<usize> {
        let len = self.expected[list].len();
        (len > 0).then(|| place * len / 100)
    }

    fn check(&self) {
        for (list, expected) in self.lists.iter().zip(&self.expected) {
            let found: Vec<(u32, u64)> = self.slab.iter(*list).map(|(key, record)| (key, *record)).collect();
            assert_eq!(&found, expected);
            assert_eq!(list.len(), expected.len());
            assert_eq!(self.slab.tags(*list).len(), self.slab.entries(*list).len());
            for (index, (key, _)) in expected.iter().enumerate() {
                assert_eq!(self.slab.find(*list, *key), Some(index));
            }
            assert_eq!(self.slab.find(*list, self.next), None);
            let room = Slab::<u64>::bytes(*list) / (4 + 8);
            assert!(room >= list.len() && (list.len() > 0 || room == 0), "{room} for {}", list.len());
        }
    }

    /// How many cells were ever made.
    fn cells(&self) -> u32 {
        self.slab.classes.iter().map(|class| class.cells).sum()
    }

    /// Cells that are free or in use, which must be all.
    fn accounted_for(&self) -> usize {
        let in_use = self.lists.iter().filter(|list| list.len() > 0).count();
        self.slab.classes.iter().map(|class| class.free.len()).sum::<usize>() + in_use
    }
}

proptest! {
    #[test]
    fn lists_are_what_was_put_into_them(deeds in prop::collection::vec(deed(), 1..80)) {
        let mut both = Both::new();
        for deed in &deeds {
            both.act(deed);
            both.check();
            prop_assert_eq!(both.accounted_for(), both.cells() as usize);
        }
    }
}

#[test]
fn a_list_grows_through_every_class() {
    let mut both = Both::new();
    for n in 1..=LIST_MAX {
        both.push(0);
        both.push(1);
        both.check();
        let least = CAPACITIES.iter().map(|c| usize::from(*c)).find(|c| *c >= n).unwrap();
        assert_eq!(Slab::<u64>::bytes(both.lists[0]), least * 17);
    }
    assert_eq!(both.cells() as usize, 2 * CAPACITIES.len());
}

#[test]
fn a_list_made_at_once_is_as_one_that_grew() {
    let mut slab = Slab::new(u64::MAX);
    for n in 0..=u32::try_from(LIST_MAX).unwrap() {
        let records: Vec<(u32, u64)> = (0..n).map(|key| (key, u64::from(key) << 32)).collect();
        let (mut grown, mut made) = (List::default(), slab.list_of(&records).unwrap());
        records.iter().for_each(|(key, record)| slab.push(&mut grown, *key, *record));
        assert_eq!(slab.entries(made), slab.entries(grown));
        assert_eq!(slab.tags(made), slab.tags(grown));
        assert_eq!(Slab::<u64>::bytes(made), Slab::<u64>::bytes(grown));
        if n > 0 {
            assert_eq!(slab.remove(&mut made, 0), 0);
        }
    }
    assert!(slab.list_of(&[(0, 0); LIST_MAX + 1]).is_none());
}

#[test]
fn cells_are_used_again() {
    let mut both = Both::new();
    let mut cells = None;
    for _ in 0..50 {
        (0..LISTS).for_each(|list| (0..LIST_MAX).for_each(|_| both.push(list)));
        (0..LISTS).for_each(|list| both.act(&Deed::Shrink { list, left: 0, from_front: true }));
        assert_eq!(both.cells(), *cells.get_or_insert_with(|| both.cells()), "a further round needs no more");
    }
    both.check();
    assert!(both.cells() as usize <= LISTS * CAPACITIES.len());
}

#[test]
fn more_lists_than_a_page_has_cells_stay_apart() {
    let mut slab = Slab::new(0_u32);
    let mut lists = vec![List::default(); 3 * PAGE + 1];
    for n in 0..3_u32 {
        for (key, list) in (0_u32..).zip(&mut lists) {
            slab.push(list, key, key * 10 + n);
        }
    }
    for (key, list) in (0_u32..).zip(&lists) {
        assert_eq!(slab.entries(*list), [0, 1, 2].map(|n| (key, key * 10 + n)));
    }
}

#[test]
#[should_panic(expected = "a full list is made room in first")]
fn a_full_list_takes_no_more() {
    let mut slab = Slab::new(0_u8);
    let mut list = List::default();
    (0..=LIST_MAX).for_each(|n| slab.push(&mut list, u32::try_from(n).unwrap(), 0));
}
