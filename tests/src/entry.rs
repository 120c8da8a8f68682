//! NAT entries as these tests know them: a second, plain form beside the daemon's own.

use serde_json::{Value, json};
use std::net::{IpAddr, Ipv6Addr};

/// A NAT entry. Entries sort by external address, IPv4 first, then by their ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Entry {
    /// The external address.
    pub external: IpAddr,
    /// The first port.
    pub low: u16,
    /// The last port.
    pub high: u16,
    /// Where the traffic goes.
    pub target: Target,
}

/// Where an entry's traffic goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The sled's address.
    pub internal_ip: Ipv6Addr,
    /// The inner destination MAC address.
    pub inner_mac: [u8; 6],
    /// The Geneve network.
    pub vni: u32,
}

/// An entry for `external`, written as text, from port `low` to port `high`.
pub fn entry(external: &str, low: u16, high: u16, target: Target) -> Entry {
    let external = external.parse().unwrap_or_else(|_| panic!("{external} is no address"));
    Entry { external, low, high, target }
}

/// The target on sled `sled`, with VNI 100.
pub fn target(sled: u16) -> Target {
    let [high, low] = sled.to_be_bytes();
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x100 + sled, 0, 0, 0, 1),
        inner_mac: [0xa8, 0x40, 0x25, 0xf0, high, low],
        vni: 100,
    }
}

/// Entries as the wire has them.
pub fn entry_list(entries: &[Entry]) -> Value {
    entries.iter().map(Entry::json).collect()
}

impl Entry {
    /// As the wire has it.
    pub fn json(&self) -> Value {
        let Self { external, low, high, target } = self;
        json!({ "external": external, "low": low, "high": high, "target": target.json() })
    }

    /// From the wire; fails the test if that is anything else than an entry.
    pub fn parse(wire: &Value) -> Self {
        let entry = Self {
            external: wire["external"].as_str().unwrap().parse().unwrap(),
            low: wire["low"].as_u64().unwrap().try_into().unwrap(),
            high: wire["high"].as_u64().unwrap().try_into().unwrap(),
            target: Target::parse(&wire["target"]),
        };
        assert_eq!(entry.json(), *wire, "there is more to it than an entry has");
        entry
    }

    /// The same entry with another target.
    pub fn to(self, target: Target) -> Self {
        Self { target, ..self }
    }

    /// Whether both have the same address and ports.
    pub fn same_slot(&self, other: &Self) -> bool {
        self.slot() == other.slot()
    }

    /// Whether some packet could match both.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.external == other.external && self.low <= other.high && other.low <= self.high
    }

    /// Whether a packet to this address and port is for this entry.
    pub fn covers(&self, external: IpAddr, port: u16) -> bool {
        self.external == external && self.low <= port && port <= self.high
    }

    /// The address and the ports.
    pub fn slot(&self) -> (IpAddr, u16, u16) {
        (self.external, self.low, self.high)
    }

    /// The address and the ports as the wire has them, as in `gaps`.
    pub fn slot_json(&self) -> Value {
        json!({ "external": self.external, "low": self.low, "high": self.high })
    }

    /// The path of the per-entry operations for its address: `/nat/ipv4/203.0.113.7`.
    pub fn address_path(&self) -> String {
        format!("{}/{}", family_path(self.external), self.external)
    }

    /// The path of the per-entry PUT.
    pub fn range_path(&self) -> String {
        format!("{}/{}/{}", self.address_path(), self.low, self.high)
    }

    /// The path of the per-entry GET and DELETE of a port.
    pub fn port_path(&self, port: u16) -> String {
        format!("{}/{port}", self.address_path())
    }
}

impl Target {
    /// As the wire has it.
    pub fn json(&self) -> Value {
        let Self { internal_ip, inner_mac, vni } = self;
        json!({ "internal_ip": internal_ip, "inner_mac": { "a": inner_mac }, "vni": vni })
    }

    /// From the wire; fails the test if that is anything else than a target.
    pub fn parse(wire: &Value) -> Self {
        let byte = |value: &Value| u8::try_from(value.as_u64().unwrap()).unwrap();
        let mac: Vec<u8> = wire["inner_mac"]["a"].as_array().unwrap().iter().map(byte).collect();
        let target = Self {
            internal_ip: wire["internal_ip"].as_str().unwrap().parse().unwrap(),
            inner_mac: mac.try_into().unwrap(),
            vni: wire["vni"].as_u64().unwrap().try_into().unwrap(),
        };
        assert_eq!(target.json(), *wire, "there is more to it than a target has");
        target
    }

    /// The same target in another network.
    pub fn vni(self, vni: u32) -> Self {
        Self { vni, ..self }
    }

    /// The inner MAC address as table dumps show it.
    pub fn mac_text(&self) -> String {
        self.inner_mac.map(|byte| format!("{byte:02x}")).join(":")
    }
}

/// The path of the per-entry operations for a family.
fn family_path(external: IpAddr) -> &'static str {
    match external {
        IpAddr::V4(_) => "/nat/ipv4",
        IpAddr::V6(_) => "/nat/ipv6",
    }
}
