//! What should exist, kept on disk: the groups with their generations, the tombstones of deleted
//! ones, and whatever else must outlive the daemon.
//!
//! A [`Journal`] takes one [`Step`] after the other, each whole or not at all. What it wrote is known
//! once it has answered; where that stays unknown, [`Journal::settle`] finds out. Of a step is written
//! what differs between its two stores, so a change of one mapping costs as much in a group of a
//! million as in a group of one.
//!
//! [`RedbJournal`] keeps it in a redb database. [`ChaosDisk`] is what can lie below to see that it
//! does so whatever becomes of the disk.

mod fault;
mod journal;
mod step;

mod codec;
mod tables;

mod storage;

mod opening;
mod redb_journal;

mod chaos_disk;

pub use chaos_disk::{ChaosDisk, DiskCounts, DiskFault, DiskOperation, DiskRates};
pub use fault::{CommitError, Damage, JournalFault, OpenError};
pub use journal::{Contents, Journal};
pub use opening::Opening;
pub use redb_journal::RedbJournal;
pub use step::{DocumentChange, Step};
pub use storage::{Directory, Memory, StorageSource};
