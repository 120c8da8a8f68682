//! The table writes that lead from applied to desired.

use crate::applied::{Applied, DeviceRow, Priority, SlotRows};
use crate::capacity::{Capacity, GroupRows, TableFull};
use crate::change::Change;
use crate::family::{Family, PerFamily};
use crate::name::GroupId;
use crate::set::MappingSet;
use crate::slot::Slot;
use crate::store::Store;
use crate::target::Target;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// One table write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Write {
    /// A row that is not there comes.
    Insert(DeviceRow),
    /// A row that is there gets this target; its counters live on.
    Modify(DeviceRow),
    /// A row that is there goes.
    Delete {
        /// Its match key.
        slot: Slot,
        /// Its priority.
        priority: Priority,
    },
}

impl Write {
    /// The slot of the row.
    pub fn slot(&self) -> Slot {
        match *self {
            Write::Insert(row) | Write::Modify(row) => row.slot,
            Write::Delete { slot, .. } => slot,
        }
    }
}

/// Which groups a plan is for.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'a> {
    /// All, and every row that belongs to none.
    All,
    /// Only these; no other may differ between the base of applied and the store to come.
    Groups(&'a [GroupId]),
}

impl Scope<'_> {
    fn has(self, group: Option<GroupId>) -> bool {
        match (self, group) {
            (Scope::All, _) => true,
            (Scope::Groups(groups), Some(group)) => groups.contains(&group),
            (Scope::Groups(_), None) => false,
        }
    }
}

/// The stages of table writes that lead from applied to desired.
///
/// Within a stage the writes may be done in any order; a stage begins when the one before is
/// acknowledged. First come pure removals; then modifications and additions, a row that overlaps
/// old ones beside them, at the smallest priority that none of them has; then the rows that those
/// superseded. After any part of a stage, a packet that had a mapping before and has one after
/// finds one of the two, except in the slots that [`Plan::gaps`] names.
///
/// Rows that should go and overlap each other, which only an interrupted plan leaves behind, go
/// last and by rising priority, so that none comes to light that had been covered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    stages: Vec<Vec<Write>>,
    gaps: Vec<Slot>,
    changes: u64,
    repairs: u64,
    peak_rows: PerFamily<u64>,
    pub(crate) rows_after: PerFamily<u64>,
    /// Slots that had diverged and will not have, with the priority of the row they then have.
    pub(crate) mended: Vec<(Slot, Option<Priority>)>,
}

impl Plan {
    /// The stages, in order; none is empty.
    pub fn stages(&self) -> &[Vec<Write>] {
        &self.stages
    }

    /// All writes, in the order of the stages.
    pub fn writes(&self) -> impl Iterator<Item = &Write> {
        self.stages.iter().flatten()
    }

    /// Whether there is nothing to write.
    pub fn is_empty(&self) -> bool {
        self.stages.is_empty()
    }

    /// The slots that are removed before their successor is there, for want of room or of
    /// priorities: packets to them find nothing in between.
    pub fn gaps(&self) -> &[Slot] {
        &self.gaps
    }

    /// How many writes make changes that the store to come asks for.
    pub fn changes(&self) -> u64 {
        self.changes
    }

    /// How many writes mend rows that were not what they should have been before.
    pub fn repairs(&self) -> u64 {
        self.repairs
    }

    /// The most rows that each table holds at any time.
    pub fn peak_rows(&self) -> PerFamily<u64> {
        self.peak_rows
    }
}

/// Plans the way from `applied` to `next`.
///
/// Refuses what does not fit: rows in use or reserved beyond a table's size, unless they were so
/// before and do not grow, or more rows than a table holds while the plan is under way, even if
/// every superseded row went first.
pub fn plan(
    applied: &Applied,
    next: &Store,
    scope: Scope<'_>,
    capacity: &Capacity,
) -> Result<Plan, TableFull> {
    let mut draft = Draft::new(applied, next);
    draft.visit_all(scope);
    draft.place_inserts();
    draft.finish(capacity)
}

/// What has been found so far.
struct Draft<'a> {
    applied: &'a Applied,
    next: &'a Store,
    modify: Vec<DeviceRow>,
    insert: Vec<DeviceRow>,
    doomed: Vec<Doomed>,
    /// The diverged slots that were visited.
    visited: BTreeSet<Slot>,
    mended: BTreeMap<Slot, Option<Priority>>,
    changes: u64,
    repairs: u64,
}

/// A row that goes.
#[derive(Clone, Copy)]
struct Doomed {
    slot: Slot,
    priority: Priority,
}

impl<'a> Draft<'a> {
    fn new(applied: &'a Applied, next: &'a Store) -> Self {
        Self {
            applied,
            next,
            modify: Vec::new(),
            insert: Vec::new(),
            doomed: Vec::new(),
            visited: BTreeSet::new(),
            mended: BTreeMap::new(),
            changes: 0,
            repairs: 0,
        }
    }

