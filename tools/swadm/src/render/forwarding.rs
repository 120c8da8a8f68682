//! The rows of the lists of routes, neighbours, addresses, ports and drops.

use super::grid::{Column, Row};
use dpd_types::{
    ArpEntry, DropCounter, Ipv4Route, Ipv4Routes, Ipv6Entry, Ipv6Route, Ipv6Routes, PacketCounter,
    PortRole, PortState, PortView, RouteTarget,
};
use oxnet::IpNet;
use serde::Serialize;
use std::net::IpAddr;

/// A route of either family.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct RouteRow {
    pub(crate) cidr: IpNet,
    pub(crate) port_id: String,
    pub(crate) next_hop: IpAddr,
    pub(crate) tag: String,
}

impl RouteRow {
    /// One for each target of an IPv4 prefix.
    pub(crate) fn of_ipv4(Ipv4Routes { cidr, targets }: Ipv4Routes) -> Vec<Self> {
        let row = |target| match target {
            RouteTarget::V4(Ipv4Route { port_id, tgt_ip, tag, .. }) => {
                Self { cidr: cidr.into(), port_id, next_hop: tgt_ip.into(), tag }
            }
            RouteTarget::V6(Ipv6Route { port_id, tgt_ip, tag, .. }) => {
                Self { cidr: cidr.into(), port_id, next_hop: tgt_ip.into(), tag }
            }
        };
        targets.into_iter().map(row).collect()
    }

    /// One for each target of an IPv6 prefix.
    pub(crate) fn of_ipv6(Ipv6Routes { cidr, targets }: Ipv6Routes) -> Vec<Self> {
        let row = |Ipv6Route { port_id, tgt_ip, tag, .. }| Self {
            cidr: cidr.into(),
            port_id,
            next_hop: tgt_ip.into(),
            tag,
        };
        targets.into_iter().map(row).collect()
    }
}

impl Row for RouteRow {
    const COLUMNS: &'static [Column] = &[
        Column::text("PREFIX"),
        Column::text("PORT"),
        Column::text("NEXT HOP"),
        Column::text("TAG"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { cidr, port_id, next_hop, tag } = self;
        let next_hop = match next_hop.is_unspecified() {
            true => "on link".to_owned(),
            false => next_hop.to_string(),
        };
        vec![cidr.to_string(), port_id.clone(), next_hop, tag.clone()]
    }
}

impl Row for ArpEntry {
    const COLUMNS: &'static [Column] = &[
        Column::text("ADDRESS"),
        Column::text("MAC"),
        Column::text("TAG"),
        Column::text("UPDATED"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { ip, mac, tag, update } = self;
        // To the second, as all times here.
        let update = match update.split_once('.') {
            Some((second, _)) => format!("{second}Z"),
            None => update.clone(),
        };
        vec![ip.to_string(), mac.to_string(), tag.clone(), update]
    }
}

impl Row for Ipv6Entry {
    const COLUMNS: &'static [Column] = &[Column::text("ADDRESS"), Column::text("TAG")];

    fn cells(&self) -> Vec<String> {
        let Self { tag, addr } = self;
        vec![addr.to_string(), tag.clone()]
    }
}

impl Row for PortView {
    const COLUMNS: &'static [Column] = &[
        Column::number("PORT"),
        Column::text("ID"),
        Column::text("ROLE"),
        Column::text("MAC"),
        Column::text("INTERFACE"),
        Column::text("STATE"),
        Column::number("RECEIVED"),
        Column::number("BYTES"),
        Column::number("SENT"),
        Column::number("BYTES"),
    ];

    fn cells(&self) -> Vec<String> {
        let Self { port, port_id, role, mac, interface, state, counters } = self;
        let role = match role {
            PortRole::Uplink => "uplink",
            PortRole::Rear => "rear",
        };
        let state = state.map(|state| match state {
            PortState::Up => "up",
            PortState::Down => "down",
            PortState::Missing => "missing",
        });
        let mut cells = vec![
            port.to_string(),
            port_id.clone(),
            role.to_owned(),
            mac.to_string(),
            interface.clone().unwrap_or_else(|| "-".to_owned()),
            state.unwrap_or("-").to_owned(),
        ];
        match counters {
            Some(counters) => {
                for PacketCounter { pkts, bytes } in [counters.received, counters.sent] {
                    cells.extend([pkts.to_string(), bytes.to_string()]);
                }
            }
            None => cells.extend(["-"; 4].map(str::to_owned)),
        }
        cells
    }
}

impl Row for DropCounter {
    const COLUMNS: &'static [Column] =
        &[Column::text("REASON"), Column::number("PACKETS"), Column::number("BYTES")];

    fn cells(&self) -> Vec<String> {
        let Self { reason, dropped: PacketCounter { pkts, bytes } } = self;
        vec![reason.clone(), pkts.to_string(), bytes.to_string()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::Grid;
    use dpd_types::{MacAddr, PortCounters};

    #[test]
    fn a_port_shows_what_is_known_of_it_and_no_more() {
        let counter = |pkts| PacketCounter { pkts, bytes: pkts * 100 };
        let port = PortView {
            port: 1,
            port_id: "qsfp1".to_owned(),
            role: PortRole::Uplink,
            mac: MacAddr { a: [0xa8, 0x40, 0x25, 0xf0, 0, 1] },
            interface: Some("veth0".to_owned()),
            state: Some(PortState::Missing),
            counters: Some(PortCounters { received: counter(12), sent: counter(3) }),
        };
        let silent = PortView { interface: None, state: None, counters: None, ..port.clone() };
        assert_eq!(
            Grid::of(&[port, silent]).to_string(),
            "\
PORT  ID     ROLE    MAC                INTERFACE  STATE    RECEIVED  BYTES  SENT  BYTES
   1  qsfp1  uplink  a8:40:25:f0:00:01  veth0      missing        12   1200     3    300
   1  qsfp1  uplink  a8:40:25:f0:00:01  -          -               -      -     -      -
"
        );
    }

    #[test]
    fn drops_are_listed_by_reason() {
        let dropped = PacketCounter { pkts: 7, bytes: 700 };
        let drops = [DropCounter { reason: "nat_miss".to_owned(), dropped }];
        assert_eq!(
            Grid::of(&drops).to_string(),
            "REASON    PACKETS  BYTES\nnat_miss        7    700\n"
        );
    }
}
