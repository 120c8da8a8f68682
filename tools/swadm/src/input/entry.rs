//! A set as JSON and TOML write it, more kindly than the wire takes it: a target's fields may
//! stand beside the slot's, and a MAC address may be text.

use super::{Options, Parsed};
use dpd_types::{Adopt, Generation, MacAddr, NatEntry, NatTarget, PerFamily};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, Visitor};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use thiserror::Error;

/// A set and what stands beside it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `entries`")]
pub(super) struct Set {
    entries: Vec<Entry>,
    generation: Option<Generation>,
    adopt: Option<Adopt>,
    reserve: Option<PerFamily>,
    max_removals: Option<u64>,
    allow_empty: Option<bool>,
}

/// An entry.
#[derive(Debug, Deserialize)]
#[serde(try_from = "Fields")]
pub(super) struct Entry(NatEntry);

impl From<Set> for Parsed {
    fn from(set: Set) -> Self {
        let Set { entries, generation, adopt, reserve, max_removals, allow_empty } = set;
        let options = Options { generation, adopt, reserve, max_removals, allow_empty };
        Self { options, ..Self::from(entries) }
    }
}

impl From<Vec<Entry>> for Parsed {
    fn from(entries: Vec<Entry>) -> Self {
        Self { entries: entries.into_iter().map(|Entry(entry)| entry).collect(), ..Self::default() }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an entry")]
struct Fields {
    external: IpAddr,
    low: u16,
    high: u16,
    target: Option<Target>,
    internal_ip: Option<Ipv6Addr>,
    inner_mac: Option<Mac>,
    vni: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a target")]
struct Target {
    internal_ip: Ipv6Addr,
    inner_mac: Mac,
    vni: u32,
}

#[derive(Debug, Error)]
enum Incomplete {
    #[error("missing field `{field}`")]
    Missing { field: &'static str },
    #[error("`target` and `internal_ip`, `inner_mac`, `vni` say the same: give one of them")]
    Twice,
}

impl TryFrom<Fields> for Entry {
    type Error = Incomplete;

    fn try_from(fields: Fields) -> Result<Self, Incomplete> {
        let Fields { external, low, high, target, internal_ip, inner_mac, vni } = fields;
        let target = match (target, internal_ip, inner_mac, vni) {
            (Some(target), None, None, None) => target,
            (Some(_), ..) => return Err(Incomplete::Twice),
            (None, Some(internal_ip), Some(inner_mac), Some(vni)) => {
                Target { internal_ip, inner_mac, vni }
            }
            (None, None, ..) => return Err(Incomplete::Missing { field: "internal_ip" }),
            (None, _, None, _) => return Err(Incomplete::Missing { field: "inner_mac" }),
            (None, _, _, None) => return Err(Incomplete::Missing { field: "vni" }),
        };
        let Target { internal_ip, inner_mac: Mac(inner_mac), vni } = target;
        let target = NatTarget { internal_ip, inner_mac, vni };
        Ok(Self(NatEntry { external, low, high, target }))
    }
}

/// A MAC address as text or as on the wire.
#[derive(Debug)]
struct Mac(MacAddr);

impl<'de> Deserialize<'de> for Mac {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TextOrWire).map(Self)
    }
}

struct TextOrWire;

impl<'de> Visitor<'de> for TextOrWire {
    type Value = MacAddr;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a MAC address such as \"a8:40:25:f0:00:01\"")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<MacAddr, E> {
        text.parse().map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<MacAddr, A::Error> {
        MacAddr::deserialize(de::value::MapAccessDeserializer::new(map))
    }
}
