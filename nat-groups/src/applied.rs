//! What the device has acknowledged.

use crate::capacity::RowCost;
use crate::diverged::DivergedSlots;
use crate::family::{Family, PerFamily};
use crate::generation::Generation;
use crate::mapping::Mapping;
use crate::name::GroupId;
use crate::plan::{Plan, Write};
use crate::slot::{ExternalAddr, Slot};
use crate::store::Store;
use crate::target::Target;
use im::OrdMap;
use smallvec::SmallVec;
use std::fmt;

/// The priority of a table row. Where rows overlap, the one with the larger wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Priority(pub u32);

impl Priority {
    /// The priority of a row that overlaps no other.
    pub const DEFAULT: Priority = Priority(1);
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A row of a NAT table. Its identity is its slot and its priority.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its match key.
    pub slot: Slot,
    /// Its priority.
    pub priority: Priority,
    /// Where it sends packets.
    pub target: Target,
}

/// The rows that the device holds, as far as it acknowledged or gave them back: *applied*.
///
/// Kept as a base, the store that was last programmed, with one row for each of its mappings, and
/// the exceptions to that. The base shares its structure with the stores that were made from it,
/// and the exceptions are few; so keeping, cloning and comparing this costs what differs.
#[derive(Clone, Debug)]
pub struct Applied {
    pub(crate) base: Store,
    /// Slots of the base whose row is right but has another priority than the default.
    pub(crate) raised: OrdMap<Slot, Priority>,
    /// Slots whose rows are not what the base says.
    pub(crate) diverged: DivergedSlots,
    /// No row of a diverged slot has more ports than this beyond its first: rows that overlap a
    /// slot begin at most so far below it.
    pub(crate) widest: u16,
    /// The table rows that all of this takes.
    pub(crate) rows: PerFamily<u64>,
    pub(crate) row_cost: RowCost,
}

/// A slot whose rows are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The group whose slot it is, unless nobody knows.
    pub group: Option<GroupId>,
    /// The other groups with mappings that overlap the rows, and whose packets these may catch.
    pub overlapped: SmallVec<[GroupId; 1]>,
    /// The rows that the slot has, by priority: none if its row is missing.
    pub rows: SlotRows,
    /// The priority at which the device acknowledged the one row of the slot, if nothing is wrong
    /// with it but that it now has another.
    pub acknowledged: Option<Priority>,
}

impl Divergence {
    /// Every group that it concerns.
    pub fn groups(&self) -> impl Iterator<Item = GroupId> + '_ {
        self.group.into_iter().chain(self.overlapped.iter().copied())
    }
}

/// The rows of one slot, by rising priority: almost always one.
pub type SlotRows = SmallVec<[(Priority, Target); 1]>;

impl Applied {
    /// An empty device.
    pub fn empty(base: Store) -> Self {
        let row_cost = base.row_cost;
        debug_assert!(base.is_empty());
        Self {
            base,
            raised: OrdMap::new(),
            diverged: DivergedSlots::default(),
            widest: 0,
            rows: PerFamily::default(),
            row_cost,
        }
    }

    /// The store that was last programmed.
    pub fn base(&self) -> &Store {
        &self.base
    }

    /// The table rows in use.
    pub fn rows(&self) -> PerFamily<u64> {
        self.rows
    }

    /// The slots whose rows are not what the base says, in order.
    pub fn diverged(&self) -> impl Iterator<Item = (&Slot, &Divergence)> {
        self.diverged.iter()
    }

    /// Whether the rows of a slot are not what the base says.
    pub fn is_diverged(&self, slot: &Slot) -> bool {
        self.diverged.contains(slot)
    }

    /// How many slots of a group are not as they should be.
    pub fn diverged_of(&self, group: GroupId) -> usize {
        self.diverged.of_group(group)
    }

    /// How many slots of all groups, and of none, are not as they should be.
    pub fn diverged_total(&self) -> usize {
        self.diverged.len()
    }

    /// Whether the device holds exactly what the base says.
    pub fn is_clean(&self) -> bool {
        self.diverged.is_empty()
    }

    /// The generation of a group that was last programmed whole.
    pub fn programmed_generation(&self, group: GroupId) -> Option<Generation> {
        self.base.group_by_id(group).map(|group| group.current().generation)
    }

    /// The rows of exactly this slot, by rising priority.
    pub fn rows_at(&self, slot: &Slot) -> SlotRows {
        if let Some(divergence) = self.diverged.get(slot) {
            return divergence.rows.clone();
        }
        let expected = self.base.target(slot).map(|target| (self.priority(slot), target));
        expected.into_iter().collect()
    }

