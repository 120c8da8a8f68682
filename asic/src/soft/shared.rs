//! The switch that its owner and its ports share.

use std::fmt;
use std::sync::Arc;

use p4::table::{EntryKey, WriteError};
use p4::{Program, Switch};
use parking_lot::Mutex;

use super::binding::Binding;
use super::entry::{lower, lower_key, raise, raise_key};
use super::{SoftConfig, SoftError};
use crate::device::Counter;
use crate::invalid::InvalidRow;
use crate::key::{DEFAULT_PRIORITY, RowKey};
use crate::outcome::{ReadError, Refusal};
use crate::row::{Row, TableWrite};
use crate::table::{PerTable, Table};

/// A switch that runs a program, and where the tables of the list are in it.
pub(super) struct Shared {
    pub(super) switch: Switch,
    pub(super) binding: Binding,
    config: SoftConfig,
    /// The rows that are taken, by table. Whoever writes holds this meanwhile; packets and readers
    /// do not look at it.
    in_use_rows: Mutex<PerTable<u32>>,
}

impl Shared {
    pub(super) fn new(
        name: &str,
        program: Arc<Program>,
        config: SoftConfig,
    ) -> Result<Shared, SoftError> {
        let binding = Binding::new(&program, name)?;
        let size_of = |table: &p4::ir::Table| match Table::from_name(&table.name) {
            Some(table) => u64::from(config.size_rows[table]),
            None => table.size,
        };
        let switch = Switch::new(program, size_of);
        let in_use_rows = Mutex::new(PerTable::from_fn(|_| 0));
        Ok(Shared { switch, binding, config, in_use_rows })
    }

    pub(super) fn config(&self) -> &SoftConfig {
        &self.config
    }

    /// Performs one write, or says why not and changes nothing.
    pub(super) fn perform(&self, write: &TableWrite) -> Result<(), Refusal> {
        let (table, key) = (write.table(), write.key());
        self.check_priority(table, key.priority)?;
        let rows = self.config.range_expansion.rows_of(&key.key);
        let mut in_use = self.in_use_rows.lock();
        let full = Refusal::TableFull { table, size_rows: self.config.size_rows[table] };
        if let TableWrite::Insert(_) = write {
            self.check_alone(table, &key)?;
            if rows > self.config.size_rows[table] - in_use[table] {
                return Err(full);
            }
        }
        let lowered = lower(&self.binding.tables[table], write);
        self.switch.write(&lowered).map_err(|error| match error {
            WriteError::Exists { .. } => Refusal::Exists { key },
            WriteError::NotFound { .. } => Refusal::NotFound { key },
            WriteError::Full { .. } => full,
            other => Refusal::Device { words: other.to_string() },
        })?;
        match write {
            TableWrite::Insert(_) => in_use[table] += rows,
            TableWrite::Modify(_) => {}
            TableWrite::Delete(_) => in_use[table] -= rows,
        }
        Ok(())
    }

    fn check_priority(&self, table: Table, priority: u32) -> Result<(), Refusal> {
        match priority {
            0 => Err(Refusal::PriorityZero),
            DEFAULT_PRIORITY => Ok(()),
            _ if self.config.has_priorities && table.spec().takes_priorities() => Ok(()),
            _ => Err(Refusal::NoPriorities { table, priority }),
        }
    }

    /// That no row of the same priority is for packets that this key is for.
    fn check_alone(&self, table: Table, key: &RowKey) -> Result<(), Refusal> {
        let lowered = lower_key(&self.binding.tables[table], key);
        let tables = self.switch.tables();
        match tables.overlapping(&lowered).map(|entry| &entry.key) {
            Some(existing) if *existing != lowered => {
                let existing = raise_key(table, existing)
                    .map_err(|invalid| Refusal::Device { words: invalid.to_string() })?;
                Err(Refusal::Overlaps { key: *key, existing })
            }
            Some(_) => Err(Refusal::Exists { key: *key }),
            None => Ok(()),
        }
    }

    /// Every row, by key and then by priority.
    pub(super) fn rows(&self, table: Table) -> Result<Vec<Row>, ReadError> {
        let binding = &self.binding.tables[table];
        let tables = self.switch.tables();
        let entries = tables.entries(binding.id());
        let rows: Result<Vec<Row>, InvalidRow> =
            entries.map(|entry| raise(table, binding, entry)).collect();
        let mut rows = rows.map_err(|invalid| unreadable(table, &invalid))?;
        rows.sort_by_key(Row::key);
        Ok(rows)
    }

    /// The counter of every row, by key and then by priority, if rows of this table have any.
    pub(super) fn counters(&self, table: Table) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        if !table.spec().has_counters {
            return Ok(Vec::new());
        }
        let tables = self.switch.tables();
        let entries = tables.entries(self.binding.tables[table].id());
        let counters: Result<Vec<(RowKey, Counter)>, InvalidRow> = entries
            .map(|entry| Ok((raise_key(table, &entry.key)?, counter(entry.counter.read()))))
            .collect();
        let mut counters = counters.map_err(|invalid| unreadable(table, &invalid))?;
        counters.sort_by_key(|(key, _)| *key);
        Ok(counters)
    }

    /// The row of this key and priority.
    pub(super) fn row(&self, key: &RowKey) -> Option<Row> {
        let table = key.table();
        let binding = &self.binding.tables[table];
        let lowered: EntryKey = lower_key(binding, key);
        let tables = self.switch.tables();
        raise(table, binding, tables.find(&lowered)?).ok()
    }

    pub(super) fn in_use_rows(&self, table: Table) -> u32 {
        self.in_use_rows.lock()[table]
    }
}

/// A row that is none of the list: the switch takes no such row.
fn unreadable(table: Table, invalid: &InvalidRow) -> ReadError {
    ReadError::Refused { table, words: invalid.to_string() }
}

pub(super) fn counter(count: p4::table::Count) -> Counter {
    let p4::table::Count { packets, bytes } = count;
    Counter { packets, bytes }
}

impl fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Shared").field("config", &self.config).finish_non_exhaustive()
    }
}
