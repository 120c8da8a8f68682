//! The laws of sets so large that their maps have several levels.

use crate::universe::{cases, stamp, target};
use nat_groups::{
    Adopt, Applied, Capacity, Change, Ensure, Generation, GroupName, Limits, Mapping, MappingSet,
    PerFamily, PortRange, Scope, Slot, SortedMappings, Store, Target, Write, one_row, plan,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::ops::Range;

/// How many slots there are: four to an address.
const SLOTS: u32 = 4000;

/// What happens to a run of neighbouring slots.
#[derive(Clone, Copy, Debug)]
enum Edit {
    Remove,
    Set(u8),
    /// What is there goes, what is not there comes: a separator's key goes and the next one comes.
    Swap(u8),
}

proptest! {
    #![proptest_config(cases(12))]

    #[test]
    fn a_difference_applied_gives_the_other_set(
        initial in any_initial(),
        edits in proptest::collection::vec(any_edit(), 1..20),
    ) {
        let first = set_of(&initial);
        let (mut last, mut naive) = (first.clone(), initial.clone());
        for (run, edit) in edits {
            let before = (last.clone(), naive.clone());
            make(&mut naive, run, edit);
            let wanted = SortedMappings::new(mappings_of(&naive)).unwrap();
            last.apply(&before.0.changes_to(&wanted));
            prop_assert_eq!(changes(&before.0, &last), naive_changes(&before.1, &naive));
        }
        prop_assert!(last.iter().eq(mappings_of(&naive)));
        // Kept generations share structure; a set made from nothing shares none.
        for (from, naive_from) in [(&first, &initial), (&set_of(&initial), &initial)] {
            let there = changes(from, &last);
            prop_assert_eq!(&there, &naive_changes(naive_from, &naive));
            let mut arrived = from.clone();
            arrived.apply(&there);
            prop_assert!(arrived.iter().eq(last.iter()));
            prop_assert_eq!(arrived.digest(), last.digest());
            prop_assert_eq!(changes(&arrived, &last), vec![]);
            prop_assert_eq!(changes(&last, from), naive_changes(&naive, naive_from));
        }
        last.validate().map_err(TestCaseError::fail)?;
    }

    #[test]
    fn a_large_group_is_planned_by_its_differences(
        initial in any_initial(),
        edits in proptest::collection::vec(any_edit(), 1..8),
    ) {
        let capacity = Capacity {
            size_rows: PerFamily { v4: u64::from(SLOTS), v6: 0 },
            has_priorities: true,
        };
        let mut store = Store::new(Limits::default(), one_row, stamp(0));
        let mut applied = Applied::empty(store.clone());
        let mut naive = BTreeMap::new();
        let mut wanted = initial;
        for (generation, (run, edit)) in (1..).zip(edits) {
            let expected = naive_changes(&naive, &wanted);
            let decision = store.ensure(&[ensure(generation, &wanted)], &stamp(generation)).unwrap();
            prop_assert_eq!(&decision.outcomes[0].changes, &expected);
            let plan =
                plan(&applied, &decision.next, Scope::Groups(&decision.touched), &capacity).unwrap();
            let mut written: Vec<Slot> = plan.writes().map(Write::slot).collect();
            written.sort();
            let changed: Vec<Slot> = expected.iter().map(Change::slot).collect();
            prop_assert_eq!(written, changed);
            applied = applied.settled(&plan, &decision.next);
            store = decision.next;
            naive = wanted.clone();
            make(&mut wanted, run, edit);
        }
        store.validate().map_err(TestCaseError::fail)?;
        applied.validate().map_err(TestCaseError::fail)?;
    }
}

/// Some of the slots at regular distances, so that others fit in between.
fn any_initial() -> impl Strategy<Value = BTreeMap<Slot, Target>> {
    (0..SLOTS, 1..5_usize).prop_map(|(until, distance)| {
        (0..until).step_by(distance).map(|index| (slot(index), target(1))).collect()
    })
}

fn any_edit() -> impl Strategy<Value = (Range<u32>, Edit)> {
    let edit = prop_oneof![
        Just(Edit::Remove),
        (1..=3_u8).prop_map(Edit::Set),
        (1..=3_u8).prop_map(Edit::Swap),
    ];
    let length = prop_oneof![6 => 1..4_u32, 3 => 1..60_u32, 1 => 1..1500_u32];
    (0..SLOTS, length, edit)
        .prop_map(|(first, length, edit)| (first..(first + length).min(SLOTS), edit))
}

fn make(mappings: &mut BTreeMap<Slot, Target>, run: Range<u32>, edit: Edit) {
    for slot in run.map(slot) {
        match edit {
            Edit::Remove => {
                mappings.remove(&slot);
            }
            Edit::Set(number) => {
                mappings.insert(slot, target(number));
            }
            Edit::Swap(number) => {
                if mappings.remove(&slot).is_none() {
                    mappings.insert(slot, target(number));
                }
            }
        }
    }
}

fn slot(index: u32) -> Slot {
    let low = (index % 4) as u16 * 16384;
    let address = Ipv4Addr::from_bits(0x0a00_0000 + index / 4);
    Slot::new(address, PortRange::new(low, low + 16383).unwrap())
}

fn mappings_of(mappings: &BTreeMap<Slot, Target>) -> Vec<Mapping> {
    mappings.iter().map(|(slot, target)| Mapping { slot: *slot, target: *target }).collect()
}

fn set_of(mappings: &BTreeMap<Slot, Target>) -> MappingSet {
    let mut set = MappingSet::empty(one_row);
    set.apply(&naive_changes(&BTreeMap::new(), mappings));
    set
}

fn changes(from: &MappingSet, to: &MappingSet) -> Vec<Change> {
    from.diff(to).collect()
}

fn naive_changes(from: &BTreeMap<Slot, Target>, to: &BTreeMap<Slot, Target>) -> Vec<Change> {
    let mut slots: Vec<Slot> = from.keys().chain(to.keys()).copied().collect();
    slots.sort();
    slots.dedup();
    slots
        .into_iter()
        .filter_map(|slot| match (from.get(&slot).copied(), to.get(&slot).copied()) {
            (None, Some(target)) => Some(Change::Add { slot, target }),
            (Some(was), None) => Some(Change::Remove { slot, was }),
            (Some(was), Some(target)) if was != target => {
                Some(Change::Update { slot, was, target })
            }
            _ => None,
        })
        .collect()
}

fn ensure(generation: u64, mappings: &BTreeMap<Slot, Target>) -> Ensure {
    Ensure {
        group: GroupName::new("large").unwrap(),
        generation: Generation::new(generation).unwrap(),
        mappings: SortedMappings::new(mappings_of(mappings)).unwrap(),
        adopt: Adopt::None,
        reserve: None,
        max_removals: None,
        allow_empty: true,
    }
}