    /// All rows, in slot order.
    pub fn iter(&self) -> impl Iterator<Item = DeviceRow> + '_ {
        self.iter_from(Slot::first_of(ExternalAddr::lowest(Family::V4)))
    }

    /// The rows from `slot` on, in slot order.
    pub fn iter_from(&self, slot: Slot) -> impl Iterator<Item = DeviceRow> + '_ {
        let mut expected = self
            .base
            .mappings_from(slot)
            .filter(|(mapping, _)| !self.diverged.contains(&mapping.slot))
            .peekable();
        let mut diverged = self.diverged.range(slot..).peekable();
        let merged = std::iter::from_fn(move || match (expected.peek(), diverged.peek()) {
            (Some((mapping, _)), Some((slot, _))) if mapping.slot < **slot => {
                expected.next().map(|(mapping, _)| self.expected_rows(mapping))
            }
            (Some(_), None) => expected.next().map(|(mapping, _)| self.expected_rows(mapping)),
            (_, Some(_)) => {
                diverged.next().map(|(slot, divergence)| (*slot, divergence.rows.clone()))
            }
            (None, None) => None,
        });
        merged.flat_map(|(slot, rows)| {
            rows.into_iter().map(move |(priority, target)| DeviceRow { slot, priority, target })
        })
    }

    /// The rows that a packet to `slot` might match, in no order.
    pub fn overlapping(&self, slot: Slot) -> Vec<DeviceRow> {
        let mut rows: Vec<DeviceRow> = self
            .base
            .overlapping(slot)
            .filter(|(mapping, _)| !self.diverged.contains(&mapping.slot))
            .map(|(Mapping { slot, target }, _)| DeviceRow {
                slot,
                priority: self.priority(&slot),
                target,
            })
            .collect();
        if !self.diverged.is_empty() {
            let first =
                Slot::first_from(slot.external, slot.ports.low().saturating_sub(self.widest));
            let last = Slot::last_from(slot.external, slot.ports.high());
            for (other, divergence) in self.diverged.range(first..=last) {
                if other.overlaps(&slot) {
                    rows.extend(divergence.rows.iter().map(|&(priority, target)| DeviceRow {
                        slot: *other,
                        priority,
                        target,
                    }));
                }
            }
        }
        rows
    }

    /// What holds once the device has acknowledged every write of `plan`, which leads to `next`.
    ///
    /// `next` may differ from the base only in groups that the plan was made for.
    pub fn settled(&self, plan: &Plan, next: &Store) -> Self {
        let mut settled = self.clone();
        settled.base = next.clone();
        settled.rows = plan.rows_after;
        for write in plan.writes() {
            match *write {
                Write::Insert(DeviceRow { slot, priority, .. }) => settled.raise(slot, priority),
                Write::Modify(_) => {}
                Write::Delete { slot, .. } => {
                    if !settled.raised.is_empty() && next.owner(&slot).is_none() {
                        settled.raised.remove(&slot);
                    }
                }
            }
        }
        for &(slot, priority) in &plan.mended {
            settled.diverged.remove(&slot);
            settled.raise(slot, priority.unwrap_or(Priority::DEFAULT));
        }
        if settled.diverged.is_empty() {
            settled.widest = 0;
        }
        settled
    }

    /// What holds after the device has acknowledged these writes, some of a plan that leads to
    /// `next`.
    pub fn after<'a>(&self, writes: impl IntoIterator<Item = &'a Write>, next: &Store) -> Self {
        let mut after = self.clone();
        for write in writes {
            let slot = write.slot();
            let mut rows = after.rows_at(&slot);
            match *write {
                Write::Insert(DeviceRow { priority, target, .. }) => {
                    let position = rows.partition_point(|(before, _)| *before < priority);
                    rows.insert(position, (priority, target));
                }
                Write::Modify(DeviceRow { priority, target, .. }) => {
                    rows.iter_mut()
                        .filter(|(there, _)| *there == priority)
                        .for_each(|row| row.1 = target);
                }
                Write::Delete { priority, .. } => rows.retain(|(there, _)| *there != priority),
            }
            after.set_rows(slot, rows, None, next.owner(&slot));
        }
        after
    }

    /// Checks every invariant.
    pub fn validate(&self) -> Result<(), String> {
        for (slot, priority) in self.raised.iter() {
            if *priority == Priority::DEFAULT || self.base.target(slot).is_none() {
                return Err(format!("{slot} is kept as raised to {priority}"));
            }
            if self.diverged.contains(slot) {
                return Err(format!("{slot} is both raised and diverged"));
            }
        }
        for (slot, divergence) in self.diverged.iter() {
            let Divergence { group: _, overlapped: _, rows, acknowledged } = divergence;
            if !rows.is_sorted_by(|a, b| a.0 < b.0) {
                return Err(format!("the rows of {slot} are out of order: {rows:?}"));
            }
            let is_moved = match (rows.first(), acknowledged) {
                (Some((priority, _)), Some(acknowledged)) => priority != acknowledged,
                _ => false,
            };
            if self.is_expected(slot, rows) != is_moved {
                return Err(format!("{slot} is kept as diverged with {rows:?}, {acknowledged:?}"));
            }
            if !rows.is_empty() && slot.ports.high() - slot.ports.low() > self.widest {
                return Err(format!("{slot} is wider than {} ports", self.widest));
            }
        }
        self.diverged.validate()?;
        let mut rows = PerFamily::<u64>::default();
        for row in self.iter() {
            rows[row.slot.family()] += self.cost(&row.slot);
        }
        if rows != self.rows {
            return Err(format!("{:?} rows are kept, {rows:?} are there", self.rows));
        }
        Ok(())
    }

    pub(crate) fn cost(&self, slot: &Slot) -> u64 {
        u64::from((self.row_cost)(slot.ports))
    }

    /// The priority of the row of a slot that has one and is as the base says.
    pub(crate) fn priority(&self, slot: &Slot) -> Priority {
        if self.raised.is_empty() {
            return Priority::DEFAULT;
        }
        self.raised.get(slot).copied().unwrap_or(Priority::DEFAULT)
    }

    fn expected_rows(&self, mapping: Mapping) -> (Slot, SlotRows) {
        let Mapping { slot, target } = mapping;
        (slot, SlotRows::from_iter([(self.priority(&slot), target)]))
    }

    /// Whether the row of the slot is right but for its priority.
    pub(crate) fn is_moved(&self, slot: &Slot) -> bool {
        self.diverged.get(slot).is_some_and(|divergence| divergence.acknowledged.is_some())
    }

    /// Whether these rows are what the base says of the slot.
    fn is_expected(&self, slot: &Slot, rows: &SlotRows) -> bool {
        match (rows.as_slice(), self.base.target(slot)) {
            ([], None) => true,
            ([(_, target)], Some(expected)) => *target == expected,
            _ => false,
        }
    }

    /// Records the priority of a row that is as the base says.
    fn raise(&mut self, slot: Slot, priority: Priority) {
        if priority != Priority::DEFAULT {
            self.raised.insert(slot, priority);
        } else if !self.raised.is_empty() {
            self.raised.remove(&slot);
        }
    }

    /// Records that the slot has exactly these rows. If it is one, and right, it has to have the
    /// priority that the device `acknowledged`, or any if there is none.
    pub(crate) fn set_rows(
        &mut self,
        slot: Slot,
        rows: SlotRows,
        acknowledged: Option<Priority>,
        owner: Option<GroupId>,
    ) {
        let cost = self.cost(&slot);
        let family = slot.family();
        let before = self.rows_at(&slot).len() as u64;
        self.rows[family] = self.rows[family] + cost * rows.len() as u64 - cost * before;
        let is_expected = self.is_expected(&slot, &rows);
        let priority = rows.first().map(|(priority, _)| *priority);
        let is_moved = is_expected && priority.is_some() && priority != acknowledged;
        let acknowledged = acknowledged.filter(|_| is_moved);
        if is_expected && acknowledged.is_none() {
            self.diverged.remove(&slot);
            self.raise(slot, priority.unwrap_or(Priority::DEFAULT));
            return;
        }
        self.raised.remove(&slot);
        if !rows.is_empty() {
            self.widest = self.widest.max(slot.ports.high() - slot.ports.low());
        }
        let known = self.diverged.get(&slot).and_then(|divergence| divergence.group);
        let group = self.base.owner(&slot).or(owner).or(known);
        let overlapped =
            if rows.is_empty() { SmallVec::new() } else { self.overlapped(slot, group) };
        self.diverged.replace(slot, Divergence { group, overlapped, rows, acknowledged });
    }

    /// The groups but for this one that have mappings which overlap a slot.
    fn overlapped(&self, slot: Slot, group: Option<GroupId>) -> SmallVec<[GroupId; 1]> {
        let mut overlapped: SmallVec<[GroupId; 1]> =
            self.base.owners.overlapping(slot).map(|(_, owner)| owner).collect();
        overlapped.retain(|owner| Some(*owner) != group);
        overlapped.sort_unstable();
        overlapped.dedup();
        overlapped
    }
}
