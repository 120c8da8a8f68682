//! What a test turns to make a device fail exactly so and exactly then.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use parking_lot::{Condvar, Mutex};

/// The switches of a [`ChaosAsic`](crate::ChaosAsic), to be turned while its owner uses it.
///
/// Clones turn the same switches. Where several apply to a write, the first of these does: writes
/// blocked, writes refused, the script, chance.
#[derive(Clone)]
pub struct ChaosSwitch {
    shared: Arc<Shared>,
}

/// What becomes of the next writes: an item of a script.
///
/// ```
/// # use std::time::Duration;
/// # use asic::{Asic, ChaosAsic, ChaosConfig, MemoryAsic, MemoryConfig, Step};
/// let memory = MemoryAsic::new(MemoryConfig::default());
/// let sleep = Box::new(|_: Duration| {});
/// let asic = ChaosAsic::new(Box::new(memory), ChaosConfig::default(), sleep);
/// // Five writes succeed, the sixth is refused, and so is what is tried to undo the five.
/// asic.switch().script([Step::Perform(5), Step::Refuse(2)]);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Hand this many writes to the device, without faults by chance.
    Perform(usize),
    /// Refuse this many writes; each ends its batch.
    Refuse(usize),
    /// Let the answer to one write be lost, which ends its batch; the device has performed the
    /// write or not.
    Lose {
        /// Whether the device performs it.
        performed: bool,
    },
}

/// How many calls each kind of fault has struck, by chance or as told.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FaultCounts {
    /// Batches of writes refused at their first write.
    pub refused: u64,
    /// Batches of writes refused after some were performed.
    pub midway: u64,
    /// Batches of writes whose answer was lost or came too late.
    pub lost: u64,
    /// Calls that took time.
    pub delayed: u64,
    /// Reads refused or given up.
    pub reads_failed: u64,
}

/// Writes wait for as long as this value lives, each until its own deadline.
#[derive(Debug)]
#[must_use = "writes go on as soon as this is dropped"]
pub struct BlockedWrites {
    switch: ChaosSwitch,
}

impl ChaosSwitch {
    /// Whether faults happen by chance, as the configuration says. They do at first.
    pub fn set_random_faults(&self, on: bool) {
        self.shared.state.lock().random_faults = on;
    }

    /// Whether every write is refused from now on.
    pub fn refuse_writes(&self, on: bool) {
        self.shared.state.lock().refuse_writes = on;
    }

    /// Whether every read, of rows and of counters, is refused from now on.
    pub fn refuse_reads(&self, on: bool) {
        self.shared.state.lock().refuse_reads = on;
    }

    /// Says what becomes of the next writes, in place of any earlier script. What comes after them
    /// is left to chance again.
    pub fn script(&self, steps: impl IntoIterator<Item = Step>) {
        self.shared.state.lock().script = steps.into_iter().collect();
    }

    /// Lets `writes` writes succeed, then refuses one.
    pub fn refuse_after(&self, writes: usize) {
        self.script([Step::Perform(writes), Step::Refuse(1)]);
    }

    /// Lets every batch of writes wait until what this returns is dropped, or until its deadline.
    ///
    /// A batch that waits until its deadline is not performed; its writes are
    /// [`Unknown`](crate::WriteError::Unknown) to its owner.
    pub fn block_writes(&self) -> BlockedWrites {
        self.shared.state.lock().blocks += 1;
        BlockedWrites { switch: self.clone() }
    }

    /// What faults there have been so far.
    pub fn faults(&self) -> FaultCounts {
        self.shared.state.lock().counts
    }

    pub(super) fn new() -> ChaosSwitch {
        let state = State {
            random_faults: true,
            refuse_writes: false,
            refuse_reads: false,
            script: VecDeque::new(),
            blocks: 0,
            waiting: 0,
            counts: FaultCounts::default(),
        };
        ChaosSwitch {
            shared: Arc::new(Shared { state: Mutex::new(state), changed: Condvar::new() }),
        }
    }

    /// Waits until writes are not blocked; `false` if the deadline comes first.
    pub(super) fn pass(&self, timeout: Duration) -> bool {
        let mut state = self.shared.state.lock();
        if state.blocks == 0 {
            return true;
        }
        state.waiting += 1;
        self.shared.changed.notify_all();
        self.shared.changed.wait_while_for(&mut state, |state| state.blocks > 0, timeout);
        state.waiting -= 1;
        state.blocks == 0
    }

    /// What the switches say of a batch of `length` writes, taken off the script.
    pub(super) fn next_write(&self, length: usize) -> Told {
        let mut state = self.shared.state.lock();
        if state.refuse_writes {
            return Told::Refuse;
        }
        match state.script.pop_front() {
            None if state.random_faults => Told::Chance,
            None => Told::Perform(length),
            Some(Step::Perform(writes)) => {
                if length < writes {
                    state.script.push_front(Step::Perform(writes - length));
                }
                Told::Perform(writes.min(length))
            }
            Some(Step::Refuse(0)) => Told::Perform(0),
            Some(Step::Refuse(writes)) => {
                if writes > 1 {
                    state.script.push_front(Step::Refuse(writes - 1));
                }
                Told::Refuse
            }
            Some(Step::Lose { performed }) => Told::Lose { performed },
        }
    }

    pub(super) fn reads_refused(&self) -> bool {
        self.shared.state.lock().refuse_reads
    }

    pub(super) fn random_faults(&self) -> bool {
        self.shared.state.lock().random_faults
    }

    pub(super) fn count(&self, count: impl FnOnce(&mut FaultCounts)) {
        count(&mut self.shared.state.lock().counts);
    }
}

impl BlockedWrites {
    /// Waits until a batch of writes waits; `false` if none does within `timeout`.
    pub fn wait_for_writer(&self, timeout: Duration) -> bool {
        let shared = &self.switch.shared;
        let mut state = shared.state.lock();
        shared.changed.wait_while_for(&mut state, |state| state.waiting == 0, timeout);
        state.waiting > 0
    }
}

impl Drop for BlockedWrites {
    fn drop(&mut self) {
        let shared = &self.switch.shared;
        shared.state.lock().blocks -= 1;
        shared.changed.notify_all();
    }
}

impl fmt::Debug for ChaosSwitch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("ChaosSwitch").field(&*self.shared.state.lock()).finish()
    }
}

/// What the switches say of the next writes of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Nothing: chance decides on the whole batch.
    Chance,
    /// Perform this many.
    Perform(usize),
    /// Refuse one.
    Refuse,
    /// Lose the answer to one.
    Lose { performed: bool },
}

struct Shared {
    state: Mutex<State>,
    /// Notified when writes are blocked or released, or begin to wait.
    changed: Condvar,
}

#[derive(Debug)]
struct State {
    random_faults: bool,
    refuse_writes: bool,
    refuse_reads: bool,
    script: VecDeque<Step>,
    /// How many [`BlockedWrites`] there are.
    blocks: usize,
    /// How many batches wait for them.
    waiting: usize,
    counts: FaultCounts,
}
