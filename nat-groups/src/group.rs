//! A group and its kept generations.

use crate::change::ChangeCounts;
use crate::family::{Family, PerFamily};
use crate::generation::Generation;
use crate::name::{GroupId, GroupName};
use crate::set::MappingSet;
use std::sync::Arc;

/// Where a generation came from. The core has no clock: whoever commands it says the time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// When, in microseconds since the Unix epoch.
    pub unix_micros: u64,
    /// The id of the request that brought it.
    pub request_id: Arc<str>,
}

/// One generation of a group: the complete set that existed from it on.
#[derive(Clone, Debug)]
pub struct Version {
    /// Its number.
    pub generation: Generation,
    /// Its mappings.
    pub set: MappingSet,
    /// The table rows that are kept free for the group.
    pub reserve: PerFamily<u64>,
    /// What it changed from the generation before it.
    pub counts: ChangeCounts,
    /// Where it came from.
    pub stamp: Stamp,
}

impl Version {
    /// The rows that count against other groups: those in use, or reserved if that is more.
    pub fn committed_rows(&self) -> PerFamily<u64> {
        PerFamily::from_fn(|family| self.set.rows()[family].max(self.reserve[family]))
    }

    /// The rows that are reserved and not in use.
    pub fn unused_reserve(&self, family: Family) -> u64 {
        self.reserve[family].saturating_sub(self.set.rows()[family])
    }
}

/// A group: its name and its last generations. There always is a current one.
#[derive(Clone, Debug)]
pub struct Group {
    id: GroupId,
    name: GroupName,
    current: Arc<Version>,
    /// The kept generations before the current one, newest first.
    earlier: Vec<Arc<Version>>,
}

impl Group {
    pub(crate) fn new(id: GroupId, name: GroupName, first: Version) -> Self {
        Self { id, name, current: Arc::new(first), earlier: Vec::new() }
    }

    /// The group with these generations, newest first, and of them as many as `keep` allows; none if
    /// there is none.
    pub(crate) fn of_versions(
        id: GroupId,
        name: GroupName,
        versions: Vec<Version>,
        keep: usize,
    ) -> Option<Self> {
        let mut versions = versions.into_iter().map(Arc::new);
        let current = versions.next()?;
        let earlier = versions.take(keep.saturating_sub(1)).collect();
        Some(Self { id, name, current, earlier })
    }

    /// The group with one more generation, and of the earlier ones as many as `keep` allows, the
    /// current one included.
    pub(crate) fn advanced(&self, next: Version, keep: usize) -> Self {
        let earlier = self.generations().take(keep.saturating_sub(1)).map(Arc::clone).collect();
        Self { id: self.id, name: self.name.clone(), current: Arc::new(next), earlier }
    }

    /// Its handle in the store.
    pub fn id(&self) -> GroupId {
        self.id
    }

    /// Its name.
    pub fn name(&self) -> &GroupName {
        &self.name
    }

    /// Its current generation.
    pub fn current(&self) -> &Arc<Version> {
        &self.current
    }

    /// Its kept generations, newest first: at least the current one.
    pub fn generations(&self) -> impl Iterator<Item = &Arc<Version>> {
        std::iter::once(&self.current).chain(&self.earlier)
    }

    /// A kept generation by its number.
    pub fn generation(&self, generation: Generation) -> Option<&Arc<Version>> {
        self.generations().find(|version| version.generation == generation)
    }

    /// The oldest kept generation.
    pub fn oldest(&self) -> &Arc<Version> {
        self.earlier.last().unwrap_or(&self.current)
    }

    /// The oldest kept generation since which `slot` has had the target that it has now.
    ///
    /// None if the current generation does not have the slot.
    pub fn unchanged_since(&self, slot: &crate::slot::Slot) -> Option<Generation> {
        let target = self.current.set.target(slot)?;
        self.generations()
            .take_while(|version| version.set.target(slot) == Some(target))
            .last()
            .map(|version| version.generation)
    }
}
