//! A device behind P4Runtime: any switch that speaks it.

mod address;
mod config;
mod error;
mod event;
mod handle;

use std::time::Duration;

use crate::device::{Asic, Atomicity, Capabilities, Counter};
use crate::key::RowKey;
use crate::outcome::{NoAnswer, Outcome, ReadError, WriteError};
use crate::range_expansion::RangeExpansion;
use crate::row::{Row, TableWrite};
use crate::table::Table;

pub use address::{InvalidSwitchAddress, SwitchAddress};
pub use config::P4RuntimeConfig;
pub use error::{NotWritable, P4InfoOf, P4RuntimeError};
pub use event::SwitchEvent;
pub use handle::{CountersError, P4RuntimeHandle};

/// A switch that is driven over P4Runtime.
#[derive(Debug)]
pub struct P4RuntimeAsic {}

impl P4RuntimeAsic {
    /// Connects to the switch, becomes its primary controller and sees to its pipeline.
    ///
    /// # Errors
    ///
    /// [`P4RuntimeError`] says why the switch cannot be driven.
    pub fn connect(
        config: P4RuntimeConfig,
        timeout: Duration,
        report: impl Fn(SwitchEvent) + Send + Sync + 'static,
    ) -> Result<P4RuntimeAsic, P4RuntimeError> {
        let _ = (config, timeout, report);
        Err(P4RuntimeError::ElectionIdZero)
    }

    /// A way to the switch for other threads.
    pub fn handle(&self) -> P4RuntimeHandle {
        P4RuntimeHandle {}
    }
}

impl Asic for P4RuntimeAsic {
    fn name(&self) -> &str {
        "p4runtime"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            has_priorities: true,
            range_expansion: RangeExpansion::None,
            max_batch: std::num::NonZeroUsize::MIN,
            atomicity: Atomicity::EachWrite,
        }
    }

    fn size_rows(&self, table: Table) -> u32 {
        table.spec().size_rows
    }

    fn write(&mut self, writes: &[TableWrite], _timeout: Duration) -> Vec<Outcome> {
        vec![Err(WriteError::Unknown(NoAnswer::Lost)); writes.len()]
    }

    fn read(&mut self, table: Table, _timeout: Duration) -> Result<Vec<Row>, ReadError> {
        Err(ReadError::NoAnswer { table, reason: NoAnswer::Lost })
    }

    fn counters(
        &mut self,
        table: Table,
        _timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        Err(ReadError::NoAnswer { table, reason: NoAnswer::Lost })
    }
}
