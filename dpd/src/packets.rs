//! What moves packets, for a device that does, as the daemon sees it: what to count, not how.

use crate::forwarding::PortNumber;
use asic::soft_ports::PortsError;
use asic::{Asic, DropCount, PortCount, Traced};
use slog::Logger;
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
    /// Begins to move packets. Called once, when the tables are as configured.
    ///
    /// # Errors
    ///
    /// If a port cannot be opened; then nothing moves.
    fn start(&self, log: &Logger) -> Result<(), PortsError>;

    /// Moves no more packets. What was counted since the start is gone with it.
    fn stop(&self);

    /// What the program has counted at a port; `None` if it does not count.
    fn port_count(&self, port: PortNumber) -> Option<PortCount>;

    /// Whether packets can pass a port; `None` if that is not known.
    fn link(&self, port: PortNumber) -> Option<LinkState>;

    /// How many packets were dropped for each reason that there is.
    fn drops(&self) -> Vec<DropCount>;

    /// What becomes of a packet that comes in by a port, which counts only if that is asked for;
    /// `None` if the device cannot tell.
    fn trace(&self, port: PortNumber, frame: &[u8], count: bool) -> Option<Traced>;
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

impl Device {
    /// A device that forwards no packets.
    pub fn of_tables(asic: Box<dyn Asic>) -> Self {
        Self { asic, packets: None }
    }
}
