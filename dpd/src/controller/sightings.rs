//! Since when it has been known that slots are not as they should be.

use nat_groups::Slot;
use std::collections::BTreeMap;

/// When each slot that is not as it should be was first seen so.
#[derive(Debug, Default)]
pub(super) struct Sightings(BTreeMap<Slot, u64>);

impl Sightings {
    /// These slots, in order, and no others, are not as they should be at this time, in microseconds
    /// since the beginning of 1970.
    pub(super) fn see(&mut self, slots: impl Iterator<Item = Slot>, unix_micros: u64) {
        let before = std::mem::take(&mut self.0);
        let since = |slot: Slot| (slot, before.get(&slot).copied().unwrap_or(unix_micros));
        self.0 = slots.map(since).collect();
    }

    /// The slot is as it should be.
    pub(super) fn forget(&mut self, slot: &Slot) {
        self.0.remove(slot);
    }

    /// All slots are as they should be.
    pub(super) fn forget_all(&mut self) {
        self.0.clear();
    }

    /// When the slot was first seen not to be as it should.
    #[cfg(test)]
    pub(super) fn since(&self, slot: &Slot) -> Option<u64> {
        self.0.get(slot).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use nat_groups::PortRange;
    use std::net::Ipv4Addr;

    fn slot(port: u16) -> Slot {
        Slot::new(Ipv4Addr::new(203, 0, 113, 1), PortRange::single(port))
    }

    #[test]
    fn what_lasts_keeps_its_beginning_and_what_returns_begins_anew() {
        let mut sightings = Sightings::default();
        let since = |sightings: &Sightings| [1, 2].map(|port| sightings.since(&slot(port)));
        sightings.see([slot(1)].into_iter(), 10);
        sightings.see([slot(1), slot(2)].into_iter(), 20);
        assert_eq!(since(&sightings), [Some(10), Some(20)]);
        sightings.see([slot(2)].into_iter(), 30);
        assert_eq!(since(&sightings), [None, Some(20)]);
        sightings.forget(&slot(2));
        sightings.see([slot(1), slot(2)].into_iter(), 40);
        assert_eq!(since(&sightings), [Some(40), Some(40)]);
        sightings.forget_all();
        assert_eq!(since(&sightings), [None, None]);
    }
}
