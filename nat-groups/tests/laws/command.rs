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
/// narrowly. A polite one names groups that are there, none twice, and asks for nothing that another
/// group has.
#[derive(Clone, Debug)]
pub struct CommandSketch {
    polite: bool,
    kind: KindSketch,
}

#[derive(Clone, Debug)]
enum KindSketch {
    Ensure(Vec<EnsureSketch>),
    Update(DeltaSketch),
    Delete { group: usize, step: i64 },
    Put(Mapping),
    Remove(usize, u16),
    Reset(Family),
}

#[derive(Clone, Debug)]
struct EnsureSketch {
    group: usize,
    /// From the group's generation or its tombstone's to the one that is asked for.
    step: i64,
    /// Which mappings of the group to ask for again, a bit for each.
    keep: u16,
    /// Which of those to ask for with this other target.
    retarget: u16,
    other_target: Target,
    fresh: Vec<Mapping>,
    adopt: Adopt,
    reserve: Option<PerFamily<u64>>,
    max_removals: Option<u64>,
    allow_empty: bool,
}

#[derive(Clone, Debug)]
struct DeltaSketch {
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
        match &self.kind {
            KindSketch::Ensure(sketches) => {
                let mut ensures: Vec<Ensure> = Vec::new();
                for sketch in sketches {
                    let ensure = sketch.ensure(state, self.polite);
                    if !self.polite || ensures.iter().all(|before| before.group != ensure.group) {
                        ensures.push(ensure);
                    }
                }
                Command::Ensure(ensures)
            }
            KindSketch::Update(sketch) => Command::Update(sketch.delta(state, self.polite)),
            KindSketch::Delete { group, step } => {
                let group = self.existing(*group, state);
                let generation = generation(state, &group, *step);
                Command::Delete(group, generation)
            }
            KindSketch::Put(mapping) => Command::Put(*mapping),
            KindSketch::Remove(address, port) => Command::Remove(addresses()[*address], *port),
            KindSketch::Reset(family) => Command::Reset(*family),
        }
    }

    fn existing(&self, index: usize, state: &NaiveStore) -> GroupName {
        existing(index, state, self.polite)
    }
}

impl EnsureSketch {
    fn ensure(&self, state: &NaiveStore, polite: bool) -> Ensure {
        let group = group(self.group);
        let mut mappings = asked_for(&self.fresh, &group, state, polite);
        let kept = picked(state.mappings(&group), self.keep).enumerate();
        let kept: Vec<Mapping> = kept
            .map(|(index, mapping)| match has_bit(self.retarget, index) {
                true => Mapping { target: self.other_target, ..mapping },
                false => mapping,
            })
            .filter(|kept| mappings.iter().all(|new| !share_a_packet(&new.slot, &kept.slot)))
            .collect();
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
    fn delta(&self, state: &NaiveStore, polite: bool) -> Delta {
        let group = existing(self.group, state, polite);
        let set = asked_for(&self.set, &group, state, polite);
        let mut there: Vec<Mapping> = picked(state.mappings(&group), self.remove).collect();
        if polite {
            // What is in the way of what is set goes.
            there.extend(state.mappings(&group).iter().copied().filter(|mapping| {
                set.iter()
                    .any(|new| new.slot != mapping.slot && share_a_packet(&new.slot, &mapping.slot))
            }));
        }
        let there = there.iter().map(|mapping| Removal {
            slot: mapping.slot,
            expect: self.expect.then_some(mapping.target),
        });
        let besides = self.remove_besides.iter();
        let besides = besides.map(|&(slot, expect)| Removal { slot, expect });
        Delta {
            base: generation(state, &group, self.base_step),
            generation: generation(state, &group, self.step),
            remove: there.chain(besides).collect(),
            set: SortedMappings::new(set).unwrap(),
            max_removals: self.max_removals,
            group,
        }
    }
}

fn existing(index: usize, state: &NaiveStore, polite: bool) -> GroupName {
    let named = state.groups.iter().map(|group| &group.name);
    let named: Vec<&GroupName> = named.filter(|name| **name != GroupName::ungrouped()).collect();
    if polite && !named.is_empty() { named[index % named.len()].clone() } else { group(index) }
}

/// Those of the fresh mappings that a sketch asks for.
fn asked_for(
    fresh: &[Mapping],
    group: &GroupName,
    state: &NaiveStore,
    polite: bool,
) -> Vec<Mapping> {
    let all = state.all();
    let is_free = |mapping: &Mapping| {
        all.iter().all(|(there, owner)| {
            owner == group || there == mapping || !share_a_packet(&there.slot, &mapping.slot)
        })
    };
    fresh.iter().copied().filter(|mapping| !polite || is_free(mapping)).collect()
}

fn has_bit(bits: u16, index: usize) -> bool {
    bits & (1 << (index % 16)) != 0
}

fn picked(mappings: &[Mapping], bits: u16) -> impl Iterator<Item = Mapping> + '_ {
    mappings.iter().enumerate().filter(move |(index, _)| has_bit(bits, *index)).map(|(_, it)| *it)
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
    let kind = prop_oneof![
        14 => ensures.prop_map(KindSketch::Ensure),
        4 => any_delta().prop_map(KindSketch::Update),
        1 => (any_group(), prop_oneof![4 => Just(0), 1 => -1..=2_i64])
            .prop_map(|(group, step)| KindSketch::Delete { group, step }),
        3 => any_mapping().prop_map(KindSketch::Put),
        1 => (any_address(), any_port()).prop_map(|(a, port)| KindSketch::Remove(a, port)),
        1 => any_family().prop_map(KindSketch::Reset),
    ];
    (prop_oneof![5 => Just(true), 1 => Just(false)], kind)
        .prop_map(|(polite, kind)| CommandSketch { polite, kind })
}

