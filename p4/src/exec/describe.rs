//! Names for what a run meets, for those who look at it.

use std::sync::Arc;

use crate::ir::{Program, TableId};
use crate::table::Lookup;
use crate::trace::LookupEvent;

use super::code::Log;
use super::layout::Slot;
use super::values::{Value, ValueKind};

/// Names and kinds of what tables are looked up with and give.
#[derive(Debug)]
pub(super) struct Descriptions {
    tables: Vec<Table>,
}

#[derive(Debug)]
struct Table {
    name: Arc<str>,
    keys: Vec<(Arc<str>, ValueKind)>,
    actions: Vec<Action>,
}

#[derive(Debug)]
struct Action {
    name: Arc<str>,
    parameters: Vec<(Arc<str>, ValueKind)>,
}

impl Descriptions {
    pub(super) fn new(program: &Program) -> Descriptions {
        let tables = program.tables.iter().map(|table| {
            let kind = |ty, width: u32| ValueKind::of(program, ty).unwrap_or(ValueKind::Bit(width));
            let keys = table.keys.iter();
            let keys = keys.map(|key| (key.name.clone(), kind(&key.expression.ty, key.width)));
            let actions = table.actions.iter().map(|action| {
                let action = &program.actions[action.action.index()];
                let parameters = action.control_parameters.iter().map(|parameter| {
                    let ty = &program.variables[parameter.variable.index()].ty;
                    (parameter.name.clone(), kind(ty, parameter.width))
                });
                Action { name: action.name.clone(), parameters: parameters.collect() }
            });
            Table { name: table.name.clone(), keys: keys.collect(), actions: actions.collect() }
        });
        Descriptions { tables: tables.collect() }
    }

    pub(super) fn lookup(&self, table: u32, key: &[u128], found: &Lookup<'_>) -> LookupEvent {
        let known = &self.tables[table as usize];
        let named = |names: &[(Arc<str>, ValueKind)], values: &[u128]| {
            let pairs = names.iter().zip(values);
            let pairs = pairs.map(|((name, kind), value)| {
                (name.clone(), Value { value: *value, kind: kind.clone() })
            });
            pairs.collect()
        };
        let (action, arguments) = match known.actions.get(found.action) {
            Some(action) => (action.name.clone(), named(&action.parameters, found.arguments)),
            None => (Arc::from(""), Vec::new()),
        };
        LookupEvent {
            table: TableId(table),
            name: known.name.clone(),
            key: named(&known.keys, key),
            entry: found.entry.cloned(),
            action,
            arguments,
        }
    }
}

impl Log {
    /// The text with values in the place of each `{}`.
    pub(super) fn line(&self, value_of: impl Fn(Slot) -> u128) -> String {
        let mut line = String::new();
        let mut values = self.values.iter();
        let mut rest: &str = &self.text;
        while let Some((before, behind)) = rest.split_once("{}") {
            line.push_str(before);
            match values.next() {
                Some((slot, kind)) => {
                    let value = Value { value: value_of(*slot), kind: kind.clone() };
                    line.push_str(&value.to_string());
                }
                None => line.push_str("{}"),
            }
            rest = behind;
        }
        line.push_str(rest);
        line
    }
}
