//! The journal in a redb database.

use crate::fault::{CommitError, JournalFault, OpenError};
use crate::journal::{Contents, Journal};
use crate::step::Step;
use crate::tables::{self, FORMAT, Label, ReadFailure};
use nat_groups::{Limits, RowCost, Stamp, Store};
use redb::backends::InMemoryBackend;
use redb::{Builder, Database, DatabaseError, ReadableDatabase as _};
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

/// Where a database is, so that it can be opened again after a fault.
pub trait StorageSource: Send {
    /// What to call it in errors.
    fn path(&self) -> &Path;

    /// Opens the database, which is empty if nothing was written yet.
    ///
    /// # Errors
    ///
    /// As redb says.
    fn open(&mut self, builder: &Builder) -> Result<Database, DatabaseError>;
}

/// The journal in a redb database.
pub struct RedbJournal {
    source: Box<dyn StorageSource>,
    /// `None` after a fault, until it is opened again.
    database: Option<Database>,
    /// How many steps were taken.
    step: u64,
    /// Whether the one after that may have been.
    is_unsettled: bool,
}

impl RedbJournal {
    /// The file in the state directory.
    pub const FILE_NAME: &'static str = "journal.redb";
    /// How much of the database is kept in memory.
    const CACHE_BYTES: usize = 16 << 20;

    /// Opens the journal in a folder, which is made if it is not there, and reads it. A new journal
    /// holds the built-in group, made with `stamp`.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says why it cannot be used. Nothing is changed then.
    pub fn open(
        directory: &Path,
        limits: Limits,
        row_cost: RowCost,
        stamp: Stamp,
    ) -> Result<(Self, Contents), OpenError> {
        let unusable = |error| OpenError::Directory { path: directory.to_owned(), error };
        fs::create_dir_all(directory).map_err(unusable)?;
        let path = directory.join(Self::FILE_NAME);
        Self::open_source(Box::new(File { path }), limits, row_cost, stamp)
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
        Self::open_source(Box::new(Memory), limits, row_cost, stamp)
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
        let path = source.path().to_owned();
        let storage =
            |error: redb::Error| OpenError::Storage { path: path.clone(), error: Box::new(error) };
        let database = open_database(&mut *source).map_err(|error| match error {
            DatabaseError::DatabaseAlreadyOpen => {
                OpenError::InUse { path: path.parent().unwrap_or(&path).to_owned() }
            }
            error => storage(error.into()),
        })?;
        let label = label(&database).map_err(storage)?;
        let Some(Label { format, written_by, step }) = label else {
            let contents = Contents {
                store: Store::new(limits, row_cost, stamp),
                documents: Default::default(),
            };
            create(&database, &contents.store).map_err(storage)?;
            let database = Some(database);
            return Ok((Self { source, database, step: 0, is_unsettled: false }, contents));
        };
        if format > FORMAT {
            return Err(OpenError::Newer { path, found: format, known: FORMAT, written_by });
        }
        let contents = read(&database, limits, row_cost).map_err(|failure| match failure {
            ReadFailure::Storage(error) => storage(error),
            ReadFailure::Damage(damage) => OpenError::Damaged { path: path.clone(), damage },
        })?;
        let database = Some(database);
        Ok((Self { source, database, step, is_unsettled: false }, contents))
    }

    /// The database, opened again if it was closed after a fault.
    fn database(&mut self) -> Result<&Database, JournalFault> {
        let database = match self.database.take() {
            Some(database) => database,
            None => {
                let database = open_database(&mut *self.source).map_err(fault)?;
                let found = label(&database).map_err(fault)?.map_or(0, |label| label.step);
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
        let not_done = |error: redb::Error| CommitError::NotDone(fault(error));
        let transaction = database.begin_write().map_err(|error| not_done(error.into()))?;
        tables::write(&transaction, step).map_err(not_done)?;
        tables::number_step(&transaction, number).map_err(not_done)?;
        transaction.commit().map_err(|error| CommitError::Unknown(fault(error)))
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
        self.database = None;
        let expected = self.step;
        let result = self.database().and_then(|database| {
            let found = label(database).map_err(fault)?.map_or(0, |label| label.step);
            // What was read may not be on disk yet: a commit after it is, and all before.
            let transaction = database.begin_write().map_err(fault)?;
            tables::number_step(&transaction, found).map_err(fault)?;
            transaction.commit().map_err(fault)?;
            Ok(found)
        });
        match result {
            Ok(found) => {
                self.step = found;
                self.is_unsettled = false;
                Ok(found != expected)
            }
            Err(error) => {
                self.database = None;
                Err(error)
            }
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

fn open_database(source: &mut dyn StorageSource) -> Result<Database, DatabaseError> {
    source.open(Builder::new().set_cache_size(RedbJournal::CACHE_BYTES))
}

fn label(database: &Database) -> Result<Option<Label>, redb::Error> {
    tables::label(&database.begin_read()?)
}

fn create(database: &Database, store: &Store) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    tables::create(&transaction, env!("CARGO_PKG_VERSION"))?;
    let step = Step {
        before: store.emptied(),
        after: store.clone(),
        touched: store.groups().map(|group| group.id()).collect(),
        documents: Vec::new(),
    };
    tables::write(&transaction, &step)?;
    tables::number_step(&transaction, 0)?;
    transaction.commit()?;
    Ok(())
}

fn read(database: &Database, limits: Limits, row_cost: RowCost) -> Result<Contents, ReadFailure> {
    tables::read(&database.begin_read()?, limits, row_cost)
}

fn fault(error: impl Into<redb::Error>) -> JournalFault {
    JournalFault::Storage(Box::new(error.into()))
}

/// A file.
struct File {
    path: PathBuf,
}

impl StorageSource for File {
    fn path(&self) -> &Path {
        &self.path
    }

    fn open(&mut self, builder: &Builder) -> Result<Database, DatabaseError> {
        builder.create(&self.path)
    }
}

/// Memory, which is gone after a fault.
struct Memory;

impl StorageSource for Memory {
    fn path(&self) -> &Path {
        Path::new("in memory")
    }

    fn open(&mut self, builder: &Builder) -> Result<Database, DatabaseError> {
        builder.create_with_backend(InMemoryBackend::new())
    }
}
