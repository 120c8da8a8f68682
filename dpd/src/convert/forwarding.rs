//! Routes, neighbours, the underlay address and ports, in both directions.

use crate::forwarding::{
    Command, Forwarding, InvalidForwarding, Neighbor, Port, PortNumber, PortRole, Route, Underlay,
};
use crate::packets::LinkState;
use asic::{Counter, DropCount, PortCount};
use chrono::{DateTime, SecondsFormat};
use dpd_types::{
    ArpEntry, DropCounter, Ipv4Route, Ipv4RouteUpdate, Ipv4RouteUpdateTarget, Ipv4Routes,
    Ipv6Entry, Ipv6Route, Ipv6RouteUpdate, Ipv6RouteUpdateTarget, Ipv6Routes, PacketCounter,
    PortCounters, PortState, PortView, RouteTarget,
};
use nat_groups::{Family, MacAddr};
use oxnet::IpNet;
use std::net::IpAddr;
use thiserror::Error;

/// Why a body of these operations is not understood.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{path}: {problem}")]
pub struct InvalidForwardingRequest {
    /// Where it stands in the body.
    pub path: &'static str,
    /// What is wrong with it.
    pub problem: ForwardingProblem,
}

/// What is wrong with a value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ForwardingProblem {
    /// It cannot be.
    #[error(transparent)]
    Invalid(#[from] InvalidForwarding),
    /// The neighbour is of the other family.
    #[error("{address} is no {family} address")]
    OtherFamily {
        /// The address.
        address: IpAddr,
        /// What the operation takes.
        family: Family,
    },
    /// The target is of the other family.
    #[error("an {family} prefix needs an {family} next hop here")]
    OtherTarget {
        /// The prefix's family.
        family: Family,
    },
    /// A link that no port has.
    #[error("port {port_id} has no link {link_id}; a port has link 0 alone")]
    Link {
        /// The port.
        port_id: String,
        /// The link.
        link_id: u8,
    },
    /// A VLAN.
    #[error("packets leave without a VLAN tag; leave it out or null instead of {vlan_id}")]
    Vlan {
        /// The VLAN.
        vlan_id: u16,
    },
}

/// The neighbour that a body speaks of.
///
/// # Errors
///
/// If it is of the other family.
pub fn put_neighbor(family: Family, entry: ArpEntry) -> Result<Command, InvalidForwardingRequest> {
    let ArpEntry { ip: address, mac, tag, update: _ } = entry;
    if address.is_ipv4() != (family == Family::V4) {
        let problem = ForwardingProblem::OtherFamily { address, family };
        return Err(InvalidForwardingRequest { path: "ip", problem });
    }
    Ok(Command::PutNeighbor { address, mac: MacAddr(mac.a), tag })
}

/// The IPv4 route that a body speaks of.
///
/// # Errors
///
/// The first value that cannot be.
pub fn set_ipv4_route(
    forwarding: &Forwarding,
    update: Ipv4RouteUpdate,
) -> Result<Command, InvalidForwardingRequest> {
    let Ipv4RouteUpdate { cidr, target, replace } = update;
    let target = match target {
        Ipv4RouteUpdateTarget::Tagged(RouteTarget::V4(target))
        | Ipv4RouteUpdateTarget::Plain(target) => target,
        Ipv4RouteUpdateTarget::Tagged(RouteTarget::V6(_)) => return Err(other_target(Family::V4)),
    };
    let Ipv4Route { port_id, link_id, tgt_ip, tag, vlan_id } = target;
    let route = route(forwarding, port_id, (link_id, vlan_id), tgt_ip.into(), tag)?;
    Ok(Command::SetRoute { cidr: cidr.into(), route, replace })
}

/// The IPv6 route that a body speaks of.
///
/// # Errors
///
/// As for [`set_ipv4_route`].
pub fn set_ipv6_route(
    forwarding: &Forwarding,
    update: Ipv6RouteUpdate,
) -> Result<Command, InvalidForwardingRequest> {
    let Ipv6RouteUpdate { cidr, target, replace } = update;
    let target = match target {
        Ipv6RouteUpdateTarget::Tagged(RouteTarget::V6(target))
        | Ipv6RouteUpdateTarget::Plain(target) => target,
        Ipv6RouteUpdateTarget::Tagged(RouteTarget::V4(_)) => return Err(other_target(Family::V6)),
    };
    let Ipv6Route { port_id, link_id, tgt_ip, tag, vlan_id } = target;
    let route = route(forwarding, port_id, (link_id, vlan_id), tgt_ip.into(), tag)?;
    Ok(Command::SetRoute { cidr: cidr.into(), route, replace })
}

