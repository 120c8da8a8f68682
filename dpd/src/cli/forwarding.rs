//! Ports, routes, neighbours and the underlay address in the settings.

use crate::forwarding::{
    Forwarding, InvalidForwarding, InvalidPortNumber, Neighbor, Port, PortNumber, PortRole, Route,
    Underlay, UnknownPortRole,
};
use asic::soft_ports::{PortConfig, Ports};
use dpd_types::InvalidMacAddr;
use nat_groups::MacAddr;
use oxnet::IpNet;
use serde::Deserialize;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use thiserror::Error;

/// A port: on the command line as in `1=veth0:uplink:a8:40:25:00:00:01`, in the file as a table.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PortSetting {
    /// Its number in the device.
    pub number: u64,
    /// The network interface that it is, for a device that has any.
    pub interface: Option<String>,
    /// What is behind it: `uplink` or `rear`.
    pub role: Written<PortRole>,
    /// The MAC address that packets are sent from, if not the interface's.
    pub mac: Option<Written<dpd_types::MacAddr>>,
    /// Its name for clients, if not `qsfpN` or `rearN`.
    pub id: Option<String>,
}

/// A route.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouteSetting {
    /// The prefix.
    pub cidr: IpNet,
    /// The port: its name or its number.
    pub port: PortReference,
    /// The next hop; each packet's own destination if left out.
    pub next_hop: Option<IpAddr>,
}

/// A neighbour.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NeighborSetting {
    /// Its address.
    pub ip: IpAddr,
    /// Its MAC address.
    pub mac: Written<dpd_types::MacAddr>,
}

/// A port by number or by name.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(untagged, expecting = "the name or the number of a port")]
pub enum PortReference {
    /// By number.
    Number(u64),
    /// By name.
    Id(String),
}

/// A value that the file holds as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String", bound = "T: FromStr, T::Err: std::fmt::Display")]
pub struct Written<T>(pub T);

/// Why the ports, routes, neighbours and underlay address make no sense.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidForwardingSettings {
    /// A port that cannot be.
    #[error("port: {0}")]
    PortNumber(#[from] InvalidPortNumber),
    /// A port that cannot be beside the others.
    #[error("port: {0}")]
    Port(InvalidForwarding),
    /// An underlay address that cannot be.
    #[error("underlay: {0}")]
    Underlay(InvalidForwarding),
    /// A route that cannot be.
    #[error("route {cidr}: {reason}")]
    Route {
        /// The prefix.
        cidr: IpNet,
        /// Why not.
        reason: InvalidForwarding,
    },
    /// A route through a port that cannot be.
    #[error("route {cidr}: {reason}")]
    RoutePort {
        /// The prefix.
        cidr: IpNet,
        /// Why not.
        reason: InvalidPortNumber,
    },
    /// Two routes for one prefix.
    #[error("route {cidr} is given twice")]
    RouteTwice {
        /// The prefix.
        cidr: IpNet,
    },
    /// A neighbour that cannot be.
    #[error("neighbor {ip}: {reason}")]
    Neighbor {
        /// Its address.
        ip: IpAddr,
        /// Why not.
        reason: InvalidForwarding,
    },
    /// Two neighbours of one address.
    #[error("neighbor {ip} is given twice")]
    NeighborTwice {
        /// The address.
        ip: IpAddr,
    },
}

