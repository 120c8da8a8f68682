//! What moves packets, for a device that does, as the daemon sees it: what to count, not how.

use crate::controller::thread::Handle;
use crate::forwarding::PortNumber;
use asic::soft_ports::PortsError;
use asic::{Asic, CountersError, DropCount, PortCount, Traced};
use slog::Logger;
use std::sync::{Arc, OnceLock};

/// A device as the daemon takes it over: its tables and, if it forwards packets, what they do.
pub struct Device {
    /// The tables.
    pub asic: Box<dyn Asic>,
    /// What moves the packets; `None` for a device that forwards none, or does not tell.
    pub packets: Option<Arc<dyn PacketSide>>,
    /// What rings when the device has begun another epoch.
    pub alarm: Alarm,
}

/// Wakes the controller to look at its device, once there is a controller. Clones wake the same.
#[derive(Clone, Debug, Default)]
pub struct Alarm(Arc<OnceLock<Handle>>);

/// What is known of the packets of a device. Any thread may ask, at any time, but may have to wait:
/// the device may be at the other end of a network.
pub trait PacketSide: Send + Sync {
    /// Begins to move packets. Called once, when the tables are as configured.
    ///
    /// # Errors
    ///
    /// If a port cannot be opened; then nothing moves.
    fn start(&self, log: &Logger) -> Result<(), PortsError>;

    /// Moves no more packets. What was counted since the start is gone with it.
    fn stop(&self);

    /// What the program has counted at each of these ports; `None` where it does not count, or
    /// cannot be asked.
    fn port_counts(&self, ports: &[PortNumber]) -> Vec<Option<PortCount>>;

    /// Whether packets can pass a port; `None` if that is not known.
    fn link(&self, port: PortNumber) -> Option<LinkState>;

    /// How many packets were dropped for each reason that there is.
    ///
    /// # Errors
    ///
    /// If the device does not count them, or cannot be asked.
    fn drops(&self) -> Result<Vec<DropCount>, CountersError>;

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
        Self { asic, packets: None, alarm: Alarm::default() }
    }
}

impl Alarm {
    /// From now on this controller is woken, and now too: the device may have changed before.
    pub(crate) fn wakes(&self, controller: &Handle) {
        // There is one controller.
        let _ = self.0.set(controller.clone());
        self.ring();
    }

    /// Wakes the controller.
    pub(crate) fn ring(&self) {
        if let Some(controller) = self.0.get() {
            controller.look();
        }
    }
}
