//! Making the next store from decided changes: the one place where stores change.

use crate::change::{Change, ChangeCounts};
use crate::family::{Family, PerFamily};
use crate::generation::Generation;
use crate::group::{Group, Stamp, Version};
use crate::listed::Listed;
use crate::mapping::Mapping;
use crate::name::{GroupId, GroupName};
use crate::refusal::{Conflict, Refusal};
use crate::set::MappingSet;
use crate::slot::Slot;
use crate::store::Store;
use std::sync::Arc;

/// One group's part of a command.
pub(crate) struct Edit {
    /// The group; one that does not exist yet has no id.
    pub(crate) group: GroupName,
    /// The generation that comes.
    pub(crate) generation: Generation,
    /// The reservation that comes.
    pub(crate) reserve: PerFamily<u64>,
    /// Ungrouped mappings that become the group's before its changes.
    pub(crate) adopted: Vec<Mapping>,
    /// The changes, in slot order, to the group's set with the adopted mappings in it.
    pub(crate) changes: Vec<Change>,
}

impl Store {
    /// The store after these edits of different groups, all of them or none, and the groups that
    /// they touch. Adding a mapping that overlaps another, once all that goes is gone, is refused.
    pub(crate) fn edited(
        &self,
        edits: &[Edit],
        stamp: &Stamp,
    ) -> Result<(Store, Vec<GroupId>), Refusal> {
        let mut next = self.clone();
        let mut parts: Vec<Part> = edits.iter().map(|edit| next.part(edit)).collect();
        let released: Vec<Change> = edits
            .iter()
            .flat_map(|edit| &edit.adopted)
            .map(|mapping| Change::Remove { slot: mapping.slot, was: mapping.target })
            .collect();
        if let Some(release) = next.release(released) {
            parts.push(release);
        }
        next.move_slots(edits, &parts)?;
        if self.crowded(&next) {
            return Err(Refusal::TooManyGroups { max_groups: self.limits.max_groups });
        }
        let touched = parts.iter().map(|part| part.id).collect();
        parts.into_iter().for_each(|part| next.settle(part, stamp));
        Ok((next, touched))
    }

    /// The store without this group, and with a tombstone for it.
    pub(crate) fn buried(&self, group: &Group, generation: Generation) -> Store {
        let mut next = self.clone();
        for mapping in group.current().set.iter() {
            next.owners.take(&mapping.slot);
        }
        next.count(Some(group.current()), None);
        next.groups.remove(&group.id());
        next.names.remove(group.name());
        next.tombstones.insert(group.name().clone(), generation);
        next
    }

    /// The group's next set, and a handle for it; a new group's handle is taken here.
    fn part(&mut self, edit: &Edit) -> Part {
        let before = self.group(&edit.group).cloned();
        let old = match &before {
            Some(group) => group.current().set.clone(),
            None => MappingSet::empty(self.row_cost),
        };
        let mut set = old.clone();
        set.apply(&additions(&edit.adopted));
        set.apply(&edit.changes);
        let counts = if edit.adopted.is_empty() {
            edit.changes.iter().collect()
        } else {
            old.diff(&set).collect::<Vec<_>>().iter().collect()
        };
        let id = match &before {
            Some(group) => group.id(),
            None => {
                let id = self.next_id;
                self.next_id = GroupId(id.0 + 1);
                self.names.insert(edit.group.clone(), id);
                self.tombstones.remove(&edit.group);
                id
            }
        };
        Part {
            id,
            group: edit.group.clone(),
            before,
            generation: edit.generation,
            reserve: edit.reserve,
            set,
            counts,
        }
    }

