//! Ensuring a group: the complete set that should exist, and what became of it.

use crate::{Digest, Generation, GroupName, NatEntry, NatSlot, NatTarget, PerFamily};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The complete set of entries that a group should have, at a generation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, expecting = "an object with `generation` and `entries`")]
pub struct EnsureRequest {
    /// The number of this set, 1 to 2^63-1. Not below the group's: an older one is refused, an
    /// equal one is taken only with equal content, and then writes nothing.
    pub generation: Generation,
    /// Every entry that should exist, in any order. What the group has and this list lacks is
    /// removed.
    pub entries: Vec<NatEntry>,
    /// Which entries of `ungrouped` become this group's, before anything is compared. Only a
    /// newer generation adopts.
    #[serde(default)]
    pub adopt: Adopt,
    /// Table rows kept free for this group, which other groups then cannot take. Left out or
    /// null: as before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserve: Option<PerFamily>,
    /// Refuse if more entries than this would be removed. Left out or null: no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_removals: Option<u64>,
    /// Whether an empty set may empty a group that has entries.
    #[serde(default)]
    pub allow_empty: bool,
}

/// Which entries of the group `ungrouped` an ensure takes over. Adopting writes nothing to a
/// table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Adopt {
    /// None: an ungrouped entry in the way is a conflict.
    None,
    /// Those identical to a requested entry.
    #[default]
    Identical,
    /// Every one with this VNI, 0 to 16777215, so that those not requested are removed.
    Vni(#[schemars(range(max = 16_777_215))] u32),
}

/// What an ensure or a deletion did, or with `dry_run` would do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EnsureResult {
    /// The group.
    pub group: GroupName,
    /// The generation it has now.
    pub generation: u64,
    /// The generation it had before; null if there was no such group.
    pub previous_generation: Option<u64>,
    /// The digest of the set it has now.
    pub digest: Digest,
    /// Whether this only says what would happen.
    pub dry_run: bool,
    /// How many entries were added.
    pub added: u64,
    /// How many entries got another target.
    pub updated: u64,
    /// How many entries were removed.
    pub removed: u64,
    /// How many entries were there already, with the same target.
    pub unchanged: u64,
    /// How many entries were taken over from `ungrouped`. They are counted above as well.
    pub adopted: u64,
    /// How many table rows were written for this change; 0 if nothing changed.
    pub writes: u64,
    /// How many table rows were written to mend earlier divergence of this group.
    pub repaired: u64,
    /// Slots whose row had to be removed before its successor was added, so that for a moment
    /// their traffic found neither. Normally empty.
    pub gaps: Vec<NatSlot>,
    /// The most rows that each NAT table would hold at any time meanwhile, those of all groups. Of a
    /// dry run only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peak_rows: Option<PerFamily>,
    /// What changed, in slot order, at most 100 of them.
    pub changes: Vec<NatChange>,
    /// How many changes there were in all.
    pub changes_total: u64,
}

/// One difference between two sets of entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NatChange {
    /// What happened to the entry.
    pub op: ChangeOp,
    /// The entry as it is now; of a removal, as it was.
    pub entry: NatEntry,
    /// Where the entry's traffic went before. Of an update only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub was: Option<NatTarget>,
}

/// What happens to an entry from one set to another.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum ChangeOp {
    /// It was not there.
    Add,
    /// It has another target.
    Update,
    /// It is no longer there.
    Remove,
}

impl EnsureRequest {
    /// A request for `entries` at `generation`, with nothing optional set.
    pub fn new(generation: Generation, entries: Vec<NatEntry>) -> Self {
        Self {
            generation,
            entries,
            adopt: Adopt::default(),
            reserve: None,
            max_removals: None,
            allow_empty: false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    #[rstest]
    #[case::left_out("", Adopt::Identical)]
    #[case::none(r#","adopt":"none""#, Adopt::None)]
    #[case::identical(r#","adopt":"identical""#, Adopt::Identical)]
    #[case::vni(r#","adopt":{"vni":100}"#, Adopt::Vni(100))]
    fn adoption_is_asked_for_in_these_words(#[case] field: &str, #[case] adopt: Adopt) {
        let text = format!(r#"{{"generation":1,"entries":[]{field}}}"#);
        let request: EnsureRequest = serde_json::from_str(&text).unwrap();
        assert_eq!(request.adopt, adopt);
    }

    #[rstest]
    #[case::unknown_field(r#"{"generation":1,"entries":[],"allow_emtpy":true}"#, "allow_emtpy")]
    #[case::unknown_adoption(r#"{"generation":1,"entries":[],"adopt":"all"}"#, "all")]
    #[case::half_a_reservation(r#"{"generation":1,"entries":[],"reserve":{"ipv4":1}}"#, "ipv6")]
    #[case::no_entries(r#"{"generation":1}"#, "entries")]
    #[case::same_field_twice(r#"{"generation":1,"generation":2,"entries":[]}"#, "generation")]
    fn a_request_that_is_not_understood_is_refused(#[case] text: &str, #[case] about: &str) {
        let refused = serde_json::from_str::<EnsureRequest>(text).unwrap_err().to_string();
        assert!(refused.contains(about), "{refused}");
    }

    #[test]
    fn only_an_update_says_what_was() {
        let target = NatTarget {
            internal_ip: std::net::Ipv6Addr::LOCALHOST,
            inner_mac: crate::MacAddr { a: [0; 6] },
            vni: 1,
        };
        let entry =
            NatEntry { external: std::net::Ipv4Addr::BROADCAST.into(), low: 1, high: 2, target };
        let add = NatChange { op: ChangeOp::Add, entry, was: None };
        assert!(!serde_json::to_string(&add).unwrap().contains("was"));
        let update = NatChange { op: ChangeOp::Update, entry, was: Some(target) };
        let text = serde_json::to_string(&update).unwrap();
        assert!(text.starts_with(r#"{"op":"update","entry":"#) && text.contains(r#""was":{"#));
    }
}
