//! What should exist, and what may.

use nat_groups::MacAddr;
use oxnet::IpNet;
use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

/// Ports, the underlay address, routes and neighbours. Every route leads through a port that is
/// here, and no two ports share a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Forwarding {
    ports: BTreeMap<PortNumber, Port>,
    underlay: Option<Underlay>,
    routes: BTreeMap<IpNet, Route>,
    neighbors: BTreeMap<IpAddr, Neighbor>,
}

/// A port of the switch: 0 to 511, the 9 bits of the program's port type.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortNumber(u16);

/// One port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    /// Its name for clients, as in `qsfp0`.
    pub id: String,
    /// What is behind it.
    pub role: PortRole,
    /// The address that packets are sent from.
    pub mac: MacAddr,
    /// The network interface that it is, where the device has any.
    pub interface: Option<String>,
}

/// What is behind a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PortRole {
    /// The world outside.
    Uplink,
    /// A sled.
    Rear,
}

/// The switch's own address among the sleds, where tunnels begin and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Underlay {
    /// The address.
    pub address: Ipv6Addr,
    /// Whatever the client wants to call it.
    pub tag: String,
}

/// Where packets to a prefix go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    /// The port they leave by.
    pub port: PortNumber,
    /// The neighbour they go to, of the prefix's family; unspecified if that is their destination.
    pub next_hop: IpAddr,
    /// Whatever the client wants to call it.
    pub tag: String,
}

/// A host next to the switch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbor {
    /// Its address on the link.
    pub mac: MacAddr,
    /// Whatever the client wants to call it.
    pub tag: String,
    /// When it was told, in microseconds since 1970.
    pub updated_unix_micros: u64,
}

/// What cannot be part of any [`Forwarding`].
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidForwarding {
    /// Two ports have one number.
    #[error("port {number} is given twice")]
    PortTwice {
        /// The number.
        number: PortNumber,
    },
    /// Two ports have one name.
    #[error("ports {one} and {other} have both the id {id:?}")]
    PortIdTwice {
        /// The name.
        id: String,
        /// The one port.
        one: PortNumber,
        /// The other port.
        other: PortNumber,
    },
    /// A port has a name that no client could write.
    #[error(
        "port {number}: an id is letters, digits and any of -_./, from 1 to 32 of them; {id:?} is none"
    )]
    PortId {
        /// The port.
        number: PortNumber,
        /// The name given.
        id: String,
    },
    /// Two ports are one interface.
    #[error("ports {one} and {other} are both the interface {interface}")]
    InterfaceTwice {
        /// The interface.
        interface: String,
        /// The one port.
        one: PortNumber,
        /// The other port.
        other: PortNumber,
    },
    /// There is no such port.
    #[error("there is no port {port:?}; {}", known_ports(.known))]
    NoSuchPort {
        /// The name or number given.
        port: String,
        /// The names of the ports that there are.
        known: Vec<String>,
    },
    /// A prefix has bits set beyond its length.
    #[error("{cidr} has bits set beyond its length; the prefix is {prefix}")]
    HostBits {
        /// What was given.
        cidr: IpNet,
        /// The prefix that it lies in.
        prefix: IpNet,
    },
    /// A next hop is of the other family.
    #[error("a route to {cidr} cannot have the next hop {next_hop}, which is of the other family")]
    OtherFamily {
        /// The prefix.
        cidr: IpNet,
        /// The next hop.
        next_hop: IpAddr,
    },
    /// An address cannot be that of a host.
    #[error("{address} cannot be {what}: it is {kind}")]
    Address {
        /// What it was given for.
        what: &'static str,
        /// The address.
        address: IpAddr,
        /// What it is instead.
        kind: &'static str,
    },
    /// A MAC address cannot be that of one station.
    #[error("{mac} cannot be the address of {what}: it is {kind}")]
    Mac {
        /// What it was given for.
        what: String,
        /// The address.
        mac: MacAddr,
        /// What it is instead.
        kind: &'static str,
    },
}

impl Forwarding {
    /// Every port, by number.
    pub fn ports(&self) -> impl Iterator<Item = (PortNumber, &Port)> {
        self.ports.iter().map(|(number, port)| (*number, port))
    }

    /// The port of this number.
    pub fn port(&self, number: PortNumber) -> Option<&Port> {
        self.ports.get(&number)
    }