    /// The built-in group's part, if mappings are taken out of it.
    fn release(&self, changes: Vec<Change>) -> Option<Part> {
        let before = self.groups.get(&GroupId::UNGROUPED).filter(|_| !changes.is_empty())?.clone();
        let current = Arc::clone(before.current());
        let mut set = current.set.clone();
        set.apply(&changes);
        Some(Part {
            id: GroupId::UNGROUPED,
            group: before.name().clone(),
            before: Some(before),
            generation: current.generation.successor(),
            reserve: current.reserve,
            set,
            counts: changes.iter().collect(),
        })
    }

    /// Gives slots to their new owners: first what is adopted, then what goes, then what comes.
    fn move_slots(&mut self, edits: &[Edit], parts: &[Part]) -> Result<(), Refusal> {
        for (edit, part) in edits.iter().zip(parts) {
            edit.adopted.iter().for_each(|mapping| self.owners.put(mapping.slot, part.id));
        }
        for change in edits.iter().flat_map(|edit| &edit.changes) {
            if let Change::Remove { slot, .. } = change {
                self.owners.take(slot);
            }
        }
        let mut conflicts = Listed::new();
        for (edit, part) in edits.iter().zip(parts) {
            for change in &edit.changes {
                let Change::Add { slot, target } = *change else { continue };
                let requested = Mapping { slot, target };
                let before = conflicts.total();
                let in_the_way: Vec<_> = self.owners.overlapping(slot).collect();
                for (held, owner) in in_the_way.into_iter().rev() {
                    if let Some((existing, group)) = self.party(held, owner, parts) {
                        conflicts.push(Conflict { requested, existing, group });
                    }
                }
                if conflicts.total() == before {
                    self.owners.put(slot, part.id);
                }
            }
        }
        if conflicts.is_empty() { Ok(()) } else { Err(Refusal::EntryConflict { conflicts }) }
    }

    /// A mapping that is in the way, and the name of its group, which may itself be changing.
    fn party(&self, slot: Slot, owner: GroupId, parts: &[Part]) -> Option<(Mapping, GroupName)> {
        let (set, name) = match parts.iter().find(|part| part.id == owner) {
            Some(part) => (&part.set, &part.group),
            None => {
                let group = self.groups.get(&owner)?;
                (&group.current().set, group.name())
            }
        };
        let target = set.target(&slot)?;
        Some((Mapping { slot, target }, name.clone()))
    }

    /// Whether `next` has more groups and tombstones than there may be, and more than this store.
    fn crowded(&self, next: &Store) -> bool {
        // The built-in group does not count.
        let names = |store: &Store| store.names.len() + store.tombstones.len() - 1;
        names(next) > self.limits.max_groups && names(next) > names(self)
    }

    fn settle(&mut self, part: Part, stamp: &Stamp) {
        let Part { id, group, before, generation, reserve, set, counts } = part;
        let version = Version { generation, set, reserve, counts, stamp: stamp.clone() };
        self.count(before.as_deref().map(|group| &**group.current()), Some(&version));
        let after = match before {
            Some(before) => before.advanced(version, self.limits.history),
            None => Group::new(id, group, version),
        };
        self.groups.insert(id, Arc::new(after));
    }

    /// Keeps the sums over all groups, as one version takes the place of another.
    fn count(&mut self, before: Option<&Version>, after: Option<&Version>) {
        for family in Family::ALL {
            if let Some(before) = before {
                self.rows[family] -= before.set.rows()[family];
                self.committed[family] -= before.committed_rows()[family];
            }
            if let Some(after) = after {
                self.rows[family] += after.set.rows()[family];
                self.committed[family] += after.committed_rows()[family];
            }
        }
    }
}

/// The changes that add these mappings.
pub(crate) fn additions(mappings: &[Mapping]) -> Vec<Change> {
    mappings.iter().map(|&Mapping { slot, target }| Change::Add { slot, target }).collect()
}

/// What becomes of one group.
struct Part {
    id: GroupId,
    group: GroupName,
    before: Option<Arc<Group>>,
    generation: Generation,
    reserve: PerFamily<u64>,
    set: MappingSet,
    counts: ChangeCounts,
}
