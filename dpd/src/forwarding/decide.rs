//! What becomes of a request.

use super::state::{Forwarding, InvalidForwarding, Neighbor, Route, Underlay};
use nat_groups::{Family, MacAddr};
use oxnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};
use thiserror::Error;

/// A change of what should exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Route a prefix.
    SetRoute {
        /// The prefix.
        cidr: IpNet,
        /// Where its packets go.
        route: Route,
        /// Whether this takes the place of another target.
        replace: bool,
    },
    /// Route a prefix no longer.
    DeleteRoute {
        /// The prefix.
        cidr: IpNet,
    },
    /// Know a neighbour, in place of what was known of it.
    PutNeighbor {
        /// Its address.
        address: IpAddr,
        /// Its address on the link.
        mac: MacAddr,
        /// Whatever the client wants to call it.
        tag: String,
    },
    /// Know a neighbour no longer.
    DeleteNeighbor {
        /// Its address.
        address: IpAddr,
    },
    /// Know no neighbour of a family any longer.
    ResetNeighbors(Family),
    /// Give the switch its address among the sleds.
    AddUnderlay(Underlay),
    /// Take that address away.
    DeleteUnderlay {
        /// The address.
        address: Ipv6Addr,
    },
}

/// Why a command changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// It asks for what cannot be.
    #[error(transparent)]
    Invalid(#[from] InvalidForwarding),
    /// The prefix has another target.
    #[error(
        "{cidr} is routed already, {}; a prefix has one target at most, and `replace` replaces it",
        describe(.existing, .port_id)
    )]
    RouteExists {
        /// The prefix.
        cidr: IpNet,
        /// Where its packets go.
        existing: Route,
        /// The name of the port they leave by.
        port_id: String,
    },
    /// The prefix is not routed.
    #[error("there is no route for {cidr}")]
    NoSuchRoute {
        /// The prefix.
        cidr: IpNet,
    },
    /// The neighbour is not known.
    #[error("there is no neighbour {address}")]
    NoSuchNeighbor {
        /// Its address.
        address: IpAddr,
    },
    /// The switch has another address.
    #[error("the switch's underlay address is {existing}, and it has one only; delete it first")]
    UnderlayExists {
        /// The address it has.
        existing: Ipv6Addr,
    },
    /// The switch does not have this address.
    #[error("{address} is not an underlay address of the switch")]
    NoSuchUnderlay {
        /// The address.
        address: Ipv6Addr,
    },
}

impl Forwarding {
    /// What should exist once `command` is done, which came at this time.
    ///
    /// # Errors
    ///
    /// [`Refusal`] says why the command is none that can be done.
    pub fn after(&self, command: Command, unix_micros: u64) -> Result<Forwarding, Refusal> {
        let mut next = self.clone();
        match command {
            Command::SetRoute { cidr, route, replace } => {
                next.replace_route(cidr, route.clone())?;
                if let Some(existing) = self.route(cidr).filter(|_| !replace) {
                    let target = |route: &Route| (route.port, route.next_hop);
                    if target(existing) != target(&route) {
                        let port = self.port(existing.port);
                        let port_id = port.map(|port| port.id.clone()).unwrap_or_default();
                        let existing = existing.clone();
                        return Err(Refusal::RouteExists { cidr, existing, port_id });
                    }
                }
            }
            Command::DeleteRoute { cidr } => {
                if !next.remove_route(cidr) {
                    return Err(Refusal::NoSuchRoute { cidr });
                }
            }
            Command::PutNeighbor { address, mac, tag } => {
                let neighbor = Neighbor { mac, tag, updated_unix_micros: unix_micros };
                next.replace_neighbor(address, neighbor)?;
            }
            Command::DeleteNeighbor { address } => {
                if next.retain_neighbors(|other| other != address) == 0 {
                    return Err(Refusal::NoSuchNeighbor { address });
                }
            }
            Command::ResetNeighbors(family) => {
                next.retain_neighbors(|address| address.is_ipv4() != (family == Family::V4));
            }
            Command::AddUnderlay(underlay) => match self.underlay() {
                Some(existing) if existing.address != underlay.address => {
                    return Err(Refusal::UnderlayExists { existing: existing.address });
                }
                Some(_) | None => next.replace_underlay(Some(underlay))?,
            },
            Command::DeleteUnderlay { address } => {
                if self.underlay().is_none_or(|existing| existing.address != address) {
                    return Err(Refusal::NoSuchUnderlay { address });
                }
                next.replace_underlay(None)?;
            }
        }
        Ok(next)
    }
}

fn describe(route: &Route, port_id: &str) -> String {
    let Route { port: _, next_hop, tag: _ } = route;
    if next_hop.is_unspecified() {
        format!("to its destinations on {port_id}")
    } else {
        format!("to {next_hop} by {port_id}")
    }
}
