//! What once went wrong, in its simplest form.

use crate::device_walk::read_back;
use crate::naive_device::NaiveDevice;
use crate::universe::{addresses, group, mapping, slot, stamp};
use nat_groups::{
    Adopt, Applied, Capacity, Conflict, DeviceRow, Ensure, Family, Generation, Limits, Mapping,
    PerFamily, Priority, Refusal, Scope, SortedMappings, Store, Write, one_row, plan,
};

/// A store with one group, and a device that has what it should.
struct Bench {
    store: Store,
    applied: Applied,
    device: NaiveDevice,
}

impl Bench {
    fn new(v4_rows: u64, has_priorities: bool, mappings: &[Mapping]) -> Self {
        let store = Store::new(Limits::default(), one_row, stamp(0));
        let size_rows = PerFamily { v4: v4_rows, v6: v4_rows };
        let device = NaiveDevice::new(Capacity { size_rows, has_priorities }, one_row);
        let mut bench = Self { applied: Applied::empty(store.clone()), store, device };
        let next = bench.ensured(mappings);
        for write in bench.stages_to(&next).iter().flatten() {
            bench.device.perform(write).unwrap();
        }
        let plan = plan(&bench.applied, &next, Scope::All, &bench.device.capacity).unwrap();
        bench.applied = bench.applied.settled(&plan, &next);
        bench.store = next;
        bench
    }

    fn ensured(&self, mappings: &[Mapping]) -> Store {
        let generation = self.store.group(&group(0)).map_or(0, |a| a.current().generation.get());
        let ensure = Ensure {
            group: group(0),
            generation: Generation::new(generation + 1).unwrap(),
            mappings: SortedMappings::new(mappings.to_vec()).unwrap(),
            adopt: Adopt::None,
            reserve: None,
            max_removals: None,
            allow_empty: true,
        };
        self.store.ensure(&[ensure], &stamp(1)).unwrap().next
    }

    fn stray(&mut self, mapping: Mapping, priority: u32) {
        let Mapping { slot, target } = mapping;
        let row = DeviceRow { slot, target, priority: Priority(priority) };
        self.device.perform(&Write::Insert(row)).unwrap();
        self.applied = read_back(&self.applied, &self.device, &self.store);
    }

    fn stages_to(&self, next: &Store) -> Vec<Vec<Write>> {
        let plan = plan(&self.applied, next, Scope::All, &self.device.capacity).unwrap();
        plan.stages().to_vec()
    }
}

fn insert(Mapping { slot, target }: Mapping, priority: u32) -> Write {
    Write::Insert(DeviceRow { slot, target, priority: Priority(priority) })
}

fn modify(Mapping { slot, target }: Mapping, priority: u32) -> Write {
    Write::Modify(DeviceRow { slot, target, priority: Priority(priority) })
}

fn delete(mapping: Mapping, priority: u32) -> Write {
    Write::Delete { slot: mapping.slot, priority: Priority(priority) }
}

#[test]
fn putting_another_target_on_a_slot_names_the_target_that_is_there() {
    let store = Store::new(Limits::default(), one_row, stamp(0));
    let existing = mapping(0, 0, 1, 1);
    let requested = mapping(0, 0, 1, 2);
    let store = store.put_ungrouped(existing, &stamp(1)).unwrap().next;
    let refusal = store.put_ungrouped(requested, &stamp(2)).unwrap_err();
    let conflict = Conflict { requested, existing, group: group(3) };
    assert_eq!(refusal, Refusal::EntryConflict { conflicts: [conflict].into_iter().collect() });
}

#[test]
fn the_addresses_of_a_family_are_found_after_one_of_the_other() {
    let store = Store::new(Limits::default(), one_row, stamp(0));
    let store = store.put_ungrouped(mapping(1, 0, 1, 1), &stamp(1)).unwrap().next;
    let store = store.put_ungrouped(mapping(2, 0, 1, 1), &stamp(1)).unwrap().next;
    let [first_v4, second_v4, v6] = addresses();
    let after = |family, after| store.addresses(family, Some(after)).collect::<Vec<_>>();
    assert_eq!(after(Family::V6, first_v4), vec![v6]);
    assert_eq!(after(Family::V4, first_v4), vec![second_v4]);
    assert_eq!(after(Family::V4, v6), vec![]);
}

#[test]
fn a_device_without_priorities_is_asked_for_the_default_one_alone() {
    let (old, new) = (mapping(0, 0, 1, 1), mapping(0, 1, 16383, 2));
    let bench = Bench::new(8, false, &[old]);
    let stages = bench.stages_to(&bench.ensured(&[new]));
    assert_eq!(stages, vec![vec![delete(old, 1)], vec![insert(new, 1)]]);
}

#[test]
fn a_row_whose_predecessor_had_to_go_first_needs_no_raised_priority() {
    let (old, new) = (mapping(0, 0, 1, 1), mapping(0, 1, 16383, 2));
    let bench = Bench::new(1, true, &[old]);
    let next = bench.ensured(&[new]);
    let plan = plan(&bench.applied, &next, Scope::All, &bench.device.capacity).unwrap();
    assert_eq!(plan.stages(), [vec![delete(old, 1)], vec![insert(new, 1)]]);
    assert_eq!(plan.gaps(), [slot(0, 0, 1)]);
}

/// Otherwise packets would find the target that the slot had before the row that covered it came,
/// which is a third one.
#[test]
fn a_row_is_modified_before_the_row_that_covers_it_goes() {
    let (old, new) = (mapping(0, 0, 1, 1), mapping(0, 0, 1, 2));
    let mut bench = Bench::new(2, true, &[old]);
    let stray = mapping(0, 0, 0, 3);
    bench.stray(stray, 2);
    let added = mapping(1, 0, 0, 1);
    let stages = bench.stages_to(&bench.ensured(&[new, added]));
    assert_eq!(stages, vec![vec![modify(new, 1)], vec![delete(stray, 2)], vec![insert(added, 1)]]);
}

/// They are in nobody's way, so they need not wait, and in a full table they make room that
/// otherwise a row with a successor would have to make.
#[test]
fn stray_rows_that_overlap_each_other_alone_go_first() {
    let old = mapping(0, 0, 1, 1);
    let mut bench = Bench::new(3, true, &[old]);
    let (lower, higher) = (mapping(1, 0, 0, 1), mapping(1, 0, 1, 2));
    bench.stray(higher, 2);
    bench.stray(lower, 1);
    let new = mapping(0, 1, 16383, 2);
    let next = bench.ensured(&[new]);
    let plan = plan(&bench.applied, &next, Scope::All, &bench.device.capacity).unwrap();
    let expected = [
        vec![delete(lower, 1)],
        vec![delete(higher, 2)],
        vec![insert(new, 2)],
        vec![delete(old, 1)],
    ];
    assert_eq!(plan.stages(), expected);
    assert_eq!(plan.gaps(), []);
}
