//! A file that is gone with the process.

use super::StorageSource;
use redb::StorageBackend;
use redb::backends::InMemoryBackend;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A file in memory.
#[derive(Debug, Default)]
pub struct Memory {
    file: Arc<InMemoryBackend>,
    is_published: bool,
}

impl StorageSource for Memory {
    fn path(&self) -> &Path {
        Path::new("in memory")
    }

    fn open(&mut self) -> io::Result<Option<Box<dyn StorageBackend>>> {
        Ok(self.is_published.then(|| Box::new(Shared(Arc::clone(&self.file))) as _))
    }

    fn create(&mut self) -> io::Result<Box<dyn StorageBackend>> {
        self.file = Arc::default();
        Ok(Box::new(Shared(Arc::clone(&self.file))))
    }

    fn publish(&mut self) -> io::Result<()> {
        self.is_published = true;
        Ok(())
    }
}

/// The file, opened once.
#[derive(Debug)]
struct Shared(Arc<InMemoryBackend>);

impl StorageBackend for Shared {
    fn len(&self) -> io::Result<u64> {
        self.0.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        StorageBackend::read(&*self.0, offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.0.set_len(len)
    }

    fn sync_data(&self) -> io::Result<()> {
        self.0.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        StorageBackend::write(&*self.0, offset, data)
    }
}
