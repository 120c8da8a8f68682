//! What a device can hold.

use crate::family::{Family, PerFamily};
use crate::listed::Listed;
use crate::name::GroupName;
use crate::slot::PortRange;
use thiserror::Error;

/// How many table rows a mapping with these ports takes. A device without range keys in hardware
/// expands a range into several.
pub type RowCost = fn(PortRange) -> u32;

/// One row a mapping, whatever its ports.
pub fn one_row(_: PortRange) -> u32 {
    1
}

/// What a plan may count on.
#[derive(Clone, Copy, Debug)]
pub struct Capacity {
    /// The rows of each family's table.
    pub size_rows: PerFamily<u64>,
    /// Whether rows have priorities, so that overlapping ones can stand side by side.
    pub has_priorities: bool,
}

/// A change does not fit a table; nothing was written.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error(
    "the {family} NAT table is full: this needs {needed} rows and the table has {size} (in use now: \
     {in_use}, reserved besides: {reserved})"
)]
pub struct TableFull {
    /// Whose table.
    pub family: Family,
    /// The rows of the table.
    pub size: u64,
    /// The rows that all groups use now.
    pub in_use: u64,
    /// The rows that groups have reserved and do not use now.
    pub reserved: u64,
    /// The rows the table would have to hold, reservations included.
    pub needed: u64,
    /// Who has or reserves the most rows, most first, and how many have or reserve any.
    pub by_group: Listed<GroupRows>,
}

/// A group's part of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupRows {
    /// The group.
    pub group: GroupName,
    /// The rows it uses now.
    pub in_use: u64,
    /// The rows it reserves.
    pub reserved: u64,
}
