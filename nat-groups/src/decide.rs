//! Deciding a command: the next store, or why not.

use crate::change::{Change, ChangeCounts};
use crate::command::{Adopt, Decision, Delta, Ensure, Outcome, Removal};
use crate::digest::Digest;
use crate::edit::{Edit, additions};
use crate::family::Family;
use crate::generation::Generation;
use crate::group::{Group, Stamp, Version};
use crate::listed::Listed;
use crate::mapping::Mapping;
use crate::name::{GroupId, GroupName};
use crate::refusal::{Conflict, MissingMapping, Refusal};
use crate::set::MappingSet;
use crate::slot::{ExternalAddr, Slot};
use crate::store::Store;
use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The commands on groups.
impl Store {
    /// Makes the sets of these groups exactly what is asked for, all of them or none.
    ///
    /// Where several reasons to refuse apply, the first is given in this order: a name that may not
    /// be, the generation, an empty set, too many removals, conflicts, too many groups.
    pub fn ensure(&self, ensures: &[Ensure], stamp: &Stamp) -> Result<Decision, Refusal> {
        let mut names = BTreeSet::new();
        for Ensure { group, .. } in ensures {
            refuse_reserved(group)?;
            if !names.insert(group) {
                return Err(Refusal::GroupNamedTwice { group: group.clone() });
            }
        }
        let standings =
            ensures.iter().map(|ensure| self.standing(ensure)).collect::<Result<Vec<_>, _>>()?;
        let newer = || {
            ensures.iter().zip(&standings).filter_map(|(ensure, standing)| match standing {
                Standing::Repeated(_) => None,
                Standing::Newer(current) => Some((ensure, *current)),
            })
        };
        let mut adopted = BTreeSet::new();
        let edits: Vec<Edit> =
            newer().map(|(ensure, current)| self.edit(ensure, current, &mut adopted)).collect();
        for ((ensure, _), edit) in newer().zip(&edits) {
            refuse_emptying(ensure, edit)?;
        }
        for ((ensure, _), edit) in newer().zip(&edits) {
            refuse_removals(&ensure.group, ensure.max_removals, &edit.changes)?;
        }
        let (next, mut touched) = self.edited(&edits, stamp)?;
        let mut edits = edits.into_iter();
        let mut outcomes = Vec::with_capacity(ensures.len());
        for standing in standings {
            match standing {
                Standing::Repeated(group) => {
                    touched.push(group.id());
                    outcomes.push(unchanged_outcome(group));
                }
                Standing::Newer(before) => {
                    outcomes.extend(edits.next().map(|edit| outcome(&next, edit, before)));
                }
            }
        }
        Ok(Decision { next, touched, outcomes })
    }

    /// Changes a group's set from a known generation. Costs what the delta does, not the group.
    pub fn update(&self, delta: &Delta, stamp: &Stamp) -> Result<Decision, Refusal> {
        refuse_reserved(&delta.group)?;
        let group = self.existing(&delta.group)?;
        let current = group.current();
        if delta.generation < current.generation {
            return Err(stale(group, delta.generation));
        }
        if delta.generation == current.generation {
            return if holds(delta, &current.set) {
                Ok(self.repeated(group))
            } else {
                Err(Refusal::GenerationMismatch {
                    group: delta.group.clone(),
                    generation: delta.generation,
                    current_digest: current.set.digest(),
                    requested_digest: requested_digest(delta, group),
                    content_differs: true,
                })
            };
        }
        if delta.base != current.generation {
            return Err(Refusal::BaseMismatch {
                group: delta.group.clone(),
                base: delta.base,
                current: current.generation,
                current_digest: current.set.digest(),
            });
        }
        let missing: Listed<_> =
            delta.remove.iter().filter_map(|removal| missing(removal, &current.set)).collect();
        if !missing.is_empty() {
            return Err(Refusal::NoSuchMapping { group: delta.group.clone(), missing });
        }
        let changes = delta_changes(delta, &current.set);
        refuse_removals(&delta.group, delta.max_removals, &changes)?;
        self.changed(group, delta.generation, changes, stamp)
    }

