//! One table of the memory device: its rows, and whether another fits.

use std::collections::BTreeMap;

use thiserror::Error;

use super::MemoryConfig;
use super::layer::Layer;
use crate::device::Counter;
use crate::key::{DEFAULT_PRIORITY, MatchKey, RowKey};
use crate::outcome::Refusal;
use crate::range_expansion::RangeExpansion;
use crate::row::{Row, TableWrite};
use crate::table::Table;

/// The rows of one table, in one layer for each priority that any of them has.
#[derive(Debug)]
pub(super) struct TableStore {
    table: Table,
    size_rows: u32,
    range_expansion: RangeExpansion,
    has_priorities: bool,
    layers: BTreeMap<u32, Layer>,
    in_use_rows: u32,
}

/// A rule of its own that the memory device has broken: what
/// [`MemoryHandle::validate`](crate::MemoryHandle::validate) looks for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BrokenRule {
    /// The rows in use were not kept count of.
    #[error("{table} counts {counted} rows in use, while its rows take {taken}")]
    InUse {
        /// The table.
        table: Table,
        /// What it counts.
        counted: u32,
        /// What the rows that it holds take.
        taken: u64,
    },
    /// The table holds more than fits.
    #[error("{table} has {in_use} of {size_rows} rows in use")]
    Overfull {
        /// The table.
        table: Table,
        /// What the rows that it holds take.
        in_use: u32,
        /// All the rows it has.
        size_rows: u32,
    },
    /// Two rows of one priority match the same packets.
    #[error("{one} and {other} overlap")]
    Overlap {
        /// The one row.
        one: RowKey,
        /// The other row.
        other: RowKey,
    },
    /// A row is in a table or at a priority where none like it can be.
    #[error("{key} cannot be in {table}")]
    Misplaced {
        /// The table that holds the row.
        table: Table,
        /// The row.
        key: RowKey,
    },
    /// A counter outlived its row.
    #[error("a counter is kept for {key}, which is no row")]
    StrayCounter {
        /// The row that is gone.
        key: RowKey,
    },
    /// A priority that no row has is still kept.
    #[error("{table} keeps priority {priority} for no row")]
    EmptyLayer {
        /// The table.
        table: Table,
        /// The priority.
        priority: u32,
    },
}

impl TableStore {
    pub(super) fn new(table: Table, config: &MemoryConfig) -> TableStore {
        TableStore {
            table,
            size_rows: config.size_rows[table],
            range_expansion: config.range_expansion,
            has_priorities: config.has_priorities,
            layers: BTreeMap::new(),
            in_use_rows: 0,
        }
    }

    /// Performs one write, or says why not and changes nothing.
    pub(super) fn perform(&mut self, write: &TableWrite) -> Result<(), Refusal> {
        self.check_priority(write.key().priority)?;
        match write {
            TableWrite::Insert(row) => self.insert(row),
            TableWrite::Modify(row) => self.modify(row),
            TableWrite::Delete(key) => self.delete(*key),
        }
    }

    /// The row that the packet hits, and its counter counts it.
    ///
    /// `packet` is a key that only this packet matches.
    pub(super) fn hit(&mut self, packet: &MatchKey, length_bytes: u64) -> Option<Row> {
        self.layers.iter_mut().rev().find_map(|(&priority, layer)| {
            let (key, action) = layer.hit(packet, length_bytes)?;
            Some(Row::of_one_table(key.at_priority(priority), action))
        })
    }

    /// The row of this key and priority.
    pub(super) fn row(&self, row_key: RowKey) -> Option<Row> {
        let action = self.layers.get(&row_key.priority)?.get(&row_key.key)?;
        Some(Row::of_one_table(row_key, *action))
    }

    /// Every row, by key and then by priority.
    pub(super) fn rows(&self) -> Vec<Row> {
        let mut rows = Vec::with_capacity(self.number_of_rows());
        for (&priority, layer) in &self.layers {
            rows.extend(
                layer
                    .rows()
                    .map(|(key, action)| Row::of_one_table(key.at_priority(priority), *action)),
            );
        }
        // Each layer is in order already, so this merges a few runs, or finds one.
        rows.sort_by_key(Row::key);
        rows
    }

