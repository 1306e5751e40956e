//! A list that grows a page at a time: nothing is copied, and little is held in reserve.

use std::ops::{Index, IndexMut};

use super::foresight::fetch;

const PAGE: usize = 4096;

/// Records by number, from 0.
#[derive(Clone, Debug)]
pub(crate) struct Paged<T> {
    pages: Vec<Vec<T>>,
}

impl<T> Default for Paged<T> {
    fn default() -> Self {
        Self { pages: Vec::new() }
    }
}

impl<T> Paged<T> {
    pub(crate) fn len(&self) -> usize {
        self.pages.last().map_or(0, |last| (self.pages.len() - 1) * PAGE + last.len())
    }

    /// Asks for a record that will be read.
    pub(super) fn fetch(&self, number: u32) {
        if let Some(page) = self.pages.get(number as usize / PAGE) {
            fetch(page, number as usize % PAGE);
        }
    }

    pub(crate) fn push(&mut self, record: T) {
        if self.pages.last().is_none_or(|page| page.len() == PAGE) {
            // The first page grows as it must, so that a small state is small.
            self.pages.push(if self.pages.is_empty() { Vec::new() } else { Vec::with_capacity(PAGE) });
        }
        if let Some(page) = self.pages.last_mut() {
            page.push(record);
        }
    }
}

impl<T> Index<u32> for Paged<T> {
    type Output = T;

    fn index(&self, number: u32) -> &T {
        &self.pages[number as usize / PAGE][number as usize % PAGE]
    }
}

impl<T> IndexMut<u32> for Paged<T> {
    fn index_mut(&mut self, number: u32) -> &mut T {
        &mut self.pages[number as usize / PAGE][number as usize % PAGE]
    }
}
