//! A persistent set of mappings.

use crate::capacity::RowCost;
use crate::change::Change;
use crate::digest::Digest;
use crate::family::PerFamily;
use crate::mapping::{Mapping, SortedMappings};
use crate::slot::{ExternalAddr, Slot};
use crate::target::Target;
use im::OrdMap;
use im::ordmap::DiffItem;
use std::ops::Bound;

/// A set of mappings, no two of which overlap, with its digest and sizes kept up as it changes.
///
/// Cloning is cheap, and a set made by changing a clone shares with the old one all that did not
/// change; so keeping old sets and finding what differs cost about what the differences do.
#[derive(Clone, Debug)]
pub struct MappingSet {
    targets: OrdMap<Slot, Target>,
    digest: Digest,
    entries: PerFamily<u64>,
    rows: PerFamily<u64>,
    row_cost: RowCost,
}

impl MappingSet {
    /// The empty set, for a device on which a mapping costs `row_cost`.
    pub fn empty(row_cost: RowCost) -> Self {
        Self {
            targets: OrdMap::new(),
            digest: Digest::EMPTY,
            entries: PerFamily::default(),
            rows: PerFamily::default(),
            row_cost,
        }
    }

    /// The empty set, for the same device.
    #[must_use]
    pub fn emptied(&self) -> Self {
        Self::empty(self.row_cost)
    }

    /// The set of these mappings, for a device on which a mapping costs `row_cost`.
    pub fn of_sorted(mappings: &SortedMappings, row_cost: RowCost) -> Self {
        let mut set = Self::empty(row_cost);
        for mapping in mappings.as_slice() {
            set.count_in(mapping);
        }
        set.targets = mappings.as_slice().iter().map(|it| (it.slot, it.target)).collect();
        set
    }