    /// The counter of every row, by key and then by priority, if rows of this table have any.
    pub(super) fn counters(&self) -> Vec<(RowKey, Counter)> {
        if !self.table.spec().has_counters {
            return Vec::new();
        }
        let mut counters = Vec::with_capacity(self.number_of_rows());
        for (&priority, layer) in &self.layers {
            let of_layer = layer.counters();
            counters.extend(of_layer.map(|(key, counter)| (key.at_priority(priority), counter)));
        }
        counters.sort_by_key(|(key, _)| *key);
        counters
    }

    pub(super) fn in_use_rows(&self) -> u32 {
        self.in_use_rows
    }

    /// Checks what must hold after every write.
    pub(super) fn validate(&self) -> Result<(), BrokenRule> {
        let table = self.table;
        let mut taken = 0;
        for (&priority, layer) in &self.layers {
            if layer.is_empty() {
                return Err(BrokenRule::EmptyLayer { table, priority });
            }
            if let Some(key) = layer.stray_counter() {
                return Err(BrokenRule::StrayCounter { key: key.at_priority(priority) });
            }
            let keys: Vec<&MatchKey> = layer.rows().map(|(key, _)| key).collect();
            for key in &keys {
                let key = key.at_priority(priority);
                if key.table() != table || self.check_priority(priority).is_err() {
                    return Err(BrokenRule::Misplaced { table, key });
                }
                taken += u64::from(self.range_expansion.rows_of(&key.key));
            }
            for pair in keys.windows(2) {
                if pair[0].conflicts_with(pair[1]) {
                    let [one, other] = [pair[0], pair[1]].map(|key| key.at_priority(priority));
                    return Err(BrokenRule::Overlap { one, other });
                }
            }
        }
        let (in_use, size_rows) = (self.in_use_rows, self.size_rows);
        if u64::from(in_use) != taken {
            return Err(BrokenRule::InUse { table, counted: in_use, taken });
        }
        if in_use > size_rows {
            return Err(BrokenRule::Overfull { table, in_use, size_rows });
        }
        Ok(())
    }

    fn check_priority(&self, priority: u32) -> Result<(), Refusal> {
        match priority {
            0 => Err(Refusal::PriorityZero),
            DEFAULT_PRIORITY => Ok(()),
            _ if self.has_priorities && self.table.spec().takes_priorities() => Ok(()),
            _ => Err(Refusal::NoPriorities { table: self.table, priority }),
        }
    }

    fn insert(&mut self, row: &Row) -> Result<(), Refusal> {
        let RowKey { key, priority } = row.key();
        if let Some(existing) = self.layers.get(&priority).and_then(|layer| layer.conflicting(&key))
        {
            return Err(if *existing == key {
                Refusal::Exists { key: row.key() }
            } else {
                Refusal::Overlaps { key: row.key(), existing: existing.at_priority(priority) }
            });
        }
        let needed_rows = self.range_expansion.rows_of(&key);
        if needed_rows > self.size_rows - self.in_use_rows {
            return Err(Refusal::TableFull { table: self.table, size_rows: self.size_rows });
        }
        self.in_use_rows += needed_rows;
        self.layers.entry(priority).or_default().insert(key, row.action());
        Ok(())
    }

    fn modify(&mut self, row: &Row) -> Result<(), Refusal> {
        let RowKey { key, priority } = row.key();
        let layer = self.layers.get_mut(&priority);
        let action = layer.and_then(|layer| layer.get_mut(&key));
        *action.ok_or(Refusal::NotFound { key: row.key() })? = row.action();
        Ok(())
    }

    fn delete(&mut self, row_key: RowKey) -> Result<(), Refusal> {
        let RowKey { key, priority } = row_key;
        let not_found = Refusal::NotFound { key: row_key };
        let Some(layer) = self.layers.get_mut(&priority) else {
            return Err(not_found);
        };
        if !layer.remove(&key) {
            return Err(not_found);
        }
        if layer.is_empty() {
            self.layers.remove(&priority);
        }
        self.in_use_rows -= self.range_expansion.rows_of(&key);
        Ok(())
    }

    fn number_of_rows(&self) -> usize {
        self.layers.values().map(Layer::len).sum()
    }
}