    /// Looks at every slot in scope that may need a write.
    fn visit_all(&mut self, scope: Scope<'_>) {
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
            if scope.has(divergence.group) {
                self.visit_diverged(*slot);
            }
        }
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
            if !applied.diverged.is_empty() && applied.diverged.contains_key(&slot) {
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

    fn visit_diverged(&mut self, slot: Slot) {
        if self.visited.insert(slot) {
            let rows = self.applied.rows_at(&slot);
            let wanted = self.next.target(&slot);
            let priority = wanted.and(rows.last().map(|(priority, _)| *priority));
            self.mended.insert(slot, priority);
            self.visit(slot, &rows, wanted, true);
        }
    }

    /// Decides what becomes of a slot that has these rows. Of several rows, the one that wins stays.
    fn visit(&mut self, slot: Slot, rows: &SlotRows, wanted: Option<Target>, repair: bool) {
        let before = self.modify.len() + self.insert.len() + self.doomed.len();
        let mut surplus = rows.as_slice();
        if let Some(target) = wanted {
            match surplus.split_last() {
                Some((&(priority, now), rest)) => {
                    surplus = rest;
                    if now != target {
                        self.modify.push(DeviceRow { slot, priority, target });
                    }
                }
                None => {
                    self.insert.push(DeviceRow { slot, priority: Priority::DEFAULT, target });
                }
            }
        }
        self.doomed.extend(surplus.iter().map(|&(priority, _)| Doomed { slot, priority }));
        let writes = self.modify.len() + self.insert.len() + self.doomed.len() - before;
        *(if repair { &mut self.repairs } else { &mut self.changes }) += writes as u64;
    }

    /// Gives each new row the smallest priority that no row it overlaps has. Whatever it overlaps
    /// has to go, in scope or not, since no two mappings of a store overlap.
    fn place_inserts(&mut self) {
        if self.applied.base.is_empty() && self.applied.diverged.is_empty() {
            return;
        }
        for index in 0..self.insert.len() {
            let beside = self.applied.overlapping(self.insert[index].slot);
            if beside.is_empty() {
                continue;
            }
            let mut taken: Vec<Priority> = beside.iter().map(|row| row.priority).collect();
            taken.sort_unstable();
            taken.dedup();
            let free = (1..).zip(&taken).take_while(|(free, taken)| *free == taken.0).count();
            let priority = Priority(free as u32 + 1);
            self.insert[index].priority = priority;
            for DeviceRow { slot, .. } in beside {
                if self.applied.diverged.contains_key(&slot) {
                    self.visit_diverged(slot);
                }
            }
        }
        for row in &self.insert {
            if let Some(mended) = self.mended.get_mut(&row.slot) {
                *mended = Some(row.priority);
            }
        }
    }

    /// Puts the writes into stages, as far as the device has room.
    fn finish(self, capacity: &Capacity) -> Result<Plan, TableFull> {
        for family in Family::ALL {
            let (before, after) =
                (self.applied.base.committed[family], self.next.committed[family]);
            if after > capacity.size_rows[family] && after > before {
                return Err(self.table_full(family, capacity, after));
            }
        }
        let mut removals = self.sort_removals();
        let inserted = self.cost(self.insert.iter().map(|row| &row.slot));
        for family in Family::ALL {
            self.make_room(&mut removals, family, inserted[family], capacity)?;
        }
        Ok(self.assemble(removals, inserted))
    }

    /// Which removals can go first, and which have to wait for their successors.
    fn sort_removals(&self) -> Removals {
        let entangled = self.entangled();
        let mut removals = Removals::default();
        for (doomed, entangled) in self.doomed.iter().zip(entangled) {
            if entangled {
                removals.entangled.push(*doomed);
            } else if self.next.owners.overlapping(doomed.slot).next().is_some() {
                removals.superseded.push(*doomed);
            } else {
                removals.first.push(*doomed);
            }
        }
        removals.entangled.sort_by_key(|doomed| doomed.priority);
        removals
    }

    /// For each row that goes, whether it belongs to a cluster of several that overlap.
    fn entangled(&self) -> Vec<bool> {
        let mut entangled = vec![false; self.doomed.len()];
        if self.applied.diverged.is_empty() {
            return entangled;
        }
        let mut order: Vec<usize> = (0..self.doomed.len()).collect();
        order.sort_unstable_by_key(|index| self.doomed[*index].slot);
        let mut reach: Option<(usize, Slot)> = None;
        for index in order {
            let slot = self.doomed[index].slot;
            reach = match reach {
                Some((furthest, span)) if span.overlaps(&slot) => {
                    entangled[furthest] = true;
                    entangled[index] = true;
                    let further = slot.ports.high() > span.ports.high();
                    Some(if further { (index, slot) } else { (furthest, span) })
                }
                _ => Some((index, slot)),
            };
        }
        entangled
    }

    /// Moves superseded rows of a family to the front until all that is added fits: those first
    /// whose going leaves no gap, then the largest, so that there are as few gaps as can be.
    fn make_room(
        &self,
        removals: &mut Removals,
        family: Family,
        inserted: u64,
        capacity: &Capacity,
    ) -> Result<(), TableFull> {
        if inserted == 0 {
            return Ok(());
        }
        let size = capacity.size_rows[family];
        let of_family = |doomed: &&Doomed| doomed.slot.family() == family;
        let freed: u64 = removals.first.iter().filter(of_family).map(|d| self.row_cost(d)).sum();
        let peak = self.applied.rows[family] - freed + inserted;
        let mut excess = peak.saturating_sub(size);
        if excess == 0 && capacity.has_priorities {
            return Ok(());
        }
        let (mut candidates, others): (Vec<Doomed>, Vec<Doomed>) =
            removals.superseded.drain(..).partition(|doomed| of_family(&doomed));
        removals.superseded = others;
        candidates.sort_by_key(|doomed| (self.leaves_gap(doomed), Reverse(self.row_cost(doomed))));
        for doomed in candidates {
            if excess > 0 || !capacity.has_priorities {
                excess = excess.saturating_sub(self.row_cost(&doomed));
                removals.first.push(doomed);
                removals.early.push(doomed);
            } else {
                removals.superseded.push(doomed);
            }
        }
        if excess > 0 || !capacity.has_priorities {
            for doomed in removals.entangled.extract_if(.., |doomed| doomed.slot.family() == family)
            {
                excess = excess.saturating_sub(u64::from((self.next.row_cost)(doomed.slot.ports)));
                removals.untangled.push(doomed);
                removals.early.push(doomed);
            }
        }
        if excess > 0 { Err(self.table_full(family, capacity, size + excess)) } else { Ok(()) }
    }

    /// Whether packets would find nothing if this row went before its successors came.
    fn leaves_gap(&self, doomed: &Doomed) -> bool {
        self.next
            .owners
            .overlapping(doomed.slot)
            .any(|(slot, _)| self.applied.rows_at(&slot).is_empty())
    }

    fn assemble(self, removals: Removals, inserted: PerFamily<u64>) -> Plan {
        let before = self.applied.rows;
        let gone = self.cost(self.doomed.iter().map(|doomed| &doomed.slot));
        let Removals { first, untangled, superseded, entangled, early } = removals;
        let gone_first = self.cost(first.iter().chain(&untangled).map(|doomed| &doomed.slot));
        let mut gaps: Vec<Slot> = early
            .iter()
            .filter(|doomed| self.leaves_gap(doomed))
            .map(|doomed| doomed.slot)
            .collect();
        gaps.sort_unstable();
        gaps.dedup();

        let mut stages = vec![deletes(&first)];
        stages.extend(by_priority(&untangled));
        let modify = self.modify.iter().map(|row| Write::Modify(*row));
        stages.push(modify.chain(self.insert.iter().map(|row| Write::Insert(*row))).collect());
        stages.push(deletes(&superseded));
        stages.extend(by_priority(&entangled));
        stages.retain(|stage| !stage.is_empty());
        Plan {
            stages,
            gaps,
            changes: self.changes,
            repairs: self.repairs,
            peak_rows: PerFamily::from_fn(|family| {
                before[family].max(before[family] - gone_first[family] + inserted[family])
            }),
            rows_after: PerFamily::from_fn(|family| {
                before[family] + inserted[family] - gone[family]
            }),
            mended: self.mended.into_iter().collect(),
        }
    }

    fn row_cost(&self, doomed: &Doomed) -> u64 {
        self.applied.cost(&doomed.slot)
    }

    fn cost<'s>(&self, slots: impl Iterator<Item = &'s Slot>) -> PerFamily<u64> {
        let mut cost = PerFamily::default();
        slots.for_each(|slot| cost[slot.family()] += self.applied.cost(slot));
        cost
    }

