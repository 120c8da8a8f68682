//! Routes, neighbours, the underlay address and ports.

use crate::MacAddr;
use oxnet::{Ipv4Net, Ipv6Net};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// A neighbour: a host next to the switch and its address on the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an object with `ip` and `mac`")]
pub struct ArpEntry {
    /// The neighbour's address.
    pub ip: IpAddr,
    /// The neighbour's MAC address.
    pub mac: MacAddr,
    /// Whatever the client wants to call the entry.
    #[serde(default)]
    pub tag: String,
    /// When dpd was told, as in `2026-08-01T12:00:00.000000Z`. Ignored in a request.
    #[serde(default)]
    pub update: String,
}

/// Where packets go, by an IPv4 next hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an object with `port_id`, `link_id` and `tgt_ip`")]
pub struct Ipv4Route {
    /// The port they leave by, such as `qsfp0`.
    pub port_id: String,
    /// The link of the port. A port has link 0 alone.
    pub link_id: u8,
    /// The next hop; `0.0.0.0` if that is each packet's own destination.
    pub tgt_ip: Ipv4Addr,
    /// Whatever the client wants to call the route.
    #[serde(default)]
    pub tag: String,
    /// Always null: packets leave without a VLAN tag.
    #[serde(default)]
    pub vlan_id: Option<u16>,
}

/// Where packets go, by an IPv6 next hop.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an object with `port_id`, `link_id` and `tgt_ip`")]
pub struct Ipv6Route {
    /// The port they leave by, such as `qsfp0`.
    pub port_id: String,
    /// The link of the port. A port has link 0 alone.
    pub link_id: u8,
    /// The next hop; `::` if that is each packet's own destination.
    pub tgt_ip: Ipv6Addr,
    /// Whatever the client wants to call the route.
    #[serde(default)]
    pub tag: String,
    /// Always null: packets leave without a VLAN tag.
    #[serde(default)]
    pub vlan_id: Option<u16>,
}

/// Where packets go: a next hop of either family.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum RouteTarget {
    /// An IPv4 next hop.
    V4(Ipv4Route),
    /// An IPv6 next hop.
    V6(Ipv6Route),
}

/// An IPv4 prefix and where its packets go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv4Routes {
    /// The prefix.
    pub cidr: Ipv4Net,
    /// The targets: always one.
    pub targets: Vec<RouteTarget>,
}

/// An IPv6 prefix and where its packets go.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv6Routes {
    /// The prefix.
    pub cidr: Ipv6Net,
    /// The targets: always one.
    pub targets: Vec<Ipv6Route>,
}

/// A target for an IPv4 prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an object with `cidr` and `target`")]
pub struct Ipv4RouteUpdate {
    /// The prefix.
    pub cidr: Ipv4Net,
    /// Where its packets go: `{"V4": {..}}`, or as before version 6.0.0 what is within.
    pub target: Ipv4RouteUpdateTarget,
    /// With `true` it takes the place of another target; with `false` that is a conflict.
    #[serde(default)]
    pub replace: bool,
}

/// A target for an IPv6 prefix.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an object with `cidr` and `target`")]
pub struct Ipv6RouteUpdate {
    /// The prefix.
    pub cidr: Ipv6Net,
    /// Where its packets go, also within `{"V6": {..}}`.
    pub target: Ipv6RouteUpdateTarget,
    /// With `true` it takes the place of another target; with `false` that is a conflict.
    #[serde(default)]
    pub replace: bool,
}

/// Where an IPv4 prefix's packets go, in either of the ways in which clients write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`V4` with `port_id`, `link_id`, `tgt_ip`, `tag` and `vlan_id`")]
pub enum Ipv4RouteUpdateTarget {
    /// With its family.
    Tagged(RouteTarget),
    /// By itself.
    Plain(Ipv4Route),
}

/// Where an IPv6 prefix's packets go, in either of the ways in which clients write it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, expecting = "`port_id`, `link_id`, `tgt_ip`, `tag` and `vlan_id`")]
pub enum Ipv6RouteUpdateTarget {
    /// By itself.
    Plain(Ipv6Route),
    /// With its family.
    Tagged(RouteTarget),
}

/// An address of the switch itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(expecting = "an object with `addr` and `tag`")]
pub struct Ipv6Entry {
    /// Whatever the client wants to call it.
    #[serde(default)]
    pub tag: String,
    /// The address.
    pub addr: Ipv6Addr,
}

