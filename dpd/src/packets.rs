//! What moves packets, for a device that does, as the daemon sees it: what to count, not how.

use crate::forwarding::PortNumber;
use asic::{Asic, Counter};
use std::sync::Arc;

/// A device as the daemon takes it over: its tables and, if it forwards packets, what they do.
pub struct Device {
    /// The tables.
    pub asic: Box<dyn Asic>,
    /// What moves the packets; `None` for a device that forwards none, or does not tell.
    pub packets: Option<Arc<dyn PacketSide>>,
}

/// What is known of the packets of a device. Any thread may ask, at any time.
pub trait PacketSide: Send + Sync {
    /// What a port has counted; `None` if it does not count.
    fn port_counters(&self, port: PortNumber) -> Option<PortCounters>;

    /// Whether packets can pass a port; `None` if that is not known.
    fn link(&self, port: PortNumber) -> Option<LinkState>;

    /// How many packets were dropped for each reason that there has been.
    fn drops(&self) -> Vec<DropCount>;
}

/// What a port has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PortCounters {
    /// What came in by it.
    pub received: Counter,
    /// What left by it.
    pub sent: Counter,
}

/// Whether packets can pass a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LinkState {
    /// They can.
    Up,
    /// The link is down.
    Down,
    /// The interface is not there.
    Missing,
}

/// How many packets were dropped for one reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DropCount {
    /// The reason, as the program names it.
    pub reason: String,
    /// What was dropped.
    pub dropped: Counter,
}

impl Device {
    /// A device that forwards no packets.
    pub fn of_tables(asic: Box<dyn Asic>) -> Self {
        Self { asic, packets: None }
    }
}