    /// The number of the port that has this name.
    ///
    /// # Errors
    ///
    /// [`InvalidForwarding::NoSuchPort`] if there is none.
    pub fn port_of_id(&self, id: &str) -> Result<PortNumber, InvalidForwarding> {
        let found = self.ports.iter().find(|(_, port)| port.id == id);
        found.map(|(number, _)| *number).ok_or_else(|| self.no_such_port(id))
    }

    /// The switch's address among the sleds.
    pub fn underlay(&self) -> Option<&Underlay> {
        self.underlay.as_ref()
    }

    /// Every route, by prefix, IPv4 first.
    pub fn routes(&self) -> impl Iterator<Item = (IpNet, &Route)> {
        self.routes.iter().map(|(cidr, route)| (*cidr, route))
    }

    /// The route for exactly this prefix.
    pub fn route(&self, cidr: IpNet) -> Option<&Route> {
        self.routes.get(&cidr)
    }

    /// Every neighbour, by address, IPv4 first.
    pub fn neighbors(&self) -> impl Iterator<Item = (IpAddr, &Neighbor)> {
        self.neighbors.iter().map(|(address, neighbor)| (*address, neighbor))
    }

    /// The neighbour of this address.
    pub fn neighbor(&self, address: IpAddr) -> Option<&Neighbor> {
        self.neighbors.get(&address)
    }

    /// Adds a port.
    ///
    /// # Errors
    ///
    /// If its number, its name or its interface is another's, or its name or its MAC address is
    /// none.
    pub fn insert_port(&mut self, number: PortNumber, port: Port) -> Result<(), InvalidForwarding> {
        if self.ports.contains_key(&number) {
            return Err(InvalidForwarding::PortTwice { number });
        }
        if !is_port_id(&port.id) {
            return Err(InvalidForwarding::PortId { number, id: port.id });
        }
        for (other, existing) in &self.ports {
            let (one, other) = (*other, number);
            if existing.id == port.id {
                return Err(InvalidForwarding::PortIdTwice { id: port.id, one, other });
            }
            if let Some(interface) = port.interface.as_ref()
                && existing.interface.as_ref() == Some(interface)
            {
                let interface = interface.clone();
                return Err(InvalidForwarding::InterfaceTwice { interface, one, other });
            }
        }
        check_mac(&format!("port {number}"), port.mac)?;
        self.ports.insert(number, port);
        Ok(())
    }

    /// Gives the switch an address among the sleds, in place of any other.
    ///
    /// # Errors
    ///
    /// If it cannot be the address of a host.
    pub fn replace_underlay(
        &mut self,
        underlay: Option<Underlay>,
    ) -> Result<(), InvalidForwarding> {
        if let Some(Underlay { address, tag: _ }) = &underlay {
            check_address("the underlay address", (*address).into())?;
        }
        self.underlay = underlay;
        Ok(())
    }

    /// Adds a route, in place of any other for this prefix.
    ///
    /// # Errors
    ///
    /// If the prefix is none, there is no such port, or the next hop cannot be one.
    pub fn replace_route(&mut self, cidr: IpNet, route: Route) -> Result<(), InvalidForwarding> {
        check_prefix(cidr)?;
        let Route { port, next_hop, tag: _ } = route;
        if cidr.is_ipv4() != next_hop.is_ipv4() {
            return Err(InvalidForwarding::OtherFamily { cidr, next_hop });
        }
        if !next_hop.is_unspecified() {
            check_address("a next hop", next_hop)?;
        }
        if !self.ports.contains_key(&port) {
            return Err(self.no_such_port(&port.to_string()));
        }
        self.routes.insert(cidr, route);
        Ok(())
    }

    /// Takes a route away; whether there was one.
    pub fn remove_route(&mut self, cidr: IpNet) -> bool {
        self.routes.remove(&cidr).is_some()
    }

    /// Adds a neighbour, in place of any other of this address.
    ///
    /// # Errors
    ///
    /// If one of its addresses cannot be a host's.
    pub fn replace_neighbor(
        &mut self,
        address: IpAddr,
        neighbor: Neighbor,
    ) -> Result<(), InvalidForwarding> {
        check_address("a neighbour's address", address)?;
        check_mac(&format!("neighbour {address}"), neighbor.mac)?;
        self.neighbors.insert(address, neighbor);
        Ok(())
    }

