//! A device that forwards packets: it runs the P4 program.
//!
//! Its tables are those of the program, which has to have exactly the tables of the list
//! ([`Table`]), or there is no such device. A write is seen by packets as a whole, and packets never
//! wait for one. The packet side is a [`SoftHandle`], which is also the
//! [`Forwarder`](crate::soft_ports::Forwarder) of ports on real interfaces.

mod binding;
mod entry;
mod error;
mod handle;
mod shared;

use std::num::NonZeroUsize;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use p4::{InvalidProgram, Program};

use crate::device::{Asic, Atomicity, Capabilities, Counter};
use crate::key::RowKey;
use crate::outcome::{Outcome, ReadError, in_order};
use crate::range_expansion::RangeExpansion;
use crate::row::{Row, TableWrite};
use crate::table::{PerTable, Table};
use shared::Shared;

pub use error::SoftError;
pub use handle::{DropCount, PortCount, SoftHandle, Traced};

/// What kind of switch to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SoftConfig {
    /// The rows of each table.
    pub size_rows: PerTable<u32>,
    /// What a range of ports is to count for, to be as full as another device would be.
    pub range_expansion: RangeExpansion,
    /// Whether rows may overlap at different priorities.
    pub has_priorities: bool,
    /// How many writes one call performs at most.
    pub max_batch: NonZeroUsize,
}

/// A switch that runs a P4 program, as its owner sees it.
///
/// It answers at once, stops a batch at the first write that it refuses, and fails only as its
/// contract says. Each write of a batch is one for packets too: they see it whole, and those before
/// it.
#[derive(Debug)]
pub struct SoftAsic {
    shared: Arc<Shared>,
}

impl Default for SoftConfig {
    /// Tables of the size that their specifications say, priorities, and one row for any range.
    fn default() -> SoftConfig {
        SoftConfig {
            size_rows: PerTable::from_fn(|table| table.spec().size_rows),
            range_expansion: RangeExpansion::None,
            has_priorities: true,
            max_batch: NonZeroUsize::MAX,
        }
    }
}

impl SoftAsic {
    /// A switch that runs the program of this project, `nat.p4`.
    ///
    /// # Errors
    ///
    /// [`SoftError`] says in what the program and the list of tables differ.
    pub fn new(config: SoftConfig) -> Result<SoftAsic, SoftError> {
        let program = NAT.as_ref().map_err(|invalid| SoftError::Program(invalid.clone()))?;
        let shared = Shared::new(NAT_NAME, Arc::clone(program), config)?;
        Ok(SoftAsic { shared: Arc::new(shared) })
    }

    /// A switch that runs another program with the same tables; messages call it by the name.
    ///
    /// # Errors
    ///
    /// [`SoftError`] says what is wrong with the program, or in what it and the list of tables
    /// differ.
    pub fn with_program(name: &str, text: &str, config: SoftConfig) -> Result<SoftAsic, SoftError> {
        let program = load(name, text).map_err(SoftError::Program)?;
        Ok(SoftAsic { shared: Arc::new(Shared::new(name, program, config)?) })
    }

    /// The way to its ports.
    pub fn handle(&self) -> SoftHandle {
        SoftHandle::new(Arc::clone(&self.shared))
    }
}

/// The program of this project. It never changes, so all switches of a process share it.
static NAT: LazyLock<Result<Arc<Program>, Box<InvalidProgram>>> =
    LazyLock::new(|| load(NAT_NAME, p4::NAT_P4));

/// What messages call it.
const NAT_NAME: &str = "nat.p4";

fn load(name: &str, text: &str) -> Result<Arc<Program>, Box<InvalidProgram>> {
    Program::from_source(name, text).map(Arc::new).map_err(Box::new)
}

impl Asic for SoftAsic {
    fn name(&self) -> &str {
        "soft"
    }

    fn capabilities(&self) -> Capabilities {
        let SoftConfig { size_rows: _, range_expansion, has_priorities, max_batch } =
            *self.shared.config();
        let atomicity = Atomicity::EachWrite;
        Capabilities { has_priorities, range_expansion, max_batch, atomicity }
    }

    fn size_rows(&self, table: Table) -> u32 {
        self.shared.config().size_rows[table]
    }

    fn write(&mut self, writes: &[TableWrite], _timeout: Duration) -> Vec<Outcome> {
        let most = self.shared.config().max_batch;
        in_order(writes, most, |write| self.shared.perform(write))
    }

    fn read(&mut self, table: Table, _timeout: Duration) -> Result<Vec<Row>, ReadError> {
        self.shared.rows(table)
    }

    fn counters(
        &mut self,
        table: Table,
        _timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        self.shared.counters(table)
    }
}
