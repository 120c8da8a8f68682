//! From the rows that exist to those that should: which writes, in which order.

use asic::{Action, InvalidRow, PerTable, Row, RowKey, Table, TableWrite};
use std::cmp::Ordering;
use std::collections::BTreeMap;
use thiserror::Error;

/// Rows of any tables, by what identifies them.
pub type Rows = BTreeMap<RowKey, Action>;

/// Writes in stages. Within a stage any order is safe; a stage begins when the one before is
/// acknowledged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    stages: Vec<Vec<TableWrite>>,
}

/// A table that cannot hold the rows that should exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("{table} is full: this needs {needed} rows and the table has {size}")]
pub struct NoRoom {
    /// The table.
    pub table: Table,
    /// All the rows it has.
    pub size: u32,
    /// The rows that should exist.
    pub needed: usize,
}

/// The writes that lead from the rows of `applied` to those of `desired`.
///
/// A row that changes is modified in place. A row that a look-up may lead to is there before the one
/// that leads to it, and goes after it: next hops, then routes, then the ports that take packets
/// in. Rows are added before others are removed, so that what had an answer before and after has one
/// in between. Of nested prefixes, the longer come first and go last, so that no packet falls to a
/// shorter one that was never meant for it.
///
/// Only where a table has no room for both are its rows removed first.
///
/// # Errors
///
/// If the desired rows do not fit their table, or are none of it.
pub fn plan(
    applied: &Rows,
    desired: &Rows,
    size_rows: &PerTable<u32>,
) -> Result<Plan, PlanFailure> {
    let differences = differences(applied, desired);
    let lacks_room = lacks_room(applied, &differences, size_rows)?;
    let mut stages: BTreeMap<Stage, Vec<TableWrite>> = BTreeMap::new();
    for Difference { key, was, will_be } in differences {
        let rank = rank(key.table());
        let (last_rank_first, length) = (u8::MAX - rank, prefix_length(&key));
        let (stage, write) = match (was, will_be) {
            (None, Some(action)) => {
                let bits_beyond_prefix = u128::BITS - length;
                let turn = Turn::New { bits_beyond_prefix };
                (Stage::Add(rank, turn), TableWrite::Insert(Row::new(key, action)?))
            }
            (Some(_), Some(action)) => {
                (Stage::Add(rank, Turn::Change), TableWrite::Modify(Row::new(key, action)?))
            }
            (Some(_), None) if lacks_room[key.table()] => {
                (Stage::MakeRoom(last_rank_first, length), TableWrite::Delete(key))
            }
            (_, None) => (Stage::Remove(last_rank_first, length), TableWrite::Delete(key)),
        };
        stages.entry(stage).or_default().push(write);
    }
    Ok(Plan { stages: stages.into_values().collect() })
}

/// Why there is no plan.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum PlanFailure {
    /// There is no room.
    #[error(transparent)]
    NoRoom(#[from] NoRoom),
    /// A row is none of its table.
    #[error(transparent)]
    Row(#[from] InvalidRow),
}

impl Plan {
    /// The stages, none of them empty.
    pub fn stages(&self) -> &[Vec<TableWrite>] {
        &self.stages
    }

    /// How many writes there are.
    pub fn writes(&self) -> usize {
        self.stages.iter().map(Vec::len).sum()
    }
}

/// When a write is due. The order of the variants and of their fields is the order of the stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Stage {
    /// Remove what has to make room: by falling rank, shorter prefixes first.
    MakeRoom(u8, u32),
    /// Add and modify, by rank.
    Add(u8, Turn),
    /// Remove, by falling rank, shorter prefixes first.
    Remove(u8, u32),
}

/// When a row is due among others of its rank.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Turn {
    /// A new row: those of the longest prefixes first.
    New { bits_beyond_prefix: u32 },
    /// A row that is there and changes.
    Change,
}

/// How far a row's table is from the row that takes a packet in: a row of a lower rank is found
/// through one of a higher.
const fn rank(table: Table) -> u8 {
    match table {
        Table::SwitchAddressIpv6
        | Table::NeighborIpv4
        | Table::NeighborIpv6
        | Table::PortInterface => 0,
        Table::RouteIpv4 | Table::RouteIpv6 => 1,
        Table::NatIngressIpv4 | Table::NatIngressIpv6 => 2,
        Table::PortRole => 3,
    }
}

fn prefix_length(key: &RowKey) -> u32 {
    key.key.prefix().map_or(0, |(_, length)| length)
}

/// A row that is other than it should be, or missing, or there and should not be.
struct Difference {
    key: RowKey,
    was: Option<Action>,
    will_be: Option<Action>,
}

/// Both are sorted, so one walk along them finds where they differ.
fn differences(applied: &Rows, desired: &Rows) -> Vec<Difference> {
    let (mut applied, mut desired) = (applied.iter().peekable(), desired.iter().peekable());
    let mut differences = Vec::new();
    loop {
        let order = match (applied.peek(), desired.peek()) {
            (None, None) => return differences,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some((was, _)), Some((will_be, _))) => was.cmp(will_be),
        };
        let was = if order.is_le() { applied.next() } else { None };
        let will_be = if order.is_ge() { desired.next() } else { None };
        if let Some((&key, _)) = was.or(will_be).filter(|_| was != will_be) {
            let [was, will_be] = [was, will_be].map(|row| row.map(|(_, action)| *action));
            differences.push(Difference { key, was, will_be });
        }
    }
}

/// Of each table, whether it has no room for the rows that are and those that should be at once.
fn lacks_room(
    applied: &Rows,
    differences: &[Difference],
    size_rows: &PerTable<u32>,
) -> Result<PerTable<bool>, NoRoom> {
    let mut now = PerTable::from_fn(|_| 0_usize);
    applied.keys().for_each(|key| now[key.table()] += 1);
    let (mut coming, mut leaving) = (PerTable::from_fn(|_| 0_usize), PerTable::from_fn(|_| 0));
    for Difference { key, was, will_be } in differences {
        match (was, will_be) {
            (None, Some(_)) => coming[key.table()] += 1,
            (Some(_), None) => leaving[key.table()] += 1,
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
    for (table, &size) in size_rows.iter() {
        let needed = now[table] + coming[table] - leaving[table];
        if coming[table] > 0 && needed > size as usize {
            return Err(NoRoom { table, size, needed });
        }
    }
    Ok(PerTable::from_fn(|table| now[table] + coming[table] > size_rows[table] as usize))
}
