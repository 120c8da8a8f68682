//! Which group holds which slot.

use crate::name::GroupId;
use crate::slot::{ExternalAddr, Slot};
use im::OrdMap;

/// The owner of every slot, over all groups. No two slots overlap, so whatever overlaps a range is
/// found from the last slot that begins within it, going back: logarithmic, however many groups
/// there are and however many ranges an address has.
#[derive(Clone, Debug, Default)]
pub(crate) struct Owners(OrdMap<Slot, GroupId>);

impl Owners {
    /// The owners of slots that are in order and do not overlap.
    pub(crate) fn of_sorted(owned: Vec<(Slot, GroupId)>) -> Self {
        Self(owned.into_iter().collect())
    }

    /// The owner of exactly this slot.
    pub(crate) fn get(&self, slot: &Slot) -> Option<GroupId> {
        self.0.get(slot).copied()
    }

    /// The slots that overlap this one, and whose they are, from the last.
    pub(crate) fn overlapping(&self, slot: Slot) -> impl Iterator<Item = (Slot, GroupId)> + '_ {
        self.0
            .range(..=Slot::last_from(slot.external, slot.ports.high()))
            .rev()
            .take_while(move |(held, _)| held.overlaps(&slot))
            .map(|(held, owner)| (*held, *owner))
    }

    /// The slots from this one on, in order.
    pub(crate) fn from(&self, slot: Slot) -> impl Iterator<Item = (Slot, GroupId)> + '_ {
        self.0.range(slot..).map(|(held, owner)| (*held, *owner))
    }

    /// The first slot of a later address.
    pub(crate) fn after_address(&self, external: ExternalAddr) -> Option<Slot> {
        use std::ops::Bound::{Excluded, Unbounded};
        // No slot equals the greatest of an address, whose ports are 65535 alone, and sorts after it.
        let last = Slot::last_from(external, u16::MAX);
        self.0.range((Excluded(last), Unbounded)).next().map(|(slot, _)| *slot)
    }

    /// Gives `slot` to `owner`, whoever had it.
    pub(crate) fn put(&mut self, slot: Slot, owner: GroupId) {
        self.0.insert(slot, owner);
    }

    /// Takes `slot` from whoever has it.
    pub(crate) fn take(&mut self, slot: &Slot) {
        self.0.remove(slot);
    }

    /// How many slots have owners.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// All slots, in order.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Slot, GroupId)> + '_ {
        self.0.iter().map(|(slot, owner)| (*slot, *owner))
    }
}
