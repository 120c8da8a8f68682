//! A range of one element of a key, and which of two ranges wins.

use std::cmp::Ordering;
use std::sync::Arc;

use super::entry::Entry;

/// A range with what decides whether it wins.
///
/// Values are here in an order of unsigned numbers, whether their element is signed or not.
///
/// The fields of its rank are its own, so that it takes no more room than they need.
#[derive(Clone, Debug)]
pub(super) struct Interval {
    low: u128,
    high: u128,
    priority: u32,
    pub(super) entry: Arc<Entry>,
}

/// Which of two ranges wins where both cover a value, the first in this order: the larger
/// priority, then the one that begins first, then the one that ends first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) low: u128,
    pub(super) high: u128,
    pub(super) priority: u32,
}

/// A set of priorities, which can have more than are in it: a bit for all with the same remainder.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Priorities(u64);

impl Interval {
    pub(super) fn new(Rank { low, high, priority }: Rank, entry: Arc<Entry>) -> Interval {
        Interval { low, high, priority, entry }
    }

    pub(super) fn rank(&self) -> Rank {
        Rank { low: self.low, high: self.high, priority: self.priority }
    }
}

impl Rank {
    pub(super) fn covers(&self, value: u128) -> bool {
        self.low <= value && value <= self.high
    }

    /// Whether it has the same priority and a value in common.
    pub(super) fn overlaps(&self, other: Rank) -> bool {
        self.priority == other.priority && self.low <= other.high && other.low <= self.high
    }
}

impl Ord for Rank {
    fn cmp(&self, other: &Rank) -> Ordering {
        let bounds = |rank: &Rank| (rank.low, rank.high);
        other.priority.cmp(&self.priority).then_with(|| bounds(self).cmp(&bounds(other)))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Rank) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Priorities {
    pub(super) fn of(priority: u32) -> Priorities {
        Priorities(1 << (priority % u64::BITS))
    }

    pub(super) fn or(self, other: Priorities) -> Priorities {
        Priorities(self.0 | other.0)
    }

    pub(super) fn may_have(self, priority: u32) -> bool {
        self.0 & Priorities::of(priority).0 != 0
    }
}
