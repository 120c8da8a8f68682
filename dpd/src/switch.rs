//! A switch behind P4Runtime: the way to it, and what it knows of its packets.

use crate::forwarding::PortNumber;
use crate::packets::{Alarm, Device, LinkState, PacketSide};
use asic::soft_ports::PortsError;
use asic::{
    CountersError, DropCount, P4RuntimeAsic, P4RuntimeConfig, P4RuntimeError, P4RuntimeHandle,
    PortCount, SwitchEvent, Traced,
};
use slog::{Logger, info, o, warn};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long the switch has for all that one request wants to know of its packets.
const COUNTERS_TIMEOUT: Duration = Duration::from_secs(2);

/// Connects to a switch and sees to its pipeline. What becomes of the connection later is logged,
/// and told to whoever will own the tables.
///
/// # Errors
///
/// As [`P4RuntimeAsic::connect`].
pub(crate) fn connect(
    config: P4RuntimeConfig,
    timeout: Duration,
    log: &Logger,
) -> Result<Device, P4RuntimeError> {
    let log = log.new(o!("part" => "switch", "address" => config.address.to_string()));
    let alarm = Alarm::default();
    let ring = alarm.clone();
    let report = move |event: SwitchEvent| {
        if event.is_warning() {
            warn!(log, "{event}");
        } else {
            info!(log, "{event}");
        }
        if event.changes_epoch() || event.ends_epoch() {
            ring.ring();
        }
    };
    let asic = P4RuntimeAsic::connect(config, timeout, report)?;
    let packets = SwitchPackets { handle: asic.handle() };
    Ok(Device { asic: Box::new(asic), packets: Some(Arc::new(packets)), alarm })
}

/// The packets of a switch that tells what its program has counted, and no more: its ports and
/// their links are its own affair.
struct SwitchPackets {
    handle: P4RuntimeHandle,
}

impl PacketSide for SwitchPackets {
    fn start(&self, _: &Logger) -> Result<(), PortsError> {
        Ok(())
    }

    fn stop(&self) {}

    fn port_counts(&self, ports: &[PortNumber]) -> Vec<Option<PortCount>> {
        let begun = Instant::now();
        let count = |port: &PortNumber| {
            let left = COUNTERS_TIMEOUT.checked_sub(begun.elapsed())?;
            self.handle.port_count(port.get(), left)
        };
        ports.iter().map(count).collect()
    }

    fn link(&self, _: PortNumber) -> Option<LinkState> {
        None
    }

    fn drops(&self) -> Result<Vec<DropCount>, CountersError> {
        self.handle.drops(COUNTERS_TIMEOUT)
    }

    fn trace(&self, _: PortNumber, _: &[u8], _: bool) -> Option<Traced> {
        None
    }
}