    fn table_full(&self, family: Family, capacity: &Capacity, needed: u64) -> TableFull {
        let base = &self.applied.base;
        let mut by_group: Vec<GroupRows> = base
            .groups
            .values()
            .map(|group| GroupRows {
                group: group.name().clone(),
                in_use: group.current().set.rows()[family],
                reserved: group.current().reserve[family],
            })
            .filter(|rows| rows.in_use > 0 || rows.reserved > 0)
            .collect();
        by_group.sort_by_key(|rows| (Reverse(rows.in_use.max(rows.reserved)), rows.group.clone()));
        TableFull {
            family,
            size: capacity.size_rows[family],
            in_use: base.rows[family],
            reserved: base.committed[family] - base.rows[family],
            needed,
            by_group: by_group.into_iter().collect(),
        }
    }
}

/// The rows that go, by when.
#[derive(Default)]
struct Removals {
    /// Before anything comes.
    first: Vec<Doomed>,
    /// Entangled ones that go before anything comes, by rising priority.
    untangled: Vec<Doomed>,
    /// When their successors are there.
    superseded: Vec<Doomed>,
    /// Those that overlap each other: after everything else, by rising priority.
    entangled: Vec<Doomed>,
    /// Those of the first two that would better have waited.
    early: Vec<Doomed>,
}

fn deletes(doomed: &[Doomed]) -> Vec<Write> {
    doomed.iter().map(|&Doomed { slot, priority }| Write::Delete { slot, priority }).collect()
}

/// A stage for each priority, from the lowest; the rows come in that order.
fn by_priority(doomed: &[Doomed]) -> Vec<Vec<Write>> {
    doomed.chunk_by(|a, b| a.priority == b.priority).map(deletes).collect()
}
