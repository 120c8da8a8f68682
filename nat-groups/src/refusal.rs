//! Why a command was refused. A refused command changed nothing.

use crate::digest::Digest;
use crate::generation::Generation;
use crate::listed::Listed;
use crate::mapping::Mapping;
use crate::name::GroupName;
use crate::slot::Slot;
use crate::target::Target;
use thiserror::Error;

/// Why the store refused a command, with both parties.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Refusal {
    /// The built-in group belongs to the per-entry operations.
    #[error(
        "the group {name} is built in and holds the entries of the per-entry operations; it cannot \
         be ensured, updated or deleted",
        name = GroupName::UNGROUPED
    )]
    ReservedGroup,
    /// One command names a group twice.
    #[error("the group {group} is named twice in one request")]
    GroupNamedTwice {
        /// The group.
        group: GroupName,
    },
    /// There is no such group.
    #[error("there is no group {group}{}", deleted_at(tombstone))]
    NoSuchGroup {
        /// The name asked for.
        group: GroupName,
        /// The generation at which it was deleted, if it once was there.
        tombstone: Option<Generation>,
    },
    /// A generation below the current one, or not above the tombstone.
    #[error("{}", stale_message(group, *requested, *current, *deleted))]
    StaleGeneration {
        /// The group.
        group: GroupName,
        /// The generation asked for.
        requested: Generation,
        /// The generation that the group has, or that its tombstone has.
        current: Generation,
        /// The digest of the current set; the empty set's if the group is deleted.
        current_digest: Digest,
        /// Whether the group is deleted.
        deleted: bool,
    },
    /// The generation is taken, with other content.
    #[error(
        "generation {generation} of group {group} is already there with {}; send other content \
         under a newer generation",
        if *content_differs { "another set" } else { "the same set but another reservation" }
    )]
    GenerationMismatch {
        /// The group.
        group: GroupName,
        /// The generation.
        generation: Generation,
        /// The digest of the set that the generation has.
        current_digest: Digest,
        /// The digest of the set that was asked for. Unknown for a delta whose base is not kept.
        requested_digest: Option<Digest>,
        /// Whether the sets differ; otherwise the reservations do.
        content_differs: bool,
    },
    /// A delta from a generation that is not the current one.
    #[error("the delta is based on generation {base} of group {group}, which is at {current}")]
    BaseMismatch {
        /// The group.
        group: GroupName,
        /// The generation that the delta starts from.
        base: Generation,
        /// The generation that the group has.
        current: Generation,
        /// The digest of the current set.
        current_digest: Digest,
    },
    /// A delta removes what is not there, or not so.
    #[error(
        "{} of the removals name a mapping that group {group} does not have; the first is {}",
        missing.total(),
        missing.items().first().map(ToString::to_string).unwrap_or_default()
    )]
    NoSuchMapping {
        /// The group.
        group: GroupName,
        /// Those removals.
        missing: Listed<MissingMapping>,
    },
    /// An empty set for a group that has mappings, without leave.
    #[error(
        "the empty set would remove all {would_remove} mappings of group {group}; allow_empty \
         permits that"
    )]
    EmptySet {
        /// The group.
        group: GroupName,
        /// How many mappings would go.
        would_remove: u64,
    },
    /// More removals than the command allows.
    #[error(
        "{would_remove} mappings of group {group} would be removed, and max_removals is \
         {max_removals}"
    )]
    TooManyRemovals {
        /// The group.
        group: GroupName,
        /// How many mappings would go.
        would_remove: u64,
        /// How many may.
        max_removals: u64,
    },
    /// Some mappings overlap others that are not the command's to change.
    #[error("{}", conflict_message(conflicts))]
    EntryConflict {
        /// Both parties of each conflict.
        conflicts: Listed<Conflict>,
    },
    /// A per-entry operation would remove a mapping of a named group.
    #[error(
        "{existing} belongs to group {group}; the per-entry operations change the group {ungrouped} \
         alone",
        ungrouped = GroupName::UNGROUPED
    )]
    NotUngrouped {
        /// The mapping.
        existing: Mapping,
        /// Its group.
        group: GroupName,
    },
    /// There are as many groups and tombstones as there may be.
    #[error("there are already {max_groups} groups and tombstones, the most there may be")]
    TooManyGroups {
        /// The most there may be.
        max_groups: usize,
    },
}

/// A mapping that was asked for and one that it overlaps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// What was asked for.
    pub requested: Mapping,
    /// What is there.
    pub existing: Mapping,
    /// Whose that is.
    pub group: GroupName,
}

/// A removal that found nothing, or something else.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{slot}{}", found.map(|target| format!(", which goes to {target}")).unwrap_or_default())]
pub struct MissingMapping {
    /// The slot that was to be removed.
    pub slot: Slot,
    /// The target it was expected to have, if that was said.
    pub expected: Option<Target>,
    /// The target it has, if it is there.
    pub found: Option<Target>,
}

fn deleted_at(tombstone: &Option<Generation>) -> String {
    tombstone.map(|at| format!("; it was deleted at generation {at}")).unwrap_or_default()
}

fn stale_message(
    group: &GroupName,
    requested: Generation,
    current: Generation,
    deleted: bool,
) -> String {
    if deleted {
        format!(
            "group {group} was deleted at generation {current}; generation {requested} is not above it"
        )
    } else {
        format!("group {group} is at generation {current}; generation {requested} is older")
    }
}

fn conflict_message(conflicts: &Listed<Conflict>) -> String {
    match conflicts.items().first() {
        Some(Conflict { requested, existing, group }) => {
            let more = match conflicts.total() - 1 {
                0 => String::new(),
                1 => "; there is 1 more conflict".to_owned(),
                more => format!("; there are {more} more conflicts"),
            };
            format!("{requested} overlaps {existing} of group {group}{more}")
        }
        None => "no conflict".to_owned(),
    }
}
