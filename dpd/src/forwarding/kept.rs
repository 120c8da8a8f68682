//! What of this outlives the daemon, and how it goes together with settings that have changed since.
//!
//! Ports are what the settings say. Of the rest, what clients have told lasts: settings are where it
//! began. But where the settings say something other than at the last start, that counts, since
//! somebody has written it there in the meantime.

use super::state::{Forwarding, InvalidForwarding, Neighbor, PortNumber, Route, Underlay};
use nat_groups::MacAddr;
use oxnet::IpNet;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv6Addr};
use thiserror::Error;

/// What is as it was when the daemon ended, as far as the settings have not changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resumed {
    /// What should exist.
    pub forwarding: Forwarding,
    /// What was there and cannot be any more, in words.
    pub dropped: Vec<InvalidForwarding>,
}

/// A document that cannot be read.
#[derive(Debug, Error)]
#[error("the routes and neighbours in the journal cannot be read: {0}")]
pub struct InvalidDocument(#[from] serde_json::Error);

impl Forwarding {
    /// The document in the journal that holds it.
    pub const DOCUMENT: &'static str = "forwarding";

    /// The document to keep of this, and of the settings that it began with.
    ///
    /// # Errors
    ///
    /// None that is known of: nothing here has no JSON.
    pub fn document(&self, settings: &Forwarding) -> Result<Vec<u8>, InvalidDocument> {
        let document = Document { told: Part::of(self), settings: Part::of(settings) };
        Ok(serde_json::to_vec(&document)?)
    }

    /// What should exist, given the document that was kept and the settings as they are now.
    ///
    /// # Errors
    ///
    /// If the document is none.
    pub fn resumed(document: &[u8], settings: &Forwarding) -> Result<Resumed, InvalidDocument> {
        let Document { told, settings: before } = serde_json::from_slice(document)?;
        Ok(merged(told, &before, settings))
    }
}

/// What clients had told, except where the settings were changed.
fn merged(told: Part, before: &Part, settings: &Forwarding) -> Resumed {
    let now = Part::of(settings);
    let underlay = if before.underlay == now.underlay { told.underlay } else { now.underlay };
    let routes = changed_over(told.routes, &before.routes, now.routes);
    let neighbors = changed_over(told.neighbors, &before.neighbors, now.neighbors);

    let mut forwarding = Forwarding::default();
    let mut dropped = Vec::new();
    let mut note = |result: Result<(), InvalidForwarding>| dropped.extend(result.err());
    for (number, port) in settings.ports() {
        note(forwarding.insert_port(number, port.clone()));
    }
    let underlay =
        underlay.map(|KeptUnderlay { address, tag }| Underlay { address, tag: tag.clone() });
    note(forwarding.replace_underlay(underlay));
    for (cidr, KeptRoute { port, next_hop, tag }) in routes {
        // A number that is none is not that of a port either.
        let port = PortNumber::new(port.into()).map_err(|_| InvalidForwarding::NoSuchPort {
            port: port.to_string(),
            known: settings.ports().map(|(_, port)| port.id.clone()).collect(),
        });
        note(port.and_then(|port| forwarding.replace_route(cidr, Route { port, next_hop, tag })));
    }
    for (address, KeptNeighbor { mac, tag, updated_unix_micros }) in neighbors {
        let neighbor = Neighbor { mac: MacAddr(mac), tag, updated_unix_micros };
        note(forwarding.replace_neighbor(address, neighbor));
    }
    Resumed { forwarding, dropped }
}

/// What was told, with what differs between the settings before and now as it is now.
fn changed_over<K: Ord + Copy, V: Same>(
    mut told: BTreeMap<K, V>,
    before: &BTreeMap<K, V>,
    mut now: BTreeMap<K, V>,
) -> BTreeMap<K, V> {
    let keys: BTreeSet<K> = before.keys().chain(now.keys()).copied().collect();
    for key in keys {
        let (was, is) = (before.get(&key), now.remove(&key));
        let is_unchanged = match (was, &is) {
            (Some(was), Some(is)) => was.is_same(is),
            (was, is) => was.is_none() && is.is_none(),
        };
        match is {
            _ if is_unchanged => {}
            Some(is) => drop(told.insert(key, is)),
            None => drop(told.remove(&key)),
        }
    }
    told
}

/// Whether somebody who wrote settings meant the same.
trait Same {
    fn is_same(&self, other: &Self) -> bool;
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Document {
    /// What should exist.
    told: Part,
    /// What the settings said at the last start.
    settings: Part,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Part {
    underlay: Option<KeptUnderlay>,
    #[serde(with = "pairs")]
    routes: BTreeMap<IpNet, KeptRoute>,
    #[serde(with = "pairs")]
    neighbors: BTreeMap<IpAddr, KeptNeighbor>,
}

#[derive(Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct KeptUnderlay {
    address: Ipv6Addr,
    tag: String,
}

#[derive(Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
struct KeptRoute {
    port: u16,
    next_hop: IpAddr,
    tag: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct KeptNeighbor {
    mac: [u8; 6],
    tag: String,
    updated_unix_micros: u64,
}

impl Same for KeptRoute {
    fn is_same(&self, other: &Self) -> bool {
        self == other
    }
}

impl Same for KeptNeighbor {
    fn is_same(&self, other: &Self) -> bool {
        // When settings were read is nothing that they say.
        let Self { mac, tag, updated_unix_micros: _ } = self;
        (mac, tag) == (&other.mac, &other.tag)
    }
}

impl Part {
    fn of(forwarding: &Forwarding) -> Self {
        let underlay = forwarding
            .underlay()
            .map(|Underlay { address, tag }| KeptUnderlay { address: *address, tag: tag.clone() });
        let route = |Route { port, next_hop, tag }: &Route| KeptRoute {
            port: port.get(),
            next_hop: *next_hop,
            tag: tag.clone(),
        };
        let neighbor = |Neighbor { mac, tag, updated_unix_micros }: &Neighbor| KeptNeighbor {
            mac: mac.0,
            tag: tag.clone(),
            updated_unix_micros: *updated_unix_micros,
        };
        Self {
            underlay,
            routes: forwarding.routes().map(|(cidr, it)| (cidr, route(it))).collect(),
            neighbors: forwarding.neighbors().map(|(ip, it)| (ip, neighbor(it))).collect(),
        }
    }
}

/// A map as a list of pairs.
mod pairs {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};
    use std::collections::BTreeMap;

    pub(super) fn serialize<K: Serialize, V: Serialize, S: Serializer>(
        map: &BTreeMap<K, V>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(map)
    }

    pub(super) fn deserialize<
        'de,
        K: Deserialize<'de> + Ord,
        V: Deserialize<'de>,
        D: Deserializer<'de>,
    >(
        deserializer: D,
    ) -> Result<BTreeMap<K, V>, D::Error> {
        Ok(Vec::<(K, V)>::deserialize(deserializer)?.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::state::{Port, PortRole};
    use super::*;

    const ROUTE: &str = "10.0.0.0/8";
    const OTHER: &str = "10.1.0.0/16";

    fn port(number: u64) -> PortNumber {
        PortNumber::new(number).unwrap()
    }

    /// Ports 1 and 2.
    fn ports() -> Forwarding {
        let mut forwarding = Forwarding::default();
        for number in [1, 2] {
            let role = PortRole::Uplink;
            let mac = MacAddr([2, 0, 0, 0, 0, number as u8]);
            let id = role.default_id(port(number));
            let added = Port { id, role, mac, interface: None };
            forwarding.insert_port(port(number), added).unwrap();
        }
        forwarding
    }

    fn routed(routes: &[(&str, u64)]) -> Forwarding {
        let mut forwarding = ports();
        for (cidr, through) in routes {
            let next_hop = "192.0.2.1".parse().unwrap();
            let route = Route { port: port(*through), next_hop, tag: "t".to_owned() };
            forwarding.replace_route(cidr.parse().unwrap(), route).unwrap();
        }
        forwarding
    }

    fn resumed(told: &Forwarding, before: &Forwarding, now: &Forwarding) -> Resumed {
        Forwarding::resumed(&told.document(before).unwrap(), now).unwrap()
    }

    /// What is told, what the settings said before and say now, and what comes of it.
    #[rstest::rstest]
    #[case::what_was_told_lasts(&[(ROUTE, 2)], &[], &[], &[(ROUTE, 2)])]
    #[case::what_was_deleted_stays_so(&[], &[(ROUTE, 1)], &[(ROUTE, 1)], &[])]
    #[case::what_was_changed_stays_so(&[(ROUTE, 2)], &[(ROUTE, 1)], &[(ROUTE, 1)], &[(ROUTE, 2)])]
    #[case::what_is_new_in_the_settings_comes(
        &[(ROUTE, 1)], &[], &[(OTHER, 2)], &[(ROUTE, 1), (OTHER, 2)]
    )]
    #[case::what_is_another_there_counts(
        &[(ROUTE, 1)], &[(ROUTE, 1)], &[(ROUTE, 2)], &[(ROUTE, 2)]
    )]
    #[case::what_is_gone_there_goes(
        &[(ROUTE, 1), (OTHER, 2)], &[(ROUTE, 1)], &[], &[(OTHER, 2)]
    )]
    fn settings_count_where_they_have_changed(
        #[case] told: &[(&str, u64)],
        #[case] before: &[(&str, u64)],
        #[case] now: &[(&str, u64)],
        #[case] then: &[(&str, u64)],
    ) {
        let resumed = resumed(&routed(told), &routed(before), &routed(now));
        assert_eq!(resumed, Resumed { forwarding: routed(then), dropped: Vec::new() });
    }

    #[test]
    fn all_that_is_told_comes_back() {
        let mut told = routed(&[(ROUTE, 1)]);
        let address = "fd00:1122:3344:1::1".parse().unwrap();
        told.replace_underlay(Some(Underlay { address, tag: "x".to_owned() })).unwrap();
        let mac = MacAddr([2, 0, 0, 0, 0, 9]);
        let neighbor = Neighbor { mac, tag: "n".to_owned(), updated_unix_micros: u64::MAX };
        told.replace_neighbor("2001:db8::1".parse().unwrap(), neighbor).unwrap();
        let Resumed { forwarding, dropped } = resumed(&told, &ports(), &ports());
        assert_eq!((forwarding, dropped), (told, vec![]));
    }

    #[test]
    fn neighbours_of_the_settings_are_the_same_whenever_they_were_read() {
        let at = |updated_unix_micros| {
            let mut forwarding = ports();
            let mac = MacAddr([2, 0, 0, 0, 0, 9]);
            let neighbor = Neighbor { mac, tag: "config".to_owned(), updated_unix_micros };
            forwarding.replace_neighbor("192.0.2.1".parse().unwrap(), neighbor).unwrap();
            forwarding
        };
        assert_eq!(resumed(&at(7), &at(1), &at(2)).forwarding, at(7));
    }

    #[test]
    fn a_route_through_a_port_that_is_gone_is_dropped_and_named() {
        let settings = Forwarding::default();
        let Resumed { forwarding, dropped } = resumed(&routed(&[(ROUTE, 1)]), &settings, &settings);
        assert_eq!(forwarding, settings);
        assert_eq!(dropped.len(), 1);
        assert!(dropped[0].to_string().contains("there is no port"), "{}", dropped[0]);
    }

    #[test]
    fn a_document_that_is_none_is_refused() {
        let refused = Forwarding::resumed(b"{\"told\": 1}", &ports()).unwrap_err();
        assert!(refused.to_string().starts_with("the routes and neighbours in the journal"));
    }
}
