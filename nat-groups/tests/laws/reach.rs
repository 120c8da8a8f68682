//! A law that is never put to the test cannot fail: the histories have to reach every corner.

use crate::device_walk::{Crossing, any_events, walk_device};
use crate::store_walk::{any_commands, any_rules, walk_store};
use crate::universe::share_a_packet;
use nat_groups::{Priority, Refusal, Slot, Write};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

/// How many histories are looked at.
const HISTORIES: usize = 400;

#[test]
fn histories_meet_every_decision_and_every_refusal() {
    let mut seen = BTreeMap::<&str, usize>::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..HISTORIES {
        let (rules, commands) = draw(&mut runner, (any_rules(), any_commands()));
        walk_store(&rules, &commands, |step| {
            match step.decided {
                Ok(decision) => {
                    for outcome in &decision.outcomes {
                        let counts = outcome.counts;
                        *seen.entry("adoption").or_default() += usize::from(outcome.adopted > 0);
                        *seen.entry("update").or_default() += usize::from(counts.updated > 0);
                        *seen.entry("removal").or_default() += usize::from(counts.removed > 0);
                        *seen.entry("repetition").or_default() +=
                            usize::from(outcome.previous_generation == Some(outcome.generation));
                    }
                    *seen.entry("several groups").or_default() +=
                        usize::from(decision.outcomes.len() > 1);
                }
                Err(refusal) => *seen.entry(name_of(refusal)).or_default() += 1,
            }
            Ok(())
        })
        .unwrap();
    }
    assert_all(&seen, 17);
}

#[test]
fn histories_meet_every_kind_of_plan() {
    let mut seen = BTreeMap::<&str, usize>::new();
    let mut runner = TestRunner::deterministic();
    for _ in 0..HISTORIES {
        let (rules, events) = draw(&mut runner, (any_rules(), any_events()));
        walk_device(&rules, &events, |crossing| {
            for (corner, is_here) in corners(crossing) {
                *seen.entry(corner).or_default() += usize::from(is_here);
            }
            Ok(())
        })
        .unwrap();
    }
    assert_all(&seen, 15);
}

fn draw<S: Strategy>(runner: &mut TestRunner, strategy: S) -> S::Value {
    strategy.new_tree(runner).unwrap().current()
}

fn assert_all(seen: &BTreeMap<&str, usize>, corners: usize) {
    assert_eq!(seen.len(), corners, "{seen:?}");
    assert!(seen.values().all(|times| *times >= 3), "{seen:?}");
}

fn name_of(refusal: &Refusal) -> &'static str {
    match refusal {
        Refusal::ReservedGroup => "ReservedGroup",
        Refusal::GroupNamedTwice { .. } => "GroupNamedTwice",
        Refusal::NoSuchGroup { .. } => "NoSuchGroup",
        Refusal::StaleGeneration { .. } => "StaleGeneration",
        Refusal::GenerationMismatch { .. } => "GenerationMismatch",
        Refusal::BaseMismatch { .. } => "BaseMismatch",
        Refusal::NoSuchMapping { .. } => "NoSuchMapping",
        Refusal::EmptySet { .. } => "EmptySet",
        Refusal::TooManyRemovals { .. } => "TooManyRemovals",
        Refusal::EntryConflict { .. } => "EntryConflict",
        Refusal::NotUngrouped { .. } => "NotUngrouped",
        Refusal::TooManyGroups { .. } => "TooManyGroups",
    }
}

fn corners(crossing: &Crossing<'_>) -> Vec<(&'static str, bool)> {
    let device = crossing.device;
    let writes = crossing.shuffled();
    let stages = crossing.plan.as_ref().map(|plan| plan.stages()).unwrap_or_default();
    let has_gaps = crossing.plan.as_ref().is_ok_and(|plan| !plan.gaps().is_empty());
    let is_insert = |write: &Write| matches!(write, Write::Insert(_));
    let is_delete = |write: &Write| matches!(write, Write::Delete { .. });
    let is_modify = |write: &Write| matches!(write, Write::Modify(_));
    let inserted_at = |least: u32| {
        let reaches = |write: &Write| match write {
            Write::Insert(row) => row.priority >= Priority(least),
            _ => false,
        };
        writes.iter().any(reaches)
    };
    let deleted: Vec<_> = writes.iter().filter(|write| is_delete(write)).collect();
    let entangled = deleted.iter().enumerate().any(|(index, a)| {
        deleted[index + 1..].iter().any(|b| share_a_packet(&a.slot(), &b.slot()))
    });
    let covered_modify = writes
        .iter()
        .filter(|write| is_modify(write))
        .any(|modify| deleted.iter().any(|delete| share_a_packet(&modify.slot(), &delete.slot())));
    let mixed = |stage: &Vec<Write>| stage.iter().any(is_modify) && stage.iter().any(is_insert);
    // Without early removals, modifications and additions share a stage.
    let early_beside_modify =
        writes.iter().any(is_modify) && writes.iter().any(is_insert) && !stages.iter().any(mixed);
    let last_deletes = stages.last().is_some_and(|stage| stage.iter().all(is_delete));
    vec![
        ("a full table", crossing.plan.is_err()),
        ("no room without gaps", has_gaps && device.capacity.has_priorities),
        ("gaps for want of priorities", has_gaps && !device.capacity.has_priorities),
        ("a row beside its predecessor", inserted_at(2)),
        ("a row beside two of different priorities", inserted_at(3)),
        ("a superseded row", last_deletes && writes.iter().any(is_insert)),
        ("a modification in place", writes.iter().any(is_modify)),
        ("a modification under a row that goes", covered_modify),
        ("an early removal beside a modification", early_beside_modify),
        ("rows that go and overlap", entangled),
        ("entangled rows in a full table", entangled && has_gaps),
        ("a repair", crossing.plan.as_ref().is_ok_and(|plan| plan.repairs() > 0)),
        ("something diverged beyond the scope", {
            let settled =
                crossing.plan.as_ref().map(|plan| crossing.applied.settled(plan, crossing.next));
            settled.is_ok_and(|settled| !settled.is_clean())
        }),
        ("four stages", stages.len() >= 4),
        ("a row that goes to another priority", {
            let comes = |slot: Slot| writes.iter().any(|it| is_insert(it) && it.slot() == slot);
            deleted.iter().any(|delete| comes(delete.slot()))
        }),
    ]
}
