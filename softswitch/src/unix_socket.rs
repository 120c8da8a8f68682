//! Listening sockets in the file system.

use std::fs;
use std::io::{self, ErrorKind};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

/// A socket that listens, whose file goes with it.
#[derive(Debug)]
pub(crate) struct SocketFile {
    path: PathBuf,
    /// Device and number of the file, by which it is known.
    file: (u64, u64),
}

impl SocketFile {
    /// Listens at the path. A socket there to which nobody listens any more, as of a process that
    /// was killed, is replaced.
    ///
    /// # Errors
    ///
    /// If somebody listens there, if something else than a socket is there, or if the system
    /// refuses.
    pub(crate) fn listen(path: &Path) -> io::Result<(UnixListener, SocketFile)> {
        let listener = match UnixListener::bind(path) {
            Err(error) if error.kind() == ErrorKind::AddrInUse => {
                remove_stale(path)?;
                UnixListener::bind(path)?
            }
            other => other?,
        };
        listener.set_nonblocking(true)?;
        let file = identity(path)?;
        Ok((listener, SocketFile { path: path.to_owned(), file }))
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for SocketFile {
    fn drop(&mut self) {
        // Somebody else may have put another there meanwhile, which is theirs.
        if identity(&self.path).is_ok_and(|file| file == self.file) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn identity(path: &Path) -> io::Result<(u64, u64)> {
    let found = fs::symlink_metadata(path)?;
    Ok((found.dev(), found.ino()))
}

fn remove_stale(path: &Path) -> io::Result<()> {
    if !fs::symlink_metadata(path)?.file_type().is_socket() {
        let message = "there is something that is no socket";
        return Err(io::Error::new(ErrorKind::AlreadyExists, message));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(io::Error::new(ErrorKind::AddrInUse, "somebody listens there already")),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => fs::remove_file(path),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_file_goes_with_the_socket() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        let (listener, file) = SocketFile::listen(&path).unwrap();
        UnixStream::connect(&path).unwrap();
        drop((listener, file));
        assert!(!path.exists());
    }

    #[test]
    fn a_socket_that_nobody_listens_to_is_replaced() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        let (_listener, _file) = SocketFile::listen(&path).unwrap();
        UnixStream::connect(&path).unwrap();
    }

    #[test]
    fn neither_a_socket_in_use_nor_a_file_is_touched() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("s");
        let (_listener, first) = SocketFile::listen(&path).unwrap();
        let error = SocketFile::listen(&path).unwrap_err();
        assert!(error.to_string().contains("listens there already"), "{error}");
        UnixStream::connect(&path).unwrap();
        // What has been put in the place of a socket stays.
        fs::remove_file(&path).unwrap();
        fs::write(&path, "precious").unwrap();
        let error = SocketFile::listen(&path).unwrap_err();
        assert!(error.to_string().contains("no socket"), "{error}");
        drop(first);
        assert_eq!(fs::read_to_string(&path).unwrap(), "precious");
    }
}