    /// How many mappings it has.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.targets.is_empty()
    }

    /// How many mappings it has of each family.
    pub fn entries(&self) -> PerFamily<u64> {
        self.entries
    }

    /// How many table rows they take.
    pub fn rows(&self) -> PerFamily<u64> {
        self.rows
    }

    /// Its fingerprint.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The target of exactly this slot.
    pub fn target(&self, slot: &Slot) -> Option<Target> {
        self.targets.get(slot).copied()
    }

    /// All mappings, in slot order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = Mapping> + '_ {
        self.targets.iter().map(|(slot, target)| Mapping { slot: *slot, target: *target })
    }

    /// The mappings after `slot`, or all, in slot order.
    pub fn after(&self, slot: Option<Slot>) -> impl DoubleEndedIterator<Item = Mapping> + '_ {
        let from = slot.map_or(Bound::Unbounded, Bound::Excluded);
        self.range(from, Bound::Unbounded)
    }

    /// The mappings from `slot` on, in slot order.
    pub(crate) fn from(&self, slot: Slot) -> impl DoubleEndedIterator<Item = Mapping> + '_ {
        self.range(Bound::Included(slot), Bound::Unbounded)
    }

    /// The mappings that overlap this slot, from the last.
    pub(crate) fn overlapping(&self, slot: Slot) -> impl Iterator<Item = Mapping> + '_ {
        let last = Slot::last_from(slot.external, slot.ports.high());
        let upwards = self.range(Bound::Unbounded, Bound::Included(last));
        upwards.rev().take_while(move |mapping| mapping.slot.overlaps(&slot))
    }

    /// The mappings of one address, in slot order, after `slot` if there is one.
    pub fn of_address(
        &self,
        external: ExternalAddr,
        after: Option<Slot>,
    ) -> impl DoubleEndedIterator<Item = Mapping> + '_ {
        let first = Slot::first_of(external);
        let from = match after {
            Some(slot) if slot >= first => Bound::Excluded(slot),
            _ => Bound::Included(first),
        };
        let last = Slot::last_from(external, u16::MAX);
        // A range may not begin after its end.
        let to = match from {
            Bound::Excluded(slot) if slot > last => Bound::Included(slot),
            _ => Bound::Included(last),
        };
        self.range(from, to)
    }

    /// What changes from this set to `next`, in slot order. Parts that both share are not looked
    /// at.
    pub fn diff<'a>(&'a self, next: &'a MappingSet) -> impl Iterator<Item = Change> + 'a {
        self.targets.diff(&next.targets).map(|item| match item {
            DiffItem::Add(slot, target) => Change::Add { slot: *slot, target: *target },
            DiffItem::Update { old: (slot, was), new: (_, target) } => {
                Change::Update { slot: *slot, was: *was, target: *target }
            }
            DiffItem::Remove(slot, was) => Change::Remove { slot: *slot, was: *was },
        })
    }

    /// What changes from this set to `wanted`, in slot order: one walk along both.
    pub fn changes_to(&self, wanted: &SortedMappings) -> Vec<Change> {
        let mut changes = Vec::new();
        let mut here = self.targets.iter();
        let mut held = here.next();
        for Mapping { slot, target } in wanted.as_slice() {
            while let Some((gone, was)) = held
                && gone < slot
            {
                changes.push(Change::Remove { slot: *gone, was: *was });
                held = here.next();
            }
            match held {
                Some((same, was)) if same == slot => {
                    if was != target {
                        changes.push(Change::Update { slot: *slot, was: *was, target: *target });
                    }
                    held = here.next();
                }
                _ => changes.push(Change::Add { slot: *slot, target: *target }),
            }
        }
        let rest = held.into_iter().chain(here);
        changes.extend(rest.map(|(slot, was)| Change::Remove { slot: *slot, was: *was }));
        changes
    }

    /// Makes these changes, which [`MappingSet::diff`] or [`MappingSet::changes_to`] found against
    /// this very set.
    pub fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match *change {
                Change::Add { slot, target } => self.put(Mapping { slot, target }),
                Change::Update { slot, was, target } => {
                    self.digest.subtract(&Mapping { slot, target: was });
                    self.digest.add(&Mapping { slot, target });
                    self.targets.insert(slot, target);
                }
                Change::Remove { slot, was } => self.take(Mapping { slot, target: was }),
            }
        }
    }

    /// Checks every invariant.
    pub fn validate(&self) -> Result<(), String> {
        let mut digest = Digest::EMPTY;
        let mut entries = PerFamily::<u64>::default();
        let mut rows = PerFamily::<u64>::default();
        let mut before: Option<Slot> = None;
        for mapping in self.iter() {
            if let Some(before) = before.filter(|slot| slot.overlaps(&mapping.slot)) {
                return Err(format!("{before} overlaps {}", mapping.slot));
            }
            before = Some(mapping.slot);
            digest.add(&mapping);
            entries[mapping.slot.family()] += 1;
            rows[mapping.slot.family()] += u64::from((self.row_cost)(mapping.slot.ports));
        }
        if (digest, entries, rows) != (self.digest, self.entries, self.rows) {
            return Err(format!(
                "the kept digest and sizes {:?} are not those of the mappings, {:?}",
                (self.digest, self.entries, self.rows),
                (digest, entries, rows)
            ));
        }
        Ok(())
    }

    fn range(
        &self,
        from: Bound<Slot>,
        to: Bound<Slot>,
    ) -> impl DoubleEndedIterator<Item = Mapping> + '_ {
        self.targets
            .range((from, to))
            .map(|(slot, target)| Mapping { slot: *slot, target: *target })
    }

    fn put(&mut self, mapping: Mapping) {
        self.count_in(&mapping);
        self.targets.insert(mapping.slot, mapping.target);
    }

    fn count_in(&mut self, mapping: &Mapping) {
        self.digest.add(mapping);
        let family = mapping.slot.family();
        self.entries[family] += 1;
        self.rows[family] += self.cost(&mapping.slot);
    }

    fn take(&mut self, mapping: Mapping) {
        self.digest.subtract(&mapping);
        let family = mapping.slot.family();
        self.entries[family] -= 1;
        self.rows[family] -= self.cost(&mapping.slot);
        self.targets.remove(&mapping.slot);
    }

    fn cost(&self, slot: &Slot) -> u64 {
        u64::from((self.row_cost)(slot.ports))
    }
}
