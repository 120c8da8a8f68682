//! The disk fails, and recovers or not.

use crate::history::{Op, ensure, mapping, ops, step};
use crate::kept::{Kept, Kit, after};
use journal::{
    ChaosDisk, CommitError, DiskFault, DiskOperation, DiskRates, Journal as _, JournalFault, Step,
};
use proptest::prelude::*;
use rstest::rstest;

/// Commits a step on a disk that may fail, and settles as soon as the disk allows. Whether the step
/// is there.
fn commit(kit: &mut Kit, disk: &ChaosDisk, step: &Step) -> bool {
    let is_there = match kit.journal.commit(step) {
        Ok(()) => true,
        Err(CommitError::NotDone(_)) => false,
        Err(CommitError::Unknown(_)) => {
            let settled = (0..3).find_map(|_| kit.journal.settle().ok());
            settled.unwrap_or_else(|| {
                let refused = kit.journal.commit(step).unwrap_err();
                assert!(matches!(refused, CommitError::NotDone(JournalFault::Unsettled)));
                disk.mend();
                kit.journal.settle().unwrap()
            })
        }
    };
    if is_there {
        kit.contents = after(&kit.contents, step);
    }
    is_there
}

/// The journal holds what it said, now and after the power went.
fn check(kit: Kit, disk: &ChaosDisk, seed: u64) {
    disk.mend();
    let expected = kit.kept();
    disk.crash(seed);
    drop(kit);
    assert_eq!(Kit::open(disk).unwrap().kept(), expected);
}

#[rstest]
fn every_single_fault_is_told_and_what_settling_says_lasts(
    #[values(
        DiskOperation::Read,
        DiskOperation::Write,
        DiskOperation::SetLen,
        DiskOperation::Sync
    )]
    operation: DiskOperation,
    #[values(DiskFault::Refused, DiskFault::Partial, DiskFault::Done, DiskFault::Forgotten)]
    fault: DiskFault,
) {
    let mut faults = 0;
    for before in 0.. {
        let disk = ChaosDisk::new(before);
        let mut kit = Kit::open(&disk).unwrap();
        kit.commit(&ensure(&kit.contents, "x", 1, (0..500).map(|it| mapping(it, 1)).collect()));
        // So that there is something to read.
        kit.journal.close().unwrap();
        drop(kit);
        kit = Kit::open(&disk).unwrap();
        let mark = disk.counts();
        disk.fail_after(operation, before, fault);
        let set = (0..500).map(|it| mapping(it, 1 + it % 2)).chain([mapping(9999, 2)]).collect();
        let step = ensure(&kit.contents, "x", 2, set);
        if kit.journal.commit(&step).is_ok() || kit.journal.settle().unwrap() {
            kit.contents = after(&kit.contents, &step);
        }
        let struck = disk.counts().since(&mark).faults;
        // Else one that has not struck yet would strike the next step.
        disk.mend();
        let next = ensure(&kit.contents, "y", 1, vec![mapping(70_000, 1)]);
        assert!(commit(&mut kit, &disk, &next));
        check(kit, &disk, before);
        if struck == 0 {
            break;
        }
        faults += 1;
    }
    let at_least = if operation == DiskOperation::SetLen { 0 } else { 1 };
    assert!(faults >= at_least, "{faults}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_disk_that_fails_by_chance_loses_nothing_that_was_acknowledged(
        ops in ops(40),
        seed in any::<u64>(),
        often in 0..200_000_u32,
        crashes in proptest::collection::vec((0..40_usize, any::<bool>()), 0..3),
    ) {
        let disk = ChaosDisk::new(seed);
        let mut kit = Kit::open(&disk).unwrap();
        let rates = DiskRates {
            read_ppm: often / 10,
            write_ppm: often / 4,
            set_len_ppm: often,
            sync_ppm: often,
            publish_ppm: 0,
        };
        disk.set_rates(rates);
        for (number, op) in (1..).zip(&ops) {
            if let Some(step) = step(&kit.contents, op, number) {
                commit(&mut kit, &disk, &step);
                disk.set_rates(rates);
            }
            let crash = crashes.iter().find(|(at, _)| *at as u64 == number);
            if let Some((_, kill)) = crash {
                disk.mend();
                let expected = kit.kept();
                if *kill { disk.kill() } else { disk.crash(seed) }
                kit = Kit::open(&disk).unwrap();
                prop_assert_eq!(kit.kept(), expected);
                disk.set_rates(rates);
            }
        }
        check(kit, &disk, seed);
    }

    /// A sync fails, the process is killed before it can find out, another one takes over, and then
    /// the power goes.
    #[test]
    fn what_a_forgetful_sync_left_to_be_read_lasts_once_it_was_read(
        ops in ops(20),
        seed in any::<u64>(),
        syncs in 0..12_u64,
    ) {
        let disk = ChaosDisk::new(seed);
        let mut kit = Kit::open(&disk).unwrap();
        disk.fail_after(DiskOperation::Sync, syncs, DiskFault::Forgotten);
        let mut under_way: Option<Kept> = None;
        for step in crate::history::steps(&kit.contents.clone(), &ops) {
            if kit.journal.commit(&step).is_err() {
                under_way = Some(Kept::of(&after(&kit.contents, &step)));
                break;
            }
            kit.contents = after(&kit.contents, &step);
        }
        disk.kill();
        disk.mend();
        let opened = Kit::open(&disk).unwrap();
        let found = opened.kept();
        prop_assert!(found == kit.kept() || Some(&found) == under_way.as_ref());
        disk.crash(seed);
        drop(opened);
        prop_assert_eq!(Kit::open(&disk).unwrap().kept(), found);
    }
}

