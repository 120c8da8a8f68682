//! Three addresses, seven ports, three targets, three groups.

use nat_groups::{
    ExternalAddr, Family, GroupName, MacAddr, Mapping, PerFamily, PortRange, Slot, Stamp, Target,
    Vni,
};
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The ports at which ranges begin and end.
const BOUNDARIES: [u16; 7] = [0, 1, 16383, 16384, 40000, 65534, 65535];

/// Every port at which what a packet finds could differ from the port before it.
pub const PROBED_PORTS: [u16; 12] =
    [0, 1, 2, 16382, 16383, 16384, 16385, 39999, 40000, 40001, 65534, 65535];

/// The VNI of the first two targets, and that of the third.
pub const VNIS: [u32; 2] = [100, 200];

/// How many random cases a law is tried on; `PROPTEST_CASES` overrides it. A failure is written down
/// as a named test, not as a seed.
pub fn cases(number: u32) -> ProptestConfig {
    let default = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { default.cases } else { number };
    ProptestConfig { cases, failure_persistence: None, ..default }
}

pub fn addresses() -> [ExternalAddr; 3] {
    [
        Ipv4Addr::new(192, 0, 2, 1).into(),
        Ipv4Addr::new(192, 0, 2, 2).into(),
        Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1).into(),
    ]
}

/// Every packet that there is.
pub fn packets() -> impl Iterator<Item = (ExternalAddr, u16)> {
    addresses().into_iter().flat_map(|external| PROBED_PORTS.map(|port| (external, port)))
}

pub fn target(number: u8) -> Target {
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, number.into()),
        inner_mac: MacAddr([0xa8, 0x40, 0x25, 0, 0, number]),
        vni: vni(usize::from(number == 3)),
    }
}

pub fn vni(index: usize) -> Vni {
    Vni::new(VNIS[index]).unwrap()
}

pub fn group(index: usize) -> GroupName {
    match ["a", "b", "c"].get(index) {
        Some(name) => GroupName::new(name).unwrap(),
        None => GroupName::ungrouped(),
    }
}

pub fn stamp(number: u64) -> Stamp {
    Stamp { unix_micros: number, request_id: format!("request {number}").into() }
}

pub fn slot(address: usize, low: u16, high: u16) -> Slot {
    Slot::new(addresses()[address], PortRange::new(low, high).unwrap())
}

pub fn mapping(address: usize, low: u16, high: u16, target_number: u8) -> Mapping {
    Mapping { slot: slot(address, low, high), target: target(target_number) }
}

/// As a device that expands ranges: one row for each aligned block of a power of two.
pub fn aligned_blocks(ports: PortRange) -> u32 {
    let (mut next, end) = (u32::from(ports.low()), u32::from(ports.high()) + 1);
    let mut blocks = 0;
    while next < end {
        let mut size = 1 << 16;
        while next % size != 0 || next + size > end {
            size /= 2;
        }
        next += size;
        blocks += 1;
    }
    blocks
}

/// Slot order, without the order that the crate derives.
pub fn slot_key(slot: &Slot) -> (IpAddr, u16, u16) {
    (slot.external.into(), slot.ports.low(), slot.ports.high())
}

/// Whether a packet can match both, port by port.
pub fn share_a_packet(a: &Slot, b: &Slot) -> bool {
    a.external == b.external
        && a.ports.low().max(b.ports.low()) <= a.ports.high().min(b.ports.high())
}

/// Of these mappings, those that overlap none before them.
pub fn without_overlaps(mappings: impl IntoIterator<Item = Mapping>) -> Vec<Mapping> {
    let mut kept: Vec<Mapping> = Vec::new();
    for mapping in mappings {
        if kept.iter().all(|before| !share_a_packet(&before.slot, &mapping.slot)) {
            kept.push(mapping);
        }
    }
    kept
}

pub fn any_address() -> impl Strategy<Value = usize> {
    0..3_usize
}

pub fn any_port() -> impl Strategy<Value = u16> {
    proptest::sample::select(PROBED_PORTS.to_vec())
}

pub fn any_slot() -> impl Strategy<Value = Slot> {
    let last = BOUNDARIES.len() - 1;
    let reach = prop_oneof![2 => 0..=1_usize, 1 => 0..=last];
    (any_address(), 0..=last, reach).prop_map(move |(address, first, reach)| {
        slot(address, BOUNDARIES[first], BOUNDARIES[(first + reach).min(last)])
    })
}

pub fn any_target() -> impl Strategy<Value = Target> {
    (1..=3_u8).prop_map(target)
}

pub fn any_mapping() -> impl Strategy<Value = Mapping> {
    (any_slot(), any_target()).prop_map(|(slot, target)| Mapping { slot, target })
}

pub fn any_family() -> impl Strategy<Value = Family> {
    proptest::sample::select(Family::ALL.to_vec())
}

pub fn per_family<T: std::fmt::Debug>(
    value: impl Strategy<Value = T> + Clone,
) -> impl Strategy<Value = PerFamily<T>> {
    (value.clone(), value).prop_map(|(v4, v6)| PerFamily { v4, v6 })
}
