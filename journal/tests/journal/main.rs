//! The journal keeps what it was told, whatever becomes of the process and of the disk.

#![allow(clippy::unwrap_used, clippy::panic)]

mod crashes;
mod directories;
mod faults;
mod format;
mod growth;
mod histories;
mod history;
mod kept;
