//! What lies below redb.

mod directory;
mod layer;
mod memory;

pub use directory::Directory;
pub(crate) use layer::{Layer, Unsynced};
pub use memory::Memory;

use redb::StorageBackend;
use std::io;
use std::path::Path;

/// Where the file of a journal is. It is opened again after a fault, so it outlives what it opens.
pub trait StorageSource: Send {
    /// What to call the file in errors.
    fn path(&self) -> &Path;

    /// Opens the file; `None` if there is none yet.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being opened.
    fn open(&mut self) -> io::Result<Option<Box<dyn StorageBackend>>>;

    /// Makes a new file, empty, that is not the journal's yet. One that was made before and never
    /// published is gone then.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from being made.
    fn create(&mut self) -> io::Result<Box<dyn StorageBackend>>;

    /// Makes the new file, which is complete, synced and closed, the journal's: at once, and so that
    /// it lasts.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from that; it may be the journal's all the same.
    fn publish(&mut self) -> io::Result<()>;
}
