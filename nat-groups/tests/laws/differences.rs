//! The laws of what is wrong with a device, and of mending it.

use crate::device_walk::{any_events, read_back, walk_device};
use crate::naive_device::NaiveDevice;
use crate::store_walk::{any_rules, mappings};
use crate::universe::{cases, group, mapping, packets, slot, stamp, target};
use nat_groups::{
    Adopt, Applied, Capacity, DeviceRow, Difference, Ensure, Family, Generation, Limits, Mapping,
    PerFamily, Plan, Priority, Scope, Slot, SortedMappings, Store, Write, one_row, plan,
};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(256))]

    /// With what is missing there, what is extra gone and what is wrong made right, the device has
    /// exactly what it should.
    #[test]
    fn the_differences_are_what_is_between_the_device_and_what_is_desired(
        rules in any_rules(),
        events in any_events(),
    ) {
        walk_device(&rules, &events, |crossing| {
            let applied = crossing.applied;
            let mut rows = crossing.device.rows();
            let mut there: Vec<Mapping> = Vec::new();
            let mut slots = Vec::new();
            for (group, difference) in applied.differences() {
                slots.push(difference.slot());
                let owner = applied.base().owner(&difference.slot());
                prop_assert!(owner.is_none() || owner == group);
                let taken = match difference {
                    Difference::Missing { slot, target } => {
                        prop_assert!(rows.iter().all(|row| row.slot != slot));
                        there.push(Mapping { slot, target });
                        continue;
                    }
                    Difference::Extra { row } => row,
                    Difference::WrongTarget { slot, expected, found, priority } => {
                        prop_assert!(found != expected);
                        there.push(Mapping { slot, target: expected });
                        DeviceRow { slot, priority, target: found }
                    }
                    Difference::WrongPriority { slot, target, expected, found } => {
                        prop_assert!(found != expected);
                        there.push(Mapping { slot, target });
                        DeviceRow { slot, priority: found, target }
                    }
                };
                let position = rows.iter().position(|row| *row == taken);
                prop_assert!(position.is_some(), "{:?} is not there", taken);
                rows.remove(position.unwrap());
            }
            there.extend(rows.into_iter().map(|row| Mapping { slot: row.slot, target: row.target }));
            there.sort_by_key(|mapping| mapping.slot);
            let desired: Vec<Mapping> =
                mappings(applied.base()).into_iter().map(|(mapping, _)| mapping).collect();
            prop_assert_eq!(there, desired);
            slots.dedup();
            let diverged: Vec<Slot> = applied.diverged().map(|(slot, _)| *slot).collect();
            prop_assert_eq!(slots, diverged);
            Ok(())
        })?;
    }

    /// Whoever else writes to the device: a read-back finds it all, and the plan from there leads
    /// back to rows as they were acknowledged, but where it is told that a row stays as it is.
    #[test]
    fn rows_of_another_priority_are_found_and_mended(
        raised in any::<[bool; 3]>(),
        tampered in proptest::collection::btree_map(0..3_usize, 1..=5_u32, 1..=3),
        v4_rows in 2..8_u64,
    ) {
        let (store, applied, device) = world(raised, v4_rows);
        let before = device.rows();
        let mut device = device;
        let mut expected = Vec::new();
        for (index, priority) in tampered {
            let DeviceRow { slot, target, priority: acknowledged } = before[index];
            if acknowledged != Priority(priority) {
                device.perform(&Write::Delete { slot, priority: acknowledged }).unwrap();
                let row = DeviceRow { slot, target, priority: Priority(priority) };
                device.perform(&Write::Insert(row)).unwrap();
                let (expected_priority, found) = (acknowledged, Priority(priority));
                expected.push(Difference::WrongPriority {
                    slot, target, expected: expected_priority, found,
                });
            }
        }
        let found = read_back(&applied, &device, &store);
        found.validate().map_err(TestCaseError::fail)?;
        let differences = |applied: &Applied| -> Vec<Difference> {
            applied.differences().map(|(_, difference)| difference).collect()
        };
        prop_assert_eq!(differences(&found), expected.clone());
        // Looking again makes nothing right, nor does another way to tell the same.
        prop_assert_eq!(differences(&read_back(&found, &device, &store)), expected.clone());
        prop_assert_eq!(differences(&found.rebased(&store)), expected.clone());

        let plan = plan(&found, &store, Scope::All, &device.capacity).unwrap();
        prop_assert_eq!(plan.gaps(), &[]);
        let v4 = expected.iter().filter(|it| it.slot().family() == Family::V4).count() as u64;
        let staying = v4.saturating_sub(v4_rows - 2);
        prop_assert_eq!(plan.repairs(), (expected.len() as u64 - staying) * 2);
        let hole = perform(&mut device, &plan);
        prop_assert_eq!(hole, None);
        let settled = found.settled(&plan, &store);
        prop_assert!(settled.is_clean());
        prop_assert!(read_back(&settled, &device, &store).is_clean());
        let is_high = |row: &&DeviceRow| row.priority > Priority(2);
        prop_assert!(device.rows().iter().filter(is_high).count() as u64 <= staying);
    }
}

