//! An entry of a request, checked.

use dpd_types::{MacAddr, NatEntry, NatTarget};
use nat_groups::{InvalidPortRange, InvalidVni, Mapping, PortRange, Slot, Target, Vni};
use std::net::{IpAddr, Ipv6Addr};
use thiserror::Error;

/// Why an entry's values are not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum EntryProblem {
    /// An external address that no traffic from outside can have.
    #[error("external {address} is {kind}; it has to be a global or private unicast address")]
    External {
        /// The address.
        address: IpAddr,
        /// What it is.
        kind: AddressKind,
    },
    /// The ports are the wrong way round.
    #[error("low {} is above high {}", .0.low, .0.high)]
    Ports(InvalidPortRange),
    /// An internal address that no sled can have.
    #[error("target.internal_ip {address} is {kind}; it has to be a unicast IPv6 address")]
    InternalIp {
        /// The address.
        address: Ipv6Addr,
        /// What it is.
        kind: AddressKind,
    },
    /// A MAC address of many.
    #[error("target.inner_mac {mac} is multicast; it has to be the address of one interface")]
    InnerMac {
        /// The MAC address.
        mac: MacAddr,
    },
    /// A VNI of more than 24 bits.
    #[error("target.vni {} does not fit 24 bits; the greatest is {}", .0.vni, Vni::MAX)]
    Vni(InvalidVni),
}

/// A kind of address that is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say it")]
pub enum AddressKind {
    #[error("the unspecified address")]
    Unspecified,
    #[error("a loopback address")]
    Loopback,
    #[error("a multicast address")]
    Multicast,
    #[error("the broadcast address")]
    Broadcast,
    #[error("a link-local address")]
    LinkLocal,
    #[error("an IPv4-mapped address")]
    Ipv4Mapped,
}

/// The mapping that a group's entry asks for, or every reason why it may not.
pub(super) fn mapping(entry: &NatEntry) -> Result<Mapping, Vec<EntryProblem>> {
    let external = address(entry.external);
    let ports = PortRange::new(entry.low, entry.high).map_err(EntryProblem::Ports);
    let target = target(&entry.target);
    match (external, ports, target) {
        (Ok(external), Ok(ports), Ok(target)) => {
            Ok(Mapping { slot: Slot::new(external, ports), target })
        }
        (external, ports, target) => Err([external.err(), ports.err()]
            .into_iter()
            .flatten()
            .chain(target.err().into_iter().flatten())
            .collect()),
    }
}

/// An external address, if a group's entry may have it.
fn address(address: IpAddr) -> Result<IpAddr, EntryProblem> {
    let (broadcast, link_local, mapped) = match address {
        IpAddr::V4(v4) => (v4.is_broadcast(), v4.is_link_local(), false),
        IpAddr::V6(v6) => (false, v6.is_unicast_link_local(), v6.to_ipv4_mapped().is_some()),
    };
    let kind = [
        (address.is_unspecified(), AddressKind::Unspecified),
        (address.is_loopback(), AddressKind::Loopback),
        (address.is_multicast(), AddressKind::Multicast),
        (broadcast, AddressKind::Broadcast),
        (link_local, AddressKind::LinkLocal),
        (mapped, AddressKind::Ipv4Mapped),
    ];
    match kind.into_iter().find(|(is, _)| *is) {
        Some((_, kind)) => Err(EntryProblem::External { address, kind }),
        None => Ok(address),
    }
}

