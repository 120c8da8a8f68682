//! What should exist, by vectors and linear scans: clear rather than efficient. It shares no rule
//! with the core, only its values.

use crate::universe::{self, Packet};
use dpd::controller::Command;
use dpd::forwarding::Route;
use nat_groups::{
    Adopt, Digest, Ensure, Family, Generation, GroupName, MacAddr, Mapping, PerFamily, PortRange,
    Refusal, Target,
};
use oxnet::IpNet;
use std::fmt;
use std::net::IpAddr;

/// All that clients have been told of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct World {
    /// The built-in group and the others, in the order in which they came.
    pub(crate) groups: Vec<ModelGroup>,
    /// The names of deleted groups, and at which generation.
    pub(crate) deleted: Vec<(GroupName, Generation)>,
    /// Routes, by prefix.
    pub(crate) routes: Vec<(IpNet, Route)>,
    /// Neighbours, by address.
    pub(crate) neighbors: Vec<(IpAddr, MacAddr)>,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelGroup {
    pub(crate) name: GroupName,
    pub(crate) reserve: PerFamily<u64>,
    /// All generations since it came, the current one last.
    pub(crate) generations: Vec<ModelGeneration>,
}

/// One generation of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ModelGeneration {
    pub(crate) generation: Generation,
    pub(crate) mappings: Vec<Mapping>,
}

/// What is to become of a command.
#[derive(Clone, Debug)]
pub(crate) enum Verdict {
    /// All groups are to be so then, and it is about these.
    Taken { next: World, touched: Vec<GroupName> },
    /// It is refused.
    Refused(Rule),
}

/// Which rule forbids it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Rule {
    Reserved,
    NamedTwice,
    NoSuchGroup,
    Stale,
    StaleToTombstone,
    Mismatch,
    BaseMismatch,
    NoSuchMapping,
    Empty,
    TooManyRemovals,
    Conflict,
    NotUngrouped,
    TooManyGroups,
}

