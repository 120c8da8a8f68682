//! Routes and neighbours: what clients ask of them, and what is to become of that.

use crate::model::World;
use crate::random::Random;
use dpd::forwarding::{
    Command, Forwarding, InvalidForwarding, Port, PortNumber, PortRole, Refusal, Route,
};
use nat_groups::{Family, MacAddr};
use oxnet::IpNet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Why a command is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RouteRule {
    Invalid,
    RouteExists,
    NoSuchRoute,
    NoSuchNeighbor,
    Underlay,
}

impl RouteRule {
    pub(crate) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::Invalid(_) => RouteRule::Invalid,
            Refusal::RouteExists { .. } => RouteRule::RouteExists,
            Refusal::NoSuchRoute { .. } => RouteRule::NoSuchRoute,
            Refusal::NoSuchNeighbor { .. } => RouteRule::NoSuchNeighbor,
            Refusal::UnderlayExists { .. } | Refusal::NoSuchUnderlay { .. } => RouteRule::Underlay,
        }
    }
}

impl World {
    /// What is to become of a command: all that exists then.
    pub(crate) fn judge_routes(&self, command: &Command) -> Result<World, RouteRule> {
        let mut next = self.clone();
        match command {
            Command::SetRoute { cidr, route, replace } => {
                let target = |route: &Route| (route.port, route.next_hop);
                let is_other =
                    |(known, it): &(IpNet, Route)| known == cidr && target(it) != target(route);
                if self.routes.iter().any(is_other) && !replace {
                    return Err(RouteRule::RouteExists);
                }
                next.routes.retain(|(known, _)| known != cidr);
                next.routes.push((*cidr, route.clone()));
            }
            Command::DeleteRoute { cidr } => {
                next.routes.retain(|(known, _)| known != cidr);
                if next.routes.len() == self.routes.len() {
                    return Err(RouteRule::NoSuchRoute);
                }
            }
            Command::PutNeighbor { address, mac, tag: _ } => {
                next.neighbors.retain(|(known, _)| known != address);
                next.neighbors.push((*address, *mac));
            }
            Command::DeleteNeighbor { address } => {
                next.neighbors.retain(|(known, _)| known != address);
                if next.neighbors.len() == self.neighbors.len() {
                    return Err(RouteRule::NoSuchNeighbor);
                }
            }
            Command::ResetNeighbors(family) => {
                let is_other = |address: &IpAddr| address.is_ipv4() != (*family == Family::V4);
                next.neighbors.retain(|(address, _)| is_other(address));
            }
            Command::AddUnderlay(_) | Command::DeleteUnderlay { .. } => {
                return Err(RouteRule::Underlay);
            }
        }
        Ok(next)
    }

    /// Whether routes and neighbours are as clients were told.
    pub(crate) fn has_routes_of(&self, forwarding: &Forwarding) -> bool {
        let routes: Vec<(IpNet, Route)> =
            forwarding.routes().map(|(cidr, route)| (cidr, route.clone())).collect();
        let neighbors: Vec<(IpAddr, MacAddr)> =
            forwarding.neighbors().map(|(address, it)| (address, it.mac)).collect();
        routes.len() == self.routes.len()
            && neighbors.len() == self.neighbors.len()
            && self.routes.iter().all(|route| routes.contains(route))
            && self.neighbors.iter().all(|neighbor| neighbors.contains(neighbor))
    }
}

/// The settings of every daemon here: two ports, and nothing else.
pub(crate) fn settings() -> Result<Forwarding, InvalidForwarding> {
    let mut forwarding = Forwarding::default();
    for (index, role) in [PortRole::Uplink, PortRole::Rear].into_iter().enumerate() {
        let Ok(number) = PortNumber::new(index as u64) else { continue };
        let (id, mac) = (role.default_id(number), number.default_mac());
        forwarding.insert_port(number, Port { id, role, mac, interface: None })?;
    }
    Ok(forwarding)
}

/// A command of any client, given the ports.
pub(crate) fn any_command(ports: &[PortNumber], random: &mut Random) -> Command {
    match (random.below(10), random.pick(ports).copied()) {
        (0..4, Some(port)) => Command::SetRoute {
            cidr: any_prefix(random),
            route: any_route(port, random),
            replace: random.percent(60),
        },
        (4 | 5, _) => Command::DeleteRoute { cidr: any_prefix(random) },
        (6 | 7, _) => {
            let mac = MacAddr([0xa8, 0x40, 0x25, 0, 0, 1 + random.below(3) as u8]);
            Command::PutNeighbor { address: any_host(random), mac, tag: String::new() }
        }
        (8, _) => Command::DeleteNeighbor { address: any_host(random) },
        _ => Command::ResetNeighbors(if random.percent(50) { Family::V4 } else { Family::V6 }),
    }
}

/// IPv4 alone, as are the next hops.
fn any_prefix(random: &mut Random) -> IpNet {
    let (address, width) = match random.below(3) {
        0 => (Ipv4Addr::UNSPECIFIED, 0),
        1 => (Ipv4Addr::new(10, 0, 0, 0), 8),
        _ => (Ipv4Addr::new(10, 1, 0, 0), 16),
    };
    let host = || IpNet::host_net(IpAddr::from(address));
    IpNet::new(IpAddr::from(address), width).unwrap_or_else(|_| host())
}

fn any_route(port: PortNumber, random: &mut Random) -> Route {
    let next_hop = Ipv4Addr::new(192, 0, 2, 1 + random.below(2) as u8).into();
    Route { port, next_hop, tag: String::new() }
}

fn any_host(random: &mut Random) -> IpAddr {
    match random.below(4) {
        0 => Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1).into(),
        other => Ipv4Addr::new(192, 0, 2, other as u8).into(),
    }
}
