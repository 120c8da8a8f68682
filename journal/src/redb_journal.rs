//! The journal in a redb database.

use crate::fault::{CommitError, JournalFault, OpenError};
use crate::journal::{Contents, Journal};
use crate::opening::{self, Opened, Opening, Terms, guarded};
use crate::step::Step;
use crate::storage::{Directory, Layer, Memory, StorageSource, Unsynced};
use crate::tables;
use nat_groups::{Limits, RowCost, Stamp};
use redb::Database;
use std::fmt;
use std::path::Path;
use std::time::Duration;

/// The journal in a redb database.
///
/// A step is one transaction, with one sync: redb's commit in one phase, which after a crash is found
/// by its checksums to be there whole or not at all. Two phases would need two syncs for each step,
/// and so would the record of free pages that makes opening after a crash faster; that is written
/// when the journal is closed in order.
pub struct RedbJournal {
    source: Box<dyn StorageSource>,
    unsynced: Unsynced,
    /// `None` after a fault, until it is opened again.
    database: Option<Database>,
    /// How many steps were taken.
    step: u64,
    /// Whether the one after that may have been.
    is_unsettled: bool,
    opening: Opening,
}

impl RedbJournal {
    /// The file in the state directory.
    pub const FILE_NAME: &'static str = Directory::FILE_NAME;

    /// Opens the journal in a folder, which is made if it is not there, and reads it. A new journal
    /// holds the built-in group, made with `stamp`. Of each group as many generations are kept as
    /// the limits allow; those beyond are gone for good.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says why it cannot be used. Nothing that was there is changed then.
    pub fn open(
        directory: &Path,
        limits: Limits,
        row_cost: RowCost,
        stamp: Stamp,
    ) -> Result<(Self, Contents), OpenError> {
        let directory = Directory::open(directory)?;
        Self::open_source(Box::new(directory), limits, row_cost, stamp)
    }

    /// A journal that lives as long as the process: for a daemon that is to forget.
    ///
    /// # Errors
    ///
    /// As [`RedbJournal::open`].
    pub fn in_memory(
        limits: Limits,
        row_cost: RowCost,
        stamp: Stamp,
    ) -> Result<(Self, Contents), OpenError> {
        Self::open_source(Box::<Memory>::default(), limits, row_cost, stamp)
    }

    /// Opens the journal in whatever storage, and reads it.
    ///
    /// # Errors
    ///
    /// As [`RedbJournal::open`].
    pub fn open_source(
        mut source: Box<dyn StorageSource>,
        limits: Limits,
        row_cost: RowCost,
        stamp: Stamp,
    ) -> Result<(Self, Contents), OpenError> {
        let unsynced = Unsynced::default();
        let terms = Terms { limits, row_cost, stamp };
        let opened = opening::open_or_create(&mut *source, &unsynced, &terms)?;
        let Opened { database, step, contents, opening } = opened;
        let database = Some(database);
        Ok((Self { source, unsynced, database, step, is_unsettled: false, opening }, contents))
    }

    /// How the journal was found when it was opened.
    pub fn opening(&self) -> Opening {
        self.opening
    }

    /// The database, opened again if it was closed after a fault.
    fn database(&mut self) -> Result<&Database, JournalFault> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let below = self.source.open().map_err(fault)?.ok_or(JournalFault::Gone)?;
                if below.len().map_err(fault)? == 0 {
                    return Err(JournalFault::Gone);
                }
                let layer = Layer::through(below, self.unsynced.clone());
                layer.rewrite().map_err(fault)?;
                let database = opening::reopen(layer).map_err(fault)?;
                let found = step_of(&database)?;
                if found != self.step && !(self.is_unsettled && found == self.step + 1) {
                    return Err(JournalFault::ChangedBelow { expected: self.step, found });
                }
                database
            }
        };
        Ok(self.database.insert(database))
    }

    fn try_commit(&mut self, step: &Step) -> Result<(), CommitError> {
        let number = self.step + 1;
        let database = self.database().map_err(CommitError::NotDone)?;
        let write = || -> Result<_, redb::Error> {
            let transaction = database.begin_write()?;
            tables::write(&transaction, step)?;
            tables::number_step(&transaction, number)?;
            Ok(transaction)
        };
        let transaction = guarded(write).map_err(|error| CommitError::NotDone(fault(error)))?;
        let commit = || -> Result<(), redb::Error> { Ok(transaction.commit()?) };
        guarded(commit).map_err(|error| CommitError::Unknown(fault(error)))
    }
}

impl Journal for RedbJournal {
    fn commit(&mut self, step: &Step) -> Result<(), CommitError> {
        if self.is_unsettled {
            return Err(CommitError::NotDone(JournalFault::Unsettled));
        }
        let result = self.try_commit(step);
        match &result {
            Ok(()) => self.step += 1,
            Err(error) => {
                // After a fault a database takes nothing more until it has been opened again.
                self.database = None;
                self.is_unsettled = matches!(error, CommitError::Unknown(_));
            }
        }
        result
    }

    fn settle(&mut self) -> Result<bool, JournalFault> {
        if !self.is_unsettled {
            return Ok(false);
        }
        // What is read now is on disk: opening writes again what may not be, and ends with a sync.
        self.database = None;
        let expected = self.step;
        self.step = step_of(self.database()?)?;
        self.is_unsettled = false;
        Ok(self.step != expected)
    }

    fn take_sync_times(&mut self) -> Vec<Duration> {
        self.unsynced.take_sync_times()
    }

    fn close(&mut self) -> Result<(), JournalFault> {
        match self.database.take() {
            Some(database) => database.close().map_err(fault),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for RedbJournal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedbJournal")
            .field("path", &self.source.path())
            .field("step", &self.step)
            .field("is_unsettled", &self.is_unsettled)
            .finish_non_exhaustive()
    }
}

fn step_of(database: &Database) -> Result<u64, JournalFault> {
    let label = opening::label(database).map_err(fault)?;
    label.map(|label| label.step).ok_or(JournalFault::Gone)
}

fn fault(error: impl Into<redb::Error>) -> JournalFault {
    JournalFault::Storage(Box::new(error.into()))
}
