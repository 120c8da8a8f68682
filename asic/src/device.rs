//! What every device can be asked.

use std::fmt;
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::key::RowKey;
use crate::outcome::{Outcome, ReadError};
use crate::range_expansion::RangeExpansion;
use crate::row::{Row, TableWrite};
use crate::table::Table;

/// A device that holds the tables: real, emulated or, in tests, unreliable.
///
/// Its one owner calls it from one thread; each call blocks, for `timeout` at the longest. A
/// device never claims what it has not done: a write is `Ok` once the device has confirmed it and
/// not before, a table is read from the device and from no cache, and what a device cannot do it
/// refuses. [`contract`](crate::contract) tests all of this on any implementation.
pub trait Asic: Send {
    /// What to call the device in logs, as in `memory`.
    fn name(&self) -> &str;

    /// What the device can do. The same for as long as the device lives, but for the atomicity: a
    /// device of which less turns out than it had seemed says so from then on.
    fn capabilities(&self) -> Capabilities;

    /// A number that changes whenever the device may hold something other than what its owner has
    /// read and written: when a connection to it is lost, say, and when it is made anew, behind which
    /// it may have started afresh. Its owner then reads the tables back, as soon as it can. A device
    /// that nothing can come between has one epoch, 0.
    fn epoch(&self) -> u64 {
        0
    }

    /// All the rows of `table`, taken and free, in rows of the device: a row of ours may take
    /// several of them ([`RangeExpansion::rows_of`]).
    fn size_rows(&self, table: Table) -> u32;

    /// Performs the writes and says what became of each: one outcome per write, in their order.
    ///
    /// The device may perform them in any order, so no write of a batch may depend on another. It
    /// may stop where one fails, or undo the others; those are then
    /// [`NotAttempted`](crate::WriteError::NotAttempted), as are those beyond
    /// [`Capabilities::max_batch`].
    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome>;

    /// Every row that the device now holds in `table`, by key and then by priority.
    ///
    /// # Errors
    ///
    /// If the device refuses or does not answer in time. There is no partial answer.
    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError>;

    /// The counter of every row of `table`, by key and then by priority; nothing if its rows have
    /// none ([`TableSpec::has_counters`](crate::TableSpec::has_counters)).
    ///
    /// # Errors
    ///
    /// As for [`Asic::read`].
    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError>;
}

/// What a device can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// Whether rows may overlap at different priorities, the larger winning, in tables where that
    /// makes sense ([`TableSpec::takes_priorities`](crate::TableSpec::takes_priorities)). If not,
    /// every row has [`DEFAULT_PRIORITY`](crate::DEFAULT_PRIORITY), and rows that overlap are
    /// refused.
    pub has_priorities: bool,
    /// How many rows a range of ports takes.
    pub range_expansion: RangeExpansion,
    /// How many writes one call performs at most.
    pub max_batch: NonZeroUsize,
    /// What of a batch takes effect if one of its writes fails.
    pub atomicity: Atomicity,
}

/// What of a batch takes effect if one of its writes fails, and what packets see of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Atomicity {
    /// Each write by itself: those before the one that fails may have been performed, as their
    /// outcomes say.
    EachWrite,
    /// All of the batch or nothing, once it has been answered; until then packets may meet a part.
    Batch,
    /// All of the batch or nothing, for packets too.
    BatchInDataPlane,
}

impl fmt::Display for Atomicity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Atomicity::EachWrite => "each write by itself",
            Atomicity::Batch => "all of a batch or nothing",
            Atomicity::BatchInDataPlane => "all of a batch or nothing, for packets too",
        })
    }
}

/// What has hit a row since it was inserted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counter {
    /// The packets.
    pub packets: u64,
    /// The bytes of these packets.
    pub bytes: u64,
}

impl<A: Asic + ?Sized> Asic for Box<A> {
    fn name(&self) -> &str {
        (**self).name()
    }

    fn capabilities(&self) -> Capabilities {
        (**self).capabilities()
    }

    fn epoch(&self) -> u64 {
        (**self).epoch()
    }

    fn size_rows(&self, table: Table) -> u32 {
        (**self).size_rows(table)
    }

    fn write(&mut self, writes: &[TableWrite], timeout: Duration) -> Vec<Outcome> {
        (**self).write(writes, timeout)
    }

    fn read(&mut self, table: Table, timeout: Duration) -> Result<Vec<Row>, ReadError> {
        (**self).read(table, timeout)
    }

    fn counters(
        &mut self,
        table: Table,
        timeout: Duration,
    ) -> Result<Vec<(RowKey, Counter)>, ReadError> {
        (**self).counters(table, timeout)
    }
}
