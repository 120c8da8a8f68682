//! What a step costs on disk is what changes, not how large its group is.

use crate::history::{ensure, mapping};
use crate::kept::{Kit, stamp};
use journal::{ChaosDisk, Journal as _, Step};
use nat_groups::{Delta, Generation, GroupName, SortedMappings};

const SIZE: u32 = 100_000;

fn delta(kit: &Kit, generation: u64, number: u32) -> Step {
    let group = GroupName::new("instances").unwrap();
    let delta = Delta {
        base: kit.contents.store.group(&group).unwrap().current().generation,
        group,
        generation: Generation::new(generation).unwrap(),
        remove: Vec::new(),
        set: SortedMappings::new(vec![mapping(number, 7)]).unwrap(),
        max_removals: None,
    };
    let decision = kit.contents.store.update(&delta, &stamp(generation)).unwrap();
    Step {
        before: kit.contents.store.clone(),
        after: decision.next,
        touched: decision.touched,
        documents: Vec::new(),
    }
}

#[test]
fn a_delta_of_one_mapping_writes_a_few_dozen_kilobytes_with_one_sync_whatever_the_size() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    let set = (0..SIZE).map(|number| mapping(number, 1)).collect();
    // While the file grows, redb syncs it more than once.
    kit.commit(&ensure(&kit.contents, "instances", 1, set));
    let room = disk.allocated_bytes();
    assert!(room < u64::from(SIZE) * 120, "{room}");

    for generation in 2..40 {
        let mark = disk.counts();
        let number = u32::try_from(generation).unwrap() * 2_477 % SIZE;
        let step = delta(&kit, generation, number);
        kit.commit(&step);
        let counts = disk.counts().since(&mark);
        assert_eq!(counts.syncs, 1, "{counts:?}");
        assert!(counts.written_bytes < 96 << 10, "{counts:?}");
    }
    // Nor does the file grow with their number, once as many generations are kept as may be.
    let room = disk.allocated_bytes();
    for generation in 40..140 {
        let step = delta(&kit, generation, u32::try_from(generation).unwrap() * 911 % SIZE);
        kit.commit(&step);
    }
    assert!(disk.allocated_bytes() <= room + (1 << 20), "{} {room}", disk.allocated_bytes());

    // A group of any size goes with one sync, and gives back its room to those that come.
    let group = GroupName::new("instances").unwrap();
    let decision = kit.contents.store.delete(&group, Generation::new(999).unwrap()).unwrap();
    let step = Step {
        before: kit.contents.store.clone(),
        after: decision.next,
        touched: decision.touched,
        documents: Vec::new(),
    };
    let mark = disk.counts();
    kit.commit(&step);
    let counts = disk.counts().since(&mark);
    assert_eq!(counts.syncs, 1, "{counts:?}");
    assert!(counts.written_bytes < 1 << 20, "{counts:?}");
    let room = disk.allocated_bytes();
    let set = (0..SIZE).map(|number| mapping(number, 2)).collect();
    let step = ensure(&kit.contents, "instances", 1000, set);
    kit.commit(&step);
    assert!(disk.allocated_bytes() <= room + (2 << 20), "{} {room}", disk.allocated_bytes());
    kit.journal.close().unwrap();
    assert_eq!(Kit::open(&disk).unwrap().kept(), kit.kept());
}

#[test]
fn a_step_that_changes_nothing_of_a_group_writes_nothing_of_it() {
    let disk = ChaosDisk::new(0);
    let mut kit = Kit::open(&disk).unwrap();
    let step = ensure(&kit.contents, "x", 1, vec![mapping(1, 1)]);
    kit.commit(&step);
    assert!(!step.is_empty());
    assert!(ensure(&kit.contents, "x", 1, vec![mapping(1, 1)]).is_empty());
}
