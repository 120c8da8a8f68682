//! What a port counts.

use std::sync::atomic::{AtomicU64, Ordering};

/// What went through a port, and what was lost there, since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortCounters {
    /// Frames that came in and were given to the forwarder.
    pub received: Traffic,
    /// Frames that the interface took.
    pub sent: Traffic,
    /// Frames that came in and were lost.
    pub receive_drops: ReceiveDrops,
    /// Frames that should have left by this port and were lost.
    pub send_drops: SendDrops,
    /// Frames that came in by this port and that the forwarder sent to a port that there is not.
    pub to_no_port: u64,
    /// Frames that came in with a transport checksum still to be filled in by a device, as happens
    /// between virtual interfaces: `ethtool -K INTERFACE tx off` at the sender helps. They are
    /// forwarded as they are.
    pub checksum_missing: u64,
}

/// Frames and their bytes, from the destination address to the end of the payload.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// The frames.
    pub packets: u64,
    /// Their bytes.
    pub bytes: u64,
}

/// Frames that came in and were lost, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReceiveDrops {
    /// They came faster than they were taken.
    pub queue_full: u64,
    /// Longer than [`GREATEST_FRAME_BYTES`](super::GREATEST_FRAME_BYTES).
    pub too_long: u64,
    /// Errors of the socket; each may stand for more than one frame.
    pub errors: u64,
}

/// Frames that should have left and were lost, by cause.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SendDrops {
    /// Longer than the interface's MTU allows.
    pub too_large: u64,
    /// The interface's queue was full.
    pub queue_full: u64,
    /// The interface was down or away.
    pub link_down: u64,
    /// Refused for another reason.
    pub failed: u64,
}

impl SendDrops {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self { too_large, queue_full, link_down, failed } = *self;
        too_large + queue_full + link_down + failed
    }
}

impl ReceiveDrops {
    /// All of them.
    pub fn total(&self) -> u64 {
        let Self { queue_full, too_long, errors } = *self;
        queue_full + too_long + errors
    }
}

/// A counter that one thread writes and any may read.
#[derive(Debug, Default)]
pub(super) struct Cell(AtomicU64);

impl Cell {
    /// Only for the one thread that writes: a load and a store are cheaper than one locked addition.
    pub(super) fn add(&self, count: u64) {
        let now = self.0.load(Ordering::Relaxed);
        self.0.store(now.wrapping_add(count), Ordering::Relaxed);
    }

    fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one thread counts of one port, apart from what any other thread writes.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(super) struct Cells {
    pub(super) received_packets: Cell,
    pub(super) received_bytes: Cell,
    pub(super) sent_packets: Cell,
    pub(super) sent_bytes: Cell,
    pub(super) receive_too_long: Cell,
    pub(super) receive_errors: Cell,
    pub(super) send_too_large: Cell,
    pub(super) send_queue_full: Cell,
    pub(super) send_link_down: Cell,
    pub(super) send_failed: Cell,
    pub(super) to_no_port: Cell,
    pub(super) checksum_missing: Cell,
}

/// Sums what the threads counted; what the kernel dropped before a thread saw it is counted apart.
pub(super) fn sum<'c>(
    threads: impl IntoIterator<Item = &'c Cells, IntoIter: Clone>,
    queue_full: &Cell,
) -> PortCounters {
    let threads = threads.into_iter();
    let of = |cell: fn(&Cells) -> &Cell| threads.clone().map(|cells| cell(cells).get()).sum();
    PortCounters {
        received: Traffic {
            packets: of(|cells| &cells.received_packets),
            bytes: of(|cells| &cells.received_bytes),
        },
        sent: Traffic {
            packets: of(|cells| &cells.sent_packets),
            bytes: of(|cells| &cells.sent_bytes),
        },
        receive_drops: ReceiveDrops {
            queue_full: queue_full.get(),
            too_long: of(|cells| &cells.receive_too_long),
            errors: of(|cells| &cells.receive_errors),
        },
        send_drops: SendDrops {
            too_large: of(|cells| &cells.send_too_large),
            queue_full: of(|cells| &cells.send_queue_full),
            link_down: of(|cells| &cells.send_link_down),
            failed: of(|cells| &cells.send_failed),
        },
        to_no_port: of(|cells| &cells.to_no_port),
        checksum_missing: of(|cells| &cells.checksum_missing),
    }
}
