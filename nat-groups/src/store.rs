//! What every group says should exist.

use crate::capacity::RowCost;
use crate::change::ChangeCounts;
use crate::family::{Family, PerFamily};
use crate::generation::Generation;
use crate::group::{Group, Stamp, Version};
use crate::in_order::InOrder;
use crate::mapping::Mapping;
use crate::name::{GroupId, GroupName};
use crate::owners::Owners;
use crate::set::MappingSet;
use crate::slot::{ExternalAddr, PortRange, Slot};
use crate::target::Target;
use im::OrdMap;
use im::ordmap::DiffItem;
use std::sync::Arc;

/// The limits of a store.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// How many generations of a group are kept, the current one included; at least 1.
    pub history: usize,
    /// How many groups and tombstones there may be, the built-in group aside.
    pub max_groups: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { history: 16, max_groups: 10_000 }
    }
}

/// All groups, their kept generations and the tombstones of deleted ones: *desired*.
///
/// A store is a value. A command ([`Store::ensure`], [`Store::update`], [`Store::delete`] and the
/// per-entry ones) leaves it as it is and answers with the next one, which shares with it all that
/// did not change; so cloning a store, and keeping an old one to read from, costs next to nothing.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) limits: Limits,
    pub(crate) row_cost: RowCost,
    pub(crate) groups: OrdMap<GroupId, Arc<Group>>,
    pub(crate) names: OrdMap<GroupName, GroupId>,
    pub(crate) tombstones: OrdMap<GroupName, Generation>,
    pub(crate) owners: Owners,
    /// The rows that all groups use.
    pub(crate) rows: PerFamily<u64>,
    /// The rows that all groups use or reserve.
    pub(crate) committed: PerFamily<u64>,
    pub(crate) next_id: GroupId,
}

impl Store {
    /// A store that holds only the built-in group, empty, at its first generation.
    pub fn new(limits: Limits, row_cost: RowCost, stamp: Stamp) -> Self {
        let ungrouped = Group::new(
            GroupId::UNGROUPED,
            GroupName::ungrouped(),
            Version {
                generation: Generation::FIRST,
                set: MappingSet::empty(row_cost),
                reserve: PerFamily::default(),
                counts: ChangeCounts::default(),
                stamp,
            },
        );
        Self {
            names: OrdMap::unit(ungrouped.name().clone(), GroupId::UNGROUPED),
            groups: OrdMap::unit(GroupId::UNGROUPED, Arc::new(ungrouped)),
            ..Self::without_groups(limits, row_cost)
        }
    }

    /// The group of this name.
    pub fn group(&self, name: &GroupName) -> Option<&Arc<Group>> {
        self.names.get(name).and_then(|id| self.groups.get(id))
    }

    /// The group with this handle.
    pub fn group_by_id(&self, id: GroupId) -> Option<&Arc<Group>> {
        self.groups.get(&id)
    }

