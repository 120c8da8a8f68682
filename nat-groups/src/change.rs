//! One difference between two sets of mappings.

use crate::slot::Slot;
use crate::target::Target;

/// One step from a set of mappings to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A slot that had no target gets one.
    Add {
        /// The slot.
        slot: Slot,
        /// Its target.
        target: Target,
    },
    /// A slot gets another target.
    Update {
        /// The slot.
        slot: Slot,
        /// Its old target.
        was: Target,
        /// Its new target.
        target: Target,
    },
    /// A slot goes.
    Remove {
        /// The slot.
        slot: Slot,
        /// The target it had.
        was: Target,
    },
}

impl Change {
    /// The slot that changes.
    pub fn slot(&self) -> Slot {
        match *self {
            Change::Add { slot, .. }
            | Change::Update { slot, .. }
            | Change::Remove { slot, .. } => slot,
        }
    }

    /// The target after the change.
    pub fn target(&self) -> Option<Target> {
        match *self {
            Change::Add { target, .. } | Change::Update { target, .. } => Some(target),
            Change::Remove { .. } => None,
        }
    }

    /// The target before the change.
    pub fn was(&self) -> Option<Target> {
        match *self {
            Change::Update { was, .. } | Change::Remove { was, .. } => Some(was),
            Change::Add { .. } => None,
        }
    }

    /// The change that undoes this one.
    pub fn inverse(self) -> Self {
        match self {
            Change::Add { slot, target } => Change::Remove { slot, was: target },
            Change::Update { slot, was, target } => {
                Change::Update { slot, was: target, target: was }
            }
            Change::Remove { slot, was } => Change::Add { slot, target: was },
        }
    }
}

/// How many changes there are of each kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChangeCounts {
    /// Slots that were not there before.
    pub added: u64,
    /// Slots with another target.
    pub updated: u64,
    /// Slots that are gone.
    pub removed: u64,
}

impl<'a> FromIterator<&'a Change> for ChangeCounts {
    fn from_iter<I: IntoIterator<Item = &'a Change>>(changes: I) -> Self {
        let mut counts = Self::default();
        for change in changes {
            match change {
                Change::Add { .. } => counts.added += 1,
                Change::Update { .. } => counts.updated += 1,
                Change::Remove { .. } => counts.removed += 1,
            }
        }
        counts
    }
}