#[rstest]
fn a_full_disk_refuses_steps_whole_and_takes_them_once_there_is_room(
    #[values(ChaosDisk::limit_len, ChaosDisk::limit_allocated)] limit: fn(&ChaosDisk, Option<u64>),
    #[values(0, 5_000, 50_000, 150_000)] room: u64,
) {
    let disk = ChaosDisk::new(room);
    let mut kit = Kit::open(&disk).unwrap();
    let small =
        |contents: &_, generation| ensure(contents, "small", generation, vec![mapping(1, 1)]);
    kit.commit(&small(&kit.contents, 1));
    limit(&disk, Some(disk.bytes().len() as u64 + room));
    let set = (100..20_000).map(|number| mapping(number, 1)).collect();
    let large = ensure(&kit.contents, "large", 1, set);
    for _ in 0..3 {
        // It is never there, and it is never said to be; what is known may have to wait for room.
        match kit.journal.commit(&large).unwrap_err() {
            CommitError::NotDone(_) => {}
            CommitError::Unknown(_) => assert!(!kit.journal.settle().unwrap_or(false)),
        }
    }
    let expected = kit.kept();
    disk.kill();
    drop(kit);
    limit(&disk, None);
    kit = Kit::open(&disk).unwrap();
    assert_eq!(kit.kept(), expected);
    kit.commit(&large);
    kit.commit(&small(&kit.contents, 2));
    check(kit, &disk, 1);
}

#[test]
fn a_full_disk_still_takes_what_fits_and_settles_without_being_opened_again() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    kit.commit(&ensure(&kit.contents, "small", 1, vec![mapping(1, 1)]));
    disk.limit_len(Some(disk.bytes().len() as u64));
    let set = (100..20_000).map(|number| mapping(number, 1)).collect();
    let large = ensure(&kit.contents, "large", 1, set);
    assert!(!commit(&mut kit, &disk, &large));
    disk.limit_len(None);
    assert!(commit(&mut kit, &disk, &large));
    check(kit, &disk, 1);
}

#[test]
fn a_journal_whose_file_was_put_aside_takes_nothing() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    kit.commit(&ensure(&kit.contents, "x", 1, vec![mapping(1, 1)]));
    let old = disk.bytes();
    let step = ensure(&kit.contents, "x", 2, vec![mapping(2, 1)]);
    kit.commit(&step);
    disk.fail_after(DiskOperation::Sync, 0, DiskFault::Refused);
    let next = ensure(&kit.contents, "x", 3, vec![mapping(3, 1)]);
    kit.journal.commit(&next).unwrap_err();
    let mut refused = || match kit.journal.commit(&next).unwrap_err() {
        CommitError::NotDone(fault) => fault,
        CommitError::Unknown(fault) => panic!("{fault}"),
    };
    disk.put(old);
    let fault = refused();
    assert!(matches!(fault, JournalFault::ChangedBelow { expected: 2, found: 1 }), "{fault}");
    disk.put(Vec::new());
    assert!(matches!(refused(), JournalFault::Gone));
}

#[test]
fn a_journal_that_was_closed_opens_itself_again() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    kit.journal.close().unwrap();
    kit.commit(&ensure(&kit.contents, "x", 1, vec![mapping(1, 1)]));
    check(kit, &disk, 0);
}

#[test]
fn the_times_of_syncs_are_told_once() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    kit.journal.take_sync_times();
    kit.commit(&ensure(&kit.contents, "x", 1, vec![mapping(1, 1)]));
    kit.commit(&ensure(&kit.contents, "x", 2, vec![mapping(1, 2)]));
    assert_eq!(kit.journal.take_sync_times().len(), 2);
    assert!(kit.journal.take_sync_times().is_empty());
}

/// An operation that no history of the tests above has by itself.
#[test]
fn a_history_of_documents_alone_is_kept() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    for (number, bytes) in (1..).zip([Some(vec![1]), Some(vec![]), None, Some(vec![2, 3])]) {
        let op = Op::Write { document: true, bytes };
        kit.commit(&step(&kit.contents, &op, number).unwrap());
    }
    assert_eq!(kit.contents.documents["forwarding"], [2, 3]);
    check(kit, &disk, 0);
}