    /// Deletes a group, leaving a tombstone at `generation`, or raises the tombstone.
    pub fn delete(&self, name: &GroupName, generation: Generation) -> Result<Decision, Refusal> {
        refuse_reserved(name)?;
        let Some(group) = self.group(name) else {
            return self.delete_again(name, generation);
        };
        let current = group.current();
        if generation < current.generation {
            return Err(stale(group, generation));
        }
        let changes: Vec<Change> = current
            .set
            .iter()
            .map(|Mapping { slot, target }| Change::Remove { slot, was: target })
            .collect();
        Ok(Decision {
            next: self.buried(group, generation),
            touched: vec![group.id()],
            outcomes: vec![Outcome {
                group: name.clone(),
                generation,
                previous_generation: Some(current.generation),
                digest: Digest::EMPTY,
                counts: changes.iter().collect(),
                unchanged: 0,
                adopted: 0,
                changes,
            }],
        })
    }

    fn delete_again(&self, name: &GroupName, generation: Generation) -> Result<Decision, Refusal> {
        let Some(tombstone) = self.tombstone(name) else {
            return Err(Refusal::NoSuchGroup { group: name.clone(), tombstone: None });
        };
        if generation < tombstone {
            return Err(stale_to_tombstone(name, generation, tombstone));
        }
        let mut next = self.clone();
        next.tombstones.insert(name.clone(), generation);
        Ok(Decision {
            next,
            touched: Vec::new(),
            outcomes: vec![Outcome {
                group: name.clone(),
                generation,
                previous_generation: None,
                digest: Digest::EMPTY,
                counts: ChangeCounts::default(),
                unchanged: 0,
                adopted: 0,
                changes: Vec::new(),
            }],
        })
    }

    fn existing(&self, name: &GroupName) -> Result<&Arc<Group>, Refusal> {
        self.group(name).ok_or_else(|| Refusal::NoSuchGroup {
            group: name.clone(),
            tombstone: self.tombstone(name),
        })
    }
}

/// The commands of the per-entry operations, on the built-in group.
impl Store {
    /// Adds one mapping. The identical mapping, whoever has it, is a success that changes nothing;
    /// any other overlap is refused.
    pub fn put_ungrouped(&self, mapping: Mapping, stamp: &Stamp) -> Result<Decision, Refusal> {
        let in_the_way: Vec<_> = self.overlapping(mapping.slot).collect();
        match in_the_way.as_slice() {
            [] => {
                let Mapping { slot, target } = mapping;
                self.change_ungrouped(vec![Change::Add { slot, target }], stamp)
            }
            [(existing, group)] if *existing == mapping => Ok(self.repeated_if_ungrouped(group)),
            _ => {
                let in_slot_order = in_the_way.into_iter().rev();
                let conflicts = in_slot_order.map(|(existing, group)| Conflict {
                    requested: mapping,
                    existing,
                    group: group.name().clone(),
                });
                Err(Refusal::EntryConflict { conflicts: conflicts.collect() })
            }
        }
    }

    /// Removes the mapping that covers this port; none is a success that changes nothing. A named
    /// group's mapping is refused.
    pub fn remove_ungrouped(
        &self,
        external: ExternalAddr,
        port: u16,
        stamp: &Stamp,
    ) -> Result<Decision, Refusal> {
        let Some((existing, group)) = self.covering(external, port) else {
            return self.change_ungrouped(Vec::new(), stamp);
        };
        let Mapping { slot, target } = existing;
        if group.id() == GroupId::UNGROUPED {
            return self.change_ungrouped(vec![Change::Remove { slot, was: target }], stamp);
        }
        Err(Refusal::NotUngrouped { existing, group: group.name().clone() })
    }

    /// Removes all ungrouped mappings of a family.
    pub fn reset_ungrouped(&self, family: Family, stamp: &Stamp) -> Result<Decision, Refusal> {
        let ungrouped = self.existing(&GroupName::ungrouped())?;
        let changes = ungrouped
            .current()
            .set
            .iter()
            .filter(|mapping| mapping.slot.family() == family)
            .map(|Mapping { slot, target }| Change::Remove { slot, was: target })
            .collect();
        self.change_ungrouped(changes, stamp)
    }

    fn change_ungrouped(&self, changes: Vec<Change>, stamp: &Stamp) -> Result<Decision, Refusal> {
        let ungrouped = self.existing(&GroupName::ungrouped())?;
        if changes.is_empty() {
            return Ok(self.repeated(ungrouped));
        }
        let generation = ungrouped.current().generation.successor();
        self.changed(ungrouped, generation, changes, stamp)
    }
}

