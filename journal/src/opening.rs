//! Opening a database, whatever it turns out to be.

use crate::fault::{Damage, OpenError};
use crate::journal::Contents;
use crate::step::Step;
use crate::storage::{Layer, StorageSource, Unsynced};
use crate::tables::{self, FORMAT, Label, ReadFailure};
use nat_groups::{Limits, RowCost, Stamp, Store};
use redb::{Builder, Database, DatabaseError, ReadableDatabase as _, StorageBackend};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// How a journal was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// There was none, and it was made.
    New,
    /// It had been closed in order.
    Clean,
    /// It had not been closed in order, and was checked and repaired.
    Repaired,
}

/// What a new journal begins with, and how what is there is read.
pub(crate) struct Terms {
    pub(crate) limits: Limits,
    pub(crate) row_cost: RowCost,
    pub(crate) stamp: Stamp,
}

/// A journal that was opened.
pub(crate) struct Opened {
    pub(crate) database: Database,
    pub(crate) step: u64,
    pub(crate) contents: Contents,
    pub(crate) opening: Opening,
}

/// How much of the database is kept in memory.
const CACHE_BYTES: usize = 16 << 20;

/// Opens the journal, and makes it first if there is none. Nothing changes on disk if it is refused.
pub(crate) fn open_or_create(
    source: &mut dyn StorageSource,
    unsynced: &Unsynced,
    terms: &Terms,
) -> Result<Opened, OpenError> {
    let path = source.path().to_owned();
    let storage = |error: io::Error| storage_error(&path, error);
    if let Some(below) = source.open().map_err(storage)? {
        return open(&path, below, unsynced, terms);
    }
    create(source, terms).map_err(|error| storage_error(&path, error))?;
    let below = source.open().map_err(storage)?;
    let below = below.ok_or_else(|| storage(io::ErrorKind::NotFound.into()))?;
    Ok(Opened { opening: Opening::New, ..open(&path, below, unsynced, terms)? })
}

/// Opens a file whose contents are known to have been a journal.
pub(crate) fn reopen(layer: Layer) -> Result<Database, redb::Error> {
    guarded(|| builder().create_with_backend(layer).map_err(Into::into))
}

/// What a database says of itself; `None` if it is no journal.
pub(crate) fn label(database: &Database) -> Result<Option<Label>, redb::Error> {
    guarded(|| tables::label(&database.begin_read()?))
}

/// Does what redb may panic at, on a file that no redb has written.
pub(crate) fn guarded<T, E: From<redb::StorageError>>(
    what: impl FnOnce() -> Result<T, E>,
) -> Result<T, E> {
    catch_unwind(AssertUnwindSafe(what)).unwrap_or_else(|_| {
        let words = "the database is not as a database can be".to_owned();
        Err(redb::StorageError::Corrupted(words).into())
    })
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE_BYTES);
    builder.set_check_integrity_on_open(true);
    builder
}

fn create(source: &mut dyn StorageSource, terms: &Terms) -> Result<(), redb::Error> {
    let layer = Layer::through(source.create()?, Unsynced::default());
    let database = builder().create_with_backend(layer)?;
    let store = Store::new(terms.limits, terms.row_cost, terms.stamp.clone());
    let transaction = database.begin_write()?;
    tables::create(&transaction, env!("CARGO_PKG_VERSION"))?;
    let step = Step {
        before: store.emptied(),
        touched: store.groups().map(|group| group.id()).collect(),
        after: store,
        documents: Vec::new(),
    };
    tables::write(&transaction, &step)?;
    tables::number_step(&transaction, 0)?;
    transaction.commit()?;
    database.close()?;
    source.publish()?;
    Ok(())
}

fn open(
    path: &Path,
    below: Box<dyn StorageBackend>,
    unsynced: &Unsynced,
    terms: &Terms,
) -> Result<Opened, OpenError> {
    let storage = |error: io::Error| storage_error(path, error);
    let layer = Layer::held(below, unsynced.clone()).map_err(storage)?;
    let opening = look_at_header(path, &layer)?;
    let database = guarded(|| builder().create_with_backend(layer.clone()))
        .map_err(|error| database_error(path, error))?;
    let unreadable = |failure| read_error(path, failure);
    let label = label(&database).map_err(|error| unreadable(error.into()))?;
    let Some(Label { format, written_by, step }) = label else {
        return Err(OpenError::NotAJournal { path: path.to_owned() });
    };
    if format > FORMAT {
        let path = path.to_owned();
        return Err(OpenError::Newer { path, found: format, known: FORMAT, written_by });
    }
    let contents = read(&database, terms).map_err(unreadable)?;
    // From here on it is ours, and may be written to.
    if opening == Opening::Repaired {
        layer.doubt().and_then(|()| layer.rewrite()).map_err(storage)?;
    }
    layer.release().map_err(storage)?;
    forget(&database, &contents.store).map_err(|error| storage_error(path, error))?;
    Ok(Opened { database, step, contents, opening })
}

/// Whether the file is a database, and was closed in order. Where its header tells so is said in
/// redb's `docs/design.md`, "Database header".
fn look_at_header(path: &Path, layer: &Layer) -> Result<Opening, OpenError> {
    const MAGIC: [u8; 9] = *b"redb\x1a\x0a\xa9\x0d\x0a";
    const RECOVERY_REQUIRED: u8 = 2;
    let mut header = [0; MAGIC.len() + 1];
    let storage = |error: io::Error| storage_error(path, error);
    let len = layer.len().map_err(storage)?;
    if len == 0 {
        return Err(OpenError::Damaged { path: path.to_owned(), damage: Damage::Empty });
    }
    if len >= header.len() as u64 {
        layer.read_below(0, &mut header).map_err(storage)?;
    }
    match header.split_last() {
        Some((flags, magic)) if *magic == MAGIC => Ok(match flags & RECOVERY_REQUIRED {
            0 => Opening::Clean,
            _ => Opening::Repaired,
        }),
        _ => Err(OpenError::NotAJournal { path: path.to_owned() }),
    }
}

fn read(database: &Database, terms: &Terms) -> Result<Contents, ReadFailure> {
    let Terms { limits, row_cost, stamp: _ } = terms;
    guarded(|| tables::read(&database.begin_read()?, *limits, *row_cost))
}

fn forget(database: &Database, store: &Store) -> Result<(), redb::Error> {
    let transaction = database.begin_write()?;
    if tables::forget(&transaction, store)? {
        transaction.commit()?;
    } else {
        transaction.abort()?;
    }
    Ok(())
}

fn storage_error(path: &Path, error: impl Into<redb::Error>) -> OpenError {
    OpenError::Storage { path: path.to_owned(), error: Box::new(error.into()) }
}

fn database_error(path: &Path, error: DatabaseError) -> OpenError {
    match error {
        DatabaseError::DatabaseAlreadyOpen => {
            OpenError::InUse { path: path.parent().unwrap_or(path).to_owned() }
        }
        DatabaseError::UpgradeRequired(found) => {
            OpenError::OtherDatabaseFormat { path: path.to_owned(), found }
        }
        error => read_error(path, error.into()),
    }
}

/// A file that cannot be read, or can, but not as what it should be.
fn read_error(path: &Path, failure: ReadFailure) -> OpenError {
    let damage = match failure {
        ReadFailure::Damage(damage) => damage,
        ReadFailure::Storage(error @ (redb::Error::Io(_) | redb::Error::PreviousIo)) => {
            return storage_error(path, error);
        }
        ReadFailure::Storage(error) => Damage::Database { words: error.to_string() },
    };
    OpenError::Damaged { path: path.to_owned(), damage }
}