/// Three mappings, some of which came beside others and so at priority 2.
fn world(raised: [bool; 3], v4_rows: u64) -> (Store, Applied, NaiveDevice) {
    let rows = PerFamily { v4: v4_rows, v6: 8 };
    let capacity = Capacity { size_rows: PerFamily { v4: 8, v6: 8 }, has_priorities: true };
    let mut device = NaiveDevice::new(capacity, one_row);
    let mut store = Store::new(Limits::default(), one_row, stamp(0));
    let mut applied = Applied::empty(store.clone());
    let last: Vec<Mapping> = (0..3).map(|address| mapping(address, 0, 16383, 1)).collect();
    let first = raised.iter().zip(&last).map(|(raised, last)| match raised {
        true => Mapping { slot: Slot { ports: slot(0, 0, 1).ports, ..last.slot }, ..*last },
        false => *last,
    });
    for (generation, mappings) in (1..).zip([first.collect(), last.clone()]) {
        let ensure = Ensure {
            group: group(0),
            generation: Generation::new(generation).unwrap(),
            mappings: SortedMappings::new(mappings).unwrap(),
            adopt: Adopt::None,
            reserve: None,
            max_removals: None,
            allow_empty: true,
        };
        let next = store.ensure(&[ensure], &stamp(generation)).unwrap().next;
        let plan = plan(&applied, &next, Scope::All, &capacity).unwrap();
        perform(&mut device, &plan);
        applied = applied.settled(&plan, &next);
        store = next;
    }
    device.capacity.size_rows = rows;
    (store, applied, device)
}

/// Performs a plan that changes no packet's way: the first packet that one of its writes changed.
fn perform(device: &mut NaiveDevice, plan: &Plan) -> Option<String> {
    let before = device.clone();
    let mut led_astray = None;
    for write in plan.writes() {
        device.perform(write).unwrap();
        let other = packets().find(|&(external, port)| {
            device.lookup(external, port) != before.lookup(external, port)
        });
        led_astray = led_astray
            .or(other.map(|(external, port)| format!("{external} port {port} after {write:?}")));
    }
    led_astray
}

fn single(v4_rows: u64) -> (Store, Applied, NaiveDevice, DeviceRow) {
    let (store, applied, device) = world([false; 3], v4_rows);
    let row = device.rows()[0];
    (store, applied, device, row)
}

#[test]
fn a_row_of_another_priority_moves_to_the_smallest_free_one_beside_it() {
    let (store, applied, mut device, row) = single(8);
    device.perform(&Write::Delete { slot: row.slot, priority: row.priority }).unwrap();
    device.perform(&Write::Insert(DeviceRow { priority: Priority(9), ..row })).unwrap();
    let applied = read_back(&applied, &device, &store);
    let way = plan(&applied, &store, Scope::All, &device.capacity).unwrap();
    let gone = Write::Delete { slot: row.slot, priority: Priority(9) };
    assert_eq!(way.stages(), [vec![Write::Insert(row)], vec![gone]]);
    assert_eq!((way.repairs(), way.changes()), (2, 0));
    // As far as that came, the rest is to be done.
    let halfway = applied.after([&Write::Insert(row)], &store);
    let rest = plan(&halfway, &store, Scope::All, &device.capacity).unwrap();
    assert_eq!(rest.stages(), [vec![gone]]);
}

