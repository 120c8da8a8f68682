//! The store as lists and linear scans: clear rather than efficient.

use crate::command::Command;
use crate::universe::{share_a_packet, slot_key};
use nat_groups::{
    Adopt, Change, ChangeCounts, Conflict, Delta, Digest, Ensure, ExternalAddr, Family, Generation,
    GroupName, Limits, Mapping, MissingMapping, Outcome, PerFamily, PortRange, Refusal, RowCost,
    Slot, Stamp,
};

#[derive(Clone, Debug)]
pub struct NaiveStore {
    pub limits: Limits,
    pub row_cost: RowCost,
    pub groups: Vec<NaiveGroup>,
    pub tombstones: Vec<(GroupName, Generation)>,
}

#[derive(Clone, Debug)]
pub struct NaiveGroup {
    pub name: GroupName,
    /// Newest first.
    pub versions: Vec<NaiveVersion>,
}

#[derive(Clone, Debug)]
pub struct NaiveVersion {
    pub generation: Generation,
    /// In slot order.
    pub mappings: Vec<Mapping>,
    pub reserve: PerFamily<u64>,
    pub counts: ChangeCounts,
    pub stamp: Stamp,
}

/// What the oracle says of a command that is not refused.
#[derive(Debug)]
pub struct NaiveDecision {
    pub next: NaiveStore,
    pub touched: Vec<GroupName>,
    pub outcomes: Vec<Outcome>,
}

/// What becomes of one group.
struct Step {
    group: GroupName,
    generation: Generation,
    reserve: PerFamily<u64>,
    /// The group's mappings before, and those that it adopts.
    adopted: Vec<Mapping>,
    joined: Vec<Mapping>,
    wanted: Vec<Mapping>,
}

impl Step {
    fn changes(&self) -> Vec<Change> {
        changes(&self.joined, &self.wanted)
    }

    fn removed(&self) -> u64 {
        counts(&self.changes()).removed
    }
}

impl NaiveStore {
    pub fn new(limits: Limits, row_cost: RowCost, stamp: Stamp) -> Self {
        let first = NaiveVersion {
            generation: Generation::new(1).unwrap(),
            mappings: Vec::new(),
            reserve: PerFamily::default(),
            counts: ChangeCounts::default(),
            stamp,
        };
        let ungrouped = NaiveGroup { name: GroupName::ungrouped(), versions: vec![first] };
        Self { limits, row_cost, groups: vec![ungrouped], tombstones: Vec::new() }
    }

    pub fn group(&self, name: &GroupName) -> Option<&NaiveGroup> {
        self.groups.iter().find(|group| group.name == *name)
    }

    pub fn mappings(&self, name: &GroupName) -> &[Mapping] {
        self.group(name).map(|group| group.current().mappings.as_slice()).unwrap_or_default()
    }

    pub fn tombstone(&self, name: &GroupName) -> Option<Generation> {
        self.tombstones.iter().find(|(dead, _)| dead == name).map(|(_, generation)| *generation)
    }

    pub fn generation_or_tombstone(&self, name: &GroupName) -> u64 {
        let current = self.group(name).map(|group| group.current().generation);
        current.or(self.tombstone(name)).map_or(0, Generation::get)
    }

    /// All mappings of all groups, in slot order.
    pub fn all(&self) -> Vec<(Mapping, GroupName)> {
        let mut all: Vec<(Mapping, GroupName)> = self
            .groups
            .iter()
            .flat_map(|group| {
                let own = group.current().mappings.iter();
                own.map(|mapping| (*mapping, group.name.clone()))
            })
            .collect();
        all.sort_by_key(|(mapping, _)| slot_key(&mapping.slot));
        all
    }

    pub fn rows(&self, family: Family) -> u64 {
        self.groups.iter().map(|group| self.rows_of(&group.current().mappings, family)).sum()
    }

    /// What all groups use or reserve.
    pub fn committed(&self, family: Family) -> u64 {
        let committed = |group: &NaiveGroup| {
            let NaiveVersion { mappings, reserve, .. } = group.current();
            self.rows_of(mappings, family).max(reserve[family])
        };
        self.groups.iter().map(committed).sum()
    }

    pub fn rows_of(&self, mappings: &[Mapping], family: Family) -> u64 {
        let of_family = mappings.iter().filter(|mapping| mapping.slot.family() == family);
        of_family.map(|mapping| u64::from((self.row_cost)(mapping.slot.ports))).sum()
    }