/// The underlay address that a body speaks of.
pub fn add_underlay(Ipv6Entry { tag, addr }: Ipv6Entry) -> Command {
    Command::AddUnderlay(Underlay { address: addr, tag })
}

/// A neighbour on the wire.
pub fn arp_entry(address: IpAddr, neighbor: &Neighbor) -> ArpEntry {
    let Neighbor { mac, tag, updated_unix_micros } = neighbor;
    let micros = i64::try_from(*updated_unix_micros).unwrap_or(i64::MAX);
    let update = DateTime::from_timestamp_micros(micros).unwrap_or(DateTime::UNIX_EPOCH);
    ArpEntry {
        ip: address,
        mac: wire_mac(*mac),
        tag: tag.clone(),
        update: update.to_rfc3339_opts(SecondsFormat::Micros, true),
    }
}

/// An IPv4 route on the wire; `None` if it is an IPv6 one.
pub fn ipv4_routes(cidr: IpNet, route: &Route, port: &Port) -> Option<Ipv4Routes> {
    let IpNet::V4(cidr) = cidr else { return None };
    let Route { port: _, next_hop: IpAddr::V4(tgt_ip), tag } = route else { return None };
    let (port_id, tag) = (port.id.clone(), tag.clone());
    let target = Ipv4Route { port_id, link_id: 0, tgt_ip: *tgt_ip, tag, vlan_id: None };
    Some(Ipv4Routes { cidr, targets: vec![RouteTarget::V4(target)] })
}

/// An IPv6 route on the wire; `None` if it is an IPv4 one.
pub fn ipv6_routes(cidr: IpNet, route: &Route, port: &Port) -> Option<Ipv6Routes> {
    let IpNet::V6(cidr) = cidr else { return None };
    let Route { port: _, next_hop: IpAddr::V6(tgt_ip), tag } = route else { return None };
    let (port_id, tag) = (port.id.clone(), tag.clone());
    let target = Ipv6Route { port_id, link_id: 0, tgt_ip: *tgt_ip, tag, vlan_id: None };
    Some(Ipv6Routes { cidr, targets: vec![target] })
}

/// The underlay address on the wire.
pub fn underlay(Underlay { address, tag }: &Underlay) -> Ipv6Entry {
    Ipv6Entry { tag: tag.clone(), addr: *address }
}

/// A port on the wire, with what is known of its packets.
pub fn port_view(
    number: PortNumber,
    port: &Port,
    link: Option<LinkState>,
    counters: Option<PortCount>,
) -> PortView {
    let Port { id, role, mac, interface } = port;
    PortView {
        port: number.get(),
        port_id: id.clone(),
        role: match role {
            PortRole::Uplink => dpd_types::PortRole::Uplink,
            PortRole::Rear => dpd_types::PortRole::Rear,
        },
        mac: wire_mac(*mac),
        interface: interface.clone(),
        state: link.map(|link| match link {
            LinkState::Up => PortState::Up,
            LinkState::Down => PortState::Down,
            LinkState::Missing => PortState::Missing,
        }),
        counters: counters.map(|counters| PortCounters {
            received: packet_counter(counters.received),
            sent: packet_counter(counters.sent),
        }),
    }
}

/// A reason for drops on the wire.
pub fn drop_counter(DropCount { reason, dropped }: DropCount) -> DropCounter {
    DropCounter { reason, dropped: packet_counter(dropped) }
}

fn packet_counter(Counter { packets, bytes }: Counter) -> PacketCounter {
    PacketCounter { pkts: packets, bytes }
}

fn route(
    forwarding: &Forwarding,
    port_id: String,
    (link_id, vlan_id): (u8, Option<u16>),
    next_hop: IpAddr,
    tag: String,
) -> Result<Route, InvalidForwardingRequest> {
    let invalid = |path, problem| InvalidForwardingRequest { path, problem };
    let port = forwarding
        .port_of_id(&port_id)
        .map_err(|no_such| invalid("target.port_id", no_such.into()))?;
    if link_id != 0 {
        return Err(invalid("target.link_id", ForwardingProblem::Link { port_id, link_id }));
    }
    if let Some(vlan_id) = vlan_id {
        return Err(invalid("target.vlan_id", ForwardingProblem::Vlan { vlan_id }));
    }
    Ok(Route { port, next_hop, tag })
}

fn other_target(family: Family) -> InvalidForwardingRequest {
    InvalidForwardingRequest { path: "target", problem: ForwardingProblem::OtherTarget { family } }
}

fn wire_mac(MacAddr(a): MacAddr) -> dpd_types::MacAddr {
    dpd_types::MacAddr { a }
}
