//! What an audit of the device finds.

use crate::{GroupName, NatTarget};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// Every difference between what the device holds and what it should hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditResult {
    /// How many table rows were compared: those that are there, and those that should be and are
    /// not.
    pub checked: u64,
    /// Whether nothing differed.
    pub clean: bool,
    /// Entries that have no row, at most 1000 of them.
    pub missing: Vec<AuditMissing>,
    /// How many there are.
    pub missing_total: u64,
    /// Rows of the NAT tables that should not be there, at most 1000 of them.
    pub extra: Vec<AuditExtra>,
    /// How many there are.
    pub extra_total: u64,
    /// Entries whose row is another than it should be, at most 1000 for each reason.
    pub different: Vec<AuditDifferent>,
    /// How many there are.
    pub different_total: u64,
    /// Rows of other tables that are not as they should be, at most 1000 of each kind.
    pub forwarding: Vec<AuditForwarding>,
    /// How many there are.
    pub forwarding_total: u64,
    /// How many table writes repaired this.
    pub repaired: u64,
    /// How many differences are left. dpd goes on repairing them, unless it was told not to.
    pub remaining: u64,
}

/// An entry that has no row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditMissing {
    /// The external address.
    pub external: IpAddr,
    /// The first L4 port.
    pub low: u16,
    /// The last L4 port, itself included.
    pub high: u16,
    /// Where packets should go.
    pub target: NatTarget,
    /// The group that the entry belongs to.
    pub group: Option<GroupName>,
    /// Since when this has been known.
    pub since: DateTime<Utc>,
}

/// A row that should not be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditExtra {
    /// The external address.
    pub external: IpAddr,
    /// The first L4 port.
    pub low: u16,
    /// The last L4 port, itself included.
    pub high: u16,
    /// Where it sends packets.
    pub target: NatTarget,
    /// Its priority.
    pub priority: u32,
    /// The group that it is left over from, or beside whose row it is, if that is known.
    pub group: Option<GroupName>,
    /// Since when this has been known.
    pub since: DateTime<Utc>,
}

/// An entry whose row is another than it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditDifferent {
    /// The external address.
    pub external: IpAddr,
    /// The first L4 port.
    pub low: u16,
    /// The last L4 port, itself included.
    pub high: u16,
    /// What differs.
    pub reason: AuditReason,
    /// The row that should be there.
    pub expected: AuditRow,
    /// The row that is there.
    pub found: AuditRow,
    /// The group that the entry belongs to.
    pub group: Option<GroupName>,
    /// Since when this has been known.
    pub since: DateTime<Utc>,
}

/// In what a row differs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AuditReason {
    /// It sends packets elsewhere.
    Target,
    /// It has another priority.
    Priority,
}

/// What a row does and which row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditRow {
    /// Where it sends packets.
    pub target: NatTarget,
    /// Its priority.
    pub priority: u32,
}

/// A row of a table besides those of NAT that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AuditForwarding {
    /// The table.
    pub table: String,
    /// What packets the row is for, by the names of the keys.
    pub keys: BTreeMap<String, String>,
    /// How it differs.
    pub kind: AuditKind,
    /// Since when this has been known.
    pub since: DateTime<Utc>,
}

/// How a row differs.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AuditKind {
    /// It is not there and should be.
    Missing,
    /// It is there and should not be.
    Extra,
    /// It does something else than it should.
    Different,
}
