//! The disk as redb sees it.

use super::state::{Handle, Name, State};
use crate::storage::StorageSource;
use parking_lot::Mutex;
use redb::{BackendError, StorageBackend};
use std::fmt;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

/// Where redb finds the file of a simulated disk.
pub(super) struct ChaosSource {
    pub(super) state: Arc<Mutex<State>>,
    /// The first handle that the process can get.
    pub(super) process: u64,
}

impl ChaosSource {
    fn file(&self, handle: Handle) -> Box<dyn StorageBackend> {
        Box::new(ChaosFile { state: Arc::clone(&self.state), handle })
    }
}

impl StorageSource for ChaosSource {
    fn path(&self) -> &Path {
        Path::new("simulated/journal.redb")
    }

    fn open(&mut self) -> io::Result<Option<Box<dyn StorageBackend>>> {
        let handle = self.state.lock().open(self.process, Name::Journal)?;
        Ok(handle.map(|handle| self.file(handle)))
    }

    fn create(&mut self) -> io::Result<Box<dyn StorageBackend>> {
        let handle = self.state.lock().create(self.process)?;
        Ok(self.file(handle))
    }

    fn publish(&mut self) -> io::Result<()> {
        self.state.lock().publish(self.process)
    }
}

/// The file, opened once.
struct ChaosFile {
    state: Arc<Mutex<State>>,
    handle: Handle,
}

impl StorageBackend for ChaosFile {
    fn len(&self) -> io::Result<u64> {
        self.state.lock().len(self.handle)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.state.lock().read(self.handle, offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.state.lock().set_len(self.handle, len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.state.lock().sync(self.handle)
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.state.lock().write(self.handle, offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.state.lock().unlock(self.handle);
        Ok(())
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        let is_whole =
            matches!(start, Bound::Unbounded | Bound::Included(0)) && end == Bound::Unbounded;
        if !is_whole {
            return Err(BackendError::Unsupported);
        }
        Ok(self.state.lock().lock(self.handle)?)
    }
}

impl fmt::Debug for ChaosFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ChaosFile").field("handle", &self.handle).finish_non_exhaustive()
    }
}
