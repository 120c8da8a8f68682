//! The laws of stores that are taken apart and made again.

use crate::command::any_sketch;
use crate::naive_store::NaiveStore;
use crate::store_walk::{any_commands, any_rules, walk_store};
use crate::stores::{agree, finds_what_is_there, lists_from_anywhere};
use crate::universe::{any_mapping, cases, group, mapping, slot, stamp, target, without_overlaps};
use nat_groups::{
    Change, ChangeCounts, Generation, GroupId, GroupName, Inconsistency, KeptGroup, Limits,
    Mapping, MappingSet, PerFamily, Refusal, RowCost, SortedMappings, Store, Version, one_row,
};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseResult;
use rstest::rstest;

/// What is kept of a store.
#[derive(Clone, Debug)]
struct Kept {
    limits: Limits,
    groups: Vec<KeptGroup>,
    tombstones: Vec<(GroupName, Generation)>,
}

impl Kept {
    /// The current sets mapping by mapping, and the earlier ones by what changed.
    fn of(store: &Store, row_cost: RowCost) -> Self {
        let groups = store.groups().map(|group| {
            let mut versions: Vec<Version> = Vec::new();
            for version in group.generations() {
                let set = match versions.last() {
                    None => {
                        let mappings = SortedMappings::new(version.set.iter().collect()).unwrap();
                        MappingSet::of_sorted(&mappings, row_cost)
                    }
                    Some(newer) => {
                        let back: Vec<Change> = newer.set.diff(&version.set).collect();
                        newer.set.changed(&back).unwrap()
                    }
                };
                versions.push(Version { set, ..Version::clone(version) });
            }
            KeptGroup { id: group.id(), name: group.name().clone(), versions }
        });
        Self {
            limits: store.limits(),
            groups: groups.collect(),
            tombstones: store.tombstones().map(|(name, at)| (name.clone(), at)).collect(),
        }
    }

    fn restored(&self, row_cost: RowCost) -> Result<Store, Inconsistency> {
        Store::restore(self.limits, row_cost, self.groups.clone(), self.tombstones.clone())
    }
}

/// Something that happens to what is kept.
#[derive(Clone, Debug)]
enum Damage {
    GroupGone,
    GroupTwice,
    OtherName(usize),
    OtherId(u32),
    Tombstone(usize),
    NoGenerations,
    GenerationsReversed,
    GenerationTwice,
    OtherMappings(Vec<Mapping>),
    Reserve(u64),
}

impl Damage {
    fn strike(&self, kept: &mut Kept, index: Index) {
        if kept.groups.is_empty() {
            return;
        }
        let index = index.index(kept.groups.len());
        let hit = &mut kept.groups[index];
        match self {
            Damage::GroupGone => drop(kept.groups.remove(index)),
            Damage::GroupTwice => {
                let twin = hit.clone();
                kept.groups.push(twin);
            }
            Damage::OtherName(number) => hit.name = group(*number),
            Damage::OtherId(number) => hit.id = GroupId::new(*number),
            Damage::Tombstone(number) => {
                kept.tombstones.push((group(*number), Generation::FIRST));
            }
            Damage::NoGenerations => hit.versions.clear(),
            Damage::GenerationsReversed => hit.versions.reverse(),
            Damage::GenerationTwice => hit.versions.extend(hit.versions.last().cloned()),
            Damage::OtherMappings(mappings) => {
                let sorted = SortedMappings::new(without_overlaps(mappings.clone())).unwrap();
                if let Some(version) = hit.versions.first_mut() {
                    version.set = MappingSet::of_sorted(&sorted, one_row);
                }
            }
            Damage::Reserve(rows) => {
                if let Some(version) = hit.versions.first_mut() {
                    version.reserve = PerFamily { v4: *rows, v6: *rows };
                }
            }
        }
    }
}

