//! What was lost on the way through the switch, apart from what the program drops.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::SoftSwitch;

/// Packets that were lost on their way through the switch, by cause. What a program drops it counts
/// itself, and the ports count what they cannot receive or send.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Losses {
    /// There was no pipeline yet.
    pub no_pipeline: u64,
    /// Of a controller, and left by a port that there is not.
    pub no_port: u64,
    /// Of a controller that may send none, or with metadata that the program has not.
    pub packet_out_refused: u64,
    /// For the controllers, and none is primary.
    pub no_primary: u64,
    /// For a primary controller that does not read what it is sent.
    pub slow_controller: u64,
    /// For the controllers, and shorter than the program's header `packet_in`.
    pub packet_in_too_short: u64,
}

#[derive(Debug, Default)]
pub(crate) struct LossCounters {
    pub(crate) no_pipeline: AtomicU64,
    pub(crate) no_port: AtomicU64,
    pub(crate) packet_out_refused: AtomicU64,
    pub(crate) no_primary: AtomicU64,
    pub(crate) slow_controller: AtomicU64,
    pub(crate) packet_in_too_short: AtomicU64,
}

impl SoftSwitch {
    /// What was lost so far.
    pub fn losses(&self) -> Losses {
        let LossCounters {
            no_pipeline,
            no_port,
            packet_out_refused,
            no_primary,
            slow_controller,
            packet_in_too_short,
        } = &self.shared.losses;
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Losses {
            no_pipeline: read(no_pipeline),
            no_port: read(no_port),
            packet_out_refused: read(packet_out_refused),
            no_primary: read(no_primary),
            slow_controller: read(slow_controller),
            packet_in_too_short: read(packet_in_too_short),
        }
    }
}