/// A port of the switch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortView {
    /// Its number in the device, 0 to 511.
    pub port: u16,
    /// Its name, as routes give it.
    pub port_id: String,
    /// What is behind it.
    pub role: PortRole,
    /// The MAC address that packets are sent from.
    pub mac: MacAddr,
    /// The network interface that it is; null if the device has none.
    pub interface: Option<String>,
    /// Whether packets can pass; null if the device does not tell.
    pub state: Option<PortState>,
    /// What it has counted since dpd started or, on a switch of its own, since that was given its
    /// program; null if the device counts nothing or does not answer.
    pub counters: Option<PortCounters>,
}

/// What is behind a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortRole {
    /// The world outside.
    Uplink,
    /// A sled.
    Rear,
}

/// Whether packets can pass a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortState {
    /// They can.
    Up,
    /// The link is down.
    Down,
    /// The interface is not there.
    Missing,
}

/// What a port has counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PortCounters {
    /// Packets that came in by it.
    pub received: PacketCounter,
    /// Packets that left by it.
    pub sent: PacketCounter,
}

/// A number of packets and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PacketCounter {
    /// Packets.
    pub pkts: u64,
    /// Bytes of these packets.
    pub bytes: u64,
}

/// How many packets were dropped for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DropCounter {
    /// The reason, such as `nat_miss`.
    pub reason: String,
    /// The packets that were dropped for it.
    pub dropped: PacketCounter,
}

/// A neighbour's IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv4NeighborPath {
    /// The neighbour's address.
    pub ip: Ipv4Addr,
}

/// A neighbour's IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv6NeighborPath {
    /// The neighbour's address.
    pub ip: Ipv6Addr,
}

/// An IPv4 prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv4RoutePath {
    /// The prefix, its slash written as `%2F`.
    pub cidr: Ipv4Net,
}

/// An IPv6 prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv6RoutePath {
    /// The prefix, its slash written as `%2F`.
    pub cidr: Ipv6Net,
}

/// An address of the switch itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LoopbackIpv6Path {
    /// The address.
    pub ipv6: Ipv6Addr,
}

impl From<Ipv4NeighborPath> for IpAddr {
    fn from(Ipv4NeighborPath { ip }: Ipv4NeighborPath) -> Self {
        ip.into()
    }
}

impl From<Ipv6NeighborPath> for IpAddr {
    fn from(Ipv6NeighborPath { ip }: Ipv6NeighborPath) -> Self {
        ip.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn routes_are_written_as_existing_clients_know_them() {
        let target = json!({
            "port_id": "qsfp0", "link_id": 0, "tgt_ip": "192.0.2.1", "tag": "t", "vlan_id": null,
        });
        let tagged = json!({ "cidr": "10.0.0.0/8", "target": { "V4": target }, "replace": true });
        let plain = json!({ "cidr": "10.0.0.0/8", "target": target });
        let [tagged, plain] = [tagged, plain]
            .map(|update| serde_json::from_value::<Ipv4RouteUpdate>(update).unwrap());
        assert!(tagged.replace && !plain.replace);
        let Ipv4RouteUpdateTarget::Tagged(RouteTarget::V4(of_tagged)) = tagged.target else {
            panic!("{:?}", tagged.target)
        };
        assert_eq!(plain.target, Ipv4RouteUpdateTarget::Plain(of_tagged.clone()));
        let routes = Ipv4Routes { cidr: plain.cidr, targets: vec![RouteTarget::V4(of_tagged)] };
        assert_eq!(
            serde_json::to_value(routes).unwrap(),
            json!({ "cidr": "10.0.0.0/8", "targets": [{ "V4": target }] }),
        );
    }

    #[test]
    fn a_target_that_is_none_is_told_what_it_should_be() {
        let update = json!({ "cidr": "10.0.0.0/8", "target": { "port_id": "qsfp0" } });
        let refused = serde_json::from_value::<Ipv4RouteUpdate>(update).unwrap_err().to_string();
        assert!(refused.contains("`tgt_ip`"), "{refused}");
    }

    #[test]
    fn a_neighbour_is_written_as_existing_clients_know_it() {
        let text = concat!(
            r#"{"ip":"192.0.2.1","mac":{"a":[2,0,0,0,0,1]},"tag":"t","#,
            r#""update":"2026-08-01T12:00:00Z"}"#
        );
        let entry: ArpEntry = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&entry).unwrap(), text);
    }
}
