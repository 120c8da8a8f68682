//! The way out for frames that came in by no port, such as those of a controller.

use super::counters::Cells;
use super::link::PacketSocket;
use super::ports::Shared;
use super::worker::count_sent;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};

/// Sends frames out of ports from any thread. Clones lead to the same ports, which it keeps neither
/// open nor running.
#[derive(Clone)]
pub struct PortSender {
    shared: Arc<Shared>,
}

/// What it takes to send out of one port. The lock around it makes everybody one writer.
#[derive(Default)]
pub(super) struct Exit {
    /// The sockets of the threads, each of which will do. A thread that has closed its own has a
    /// reason.
    pub(super) sockets: Vec<Weak<dyn PacketSocket>>,
    pub(super) cells: Cells,
}

impl PortSender {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        Self { shared }
    }

    /// Sends a frame out of a port. What cannot be sent is dropped and counted there; false if
    /// there is no such port.
    pub fn send(&self, port: u16, frame: &[u8]) -> bool {
        let Some(place) = self.shared.port_of(port) else { return false };
        let port = &self.shared.ports[place];
        let exit = port.exit.lock();
        let socket = exit.sockets.iter().find_map(Weak::upgrade);
        let socket = socket.filter(|_| port.up.load(Ordering::Relaxed));
        count_sent(&exit.cells, socket.as_deref(), frame);
        true
    }
}
