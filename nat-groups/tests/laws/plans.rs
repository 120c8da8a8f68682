//! The laws of plans, and of what is known to be applied.

use crate::device_walk::{Crossing, any_events, check_applied, read_back, walk_device};
use crate::naive_device::NaiveDevice;
use crate::store_walk::{any_rules, mappings};
use crate::universe::{cases, packets, share_a_packet};
use nat_groups::{Applied, Capacity, Difference, Family, Mapping, Scope, Slot, Write, plan};
use proptest::prelude::*;

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn performing_a_plan_for_all_gives_exactly_what_is_desired(
        rules in any_rules(),
        events in any_events(),
    ) {
        walk_device(&rules, &events, |crossing| {
            if crossing.plan.is_err() || !crossing.is_for_all() {
                return Ok(());
            }
            let rows: Vec<Mapping> = crossing.arrived()?.rows().iter().map(mapping_of).collect();
            let desired: Vec<Mapping> =
                mappings(crossing.next).into_iter().map(|(mapping, _)| mapping).collect();
            prop_assert_eq!(rows, desired);
            Ok(())
        })?;
    }

    /// And leaves every row of other groups alone, unless it is in the way.
    #[test]
    fn performing_a_plan_for_some_groups_gives_these_what_they_desire(
        rules in any_rules(),
        events in any_events(),
    ) {
        walk_device(&rules, &events, |crossing| {
            let (Scope::Groups(groups), Ok(_)) = (crossing.scope, crossing.plan) else {
                return Ok(());
            };
            let arrived = crossing.arrived()?.rows();
            let desired = mappings(crossing.next);
            for (mapping, group) in &desired {
                let rows = arrived.iter().map(mapping_of).filter(|row| row.slot == mapping.slot);
                if groups.contains(group) {
                    prop_assert_eq!(rows.collect::<Vec<_>>(), vec![*mapping]);
                }
            }
            for before in crossing.device.rows() {
                let in_the_way = desired.iter().any(|(mapping, group)| {
                    groups.contains(group) && share_a_packet(&mapping.slot, &before.slot)
                });
                let base = crossing.applied.base().owner(&before.slot);
                let theirs = base.is_some_and(|owner| !groups.contains(&owner));
                if theirs && !in_the_way {
                    prop_assert!(arrived.contains(&before), "{before:?} is gone");
                }
            }
            Ok(())
        })?;
    }

    #[test]
    fn there_is_nothing_to_do_when_a_plan_is_done(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let Ok(planned) = crossing.plan else { return Ok(()) };
            let settled = crossing.applied.settled(planned, crossing.next);
            let again =
                plan(&settled, crossing.next, crossing.scope, &crossing.device.capacity);
            prop_assert_eq!(again.map(|plan| plan.stages().to_vec()), Ok(Vec::new()));
            if crossing.is_for_all() {
                prop_assert!(settled.is_clean());
            }
            Ok(())
        })?;
    }

    /// After any part of a plan a packet finds what it found before or what it finds after, and
    /// something if it has both, except in the gaps that the plan names. Of long stages a part is
    /// looked at for each write, in one order; of all others, every part that there is.
    #[test]
    fn no_packet_finds_a_hole_or_a_third_target(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let arrived = crossing.arrived()?;
            let gaps = crossing.plan.as_ref().map(|plan| plan.gaps().to_vec()).unwrap_or_default();
            let looked = |device: &NaiveDevice| {
                for (external, port) in packets() {
                    let before = crossing.device.lookup(external, port);
                    let after = arrived.lookup(external, port);
                    let found = device.lookup(external, port);
                    let hole = found.is_none() && gaps.iter().any(|gap| has(gap, external, port));
                    prop_assert!(
                        found == before || found == after || hole,
                        "port {} of {} finds {:?} between {:?} and {:?}",
                        port, external, found, before, after
                    );
                }
                Ok(())
            };
            crossing.each_part(7, looked)?;
            crossing.each_prefix(|device, _| looked(device))
        })?;
    }

    /// Every gap that is named is one: some packet misses at some moment that had a mapping before
    /// and has one after.
    #[test]
    fn no_gap_is_named_that_is_none(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let Ok(plan) = crossing.plan else { return Ok(()) };
            let mut missed = Vec::new();
            crossing.each_prefix(|device, _| {
                let misses = packets().filter(|(external, port)| {
                    device.lookup(*external, *port).is_none()
                });
                missed.extend(misses);
                Ok(())
            })?;
            let arrived = crossing.arrived()?;
            for gap in plan.gaps() {
                let is_missed = missed.iter().any(|(external, port)| {
                    has(gap, *external, *port)
                        && crossing.device.lookup(*external, *port).is_some()
                        && arrived.lookup(*external, *port).is_some()
                });
                prop_assert!(is_missed, "{gap:?} is named and no packet misses there");
            }
            Ok(())
        })?;
    }

    #[test]
    fn a_table_never_holds_more_than_the_plan_says_nor_than_it_can(
        rules in any_rules(),
        events in any_events(),
    ) {
        walk_device(&rules, &events, |crossing| {
            let Ok(plan) = crossing.plan else { return Ok(()) };
            let size_rows = crossing.device.capacity.size_rows;
            let mut most = [Family::V4, Family::V6].map(|family| crossing.device.used(family));
            let mut device = crossing.device.clone();
            // Within a stage, the fullest that a table can become is with all that comes and
            // nothing gone.
            for stage in plan.stages() {
                let (comes, goes): (Vec<Write>, Vec<Write>) =
                    stage.iter().partition(|write| matches!(write, Write::Insert(_)));
                for write in comes.iter().chain(&goes) {
                    device.perform(write).map_err(TestCaseError::fail)?;
                    for (most, family) in most.iter_mut().zip(Family::ALL) {
                        *most = device.used(family).max(*most);
                    }
                }
            }
            for (most, family) in most.into_iter().zip(Family::ALL) {
                prop_assert!(most <= size_rows[family]);
                prop_assert_eq!(plan.peak_rows()[family], most);
            }
            Ok(())
        })?;
    }

    #[test]
    fn what_is_applied_follows_the_device_write_by_write(
        rules in any_rules(),
        events in any_events(),
    ) {
        walk_device(&rules, &events, |crossing| {
            crossing.each_prefix(|device, acknowledged| {
                let after = crossing.applied.after(acknowledged, crossing.next);
                check_applied(&after, device)?;
                let found = read_back(crossing.applied, device, crossing.next);
                check_applied(&found, device)?;
                let slots = |applied: &nat_groups::Applied| -> Vec<Slot> {
                    applied.diverged().map(|(slot, _)| *slot).collect()
                };
                // Nobody tells a read-back of priorities that were acknowledged since.
                let moved: Vec<Slot> = found
                    .differences()
                    .filter(|(_, it)| matches!(it, Difference::WrongPriority { .. }))
                    .map(|(_, difference)| difference.slot())
                    .collect();
                let mut expected = slots(&found);
                expected.retain(|slot| !moved.contains(slot) || slots(&after).contains(slot));
                prop_assert_eq!(slots(&after), expected);
                Ok(())
            })?;
            if let Ok(plan) = crossing.plan {
                let settled = crossing.applied.settled(plan, crossing.next);
                check_applied(&settled, &crossing.arrived()?)?;
            }
            Ok(())
        })?;
    }

    /// Every listing of rows is that of the device.
    #[test]
    fn the_rows_at_a_slot_and_over_a_slot_are_found(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let device = crossing.device.rows();
            let slots = device.iter().map(|row| row.slot);
            let desired = mappings(crossing.next);
            let slots: Vec<Slot> =
                slots.chain(desired.iter().map(|(mapping, _)| mapping.slot)).collect();
            for slot in slots {
                let at: Vec<_> = device.iter().filter(|row| row.slot == slot).collect();
                let at: Vec<_> = at.into_iter().map(|row| (row.priority, row.target)).collect();
                prop_assert_eq!(crossing.applied.rows_at(&slot).to_vec(), at);
                let mut over = crossing.applied.overlapping(slot);
                over.sort_by_key(|row| (row.slot, row.priority));
                let mut expected = device.clone();
                expected.retain(|row| share_a_packet(&row.slot, &slot));
                prop_assert_eq!(over, expected);
                let mut from = device.clone();
                from.retain(|row| row.slot >= slot);
                prop_assert_eq!(crossing.applied.iter_from(slot).collect::<Vec<_>>(), from);
            }
            Ok(())
        })?;
    }

    /// Wherever a plan is interrupted, and the plan back again, the way back restores the device.
    #[test]
    fn an_interrupted_plan_can_be_undone(
        rules in any_rules(),
        events in any_events(),
        stops in proptest::collection::vec((0..8_usize, any::<bool>()), 1..4),
    ) {
        walk_device(&rules, &events, |crossing| {
            let capacity = &crossing.device.capacity;
            let old = crossing.applied.base();
            let mut device = crossing.device.clone();
            let mut applied = crossing.applied.clone();
            let mut planned = crossing.plan.clone();
            let mut aim = crossing.next;
            for (stop, lost) in &stops {
                let Ok(plan) = &planned else { return Ok(()) };
                let writes: Vec<Write> = plan.writes().copied().take(*stop).collect();
                for write in &writes {
                    device.perform(write).map_err(TestCaseError::fail)?;
                }
                applied = match lost {
                    true => read_back(&applied, &device, aim),
                    false => applied.after(&writes, aim),
                };
                aim = old;
                planned = nat_groups::plan(&applied, old, Scope::All, capacity);
                prop_assert!(planned.is_ok(), "{:?}", planned);
            }
            for write in planned.unwrap().writes() {
                device.perform(write).map_err(TestCaseError::fail)?;
            }
            let rows: Vec<Mapping> = device.rows().iter().map(mapping_of).collect();
            let old: Vec<Mapping> = mappings(old).into_iter().map(|(mapping, _)| mapping).collect();
            prop_assert_eq!(rows, old);
            Ok(())
        })?;
    }

    #[test]
    fn a_change_is_refused_only_if_it_cannot_fit(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            if !crossing.is_for_all() {
                return Ok(());
            }
            let size_rows = crossing.device.capacity.size_rows;
            let base = crossing.applied.base();
            let fits = Family::ALL.into_iter().all(|family| {
                let (before, after) =
                    (base.committed_rows()[family], crossing.next.committed_rows()[family]);
                let rows: u64 = mappings(crossing.next)
                    .iter()
                    .filter(|(mapping, _)| mapping.slot.family() == family)
                    .map(|(mapping, _)| crossing.device.cost(&mapping.slot))
                    .sum();
                rows <= size_rows[family] && (after <= size_rows[family] || after <= before)
            });
            prop_assert_eq!(crossing.plan.is_ok(), fits);
            Ok(())
        })?;
    }

    /// Of all the ways to make room in time, the one with the fewest gaps is taken.
    #[test]
    fn there_are_as_few_gaps_as_can_be(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let Ok(plan) = crossing.plan else { return Ok(()) };
            // Rows that overlap each other, after an interruption, may go in larger portions.
            let gone: Vec<Slot> = slots_of(crossing, |write| matches!(write, Write::Delete { .. }));
            let alone = |slot: &Slot| {
                gone.iter().filter(|other| share_a_packet(slot, other)).count() == 1
            };
            if !gone.iter().all(alone) {
                return Ok(());
            }
            let [Some(v4), Some(v6)] = Family::ALL.map(|family| fewest_gaps(crossing, family))
            else {
                return Ok(());
            };
            if !rules.expands_ranges {
                prop_assert_eq!(plan.gaps().len(), v4 + v6);
            }
            Ok(())
        })?;
    }

    #[test]
    fn writes_are_counted_as_changes_or_as_repairs(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let Ok(plan) = crossing.plan else { return Ok(()) };
            let writes = plan.writes().count() as u64;
            prop_assert_eq!(plan.changes() + plan.repairs(), writes);
            prop_assert!(plan.stages().iter().all(|stage| !stage.is_empty()));
            prop_assert_eq!(plan.is_empty(), writes == 0);
            if crossing.applied.is_clean() {
                prop_assert_eq!(plan.repairs(), 0);
            }
            if crossing.next.len() == crossing.applied.base().len()
                && mappings(crossing.next) == mappings(crossing.applied.base())
            {
                prop_assert_eq!(plan.changes(), 0);
            }
            Ok(())
        })?;
    }

    /// A mapping with another target is modified in place, so that its counters live on. A row comes
    /// anew only if somebody gave it another priority.
    #[test]
    fn a_slot_that_stays_keeps_a_row_of_its_own(rules in any_rules(), events in any_events()) {
        walk_device(&rules, &events, |crossing| {
            let desired = mappings(crossing.next);
            for row in crossing.device.rows() {
                let of_slot: Vec<Write> =
                    crossing.shuffled().into_iter().filter(|write| write.slot() == row.slot).collect();
                let stays = desired.iter().any(|(mapping, _)| mapping.slot == row.slot)
                    && !is_moved(crossing.applied, &row.slot);
                prop_assert!(!stays || !of_slot.iter().any(|write| matches!(write, Write::Insert(_))));
            }
            Ok(())
        })?;
    }
}

