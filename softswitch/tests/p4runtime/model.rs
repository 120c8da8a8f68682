//! Random writes on the switch and on a model of it that is a list: the result of every update and
//! what is read back are the same.

use std::cell::RefCell;
use std::collections::BTreeMap;

use p4runtime::v1;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use tonic::Code;
use v1::entity::Entity;
use v1::update::Type;
use v1::write_request::Atomicity;

use crate::common::{Bed, Ids, M, data, update};

/// An entry as the model has it: what is written is what is read.
#[derive(Clone, Debug, PartialEq)]
struct Row {
    action: Option<v1::TableAction>,
    metadata: Vec<u8>,
    counter: Option<v1::CounterData>,
}

/// By table and key, in the order in which it was written down.
#[derive(Clone, Debug, Default)]
struct Model {
    rows: Vec<(v1::TableEntry, Row)>,
    counters: BTreeMap<i64, v1::CounterData>,
}

/// An update, in numbers that few enough are the same.
#[derive(Clone, Debug)]
struct Step {
    kind: Type,
    table: usize,
    key: (u8, u8),
    priority: i32,
    action: Action,
    metadata: Vec<u8>,
    counter: Option<i64>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Action {
    Send(u8),
    None,
    /// One that the table has not.
    Other,
}

/// The tables, their sizes in the program, and whether entries have priorities and counters.
const TABLES: [(&str, usize, bool, bool); 4] = [
    ("exact_t", 8, false, true),
    ("lpm_t", 64, false, false),
    ("ternary_t", 64, true, false),
    ("range_t", 1024, true, false),
];

/// The place among the tables that stands for an element of an array of counters.
const COUNTER: usize = TABLES.len();

impl Step {
    fn matches(&self) -> Vec<M> {
        let (one, other) = (u128::from(self.key.0), u128::from(self.key.1));
        let any_if = |is_any, one| if is_any { M::Any } else { one };
        match self.table {
            0 => vec![M::Exact(one), M::Exact(other)],
            1 => {
                let length = self.key.0 as i32 * 8;
                vec![any_if(length == 0, M::Lpm(0, length)), M::Exact(other)]
            }
            2 => vec![
                any_if(one == 0, M::Ternary(one, 0xff)),
                any_if(other == 0, M::Range(other, other + 7)),
                any_if(other == 1, M::Optional(one)),
            ],
            _ => vec![M::Exact(one), any_if(other == 0, M::Range(other, other + 1))],
        }
    }

    fn entry(&self, ids: &Ids) -> v1::TableEntry {
        let (table, ..) = TABLES[self.table];
        let action = match self.action {
            Action::Send(port) => ids.call("send", &[port.into()]),
            Action::None => None,
            Action::Other => ids.call("left", &[1]),
        };
        v1::TableEntry {
            action,
            metadata: self.metadata.clone(),
            counter_data: self.counter.map(|count| data(count, count + 1)),
            ..ids.key(table, &self.matches(), self.priority)
        }
    }

    fn entity(&self, ids: &Ids) -> Entity {
        if self.table < COUNTER {
            return Entity::TableEntry(self.entry(ids));
        }
        Entity::CounterEntry(v1::CounterEntry {
            counter_id: ids.counter("I.seen"),
            index: Some(v1::Index { index: self.key.0.into() }),
            data: self.counter.map(|count| data(count, count + 1)),
        })
    }
}

impl Model {
    fn step(&mut self, ids: &Ids, step: &Step) -> Code {
        if step.table == COUNTER {
            return self.counter(step);
        }
        let (table, size, has_priorities, has_counter) = TABLES[step.table];
        let key = ids.key(table, &step.matches(), step.priority);
        let place = self.rows.iter().position(|(other, _)| *other == key);
        let is_priority_wrong = has_priorities != (step.priority > 0);
        if step.kind == Type::Delete {
            return match place {
                _ if is_priority_wrong => Code::InvalidArgument,
                None => Code::NotFound,
                Some(place) => {
                    self.rows.remove(place);
                    Code::Ok
                }
            };
        }
        let is_counter_wrong = step.counter.is_some() && !has_counter;
        let needs_action = step.kind == Type::Insert;
        if is_counter_wrong
            || step.action == Action::Other
            || needs_action && step.action == Action::None
            || is_priority_wrong
        {
            return Code::InvalidArgument;
        }
        let entry = step.entry(ids);
        match (step.kind, place) {
            (Type::Insert, Some(_)) => Code::AlreadyExists,
            (Type::Insert, None) => {
                let count = self.rows.iter().filter(|(key, _)| key.table_id == entry.table_id);
                if count.count() >= size {
                    return Code::ResourceExhausted;
                }
                let counter = entry.counter_data.or(has_counter.then(|| data(0, 0)));
                self.rows
                    .push((key, Row { action: entry.action, metadata: entry.metadata, counter }));
                Code::Ok
            }
            (_, None) => Code::NotFound,
            (_, Some(place)) => {
                let row = &mut self.rows[place].1;
                if entry.action.is_some() {
                    *row = Row { action: entry.action, metadata: Vec::new(), counter: row.counter };
                }
                if !entry.metadata.is_empty() {
                    row.metadata = entry.metadata;
                }
                row.counter = entry.counter_data.or(row.counter);
                Code::Ok
            }
        }
    }

