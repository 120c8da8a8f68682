//! What every journal does.

use crate::fault::{CommitError, JournalFault};
use crate::step::Step;
use nat_groups::Store;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where what was acknowledged is kept. It has one owner, who calls it from one thread; each call
/// blocks.
pub trait Journal: Send {
    /// Makes a step durable, whole or not at all. Once this has answered `Ok`, the step outlives
    /// the process and the power.
    ///
    /// # Errors
    ///
    /// [`CommitError`] says whether the step was left undone or its outcome is unknown. After an
    /// unknown outcome nothing more is taken until [`Journal::settle`] has found out.
    fn commit(&mut self, step: &Step) -> Result<(), CommitError>;

    /// After a commit of unknown outcome: finds out, and says whether the step is there. The answer
    /// lasts. A journal that has nothing to find out says no.
    ///
    /// # Errors
    ///
    /// [`JournalFault`] if that cannot be found out now; it can be tried again.
    fn settle(&mut self) -> Result<bool, JournalFault>;

    /// How long each of the last syncs to disk took, since this was asked before: as far as there
    /// are any, and at most the first few hundred. For those who watch; nothing depends on it.
    fn take_sync_times(&mut self) -> Vec<Duration> {
        Vec::new()
    }

    /// Closes in order what was open, so that it opens faster than after a crash. What comes after
    /// opens it again. Without this nothing is lost either.
    ///
    /// # Errors
    ///
    /// [`JournalFault`] if it could not be closed in order.
    fn close(&mut self) -> Result<(), JournalFault> {
        Ok(())
    }
}

/// What a journal holds.
#[derive(Clone, Debug)]
pub struct Contents {
    /// The groups and tombstones.
    pub store: Store,
    /// The documents, by name.
    pub documents: BTreeMap<String, Vec<u8>>,
}

impl<J: Journal + ?Sized> Journal for Box<J> {
    fn commit(&mut self, step: &Step) -> Result<(), CommitError> {
        (**self).commit(step)
    }

    fn settle(&mut self) -> Result<bool, JournalFault> {
        (**self).settle()
    }

    fn take_sync_times(&mut self) -> Vec<Duration> {
        (**self).take_sync_times()
    }

    fn close(&mut self) -> Result<(), JournalFault> {
        (**self).close()
    }
}
