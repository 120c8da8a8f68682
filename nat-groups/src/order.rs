//! Putting what has to be written in order, so that packets notice nothing, as far as the device has
//! room.

use crate::applied::{DeviceRow, Priority};
use crate::capacity::{Capacity, GroupRows, TableFull};
use crate::draft::Draft;
use crate::family::{Family, PerFamily};
use crate::plan::{Plan, Write};
use crate::removal::{Cluster, Doomed, clusters, in_turn};
use crate::schedule::{Round, Schedule};
use crate::slot::Slot;
use std::cmp::Reverse;
use std::collections::BTreeSet;

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
        let (mut superseded, first) = self.sort_removals();
        let freed = self.cost_of(&first);
        let room = PerFamily::from_fn(|family| {
            (capacity.size_rows[family] + freed[family]).saturating_sub(self.applied.rows[family])
        });
        if !self.moved.is_empty() && capacity.has_priorities {
            let needed = self.cost(self.insert.iter().map(|row| &row.slot));
            self.move_rows(PerFamily::from_fn(|family| {
                room[family].saturating_sub(needed[family])
            }));
            // What goes first has nothing to do with them.
            superseded = self.sort_removals().0;
        }
        let mut late = PerFamily::<Vec<Cluster>>::default();
        superseded.into_iter().for_each(|cluster| late[family_of(&cluster)].push(cluster));
        let mut insert = PerFamily::<Vec<DeviceRow>>::default();
        self.insert.drain(..).for_each(|row| insert[row.slot.family()].push(row));
        let mut schedule = Schedule::default();
        for family in Family::ALL {
            let size = capacity.size_rows[family];
            let insert = std::mem::take(&mut insert[family]);
            let late = std::mem::take(&mut late[family]);
            let part = Schedule::new(
                self.applied,
                self.next,
                insert,
                late,
                room[family],
                capacity.has_priorities,
            );
            let part = part.map_err(|short| self.table_full(family, capacity, size + short))?;
            schedule.join(part);
        }
        self.place_inserts(&mut schedule.rounds);
        Ok(self.assemble(&first, schedule))
    }

    /// The rows that go: those that have successors, which they had better wait for, and the others.
    fn sort_removals(&self) -> (Vec<Cluster>, Vec<Cluster>) {
        let may_overlap = !self.applied.diverged.is_empty();
        let has_successor = |row: &Doomed| self.next.owners.overlapping(row.slot).next().is_some();
        clusters(&self.doomed, may_overlap)
            .into_iter()
            .partition(|cluster| cluster.iter().any(has_successor))
    }

    /// Gives each new row the smallest priority that no row beside it has.
    fn place_inserts(&mut self, rounds: &mut [Round]) {
        if self.applied.base.is_empty() && self.applied.diverged.is_empty() {
            return;
        }
        let mut gone = BTreeSet::<Doomed>::new();
        let several = rounds.len() > 1;
        for Round { early, insert, late } in rounds {
            gone.extend(early.iter().flatten());
            for row in insert {
                row.priority = self.free_priority(row.slot, &gone);
                if let Some(mended) = self.mended.get_mut(&row.slot) {
                    *mended = Some(row.priority);
                }
            }
            if several {
                gone.extend(late.iter().flatten());
            }
        }
    }

    fn free_priority(&self, slot: Slot, gone: &BTreeSet<Doomed>) -> Priority {
        let is_there = |row: &DeviceRow| {
            let DeviceRow { slot, priority, target: _ } = *row;
            !gone.contains(&Doomed { slot, priority })
        };
        let beside = self.applied.overlapping(slot).into_iter().filter(is_there);
        let mut taken: Vec<u32> = beside.map(|row| row.priority.0).collect();
        taken.sort_unstable();
        taken.dedup();
        let from_the_first = (Priority::DEFAULT.0..).zip(taken);
        let held = from_the_first.take_while(|(free, taken)| free == taken).count();
        Priority(Priority::DEFAULT.0 + held as u32)
    }

    fn assemble(self, first: &[Cluster], schedule: Schedule) -> Plan {
        let Schedule { rounds, mut gaps } = schedule;
        gaps.sort_unstable();
        gaps.dedup();
        let mut rows = self.applied.rows;
        let mut peak_rows = rows;
        let mut stages: Vec<Vec<Write>> = in_turn(first).collect();
        let goes = |rows: &mut PerFamily<u64>, clusters: &[Cluster]| {
            let cost = self.cost_of(clusters);
            Family::ALL.into_iter().for_each(|family| rows[family] -= cost[family]);
        };
        goes(&mut rows, first);
        let mut modify: Vec<Write> = self.modify.iter().map(|row| Write::Modify(*row)).collect();
        for Round { early, insert, late } in rounds {
            if !early.is_empty() {
                stages.push(std::mem::take(&mut modify));
                stages.extend(in_turn(&early));
            }
            let mut comes = std::mem::take(&mut modify);
            comes.extend(insert.iter().map(|row| Write::Insert(*row)));
            stages.push(comes);
            stages.extend(in_turn(&late));

            goes(&mut rows, &early);
            let cost = self.cost(insert.iter().map(|row| &row.slot));
            for family in Family::ALL {
                rows[family] += cost[family];
                peak_rows[family] = peak_rows[family].max(rows[family]);
            }
            goes(&mut rows, &late);
        }
        stages.retain(|stage| !stage.is_empty());
        Plan {
            stages,
            gaps,
            changes: self.changes,
            repairs: self.repairs,
            peak_rows,
            rows_after: rows,
            mended: self.mended.into_iter().collect(),
        }
    }

    /// The table rows that these slots take.
    pub(crate) fn cost<'s>(&self, slots: impl IntoIterator<Item = &'s Slot>) -> PerFamily<u64> {
        let mut cost = PerFamily::default();
        slots.into_iter().for_each(|slot| cost[slot.family()] += self.applied.cost(slot));
        cost
    }

    fn cost_of<'c>(&self, clusters: impl IntoIterator<Item = &'c Cluster>) -> PerFamily<u64> {
        self.cost(clusters.into_iter().flatten().map(|row| &row.slot))
    }

    fn table_full(&self, family: Family, capacity: &Capacity, needed: u64) -> TableFull {
        // A device that is being taken over may have nothing of ours yet: then what is desired tells.
        let base = match self.applied.base.groups.is_empty() {
            true => self.next,
            false => &self.applied.base,
        };
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

fn family_of(cluster: &Cluster) -> Family {
    cluster.first().map_or(Family::V4, |row| row.slot.family())
}
