//! A simulated disk that fails as told or by chance, and loses its power.

mod backend;
mod fault;
mod file;
mod random;
mod state;
#[cfg(test)]
mod tests;

use crate::storage::StorageSource;
use backend::ChaosSource;
pub use fault::{DiskCounts, DiskFault, DiskOperation, DiskRates};
use file::SimulatedFile;
use parking_lot::Mutex;
use state::{Power, Scripted, State};
use std::fmt;
use std::sync::Arc;

/// A disk in memory that holds one journal, for a journal that is to be tried hard. Clones are the same
/// disk, which outlives whoever uses it.
///
/// What was written but not synced is lost with the power, or not: each sector of 512 bytes holds
/// any of the contents that it had since the last sync, and the file has any of its lengths since
/// then. So writes are torn and reordered. All is drawn by seed: the same calls give the same disk.
///
/// ```
/// use journal::{ChaosDisk, RedbJournal};
/// use nat_groups::{Limits, Stamp, one_row};
///
/// let disk = ChaosDisk::new(1);
/// let open = || {
///     let stamp = Stamp { unix_micros: 0, request_id: "first".into() };
///     RedbJournal::open_source(disk.source(), Limits::default(), one_row, stamp)
/// };
/// let (journal, _) = open()?;
/// // Two daemons cannot have it.
/// assert!(open().is_err());
/// // The power goes; whatever the old daemon still does changes nothing.
/// disk.crash(7);
/// let (_, contents) = open()?;
/// assert!(contents.store.is_empty());
/// # drop(journal);
/// # Ok::<(), journal::OpenError>(())
/// ```
#[derive(Clone)]
pub struct ChaosDisk {
    state: Arc<Mutex<State>>,
}

impl ChaosDisk {
    /// An empty disk without faults. The seed says how operations fail that do so in part or by
    /// chance.
    pub fn new(seed: u64) -> Self {
        Self { state: Arc::new(Mutex::new(State::new(seed))) }
    }

    /// A disk that holds this file, synced.
    pub fn holding(seed: u64, bytes: Vec<u8>) -> Self {
        let disk = Self::new(seed);
        disk.put(bytes);
        disk
    }

    /// A way to open the file, for [`RedbJournal::open_source`](crate::RedbJournal::open_source). It
    /// is of the process that runs now.
    pub fn source(&self) -> Box<dyn StorageSource> {
        let process = self.state.lock().process();
        Box::new(ChaosSource { state: Arc::clone(&self.state), process })
    }

    /// Puts this file in the journal's place, synced.
    pub fn put(&self, bytes: Vec<u8>) {
        self.state.lock().journal.insert(SimulatedFile::default()).replace(bytes);
    }

    /// The file as it can be read now; nothing if there is none yet.
    pub fn bytes(&self) -> Vec<u8> {
        self.with_file(|file| file.bytes().to_vec())
    }

    /// The process is killed: all that it has open is closed, and whatever is still done with that
    /// fails. What it wrote can be read, synced or not.
    pub fn kill(&self) {
        self.state.lock().end_process();
    }

    /// The power goes, and the process with it, and comes back. What was not synced is there or
    /// not, as the seed says. Faults that were told by count are over.
    pub fn crash(&self, seed: u64) {
        self.state.lock().lose_power(seed);
    }

    /// Lets so many changes (writes, changes of the length, syncs and the naming of a
    /// new file) be done. During the one after
    /// these the power goes, and everything fails until [`ChaosDisk::crash`].
    pub fn power_off_after(&self, changes: u64) {
        self.state.lock().power = Power::GoesAfter { changes };
    }

    /// Undoes [`ChaosDisk::power_off_after`] without a loss: as if the process had been stopped there
    /// and not the disk.
    pub fn power_on(&self) {
        self.state.lock().power = Power::On;
    }

    /// Whether the power went, as [`ChaosDisk::power_off_after`] said, and did not come back.
    pub fn is_off(&self) -> bool {
        self.state.lock().power == Power::Off
    }

    /// Lets an operation fail: the one that comes after `before` others of its kind.
    pub fn fail_after(&self, operation: DiskOperation, before: u64, fault: DiskFault) {
        self.state.lock().script.push(Scripted { operation, before, fault });
    }

    /// How often operations fail by chance from now on.
    pub fn set_rates(&self, rates: DiskRates) {
        self.state.lock().rates = rates;
    }

    /// The length in bytes that the file cannot pass: the disk is full then. `None` for no such.
    pub fn limit_len(&self, max_len: Option<u64>) {
        self.state.lock().max_len = max_len;
    }

    /// The room in bytes that the file can take up: the disk is full then. It takes room when a
    /// sector is first written, not when it becomes longer. `None` for as much as it likes.
    pub fn limit_allocated(&self, max_allocated: Option<u64>) {
        self.state.lock().max_allocated = max_allocated;
    }

    /// The room in bytes that the file takes up.
    pub fn allocated_bytes(&self) -> u64 {
        self.with_file(SimulatedFile::allocated_bytes)
    }

    /// Ends all faults, but for a power that is off already.
    pub fn mend(&self) {
        let mut state = self.state.lock();
        state.script.clear();
        state.rates = DiskRates::NEVER;
        (state.max_len, state.max_allocated) = (None, None);
        if state.power != Power::Off {
            state.power = Power::On;
        }
    }

    /// What was asked of the disk so far.
    pub fn counts(&self) -> DiskCounts {
        self.state.lock().counts
    }

    fn with_file<T: Default>(&self, look: impl FnOnce(&SimulatedFile) -> T) -> T {
        self.state.lock().journal.as_ref().map(look).unwrap_or_default()
    }
}

impl fmt::Debug for ChaosDisk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.state.lock();
        formatter
            .debug_struct("ChaosDisk")
            .field("len", &state.journal.as_ref().map(|file| file.bytes().len()))
            .field("power", &state.power)
            .field("counts", &state.counts)
            .finish_non_exhaustive()
    }
}
