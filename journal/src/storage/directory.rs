//! The state directory.

use super::StorageSource;
use crate::fault::OpenError;
use redb::StorageBackend;
use redb::backends::FileBackend;
use std::ffi::OsStr;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The folder that holds the journal's file, and is held for one process.
///
/// A new journal is written under another name, and renamed once it is whole and on disk; so the
/// file that has the name is a journal, whatever happened while it was made.
#[derive(Debug)]
pub struct Directory {
    root: PathBuf,
    file: PathBuf,
    fresh: PathBuf,
    /// The folder itself, locked for as long as this is open.
    folder: File,
}

impl Directory {
    /// The journal.
    pub const FILE_NAME: &'static str = "journal.redb";
    /// A journal that is being made, or was when the power went.
    const FRESH_NAME: &'static str = "journal.redb.new";
    /// What a file system may put into the folder that it is mounted at.
    const NOT_OURS: [&'static str; 1] = ["lost+found"];

    /// Takes the folder, which is made if it is not there. Nothing of the journal is looked at yet.
    ///
    /// # Errors
    ///
    /// [`OpenError`] says why it cannot be had: another process has it, say, or it holds something
    /// else.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let unusable = |error| OpenError::Directory { path: path.to_owned(), error };
        if fs::metadata(path).is_ok_and(|metadata| !metadata.is_dir()) {
            return Err(OpenError::NotADirectory { path: path.to_owned() });
        }
        make(path).map_err(unusable)?;
        let folder = File::open(path).map_err(unusable)?;
        match folder.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(OpenError::InUse { path: path.to_owned() });
            }
            // Where folders cannot be locked, the lock that redb takes on the file has to do.
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Unsupported => {}
            Err(TryLockError::Error(error)) => return Err(unusable(error)),
        }
        let (file, fresh) = (path.join(Self::FILE_NAME), path.join(Self::FRESH_NAME));
        let directory = Self { root: path.to_owned(), file, fresh, folder };
        directory.check().map_err(unusable)?.map_or(Ok(directory), Err)
    }

    /// What keeps the folder from being ours: without a journal, it has to be empty.
    fn check(&self) -> io::Result<Option<OpenError>> {
        match fs::symlink_metadata(&self.file) {
            Ok(metadata) if metadata.is_dir() => {
                return Ok(Some(OpenError::NotAFile { path: self.file.clone() }));
            }
            Ok(_) => return Ok(None),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        for entry in fs::read_dir(&self.root)? {
            let name = entry?.file_name();
            let is_known = |known: &str| name == OsStr::new(known);
            if !is_known(Self::FRESH_NAME) && !Self::NOT_OURS.into_iter().any(is_known) {
                let found = PathBuf::from(name);
                return Ok(Some(OpenError::Foreign { path: self.root.clone(), found }));
            }
        }
        Ok(None)
    }

    fn remove_fresh(&self) -> io::Result<()> {
        match fs::remove_file(&self.fresh) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

impl StorageSource for Directory {
    fn path(&self) -> &Path {
        &self.file
    }

    fn open(&mut self) -> io::Result<Option<Box<dyn StorageBackend>>> {
        match OpenOptions::new().read(true).write(true).open(&self.file) {
            Ok(file) => Ok(Some(Box::new(backend(file)?))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn create(&mut self) -> io::Result<Box<dyn StorageBackend>> {
        self.remove_fresh()?;
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(&self.fresh)?;
        Ok(Box::new(backend(file)?))
    }

    fn publish(&mut self) -> io::Result<()> {
        File::open(&self.fresh)?.sync_all()?;
        fs::rename(&self.fresh, &self.file)?;
        self.folder.sync_all()
    }
}

fn backend(file: File) -> io::Result<FileBackend> {
    FileBackend::new(file).map_err(|error| match error {
        redb::DatabaseError::Storage(redb::StorageError::Io(error)) => error,
        error => io::Error::other(error),
    })
}

/// Makes a folder and those above it, so that they last.
fn make(path: &Path) -> io::Result<()> {
    if path.as_os_str().is_empty() || path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    let above = above.unwrap_or(Path::new("."));
    make(above)?;
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => Ok(()),
        Err(error) => Err(error),
        Ok(()) => File::open(above)?.sync_all(),
    }
}
