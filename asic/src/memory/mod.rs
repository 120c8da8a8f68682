//! A device that holds its tables in memory: the oracle for all others, and a switch to develop
//! against.

mod handle;
mod layer;
mod store;

use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::Mutex;

use crate::device::{Asic, Atomicity, Capabilities, Counter};
use crate::key::RowKey;
use crate::outcome::{Outcome, ReadError, in_order};
use crate::range_expansion::RangeExpansion;
use crate::row::{Row, TableWrite};
use crate::table::{PerTable, Table};

pub use handle::MemoryHandle;
pub use store::BrokenRule;
use store::TableStore;

/// What kind of device to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryConfig {
    /// The rows of each table.
    pub size_rows: PerTable<u32>,
    /// What a range of ports costs.
    pub range_expansion: RangeExpansion,
    /// Whether rows may overlap at different priorities.
    pub has_priorities: bool,
    /// How many writes one call performs at most.
    pub max_batch: NonZeroUsize,
}

/// A device that really holds rows: with priorities, capacity, counters and read-back.
///
/// It answers at once, stops a batch at the first write that it refuses, and fails only as its
/// contract says; wrap it into a [`ChaosAsic`](crate::ChaosAsic) for the rest. Packets reach it,
/// and tests alter it behind its owner's back, through its [`MemoryHandle`].
#[derive(Debug)]
pub struct MemoryAsic {
    config: MemoryConfig,
    tables: Arc<Mutex<PerTable<TableStore>>>,
}

impl Default for MemoryConfig {
    /// Tables of the size that their specifications say, priorities, and one row for any range.
    fn default() -> MemoryConfig {
        MemoryConfig {
            size_rows: PerTable::from_fn(|table| table.spec().size_rows),
            range_expansion: RangeExpansion::None,
            has_priorities: true,
            max_batch: NonZeroUsize::MAX,
        }
    }
}

impl MemoryAsic {
    /// A device with empty tables.
    pub fn new(config: MemoryConfig) -> MemoryAsic {
        let tables = PerTable::from_fn(|table| TableStore::new(table, &config));
        MemoryAsic { config, tables: Arc::new(Mutex::new(tables)) }
    }

    /// Another way to the same tables.
    pub fn handle(&self) -> MemoryHandle {
        MemoryHandle::new(self.config, Arc::clone(&self.tables))
    }
}

impl Asic for MemoryAsic {
    fn name(&self) -> &str {
        "memory"
    }

    fn capabilities(&self) -> Capabilities {
        let MemoryConfig { size_rows: _, range_expansion, has_priorities, max_batch } = self.config;
        let atomicity = Atomicity::EachWrite;
        Capabilities { has_priorities, range_expansion, max_batch, atomicity }
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.config.size_rows[table]
    }

    fn write(&mut self, writes: &[TableWrite], _timeout: Duration) -> Vec<Outcome> {
        let mut tables = self.tables.lock();
        in_order(writes, self.config.max_batch, |write| tables[write.table()].perform(write))
    }

    fn read(&mut self, table: Table, _timeout: Duration) -> Result<Vec<Row>, ReadError> {
        Ok(self.tables.lock()[table].rows())
    }

    fn counters(
        &mut self,
        table: Table,
        _timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        Ok(self.tables.lock()[table].counters())
    }
}
