//! The switch below a daemon, past the daemon: what packets meet there, and ways to meddle.

use crate::entry::Target;
use asic::{
    Action, Asic, Counter, MemoryAsic, MemoryConfig, MemoryHandle, Outcome, Row, RowKey, SoftAsic,
    SoftConfig, SoftHandle, Table, TableWrite, Value,
};
use dpd::forwarding::{Forwarding, Neighbor, Port, PortNumber, PortRole, Route, Underlay};
use dpd::{Alarm, Device, SoftPackets};
use dpd_replay::{Fate, NEXT_HOP, NEXT_HOP_MAC, Probe, Protocol, REAR, UNDERLAY, UPLINK, port_mac};
use nat_groups::MacAddr;
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

/// What kind of switch is below a daemon.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// One that runs the P4 program: a packet is a frame that comes in by a port, and what comes of
    /// it a frame that goes out.
    #[default]
    Soft,
    /// Tables in memory: a packet is a look-up in one of them.
    Memory,
}

/// A way to a switch past its owner. Clones lead to the same switch.
#[derive(Clone, Debug)]
pub enum Switch {
    /// One that runs the P4 program.
    Soft(SoftHandle),
    /// Tables in memory.
    Memory(MemoryHandle),
}

impl Switch {
    /// A switch with empty tables.
    pub fn new(backend: Backend, config: MemoryConfig) -> Self {
        let MemoryConfig { size_rows, range_expansion, has_priorities, max_batch } = config;
        match backend {
            Backend::Memory => Self::Memory(MemoryAsic::new(config).handle()),
            Backend::Soft => {
                let config = SoftConfig { size_rows, range_expansion, has_priorities, max_batch };
                Self::Soft(SoftAsic::new(config).unwrap().handle())
            }
        }
    }

    /// The switch as a daemon takes it over.
    pub fn device(&self, forwarding: &Forwarding) -> Device {
        match self {
            Self::Memory(handle) => Device::of_tables(Box::new(handle.reconnect())),
            Self::Soft(handle) => {
                let packets = SoftPackets::new(handle.clone(), forwarding, NonZeroUsize::MIN);
                Device {
                    asic: Box::new(handle.reconnect()),
                    packets: Some(Arc::new(packets.unwrap())),
                    alarm: Alarm::default(),
                }
            }
        }
    }

    /// What becomes of a TCP segment from outside to this address and port; its row counts it.
    pub fn packet(&self, external: IpAddr, port: u16) -> Option<Target> {
        match self {
            Self::Memory(handle) => {
                let (table, address) = match external {
                    IpAddr::V4(v4) => (Table::NatIngressIpv4, v4.into()),
                    IpAddr::V6(v6) => (Table::NatIngressIpv6, v6.into()),
                };
                let bytes = Self::packet_bytes(external);
                let row = handle.lookup(table, &[address, port.into()], bytes).unwrap();
                row.map(|row| target(&row.action()))
            }
            Self::Soft(handle) => {
                let probe = Probe { external: external.into(), port, protocol: Protocol::Tcp };
                let (frame, mut sent) = (probe.frame(), Vec::new());
                let mut emit = |port, frame: &[u8]| sent.push((port, frame.to_vec()));
                handle.process(&mut handle.runner(), UPLINK, &frame, &mut emit);
                match probe.fate(&frame, sent) {
                    Fate::Dropped => None,
                    Fate::Sent(target) => Some(Target {
                        internal_ip: target.internal_ip,
                        inner_mac: target.inner_mac.0,
                        vni: target.vni.get(),
                    }),
                    Fate::Mangled { outputs } => {
                        let trace = handle.trace(UPLINK, &frame);
                        panic!("{external} port {port} is mangled: {outputs:x?}\n{trace}")
                    }
                }
            }
        }
    }

    /// The length of the packets that are sent here.
    pub fn packet_bytes(external: IpAddr) -> u64 {
        let probe = Probe { external: external.into(), port: 0, protocol: Protocol::Tcp };
        probe.frame().len() as u64
    }

    /// Every row of a table, in order.
    pub fn rows(&self, table: Table) -> Vec<Row> {
        match self {
            Self::Memory(handle) => handle.rows(table),
            Self::Soft(handle) => handle.rows(table).unwrap(),
        }
    }

    /// What each row of a table has counted.
    pub fn counters(&self, table: Table) -> Vec<(RowKey, Counter)> {
        let counters = match self {
            Self::Memory(handle) => handle.reconnect().counters(table, Duration::ZERO),
            Self::Soft(handle) => handle.reconnect().counters(table, Duration::ZERO),
        };
        counters.unwrap()
    }

    /// How many rows are taken in a table.
    pub fn in_use_rows(&self, table: Table) -> u32 {
        match self {
            Self::Memory(handle) => handle.in_use_rows(table),
            Self::Soft(handle) => handle.in_use_rows(table),
        }
    }

    /// Writes behind the daemon's back.
    pub fn alter(&self, write: &TableWrite) -> Outcome {
        match self {
            Self::Memory(handle) => handle.alter(write),
            Self::Soft(handle) => handle.alter(write),
        }
    }

    /// Fails the test if the switch breaks its own rules.
    pub fn validate(&self) {
        match self {
            Self::Memory(handle) => handle.validate().unwrap(),
            Self::Soft(handle) => handle.validate().unwrap(),
        }
    }
}

/// What packets need besides entries: an uplink, a port to the sleds, and a router there that leads
/// to all of them.
pub fn between_outside_and_sleds() -> Forwarding {
    let mut forwarding = Forwarding::default();
    let number = |number: u16| PortNumber::new(number.into()).unwrap();
    for (port, role) in [(UPLINK, PortRole::Uplink), (REAR, PortRole::Rear)] {
        let (number, mac) = (number(port), MacAddr(port_mac(port)));
        let port = Port { id: role.default_id(number), role, mac, interface: None };
        forwarding.insert_port(number, port).unwrap();
    }
    let tag = || "test".to_owned();
    let underlay = Underlay { address: UNDERLAY, tag: tag() };
    forwarding.replace_underlay(Some(underlay)).unwrap();
    let route = Route { port: number(REAR), next_hop: NEXT_HOP.into(), tag: tag() };
    forwarding.replace_route("::/0".parse().unwrap(), route).unwrap();
    let mac = MacAddr(NEXT_HOP_MAC);
    let neighbor = Neighbor { mac, tag: tag(), updated_unix_micros: 0 };
    forwarding.replace_neighbor(NEXT_HOP.into(), neighbor).unwrap();
    forwarding
}

/// The target that a row's action gives.
pub(crate) fn target(action: &Action) -> Target {
    let argument = |name| -> Value { action.argument(name).unwrap() };
    Target {
        internal_ip: argument("target").as_ipv6().unwrap(),
        inner_mac: argument("inner_mac").as_mac().unwrap(),
        vni: argument("vni").as_number().unwrap().try_into().unwrap(),
    }
}