impl Rule {
    pub(crate) fn of(refusal: &Refusal) -> Self {
        match refusal {
            Refusal::ReservedGroup => Rule::Reserved,
            Refusal::GroupNamedTwice { .. } => Rule::NamedTwice,
            Refusal::NoSuchGroup { .. } => Rule::NoSuchGroup,
            Refusal::StaleGeneration { deleted: false, .. } => Rule::Stale,
            Refusal::StaleGeneration { deleted: true, .. } => Rule::StaleToTombstone,
            Refusal::GenerationMismatch { .. } => Rule::Mismatch,
            Refusal::BaseMismatch { .. } => Rule::BaseMismatch,
            Refusal::NoSuchMapping { .. } => Rule::NoSuchMapping,
            Refusal::EmptySet { .. } => Rule::Empty,
            Refusal::TooManyRemovals { .. } => Rule::TooManyRemovals,
            Refusal::EntryConflict { .. } => Rule::Conflict,
            Refusal::NotUngrouped { .. } => Rule::NotUngrouped,
            Refusal::TooManyGroups { .. } => Rule::TooManyGroups,
        }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl ModelGroup {
    fn new(name: GroupName, generation: Generation) -> Self {
        let first = ModelGeneration { generation, mappings: Vec::new() };
        Self { name, reserve: PerFamily::default(), generations: vec![first] }
    }

    pub(crate) fn current(&self) -> Option<&ModelGeneration> {
        self.generations.last()
    }

    pub(crate) fn generation(&self) -> Generation {
        self.current().map_or(Generation::FIRST, |current| current.generation)
    }

    pub(crate) fn mappings(&self) -> &[Mapping] {
        self.current().map_or(&[], |current| &current.mappings)
    }

    /// The rows that no other group can have.
    fn committed(&self, family: Family, cost: fn(PortRange) -> u32) -> u64 {
        rows(self.mappings(), family, cost).max(self.reserve[family])
    }
}

impl ModelGeneration {
    pub(crate) fn digest(&self) -> Digest {
        let mut digest = Digest::EMPTY;
        self.mappings.iter().for_each(|mapping| digest.add(mapping));
        digest
    }
}

impl World {
    pub(crate) fn new() -> Self {
        let ungrouped = ModelGroup::new(GroupName::ungrouped(), Generation::FIRST);
        Self {
            groups: vec![ungrouped],
            deleted: Vec::new(),
            routes: Vec::new(),
            neighbors: Vec::new(),
        }
    }

    pub(crate) fn group(&self, name: &GroupName) -> Option<&ModelGroup> {
        self.groups.iter().find(|group| group.name == *name)
    }

    pub(crate) fn tombstone(&self, name: &GroupName) -> Option<Generation> {
        self.deleted.iter().find(|(deleted, _)| deleted == name).map(|(_, at)| *at)
    }

    pub(crate) fn mappings(&self) -> Vec<Mapping> {
        self.groups.iter().flat_map(|group| group.mappings()).copied().collect()
    }

    pub(crate) fn target(&self, packet: Packet) -> Option<Target> {
        self.groups.iter().find_map(|group| universe::target_of(group.mappings(), packet))
    }

    /// The table rows that all groups have or reserve.
    pub(crate) fn committed(&self, family: Family, cost: fn(PortRange) -> u32) -> u64 {
        self.groups.iter().map(|group| group.committed(family, cost)).sum()
    }

    /// What is to become of a command.
    pub(crate) fn judge(&self, command: &Command, max_groups: usize) -> Verdict {
        let result = match command {
            Command::Ensure(ensures) => self.ensure(ensures, max_groups),
            Command::Delete { group, generation } => self.delete(group, *generation),
            Command::Put(mapping) => self.put(*mapping),
            Command::Remove { external, port } => {
                self.remove(Packet { external: *external, port: *port })
            }
            Command::Reset(family) => Ok(self.reset(*family)),
        };
        match result {
            Ok((next, touched)) => Verdict::Taken { next, touched },
            Err(rule) => Verdict::Refused(rule),
        }
    }

    fn group_mut(&mut self, name: &GroupName) -> Option<&mut ModelGroup> {
        self.groups.iter_mut().find(|group| group.name == *name)
    }

    fn ensure(
        &self,
        ensures: &[Ensure],
        max_groups: usize,
    ) -> Result<(World, Vec<GroupName>), Rule> {
        for (index, ensure) in ensures.iter().enumerate() {
            if ensure.group.is_ungrouped() {
                return Err(Rule::Reserved);
            }
            if ensures[..index].iter().any(|earlier| earlier.group == ensure.group) {
                return Err(Rule::NamedTwice);
            }
        }
        let mut newer = Vec::new();
        for ensure in ensures {
            if self.is_newer(ensure)? {
                newer.push(ensure);
            }
        }
        let mut next = self.clone();
        let ungrouped = self.group(&GroupName::ungrouped());
        let mut left: Vec<Mapping> = ungrouped.map_or(&[][..], ModelGroup::mappings).to_vec();
        let all = left.len();
        let (mut empty, mut too_many) = (false, false);
        for ensure in &newer {
            let wanted = ensure.mappings.as_slice();
            let before = self.group(&ensure.group).map_or(&[][..], ModelGroup::mappings);
            let is_adopted = |mapping: &Mapping| match ensure.adopt {
                Adopt::None => false,
                Adopt::Identical => wanted.contains(mapping),
                Adopt::Vni(vni) => mapping.target.vni == vni,
            };
            let adopted: Vec<Mapping> = left.iter().copied().filter(is_adopted).collect();
            left.retain(|mapping| !adopted.contains(mapping));
            let had = || before.iter().chain(&adopted);
            let goes = |mapping: &&Mapping| !wanted.iter().any(|it| it.slot == mapping.slot);
            let removed = had().filter(goes).count() as u64;
            empty |= wanted.is_empty() && removed > 0 && !ensure.allow_empty;
            too_many |= ensure.max_removals.is_some_and(|most| removed > most);
            next.take(ensure);
        }
        if empty {
            return Err(Rule::Empty);
        }
        if too_many {
            return Err(Rule::TooManyRemovals);
        }
        let mut touched: Vec<GroupName> =
            ensures.iter().map(|ensure| ensure.group.clone()).collect();
        if left.len() < all {
            next.advance_ungrouped(left);
            touched.push(GroupName::ungrouped());
        }
        if next.has_overlap() {
            return Err(Rule::Conflict);
        }
        let names = |world: &World| world.groups.len() - 1 + world.deleted.len();
        if names(&next) > max_groups && names(&next) > names(self) {
            return Err(Rule::TooManyGroups);
        }
        Ok((next, touched))
    }

    /// Whether an ensure says something new.
    fn is_newer(&self, ensure: &Ensure) -> Result<bool, Rule> {
        if let Some(tombstone) = self.tombstone(&ensure.group) {
            return if ensure.generation > tombstone {
                Ok(true)
            } else {
                Err(Rule::StaleToTombstone)
            };
        }
        let Some(group) = self.group(&ensure.group) else { return Ok(true) };
        let same_reserve = ensure.reserve.is_none_or(|reserve| reserve == group.reserve);
        let is_same = same(group.mappings(), ensure.mappings.as_slice()) && same_reserve;
        match ensure.generation.cmp(&group.generation()) {
            std::cmp::Ordering::Less => Err(Rule::Stale),
            std::cmp::Ordering::Equal if is_same => Ok(false),
            std::cmp::Ordering::Equal => Err(Rule::Mismatch),
            std::cmp::Ordering::Greater => Ok(true),
        }
    }

    fn take(&mut self, ensure: &Ensure) {
        self.deleted.retain(|(name, _)| *name != ensure.group);
        if self.group(&ensure.group).is_none() {
            let mut group = ModelGroup::new(ensure.group.clone(), ensure.generation);
            group.generations.clear();
            self.groups.push(group);
        }
        if let Some(group) = self.group_mut(&ensure.group) {
            group.reserve = ensure.reserve.unwrap_or(group.reserve);
            let (generation, mappings) = (ensure.generation, ensure.mappings.as_slice().to_vec());
            group.generations.push(ModelGeneration { generation, mappings });
        }
    }

    fn delete(
        &self,
        name: &GroupName,
        generation: Generation,
    ) -> Result<(World, Vec<GroupName>), Rule> {
        if name.is_ungrouped() {
            return Err(Rule::Reserved);
        }
        let mut next = self.clone();
        match (self.group(name), self.tombstone(name)) {
            (Some(group), _) if generation < group.generation() => return Err(Rule::Stale),
            (None, Some(tombstone)) if generation < tombstone => {
                return Err(Rule::StaleToTombstone);
            }
            (None, None) => return Err(Rule::NoSuchGroup),
            _ => {}
        }
        next.groups.retain(|group| group.name != *name);
        next.deleted.retain(|(deleted, _)| deleted != name);
        next.deleted.push((name.clone(), generation));
        Ok((next, vec![name.clone()]))
    }

    fn put(&self, mapping: Mapping) -> Result<(World, Vec<GroupName>), Rule> {
        let mine = vec![GroupName::ungrouped()];
        for group in &self.groups {
            if group.mappings().contains(&mapping) {
                let touched = if group.name.is_ungrouped() { mine } else { Vec::new() };
                return Ok((self.clone(), touched));
            }
            if group.mappings().iter().any(|existing| existing.slot.overlaps(&mapping.slot)) {
                return Err(Rule::Conflict);
            }
        }
        let mut mappings = self.ungrouped();
        mappings.push(mapping);
        let mut next = self.clone();
        next.advance_ungrouped(mappings);
        Ok((next, mine))
    }

    fn remove(&self, packet: Packet) -> Result<(World, Vec<GroupName>), Rule> {
        let covers = |mapping: &Mapping| packet.is_of(&mapping.slot);
        let owner = self.groups.iter().find(|group| group.mappings().iter().any(covers));
        let mut next = self.clone();
        match owner {
            Some(group) if !group.name.is_ungrouped() => return Err(Rule::NotUngrouped),
            Some(_) => {
                let mut mappings = self.ungrouped();
                mappings.retain(|mapping| !covers(mapping));
                next.advance_ungrouped(mappings);
            }
            None => {}
        }
        Ok((next, vec![GroupName::ungrouped()]))
    }

    fn reset(&self, family: Family) -> (World, Vec<GroupName>) {
        let mut mappings = self.ungrouped();
        mappings.retain(|mapping| mapping.slot.family() != family);
        let mut next = self.clone();
        if mappings.len() < self.ungrouped().len() {
            next.advance_ungrouped(mappings);
        }
        (next, vec![GroupName::ungrouped()])
    }

    fn ungrouped(&self) -> Vec<Mapping> {
        let ungrouped = self.group(&GroupName::ungrouped());
        ungrouped.map_or(&[][..], ModelGroup::mappings).to_vec()
    }

    fn advance_ungrouped(&mut self, mappings: Vec<Mapping>) {
        if let Some(group) = self.group_mut(&GroupName::ungrouped()) {
            let generation = after(group.generation());
            group.generations.push(ModelGeneration { generation, mappings });
        }
    }

    pub(crate) fn has_overlap(&self) -> bool {
        let all = self.mappings();
        (1..all.len())
            .any(|index| all[..index].iter().any(|earlier| earlier.slot.overlaps(&all[index].slot)))
    }
}

/// The next generation.
fn after(generation: Generation) -> Generation {
    Generation::new(generation.get() + 1).unwrap_or(generation)
}

/// Whether two sets are the same, in whatever order.
pub(crate) fn same(one: &[Mapping], other: &[Mapping]) -> bool {
    one.len() == other.len() && one.iter().all(|mapping| other.contains(mapping))
}

/// The table rows of these mappings.
pub(crate) fn rows(mappings: &[Mapping], family: Family, cost: fn(PortRange) -> u32) -> u64 {
    let here = mappings.iter().filter(|mapping| mapping.slot.family() == family);
    here.map(|mapping| u64::from(cost(mapping.slot.ports))).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ensure(generation: u64, mappings: &[Mapping]) -> Command {
        Command::Ensure(vec![Ensure {
            group: GroupName::new("services").unwrap(),
            generation: Generation::new(generation).unwrap(),
            mappings: universe::sorted(mappings),
            adopt: Adopt::None,
            reserve: None,
            max_removals: None,
            allow_empty: false,
        }])
    }

    fn taken(verdict: Verdict) -> World {
        match verdict {
            Verdict::Taken { next, .. } => next,
            Verdict::Refused(rule) => panic!("{rule}"),
        }
    }

    fn refused(verdict: Verdict) -> Rule {
        match verdict {
            Verdict::Taken { next, .. } => panic!("{next:?}"),
            Verdict::Refused(rule) => rule,
        }
    }

    #[test]
    fn the_model_knows_the_rules_of_generations() {
        let mut random = crate::random::Random::new(1);
        let slot = universe::any_slot(&mut random);
        let [one, other] = [0, 1].map(|index| Mapping { slot, target: universe::target(index) });
        let first = taken(World::new().judge(&ensure(2, &[one]), 9));
        assert_eq!(refused(first.judge(&ensure(1, &[one]), 9)), Rule::Stale);
        assert_eq!(refused(first.judge(&ensure(2, &[other]), 9)), Rule::Mismatch);
        assert_eq!(refused(first.judge(&ensure(3, &[]), 9)), Rule::Empty);
        assert_eq!(refused(first.judge(&Command::Put(other), 9)), Rule::Conflict);
        assert_eq!(taken(first.judge(&ensure(2, &[one]), 9)), first);
        let delete = |generation| Command::Delete {
            group: GroupName::new("services").unwrap(),
            generation: Generation::new(generation).unwrap(),
        };
        assert_eq!(refused(first.judge(&delete(1), 9)), Rule::Stale);
        let deleted = taken(first.judge(&delete(4), 9));
        assert_eq!(refused(deleted.judge(&ensure(4, &[one]), 9)), Rule::StaleToTombstone);
        assert_eq!(taken(deleted.judge(&ensure(5, &[other]), 9)).mappings(), [other]);
    }
}
