//! Making a store again from what was kept of one.

use crate::capacity::RowCost;
use crate::change::Change;
use crate::family::{Family, PerFamily};
use crate::generation::Generation;
use crate::group::{Group, Version};
use crate::name::{GroupId, GroupName};
use crate::owners::Owners;
use crate::slot::Slot;
use crate::store::{Limits, Store};
use std::sync::Arc;
use thiserror::Error;

/// A group as it was kept.
#[derive(Clone, Debug)]
pub struct KeptGroup {
    /// Its handle.
    pub id: GroupId,
    /// Its name.
    pub name: GroupName,
    /// Its generations, newest first: at least one.
    pub versions: Vec<Version>,
}

/// Why what was kept makes no store.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Inconsistency {
    /// The built-in group is not among the groups.
    #[error("the built-in group `ungrouped` is missing")]
    NoUngrouped,
    /// Two groups share a name or a handle, or a group is also among the deleted ones.
    #[error("the group {group} is there twice")]
    GroupTwice {
        /// The group.
        group: GroupName,
    },
    /// A group's generations are none, or not in order.
    #[error("the generations of group {group} are not in order: {generations:?}")]
    Generations {
        /// The group.
        group: GroupName,
        /// What was kept, newest first.
        generations: Vec<Generation>,
    },
    /// A group's handle or its reservation is beyond all that are given.
    #[error("the handle or the reservation of group {group} is larger than any can be")]
    TooLarge {
        /// The group.
        group: GroupName,
    },
    /// Mappings overlap.
    #[error("{slot} of group {group} overlaps {other} of group {other_group}")]
    Overlap {
        /// The one mapping.
        slot: Slot,
        /// Its group.
        group: GroupName,
        /// The other mapping.
        other: Slot,
        /// Its group.
        other_group: GroupName,
    },
    /// A generation's changes cannot have been made.
    #[error("a generation of a group changes {slot} in a way that does not fit the one before")]
    Change {
        /// The slot that changes.
        slot: Slot,
    },
}

impl Store {
    /// The store with these groups and tombstones.
    ///
    /// Of each group as many generations are taken as `limits` allow. Groups and tombstones beyond
    /// the limit stay; only new ones are refused.
    ///
    /// # Errors
    ///
    /// [`Inconsistency`], if no history of commands leads to such a store.
    pub fn restore(
        limits: Limits,
        row_cost: RowCost,
        groups: Vec<KeptGroup>,
        tombstones: impl IntoIterator<Item = (GroupName, Generation)>,
    ) -> Result<Self, Inconsistency> {
        let mut store = Self::without_groups(limits, row_cost);
        for KeptGroup { id, name, versions } in groups {
            let generations: Vec<_> = versions.iter().map(|version| version.generation).collect();
            if generations.is_empty() || !generations.is_sorted_by(|newer, older| newer > older) {
                return Err(Inconsistency::Generations { group: name, generations });
            }
            let Some(group) = Group::of_versions(id, name.clone(), versions, limits.history) else {
                return Err(Inconsistency::Generations { group: name, generations });
            };
            let current = group.current();
            let after = id.0.checked_add(1).map(GroupId);
            let Some((after, committed)) = after.zip(store.committed_with(current)) else {
                return Err(Inconsistency::TooLarge { group: name });
            };
            store.committed = committed;
            Family::ALL.iter().for_each(|it| store.rows[*it] += current.set.rows()[*it]);
            store.next_id = store.next_id.max(after);
            let is_known = store.names.insert(name.clone(), id).is_some();
            if store.groups.insert(id, Arc::new(group)).is_some() || is_known {
                return Err(Inconsistency::GroupTwice { group: name });
            }
        }
        if store.names.get(&GroupName::ungrouped()) != Some(&GroupId::UNGROUPED) {
            return Err(Inconsistency::NoUngrouped);
        }
        for (group, generation) in tombstones {
            if store.names.contains_key(&group) {
                return Err(Inconsistency::GroupTwice { group });
            }
            store.tombstones.insert(group, generation);
        }
        store.owners = store.find_owners()?;
        Ok(store)
    }

    /// A store with the same limits and without any group, not even the built-in one: what there was
    /// before the first.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self::without_groups(self.limits, self.row_cost)
    }

    /// A store without even the built-in group, as the base of what is applied to a device that
    /// holds nothing of ours.
    pub(crate) fn without_groups(limits: Limits, row_cost: RowCost) -> Self {
        Self {
            limits,
            row_cost,
            groups: im::OrdMap::new(),
            names: im::OrdMap::new(),
            tombstones: im::OrdMap::new(),
            owners: Owners::default(),
            rows: PerFamily::default(),
            committed: PerFamily::default(),
            next_id: GroupId(1),
        }
    }

    /// The rows that all groups use or reserve, and those of one more, if they can be counted.
    fn committed_with(&self, version: &Version) -> Option<PerFamily<u64>> {
        let mut committed = self.committed;
        for family in Family::ALL {
            let more = version.committed_rows()[family];
            committed[family] = committed[family].checked_add(more)?;
        }
        Some(committed)
    }

    fn find_owners(&self) -> Result<Owners, Inconsistency> {
        let mut owned: Vec<(Slot, GroupId)> =
            Vec::with_capacity(self.groups.values().map(|group| group.current().set.len()).sum());
        for (id, group) in self.groups.iter() {
            owned.extend(group.current().set.iter().map(|mapping| (mapping.slot, *id)));
        }
        // Each group's part is in order already.
        owned.sort();
        let name = |id: GroupId| {
            let group = self.groups.get(&id);
            group.map_or_else(GroupName::ungrouped, |group| group.name().clone())
        };
        for pair in owned.windows(2) {
            let [(other, other_owner), (slot, owner)] = pair else { continue };
            if other.overlaps(slot) {
                return Err(Inconsistency::Overlap {
                    slot: *slot,
                    group: name(*owner),
                    other: *other,
                    other_group: name(*other_owner),
                });
            }
        }
        Ok(Owners::of_sorted(owned))
    }
}

impl crate::set::MappingSet {
    /// The set after these changes, which may come from anywhere.
    ///
    /// # Errors
    ///
    /// [`Inconsistency::Change`] names the first that cannot be made of this set, or whose mapping
    /// then overlaps another.
    pub fn changed(&self, changes: &[Change]) -> Result<Self, Inconsistency> {
        let mut next = self.clone();
        for change in changes {
            let slot = change.slot();
            if next.target(&slot) != change.was() {
                return Err(Inconsistency::Change { slot });
            }
            next.apply(std::slice::from_ref(change));
        }
        let overlaps = |slot: &Slot| next.overlapping(*slot).any(|other| other.slot != *slot);
        let added = changes.iter().filter(|change| change.was().is_none());
        match added.map(Change::slot).find(overlaps) {
            Some(slot) => Err(Inconsistency::Change { slot }),
            None => Ok(next),
        }
    }
}