/// Whether the row of the slot was given another priority.
fn is_moved(applied: &Applied, slot: &Slot) -> bool {
    applied.diverged().any(|(there, it)| there == slot && it.acknowledged.is_some())
}

fn mapping_of(row: &nat_groups::DeviceRow) -> Mapping {
    Mapping { slot: row.slot, target: row.target }
}

fn has(slot: &Slot, external: nat_groups::ExternalAddr, port: u16) -> bool {
    slot.external == external && slot.ports.low() <= port && port <= slot.ports.high()
}

fn slots_of(crossing: &Crossing<'_>, is: impl Fn(&Write) -> bool) -> Vec<Slot> {
    crossing.shuffled().iter().filter(|write| is(write)).map(Write::slot).collect()
}

/// The fewest gaps with which this table's rows can go and come, by trying every order. None if
/// there are too many rows for that.
fn fewest_gaps(crossing: &Crossing<'_>, family: Family) -> Option<usize> {
    let NaiveDevice { capacity: Capacity { size_rows, has_priorities }, .. } = *crossing.device;
    let of_family = |slots: Vec<Slot>| -> Vec<Slot> {
        slots.into_iter().filter(|slot| slot.family() == family).collect()
    };
    let go = of_family(slots_of(crossing, |write| matches!(write, Write::Delete { .. })));
    let come = of_family(slots_of(crossing, |write| matches!(write, Write::Insert(_))));
    if go.len() + come.len() > 12 {
        return None;
    }
    let all = [go.clone(), come].concat();
    let is_done = |done: usize, index: usize| done & (1 << index) != 0;
    let used = |done: usize| {
        (0..all.len()).filter(|index| is_done(done, *index)).fold(
            crossing.device.used(family) as i64,
            |used, index| {
                let cost = crossing.device.cost(&all[index]) as i64;
                if index < go.len() { used - cost } else { used + cost }
            },
        )
    };
    // With which of the writes done there are at least how many gaps. Each write adds a bit, so
    // what leads to a number is smaller.
    let mut fewest = vec![usize::MAX; 1 << all.len()];
    fewest[0] = 0;
    for done in 0..fewest.len() {
        if fewest[done] == usize::MAX {
            continue;
        }
        for (index, slot) in all.iter().enumerate().filter(|(index, _)| !is_done(done, *index)) {
            let after = done | 1 << index;
            let overlapped = |others: std::ops::Range<usize>| {
                let mut not_done = others.filter(|other| !is_done(done, *other));
                not_done.any(|other| share_a_packet(&all[other], slot))
            };
            let gaps = if index < go.len() {
                usize::from(overlapped(go.len()..all.len()))
            } else if used(after) > size_rows[family] as i64
                || (!has_priorities && overlapped(0..go.len()))
            {
                continue;
            } else {
                0
            };
            fewest[after] = fewest[after].min(fewest[done] + gaps);
        }
    }
    fewest.pop()
}