    pub fn run(&self, command: &Command, stamp: &Stamp) -> Result<NaiveDecision, Refusal> {
        match command {
            Command::Ensure(ensures) => self.ensure(ensures, stamp),
            Command::Update(delta) => self.update(delta, stamp),
            Command::Delete(group, generation) => self.delete(group, *generation),
            Command::Put(mapping) => self.put(*mapping, stamp),
            Command::Remove(external, port) => self.remove(*external, *port, stamp),
            Command::Reset(family) => {
                let mut kept = self.mappings(&GroupName::ungrouped()).to_vec();
                kept.retain(|mapping| mapping.slot.family() != *family);
                self.change_ungrouped(kept, stamp)
            }
        }
    }

    fn ensure(&self, ensures: &[Ensure], stamp: &Stamp) -> Result<NaiveDecision, Refusal> {
        for (index, ensure) in ensures.iter().enumerate() {
            let group = ensure.group.clone();
            if group == GroupName::ungrouped() {
                return Err(Refusal::ReservedGroup);
            }
            if ensures[..index].iter().any(|before| before.group == group) {
                return Err(Refusal::GroupNamedTwice { group });
            }
        }
        for ensure in ensures {
            self.check_generation(ensure)?;
        }
        let is_newer = |ensure: &&Ensure| match self.group(&ensure.group) {
            Some(group) => ensure.generation > group.current().generation,
            None => true,
        };
        let mut free = self.mappings(&GroupName::ungrouped()).to_vec();
        let mut steps = Vec::new();
        for ensure in ensures.iter().filter(is_newer) {
            steps.push(self.step(ensure, &mut free));
        }
        for (ensure, step) in ensures.iter().filter(is_newer).zip(&steps) {
            let would_remove = step.removed();
            if step.wanted.is_empty() && would_remove > 0 && !ensure.allow_empty {
                return Err(Refusal::EmptySet { group: ensure.group.clone(), would_remove });
            }
        }
        for (ensure, step) in ensures.iter().filter(is_newer).zip(&steps) {
            check_removals(step, ensure.max_removals)?;
        }
        let next = self.take(&steps, stamp)?;
        let mut touched: Vec<GroupName> = ensures.iter().map(|e| e.group.clone()).collect();
        if steps.iter().any(|step| !step.adopted.is_empty()) {
            touched.push(GroupName::ungrouped());
        }
        let outcomes = ensures
            .iter()
            .map(|ensure| match steps.iter().find(|step| step.group == ensure.group) {
                Some(step) => self.outcome(step),
                None => self.nothing_happens_to(&ensure.group),
            })
            .collect();
        Ok(NaiveDecision { next, touched, outcomes })
    }

    fn check_generation(&self, ensure: &Ensure) -> Result<(), Refusal> {
        let Ensure { group: name, generation, .. } = ensure;
        let Some(group) = self.group(name) else {
            return match self.tombstone(name) {
                Some(tombstone) if *generation <= tombstone => {
                    Err(stale_to_tombstone(name, *generation, tombstone))
                }
                _ => Ok(()),
            };
        };
        let current = group.current();
        if *generation < current.generation {
            return Err(group.stale(*generation));
        }
        let same_set = sorted(ensure.mappings.as_slice().to_vec()) == current.mappings;
        let same_reserve = ensure.reserve.is_none_or(|reserve| reserve == current.reserve);
        if *generation > current.generation || (same_set && same_reserve) {
            return Ok(());
        }
        Err(Refusal::GenerationMismatch {
            group: name.clone(),
            generation: *generation,
            current_digest: digest(&current.mappings),
            requested_digest: Some(digest(ensure.mappings.as_slice())),
            content_differs: !same_set,
        })
    }

    /// What becomes of the group. Adopts from `free`.
    fn step(&self, ensure: &Ensure, free: &mut Vec<Mapping>) -> Step {
        let wanted = sorted(ensure.mappings.as_slice().to_vec());
        let adopted: Vec<Mapping> = free
            .extract_if(.., |mapping| match ensure.adopt {
                Adopt::None => false,
                Adopt::Identical => wanted.contains(mapping),
                Adopt::Vni(vni) => mapping.target.vni == vni,
            })
            .collect();
        let before = self.group(&ensure.group).map(|group| group.current().reserve);
        Step {
            group: ensure.group.clone(),
            generation: ensure.generation,
            reserve: ensure.reserve.or(before).unwrap_or_default(),
            joined: [self.mappings(&ensure.group), &adopted].concat(),
            adopted,
            wanted,
        }
    }

