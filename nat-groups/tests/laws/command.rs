//! Commands, and how random ones are made to fit the state that they meet.

use crate::naive_store::NaiveStore;
use crate::universe::{
    addresses, any_address, any_family, any_mapping, any_port, any_slot, any_target, group,
    per_family, share_a_packet, vni, without_overlaps,
};
use nat_groups::{
    Adopt, Decision, Delta, Ensure, ExternalAddr, Family, Generation, GroupName, Mapping,
    PerFamily, Refusal, Removal, Slot, SortedMappings, Stamp, Store, Target,
};
use proptest::prelude::*;

/// What can be asked of a store.
#[derive(Clone, Debug)]
pub enum Command {
    Ensure(Vec<Ensure>),
    Update(Delta),
    Delete(GroupName, Generation),
    Put(Mapping),
    Remove(ExternalAddr, u16),
    Reset(Family),
}

impl Command {
    pub fn run(&self, store: &Store, stamp: &Stamp) -> Result<Decision, Refusal> {
        match self {
            Command::Ensure(ensures) => store.ensure(ensures, stamp),
            Command::Update(delta) => store.update(delta, stamp),
            Command::Delete(group, generation) => store.delete(group, *generation),
            Command::Put(mapping) => store.put_ungrouped(*mapping, stamp),
            Command::Remove(external, port) => store.remove_ungrouped(*external, *port, stamp),
            Command::Reset(family) => store.reset_ungrouped(*family, stamp),
        }
    }
}

/// A command in terms of the state that it will meet, so that many succeed and the others miss
/// narrowly.
#[derive(Clone, Debug)]
pub enum CommandSketch {
    Ensure(Vec<EnsureSketch>),
    Update(DeltaSketch),
    Delete { group: usize, step: i64 },
    Put(Mapping),
    Remove(usize, u16),
    Reset(Family),
}

#[derive(Clone, Debug)]
pub struct EnsureSketch {
    group: usize,
    /// From the group's generation or its tombstone's to the one that is asked for.
    step: i64,
    /// Which mappings of the group to ask for again, a bit for each.
    keep: u16,
    fresh: Vec<Mapping>,
    adopt: Adopt,
    reserve: Option<PerFamily<u64>>,
    max_removals: Option<u64>,
    allow_empty: bool,
}

#[derive(Clone, Debug)]
pub struct DeltaSketch {
    group: usize,
    base_step: i64,
    step: i64,
    /// Which mappings of the group to remove, a bit for each.
    remove: u16,
    /// What to remove besides, whether it is there or not.
    remove_besides: Vec<(Slot, Option<Target>)>,
    expect: bool,
    set: Vec<Mapping>,
    max_removals: Option<u64>,
}

impl CommandSketch {
    pub fn command(&self, state: &NaiveStore) -> Command {
        match self {
            CommandSketch::Ensure(sketches) => {
                Command::Ensure(sketches.iter().map(|sketch| sketch.ensure(state)).collect())
            }
            CommandSketch::Update(sketch) => Command::Update(sketch.delta(state)),
            CommandSketch::Delete { group: index, step } => {
                let group = group(*index);
                let generation = generation(state, &group, *step);
                Command::Delete(group, generation)
            }
            CommandSketch::Put(mapping) => Command::Put(*mapping),
            CommandSketch::Remove(address, port) => Command::Remove(addresses()[*address], *port),
            CommandSketch::Reset(family) => Command::Reset(*family),
        }
    }
}

impl EnsureSketch {
    fn ensure(&self, state: &NaiveStore) -> Ensure {
        let group = group(self.group);
        let kept: Vec<Mapping> = picked(state.mappings(&group), self.keep)
            .filter(|kept| self.fresh.iter().all(|new| !share_a_packet(&new.slot, &kept.slot)))
            .collect();
        let mut mappings = self.fresh.clone();
        mappings.extend(kept);
        Ensure {
            generation: generation(state, &group, self.step),
            group,
            mappings: SortedMappings::new(mappings).unwrap(),
            adopt: self.adopt,
            reserve: self.reserve,
            max_removals: self.max_removals,
            allow_empty: self.allow_empty,
        }
    }
}

