//! What the controller is asked, and what it answers.

use crate::forwarding::{self, InvalidDocument};
use crate::lower::LowerError;
use asic::{InvalidRow, ReadError, TableWrite, WriteError};
use journal::JournalFault;
use nat_groups::{
    Decision, Ensure, ExternalAddr, Family, Generation, GroupName, Mapping, Outcome, PerFamily,
    Refusal, Slot, Stamp, Store, TableFull,
};
use std::sync::Arc;
use thiserror::Error;

/// A request to change what should exist.
#[derive(Clone, Debug)]
pub struct Request {
    /// The change.
    pub command: Command,
    /// Whether only to say what would happen.
    pub dry_run: bool,
    /// When it came, and its id.
    pub stamp: Stamp,
}

/// A change of what should exist.
#[derive(Clone, Debug)]
pub enum Command {
    /// Make these groups' sets exactly so.
    Ensure(Vec<Ensure>),
    /// Delete a group.
    Delete {
        /// The group.
        group: GroupName,
        /// The generation of its tombstone.
        generation: Generation,
    },
    /// Add one ungrouped mapping.
    Put(Mapping),
    /// Remove the ungrouped mapping that covers a port.
    Remove {
        /// The external address.
        external: ExternalAddr,
        /// The port.
        port: u16,
    },
    /// Remove all ungrouped mappings of a family.
    Reset(Family),
}

/// What was done, or what would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// What became of each group, in the order of the command.
    pub outcomes: Vec<Outcome>,
    /// The table writes of the change.
    pub writes: u64,
    /// The table writes that mended earlier divergence.
    pub repaired: u64,
    /// The slots that were removed before their successor was there.
    pub gaps: Vec<Slot>,
    /// The most rows that each table holds at any time meanwhile.
    pub peak_rows: PerFamily<u64>,
}

/// Why nothing was done.
#[derive(Clone, Debug, Error)]
pub enum Failure {
    /// The rules forbid it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// It does not fit.
    #[error(transparent)]
    Full(#[from] TableFull),
    /// The rules on ports, routes and neighbours forbid it.
    #[error(transparent)]
    Forwarding(#[from] forwarding::Refusal),
    /// Routes or neighbours do not fit.
    #[error(transparent)]
    NoRoom(#[from] forwarding::NoRoom),
    /// The device refused. Everything is as it was.
    #[error("the device refused, and everything is as it was: {0}")]
    Device(DeviceFault),
    /// The device refused and could not be put back.
    #[error(
        "the device refused and could not be put back; dpd keeps repairing the tables until they \
         are as before: {0}"
    )]
    Torn(DeviceFault),
    /// It could not be made durable. Everything is as it was.
    #[error("this could not be made durable, and everything is as it was: {0}")]
    Journal(Arc<JournalFault>),
    /// It has no form in which it could be kept.
    #[error("{0}")]
    Document(Arc<InvalidDocument>),
    /// It could not be made durable, and the device could not be put back.
    #[error(
        "this could not be made durable, and the device could not be put back; dpd keeps repairing \
         the tables until they are as before: {journal}; {device}"
    )]
    TornByJournal {
        /// Why it could not be made durable.
        journal: Arc<JournalFault>,
        /// Why the device could not be put back.
        device: DeviceFault,
    },
    /// The daemon is stopping.
    #[error("dpd is stopping and takes no more changes")]
    Stopping,
}

/// What the device would not do.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeviceFault {
    /// A write.
    #[error("{error} ({write})")]
    Write {
        /// The write.
        write: Box<TableWrite>,
        /// What became of it.
        error: WriteError,
    },
    /// It was lost in the meantime, and what it had acknowledged with it, perhaps.
    #[error(
        "the connection to the device was lost in the meantime, and the device may have started \
         afresh"
    )]
    BegunAnew,
    /// Reading a table.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The table holds something that is not ours.
    #[error(transparent)]
    Foreign(#[from] LowerError),
    /// A row does not fit its table's description.
    #[error("a row does not fit its table: {0}")]
    Row(#[from] InvalidRow),
    /// The way back does not fit the table.
    #[error("{0}")]
    Full(Box<TableFull>),
    /// Ports, routes or neighbours do not fit their table.
    #[error(transparent)]
    NoRoom(#[from] forwarding::NoRoom),
}

/// Why a controller does not begin.
#[derive(Debug, Error)]
pub enum StartFault {
    /// The device cannot be taken over.
    #[error("cannot take the device over: {0}")]
    Device(#[from] DeviceFault),
    /// The journal does not take what the settings say.
    #[error(transparent)]
    Journal(#[from] JournalFault),
    /// The journal's routes and neighbours cannot be read.
    #[error(transparent)]
    Document(#[from] InvalidDocument),
}

impl From<InvalidDocument> for Failure {
    fn from(invalid: InvalidDocument) -> Self {
        Self::Document(Arc::new(invalid))
    }
}

impl DeviceFault {
    /// The write that was refused, as a line of text.
    pub fn write(&self) -> Option<String> {
        match self {
            DeviceFault::Write { write, .. } => Some(write.to_string()),
            DeviceFault::BegunAnew
            | DeviceFault::Read(_)
            | DeviceFault::Foreign(_)
            | DeviceFault::Row(_)
            | DeviceFault::Full(_)
            | DeviceFault::NoRoom(_) => None,
        }
    }

    /// The device's words.
    pub fn words(&self) -> String {
        match self {
            DeviceFault::Write { error, .. } => error.to_string(),
            other => other.to_string(),
        }
    }
}

/// What `store` decides of a command.
pub(super) fn decide(store: &Store, command: &Command, stamp: &Stamp) -> Result<Decision, Refusal> {
    match command {
        Command::Ensure(ensures) => store.ensure(ensures, stamp),
        Command::Delete { group, generation } => store.delete(group, *generation),
        Command::Put(mapping) => store.put_ungrouped(*mapping, stamp),
        Command::Remove { external, port } => store.remove_ungrouped(*external, *port, stamp),
        Command::Reset(family) => store.reset_ungrouped(*family, stamp),
    }
}