    /// Makes all steps or none.
    fn take(&self, steps: &[Step], stamp: &Stamp) -> Result<NaiveStore, Refusal> {
        self.check_conflicts(steps)?;
        let mut next = self.clone();
        let mut released = self.mappings(&GroupName::ungrouped()).to_vec();
        for step in steps {
            released.retain(|mapping| !step.adopted.contains(mapping));
            next.advance(&step.group, step.generation, &step.wanted, step.reserve, stamp);
        }
        if steps.iter().any(|step| !step.adopted.is_empty()) {
            let ungrouped = self.group(&GroupName::ungrouped()).unwrap().current();
            let generation = one_more(ungrouped.generation);
            let reserve = ungrouped.reserve;
            next.advance(&GroupName::ungrouped(), generation, &released, reserve, stamp);
        }
        let names = |store: &NaiveStore| store.groups.len() - 1 + store.tombstones.len();
        if names(&next) > self.limits.max_groups && names(&next) > names(self) {
            return Err(Refusal::TooManyGroups { max_groups: self.limits.max_groups });
        }
        Ok(next)
    }

    fn check_conflicts(&self, steps: &[Step]) -> Result<(), Refusal> {
        let mut world = self.all();
        for step in steps {
            for adopted in &step.adopted {
                world.retain(|(mapping, _)| mapping != adopted);
                world.push((*adopted, step.group.clone()));
            }
        }
        for step in steps {
            for change in step.changes() {
                match change {
                    Change::Remove { slot, .. } => {
                        world.retain(|(there, owner)| there.slot != slot || *owner != step.group);
                    }
                    Change::Update { slot, target, .. } => {
                        let mine = world.iter_mut().find(|(there, _)| there.slot == slot).unwrap();
                        mine.0.target = target;
                    }
                    Change::Add { .. } => {}
                }
            }
        }
        let mut conflicts = Vec::new();
        for step in steps {
            for change in step.changes() {
                let Change::Add { slot, target } = change else { continue };
                let requested = Mapping { slot, target };
                world.sort_by_key(|(mapping, _)| slot_key(&mapping.slot));
                let in_the_way: Vec<Conflict> = world
                    .iter()
                    .filter(|(existing, _)| share_a_packet(&existing.slot, &slot))
                    .map(|(existing, group)| Conflict {
                        requested,
                        existing: *existing,
                        group: group.clone(),
                    })
                    .collect();
                if in_the_way.is_empty() {
                    world.push((requested, step.group.clone()));
                }
                conflicts.extend(in_the_way);
            }
        }
        if conflicts.is_empty() {
            return Ok(());
        }
        Err(Refusal::EntryConflict { conflicts: conflicts.into_iter().collect() })
    }

    fn advance(
        &mut self,
        name: &GroupName,
        generation: Generation,
        mappings: &[Mapping],
        reserve: PerFamily<u64>,
        stamp: &Stamp,
    ) {
        let version = NaiveVersion {
            generation,
            mappings: sorted(mappings.to_vec()),
            reserve,
            counts: counts(&changes(self.mappings(name), mappings)),
            stamp: stamp.clone(),
        };
        self.tombstones.retain(|(dead, _)| dead != name);
        match self.groups.iter_mut().find(|group| group.name == *name) {
            Some(group) => {
                group.versions.insert(0, version);
                group.versions.truncate(self.limits.history);
            }
            None => self.groups.push(NaiveGroup { name: name.clone(), versions: vec![version] }),
        }
    }

    fn update(&self, delta: &Delta, stamp: &Stamp) -> Result<NaiveDecision, Refusal> {
        let name = &delta.group;
        if *name == GroupName::ungrouped() {
            return Err(Refusal::ReservedGroup);
        }
        let Some(group) = self.group(name) else {
            let tombstone = self.tombstone(name);
            return Err(Refusal::NoSuchGroup { group: name.clone(), tombstone });
        };
        let current = group.current();
        if delta.generation < current.generation {
            return Err(group.stale(delta.generation));
        }
        if delta.generation == current.generation {
            if with_delta(&current.mappings, delta) == current.mappings {
                return Ok(self.nothing_happens(name));
            }
            let base = group.versions.iter().find(|version| version.generation == delta.base);
            return Err(Refusal::GenerationMismatch {
                group: name.clone(),
                generation: delta.generation,
                current_digest: digest(&current.mappings),
                requested_digest: base.map(|base| digest(&with_delta(&base.mappings, delta))),
                content_differs: true,
            });
        }
        if delta.base != current.generation {
            return Err(Refusal::BaseMismatch {
                group: name.clone(),
                base: delta.base,
                current: current.generation,
                current_digest: digest(&current.mappings),
            });
        }
        let mut missing = Vec::new();
        for removal in &delta.remove {
            let there = current.mappings.iter().find(|mapping| mapping.slot == removal.slot);
            let found = there.map(|mapping| mapping.target);
            if found.is_none() || (removal.expect.is_some() && removal.expect != found) {
                let expected = removal.expect;
                missing.push(MissingMapping { slot: removal.slot, expected, found });
            }
        }
        if !missing.is_empty() {
            let missing = missing.into_iter().collect();
            return Err(Refusal::NoSuchMapping { group: name.clone(), missing });
        }
        let step = Step {
            group: name.clone(),
            generation: delta.generation,
            reserve: current.reserve,
            adopted: Vec::new(),
            joined: current.mappings.clone(),
            wanted: with_delta(&current.mappings, delta),
        };
        check_removals(&step, delta.max_removals)?;
        self.decide(step, stamp)
    }

