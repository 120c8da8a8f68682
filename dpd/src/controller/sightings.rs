//! Since when it has been known that slots or rows are not as they should be.

use std::collections::BTreeMap;

/// When each thing that is not as it should be was first seen so.
#[derive(Debug)]
pub(super) struct Sightings<K>(BTreeMap<K, u64>);

impl<K: Ord> Sightings<K> {
    /// These, in order, and no others, are not as they should be at this time, in microseconds since
    /// the beginning of 1970.
    pub(super) fn see(&mut self, seen: impl Iterator<Item = K>, unix_micros: u64) {
        let before = std::mem::take(&mut self.0);
        let since = |key: K| {
            let since = before.get(&key).copied().unwrap_or(unix_micros);
            (key, since)
        };
        self.0 = seen.map(since).collect();
    }

    /// It is as it should be.
    pub(super) fn forget(&mut self, key: &K) {
        self.0.remove(key);
    }

    /// All are as they should be.
    pub(super) fn forget_all(&mut self) {
        self.0.clear();
    }

    /// When it was first seen not to be as it should.
    pub(super) fn since(&self, key: &K) -> Option<u64> {
        self.0.get(key).copied()
    }
}

impl<K> Default for Sightings<K> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[test]
    fn what_lasts_keeps_its_beginning_and_what_returns_begins_anew() {
        let mut sightings = Sightings::default();
        let since = |sightings: &Sightings<u8>| [1, 2].map(|key| sightings.since(&key));
        sightings.see([1].into_iter(), 10);
        sightings.see([1, 2].into_iter(), 20);
        assert_eq!(since(&sightings), [Some(10), Some(20)]);
        sightings.see([2].into_iter(), 30);
        assert_eq!(since(&sightings), [None, Some(20)]);
        sightings.forget(&2);
        sightings.see([1, 2].into_iter(), 40);
        assert_eq!(since(&sightings), [Some(40), Some(40)]);
        sightings.forget_all();
        assert_eq!(since(&sightings), [None, None]);
    }
}
