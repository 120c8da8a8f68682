//! A list that is cut, with the number of all.

/// The first [`Listed::MOST`] of some items and how many there are in all: what a refusal shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed<T> {
    items: Vec<T>,
    total: usize,
}

impl<T> Listed<T> {
    /// How many items are kept at most.
    pub const MOST: usize = 32;

    /// None yet.
    pub fn new() -> Self {
        Self { items: Vec::new(), total: 0 }
    }

    /// Counts one more item, and keeps it if there is room.
    pub fn push(&mut self, item: T) {
        self.total += 1;
        if self.items.len() < Self::MOST {
            self.items.push(item);
        }
    }

    /// Those kept, in the order they came.
    pub fn items(&self) -> &[T] {
        &self.items
    }

    /// How many there are in all.
    pub fn total(&self) -> usize {
        self.total
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }
}

impl<T> Default for Listed<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> FromIterator<T> for Listed<T> {
    fn from_iter<I: IntoIterator<Item = T>>(items: I) -> Self {
        let mut listed = Self::new();
        items.into_iter().for_each(|item| listed.push(item));
        listed
    }
}