    fn delete(&self, name: &GroupName, generation: Generation) -> Result<NaiveDecision, Refusal> {
        if *name == GroupName::ungrouped() {
            return Err(Refusal::ReservedGroup);
        }
        let mut next = self.clone();
        next.groups.retain(|group| group.name != *name);
        next.tombstones.retain(|(dead, _)| dead != name);
        next.tombstones.push((name.clone(), generation));
        let mut outcome = Outcome {
            group: name.clone(),
            generation,
            previous_generation: None,
            digest: Digest::EMPTY,
            counts: ChangeCounts::default(),
            unchanged: 0,
            adopted: 0,
            changes: Vec::new(),
        };
        let mut touched = Vec::new();
        match (self.group(name), self.tombstone(name)) {
            (Some(group), _) => {
                let current = group.current();
                if generation < current.generation {
                    return Err(group.stale(generation));
                }
                outcome.previous_generation = Some(current.generation);
                outcome.changes = changes(&current.mappings, &[]);
                outcome.counts = counts(&outcome.changes);
                touched.push(name.clone());
            }
            (None, Some(tombstone)) if generation < tombstone => {
                return Err(stale_to_tombstone(name, generation, tombstone));
            }
            (None, Some(_)) => {}
            (None, None) => {
                return Err(Refusal::NoSuchGroup { group: name.clone(), tombstone: None });
            }
        }
        Ok(NaiveDecision { next, touched, outcomes: vec![outcome] })
    }

    fn put(&self, mapping: Mapping, stamp: &Stamp) -> Result<NaiveDecision, Refusal> {
        if let Some((_, owner)) = self.all().into_iter().find(|(there, _)| *there == mapping) {
            let mut decision = self.nothing_happens(&owner);
            decision.touched.retain(|name| *name == GroupName::ungrouped());
            return Ok(decision);
        }
        let mut wanted = self.mappings(&GroupName::ungrouped()).to_vec();
        // A mapping in the way is a conflict, the same slot with another target too.
        if let Some((existing, group)) =
            self.all().into_iter().find(|(there, _)| there.slot == mapping.slot)
        {
            let conflict = Conflict { requested: mapping, existing, group };
            return Err(Refusal::EntryConflict { conflicts: [conflict].into_iter().collect() });
        }
        wanted.push(mapping);
        self.change_ungrouped(wanted, stamp)
    }

    fn remove(
        &self,
        external: ExternalAddr,
        port: u16,
        stamp: &Stamp,
    ) -> Result<NaiveDecision, Refusal> {
        let here = Slot { external, ports: PortRange::single(port) };
        let covers = |(there, _): &(Mapping, GroupName)| share_a_packet(&there.slot, &here);
        let mut wanted = self.mappings(&GroupName::ungrouped()).to_vec();
        match self.all().into_iter().find(covers) {
            Some((existing, group)) if group != GroupName::ungrouped() => {
                Err(Refusal::NotUngrouped { existing, group })
            }
            covering => {
                wanted.retain(|mapping| covering.as_ref().is_none_or(|(it, _)| it != mapping));
                self.change_ungrouped(wanted, stamp)
            }
        }
    }

    fn change_ungrouped(
        &self,
        wanted: Vec<Mapping>,
        stamp: &Stamp,
    ) -> Result<NaiveDecision, Refusal> {
        let ungrouped = self.group(&GroupName::ungrouped()).unwrap().current();
        if sorted(wanted.clone()) == ungrouped.mappings {
            return Ok(self.nothing_happens(&GroupName::ungrouped()));
        }
        let step = Step {
            group: GroupName::ungrouped(),
            generation: one_more(ungrouped.generation),
            reserve: ungrouped.reserve,
            adopted: Vec::new(),
            joined: ungrouped.mappings.clone(),
            wanted: sorted(wanted),
        };
        self.decide(step, stamp)
    }

