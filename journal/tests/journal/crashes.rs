//! The power goes, or the process is killed, at any instant.

use crate::history::{Op, ensure, mapping, ops, steps};
use crate::kept::{Kept, Kit, after, nothing};
use journal::{ChaosDisk, Journal as _};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;

/// How the process ends.
#[derive(Clone, Copy, Debug)]
enum End {
    /// The power goes during the change with this number.
    PowerOff { seed: u64 },
    /// It is killed then: all that it wrote can be read.
    Kill,
}

/// Runs a history on a disk that ends the process during the change with this number after the
/// journal was opened. What was acknowledged, and what may be there besides; or nothing if the
/// history ended first.
fn run(disk: &ChaosDisk, history: &[Op], changes: u64, end: End) -> Option<(Kept, Option<Kept>)> {
    let mut kit = Kit::open(disk).unwrap();
    disk.power_off_after(changes);
    let mut ended = None;
    for step in steps(&kit.contents.clone(), history) {
        if kit.journal.commit(&step).is_err() {
            ended = Some((kit.kept(), Some(Kept::of(&after(&kit.contents, &step)))));
            break;
        }
        kit.contents = after(&kit.contents, &step);
    }
    if ended.is_none() && kit.journal.close().is_err() {
        ended = Some((kit.kept(), None));
    }
    match end {
        End::PowerOff { seed } => disk.crash(seed),
        End::Kill => {
            disk.power_on();
            disk.kill();
        }
    }
    drop(kit);
    ended
}

/// After the crash: what was acknowledged, or that and the step under way, whole. And it goes on.
fn check(disk: &ChaosDisk, acknowledged: &Kept, under_way: Option<&Kept>) {
    let mut kit = Kit::open(disk).unwrap();
    let found = kit.kept();
    assert!(found == *acknowledged || Some(&found) == under_way, "{found:#?}");
    // What was found lasts, through another crash too.
    disk.crash(99);
    kit = Kit::open(disk).unwrap();
    assert_eq!(kit.kept(), found);
    let step = ensure(&kit.contents, "later", 1, vec![mapping(1, 1)]);
    kit.commit(&step);
    disk.kill();
    assert_eq!(Kit::open(disk).unwrap().kept(), kit.kept());
}

fn some_history(length: usize) -> Vec<Op> {
    let mut runner = TestRunner::deterministic();
    proptest::collection::vec(crate::history::op(), length).new_tree(&mut runner).unwrap().current()
}

#[test]
fn a_crash_at_every_change_of_a_small_history_loses_nothing_acknowledged() {
    let history = some_history(12);
    let mut seen = [0; 2];
    for seed in 0..6 {
        let end = if seed == 0 { End::Kill } else { End::PowerOff { seed } };
        let mut changes = 0;
        loop {
            let disk = ChaosDisk::new(seed);
            let Some((acknowledged, under_way)) = run(&disk, &history, changes, end) else { break };
            let found = Kit::open(&disk).unwrap().kept();
            seen[usize::from(found == acknowledged)] += 1;
            disk.crash(seed);
            check(&disk, &acknowledged, under_way.as_ref());
            changes += 1;
        }
        assert!(changes > 50, "{changes}");
    }
    assert!(seen.iter().all(|count| *count > 5), "{seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn a_crash_anywhere_loses_nothing_acknowledged(
        history in ops(40),
        changes in 0..200_u64,
        seed in any::<u64>(),
        kill in any::<bool>(),
    ) {
        let disk = ChaosDisk::new(seed);
        let end = if kill { End::Kill } else { End::PowerOff { seed } };
        if let Some((acknowledged, under_way)) = run(&disk, &history, changes, end) {
            check(&disk, &acknowledged, under_way.as_ref());
        }
    }

    #[test]
    fn a_crash_while_opening_after_a_crash_loses_nothing_either(
        history in ops(20),
        changes in 0..60_u64,
        opening in proptest::collection::vec((0..12_u64, any::<u64>()), 1..6),
        seed in any::<u64>(),
    ) {
        let disk = ChaosDisk::new(seed);
        if let Some((acknowledged, under_way)) =
            run(&disk, &history, changes, End::PowerOff { seed })
        {
            for (changes, seed) in opening {
                disk.power_off_after(changes);
                drop(Kit::open(&disk));
                disk.crash(seed);
            }
            check(&disk, &acknowledged, under_way.as_ref());
        }
    }
}

#[test]
fn a_crash_at_every_change_of_the_first_start_leaves_a_journal_that_opens() {
    for seed in 0..16 {
        for changes in 0.. {
            let disk = ChaosDisk::new(seed);
            disk.power_off_after(changes);
            let opened = Kit::open(&disk);
            let is_over = opened.is_ok() && !disk.is_off();
            if seed == 0 && disk.is_off() {
                disk.power_on();
                disk.kill();
            } else {
                disk.crash(seed);
            }
            drop(opened);
            check(&disk, &nothing(), None);
            if is_over {
                assert!(changes > 10, "{changes}");
                break;
            }
        }
    }
}

#[test]
fn a_crash_while_old_generations_are_forgotten_leaves_what_is_still_kept() {
    for changes in 0.. {
        let disk = ChaosDisk::new(changes);
        let mut kit = Kit::open(&disk).unwrap();
        for generation in 1..9_u32 {
            let set = (0..generation).map(|number| mapping(number, generation)).collect();
            let step = ensure(&kit.contents, "x", generation.into(), set);
            kit.commit(&step);
        }
        kit.journal.close().unwrap();
        let expected = kit.kept().with_history(2);
        let limits = nat_groups::Limits { history: 2, ..Default::default() };
        disk.power_off_after(changes);
        drop(Kit::open_with(&disk, limits));
        let is_over = !disk.is_off();
        disk.crash(changes);
        let mut kit = Kit::open_with(&disk, limits).unwrap();
        assert_eq!(kit.kept(), expected);
        // The chain of changes goes on from there, with more kept again.
        let step = ensure(&kit.contents, "x", 20, vec![mapping(5, 1)]);
        kit.commit(&step);
        disk.kill();
        assert_eq!(Kit::open(&disk).unwrap().kept(), kit.kept());
        if is_over {
            assert!(changes > 3, "{changes}");
            break;
        }
    }
}
