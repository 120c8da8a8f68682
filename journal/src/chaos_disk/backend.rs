//! The disk as redb sees it.

use super::state::State;
use crate::redb_journal::StorageSource;
use parking_lot::Mutex;
use redb::{BackendError, Builder, Database, DatabaseError, StorageBackend};
use std::fmt;
use std::io;
use std::ops::Bound;
use std::path::Path;
use std::sync::Arc;

/// Where redb finds the file of a simulated disk.
pub(super) struct ChaosSource {
    pub(super) state: Arc<Mutex<State>>,
}

impl StorageSource for ChaosSource {
    fn path(&self) -> &Path {
        Path::new("simulated/journal.redb")
    }

    fn open(&mut self, builder: &Builder) -> Result<Database, DatabaseError> {
        let mut state = self.state.lock();
        let handle = state.next_handle;
        state.next_handle += 1;
        drop(state);
        builder.create_with_backend(ChaosFile { state: Arc::clone(&self.state), handle })
    }
}

/// The file, opened once.
struct ChaosFile {
    state: Arc<Mutex<State>>,
    handle: u64,
}

impl StorageBackend for ChaosFile {
    fn len(&self) -> Result<u64, io::Error> {
        let state = self.state.lock();
        state.check_handle(self.handle)?;
        Ok(state.file.bytes().len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> Result<(), io::Error> {
        self.state.lock().read(self.handle, offset, out)
    }

    fn set_len(&self, len: u64) -> Result<(), io::Error> {
        self.state.lock().set_len(self.handle, len)
    }

    fn sync_data(&self) -> Result<(), io::Error> {
        self.state.lock().sync(self.handle)
    }

    fn write(&self, offset: u64, data: &[u8]) -> Result<(), io::Error> {
        self.state.lock().write(self.handle, offset, data)
    }

    fn close(&self) -> Result<(), io::Error> {
        let mut state = self.state.lock();
        if state.locked_by == Some(self.handle) {
            state.locked_by = None;
        }
        Ok(())
    }

    fn try_lock_range(&self, start: Bound<u64>, end: Bound<u64>) -> Result<bool, BackendError> {
        let is_whole =
            matches!(start, Bound::Unbounded | Bound::Included(0)) && end == Bound::Unbounded;
        if !is_whole {
            return Err(BackendError::Unsupported);
        }
        let mut state = self.state.lock();
        state.check_handle(self.handle)?;
        Ok(*state.locked_by.get_or_insert(self.handle) == self.handle)
    }
}

impl fmt::Debug for ChaosFile {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ChaosFile").field("handle", &self.handle).finish_non_exhaustive()
    }
}