fn any_damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        Just(Damage::GroupGone),
        Just(Damage::GroupTwice),
        (0..4_usize).prop_map(Damage::OtherName),
        prop_oneof![0..4_u32, Just(u32::MAX)].prop_map(Damage::OtherId),
        (0..4_usize).prop_map(Damage::Tombstone),
        Just(Damage::NoGenerations),
        Just(Damage::GenerationsReversed),
        Just(Damage::GenerationTwice),
        proptest::collection::vec(any_mapping(), 0..4).prop_map(Damage::OtherMappings),
        prop_oneof![0..4_u64, Just(u64::MAX)].prop_map(Damage::Reserve),
    ]
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn a_store_taken_apart_and_made_again_is_the_same_to_every_reader(
        rules in any_rules(),
        commands in any_commands(),
        next in any_sketch(),
    ) {
        walk_store(&rules, &commands, |step| {
            let kept = Kept::of(step.after, rules.row_cost());
            let restored = kept.restored(rules.row_cost()).unwrap();
            restored.validate().map_err(TestCaseError::fail)?;
            is_the_same(&restored, step.after_naive)?;
            // What comes next finds no difference.
            let command = next.command(step.after_naive);
            let decided = [step.after, &restored].map(|store| command.run(store, &stamp(99)));
            match &decided {
                [Ok(before), Ok(after)] => prop_assert_eq!(&before.outcomes, &after.outcomes),
                [Err(before), Err(after)] => prop_assert_eq!(before, after),
                both => prop_assert!(false, "{both:?}"),
            }
            Ok(())
        })?;
    }

    /// Fewer generations are kept if fewer are to be, and the others are none the worse.
    #[test]
    fn a_store_is_restored_with_as_many_generations_as_are_to_be_kept(
        rules in any_rules(),
        commands in any_commands(),
        history in 0..4_usize,
    ) {
        walk_store(&rules, &commands, |step| {
            let mut kept = Kept::of(step.after, rules.row_cost());
            kept.limits.history = history;
            let restored = kept.restored(rules.row_cost()).unwrap();
            restored.validate().map_err(TestCaseError::fail)?;
            for group in restored.groups() {
                let before = step.after.group_by_id(group.id()).unwrap();
                let digests = |group: &nat_groups::Group| -> Vec<_> {
                    group.generations().map(|it| (it.generation, it.set.digest())).collect()
                };
                let mut expected = digests(before);
                expected.truncate(history.max(1));
                prop_assert_eq!(digests(group), expected);
            }
            Ok(())
        })?;
    }

    /// Whatever is read makes a store that keeps every rule, or none.
    #[test]
    fn what_was_damaged_is_refused_or_is_a_store_as_good_as_any(
        rules in any_rules(),
        commands in any_commands(),
        damages in proptest::collection::vec((any_damage(), any::<Index>()), 1..3),
        next in any_sketch(),
    ) {
        let mut last = None;
        walk_store(&rules, &commands, |step| {
            last = Some((Kept::of(step.after, one_row), step.after_naive.clone()));
            Ok(())
        })?;
        let Some((mut kept, naive)) = last else { return Ok(()) };
        damages.iter().for_each(|(damage, index)| damage.strike(&mut kept, *index));
        if let Ok(restored) = kept.restored(one_row) {
            restored.validate().map_err(TestCaseError::fail)?;
            if let Ok(decision) = next.command(&naive).run(&restored, &stamp(99)) {
                decision.next.validate().map_err(TestCaseError::fail)?;
            }
        }
    }

    /// Changes lead from one set to another, or are refused with the slot that is the first reason.
    #[test]
    fn changes_from_anywhere_make_a_set_or_are_refused(
        before in proptest::collection::vec(any_mapping(), 0..6),
        after in proptest::collection::vec(any_mapping(), 0..6),
        spoiled in proptest::option::of((any::<Index>(), any_mapping())),
    ) {
        let [before, after] = [before, after].map(|mappings| {
            let sorted = SortedMappings::new(without_overlaps(mappings)).unwrap();
            MappingSet::of_sorted(&sorted, one_row)
        });
        let mut changes: Vec<Change> = before.diff(&after).collect();
        if let Some((index, Mapping { slot, target })) = spoiled {
            let index = index.index(changes.len() + 1);
            changes.insert(index, Change::Add { slot, target });
        }
        match before.changed(&changes) {
            Ok(found) => {
                found.validate().map_err(TestCaseError::fail)?;
                if spoiled.is_none() {
                    prop_assert!(found.iter().eq(after.iter()));
                    prop_assert_eq!(found.digest(), after.digest());
                }
            }
            Err(Inconsistency::Change { slot }) => {
                prop_assert!(spoiled.is_some());
                prop_assert!(changes.iter().any(|change| change.slot() == slot));
            }
            Err(other) => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn the_tombstones_that_change_are_told(rules in any_rules(), commands in any_commands()) {
        walk_store(&rules, &commands, |step| {
            let names = (0..3).map(group);
            let mut expected: Vec<_> = names
                .map(|name| {
                    let after = step.after_naive.tombstone(&name);
                    (step.before_naive.tombstone(&name) != after, name, after)
                })
                .filter(|(changes, ..)| *changes)
                .map(|(_, name, after)| (name, after))
                .collect();
            expected.sort();
            let found: Vec<_> = step
                .before
                .tombstone_changes(step.after)
                .map(|(name, after)| (name.clone(), after))
                .collect();
            prop_assert_eq!(found, expected);
            Ok(())
        })?;
    }
}

fn is_the_same(store: &Store, naive: &NaiveStore) -> TestCaseResult {
    agree(store, naive)?;
    finds_what_is_there(store, naive)?;
    lists_from_anywhere(store, naive)
}

fn version(generation: u64, mappings: &[Mapping], reserve: u64) -> Version {
    Version {
        generation: Generation::new(generation).unwrap(),
        set: MappingSet::of_sorted(&SortedMappings::new(mappings.to_vec()).unwrap(), one_row),
        reserve: PerFamily { v4: reserve, v6: 0 },
        counts: ChangeCounts::default(),
        stamp: stamp(0),
    }
}

fn kept(id: u32, number: usize, versions: Vec<Version>) -> KeptGroup {
    KeptGroup { id: GroupId::new(id), name: group(number), versions }
}

fn one(id: u32, number: usize, mappings: &[Mapping]) -> KeptGroup {
    kept(id, number, vec![version(1, mappings, 0)])
}

/// The number of the built-in group.
const UNGROUPED: usize = 3;

fn a() -> GroupName {
    group(0)
}

#[rstest]
#[case::no_built_in_group(vec![one(1, 0, &[])], vec![], Inconsistency::NoUngrouped)]
#[case::a_built_in_group_of_another_handle(
    vec![one(1, UNGROUPED, &[])], vec![], Inconsistency::NoUngrouped
)]
#[case::two_groups_of_one_name(
    vec![one(0, UNGROUPED, &[]), one(1, 0, &[]), one(2, 0, &[])],
    vec![],
    Inconsistency::GroupTwice { group: a() }
)]
#[case::two_groups_of_one_handle(
    vec![one(0, UNGROUPED, &[]), one(1, 1, &[]), one(1, 0, &[])],
    vec![],
    Inconsistency::GroupTwice { group: a() }
)]
#[case::a_group_that_was_deleted(
    vec![one(0, UNGROUPED, &[]), one(1, 0, &[])],
    vec![(a(), Generation::FIRST)],
    Inconsistency::GroupTwice { group: a() }
)]
#[case::no_generations(
    vec![one(0, UNGROUPED, &[]), kept(1, 0, vec![])],
    vec![],
    Inconsistency::Generations { group: a(), generations: vec![] }
)]
#[case::generations_out_of_order(
    vec![one(0, UNGROUPED, &[]), kept(1, 0, vec![version(1, &[], 0), version(2, &[], 0)])],
    vec![],
    Inconsistency::Generations {
        group: a(),
        generations: vec![Generation::FIRST, Generation::new(2).unwrap()],
    }
)]
#[case::a_generation_twice(
    vec![one(0, UNGROUPED, &[]), kept(1, 0, vec![version(1, &[], 0), version(1, &[], 0)])],
    vec![],
    Inconsistency::Generations {
        group: a(),
        generations: vec![Generation::FIRST, Generation::FIRST],
    }
)]
#[case::a_handle_that_none_comes_after(
    vec![one(0, UNGROUPED, &[]), one(u32::MAX, 0, &[])],
    vec![],
    Inconsistency::TooLarge { group: a() }
)]
#[case::reservations_that_cannot_be_added_up(
    vec![
        kept(0, UNGROUPED, vec![version(1, &[], 1)]),
        kept(1, 0, vec![version(1, &[], u64::MAX)]),
    ],
    vec![],
    Inconsistency::TooLarge { group: a() }
)]
#[case::mappings_that_overlap(
    vec![one(0, UNGROUPED, &[mapping(0, 0, 16383, 1)]), one(1, 0, &[mapping(0, 16383, 65535, 2)])],
    vec![],
    Inconsistency::Overlap {
        slot: slot(0, 16383, 65535),
        group: a(),
        other: slot(0, 0, 16383),
        other_group: group(UNGROUPED),
    }
)]
#[case::one_mapping_in_two_groups(
    vec![one(0, UNGROUPED, &[mapping(0, 0, 1, 1)]), one(1, 0, &[mapping(0, 0, 1, 1)])],
    vec![],
    Inconsistency::Overlap {
        slot: slot(0, 0, 1),
        group: a(),
        other: slot(0, 0, 1),
        other_group: group(UNGROUPED),
    }
)]
fn each_inconsistency_is_found(
    #[case] groups: Vec<KeptGroup>,
    #[case] tombstones: Vec<(GroupName, Generation)>,
    #[case] expected: Inconsistency,
) {
    let limits = Limits::default();
    let found = Store::restore(limits, one_row, groups, tombstones).unwrap_err();
    assert_eq!(found, expected);
    assert!(!found.to_string().is_empty());
}

