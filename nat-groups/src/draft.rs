//! Finding what has to be written, slot by slot.

use crate::applied::{Applied, DeviceRow, Priority, SlotRows};
use crate::change::Change;
use crate::family::PerFamily;
use crate::name::GroupId;
use crate::plan::Scope;
use crate::removal::Doomed;
use crate::set::MappingSet;
use crate::slot::Slot;
use crate::store::Store;
use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet};

/// The writes of a plan, before they are in order.
pub(crate) struct Draft<'a> {
    pub(crate) applied: &'a Applied,
    pub(crate) next: &'a Store,
    pub(crate) modify: Vec<DeviceRow>,
    pub(crate) insert: Vec<DeviceRow>,
    pub(crate) doomed: Vec<Doomed>,
    /// Rows that are right but for their priority.
    pub(crate) moved: Vec<DeviceRow>,
    /// The diverged slots that were visited, with the priority of the row they will have.
    pub(crate) mended: BTreeMap<Slot, Option<Priority>>,
    pub(crate) changes: u64,
    pub(crate) repairs: u64,
}

impl<'a> Draft<'a> {
    pub(crate) fn new(applied: &'a Applied, next: &'a Store) -> Self {
        Self {
            applied,
            next,
            modify: Vec::new(),
            insert: Vec::new(),
            doomed: Vec::new(),
            moved: Vec::new(),
            mended: BTreeMap::new(),
            changes: 0,
            repairs: 0,
        }
    }

    /// Looks at every slot in scope that may need a write, and at what is in its way.
    pub(crate) fn visit_all(&mut self, scope: Scope<'_>) {
        let groups: Vec<GroupId> = match scope {
            Scope::Groups(groups) => groups.to_vec(),
            Scope::All => {
                let here = self.applied.base.groups.keys().copied();
                here.chain(self.next.groups.keys().copied())
                    .collect::<BTreeSet<_>>()
                    .into_iter()
                    .collect()
            }
        };
        for group in &groups {
            self.visit_changes(*group, groups.len() > 1);
        }
        let applied = self.applied;
        for (slot, divergence) in applied.diverged.iter() {
            if scope.has(divergence) {
                self.visit_diverged(*slot);
            }
        }
        self.visit_obstacles();
    }

    /// Looks at what differs in one group. With `several` groups in play, a slot may move from one
    /// to another, and is visited once, where it arrives.
    fn visit_changes(&mut self, group: GroupId, several: bool) {
        let (applied, next) = (self.applied, self.next);
        let empty = MappingSet::empty(next.row_cost);
        let set = |store: &'a Store| store.groups.get(&group).map(|group| &group.current().set);
        let before = set(&applied.base).unwrap_or(&empty);
        let after = set(next).unwrap_or(&empty);
        for change in before.diff(after) {
            let slot = change.slot();
            if applied.diverged.contains(&slot) {
                self.visit_diverged(slot);
                continue;
            }
            let was = match change {
                Change::Remove { .. } if several && next.owner(&slot).is_some() => continue,
                Change::Add { .. } if several => applied.base.target(&slot),
                _ => change.was(),
            };
            let rows = was.map(|target| (applied.priority(&slot), target));
            self.visit(slot, &rows.into_iter().collect(), change.target(), false);
        }
    }

    /// Looks at diverged slots that overlap what comes, in scope or not: since no two mappings of a
    /// store overlap, their rows have to go.
    fn visit_obstacles(&mut self) {
        if self.applied.diverged.is_empty() {
            return;
        }
        // What goes adds nothing to what comes.
        for index in 0..self.insert.len() {
            for DeviceRow { slot, .. } in self.applied.overlapping(self.insert[index].slot) {
                if self.applied.diverged.contains(&slot) {
                    self.visit_diverged(slot);
                }
            }
        }
    }

    fn visit_diverged(&mut self, slot: Slot) {
        if self.mended.contains_key(&slot) {
            return;
        }
        let rows = self.applied.rows_at(&slot);
        let wanted = self.next.target(&slot);
        let kept = wanted.and_then(|target| self.applied.kept_row(slot, &rows, target));
        let kept = kept.and_then(|index| rows.get(index));
        self.mended.insert(slot, kept.map(|(priority, _)| *priority));
        if let (Some(&(priority, target)), Some(wanted)) = (kept, wanted)
            && self.applied.is_moved(&slot)
            && target == wanted
        {
            self.moved.push(DeviceRow { slot, priority, target });
        } else {
            self.visit(slot, &rows, wanted, true);
        }
    }

    /// Decides what becomes of a slot that has these rows.
    fn visit(&mut self, slot: Slot, rows: &SlotRows, wanted: Option<Target>, repair: bool) {
        let before = self.modify.len() + self.insert.len() + self.doomed.len();
        let mut kept = None;
        if let Some(target) = wanted {
            kept = self.applied.kept_row(slot, rows, target);
            match kept.and_then(|index| rows.get(index)) {
                Some(&(priority, now)) if now != target => {
                    self.modify.push(DeviceRow { slot, priority, target });
                }
                Some(_) => {}
                None => {
                    self.insert.push(DeviceRow { slot, priority: Priority::DEFAULT, target });
                }
            }
        }
        let surplus = rows.iter().enumerate().filter(|(index, _)| Some(*index) != kept);
        self.doomed.extend(surplus.map(|(_, &(priority, _))| Doomed { slot, priority }));
        let writes = self.modify.len() + self.insert.len() + self.doomed.len() - before;
        *(if repair { &mut self.repairs } else { &mut self.changes }) += writes as u64;
    }

    /// Has as many rows that are right but for their priority come anew beside the old as there is
    /// `room` for, and the old go then. The others stay: packets find the right target either way,
    /// and it is not worth a gap.
    pub(crate) fn move_rows(&mut self, mut room: PerFamily<u64>) {
        for row in std::mem::take(&mut self.moved) {
            let DeviceRow { slot, priority, target: _ } = row;
            let (room, cost) = (&mut room[slot.family()], self.applied.cost(&slot));
            if cost <= *room {
                *room -= cost;
                self.insert.push(row);
                self.doomed.push(Doomed { slot, priority });
                self.repairs += 2;
            }
        }
    }
}
