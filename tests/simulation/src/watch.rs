//! What packets find after every single write.

use crate::universe::{Packet, packets};
use asic::{MemoryHandle, TableWrite};
use dpd::lower::raise_row;
use nat_groups::{DeviceRow, ExternalAddr, PortRange, Slot, Target};
use std::net::IpAddr;

/// What each packet may find, and what it did.
#[derive(Debug, Default)]
pub(crate) struct Watch {
    probes: Vec<Probe>,
    /// Whether rows were lost in the meantime, so that packets may find nothing.
    is_lost: bool,
    is_on: bool,
    third: Option<String>,
}

/// A packet that is sent after each write that may concern it.
#[derive(Clone, Debug)]
pub(crate) struct Probe {
    pub(crate) packet: Packet,
    /// The targets that it may find.
    pub(crate) allowed: Vec<Target>,
    /// Whether it has always had one and will have one.
    pub(crate) must_hit: bool,
    /// The write after which it found none although it had to.
    pub(crate) missed: Option<String>,
}

impl Watch {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// Watches from now on. `expect` says of each packet what it may find, and whether it has to
    /// find something.
    pub(crate) fn begin(&mut self, expect: impl Fn(Packet) -> (Vec<Target>, bool)) {
        self.probes = packets()
            .into_iter()
            .map(|packet| {
                let (allowed, must_hit) = expect(packet);
                Probe { packet, allowed, must_hit, missed: None }
            })
            .collect();
        self.is_on = true;
        self.is_lost = false;
        self.third = None;
    }

    /// Watches no more, and says what was seen: a packet that found what it should not have, and
    /// those that found nothing.
    pub(crate) fn end(&mut self) -> (Option<String>, Vec<Probe>) {
        self.is_on = false;
        let missed = std::mem::take(&mut self.probes);
        let missed = missed.into_iter().filter(|probe| probe.missed.is_some()).collect();
        (self.third.take(), missed)
    }

    /// The rows are lost.
    pub(crate) fn lost(&mut self) {
        self.is_lost = true;
    }

    /// Sends the packets that a write may concern.
    pub(crate) fn after_write(&mut self, tables: &MemoryHandle, write: &TableWrite) {
        if !self.is_on || self.third.is_some() {
            return;
        }
        let Some(written) = slot_of(write) else { return };
        for probe in &mut self.probes {
            let packet = probe.packet;
            if !packet.is_of(&written) {
                continue;
            }
            let found = tables.lookup(packet.table(), &packet.fields(), 64);
            let found: Option<DeviceRow> =
                found.ok().flatten().and_then(|row| raise_row(&row).ok());
            match found.map(|row| row.target) {
                Some(target) if probe.allowed.contains(&target) => {}
                Some(target) => {
                    let allowed: Vec<String> =
                        probe.allowed.iter().map(ToString::to_string).collect();
                    self.third = Some(format!(
                        "after {write}, a packet to {packet} goes to {target}, and it may go to \
                         {}",
                        if allowed.is_empty() { "none".to_owned() } else { allowed.join(" or ") },
                    ));
                    return;
                }
                None if probe.must_hit && !self.is_lost && probe.missed.is_none() => {
                    probe.missed = Some(write.to_string());
                }
                None => {}
            }
        }
    }
}

/// The slot of the row that is written, if it is one of NAT.
fn slot_of(write: &TableWrite) -> Option<Slot> {
    let key = write.key().key;
    let address = key.exact("dst_addr")?;
    let address = address.as_ipv4().map(IpAddr::V4).or(address.as_ipv6().map(IpAddr::V6))?;
    let (low, high) = key.range()?;
    let ports = PortRange::new(low, high).ok()?;
    Some(Slot { external: ExternalAddr::from(address), ports })
}
