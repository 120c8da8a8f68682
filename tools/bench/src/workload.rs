//! What should exist, and how it changes: made up, but the same for the same seed.

use dpd_types::{MacAddr, NatEntry, NatTarget};
use rand::rngs::Xoshiro256PlusPlus;
use rand::seq::{SliceRandom as _, index};
use rand::{RngExt as _, SeedableRng as _};
use std::net::{Ipv4Addr, Ipv6Addr};

/// A set of instances with a floating address each: all ports of one external IPv4 address go to
/// the sled on which the instance runs. The set is kept in the order of its addresses.
#[derive(Clone, Debug)]
pub(crate) struct Workload {
    entries: Vec<NatEntry>,
    next_address: u32,
    random: Xoshiro256PlusPlus,
}

impl Workload {
    /// `count` instances. Workloads of different `pool`s, 0 to 15, share no address.
    pub(crate) fn instances(pool: u8, count: u32, seed: u64) -> Self {
        let first = POOLS + u32::from(pool) * POOL_ADDRESSES;
        let mut workload = Self {
            entries: Vec::with_capacity(count as usize),
            next_address: first,
            random: Xoshiro256PlusPlus::seed_from_u64(seed.wrapping_add(u64::from(pool))),
        };
        for _ in 0..count {
            workload.start();
        }
        workload
    }

    /// What should exist now.
    pub(crate) fn entries(&self) -> &[NatEntry] {
        &self.entries
    }

    /// The same in no order.
    pub(crate) fn shuffled(&mut self) -> Vec<NatEntry> {
        let mut entries = self.entries.clone();
        entries.shuffle(&mut self.random);
        entries
    }

    /// Changes one entry in a hundred, at least one, and says how many. Every other one moves to
    /// another sled, the rest give way to others on addresses not used before.
    pub(crate) fn change_one_percent(&mut self) -> u64 {
        let changes = (self.entries.len() / 100).max(1);
        let chosen = index::sample(&mut self.random, self.entries.len(), changes).into_vec();
        let (moved, stopped) = chosen.split_at(changes.div_ceil(2));
        for &index in moved {
            self.entries[index].target = self.another_target(self.entries[index].target);
        }
        // From the last, so that the positions of the others hold.
        let mut stopped = stopped.to_vec();
        stopped.sort_unstable_by(|a, b| b.cmp(a));
        for index in stopped {
            self.entries.remove(index);
            self.start();
        }
        changes as u64
    }

    /// An instance more, on the next address.
    fn start(&mut self) {
        let target = self.target();
        let external = Ipv4Addr::from_bits(self.next_address).into();
        self.next_address += 1;
        self.entries.push(NatEntry { external, low: 0, high: u16::MAX, target });
    }

    fn another_target(&mut self, old: NatTarget) -> NatTarget {
        loop {
            let new = NatTarget { vni: old.vni, inner_mac: old.inner_mac, ..self.target() };
            if new != old {
                return new;
            }
        }
    }

    /// A network interface on one of a rack's sleds, in one of its virtual networks.
    fn target(&mut self) -> NatTarget {
        let sled = self.random.random_range(0..SLEDS);
        let [a, b, c] = self.random.random::<[u8; 3]>();
        NatTarget {
            internal_ip: Ipv6Addr::new(0xfd00, 0x1122, 0x3344, 0x101 + sled, 0, 0, 0, 1),
            inner_mac: MacAddr { a: [0xa8, 0x40, 0x25, 0xf0 | (a & 0xf), b, c] },
            vni: self.random.random_range(FIRST_VNI..1 << 24),
        }
    }
}

/// The sleds of a rack; each has a /64 of its own.
const SLEDS: u16 = 32;
/// The identifiers of instances' virtual networks begin above those of the system.
const FIRST_VNI: u32 = 1024;
/// Where external addresses are taken from: 10.0.0.0/8.
const POOLS: u32 = 0x0a00_0000;
const POOL_ADDRESSES: u32 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::net::IpAddr;

    fn by_address(workload: &Workload) -> BTreeMap<IpAddr, NatTarget> {
        workload.entries().iter().map(|entry| (entry.external, entry.target)).collect()
    }

    #[test]
    fn the_same_seed_makes_the_same_entries_and_changes() {
        let made = |seed| {
            let mut workload = Workload::instances(0, 500, seed);
            workload.change_one_percent();
            workload.entries
        };
        assert_eq!(made(7), made(7));
        assert_ne!(made(7), made(8));
    }

    #[test]
    fn pools_share_no_address_even_if_all_of_it_changes() {
        let mut one = Workload::instances(3, 100_000, 1);
        for _ in 0..50 {
            one.change_one_percent();
        }
        let other = Workload::instances(4, 1, 1);
        assert!(one.entries().last().unwrap().external < other.entries()[0].external);
    }

    #[test]
    fn shuffled_are_the_same_entries() {
        let mut workload = Workload::instances(0, 100, 1);
        let mut shuffled = workload.shuffled();
        assert_ne!(shuffled, workload.entries());
        shuffled.sort_unstable();
        assert_eq!(shuffled, workload.entries());
    }

    proptest! {
        #[test]
        fn one_percent_changes_and_the_size_and_the_order_stay(count in 1_u32..2000, seed: u64) {
            let mut workload = Workload::instances(1, count, seed);
            let before = by_address(&workload);
            let changes = workload.change_one_percent();
            prop_assert_eq!(changes, u64::from(count / 100).max(1));
            prop_assert!(workload.entries().is_sorted_by(|a, b| a.external < b.external));
            prop_assert_eq!(workload.entries().len(), count as usize);
            let after = by_address(&workload);
            let changed = after.iter().filter(|(at, target)| before.get(at) != Some(target));
            prop_assert_eq!(changed.count() as u64, changes);
        }
    }
}
