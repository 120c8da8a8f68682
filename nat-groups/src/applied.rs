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
    widest: u16,
    /// The table rows that all of this takes.
    pub(crate) rows: PerFamily<u64>,
    row_cost: RowCost,
}

/// A slot whose rows are not what they should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Divergence {
    /// The group that it concerns, unless nobody knows.
    pub group: Option<GroupId>,
    /// The rows that the slot has, by priority: none if its row is missing.
    pub rows: SlotRows,
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

    /// What a device holds that was found with `rows`, in order of slot and priority, and is to hold
    /// what `store` says.
    ///
    /// The base is the store if most of its rows are there, so that what is right costs nothing. Of a
    /// device that has lost them it is one without groups: nothing was programmed there.
    pub fn found(store: &Store, rows: &[DeviceRow]) -> Self {
        let is_right = |row: &&DeviceRow| store.target(&row.slot) == Some(row.target);
        let right = rows.iter().filter(is_right).count();
        let base = if right * 2 >= store.len() {
            store.clone()
        } else {
            // What was promised stays promised.
            Store {
                committed: store.committed,
                ..Store::without_groups(store.limits, store.row_cost)
            }
        };
        let mut found = Self {
            rows: base.rows,
            row_cost: base.row_cost,
            base,
            raised: OrdMap::new(),
            diverged: DivergedSlots::default(),
            widest: 0,
        };
        for family in Family::ALL {
            let rows = rows.iter().filter(|row| row.slot.family() == family).copied();
            found = found.read_back(family, rows, store);
        }
        found
    }

    /// The same rows, told by what `store` says instead of the base.
    pub fn rebased(&self, store: &Store) -> Self {
        let mut rebased = Self {
            rows: store.rows,
            row_cost: store.row_cost,
            base: store.clone(),
            raised: OrdMap::new(),
            diverged: DivergedSlots::default(),
            widest: 0,
        };
        for family in Family::ALL {
            let first = Slot::first_of(ExternalAddr::lowest(family));
            let rows = self.iter_from(first).take_while(|row| row.slot.family() == family);
            rebased = rebased.read_back(family, rows, store);
        }
        rebased
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
            after.set_rows(slot, rows, next.owner(&slot));
        }
        after
    }

    /// What holds if the device turns out to have exactly `rows` in one family's table, in order of
    /// slot and priority. `next` is the store that was being programmed: it tells whose the rows
    /// are that the base does not know.
    pub fn read_back(
        &self,
        family: Family,
        rows: impl IntoIterator<Item = DeviceRow>,
        next: &Store,
    ) -> Self {
        let mut found = self.clone();
        let mut expected = Vec::from_iter(self.iter_slots(family)).into_iter().peekable();
        let mut rows = rows.into_iter().peekable();
        while let Some(slot) = rows.peek().map(|row| row.slot) {
            while let Some(missing) = expected.next_if(|before| *before < slot) {
                found.set_rows(missing, SlotRows::new(), next.owner(&missing));
            }
            expected.next_if_eq(&slot);
            let mut here = SlotRows::new();
            while let Some(row) = rows.next_if(|row| row.slot == slot) {
                here.push((row.priority, row.target));
            }
            found.set_rows(slot, here, next.owner(&slot));
        }
        for missing in expected {
            found.set_rows(missing, SlotRows::new(), next.owner(&missing));
        }
        found
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
        for (slot, Divergence { rows, .. }) in self.diverged.iter() {
            if !rows.is_sorted_by(|a, b| a.0 < b.0) {
                return Err(format!("the rows of {slot} are out of order: {rows:?}"));
            }
            if self.is_expected(slot, rows) {
                return Err(format!("{slot} has what it should and is kept as diverged"));
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

    /// The slots of a family that have rows or should have, in order.
    fn iter_slots(&self, family: Family) -> impl Iterator<Item = Slot> + '_ {
        let first = Slot::first_of(ExternalAddr::lowest(family));
        let base = self.base.owners.from(first).map(|(slot, _)| slot);
        let diverged = self.diverged.range(first..).map(|(slot, _)| *slot);
        merge(base, diverged).take_while(move |slot| slot.family() == family)
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

    /// Records that the slot has exactly these rows.
    fn set_rows(&mut self, slot: Slot, rows: SlotRows, owner: Option<GroupId>) {
        let cost = self.cost(&slot);
        let family = slot.family();
        let before = self.rows_at(&slot).len() as u64;
        self.rows[family] = self.rows[family] + cost * rows.len() as u64 - cost * before;
        if self.is_expected(&slot, &rows) {
            self.diverged.remove(&slot);
            match rows.first() {
                Some((priority, _)) => self.raise(slot, *priority),
                None => self.raise(slot, Priority::DEFAULT),
            }
        } else {
            self.raised.remove(&slot);
            if !rows.is_empty() {
                self.widest = self.widest.max(slot.ports.high() - slot.ports.low());
            }
            let known = self.diverged.get(&slot).and_then(|divergence| divergence.group);
            let group = self.base.owner(&slot).or(owner).or(known);
            self.diverged.replace(slot, Divergence { group, rows });
        }
    }
}

/// Two ordered sequences as one, each item once.
fn merge<T: Ord>(
    left: impl Iterator<Item = T>,
    right: impl Iterator<Item = T>,
) -> impl Iterator<Item = T> {
    let (mut left, mut right) = (left.peekable(), right.peekable());
    std::iter::from_fn(move || match (left.peek(), right.peek()) {
        (Some(a), Some(b)) if a > b => right.next(),
        (Some(a), Some(b)) => {
            if a == b {
                right.next();
            }
            left.next()
        }
        (Some(_), None) => left.next(),
        (None, _) => right.next(),
    })
}
