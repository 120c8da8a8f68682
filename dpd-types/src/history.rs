//! The sets a group has had: pages of one, the list of those kept, and what changed between two.

use crate::{Digest, NatChange, NatEntry, PerFamily};
use chrono::{DateTime, Utc};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A page of one generation's entries, sorted by external address (IPv4 first), then `low`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EntriesPage {
    /// The generation that all pages are of.
    pub generation: u64,
    /// The digest of the whole generation, also under a filter.
    pub digest: Digest,
    /// The entries.
    pub items: Vec<NatEntry>,
    /// The `page_token` of the next page; null on the last.
    pub next_page: Option<String>,
}

/// One generation of a group that is still kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GenerationInfo {
    /// The generation.
    pub generation: u64,
    /// The digest of its set.
    pub digest: Digest,
    /// When it was taken.
    pub time: DateTime<Utc>,
    /// The `x-request-id` of the request that brought it.
    pub request_id: String,
    /// How many entries it has.
    pub entries: PerFamily,
    /// How many entries it added to the generation before it.
    pub added: u64,
    /// How many entries it gave another target.
    pub updated: u64,
    /// How many entries it removed.
    pub removed: u64,
}

/// A page of what changed between two generations, in slot order. A range cut another way shows
/// as a removal and an addition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangesPage {
    /// The generation the changes start from; 0 is the empty set before the first.
    pub from: u64,
    /// The generation the changes lead to.
    pub to: u64,
    /// The digest of generation `to`.
    pub digest: Digest,
    /// The changes.
    pub items: Vec<NatChange>,
    /// The `page_token` of the next page; null on the last.
    pub next_page: Option<String>,
}