    /// The groups whose names sort after `name`, or all, by name.
    pub fn groups_after<'a>(
        &'a self,
        name: Option<&GroupName>,
    ) -> impl Iterator<Item = &'a Arc<Group>> + use<'a> {
        use std::ops::Bound::{Excluded, Unbounded};
        let from = name.map_or(Unbounded, |name| Excluded(name.clone()));
        self.names.range((from, Unbounded)).filter_map(|(_, id)| self.groups.get(id))
    }

    /// The generation at which a group was deleted, if it was and has not come back.
    pub fn tombstone(&self, name: &GroupName) -> Option<Generation> {
        self.tombstones.get(name).copied()
    }

    /// The mapping that a packet to this address and port has, and its group.
    pub fn covering(&self, external: ExternalAddr, port: u16) -> Option<(Mapping, &Arc<Group>)> {
        let here = Slot { external, ports: PortRange::single(port) };
        self.overlapping(here).next()
    }

    /// The mappings that overlap `slot` and their groups, from the last.
    pub fn overlapping(&self, slot: Slot) -> impl Iterator<Item = (Mapping, &Arc<Group>)> + '_ {
        self.owners.overlapping(slot).filter_map(|(slot, owner)| self.held(slot, owner))
    }

    /// The mappings of all groups from `slot` on, in slot order, with their groups.
    pub fn mappings_from(&self, slot: Slot) -> impl Iterator<Item = (Mapping, &Arc<Group>)> + '_ {
        InOrder::new(self, slot)
    }

    /// The addresses of a family that have mappings, in order, after `after` or from the first.
    pub fn addresses(
        &self,
        family: Family,
        after: Option<ExternalAddr>,
    ) -> impl Iterator<Item = ExternalAddr> + '_ {
        let lowest = ExternalAddr::lowest(family);
        let first = match after {
            Some(after) if after >= lowest => self.owners.after_address(after),
            _ => self.owners.from(Slot::first_of(lowest)).next().map(|(slot, _)| slot),
        };
        std::iter::successors(first, |slot| self.owners.after_address(slot.external))
            .map(|slot| slot.external)
            .take_while(move |external| external.family() == family)
    }

    /// A set without mappings, as the one before a group's first generation.
    pub fn empty_set(&self) -> MappingSet {
        MappingSet::empty(self.row_cost)
    }

    /// All groups, by their handles.
    pub fn groups(&self) -> impl Iterator<Item = &Arc<Group>> {
        self.groups.values()
    }

    /// The names of deleted groups, each with the generation of its tombstone.
    pub fn tombstones(&self) -> impl Iterator<Item = (&GroupName, Generation)> {
        self.tombstones.iter().map(|(name, generation)| (name, *generation))
    }

    /// The tombstones that are another in `next`: with their generation there, or none where they
    /// are gone.
    pub fn tombstone_changes<'a>(
        &'a self,
        next: &'a Store,
    ) -> impl Iterator<Item = (&'a GroupName, Option<Generation>)> {
        self.tombstones.diff(&next.tombstones).map(|item| match item {
            DiffItem::Add(name, generation) => (name, Some(*generation)),
            DiffItem::Update { new: (name, generation), .. } => (name, Some(*generation)),
            DiffItem::Remove(name, _) => (name, None),
        })
    }

    /// The limits.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// How many mappings all groups have.
    pub fn len(&self) -> usize {
        self.owners.len()
    }

    /// Whether no group has a mapping.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The table rows that all groups use.
    pub fn rows(&self) -> PerFamily<u64> {
        self.rows
    }

    /// The table rows that all groups use or reserve.
    pub fn committed_rows(&self) -> PerFamily<u64> {
        self.committed
    }

    /// Checks every invariant.
    pub fn validate(&self) -> Result<(), String> {
        let mut owned = 0;
        let mut rows = PerFamily::<u64>::default();
        let mut committed = PerFamily::<u64>::default();
        for (id, group) in self.groups.iter() {
            self.validate_group(*id, group)?;
            let current = group.current();
            for mapping in current.set.iter() {
                if self.owners.get(&mapping.slot) != Some(*id) {
                    return Err(format!("{} is not held for {}", mapping.slot, group.name()));
                }
                owned += 1;
            }
            for family in Family::ALL {
                rows[family] += current.set.rows()[family];
                committed[family] += current.committed_rows()[family];
            }
        }
        if owned != self.owners.len() || (rows, committed) != (self.rows, self.committed) {
            return Err(format!(
                "kept: {} slots, {:?} rows, {:?} committed; counted: {owned}, {rows:?}, {committed:?}",
                self.owners.len(),
                self.rows,
                self.committed
            ));
        }
        let slots: Vec<Slot> = self.owners.iter().map(|(slot, _)| slot).collect();
        if let Some(pair) = slots.windows(2).find(|pair| pair[0].overlaps(&pair[1])) {
            return Err(format!("{} overlaps {}", pair[0], pair[1]));
        }
        if let Some((name, _)) =
            self.tombstones.iter().find(|(name, _)| self.names.contains_key(*name))
        {
            return Err(format!("{name} is both a group and deleted"));
        }
        Ok(())
    }

    fn validate_group(&self, id: GroupId, group: &Group) -> Result<(), String> {
        if group.id() != id || self.names.get(group.name()) != Some(&id) {
            return Err(format!("the group {} is not filed under its name and id", group.name()));
        }
        let generations: Vec<_> = group.generations().map(|v| v.generation).collect();
        if !generations.is_sorted_by(|newer, older| newer > older)
            || generations.len() > self.limits.history.max(1)
        {
            return Err(format!("the kept generations of {} are {generations:?}", group.name()));
        }
        group.generations().try_for_each(|version| version.set.validate())
    }

    /// A slot that the index says `owner` has, with its target and the group.
    pub(crate) fn held(&self, slot: Slot, owner: GroupId) -> Option<(Mapping, &Arc<Group>)> {
        let group = self.groups.get(&owner)?;
        let target = group.current().set.target(&slot)?;
        Some((Mapping { slot, target }, group))
    }

    /// The group that has exactly this slot.
    pub fn owner(&self, slot: &Slot) -> Option<GroupId> {
        self.owners.get(slot)
    }

    /// The target of exactly this slot, whoever has it.
    pub(crate) fn target(&self, slot: &Slot) -> Option<Target> {
        let owner = self.owners.get(slot)?;
        self.groups.get(&owner)?.current().set.target(slot)
    }
}
