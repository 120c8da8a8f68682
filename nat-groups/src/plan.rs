//! The table writes that lead from applied to desired.

use crate::applied::{Applied, DeviceRow, Divergence, Priority};
use crate::capacity::{Capacity, TableFull};
use crate::draft::Draft;
use crate::family::PerFamily;
use crate::name::GroupId;
use crate::slot::Slot;
use crate::store::Store;

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
    pub(crate) fn has(self, divergence: &Divergence) -> bool {
        match self {
            Scope::All => true,
            Scope::Groups(groups) => divergence.groups().any(|group| groups.contains(&group)),
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
/// Rows that should go and overlap each other, which only an interrupted plan leaves behind, go by
/// rising priority, each in a stage of its own, so that none comes to light that had been covered.
/// If superseded rows have to go before their successors come, for want of room, modifications come
/// before both, so that a row which comes to light has its new target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    pub(crate) stages: Vec<Vec<Write>>,
    pub(crate) gaps: Vec<Slot>,
    pub(crate) changes: u64,
    pub(crate) repairs: u64,
    pub(crate) peak_rows: PerFamily<u64>,
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
    draft.finish(capacity)
}
