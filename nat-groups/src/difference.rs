//! What is wrong with the rows of a device, one by one.

use crate::applied::{Applied, DeviceRow, Divergence, Priority, SlotRows};
use crate::name::GroupId;
use crate::slot::Slot;
use crate::target::Target;

/// Something that a device holds and should not, or should hold and does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Difference {
    /// A mapping has no row.
    Missing {
        /// Its slot.
        slot: Slot,
        /// Where it should send packets.
        target: Target,
    },
    /// A row that should not be there.
    Extra {
        /// The row.
        row: DeviceRow,
    },
    /// The row of a mapping sends packets elsewhere.
    WrongTarget {
        /// Its slot.
        slot: Slot,
        /// Where it should send them.
        expected: Target,
        /// Where it does.
        found: Target,
        /// The priority that it has.
        priority: Priority,
    },
    /// The row of a mapping has another priority than the device acknowledged.
    WrongPriority {
        /// Its slot.
        slot: Slot,
        /// Where it sends packets, as it should.
        target: Target,
        /// The priority at which the device acknowledged it.
        expected: Priority,
        /// The priority that it has.
        found: Priority,
    },
}

impl Difference {
    /// The slot that it concerns.
    pub fn slot(&self) -> Slot {
        match *self {
            Difference::Missing { slot, .. }
            | Difference::WrongTarget { slot, .. }
            | Difference::WrongPriority { slot, .. } => slot,
            Difference::Extra { row } => row.slot,
        }
    }
}

impl Applied {
    /// Every difference between what the base says and the rows that there are, in slot order, with
    /// the group that it concerns, unless nobody knows. A slot with several rows has several.
    pub fn differences(&self) -> impl Iterator<Item = (Option<GroupId>, Difference)> + '_ {
        self.diverged.iter().flat_map(|(slot, divergence)| {
            let differences = self.differences_at(*slot, divergence);
            differences.into_iter().map(|difference| (divergence.group, difference))
        })
    }

    fn differences_at(&self, slot: Slot, divergence: &Divergence) -> Vec<Difference> {
        let Divergence { group: _, overlapped: _, rows, acknowledged } = divergence;
        let wanted = self.base.target(&slot);
        let kept = wanted.and_then(|target| self.kept_row(slot, rows, target));
        let mut differences = Vec::new();
        if let Some(expected) = wanted {
            differences.extend(match kept.and_then(|index| rows.get(index)) {
                None => Some(Difference::Missing { slot, target: expected }),
                Some(&(priority, found)) if found != expected => {
                    Some(Difference::WrongTarget { slot, expected, found, priority })
                }
                Some(&(found, target)) => acknowledged.map(|expected| Difference::WrongPriority {
                    slot,
                    target,
                    expected,
                    found,
                }),
            });
        }
        let extra = rows.iter().enumerate().filter(|(index, _)| Some(*index) != kept);
        differences.extend(extra.map(|(_, &(priority, target))| Difference::Extra {
            row: DeviceRow { slot, priority, target },
        }));
        differences
    }

    /// Which of the rows of a slot stays, if there is any: the first that is right, since its
    /// counters are those of the mapping, and the others can go by rising priority. If rows of other
    /// slots lie between them, which would come to light, it is the one that wins.
    pub(crate) fn kept_row(&self, slot: Slot, rows: &SlotRows, target: Target) -> Option<usize> {
        let last = rows.len().checked_sub(1)?;
        let right = rows.iter().position(|(_, there)| *there == target);
        let is_alone = || self.overlapping(slot).iter().all(|row| row.slot == slot);
        Some(right.filter(|right| *right == last || is_alone()).unwrap_or(last))
    }
}