/// It would take a gap, and packets find the right target.
#[test]
fn a_row_of_another_priority_stays_where_there_is_no_room_beside_it() {
    let (store, applied, mut device, row) = single(2);
    device.perform(&Write::Delete { slot: row.slot, priority: row.priority }).unwrap();
    device.perform(&Write::Insert(DeviceRow { priority: Priority(9), ..row })).unwrap();
    let applied = read_back(&applied, &device, &store);
    assert_eq!(applied.diverged_total(), 1);
    let way = plan(&applied, &store, Scope::All, &device.capacity).unwrap();
    assert!(way.is_empty());
    let settled = applied.settled(&way, &store);
    assert!(settled.is_clean());
    assert!(read_back(&settled, &device, &store).is_clean());
}

/// The row whose counters are those of the mapping stays, not the one that somebody put over it.
#[test]
fn a_row_that_covers_the_right_one_goes_and_that_stays_as_it_is() {
    let (store, applied, mut device, row) = single(8);
    let cover = DeviceRow { priority: Priority(5), target: target(3), ..row };
    device.perform(&Write::Insert(cover)).unwrap();
    let applied = read_back(&applied, &device, &store);
    let differences: Vec<_> = applied.differences().collect();
    let owner = store.owner(&row.slot);
    assert_eq!(differences, [(owner, Difference::Extra { row: cover })]);
    let way = plan(&applied, &store, Scope::All, &device.capacity).unwrap();
    let gone = Write::Delete { slot: row.slot, priority: Priority(5) };
    assert_eq!(way.stages(), [vec![gone]]);
}

/// If it went, a row that lies between the two would come to light.
#[test]
fn a_row_that_covers_the_right_one_and_others_is_made_right_and_stays() {
    let (store, applied, mut device, row) = single(8);
    let between = DeviceRow { slot: slot(0, 0, 1), priority: Priority(2), target: target(2) };
    let cover = DeviceRow { priority: Priority(5), target: target(3), ..row };
    device.perform(&Write::Insert(between)).unwrap();
    device.perform(&Write::Insert(cover)).unwrap();
    let applied = read_back(&applied, &device, &store);
    let owner = store.owner(&row.slot).unwrap();
    let way = plan(&applied, &store, Scope::Groups(&[owner]), &device.capacity).unwrap();
    let right = Write::Modify(DeviceRow { priority: Priority(5), ..row });
    let gone = [&row, &between].map(|row| {
        let DeviceRow { slot, priority, target: _ } = *row;
        vec![Write::Delete { slot, priority }]
    });
    assert_eq!(way.stages(), [&[vec![right]], &gone[..]].concat());
}

/// Nobody knows whose it is, and it catches packets of the mapping's group.
#[test]
fn a_row_that_overlaps_a_mapping_concerns_the_mappings_group() {
    let (store, applied, mut device, row) = single(8);
    let over = DeviceRow { slot: slot(0, 0, 1), priority: Priority(2), target: target(2) };
    let beside = DeviceRow { slot: slot(0, 16384, 16385), priority: Priority(1), ..over };
    device.perform(&Write::Insert(over)).unwrap();
    device.perform(&Write::Insert(beside)).unwrap();
    let applied = read_back(&applied, &device, &store);
    let owner = store.owner(&row.slot).unwrap();
    assert_eq!((applied.diverged_of(owner), applied.diverged_total()), (1, 2));
    let way = plan(&applied, &store, Scope::Groups(&[owner]), &device.capacity).unwrap();
    let gone = Write::Delete { slot: over.slot, priority: over.priority };
    assert_eq!(way.stages(), [vec![gone]]);
    applied.settled(&way, &store).validate().unwrap();
}

/// As after a change that was made and could not be kept, and then not be taken back either.
#[test]
fn rows_stay_those_of_their_group_when_they_are_told_by_an_earlier_store() {
    let (store, applied, device, row) = single(8);
    let owner = store.owner(&row.slot).unwrap();
    let name = store.group_by_id(owner).unwrap().name().clone();
    let generation = store.group_by_id(owner).unwrap().current().generation;
    let earlier = store.delete(&name, generation).unwrap().next;
    let rebased = applied.rebased(&earlier);
    assert_eq!((rebased.diverged_of(owner), rebased.diverged_total()), (3, 3));
    let way = plan(&rebased, &earlier, Scope::Groups(&[owner]), &device.capacity).unwrap();
    assert_eq!(way.writes().count(), 3);
}
