//! Taking a store and its device through random histories, interrupted now and then.

use crate::command::{CommandSketch, any_sketch, plain_ensure};
use crate::naive_device::NaiveDevice;
use crate::naive_store::NaiveStore;
use crate::store_walk::Rules;
use crate::universe::{any_mapping, per_family, stamp};
use nat_groups::{
    Applied, DeviceRow, Family, Mapping, PerFamily, Plan, Priority, Scope, Store, TableFull, Write,
    plan,
};
use proptest::prelude::*;
use proptest::test_runner::TestCaseResult;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;

/// Something that happens to a store and its device.
#[derive(Clone, Debug)]
pub enum Event {
    /// A command is decided, planned and performed.
    Command(CommandSketch, Performance),
    /// The way is planned and performed to the store that was last good.
    Repair(Performance),
    /// The device loses a row by itself, and is read back.
    Loss(usize),
    /// A row gets another priority, and the device is read back.
    Moved(usize, u32),
    /// Rows that nobody asked for appear, at these priorities, and the device is read back.
    Strays(Vec<(Mapping, u32)>),
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
    /// How many rows each table has beyond those that it needs; none: as the rules say.
    slack_rows: Option<PerFamily<u64>>,
}

pub fn any_events() -> impl Strategy<Value = Vec<Event>> {
    let event = prop_oneof![
        12 => (any_sketch(), any_performance()).prop_map(|(sketch, how)| Event::Command(sketch, how)),
        3 => any_performance().prop_map(Event::Repair),
        1 => any::<usize>().prop_map(Event::Loss),
        1 => (any::<usize>(), 1..=4_u32).prop_map(|(index, to)| Event::Moved(index, to)),
        3 => any_strays(6).prop_map(Event::Strays),
    ];
    prop_oneof![proptest::collection::vec(event, 1..=20), tight_events()]
}

/// A group changes on a device with stray rows and hardly any room.
fn tight_events() -> impl Strategy<Value = Vec<Event>> {
    let ensure = prop_oneof![2 => plain_ensure(true), 1 => plain_ensure(false)];
    let round = (ensure, any_strays(4), any_performance(), per_family(0..=2_u64));
    (plain_ensure(false), any_performance(), proptest::collection::vec(round, 1..=4)).prop_map(
        |(first, how, rounds)| {
            let whole = Performance { stop_after: None, ..how };
            let mut events = vec![Event::Command(first, whole)];
            for (ensure, strays, how, slack_rows) in rounds {
                let tight = Performance { slack_rows: Some(slack_rows), ..how };
                events.extend([Event::Strays(strays), Event::Command(ensure, tight)]);
            }
            events
        },
    )
}

fn any_strays(most: usize) -> impl Strategy<Value = Vec<(Mapping, u32)>> {
    proptest::collection::vec((any_mapping(), 1..=3_u32), 1..=most)
}

fn any_performance() -> impl Strategy<Value = Performance> {
    let stop_after = prop_oneof![1 => Just(None), 2 => (0..8_usize).prop_map(Some)];
    let slack_rows = proptest::option::of(per_family(0..=3_u64));
    (any::<bool>(), any::<u64>(), stop_after, any::<bool>(), slack_rows).prop_map(
        |(all_groups, order, stop_after, lost, slack_rows)| Performance {
            all_groups,
            order,
            stop_after,
            lost,
            slack_rows,
        },
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

impl Crossing<'_> {
    /// Has the plan performed stage by stage, and of each stage of at most `most` writes every part:
    /// all that a device can have done when it is looked at, or breaks off.
    pub fn each_part(
        &self,
        most: usize,
        mut law: impl FnMut(&NaiveDevice) -> TestCaseResult,
    ) -> TestCaseResult {
        let Ok(plan) = self.plan else { return Ok(()) };
        let mut device = self.device.clone();
        for stage in plan.stages() {
            if stage.len() <= most {
                for part in 0_u32..1 << stage.len() {
                    let mut device = device.clone();
                    let writes = stage.iter().enumerate();
                    for (_, write) in writes.filter(|(index, _)| part >> index & 1 == 1) {
                        device.perform(write).map_err(TestCaseError::fail)?;
                    }
                    law(&device)?;
                }
            }
            for write in stage {
                device.perform(write).map_err(TestCaseError::fail)?;
            }
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
            Event::Moved(index, priority) => {
                device.give_priority(*index, Priority(*priority));
                applied = read_back(&applied, &device, &store);
                continue;
            }
            Event::Strays(strays) => {
                for (Mapping { slot, target }, priority) in strays.iter().copied() {
                    let row = DeviceRow { slot, target, priority: Priority(priority) };
                    // If the device refuses it, there is one stray row less.
                    let _ = device.perform(&Write::Insert(row));
                }
                applied = read_back(&applied, &device, &store);
                continue;
            }
        };
        let scope = if how.all_groups { Scope::All } else { Scope::Groups(&touched) };
        device.capacity.size_rows = PerFamily::from_fn(|family| {
            let here = device.used(family).max(naive.rows(family));
            match how.slack_rows {
                Some(slack) => here.max(next_naive.rows(family)) + slack[family],
                None => here.max(rules.capacity.size_rows[family]),
            }
        });
        let planned = plan(&applied, &next, scope, &device.capacity);
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