/// Where an ensure stands towards the group as it is.
enum Standing<'a> {
    /// The group is there already, with the same set.
    Repeated(&'a Arc<Group>),
    /// The generation is new to the group, if there is one.
    Newer(Option<&'a Arc<Group>>),
}

impl Store {
    fn standing(&self, ensure: &Ensure) -> Result<Standing<'_>, Refusal> {
        let Ensure { group: name, generation, .. } = ensure;
        let Some(group) = self.group(name) else {
            return match self.tombstone(name) {
                Some(tombstone) if *generation <= tombstone => {
                    Err(stale_to_tombstone(name, *generation, tombstone))
                }
                _ => Ok(Standing::Newer(None)),
            };
        };
        let current = group.current();
        if *generation < current.generation {
            return Err(stale(group, *generation));
        }
        if *generation > current.generation {
            return Ok(Standing::Newer(Some(group)));
        }
        let changes = current.set.changes_to(&ensure.mappings);
        let reserve_differs = ensure.reserve.is_some_and(|reserve| reserve != current.reserve);
        if changes.is_empty() && !reserve_differs {
            return Ok(Standing::Repeated(group));
        }
        let mut requested = current.set.clone();
        requested.apply(&changes);
        Err(Refusal::GenerationMismatch {
            group: name.clone(),
            generation: *generation,
            current_digest: current.set.digest(),
            requested_digest: Some(requested.digest()),
            content_differs: !changes.is_empty(),
        })
    }

    /// What an ensure with a newer generation changes. `taken` holds what earlier ensures of the
    /// same command adopt: a mapping is adopted once.
    fn edit(
        &self,
        ensure: &Ensure,
        current: Option<&Arc<Group>>,
        taken: &mut BTreeSet<Slot>,
    ) -> Edit {
        let empty = MappingSet::empty(self.row_cost);
        let old = current.map_or(&empty, |group| &group.current().set);
        let (adopted, changes) = self.adopt(ensure, old, taken);
        taken.extend(adopted.iter().map(|mapping| mapping.slot));
        let reserve = ensure.reserve.or(current.map(|group| group.current().reserve));
        Edit {
            group: ensure.group.clone(),
            generation: ensure.generation,
            reserve: reserve.unwrap_or_default(),
            adopted,
            changes,
        }
    }

    /// The ungrouped mappings that become the group's, and what then changes.
    fn adopt(
        &self,
        ensure: &Ensure,
        old: &MappingSet,
        taken: &BTreeSet<Slot>,
    ) -> (Vec<Mapping>, Vec<Change>) {
        let ungrouped = self.groups.get(&GroupId::UNGROUPED).map(|group| &group.current().set);
        let ungrouped = ungrouped.filter(|set| !set.is_empty());
        let mut adopted = Vec::new();
        let changes = match (ensure.adopt, ungrouped) {
            (Adopt::None, _) | (_, None) => old.changes_to(&ensure.mappings),
            (Adopt::Identical, Some(ungrouped)) => {
                let mut changes = old.changes_to(&ensure.mappings);
                changes.retain(|change| match *change {
                    Change::Add { slot, target }
                        if ungrouped.target(&slot) == Some(target) && !taken.contains(&slot) =>
                    {
                        adopted.push(Mapping { slot, target });
                        false
                    }
                    _ => true,
                });
                changes
            }
            (Adopt::Vni(vni), Some(ungrouped)) => {
                let fits =
                    |mapping: &Mapping| mapping.target.vni == vni && !taken.contains(&mapping.slot);
                adopted.extend(ungrouped.iter().filter(fits));
                let mut joined = old.clone();
                joined.apply(&additions(&adopted));
                joined.changes_to(&ensure.mappings)
            }
        };
        (adopted, changes)
    }

    /// The decision to make these changes to a group that exists.
    fn changed(
        &self,
        group: &Arc<Group>,
        generation: Generation,
        changes: Vec<Change>,
        stamp: &Stamp,
    ) -> Result<Decision, Refusal> {
        let edit = Edit {
            group: group.name().clone(),
            generation,
            reserve: group.current().reserve,
            adopted: Vec::new(),
            changes,
        };
        let (next, touched) = self.edited(std::slice::from_ref(&edit), stamp)?;
        let outcomes = vec![outcome(&next, edit, Some(group))];
        Ok(Decision { next, touched, outcomes })
    }

    /// The decision that nothing changes, but the group may need repair.
    fn repeated(&self, group: &Arc<Group>) -> Decision {
        Decision {
            next: self.clone(),
            touched: vec![group.id()],
            outcomes: vec![unchanged_outcome(group)],
        }
    }

    /// The same, except that the per-entry operations repair no named group.
    fn repeated_if_ungrouped(&self, group: &Arc<Group>) -> Decision {
        let mut decision = self.repeated(group);
        decision.touched.retain(|id| *id == GroupId::UNGROUPED);
        decision
    }
}

