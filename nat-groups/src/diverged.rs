//! The slots whose rows are not what they should be, and how many there are of each group.

use crate::applied::Divergence;
use crate::name::GroupId;
use crate::slot::Slot;
use im::OrdMap;
use std::ops::RangeBounds;

/// Slots that diverged, in order.
#[derive(Clone, Debug, Default)]
pub(crate) struct DivergedSlots {
    slots: OrdMap<Slot, Divergence>,
    /// None is zero.
    by_group: OrdMap<GroupId, usize>,
}

impl DivergedSlots {
    pub(crate) fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// How many slots concern a group.
    pub(crate) fn of_group(&self, group: GroupId) -> usize {
        self.by_group.get(&group).copied().unwrap_or(0)
    }

    pub(crate) fn get(&self, slot: &Slot) -> Option<&Divergence> {
        self.slots.get(slot)
    }

    pub(crate) fn contains(&self, slot: &Slot) -> bool {
        // Almost always there is none.
        !self.slots.is_empty() && self.slots.contains_key(slot)
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&Slot, &Divergence)> {
        self.slots.iter()
    }

    pub(crate) fn range(
        &self,
        range: impl RangeBounds<Slot>,
    ) -> impl Iterator<Item = (&Slot, &Divergence)> {
        self.slots.range(range)
    }

    /// Notes that this is so of the slot now, whatever was.
    pub(crate) fn replace(&mut self, slot: Slot, divergence: Divergence) {
        for group in divergence.groups() {
            *self.by_group.entry(group).or_insert(0) += 1;
        }
        let before = self.slots.insert(slot, divergence);
        self.count_out(before);
    }

    /// Notes that the slot is as it should be.
    pub(crate) fn remove(&mut self, slot: &Slot) {
        if !self.slots.is_empty() {
            let before = self.slots.remove(slot);
            self.count_out(before);
        }
    }

    fn count_out(&mut self, gone: Option<Divergence>) {
        for group in gone.iter().flat_map(Divergence::groups) {
            let left = self.of_group(group).saturating_sub(1);
            if left == 0 {
                self.by_group.remove(&group);
            } else {
                self.by_group.insert(group, left);
            }
        }
    }

    /// Checks that each group's slots are counted.
    pub(crate) fn validate(&self) -> Result<(), String> {
        let mut counted = OrdMap::<GroupId, usize>::new();
        for group in self.slots.values().flat_map(Divergence::groups) {
            *counted.entry(group).or_insert(0) += 1;
        }
        if counted == self.by_group {
            Ok(())
        } else {
            Err(format!("{:?} slots are kept as diverged, {counted:?} are", self.by_group))
        }
    }
}
