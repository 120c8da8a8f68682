//! When the daemon dies in the midst of something.

use journal::ChaosDisk;
use parking_lot::Mutex;
use std::sync::Arc;

/// Whether the daemon still runs. Once it does not, nothing that it does has any effect.
#[derive(Clone)]
pub(crate) struct Power {
    disk: ChaosDisk,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    is_off: bool,
    /// How many writes of the device are done before it goes.
    writes_left: Option<u64>,
}

impl Power {
    pub(crate) fn new(disk: ChaosDisk) -> Self {
        Self { disk, state: Arc::default() }
    }

    /// It goes after so many writes of the device.
    pub(crate) fn goes_after_writes(&self, writes: u64) {
        self.state.lock().writes_left = Some(writes);
    }

    /// It goes after so many changes on the disk.
    pub(crate) fn goes_after_disk_changes(&self, changes: u64) {
        self.disk.power_off_after(changes);
    }

    pub(crate) fn is_off(&self) -> bool {
        self.state.lock().is_off || self.disk.is_off()
    }

    /// Before a write of the device: whether there is power for it.
    pub(crate) fn spend(&self) -> bool {
        let mut state = self.state.lock();
        match &mut state.writes_left {
            Some(0) => state.is_off = true,
            Some(left) => *left -= 1,
            None => {}
        }
        !state.is_off && !self.disk.is_off()
    }

    /// It does not go any more, unless it has gone already.
    pub(crate) fn stay(&self) {
        self.state.lock().writes_left = None;
    }

    /// It comes back. The disk does so by itself.
    pub(crate) fn restore(&self) {
        *self.state.lock() = State::default();
    }
}
