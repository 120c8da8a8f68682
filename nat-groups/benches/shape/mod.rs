//! Mappings of the shape that a rack has, in any number.

use nat_groups::{
    Adopt, Applied, Capacity, Decision, Ensure, Generation, GroupName, Limits, MacAddr, Mapping,
    PerFamily, PortRange, Scope, Slot, SortedMappings, Stamp, Store, Target, Vni, one_row, plan,
};
use std::net::{Ipv4Addr, Ipv6Addr};

/// Room for everything.
pub const CAPACITY: Capacity =
    Capacity { size_rows: PerFamily { v4: 10_000_000, v6: 10_000_000 }, has_priorities: true };

/// The mapping of a number: every other one IPv6, four chunks of 16384 ports to an address.
pub fn mapping(index: u32) -> Mapping {
    Mapping { slot: slot(index), target: target(index) }
}

fn slot(index: u32) -> Slot {
    let (half, address) = (index / 2, index / 8);
    let low = (half % 4) as u16 * 16384;
    let ports = PortRange::new(low, low + 16383).unwrap();
    if index.is_multiple_of(2) {
        Slot::new(Ipv4Addr::from_bits(0x0a00_0000 + address), ports)
    } else {
        Slot::new(Ipv6Addr::from_bits((0x2001_0db8 << 96) + u128::from(address)), ports)
    }
}

/// One of many targets.
pub fn target(number: u32) -> Target {
    let [_, a, b, c] = number.to_be_bytes();
    Target {
        internal_ip: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x101, 0, 0, b.into(), c.into()),
        inner_mac: MacAddr([0xa8, 0x40, 0x25, a, b, c]),
        vni: Vni::new(100).unwrap(),
    }
}

/// The mappings of these numbers, in slot order.
pub fn sorted(indices: impl IntoIterator<Item = u32>) -> Vec<Mapping> {
    let mut mappings: Vec<Mapping> = indices.into_iter().map(mapping).collect();
    mappings.sort_unstable_by_key(|mapping| mapping.slot);
    mappings
}

/// The name of a number.
pub fn group(number: u32) -> GroupName {
    GroupName::new(&format!("group-{number}")).unwrap()
}

/// A stamp as requests bring it.
pub fn stamp() -> Stamp {
    Stamp { unix_micros: 1, request_id: "2f7d3a52-6a0e-4a5e-9d4c-3f2b1a0c9d8e".into() }
}

/// An ensure of nothing but a set.
pub fn ensure(group: GroupName, generation: u64, mappings: Vec<Mapping>) -> Ensure {
    Ensure {
        group,
        generation: Generation::new(generation).unwrap(),
        mappings: SortedMappings::new(mappings).unwrap(),
        adopt: Adopt::Identical,
        reserve: None,
        max_removals: None,
        allow_empty: false,
    }
}

/// A store and what of it is programmed.
#[derive(Clone)]
pub struct World {
    /// The store.
    pub store: Store,
    /// What is programmed.
    pub applied: Applied,
}

impl World {
    /// Nothing at all.
    pub fn empty() -> Self {
        let store = Store::new(Limits::default(), one_row, stamp());
        Self { applied: Applied::empty(store.clone()), store }
    }

    /// Plans the decision and takes it as performed.
    pub fn settled(&self, decision: Decision) -> Self {
        let Decision { next, touched, outcomes: _ } = decision;
        let plan = plan(&self.applied, &next, Scope::Groups(&touched), &CAPACITY).unwrap();
        Self { applied: self.applied.settled(&plan, &next), store: next }
    }

    /// Ensures a group.
    pub fn ensured(&self, ensure: Ensure) -> Self {
        self.settled(self.store.ensure(&[ensure], &stamp()).unwrap())
    }
}
