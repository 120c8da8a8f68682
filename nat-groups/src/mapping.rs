//! A slot with its target, and an owner's list of them.

use crate::slot::Slot;
use crate::target::Target;
use std::fmt;

/// A slot and its target: packets to the slot go to the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Mapping {
    /// Which packets.
    pub slot: Slot,
    /// Where to.
    pub target: Target,
}

impl fmt::Display for Mapping {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} -> {}", self.slot, self.target)
    }
}

/// Mappings in slot order of which no two overlap: a set as an owner asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SortedMappings(Vec<Mapping>);

impl SortedMappings {
    /// Sorts `mappings` and checks that no two overlap.
    ///
    /// The error names every mapping that overlaps one before it in slot order.
    pub fn new(mappings: Vec<Mapping>) -> Result<Self, Vec<Overlap>> {
        if mappings.is_sorted_by(|before, after| before.slot.ends_before(&after.slot)) {
            return Ok(Self(mappings));
        }
        let slots = mappings.iter().map(|mapping| mapping.slot);
        let mut order: Vec<(Slot, usize)> = slots.zip(0..).collect();
        order.sort_unstable();
        let overlaps = overlaps(&order);
        if overlaps.is_empty() {
            Ok(Self(order.into_iter().map(|(_, position)| mappings[position]).collect()))
        } else {
            Err(overlaps)
        }
    }

    /// The mappings, in slot order.
    pub fn as_slice(&self) -> &[Mapping] {
        &self.0
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Two mappings of one list that equal or overlap each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Overlap {
    /// The position in the list of the one that comes first in slot order.
    pub first: usize,
    /// The position in the list of the one that overlaps it.
    pub second: usize,
}

/// The overlaps among slots in order, each with its position in the list: each slot that overlaps
/// one before it, with the one of those that reaches furthest.
fn overlaps(order: &[(Slot, usize)]) -> Vec<Overlap> {
    let mut overlaps = Vec::new();
    let mut furthest: Option<&(Slot, usize)> = None;
    for next in order {
        match furthest {
            Some((before, first)) if before.external == next.0.external => {
                if before.overlaps(&next.0) {
                    overlaps.push(Overlap { first: *first, second: next.1 });
                }
                if next.0.ports.high() > before.ports.high() {
                    furthest = Some(next);
                }
            }
            _ => furthest = Some(next),
        }
    }
    overlaps
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::PortRange;
    use crate::target::{MacAddr, Vni};
    use std::net::Ipv4Addr;

    fn mappings(ranges: &[(u8, u16, u16)]) -> Vec<Mapping> {
        let target = Target {
            internal_ip: "fd00::1".parse().unwrap(),
            inner_mac: MacAddr([0; 6]),
            vni: Vni::new(1).unwrap(),
        };
        let slot = |&(host, low, high): &(u8, u16, u16)| {
            Slot::new(Ipv4Addr::new(192, 0, 2, host), PortRange::new(low, high).unwrap())
        };
        ranges.iter().map(|range| Mapping { slot: slot(range), target }).collect()
    }

    #[rstest::rstest]
    #[case::disjoint(&[(1, 0, 9), (1, 10, 19), (2, 0, 9)], &[])]
    #[case::touching_at_the_last_port(&[(1, 0, 65534), (1, 65535, 65535)], &[])]
    #[case::unsorted_disjoint(&[(2, 0, 9), (1, 10, 19), (1, 0, 9)], &[])]
    #[case::twice_the_same(&[(1, 5, 9), (1, 5, 9)], &[(0, 1)])]
    #[case::unsorted_positions_are_those_given(&[(2, 0, 9), (1, 5, 9), (1, 0, 5)], &[(2, 1)])]
    #[case::nested_ranges_name_the_outer_one(
        &[(1, 0, 100), (1, 10, 20), (1, 30, 40)],
        &[(0, 1), (0, 2)]
    )]
    fn every_overlap_of_a_list_is_named(
        #[case] ranges: &[(u8, u16, u16)],
        #[case] expected: &[(usize, usize)],
    ) {
        let found = match SortedMappings::new(mappings(ranges)) {
            Ok(sorted) => {
                assert!(sorted.as_slice().is_sorted_by_key(|mapping| mapping.slot));
                Vec::new()
            }
            Err(overlaps) => overlaps.iter().map(|o| (o.first, o.second)).collect(),
        };
        assert_eq!(found, expected);
    }
}
