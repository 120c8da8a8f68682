//! Taking stores, and devices, through random histories.

use crate::command::{Command, CommandSketch, any_sketch};
use crate::naive_device::NaiveDevice;
use crate::naive_store::{NaiveDecision, NaiveStore};
use crate::universe::{aligned_blocks, any_mapping, stamp};
use nat_groups::{
    Applied, Capacity, Decision, DeviceRow, ExternalAddr, Family, GroupId, Limits, Mapping,
    PerFamily, Plan, Priority, Refusal, RowCost, Scope, Slot, Store, TableFull, Write, one_row,
    plan,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

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

/// Something that happens to a store and its device.
#[derive(Clone, Debug)]
pub enum Event {
    /// A command is decided, planned and performed.
    Command(CommandSketch, Performance),
    /// The way is planned and performed to the store that was last good.
    Repair(Performance),
    /// The device loses a row by itself, and is read back.
    Loss(usize),
    /// A row that nobody asked for appears, and the device is read back.
    Stray(Mapping, u32),
}

/// How a plan is performed.
#[derive(Clone, Debug)]
pub struct Performance {
    /// Whether it is for all groups, or for those that the command touches.
    all_groups: bool,
    /// Shuffles the writes of each stage.
    order: u64,
    /// After how many writes it is interrupted, if it is longer than that.
    stop_after: Option<usize>,
    /// Whether the interruption loses the answers too, so that the device is read back.
    lost: bool,
}

pub fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        12 => (any_sketch(), any_performance()).prop_map(|(sketch, how)| Event::Command(sketch, how)),
        3 => any_performance().prop_map(Event::Repair),
        1 => any::<usize>().prop_map(Event::Loss),
        1 => (any_mapping(), 1..=3_u32).prop_map(|(mapping, at)| Event::Stray(mapping, at)),
    ];
    proptest::collection::vec(event, 1..=16)
}

fn any_performance() -> impl Strategy<Value = Performance> {
    let stop_after = prop_oneof![2 => Just(None), 1 => (0..6_usize).prop_map(Some)];
    (any::<bool>(), any::<u64>(), stop_after, any::<bool>()).prop_map(
        |(all_groups, order, stop_after, lost)| Performance { all_groups, order, stop_after, lost },
    )
}

/// What is between the decision and the first write.
pub struct Crossing<'a> {
    pub device: &'a NaiveDevice,
    pub applied: &'a Applied,
    pub next: &'a Store,
    pub scope: Scope<'a>,
    pub plan: &'a Result<Plan, TableFull>,
    order: u64,
}

impl Crossing<'_> {
    pub fn is_for_all(&self) -> bool {
        matches!(self.scope, Scope::All)
    }

    /// The writes of the plan, those of each stage shuffled.
    pub fn shuffled(&self) -> Vec<Write> {
        self.plan.as_ref().map(|plan| shuffled(plan, self.order)).unwrap_or_default()
    }

    /// The device once all of the plan is done.
    pub fn arrived(&self) -> Result<NaiveDevice, TestCaseError> {
        let mut device = self.device.clone();
        for write in self.shuffled() {
            device.perform(&write).map_err(TestCaseError::fail)?;
        }
        Ok(device)
    }

    /// Has the plan performed one write at a time; `law` looks at the device after each, and at
    /// the writes that it has acknowledged.
    pub fn each_prefix(
        &self,
        mut law: impl FnMut(&NaiveDevice, &[Write]) -> TestCaseResult,
    ) -> TestCaseResult {
        let mut device = self.device.clone();
        let writes = self.shuffled();
        for (index, write) in writes.iter().enumerate() {
            device.perform(write).map_err(TestCaseError::fail)?;
            law(&device, &writes[..=index])?;
        }
        Ok(())
    }
}

fn shuffled(plan: &Plan, order: u64) -> Vec<Write> {
    let mut random = StdRng::seed_from_u64(order);
    let mut writes = Vec::new();
    for stage in plan.stages() {
        let mut stage = stage.clone();
        stage.shuffle(&mut random);
        writes.extend(stage);
    }
    writes
}

/// Takes a store and its device through these events; `law` looks at each plan before it is
/// performed.
pub fn walk_device(
    rules: &Rules,
    events: &[Event],
    mut law: impl FnMut(&Crossing<'_>) -> TestCaseResult,
) -> TestCaseResult {
    let mut naive = NaiveStore::new(rules.limits, rules.row_cost(), stamp(0));
    let mut store = rules.store();
    let mut applied = Applied::empty(store.clone());
    let mut device = NaiveDevice::new(rules.capacity, rules.row_cost());
    for (number, event) in (1..).zip(events) {
        let (next, next_naive, touched, how) = match event {
            Event::Command(sketch, how) => {
                let command = sketch.command(&naive);
                let Ok(decision) = command.run(&store, &stamp(number)) else { continue };
                let next_naive = naive.run(&command, &stamp(number)).unwrap().next;
                (decision.next, next_naive, decision.touched, how)
            }
            Event::Repair(how) => {
                let groups = store.groups_after(None).map(|group| group.id()).collect();
                (store.clone(), naive.clone(), groups, how)
            }
            Event::Loss(index) => {
                device.lose(*index);
                applied = read_back(&applied, &device, &store);
                continue;
            }
            Event::Stray(Mapping { slot, target }, priority) => {
                let row = DeviceRow { slot: *slot, target: *target, priority: Priority(*priority) };
                // A device that refuses it has no stray row, which is fine too.
                let _ = device.perform(&Write::Insert(row));
                applied = read_back(&applied, &device, &store);
                continue;
            }
        };
        let scope = if how.all_groups { Scope::All } else { Scope::Groups(&touched) };
        let planned = plan(&applied, &next, scope, &rules.capacity);
        law(&Crossing {
            device: &device,
            applied: &applied,
            next: &next,
            scope,
            plan: &planned,
            order: how.order,
        })?;
        let Ok(plan) = planned else { continue };
        let writes = shuffled(&plan, how.order);
        let stop = how.stop_after.unwrap_or(writes.len()).min(writes.len());
        for write in &writes[..stop] {
            device.perform(write).map_err(TestCaseError::fail)?;
        }
        if stop == writes.len() {
            applied = applied.settled(&plan, &next);
            (store, naive) = (next, next_naive);
        } else if how.lost {
            applied = read_back(&applied, &device, &next);
        } else {
            applied = applied.after(&writes[..stop], &next);
        }
        check_applied(&applied, &device)?;
    }
    Ok(())
}

/// What is applied, once both tables are read back.
pub fn read_back(applied: &Applied, device: &NaiveDevice, next: &Store) -> Applied {
    let v4 = applied.read_back(Family::V4, device.table(Family::V4), next);
    v4.read_back(Family::V6, device.table(Family::V6), next)
}

/// What is applied is what the device has.
pub fn check_applied(applied: &Applied, device: &NaiveDevice) -> TestCaseResult {
    applied.validate().map_err(TestCaseError::fail)?;
    prop_assert_eq!(applied.iter().collect::<Vec<_>>(), device.rows());
    for family in Family::ALL {
        prop_assert_eq!(applied.rows()[family], device.used(family));
    }
    Ok(())
}

/// All mappings of a store, with their groups, in slot order.
pub fn mappings(store: &Store) -> Vec<(Mapping, GroupId)> {
    let first = Slot::first_of(ExternalAddr::lowest(Family::V4));
    store.mappings_from(first).map(|(mapping, group)| (mapping, group.id())).collect()
}
