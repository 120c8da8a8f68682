//! Whatever happens, what is read again is what was kept.

use crate::history::{Op, op, step};
use crate::kept::{Kit, stamp};
use journal::{ChaosDisk, Journal as _, Opening, RedbJournal};
use nat_groups::{Limits, one_row};
use proptest::prelude::*;

#[derive(Clone, Debug)]
enum Event {
    Op(Op),
    /// The journal is closed, dropped, killed or loses its power, and is opened with this history.
    Reopen {
        how: u8,
        history: usize,
    },
}

fn events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        8 => op().prop_map(Event::Op),
        1 => (0..4_u8, 1..6_usize).prop_map(|(how, history)| Event::Reopen { how, history }),
    ];
    proptest::collection::vec(event, 1..60)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_journal_holds_what_was_committed_whenever_and_however_it_is_opened(events in events()) {
        let disk = ChaosDisk::new(0);
        let mut limits = Limits { history: 3, ..Limits::default() };
        let mut kit = Kit::open_with(&disk, limits).unwrap();
        for (number, event) in (1..).zip(&events) {
            match event {
                Event::Op(op) => {
                    if let Some(step) = step(&kit.contents, op, number) {
                        kit.commit(&step);
                    }
                }
                Event::Reopen { how, history } => {
                    let expected = kit.kept().with_history(*history);
                    match how {
                        0 => kit.journal.close().unwrap(),
                        1 => {}
                        2 => disk.kill(),
                        _ => disk.crash(number),
                    }
                    drop(kit);
                    limits.history = *history;
                    kit = Kit::open_with(&disk, limits).unwrap();
                    prop_assert_eq!(kit.kept(), expected);
                    let is_clean = kit.journal.opening() == Opening::Clean;
                    prop_assert_eq!(is_clean, *how < 2);
                }
            }
        }
    }
}

#[test]
fn a_step_and_the_step_back_leave_what_was() {
    proptest!(ProptestConfig::with_cases(64), |(ops in crate::history::ops(20))| {
        let disk = ChaosDisk::new(0);
        let mut kit = Kit::open(&disk).unwrap();
        for (number, op) in (1..).zip(&ops) {
            let Some(step) = step(&kit.contents, op, number) else { continue };
            let before = kit.kept();
            kit.journal.commit(&step).unwrap();
            kit.journal.commit(&step.clone().reversed()).unwrap();
            disk.kill();
            kit = Kit::open(&disk).unwrap();
            prop_assert_eq!(kit.kept(), before);
            let again = crate::history::step(&kit.contents, op, number).unwrap();
            kit.commit(&again);
        }
    });
}

#[test]
fn a_journal_in_memory_takes_steps_and_forgets_them() {
    let open = || RedbJournal::in_memory(Limits::default(), one_row, stamp(0)).unwrap();
    let (mut journal, contents) = open();
    let step = crate::history::ensure(&contents, "x", 1, vec![crate::history::mapping(1, 1)]);
    journal.commit(&step).unwrap();
    journal.close().unwrap();
    // It lasts as long as this value does.
    journal.commit(&step.reversed()).unwrap();
    assert!(open().1.store.is_empty());
}