/// Why a text describes no port.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidPortSetting {
    /// It has not the form.
    #[error(
        "{text:?} is no port; write NUMBER=INTERFACE:ROLE, as in 1=veth0:uplink, or NUMBER=ROLE"
    )]
    Form {
        /// The text.
        text: String,
    },
    /// The role is none.
    #[error(transparent)]
    Role(#[from] UnknownPortRole),
    /// The MAC address is none.
    #[error(transparent)]
    Mac(#[from] InvalidMacAddr),
}

/// All of it resolved.
///
/// # Errors
///
/// The first that makes no sense.
pub(super) fn resolve(
    ports: Vec<PortSetting>,
    underlay: Option<Ipv6Addr>,
    routes: Vec<RouteSetting>,
    neighbors: Vec<NeighborSetting>,
) -> Result<Forwarding, InvalidForwardingSettings> {
    let mut forwarding = Forwarding::default();
    for PortSetting { number, interface, role: Written(role), mac, id } in ports {
        let number = PortNumber::new(number)?;
        let given = mac.map(|Written(mac)| MacAddr(mac.a));
        let mac = given.or_else(|| mac_of_interface(number, interface.as_deref()?));
        let port = Port {
            id: id.unwrap_or_else(|| role.default_id(number)),
            role,
            mac: mac.unwrap_or(number.default_mac()),
            interface,
        };
        forwarding.insert_port(number, port).map_err(InvalidForwardingSettings::Port)?;
    }
    let underlay = underlay.map(|address| Underlay { address, tag: CONFIGURED.to_owned() });
    forwarding.replace_underlay(underlay).map_err(InvalidForwardingSettings::Underlay)?;
    for RouteSetting { cidr, port, next_hop } in routes {
        if forwarding.route(cidr).is_some() {
            return Err(InvalidForwardingSettings::RouteTwice { cidr });
        }
        let invalid = |reason| InvalidForwardingSettings::Route { cidr, reason };
        let port = match port {
            PortReference::Number(number) => PortNumber::new(number)
                .map_err(|reason| InvalidForwardingSettings::RoutePort { cidr, reason })?,
            PortReference::Id(id) => forwarding.port_of_id(&id).map_err(invalid)?,
        };
        let on_link = || match cidr {
            IpNet::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
            IpNet::V6(_) => Ipv6Addr::UNSPECIFIED.into(),
        };
        let next_hop = next_hop.unwrap_or_else(on_link);
        let route = Route { port, next_hop, tag: CONFIGURED.to_owned() };
        forwarding.replace_route(cidr, route).map_err(invalid)?;
    }
    for NeighborSetting { ip, mac: Written(mac) } in neighbors {
        if forwarding.neighbor(ip).is_some() {
            return Err(InvalidForwardingSettings::NeighborTwice { ip });
        }
        let neighbor = Neighbor {
            mac: MacAddr(mac.a),
            tag: CONFIGURED.to_owned(),
            updated_unix_micros: crate::api::stamp("").unix_micros,
        };
        forwarding
            .replace_neighbor(ip, neighbor)
            .map_err(|reason| InvalidForwardingSettings::Neighbor { ip, reason })?;
    }
    Ok(forwarding)
}

/// The tag of what the settings say.
const CONFIGURED: &str = "config";

/// The MAC address of a port's interface, if there is one and it has any.
fn mac_of_interface(number: PortNumber, interface: &str) -> Option<MacAddr> {
    let port = PortConfig { number: number.get(), interface: interface.to_owned() };
    // An interface that is not there is told of when it is to be opened.
    let found = Ports::find(&[port]).ok()?;
    found.first().map(|interface| MacAddr(interface.mac)).filter(|mac| mac.0 != [0; 6])
}

impl FromStr for PortSetting {
    type Err = InvalidPortSetting;

    fn from_str(text: &str) -> Result<Self, InvalidPortSetting> {
        let form = || InvalidPortSetting::Form { text: text.to_owned() };
        let (number, rest) = text.split_once('=').ok_or_else(form)?;
        let number = number.trim().parse().map_err(|_| form())?;
        let (first, later) = match rest.split_once(':') {
            Some((first, later)) => (first, Some(later)),
            None => (rest, None),
        };
        // Without an interface, the role comes first.
        let (interface, role, mac) = match later {
            None => ("", first.parse()?, None),
            Some(later) => {
                let (second, mac) = match later.split_once(':') {
                    Some((second, mac)) => (second, Some(mac)),
                    None => (later, None),
                };
                match (second.parse::<PortRole>(), first.parse::<PortRole>()) {
                    (Ok(role), _) => (first, role, mac),
                    (Err(_), Ok(role)) => ("", role, Some(later)),
                    (Err(unknown), Err(_)) => return Err(unknown.into()),
                }
            }
        };
        Ok(Self {
            number,
            interface: Some(interface.to_owned()).filter(|interface| !interface.is_empty()),
            role: Written(role),
            mac: mac.map(str::parse).transpose()?.map(Written),
            id: None,
        })
    }
}

impl<T: FromStr> TryFrom<String> for Written<T> {
    type Error = T::Err;

    fn try_from(text: String) -> Result<Self, T::Err> {
        text.parse().map(Written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case("1=veth0:uplink", Some("veth0"), PortRole::Uplink, None)]
    #[case("1=:rear", None, PortRole::Rear, None)]
    #[case("1=rear", None, PortRole::Rear, None)]
    #[case("1=uplink:rear", Some("uplink"), PortRole::Rear, None)]
    #[case("1=veth0:rear:a8:40:25:f0:00:01", Some("veth0"), PortRole::Rear, Some(0xa8))]
    #[case("1=:rear:a8:40:25:f0:00:01", None, PortRole::Rear, Some(0xa8))]
    #[case("1=rear:a8:40:25:f0:00:01", None, PortRole::Rear, Some(0xa8))]
    fn a_port_is_a_number_an_interface_a_role_and_an_address(
        #[case] text: &str,
        #[case] interface: Option<&str>,
        #[case] role: PortRole,
        #[case] first_octet: Option<u8>,
    ) {
        let port: PortSetting = text.parse().unwrap();
        assert_eq!((port.number, port.interface.as_deref()), (1, interface));
        assert_eq!((port.role.0, port.mac.map(|mac| mac.0.a[0])), (role, first_octet));
    }

    #[rstest]
    #[case("veth0:uplink", "is no port")]
    #[case("one=veth0:uplink", "is no port")]
    #[case("1=veth0:side", "\"side\" is not a role")]
    #[case("1=veth0", "\"veth0\" is not a role")]
    #[case("1=", "\"\" is not a role")]
    #[case("1=veth0:rear:a8", "\"a8\" is not a MAC address")]
    fn what_is_no_port_is_told_why(#[case] text: &str, #[case] about: &str) {
        let error = text.parse::<PortSetting>().unwrap_err().to_string();
        assert!(error.contains(about), "{error}");
    }

    fn port(text: &str) -> PortSetting {
        text.parse().unwrap()
    }

    #[test]
    fn a_port_that_is_told_no_more_has_a_name_and_an_address_of_its_own() {
        let forwarding =
            resolve(vec![port("3=rear"), port("511=uplink")], None, vec![], vec![]).unwrap();
        let ports: Vec<(String, String)> =
            forwarding.ports().map(|(_, port)| (port.id.clone(), port.mac.to_string())).collect();
        let expected = [("rear3", "02:d9:d0:00:00:03"), ("qsfp511", "02:d9:d0:00:01:ff")];
        assert_eq!(ports, expected.map(|(id, mac)| (id.to_owned(), mac.to_owned())));
    }

    #[test]
    fn an_interface_without_an_address_gives_none() {
        let number = PortNumber::new(1).unwrap();
        // The one interface that every machine has has no address.
        assert_eq!(mac_of_interface(number, "lo"), None);
        assert_eq!(mac_of_interface(number, "nowhere0"), None);
    }
}
