//! The rows of ports, routes, neighbours and the underlay address.

use crate::forwarding::{Forwarding, Neighbor, Port, PortNumber, PortRole, Route, Rows, Underlay};
use asic::{Action, InvalidRow, MatchKey, Table, Value};
use oxnet::IpNet;
use std::net::{IpAddr, Ipv6Addr};

/// The tables whose rows these are, all of them.
pub const FORWARDING_TABLES: [Table; 7] = [
    Table::PortRole,
    Table::SwitchAddressIpv6,
    Table::RouteIpv4,
    Table::RouteIpv6,
    Table::NeighborIpv4,
    Table::NeighborIpv6,
    Table::PortInterface,
];

/// The rows that should exist.
///
/// # Errors
///
/// Only if the list of tables does not describe these tables.
pub fn forwarding_rows(forwarding: &Forwarding) -> Result<Rows, InvalidRow> {
    let mut rows = Rows::new();
    let mut add = |key: MatchKey, action| rows.insert(key.into(), action);
    let underlay = forwarding.underlay().map(|underlay| underlay.address);
    for (number, port) in forwarding.ports() {
        let Port { id: _, role, mac, interface: _ } = port;
        let key = |table| MatchKey::builder(table).exact(number.get()).build();
        let role = match role {
            PortRole::Uplink => "uplink",
            PortRole::Rear => "rear",
        };
        add(key(Table::PortRole)?, Action::builder(Table::PortRole, role).build()?);
        let interface = Action::builder(Table::PortInterface, "send_from")
            .argument(mac.0)
            .argument(underlay.unwrap_or(Ipv6Addr::UNSPECIFIED))
            .build()?;
        add(key(Table::PortInterface)?, interface);
    }
    if let Some(Underlay { address, tag: _ }) = forwarding.underlay() {
        let table = Table::SwitchAddressIpv6;
        let key = MatchKey::builder(table).exact(*address).build()?;
        add(key, Action::builder(table, "own_address").build()?);
    }
    for (cidr, route) in forwarding.routes() {
        let (key, action) = route_row(cidr, route)?;
        add(key, action);
    }
    for (address, neighbor) in forwarding.neighbors() {
        let Neighbor { mac, tag: _, updated_unix_micros: _ } = neighbor;
        let (table, name) = match address {
            IpAddr::V4(_) => (Table::NeighborIpv4, "rewrite_ipv4"),
            IpAddr::V6(_) => (Table::NeighborIpv6, "rewrite_ipv6"),
        };
        let key = MatchKey::builder(table).exact(value(address)).build()?;
        add(key, Action::builder(table, name).argument(mac.0).build()?);
    }
    Ok(rows)
}

fn route_row(cidr: IpNet, route: &Route) -> Result<(MatchKey, Action), InvalidRow> {
    let Route { port, next_hop, tag: _ } = route;
    let (table, name) = match cidr {
        IpNet::V4(_) => (Table::RouteIpv4, "forward_ipv4"),
        IpNet::V6(_) => (Table::RouteIpv6, "forward_ipv6"),
    };
    let key = MatchKey::builder(table).prefix(value(cidr.addr()), cidr.width().into()).build()?;
    let action = Action::builder(table, name)
        .argument(PortNumber::get(*port))
        .argument(value(*next_hop))
        .build()?;
    Ok((key, action))
}

fn value(address: IpAddr) -> Value {
    match address {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => address.into(),
    }
}