/// A target, if a group's entry may have it, or every reason why it may not.
fn target(wire: &NatTarget) -> Result<Target, Vec<EntryProblem>> {
    let NatTarget { internal_ip, inner_mac, vni: _ } = *wire;
    let kind = [
        (internal_ip.is_unspecified(), AddressKind::Unspecified),
        (internal_ip.is_loopback(), AddressKind::Loopback),
        (internal_ip.is_multicast(), AddressKind::Multicast),
        (internal_ip.to_ipv4_mapped().is_some(), AddressKind::Ipv4Mapped),
    ];
    let ip = kind
        .into_iter()
        .find(|(is, _)| *is)
        .map(|(_, kind)| EntryProblem::InternalIp { address: internal_ip, kind });
    // The lowest bit of the first octet tells group from individual addresses (IEEE 802).
    let mac = (inner_mac.a[0] & 1 == 1).then_some(EntryProblem::InnerMac { mac: inner_mac });
    match (unchecked_target(wire), ip, mac) {
        (Ok(target), None, None) => Ok(target),
        (target, ip, mac) => Err([ip, mac, target.err()].into_iter().flatten().collect()),
    }
}

/// A target of a per-entry operation: of those no more is asked than that it can be programmed.
pub fn unchecked_target(wire: &NatTarget) -> Result<Target, EntryProblem> {
    let NatTarget { internal_ip, inner_mac, vni } = *wire;
    let vni = Vni::new(vni).map_err(EntryProblem::Vni)?;
    Ok(Target { internal_ip, inner_mac: nat_groups::MacAddr(inner_mac.a), vni })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn entry() -> NatEntry {
        NatEntry {
            external: "203.0.113.7".parse().unwrap(),
            low: 0,
            high: 16383,
            target: NatTarget {
                internal_ip: "fd00:1122:3344:101::1".parse().unwrap(),
                inner_mac: MacAddr { a: [0xa8, 0x40, 0x25, 0xff, 0, 1] },
                vni: 100,
            },
        }
    }

    #[test]
    fn a_good_entry_is_taken() {
        assert!(mapping(&entry()).is_ok());
    }

    #[rstest]
    #[case("0.0.0.0", "unspecified")]
    #[case("127.0.0.1", "loopback")]
    #[case("224.0.0.1", "multicast")]
    #[case("255.255.255.255", "broadcast")]
    #[case("169.254.1.1", "link-local")]
    #[case("::", "unspecified")]
    #[case("::1", "loopback")]
    #[case("ff02::1", "multicast")]
    #[case("fe80::1", "link-local")]
    #[case("::ffff:203.0.113.7", "IPv4-mapped")]
    fn an_external_address_that_cannot_be_is_refused_by_kind(
        #[case] external: IpAddr,
        #[case] kind: &str,
    ) {
        let problems = mapping(&NatEntry { external, ..entry() }).unwrap_err();
        assert_eq!(problems.len(), 1);
        let words = problems[0].to_string();
        assert!(words.contains(kind) && words.contains(&external.to_string()), "{words}");
    }

    #[rstest]
    #[case("::", "unspecified")]
    #[case("::1", "loopback")]
    #[case("ff02::1", "multicast")]
    #[case("::ffff:203.0.113.7", "IPv4-mapped")]
    fn an_internal_address_that_cannot_be_is_refused_by_kind(
        #[case] internal_ip: Ipv6Addr,
        #[case] kind: &str,
    ) {
        let mut entry = entry();
        entry.target.internal_ip = internal_ip;
        let words = mapping(&entry).unwrap_err()[0].to_string();
        assert!(words.contains(kind), "{words}");
    }

    #[test]
    fn every_reason_is_given() {
        let problems = mapping(&NatEntry {
            external: "224.0.0.1".parse().unwrap(),
            low: 10,
            high: 9,
            target: NatTarget {
                internal_ip: Ipv6Addr::LOCALHOST,
                inner_mac: MacAddr { a: [1, 0, 0, 0, 0, 0] },
                vni: 1 << 24,
            },
        })
        .unwrap_err();
        assert_eq!(problems.len(), 5, "{problems:?}");
    }

    #[test]
    fn a_per_entry_target_is_only_checked_for_its_width() {
        let target = NatTarget {
            internal_ip: Ipv6Addr::UNSPECIFIED,
            inner_mac: MacAddr { a: [0xff; 6] },
            vni: Vni::MAX,
        };
        assert!(unchecked_target(&target).is_ok());
        assert!(unchecked_target(&NatTarget { vni: 1 << 24, ..target }).is_err());
    }
}
