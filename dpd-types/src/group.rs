//! The status of a group.

use crate::{Digest, GroupName};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The status of one group, small whatever the group's size.
///
/// A client that only wants to know whether it is still in sync compares `generation`, `digest`
/// and `state`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GroupView {
    /// The group.
    pub group: GroupName,
    /// The generation of its set.
    pub generation: u64,
    /// The digest of its set.
    pub digest: Digest,
    /// How many entries it has.
    pub entries: PerFamily,
    /// How many table rows they cost. A device may need several rows for one range of ports.
    pub table_rows: PerFamily,
    /// Whether the device holds what it should.
    pub state: GroupState,
    /// How many of its rows are missing, different or left over in the device, as far as known.
    pub diverged: u64,
    /// The last generation that the device held whole; null if there was none.
    pub programmed_generation: Option<u64>,
    /// When its set last changed; null if it never did.
    pub last_change: Option<DateTime<Utc>>,
    /// The `x-request-id` of the request that last changed its set; null if none did.
    pub last_request_id: Option<String>,
    /// Table rows kept free for this group.
    pub reserve: PerFamily,
    /// What went wrong with this group last, if it has not been mended since; else null.
    pub last_error: Option<String>,
    /// Where the repair stands that this group waits for; left out if it waits for none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repair: Option<RepairStatus>,
}

/// Where the repair stands of what the device, or dpd's own state on disk, holds and should not, or
/// should and does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RepairStatus {
    /// How often it was tried in vain, one time after the other.
    pub attempts: u64,
    /// In how many milliseconds it is tried again at the latest; null if only a request brings it
    /// about.
    pub next_attempt_ms: Option<u64>,
    /// What would bring it about earlier, or makes it wait; null if it is under way.
    pub waits_for: Option<RepairWait>,
    /// Since when there has been something to repair.
    pub since: DateTime<Utc>,
}

/// What a repair waits for.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RepairWait {
    /// Another try: the device refused, or its answer was lost.
    Retry,
    /// Table rows that become free.
    Room,
    /// The device, which cannot be reached or does not answer in time.
    Device,
    /// dpd's own state on disk, which cannot be written.
    Journal,
    /// A request to repair: an audit was told to leave what it found.
    Request,
}

/// Whether the device holds what a group says it should.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum GroupState {
    /// It does.
    Programmed,
    /// Something diverged and is being mended, or the device was lost and has not been read since.
    Repairing,
    /// The device refused a change midway and could not be put back. dpd keeps trying.
    Torn,
}

/// A number for each address family.
#[derive(
    Clone,
    Copy,
    Debug,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    JsonSchema,
)]
#[serde(deny_unknown_fields, expecting = "an object with `ipv4` and `ipv6`")]
pub struct PerFamily {
    /// For IPv4.
    pub ipv4: u64,
    /// For IPv6.
    pub ipv6: u64,
}