    /// Takes the neighbours for which this is not so away; how many there were.
    pub fn retain_neighbors(&mut self, keep: impl Fn(IpAddr) -> bool) -> usize {
        let before = self.neighbors.len();
        self.neighbors.retain(|address, _| keep(*address));
        before - self.neighbors.len()
    }

    fn no_such_port(&self, port: &str) -> InvalidForwarding {
        let known = self.ports.values().map(|port| port.id.clone()).collect();
        InvalidForwarding::NoSuchPort { port: port.to_owned(), known }
    }
}

impl PortNumber {
    /// The largest number.
    pub const MAX: u16 = 511;

    /// A port's number.
    ///
    /// # Errors
    ///
    /// If it has more than 9 bits.
    pub fn new(number: u64) -> Result<Self, InvalidPortNumber> {
        match u16::try_from(number) {
            Ok(small) if small <= Self::MAX => Ok(Self(small)),
            _ => Err(InvalidPortNumber { number }),
        }
    }

    /// The number.
    pub const fn get(self) -> u16 {
        self.0
    }

    /// The MAC address of a port that was given none: locally administered, the same for the same
    /// number always.
    pub const fn default_mac(self) -> MacAddr {
        let [high, low] = self.0.to_be_bytes();
        MacAddr([0x02, 0xd9, 0xd0, 0x00, high, low])
    }
}

impl PortRole {
    /// The name of a port of this role and number, unless it is given another.
    pub fn default_id(self, number: PortNumber) -> String {
        match self {
            PortRole::Uplink => format!("qsfp{number}"),
            PortRole::Rear => format!("rear{number}"),
        }
    }

    /// As it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            PortRole::Uplink => "uplink",
            PortRole::Rear => "rear",
        }
    }
}

/// More than 9 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there is no port {number}; ports are numbered from 0 to {max}", max = PortNumber::MAX)]
pub struct InvalidPortNumber {
    number: u64,
}

/// A text that is no role.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{text:?} is not a role of a port: it is `uplink` or `rear`")]
pub struct UnknownPortRole {
    text: String,
}

impl FromStr for PortRole {
    type Err = UnknownPortRole;

    fn from_str(text: &str) -> Result<Self, UnknownPortRole> {
        let roles = [PortRole::Uplink, PortRole::Rear];
        let found = roles.into_iter().find(|role| role.as_str() == text);
        found.ok_or_else(|| UnknownPortRole { text: text.to_owned() })
    }
}

impl fmt::Display for PortRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for PortNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

fn is_port_id(id: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    (1..=32).contains(&id.len()) && id.bytes().all(allowed)
}

fn known_ports(known: &[String]) -> String {
    match known {
        [] => "dpd was given none (`--port`)".to_owned(),
        known => format!("there are {}", known.join(", ")),
    }
}

fn check_prefix(cidr: IpNet) -> Result<(), InvalidForwarding> {
    let prefix = IpNet::new_unchecked(cidr.prefix(), cidr.width());
    if prefix == cidr { Ok(()) } else { Err(InvalidForwarding::HostBits { cidr, prefix }) }
}

fn check_address(what: &'static str, address: IpAddr) -> Result<(), InvalidForwarding> {
    let kind = match address {
        _ if address.is_unspecified() => "unspecified",
        _ if address.is_loopback() => "a loopback address",
        _ if address.is_multicast() => "a multicast address",
        IpAddr::V4(address) if address.is_broadcast() => "the broadcast address",
        IpAddr::V6(address) if address.to_ipv4_mapped().is_some() => "an IPv4-mapped address",
        IpAddr::V4(_) | IpAddr::V6(_) => return Ok(()),
    };
    Err(InvalidForwarding::Address { what, address, kind })
}

fn check_mac(what: &str, mac: MacAddr) -> Result<(), InvalidForwarding> {
    let kind = match mac {
        MacAddr([0, 0, 0, 0, 0, 0]) => "zero",
        MacAddr([first, ..]) if first & 1 == 1 => "a group address",
        MacAddr(_) => return Ok(()),
    };
    Err(InvalidForwarding::Mac { what: what.to_owned(), mac, kind })
}
