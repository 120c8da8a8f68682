//! The key of a mapping: an external address and a range of L4 ports.

use crate::family::Family;
use std::cmp::Ordering;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use thiserror::Error;

/// An inclusive range of L4 ports, `low <= high` by construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    low: u16,
    high: u16,
}

impl PortRange {
    /// Every port, 0 to 65535.
    pub const ALL: PortRange = PortRange { low: 0, high: u16::MAX };

    /// The ports from `low` to `high`, both included.
    pub fn new(low: u16, high: u16) -> Result<Self, InvalidPortRange> {
        if low <= high { Ok(Self { low, high }) } else { Err(InvalidPortRange { low, high }) }
    }

    /// One port.
    pub fn single(port: u16) -> Self {
        Self { low: port, high: port }
    }

    /// The first port.
    pub fn low(self) -> u16 {
        self.low
    }

    /// The last port.
    pub fn high(self) -> u16 {
        self.high
    }

    /// Whether `port` lies in the range.
    pub fn contains(self, port: u16) -> bool {
        self.low <= port && port <= self.high
    }

    /// Whether the two ranges share a port.
    pub fn overlaps(self, other: PortRange) -> bool {
        self.low <= other.high && other.low <= self.high
    }
}

impl fmt::Display for PortRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.low, self.high)
    }
}

/// A port range the wrong way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the first port, {low}, is above the last, {high}")]
pub struct InvalidPortRange {
    /// The port given as the first.
    pub low: u16,
    /// The port given as the last.
    pub high: u16,
}

/// An external address. IPv4 sorts before IPv6, then by value.
///
/// Held as 16 octets, an IPv4 address in the last four: one form for both families, which is also
/// the form that enters the digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ExternalAddr {
    family: Family,
    octets: [u8; 16],
}

impl ExternalAddr {
    /// Its family.
    pub fn family(self) -> Family {
        self.family
    }

    /// Its 16 octets; those of an IPv4 address are the last four, the others zero.
    pub fn octets(self) -> [u8; 16] {
        self.octets
    }

    /// The lowest address of a family.
    pub fn lowest(family: Family) -> Self {
        Self { family, octets: [0; 16] }
    }
}

/// The order that could be derived, in numbers instead of octets: maps of slots compare a lot.
impl Ord for ExternalAddr {
    fn cmp(&self, other: &Self) -> Ordering {
        let number = |addr: &Self| u128::from_be_bytes(addr.octets);
        self.family.cmp(&other.family).then_with(|| number(self).cmp(&number(other)))
    }
}

impl PartialOrd for ExternalAddr {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl From<IpAddr> for ExternalAddr {
    fn from(addr: IpAddr) -> Self {
        match addr {
            IpAddr::V4(v4) => v4.into(),
            IpAddr::V6(v6) => v6.into(),
        }
    }
}

impl From<Ipv4Addr> for ExternalAddr {
    fn from(addr: Ipv4Addr) -> Self {
        let octets = u128::from(u32::from(addr)).to_be_bytes();
        Self { family: Family::V4, octets }
    }
}

impl From<Ipv6Addr> for ExternalAddr {
    fn from(addr: Ipv6Addr) -> Self {
        Self { family: Family::V6, octets: addr.octets() }
    }
}

impl From<ExternalAddr> for IpAddr {
    fn from(addr: ExternalAddr) -> Self {
        match addr.family {
            Family::V4 => {
                let [.., a, b, c, d] = addr.octets;
                IpAddr::V4(Ipv4Addr::new(a, b, c, d))
            }
            Family::V6 => IpAddr::V6(Ipv6Addr::from(addr.octets)),
        }
    }
}

impl fmt::Display for ExternalAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        IpAddr::from(*self).fmt(f)
    }
}

impl fmt::Debug for ExternalAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The key of a mapping, and its match key in the switch. Slots sort by family, address, first
/// port, last port.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot {
    /// The external address.
    pub external: ExternalAddr,
    /// The ports of that address.
    pub ports: PortRange,
}

impl Slot {
    /// The slot of these ports of this address.
    pub fn new(external: impl Into<ExternalAddr>, ports: PortRange) -> Self {
        Self { external: external.into(), ports }
    }

    /// The family of its address.
    pub fn family(&self) -> Family {
        self.external.family()
    }

    /// Whether a packet can match both.
    pub fn overlaps(&self, other: &Slot) -> bool {
        self.external == other.external && self.ports.overlaps(other.ports)
    }

    /// Whether it sorts before `other` without overlapping it.
    pub(crate) fn ends_before(&self, other: &Slot) -> bool {
        match self.external.cmp(&other.external) {
            Ordering::Less => true,
            Ordering::Equal => self.ports.high < other.ports.low,
            Ordering::Greater => false,
        }
    }

    /// The least slot of an address; no slot of that address sorts before it.
    pub fn first_of(external: ExternalAddr) -> Self {
        Self::first_from(external, 0)
    }

    /// The least slot of an address that begins at or above `port`.
    pub fn first_from(external: ExternalAddr, port: u16) -> Self {
        Self { external, ports: PortRange::single(port) }
    }

    /// The greatest slot of an address that begins at or below `port`.
    pub fn last_from(external: ExternalAddr, port: u16) -> Self {
        Self { external, ports: PortRange { low: port, high: u16::MAX } }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ports {}", self.external, self.ports)
    }
}

impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.external, self.ports)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(external: &str, low: u16, high: u16) -> Slot {
        let external: IpAddr = external.parse().unwrap();
        Slot::new(external, PortRange::new(low, high).unwrap())
    }

    #[rstest::rstest]
    #[case::apart((0, 9), (10, 19), false)]
    #[case::at_one_port((0, 10), (10, 19), true)]
    #[case::inside((0, 65535), (10, 19), true)]
    #[case::at_the_last_port((65535, 65535), (0, 65535), true)]
    #[case::below_the_last_port((65535, 65535), (0, 65534), false)]
    fn slots_overlap_if_they_share_a_port_of_one_address(
        #[case] one: (u16, u16),
        #[case] other: (u16, u16),
        #[case] overlap: bool,
    ) {
        let [here, there] = [one, other].map(|(low, high)| slot("192.0.2.1", low, high));
        assert_eq!((here.overlaps(&there), there.overlaps(&here)), (overlap, overlap));
        assert!(!here.overlaps(&slot("192.0.2.2", other.0, other.1)));
        assert!(!here.overlaps(&slot("::c000:201", other.0, other.1)));
    }

    #[test]
    fn a_port_range_does_not_run_backwards() {
        assert_eq!(PortRange::new(2, 1), Err(InvalidPortRange { low: 2, high: 1 }));
    }

    #[test]
    fn slots_sort_by_family_address_first_and_last_port() {
        let in_order = [
            slot("0.0.0.1", 5, 6),
            slot("10.0.0.1", 0, 65535),
            slot("203.0.113.7", 0, 1),
            slot("203.0.113.7", 0, 2),
            slot("203.0.113.7", 1, 1),
            slot("::1", 0, 0),
            slot("::100", 0, 0),
            slot("2001:db8::1", 0, 0),
            slot("ff00::", 0, 0),
        ];
        assert!(in_order.is_sorted_by(|a, b| a < b));
        for here in in_order {
            assert_eq!(here.cmp(&here), Ordering::Equal);
            assert_eq!(IpAddr::from(here.external).to_string(), here.external.to_string());
        }
    }
}
