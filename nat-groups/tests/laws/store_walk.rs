//! Taking the store and the oracle through random histories.

use crate::command::{Command, CommandSketch, any_sketch};
use crate::naive_store::{NaiveDecision, NaiveStore};
use crate::universe::{aligned_blocks, stamp};
use nat_groups::{
    Capacity, Decision, ExternalAddr, Family, GroupId, Limits, Mapping, PerFamily, Refusal,
    RowCost, Slot, Store, one_row,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;

/// What stays the same throughout a history.
#[derive(Clone, Debug)]
pub struct Rules {
    pub limits: Limits,
    pub expands_ranges: bool,
    pub capacity: Capacity,
}

impl Rules {
    pub fn row_cost(&self) -> RowCost {
        if self.expands_ranges { aligned_blocks } else { one_row }
    }

    pub fn store(&self) -> Store {
        Store::new(self.limits, self.row_cost(), stamp(0))
    }
}

pub fn any_rules() -> impl Strategy<Value = Rules> {
    (
        1..=4_usize,
        2..=6_usize,
        any::<bool>(),
        1..=8_u64,
        1..=5_u64,
        prop_oneof![3 => Just(true), 1 => Just(false)],
    )
        .prop_map(|(history, max_groups, expands_ranges, v4, v6, has_priorities)| {
            let scale = if expands_ranges { 4 } else { 1 };
            Rules {
                limits: Limits { history, max_groups },
                expands_ranges,
                capacity: Capacity {
                    size_rows: PerFamily { v4: v4 * scale, v6: v6 * scale },
                    has_priorities,
                },
            }
        })
}

pub fn any_commands() -> impl Strategy<Value = Vec<CommandSketch>> {
    proptest::collection::vec(any_sketch(), 1..=20)
}

/// One command, as the store and as the oracle see it.
pub struct Decided<'a> {
    pub before: &'a Store,
    pub before_naive: &'a NaiveStore,
    pub command: &'a Command,
    pub decided: &'a Result<Decision, Refusal>,
    pub expected: &'a Result<NaiveDecision, Refusal>,
    /// The next store, or the one before if the command was refused.
    pub after: &'a Store,
    pub after_naive: &'a NaiveStore,
}

/// Takes a store and the oracle through these commands; `law` looks at each.
pub fn walk_store(
    rules: &Rules,
    commands: &[CommandSketch],
    mut law: impl FnMut(&Decided<'_>) -> TestCaseResult,
) -> TestCaseResult {
    let mut store = rules.store();
    let mut naive = NaiveStore::new(rules.limits, rules.row_cost(), stamp(0));
    for (number, sketch) in (1..).zip(commands) {
        let command = &sketch.command(&naive);
        let decided = &command.run(&store, &stamp(number));
        let expected = &naive.run(command, &stamp(number));
        let after = decided.as_ref().map_or(&store, |decision| &decision.next).clone();
        let after_naive = expected.as_ref().map_or(&naive, |decision| &decision.next).clone();
        law(&Decided {
            before: &store,
            before_naive: &naive,
            command,
            decided,
            expected,
            after: &after,
            after_naive: &after_naive,
        })?;
        (store, naive) = (after, after_naive);
    }
    Ok(())
}

/// All mappings of a store, with their groups, in slot order.
pub fn mappings(store: &Store) -> Vec<(Mapping, GroupId)> {
    let first = Slot::first_of(ExternalAddr::lowest(Family::V4));
    store.mappings_from(first).map(|(mapping, group)| (mapping, group.id())).collect()
}
