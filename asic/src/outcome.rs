//! What became of a write or a read.

use std::num::NonZeroUsize;
use std::time::Duration;

use thiserror::Error;

use crate::key::RowKey;
use crate::row::TableWrite;
use crate::table::Table;

/// What became of one write: `Ok` only if the device has confirmed it.
pub type Outcome = Result<(), WriteError>;

/// Why a write is not known to have happened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum WriteError {
    /// The device said no, and the row is as it was.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The write may have happened or not; only reading the table back can tell.
    #[error("{0}: the write may have happened or not")]
    Unknown(NoAnswer),
    /// The row is as it was, because of what became of another write of the batch: the device was
    /// never asked, or has undone it.
    #[error("not attempted, because another write of the same batch failed")]
    NotAttempted,
}

/// Why the device left a row as it was.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The table has not enough free rows left.
    #[error("{table} is full: the row does not fit into what is left of its {size_rows} rows")]
    TableFull {
        /// The full table.
        table: Table,
        /// All the rows it has.
        size_rows: u32,
    },
    /// A row to be inserted is there already, with this or another action.
    #[error("{table} has a row {key} already", table = key.table())]
    Exists {
        /// The row.
        key: RowKey,
    },
    /// A row to be modified or deleted is not there.
    #[error("{table} has no row {key}", table = key.table())]
    NotFound {
        /// The row.
        key: RowKey,
    },
    /// A row to be inserted matches packets of another of the same priority, so the device could
    /// not say which of them wins.
    #[error("{key} overlaps {existing}, a row of the same priority in {table}", table = key.table())]
    Overlaps {
        /// The row that was to be inserted.
        key: RowKey,
        /// A row of the table that it overlaps.
        existing: RowKey,
    },
    /// The smallest priority is 1.
    #[error("priority 0 does not exist, the smallest is 1")]
    PriorityZero,
    /// The device cannot order rows, or those of this table are in no need of it, so that the
    /// default priority is the only one.
    #[error("priority {priority} is not supported, {table} takes priority 1 alone")]
    NoPriorities {
        /// The table.
        table: Table,
        /// The priority asked for.
        priority: u32,
    },
    /// There is no way to the device now, so that it was not asked.
    #[error("{words}")]
    NotConnected {
        /// Why not.
        words: String,
    },
    /// Anything else, as the device puts it.
    #[error("the device refused: {words}")]
    Device {
        /// The device's own words.
        words: String,
    },
}

/// Why there is no answer to what was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NoAnswer {
    /// The answer got lost on its way, as when a connection breaks.
    #[error("the answer was lost")]
    Lost,
    /// None came in time.
    #[error("no answer came within {timeout:?}")]
    Deadline {
        /// The time that the device was given.
        timeout: Duration,
    },
}

/// Why a table could not be read.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ReadError {
    /// The device said no.
    #[error("the device refused to read {table}: {words}")]
    Refused {
        /// The table that was to be read.
        table: Table,
        /// The device's own words.
        words: String,
    },
    /// There is no way to the device now, so that it was not asked.
    #[error("reading {table}: {words}")]
    NotConnected {
        /// The table that was to be read.
        table: Table,
        /// Why not.
        words: String,
    },
    /// The device did not answer.
    #[error("reading {table}: {reason}")]
    NoAnswer {
        /// The table that was to be read.
        table: Table,
        /// Why no answer came.
        reason: NoAnswer,
    },
}

impl WriteError {
    /// The refusal, if the write was refused.
    pub const fn refusal(&self) -> Option<&Refusal> {
        match self {
            WriteError::Refused(refusal) => Some(refusal),
            WriteError::Unknown(_) | WriteError::NotAttempted => None,
        }
    }
}

/// Performs writes one after the other, at most so many, and stops at the first that is refused: what
/// became of each.
pub(crate) fn in_order(
    writes: &[TableWrite],
    most: NonZeroUsize,
    mut perform: impl FnMut(&TableWrite) -> Result<(), Refusal>,
) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(writes.len());
    for write in writes.iter().take(most.get()) {
        let outcome = perform(write);
        let refused = outcome.is_err();
        outcomes.push(outcome.map_err(WriteError::Refused));
        if refused {
            break;
        }
    }
    outcomes.resize(writes.len(), Err(WriteError::NotAttempted));
    outcomes
}