    fn counter(&mut self, step: &Step) -> Code {
        let index = i64::from(step.key.0);
        if step.kind != Type::Modify {
            return Code::InvalidArgument;
        }
        if index >= 4 {
            return Code::OutOfRange;
        }
        if let Some(count) = step.counter {
            self.counters.insert(index, data(count, count + 1));
        }
        Code::Ok
    }

    /// The codes of all updates, or that of the whole.
    fn write(
        &mut self,
        ids: &Ids,
        atomicity: Atomicity,
        steps: &[Step],
    ) -> Result<Vec<Code>, Code> {
        let has_counters = steps.iter().any(|step| step.table == COUNTER);
        if atomicity == Atomicity::DataplaneAtomic && has_counters {
            return Err(Code::Unimplemented);
        }
        let before = self.clone();
        let mut codes = Vec::new();
        for (place, step) in steps.iter().enumerate() {
            let code = self.step(ids, step);
            codes.push(code);
            if code != Code::Ok && atomicity != Atomicity::ContinueOnError {
                *self = before;
                codes = vec![Code::Aborted; steps.len()];
                codes[place] = code;
                return Ok(codes);
            }
        }
        Ok(codes)
    }
}

fn step() -> impl Strategy<Value = Step> {
    let kind = prop_oneof![
        3 => Just(Type::Insert),
        2 => Just(Type::Modify),
        2 => Just(Type::Delete)
    ];
    let action = prop_oneof![
        8 => (0..4_u8).prop_map(Action::Send),
        2 => Just(Action::None),
        1 => Just(Action::Other)
    ];
    let metadata = prop_oneof![3 => Just(Vec::new()), 1 => prop::collection::vec(0..3_u8, 1..3)];
    let counter = prop_oneof![3 => Just(None), 1 => (0..5_i64).prop_map(Some)];
    (kind, 0..=COUNTER, (0..5_u8, 0..4_u8), any::<u8>(), action, metadata, counter).prop_map(
        |(kind, table, key, priority, action, metadata, counter)| {
            // Mostly as the table has them.
            let has_priorities = TABLES.get(table).is_some_and(|(_, _, has, _)| *has);
            let priority = match (has_priorities, priority) {
                (true, 0..10) => 0,
                (true, _) => i32::from(priority % 3) + 1,
                (false, 0..10) => 1,
                (false, _) => 0,
            };
            Step { kind, table, key, priority, action, metadata, counter }
        },
    )
}

fn atomicity() -> impl Strategy<Value = Atomicity> {
    prop_oneof![
        3 => Just(Atomicity::ContinueOnError),
        1 => Just(Atomicity::RollbackOnError),
        1 => Just(Atomicity::DataplaneAtomic)
    ]
}

#[test]
fn the_switch_does_what_the_model_does() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let bed = RefCell::new(runtime.block_on(Bed::new()));
    let mut runner = TestRunner::new(Config { cases: 48, ..Config::default() });
    let batches = prop::collection::vec((atomicity(), prop::collection::vec(step(), 0..40)), 1..12);
    let done = runner.run(&batches, |batches| {
        let bed = &mut *bed.borrow_mut();
        runtime.block_on(async {
            bed.load(crate::common::KINDS).await;
            let mut model = Model::default();
            for (atomicity, steps) in batches {
                compare(bed, &mut model, atomicity, &steps).await?;
            }
            Ok(())
        })
    });
    done.unwrap();
}

async fn compare(
    bed: &mut Bed,
    model: &mut Model,
    atomicity: Atomicity,
    steps: &[Step],
) -> Result<(), TestCaseError> {
    let updates: Vec<v1::Update> =
        steps.iter().map(|step| update(step.kind, step.entity(&bed.ids))).collect();
    match model.write(&bed.ids, atomicity, steps) {
        Err(code) => {
            let status = bed.try_write(atomicity, updates).await.unwrap_err();
            prop_assert_eq!(status.code(), code);
        }
        Ok(codes) => {
            let found = match bed.write(atomicity, updates).await {
                Ok(()) => vec![Code::Ok; steps.len()],
                Err(errors) => errors.into_iter().map(|(code, _)| code).collect(),
            };
            prop_assert_eq!(found, codes);
        }
    }
    for (table, ..) in TABLES {
        let asked = v1::TableEntry { counter_data: Some(data(0, 0)), ..bed.ids.key(table, &[], 0) };
        let mut found = bed.entries(asked).await;
        let id = bed.ids.table(table);
        let expected = model.rows.iter().filter(|(key, _)| key.table_id == id);
        let mut expected: Vec<v1::TableEntry> = expected
            .map(|(key, row)| v1::TableEntry {
                action: row.action.clone(),
                metadata: row.metadata.clone(),
                counter_data: row.counter,
                ..key.clone()
            })
            .collect();
        let order = |entry: &v1::TableEntry| format!("{:?} {}", entry.r#match, entry.priority);
        found.sort_by_key(order);
        expected.sort_by_key(order);
        prop_assert_eq!(found, expected);
    }
    let counter_id = bed.ids.counter("I.seen");
    let all = Entity::CounterEntry(v1::CounterEntry { counter_id, index: None, data: None });
    let found = bed.read(vec![all]).await;
    let expected: Vec<Entity> = (0..4)
        .map(|index| {
            Entity::CounterEntry(v1::CounterEntry {
                counter_id,
                index: Some(v1::Index { index }),
                data: Some(model.counters.get(&index).copied().unwrap_or_default()),
            })
        })
        .collect();
    prop_assert_eq!(found, expected);
    Ok(())
}