#[rstest]
#[case::of_what_is_there(Change::Add { slot: slot(0, 0, 1), target: target(2) })]
#[case::over_what_is_there(Change::Add { slot: slot(0, 1, 16383), target: target(2) })]
#[case::around_what_is_there(Change::Add { slot: slot(0, 0, 65535), target: target(2) })]
#[case::of_another_target(
    Change::Update { slot: slot(0, 0, 1), was: target(2), target: target(3) }
)]
#[case::of_what_is_not_there(Change::Remove { slot: slot(1, 0, 1), was: target(1) })]
#[case::of_what_is_there_with_another_target(
    Change::Remove { slot: slot(0, 0, 1), was: target(2) }
)]
fn a_change_that_does_not_fit_is_refused(#[case] change: Change) {
    let set = version(1, &[mapping(0, 0, 1, 1)], 0).set;
    let found = set.changed(&[change]).unwrap_err();
    assert_eq!(found, Inconsistency::Change { slot: change.slot() });
}

/// Groups and tombstones beyond the limit stay.
#[test]
fn a_store_with_more_groups_than_there_may_be_is_restored_and_takes_no_more() {
    let limits = Limits { history: 1, max_groups: 1 };
    let groups = vec![one(0, UNGROUPED, &[]), one(7, 0, &[])];
    let tombstones = vec![(group(1), Generation::FIRST)];
    let store = Store::restore(limits, one_row, groups, tombstones).unwrap();
    store.validate().unwrap();
    assert_eq!(store.tombstone(&group(1)), Some(Generation::FIRST));
    let ensure = |number: usize| nat_groups::Ensure {
        group: group(number),
        generation: Generation::new(2).unwrap(),
        mappings: SortedMappings::new(vec![mapping(0, 0, 1, 1)]).unwrap(),
        adopt: nat_groups::Adopt::None,
        reserve: None,
        max_removals: None,
        allow_empty: false,
    };
    let refusal = store.ensure(&[ensure(2)], &stamp(1)).unwrap_err();
    assert!(matches!(refusal, Refusal::TooManyGroups { .. }), "{refusal}");
    assert!(store.ensure(&[ensure(0)], &stamp(1)).is_ok());
    // A deleted group that comes back takes the place of its tombstone, and a handle of its own.
    let next = store.ensure(&[ensure(1)], &stamp(1)).unwrap().next;
    assert_eq!(next.group(&group(1)).unwrap().id(), GroupId::new(8));
}
