//! What stands in the path and in the query of each operation.

use crate::{Generation, GroupName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::num::NonZeroU32;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupPath {
    /// The group.
    pub group: GroupName,
}

/// An external IPv4 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv4Path {
    /// The external address.
    pub ipv4: Ipv4Addr,
}

/// An external IPv4 address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv4PortPath {
    /// The external address.
    pub ipv4: Ipv4Addr,
    /// An L4 port, 0 to 65535.
    pub low: u16,
}

/// An external IPv4 address and a range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv4RangePath {
    /// The external address.
    pub ipv4: Ipv4Addr,
    /// The first L4 port of the range, 0 to 65535.
    pub low: u16,
    /// The last L4 port of the range, itself included.
    pub high: u16,
}

/// An external IPv6 address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv6Path {
    /// The external address.
    pub ipv6: Ipv6Addr,
}

/// An external IPv6 address and a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv6PortPath {
    /// The external address.
    pub ipv6: Ipv6Addr,
    /// An L4 port, 0 to 65535.
    pub low: u16,
}

/// An external IPv6 address and a range of ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ipv6RangePath {
    /// The external address.
    pub ipv6: Ipv6Addr,
    /// The first L4 port of the range, 0 to 65535.
    pub low: u16,
    /// The last L4 port of the range, itself included.
    pub high: u16,
}

/// A table of the device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TablePath {
    /// The table's name, as `GET /table` lists it.
    pub table: String,
}

/// No query parameter at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NoQuery {}

/// Whether to change anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DryRunQuery {
    /// With `true`, answer exactly what would happen, refusals included, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// Whether to mend what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditQuery {
    /// With `false`, leave what is found as it is until a repair is asked for.
    #[serde(default = "yes")]
    pub repair: bool,
}

fn yes() -> bool {
    true
}

/// The generation of a deletion.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeleteQuery {
    /// The generation of the tombstone: not below the group's.
    pub generation: Generation,
    /// With `true`, answer exactly what would happen, refusals included, and change nothing.
    #[serde(default)]
    pub dry_run: bool,
}

/// A page of a list.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PageQuery {
    /// How many items a page may have, from 1; 1000 if left out, and never more than 10000.
    pub limit: Option<NonZeroU32>,
    /// The `next_page` of the page before. Beside it only `limit` may be given.
    pub page_token: Option<String>,
}

/// A page of a generation's entries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntriesQuery {
    /// Only entries of this external address, IPv4 or IPv6.
    pub external: Option<IpAddr>,
    /// Only entries with this VNI, 0 to 16777215.
    #[schemars(range(max = 16_777_215))]
    pub vni: Option<u32>,
    /// The generation to read; the current one if left out.
    pub generation: Option<Generation>,
    /// How many items a page may have, from 1; 1000 if left out, and never more than 10000.
    pub limit: Option<NonZeroU32>,
    /// The `next_page` of the page before, whose generation and filter go on. Beside it only
    /// `limit` may be given.
    pub page_token: Option<String>,
}

/// A page of what changed between two generations.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangesQuery {
    /// The generation to start from; 0 is the empty set before the first. Required on the first
    /// page.
    pub from: Option<u64>,
    /// The generation to lead to, also one before `from`; the current one if left out.
    pub to: Option<u64>,
    /// How many items a page may have, from 1; 1000 if left out, and never more than 10000.
    pub limit: Option<NonZeroU32>,
    /// The `next_page` of the page before, whose two generations go on. Beside it only `limit`
    /// may be given.
    pub page_token: Option<String>,
}

/// Where a table's rows are read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableDumpQuery {
    /// With `true` every row is read from the device itself, with `false` from what dpd knows the
    /// device to hold.
    pub from_hardware: bool,
}

/// How fresh a table's counters are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TableCountersQuery {
    /// With `true` the device first brings its counters up to date.
    pub force_sync: bool,
}

impl From<Ipv4Path> for IpAddr {
    fn from(Ipv4Path { ipv4 }: Ipv4Path) -> Self {
        ipv4.into()
    }
}

/// The address and the port.
impl From<Ipv4PortPath> for (IpAddr, u16) {
    fn from(Ipv4PortPath { ipv4, low }: Ipv4PortPath) -> Self {
        (ipv4.into(), low)
    }
}

/// The address, the first port and the last.
impl From<Ipv4RangePath> for (IpAddr, u16, u16) {
    fn from(Ipv4RangePath { ipv4, low, high }: Ipv4RangePath) -> Self {
        (ipv4.into(), low, high)
    }
}

impl From<Ipv6Path> for IpAddr {
    fn from(Ipv6Path { ipv6 }: Ipv6Path) -> Self {
        ipv6.into()
    }
}

/// The address and the port.
impl From<Ipv6PortPath> for (IpAddr, u16) {
    fn from(Ipv6PortPath { ipv6, low }: Ipv6PortPath) -> Self {
        (ipv6.into(), low)
    }
}

/// The address, the first port and the last.
impl From<Ipv6RangePath> for (IpAddr, u16, u16) {
    fn from(Ipv6RangePath { ipv6, low, high }: Ipv6RangePath) -> Self {
        (ipv6.into(), low, high)
    }
}
