//! Finding what has to be written, slot by slot, and putting it into stages.

use crate::applied::{Applied, DeviceRow, Priority, SlotRows};
use crate::capacity::{Capacity, GroupRows, TableFull};
use crate::change::Change;
use crate::family::{Family, PerFamily};
use crate::name::GroupId;
use crate::plan::{Plan, Scope, Write};
use crate::removal::{Cluster, Doomed, Removals, clusters, in_turn};
use crate::set::MappingSet;
use crate::slot::Slot;
use crate::store::Store;
use crate::target::Target;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// The writes of a plan, before they are in order.
pub(crate) struct Draft<'a> {
    applied: &'a Applied,
    next: &'a Store,
    modify: Vec<DeviceRow>,
    insert: Vec<DeviceRow>,
    doomed: Vec<Doomed>,
    /// The diverged slots that were visited, with the priority of the row they will have.
    mended: BTreeMap<Slot, Option<Priority>>,
    changes: u64,
    repairs: u64,
}

/// What has to be written.
impl<'a> Draft<'a> {
    pub(crate) fn new(applied: &'a Applied, next: &'a Store) -> Self {
        Self {
            applied,
            next,
            modify: Vec::new(),
            insert: Vec::new(),
            doomed: Vec::new(),
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
            if scope.has(divergence.group) {
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

    /// Looks at diverged slots that overlap what comes, in scope or not: since no two mappings of a
    /// store overlap, their rows have to go.
    fn visit_obstacles(&mut self) {
        if self.applied.diverged.is_empty() {
            return;
        }
        // What goes adds nothing to what comes.
        for index in 0..self.insert.len() {
            for DeviceRow { slot, .. } in self.applied.overlapping(self.insert[index].slot) {
                if self.applied.diverged.contains_key(&slot) {
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
        let priority = wanted.and(rows.last().map(|(priority, _)| *priority));
        self.mended.insert(slot, priority);
        self.visit(slot, &rows, wanted, true);
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
}

/// In which order.
impl Draft<'_> {
    /// Puts the writes into stages, if the device has room.
    pub(crate) fn finish(mut self, capacity: &Capacity) -> Result<Plan, TableFull> {
        for family in Family::ALL {
            let (before, after) =
                (self.applied.base.committed[family], self.next.committed[family]);
            if after > capacity.size_rows[family] && after > before {
                return Err(self.table_full(family, capacity, after));
            }
        }
        let mut removals = self.sort_removals();
        for family in Family::ALL {
            self.make_room(&mut removals, family, capacity)?;
        }
        self.place_inserts(&removals.early);
        Ok(self.assemble(removals))
    }

    /// Which rows can go first, and which should wait for their successors.
    fn sort_removals(&self) -> Removals {
        let may_overlap = !self.applied.diverged.is_empty();
        let mut removals = Removals::default();
        for cluster in clusters(&self.doomed, may_overlap) {
            let has_successor =
                |row: &Doomed| self.next.owners.overlapping(row.slot).next().is_some();
            let superseded = cluster.iter().any(has_successor);
            (if superseded { &mut removals.late } else { &mut removals.first }).push(cluster);
        }
        removals
    }

    /// Moves superseded rows of a family forward until all that comes fits: those first whose going
    /// leaves no gap, then the largest, so that there are as few gaps as can be.
    fn make_room(
        &self,
        removals: &mut Removals,
        family: Family,
        capacity: &Capacity,
    ) -> Result<(), TableFull> {
        let inserted = self.cost(self.insert.iter().map(|row| &row.slot))[family];
        if inserted == 0 {
            return Ok(());
        }
        let size = capacity.size_rows[family];
        let freed = self.cost_of(&removals.first)[family];
        let mut excess = (self.applied.rows[family] - freed + inserted).saturating_sub(size);
        if excess == 0 && capacity.has_priorities {
            return Ok(());
        }
        let coming: BTreeSet<Slot> = self.insert.iter().map(|row| row.slot).collect();
        let of_family = |cluster: &mut Cluster| cluster.iter().all(|it| it.slot.family() == family);
        let mut candidates: Vec<(Vec<Slot>, u64, Cluster)> = removals
            .late
            .extract_if(.., of_family)
            .map(|cluster| {
                (self.gaps(&cluster, &coming), self.cost_of([&cluster])[family], cluster)
            })
            .collect();
        candidates.sort_by_key(|(gaps, cost, _)| (!gaps.is_empty(), Reverse(*cost)));
        for (gaps, cost, cluster) in candidates {
            if excess > 0 || !capacity.has_priorities {
                excess = excess.saturating_sub(cost);
                removals.gaps.extend(gaps);
                removals.early.push(cluster);
            } else {
                removals.late.push(cluster);
            }
        }
        if excess > 0 { Err(self.table_full(family, capacity, size + excess)) } else { Ok(()) }
    }

    /// The slots of rows whose going, before their successors come, packets would notice.
    fn gaps(&self, cluster: &Cluster, coming: &BTreeSet<Slot>) -> Vec<Slot> {
        let has_gap = |slot: &Slot| {
            self.next.owners.overlapping(*slot).any(|(successor, _)| coming.contains(&successor))
        };
        cluster.iter().map(|row| row.slot).filter(has_gap).collect()
    }

    /// Gives each new row the smallest priority that no row beside it has.
    fn place_inserts(&mut self, early: &[Cluster]) {
        if self.applied.base.is_empty() && self.applied.diverged.is_empty() {
            return;
        }
        let gone: BTreeSet<Doomed> = early.iter().flatten().copied().collect();
        for row in &mut self.insert {
            let mut taken: Vec<Priority> = self
                .applied
                .overlapping(row.slot)
                .into_iter()
                .filter(|&DeviceRow { slot, priority, .. }| {
                    !gone.contains(&Doomed { slot, priority })
                })
                .map(|beside| beside.priority)
                .collect();
            taken.sort_unstable();
            taken.dedup();
            let from_one = (1..).zip(&taken).take_while(|(free, taken)| *free == taken.0);
            row.priority = Priority(from_one.count() as u32 + 1);
            if let Some(mended) = self.mended.get_mut(&row.slot) {
                *mended = Some(row.priority);
            }
        }
    }

    fn assemble(self, removals: Removals) -> Plan {
        let before = self.applied.rows;
        let inserted = self.cost(self.insert.iter().map(|row| &row.slot));
        let Removals { first, early, late, mut gaps } = removals;
        let gone_before = self.cost_of(first.iter().chain(&early));
        let gone_after = self.cost_of(&late);
        let fullest = |family| before[family] - gone_before[family] + inserted[family];
        gaps.sort_unstable();
        gaps.dedup();

        let modify = self.modify.iter().map(|row| Write::Modify(*row));
        let insert = self.insert.iter().map(|row| Write::Insert(*row));
        let mut stages = Vec::new();
        stages.extend(in_turn(&first));
        if early.is_empty() {
            stages.push(modify.chain(insert).collect());
        } else {
            stages.push(modify.collect());
            stages.extend(in_turn(&early));
            stages.push(insert.collect());
        }
        stages.extend(in_turn(&late));
        stages.retain(|stage| !stage.is_empty());
        Plan {
            stages,
            gaps,
            changes: self.changes,
            repairs: self.repairs,
            peak_rows: PerFamily::from_fn(|family| before[family].max(fullest(family))),
            rows_after: PerFamily::from_fn(|family| fullest(family) - gone_after[family]),
            mended: self.mended.into_iter().collect(),
        }
    }

    fn cost<'s>(&self, slots: impl IntoIterator<Item = &'s Slot>) -> PerFamily<u64> {
        let mut cost = PerFamily::default();
        slots.into_iter().for_each(|slot| cost[slot.family()] += self.applied.cost(slot));
        cost
    }

    fn cost_of<'c>(&self, clusters: impl IntoIterator<Item = &'c Cluster>) -> PerFamily<u64> {
        self.cost(clusters.into_iter().flatten().map(|row| &row.slot))
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