    fn decide(&self, step: Step, stamp: &Stamp) -> Result<NaiveDecision, Refusal> {
        let outcomes = vec![self.outcome(&step)];
        let touched = vec![step.group.clone()];
        Ok(NaiveDecision { next: self.take(&[step], stamp)?, touched, outcomes })
    }

    fn outcome(&self, step: &Step) -> Outcome {
        let unchanged = step.wanted.iter().filter(|mapping| step.joined.contains(mapping));
        Outcome {
            group: step.group.clone(),
            generation: step.generation,
            previous_generation: self.group(&step.group).map(|group| group.current().generation),
            digest: digest(&step.wanted),
            counts: counts(&step.changes()),
            unchanged: unchanged.count() as u64,
            adopted: step.adopted.len() as u64,
            changes: step.changes(),
        }
    }

    fn nothing_happens(&self, name: &GroupName) -> NaiveDecision {
        NaiveDecision {
            next: self.clone(),
            touched: vec![name.clone()],
            outcomes: vec![self.nothing_happens_to(name)],
        }
    }

    fn nothing_happens_to(&self, name: &GroupName) -> Outcome {
        let current = self.group(name).unwrap().current();
        Outcome {
            group: name.clone(),
            generation: current.generation,
            previous_generation: Some(current.generation),
            digest: digest(&current.mappings),
            counts: ChangeCounts::default(),
            unchanged: current.mappings.len() as u64,
            adopted: 0,
            changes: Vec::new(),
        }
    }
}

impl NaiveGroup {
    pub fn current(&self) -> &NaiveVersion {
        &self.versions[0]
    }

    fn stale(&self, requested: Generation) -> Refusal {
        Refusal::StaleGeneration {
            group: self.name.clone(),
            requested,
            current: self.current().generation,
            current_digest: digest(&self.current().mappings),
            deleted: false,
        }
    }
}

/// What changes from one list of mappings to another, in slot order.
pub fn changes(old: &[Mapping], new: &[Mapping]) -> Vec<Change> {
    let target_in = |mappings: &[Mapping], slot: Slot| {
        mappings.iter().find(|mapping| mapping.slot == slot).map(|mapping| mapping.target)
    };
    let mut slots: Vec<Slot> = old.iter().chain(new).map(|mapping| mapping.slot).collect();
    slots.sort_by_key(slot_key);
    slots.dedup();
    let mut changes = Vec::new();
    for slot in slots {
        match (target_in(old, slot), target_in(new, slot)) {
            (None, Some(target)) => changes.push(Change::Add { slot, target }),
            (Some(was), None) => changes.push(Change::Remove { slot, was }),
            (Some(was), Some(target)) if was != target => {
                changes.push(Change::Update { slot, was, target });
            }
            _ => {}
        }
    }
    changes
}

pub fn digest(mappings: &[Mapping]) -> Digest {
    let mut digest = Digest::EMPTY;
    mappings.iter().for_each(|mapping| digest.add(mapping));
    digest
}

pub fn sorted(mut mappings: Vec<Mapping>) -> Vec<Mapping> {
    mappings.sort_by_key(|mapping| slot_key(&mapping.slot));
    mappings
}

fn counts(changes: &[Change]) -> ChangeCounts {
    let count = |is: fn(&Change) -> bool| changes.iter().filter(|change| is(change)).count() as u64;
    ChangeCounts {
        added: count(|change| matches!(change, Change::Add { .. })),
        updated: count(|change| matches!(change, Change::Update { .. })),
        removed: count(|change| matches!(change, Change::Remove { .. })),
    }
}

fn check_removals(step: &Step, max_removals: Option<u64>) -> Result<(), Refusal> {
    let would_remove = step.removed();
    match max_removals {
        Some(max_removals) if would_remove > max_removals => {
            let group = step.group.clone();
            Err(Refusal::TooManyRemovals { group, would_remove, max_removals })
        }
        _ => Ok(()),
    }
}

/// The mappings once the removals of a delta, and then its sets, are made.
fn with_delta(mappings: &[Mapping], delta: &Delta) -> Vec<Mapping> {
    let mut result = mappings.to_vec();
    result.retain(|mapping| delta.remove.iter().all(|removal| removal.slot != mapping.slot));
    for set in delta.set.as_slice() {
        result.retain(|mapping| mapping.slot != set.slot);
        result.push(*set);
    }
    sorted(result)
}

fn one_more(generation: Generation) -> Generation {
    Generation::new(generation.get() + 1).unwrap()
}

fn stale_to_tombstone(name: &GroupName, requested: Generation, tombstone: Generation) -> Refusal {
    Refusal::StaleGeneration {
        group: name.clone(),
        requested,
        current: tombstone,
        current_digest: Digest::EMPTY,
        deleted: true,
    }
}