fn refuse_reserved(name: &GroupName) -> Result<(), Refusal> {
    if name.is_ungrouped() { Err(Refusal::ReservedGroup) } else { Ok(()) }
}

/// Mappings that are adopted only to go count as the group's.
fn refuse_emptying(ensure: &Ensure, edit: &Edit) -> Result<(), Refusal> {
    let would_remove = ChangeCounts::from_iter(&edit.changes).removed;
    if ensure.mappings.is_empty() && would_remove > 0 && !ensure.allow_empty {
        return Err(Refusal::EmptySet { group: ensure.group.clone(), would_remove });
    }
    Ok(())
}

fn refuse_removals(
    group: &GroupName,
    max_removals: Option<u64>,
    changes: &[Change],
) -> Result<(), Refusal> {
    let would_remove = ChangeCounts::from_iter(changes).removed;
    match max_removals {
        Some(max_removals) if would_remove > max_removals => {
            Err(Refusal::TooManyRemovals { group: group.clone(), would_remove, max_removals })
        }
        _ => Ok(()),
    }
}

fn stale(group: &Group, requested: Generation) -> Refusal {
    let Version { generation, set, .. } = &**group.current();
    Refusal::StaleGeneration {
        group: group.name().clone(),
        requested,
        current: *generation,
        current_digest: set.digest(),
        deleted: false,
    }
}

fn stale_to_tombstone(name: &GroupName, requested: Generation, tombstone: Generation) -> Refusal {
    Refusal::StaleGeneration {
        group: name.clone(),
        requested,
        current: tombstone,
        current_digest: Digest::EMPTY,
        deleted: true,
    }
}

fn missing(removal: &Removal, set: &MappingSet) -> Option<MissingMapping> {
    let found = set.target(&removal.slot);
    let as_expected = found.is_some() && removal.expect.is_none_or(|target| found == Some(target));
    (!as_expected).then_some(MissingMapping { slot: removal.slot, expected: removal.expect, found })
}

/// What each slot of a delta comes to: removals apply before sets.
fn wanted(delta: &Delta) -> BTreeMap<Slot, Option<Target>> {
    let removed = delta.remove.iter().map(|removal| (removal.slot, None));
    let set = delta.set.as_slice().iter().map(|mapping| (mapping.slot, Some(mapping.target)));
    removed.chain(set).collect()
}

fn delta_changes(delta: &Delta, set: &MappingSet) -> Vec<Change> {
    let changes = wanted(delta).into_iter();
    changes
        .filter_map(|(slot, target)| match (set.target(&slot), target) {
            (None, None) => None,
            (None, Some(target)) => Some(Change::Add { slot, target }),
            (Some(was), None) => Some(Change::Remove { slot, was }),
            (Some(was), Some(target)) => {
                (was != target).then_some(Change::Update { slot, was, target })
            }
        })
        .collect()
}

/// Whether all that the delta asks for is so.
fn holds(delta: &Delta, set: &MappingSet) -> bool {
    wanted(delta).into_iter().all(|(slot, target)| set.target(&slot) == target)
}

/// The digest that the delta leads to, if the generation that it starts from is kept.
fn requested_digest(delta: &Delta, group: &Group) -> Option<Digest> {
    let base = group.generation(delta.base)?;
    let mut set = base.set.clone();
    set.apply(&delta_changes(delta, &base.set));
    Some(set.digest())
}

fn outcome(next: &Store, edit: Edit, before: Option<&Arc<Group>>) -> Outcome {
    let Edit { group, generation, reserve: _, adopted, changes } = edit;
    let counts = ChangeCounts::from_iter(&changes);
    let (digest, len) = match next.group(&group) {
        Some(group) => (group.current().set.digest(), group.current().set.len() as u64),
        None => (Digest::EMPTY, 0),
    };
    Outcome {
        group,
        generation,
        previous_generation: before.map(|group| group.current().generation),
        digest,
        counts,
        unchanged: len - counts.added - counts.updated,
        adopted: adopted.len() as u64,
        changes,
    }
}

fn unchanged_outcome(group: &Group) -> Outcome {
    let Version { generation, set, .. } = &**group.current();
    Outcome {
        group: group.name().clone(),
        generation: *generation,
        previous_generation: Some(*generation),
        digest: set.digest(),
        counts: ChangeCounts::default(),
        unchanged: set.len() as u64,
        adopted: 0,
        changes: Vec::new(),
    }
}
