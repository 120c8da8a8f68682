//! What the group holds, generation by generation.

use super::network::{EXTERNAL_V4, EXTERNAL_V6, SLEDS, VNI};
use serde::Serialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::RangeInclusive;

/// The ports of the service that is watched.
pub(crate) const SERVICE: RangeInclusive<u16> = 8000..=8191;

/// How many other external addresses of each family the group has.
const OTHERS: u16 = 8;

/// An entry as the daemon takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Entry {
    pub(crate) external: IpAddr,
    pub(crate) low: u16,
    pub(crate) high: u16,
    pub(crate) target: Target,
}

/// Where an entry's packets go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Target {
    pub(crate) internal_ip: Ipv6Addr,
    pub(crate) inner_mac: Mac,
    pub(crate) vni: u32,
}

/// A MAC address as the daemon takes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Mac {
    pub(crate) a: [u8; 6],
}

/// The group's set at a generation. The service that is watched is the same in all of them, on the
/// given sled; below and above it, and at other addresses, ranges are cut anew and change their
/// sleds each time.
pub(crate) fn entries(generation: u64, service_sled: usize) -> Vec<Entry> {
    let mut entries = Vec::new();
    for external in [IpAddr::V4(EXTERNAL_V4), IpAddr::V6(EXTERNAL_V6)] {
        entries.push(entry(external, SERVICE, service_sled));
        let below = 0..=*SERVICE.start() - 1;
        let above = *SERVICE.end() + 1..=u16::MAX;
        for (ranges, shift) in [(cut(below, generation), 0), (cut(above, generation + 2), 1)] {
            for (place, range) in (shift..).zip(ranges) {
                entries.push(entry(external, range, sled_at(generation + place)));
            }
        }
    }
    for other in 0..OTHERS {
        for external in others(other) {
            let ranges = cut(0..=u16::MAX, generation + u64::from(other));
            for (place, range) in (0..).zip(ranges) {
                entries.push(entry(
                    external,
                    range,
                    sled_at(generation + u64::from(other) + place),
                ));
            }
        }
    }
    entries
}

/// The service's own entries, for the given sled.
pub(crate) fn service(sled: usize) -> [Entry; 2] {
    [IpAddr::V4(EXTERNAL_V4), IpAddr::V6(EXTERNAL_V6)]
        .map(|external| entry(external, SERVICE, sled))
}

fn entry(external: IpAddr, range: RangeInclusive<u16>, sled: usize) -> Entry {
    let sled = &SLEDS[sled];
    let inner_mac = Mac { a: sled.inner_mac };
    let target = Target { internal_ip: sled.underlay, inner_mac, vni: VNI };
    Entry { external, low: *range.start(), high: *range.end(), target }
}

fn sled_at(number: u64) -> usize {
    usize::from(number % 2 == 1)
}

/// Cuts a range into two to five pieces, elsewhere in each generation.
fn cut(range: RangeInclusive<u16>, generation: u64) -> Vec<RangeInclusive<u16>> {
    let (low, high) = (u64::from(*range.start()), u64::from(*range.end()));
    let pieces = 2 + generation % 4;
    let width = (high - low + 1) / pieces;
    let shift = generation * 37 % (width / 2);
    let bounds = (1..pieces).map(|piece| low + piece * width - shift);
    let starts = std::iter::once(low).chain(bounds.clone());
    let ends = bounds.map(|bound| bound - 1).chain(std::iter::once(high));
    // All within the range of ports that was given.
    starts.zip(ends).map(|(start, end)| start as u16..=end as u16).collect()
}

fn others(number: u16) -> [IpAddr; 2] {
    let [a, b, c, _] = EXTERNAL_V4.octets();
    let mut segments = EXTERNAL_V6.segments();
    segments[7] = 0x100 + number;
    [Ipv4Addr::new(a, b, c, 100 + number as u8).into(), Ipv6Addr::from(segments).into()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn each_generation_covers_every_port_once_and_leaves_the_service_alone() {
        for generation in 1..500 {
            let mut by_address: BTreeMap<IpAddr, Vec<Entry>> = BTreeMap::new();
            for entry in entries(generation, 0) {
                by_address.entry(entry.external).or_default().push(entry);
            }
            assert_eq!(by_address.len(), 2 + 2 * usize::from(OTHERS));
            for (external, mut entries) in by_address {
                entries.sort_by_key(|entry| entry.low);
                let ends =
                    entries.iter().map(|entry| (u32::from(entry.low), u32::from(entry.high)));
                let mut next = 0;
                for (low, high) in ends {
                    assert!(low == next && low <= high, "{external} in generation {generation}");
                    next = high + 1;
                }
                assert_eq!(next, 65_536);
                if [IpAddr::V4(EXTERNAL_V4), IpAddr::V6(EXTERNAL_V6)].contains(&external) {
                    assert!(service(0).iter().any(|service| entries.contains(service)));
                }
            }
        }
    }

    #[test]
    fn each_generation_cuts_other_ranges_than_the_one_before() {
        let slots = |generation| -> Vec<_> {
            entries(generation, 0).iter().map(|it| (it.external, it.low, it.high)).collect()
        };
        for generation in 1..500 {
            assert_ne!(slots(generation), slots(generation + 1));
        }
    }
}
