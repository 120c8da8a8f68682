//! The small world that everyone fights over: a few addresses, ports cut in few places, few
//! targets. So ranges are cut, merged and shifted all the time, and packets to all can be sent.

use crate::random::Random;
use asic::{Table, Value};
use dpd::lower::table_of;
use nat_groups::{
    DeviceRow, ExternalAddr, GroupName, MacAddr, Mapping, PortRange, Slot, SortedMappings, Target,
    Vni,
};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Where ranges of ports begin; each ends just before another of these, or at the last port. Some
/// of the ranges take many rows of a Tofino.
const CUTS: [u16; 7] = [0, 3, 4, 9, 16, 1000, 65535];
/// How many addresses there are.
const ADDRESSES: usize = 3;
/// How many targets there are.
const TARGETS: usize = 4;
/// The names of groups.
const NAMES: [&str; 4] = ["services", "instances", "edge", "lab"];

/// A packet, and how many there are that could be told apart: one to each end of each range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Packet {
    pub(crate) external: ExternalAddr,
    pub(crate) port: u16,
}

impl Packet {
    pub(crate) fn is_of(self, slot: &Slot) -> bool {
        slot.external == self.external && slot.ports.contains(self.port)
    }

    pub(crate) fn table(self) -> Table {
        table_of(self.external.family())
    }

    /// What the table matches.
    pub(crate) fn fields(self) -> [Value; 2] {
        let address = match IpAddr::from(self.external) {
            IpAddr::V4(address) => Value::from(address),
            IpAddr::V6(address) => Value::from(address),
        };
        [address, Value::from(self.port)]
    }
}

impl std::fmt::Display for Packet {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} port {}", self.external, self.port)
    }
}

/// All packets.
pub(crate) fn packets() -> Vec<Packet> {
    let ports = (0..CUTS.len()).flat_map(|cut| {
        let (low, high) = (CUTS[cut], end_of(cut));
        std::iter::once(low).chain((high > low).then_some(high))
    });
    let ports: Vec<u16> = ports.collect();
    let all = (0..ADDRESSES)
        .flat_map(|index| ports.iter().map(move |&port| Packet { external: address(index), port }));
    all.collect()
}

/// The target that a packet finds among these rows: that of the largest priority.
pub(crate) fn shown(rows: &[DeviceRow], packet: Packet) -> Option<Target> {
    let here = rows.iter().filter(|row| packet.is_of(&row.slot));
    here.max_by_key(|row| row.priority).map(|row| row.target)
}

/// The mappings' target for a packet.
pub(crate) fn target_of(mappings: &[Mapping], packet: Packet) -> Option<Target> {
    mappings.iter().find(|mapping| packet.is_of(&mapping.slot)).map(|mapping| mapping.target)
}

pub(crate) fn address(index: usize) -> ExternalAddr {
    match index {
        0 => Ipv4Addr::new(203, 0, 113, 7).into(),
        1 => Ipv4Addr::new(203, 0, 113, 8).into(),
        _ => Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 7).into(),
    }
}

pub(crate) fn target(index: usize) -> Target {
    let last = index as u8;
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1 + index as u16),
        inner_mac: MacAddr([0xa8, 0x40, 0x25, 0xf0, 0, last]),
        vni: vni(index % 2),
    }
}

pub(crate) fn vni(index: usize) -> Vni {
    // Both fit.
    Vni::new(100 + index as u32).unwrap_or_else(|_| target(0).vni)
}

/// The name of a group that clients fight over.
pub(crate) fn name(random: &mut Random) -> GroupName {
    let name = random.pick(&NAMES).copied().unwrap_or_default();
    GroupName::new(name).unwrap_or_else(|_| GroupName::ungrouped())
}

pub(crate) fn any_target(random: &mut Random) -> Target {
    target(random.below(TARGETS))
}

pub(crate) fn any_slot(random: &mut Random) -> Slot {
    let first = random.below(CUTS.len());
    let last =
        (first + random.weighted(&[(6, 0), (3, 1), (2, 2), (1, CUTS.len())])).min(CUTS.len() - 1);
    slot(random.below(ADDRESSES), first, last)
}

pub(crate) fn any_packet(random: &mut Random) -> Packet {
    let packets = packets();
    let fallback = Packet { external: address(0), port: 0 };
    random.pick(&packets).copied().unwrap_or(fallback)
}

/// A set of mappings that makes a random part of this world's ports its own.
pub(crate) fn any_set(random: &mut Random, most: usize) -> Vec<Mapping> {
    let mut set: Vec<Mapping> = Vec::new();
    for _ in 0..random.below(most + 1) {
        let slot = any_slot(random);
        if !set.iter().any(|mapping| mapping.slot.overlaps(&slot)) {
            set.push(Mapping { slot, target: any_target(random) });
        }
    }
    set
}

/// The set after a few changes: ranges that come, go, get another target, are cut, merged, shifted.
pub(crate) fn mutated(mut set: Vec<Mapping>, random: &mut Random) -> Vec<Mapping> {
    for _ in 0..1 + random.below(3) {
        let index = random.below(set.len());
        match random.below(5) {
            0 if !set.is_empty() => {
                set.remove(index);
            }
            1 if !set.is_empty() => set[index].target = any_target(random),
            2 if set.len() > 1 => {
                let other = random.below(set.len());
                let target = set[index].target;
                set[index].target = set[other].target;
                set[other].target = target;
            }
            _ => {
                // Whatever is in the way of it goes.
                let slot = any_slot(random);
                set.retain(|mapping| !mapping.slot.overlaps(&slot));
                set.push(Mapping { slot, target: any_target(random) });
            }
        }
    }
    set
}

/// As an owner asks for it. Those that overlap others are left out: there are none.
pub(crate) fn sorted(set: &[Mapping]) -> SortedMappings {
    SortedMappings::new(set.to_vec()).unwrap_or_default()
}

/// From one cut to the end of another.
fn slot(index: usize, first: usize, last: usize) -> Slot {
    let ports = PortRange::new(CUTS[first], end_of(last)).unwrap_or(PortRange::ALL);
    Slot::new(address(index), ports)
}

fn end_of(cut: usize) -> u16 {
    CUTS.get(cut + 1).map_or(u16::MAX, |next| next - 1)
}
