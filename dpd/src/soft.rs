//! The packets of the soft switch: what its program and its ports on real interfaces know of them.

use crate::forwarding::{Forwarding, PortNumber};
use crate::packets::{LinkState, PacketSide};
use asic::soft_ports::{
    DownReason, PortConfig, PortEvent, PortState, PortStatus, Ports, PortsError, ReceiveDrops,
    SendDrops,
};
use asic::{Counter, CountersError, DropCount, PortCount, SoftHandle, Traced};
use parking_lot::Mutex;
use slog::{Logger, info, o, warn};
use std::num::NonZeroUsize;
use std::sync::Arc;

/// What moves the packets of a soft switch: threads between the interfaces of its ports, if it was
/// given any.
pub struct SoftPackets {
    handle: SoftHandle,
    interfaces: Vec<PortConfig>,
    threads: NonZeroUsize,
    ports: Mutex<Option<Ports>>,
}

impl SoftPackets {
    /// The packets of this switch, whose ports are these; `threads` move them.
    ///
    /// # Errors
    ///
    /// If a port is an interface that is not there.
    pub fn new(
        handle: SoftHandle,
        forwarding: &Forwarding,
        threads: NonZeroUsize,
    ) -> Result<Self, PortsError> {
        let interface = |(number, port): (PortNumber, &crate::forwarding::Port)| {
            Some(PortConfig { number: number.get(), interface: port.interface.clone()? })
        };
        let interfaces: Vec<PortConfig> = forwarding.ports().filter_map(interface).collect();
        if !interfaces.is_empty() {
            Ports::find(&interfaces)?;
        }
        Ok(Self { handle, interfaces, threads, ports: Mutex::new(None) })
    }

    fn status(&self) -> Vec<PortStatus> {
        self.ports.lock().as_ref().map(Ports::status).unwrap_or_default()
    }
}

impl PacketSide for SoftPackets {
    fn start(&self, log: &Logger) -> Result<(), PortsError> {
        let Self { handle, interfaces, threads, ports } = self;
        if interfaces.is_empty() {
            return Ok(());
        }
        let report = report_to(log.new(o!("part" => "ports")));
        let started = Ports::start(interfaces, *threads, Arc::new(handle.clone()), report)?;
        *ports.lock() = Some(started);
        Ok(())
    }

    fn stop(&self) {
        // Taken out first, so that nobody who asks waits for the threads.
        let ports = self.ports.lock().take();
        drop(ports);
    }

    fn port_counts(&self, ports: &[PortNumber]) -> Vec<Option<PortCount>> {
        ports.iter().map(|port| self.handle.port_count(port.get())).collect()
    }

    fn link(&self, port: PortNumber) -> Option<LinkState> {
        let status = self.status().into_iter().find(|status| status.number == port.get())?;
        Some(match status.state {
            PortState::Up => LinkState::Up,
            PortState::Down(DownReason::SetDown | DownReason::NoCarrier) => LinkState::Down,
            PortState::Down(DownReason::Gone | DownReason::Refused { .. }) => LinkState::Missing,
        })
    }

    fn trace(&self, port: PortNumber, frame: &[u8], count: bool) -> Option<Traced> {
        Some(self.handle.traced(port.get(), frame, count))
    }

    fn drops(&self) -> Result<Vec<DropCount>, CountersError> {
        let mut drops = self.handle.drops();
        let status = self.status();
        if !status.is_empty() {
            drops.extend(interface_drops(&status));
        }
        Ok(drops)
    }
}

/// Tells a log what happens to ports.
pub(crate) fn report_to(log: Logger) -> impl Fn(PortEvent) + Send + 'static {
    move |event: PortEvent| match event {
        PortEvent::State { state: PortState::Up, .. } => info!(log, "{event}"),
        PortEvent::State { .. }
        | PortEvent::ChecksumMissing { .. }
        | PortEvent::Unseen { .. }
        | PortEvent::ThreadFailed => warn!(log, "{event}"),
    }
}

/// What was lost at the interfaces, all ports together. Their bytes are not counted.
fn interface_drops(status: &[PortStatus]) -> impl Iterator<Item = DropCount> {
    let mut received = ReceiveDrops::default();
    let mut sent = SendDrops::default();
    let mut to_no_port = 0;
    for PortStatus { counters, .. } in status {
        let ReceiveDrops { queue_full, too_long, errors } = counters.receive_drops;
        received.queue_full += queue_full;
        received.too_long += too_long;
        received.errors += errors;
        let SendDrops { too_large, queue_full, link_down, failed } = counters.send_drops;
        sent.too_large += too_large;
        sent.queue_full += queue_full;
        sent.link_down += link_down;
        sent.failed += failed;
        to_no_port += counters.to_no_port;
    }
    [
        ("receive_queue_full", received.queue_full),
        ("receive_too_long", received.too_long),
        ("receive_error", received.errors),
        ("send_too_large", sent.too_large),
        ("send_queue_full", sent.queue_full),
        ("send_link_down", sent.link_down),
        ("send_failed", sent.failed),
        ("send_no_such_port", to_no_port),
    ]
    .into_iter()
    .map(|(reason, packets)| DropCount {
        reason: reason.to_owned(),
        dropped: Counter { packets, bytes: 0 },
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use asic::{SoftAsic, SoftConfig};
    use std::collections::BTreeSet;

    #[test]
    fn each_reason_for_a_drop_is_told_once() {
        let handle = SoftAsic::new(SoftConfig::default()).unwrap().handle();
        let drops: Vec<DropCount> =
            handle.drops().into_iter().chain(interface_drops(&[])).collect();
        let reasons: BTreeSet<&str> = drops.iter().map(|drop| drop.reason.as_str()).collect();
        assert_eq!(reasons.len(), drops.len(), "{drops:?}");
    }
}
