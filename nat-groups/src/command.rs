//! What a client asks of the store, and what it learns.

use crate::change::{Change, ChangeCounts};
use crate::digest::Digest;
use crate::family::PerFamily;
use crate::generation::Generation;
use crate::mapping::SortedMappings;
use crate::name::{GroupId, GroupName};
use crate::slot::Slot;
use crate::store::Store;
use crate::target::{Target, Vni};

/// Make a group's set exactly this.
#[derive(Clone, Debug)]
pub struct Ensure {
    /// The group.
    pub group: GroupName,
    /// The generation of the set.
    pub generation: Generation,
    /// The complete set.
    pub mappings: SortedMappings,
    /// Which ungrouped mappings become the group's first.
    pub adopt: Adopt,
    /// Table rows to keep free for the group; none: as before.
    pub reserve: Option<PerFamily<u64>>,
    /// How many mappings may go at most; none: any number.
    pub max_removals: Option<u64>,
    /// Whether the set may be empty although the group has mappings.
    pub allow_empty: bool,
}

/// Which ungrouped mappings an ensure takes over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Adopt {
    /// None.
    None,
    /// Those identical to a requested one.
    #[default]
    Identical,
    /// All with this VNI, so that those which are not requested go.
    Vni(Vni),
}

/// Change a group's set from a known generation.
#[derive(Clone, Debug)]
pub struct Delta {
    /// The group.
    pub group: GroupName,
    /// The generation that the delta starts from.
    pub base: Generation,
    /// The generation that it leads to.
    pub generation: Generation,
    /// What to remove, before anything is set.
    pub remove: Vec<Removal>,
    /// What to add or to give another target.
    pub set: SortedMappings,
    /// How many mappings may go at most; none: any number.
    pub max_removals: Option<u64>,
}

/// A mapping to remove.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Removal {
    /// Its slot, exactly.
    pub slot: Slot,
    /// The target that it must have; none: any.
    pub expect: Option<Target>,
}

/// What the store decided: the state to come, if the device agrees.
#[derive(Clone, Debug)]
pub struct Decision {
    /// The store after the command.
    pub next: Store,
    /// The groups whose rows may change, or are to be repaired.
    pub touched: Vec<GroupId>,
    /// What happens to each group of the command, in its order.
    pub outcomes: Vec<Outcome>,
}

/// What a command does to one group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The group.
    pub group: GroupName,
    /// Its generation after the command; a tombstone's, if it is deleted.
    pub generation: Generation,
    /// Its generation before; none if it did not exist.
    pub previous_generation: Option<Generation>,
    /// The digest of its set after the command.
    pub digest: Digest,
    /// How many mappings are added, get another target, or go.
    pub counts: ChangeCounts,
    /// How many stay as they are.
    pub unchanged: u64,
    /// How many ungrouped mappings became the group's first.
    pub adopted: u64,
    /// The changes themselves, in slot order.
    pub changes: Vec<Change>,
}