/// An ensure of the first group that is not refused for its form: of fresh mappings, or of those
/// that are there, some with other targets and some others beside them or in their place.
pub fn plain_ensure(keeps: bool) -> impl Strategy<Value = CommandSketch> {
    let bits =
        if keeps { any::<u16>().prop_map(|bits| bits | 0x5a5a).boxed() } else { Just(0).boxed() };
    let retarget = (any::<u16>(), any_target());
    (bits, retarget, fresh(if keeps { 1..=4 } else { 4..=8 })).prop_map(
        |(keep, (retarget, other_target), fresh)| {
            let ensure = EnsureSketch {
                group: 0,
                step: 1,
                keep,
                retarget,
                other_target,
                fresh,
                adopt: Adopt::None,
                reserve: None,
                max_removals: None,
                allow_empty: true,
            };
            CommandSketch { polite: true, kind: KindSketch::Ensure(vec![ensure]) }
        },
    )
}

/// One of the named groups, now and then the built-in one.
fn any_group() -> impl Strategy<Value = usize> {
    prop_oneof![30 => 0..3_usize, 1 => Just(3)]
}

fn any_step() -> impl Strategy<Value = i64> {
    prop_oneof![12 => Just(1), 1 => Just(2), 2 => Just(0), 1 => Just(-1)]
}

fn any_ensure() -> impl Strategy<Value = EnsureSketch> {
    let bits = prop_oneof![1 => Just(0), 4 => Just(u16::MAX), 2 => any::<u16>()];
    let adopt = prop_oneof![
        2 => Just(Adopt::Identical),
        1 => Just(Adopt::None),
        1 => (0..2_usize).prop_map(|index| Adopt::Vni(vni(index))),
    ];
    let reserve = per_family(0..4_u64).prop_map(Some);
    (
        (any_group(), any_step(), bits, any_retarget(), fresh(0..=5)),
        (
            adopt,
            prop_oneof![4 => Just(None), 1 => reserve],
            prop_oneof![6 => Just(None), 1 => (0..3_u64).prop_map(Some)],
            any::<bool>(),
        ),
    )
        .prop_map(
            |(
                (group, step, keep, (retarget, other_target), fresh),
                (adopt, reserve, max_removals, allow_empty),
            )| {
                EnsureSketch {
                    group,
                    step,
                    keep,
                    retarget,
                    other_target,
                    fresh,
                    adopt,
                    reserve,
                    max_removals,
                    allow_empty,
                }
            },
        )
}

fn any_retarget() -> impl Strategy<Value = (u16, Target)> {
    (prop_oneof![1 => Just(0), 1 => any::<u16>()], any_target())
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