impl DeltaSketch {
    fn delta(&self, state: &NaiveStore) -> Delta {
        let group = group(self.group);
        let there = picked(state.mappings(&group), self.remove).map(|mapping| Removal {
            slot: mapping.slot,
            expect: self.expect.then_some(mapping.target),
        });
        let besides = self.remove_besides.iter();
        let besides = besides.map(|&(slot, expect)| Removal { slot, expect });
        Delta {
            base: generation(state, &group, self.base_step),
            generation: generation(state, &group, self.step),
            remove: there.chain(besides).collect(),
            set: SortedMappings::new(self.set.clone()).unwrap(),
            max_removals: self.max_removals,
            group,
        }
    }
}

fn picked(mappings: &[Mapping], bits: u16) -> impl Iterator<Item = Mapping> + '_ {
    let wanted = move |index: usize| bits & (1 << (index % 16)) != 0;
    mappings.iter().enumerate().filter(move |(index, _)| wanted(*index)).map(|(_, it)| *it)
}

fn generation(state: &NaiveStore, group: &GroupName, step: i64) -> Generation {
    let number = state.generation_or_tombstone(group).saturating_add_signed(step);
    Generation::new(number.max(1)).unwrap()
}

pub fn any_sketch() -> impl Strategy<Value = CommandSketch> {
    let ensures = prop_oneof![
        6 => proptest::collection::vec(any_ensure(), 1),
        3 => proptest::collection::vec(any_ensure(), 2..=3),
    ];
    prop_oneof![
        10 => ensures.prop_map(CommandSketch::Ensure),
        4 => any_delta().prop_map(CommandSketch::Update),
        1 => (any_group(), prop_oneof![4 => Just(0), 1 => -1..=2_i64])
            .prop_map(|(group, step)| CommandSketch::Delete { group, step }),
        5 => any_mapping().prop_map(CommandSketch::Put),
        1 => (any_address(), any_port()).prop_map(|(a, port)| CommandSketch::Remove(a, port)),
        1 => any_family().prop_map(CommandSketch::Reset),
    ]
}

/// One of the named groups, now and then the built-in one.
fn any_group() -> impl Strategy<Value = usize> {
    prop_oneof![30 => 0..3_usize, 1 => Just(3)]
}

fn any_step() -> impl Strategy<Value = i64> {
    prop_oneof![12 => Just(1), 1 => Just(2), 2 => Just(0), 1 => Just(-1)]
}

fn any_ensure() -> impl Strategy<Value = EnsureSketch> {
    let bits = prop_oneof![2 => Just(0), 2 => Just(u16::MAX), 3 => any::<u16>()];
    let adopt = prop_oneof![
        2 => Just(Adopt::Identical),
        1 => Just(Adopt::None),
        1 => (0..2_usize).prop_map(|index| Adopt::Vni(vni(index))),
    ];
    let reserve = per_family(0..4_u64).prop_map(Some);
    (
        (any_group(), any_step(), bits, fresh(0..=5)),
        (
            adopt,
            prop_oneof![4 => Just(None), 1 => reserve],
            prop_oneof![6 => Just(None), 1 => (0..3_u64).prop_map(Some)],
            any::<bool>(),
        ),
    )
        .prop_map(
            |((group, step, keep, fresh), (adopt, reserve, max_removals, allow_empty))| {
                EnsureSketch { group, step, keep, fresh, adopt, reserve, max_removals, allow_empty }
            },
        )
}

fn any_delta() -> impl Strategy<Value = DeltaSketch> {
    let bits = prop_oneof![2 => Just(0), 3 => any::<u16>()];
    let besides = (any_slot(), proptest::option::of(any_target()));
    (
        (any_group(), prop_oneof![8 => Just(0), 1 => -2..=1_i64], any_step()),
        (
            bits,
            prop_oneof![
                8 => Just(Vec::new()),
                1 => proptest::collection::vec(besides, 1..=2),
            ],
            any::<bool>(),
            fresh(0..=3),
            prop_oneof![6 => Just(None), 1 => (0..3_u64).prop_map(Some)],
        ),
    )
        .prop_map(
            |((group, base_step, step), (remove, remove_besides, expect, set, max_removals))| {
                DeltaSketch {
                    group,
                    base_step,
                    step,
                    remove,
                    remove_besides,
                    expect,
                    set,
                    max_removals,
                }
            },
        )
}

fn fresh(sizes: std::ops::RangeInclusive<usize>) -> impl Strategy<Value = Vec<Mapping>> {
    proptest::collection::vec(any_mapping(), sizes).prop_map(without_overlaps)
}
