//! Another program with what is in the tables of the one before.
//!
//! Things go by their names. The entries of a program, and its default actions, are those of the
//! new program where they were not changed; all other entries are what they were before, with what
//! they have counted and what controllers keep with them, and so are changed default actions,
//! counters and registers.

use std::collections::HashMap;
use std::sync::Arc;

use p4::ir::{self, CounterType, ExternId, ExternKind, TableId};
use p4::table::{Arguments, Count, Entry, EntryKey, Matches, Tables, Write, WriteError};
use p4::{Program, Switch};
use thiserror::Error;

use crate::names::{Counter, Register, Table};
use crate::pipeline::Pipeline;

/// What the new program has no place for.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(crate) enum Lost {
    #[error("the program has no table {table}, which has {entries} entries")]
    Entries { table: Arc<str>, entries: usize },
    #[error("the key of table {table} is another, and it has {entries} entries")]
    Key { table: Arc<str>, entries: usize },
    #[error("table {table} has no action {action} with the same parameters, as entry {key} has")]
    Action { table: Arc<str>, action: Arc<str>, key: Box<EntryKey> },
    #[error("{0}")]
    Entry(#[from] WriteError),
    #[error("table {table} counts otherwise, and entry {key} has counted")]
    DirectCounter { table: Arc<str>, key: Box<EntryKey> },
    #[error("the program has no table {table}, which has another default action than it had")]
    DefaultOf { table: Arc<str> },
    #[error("table {table} has no action {action} with the same parameters to be its default")]
    Default { table: Arc<str>, action: Arc<str> },
    #[error("the program has no such counter as {name} at {index}, which has counted")]
    Counter { name: Arc<str>, index: u64 },
    #[error("the program has no such register as {name} at {index}, which is not zero")]
    Register { name: Arc<str>, index: u64 },
}

/// Takes over into a new pipeline, which nobody uses yet, what controllers and packets have put
/// into the old one. What packets add to arrays of counters and registers meanwhile may be lost.
///
/// # Errors
///
/// The first thing that the new program has no place for.
pub(crate) fn reconcile(old: &Pipeline, new: &Pipeline) -> Result<(), Lost> {
    new.switch.change_tables(|tables| {
        let from = old.switch.tables();
        let begun = Tables::new(old.switch.program().ir(), |table| table.size);
        let by_name = by_name(&new.names.tables, |table| &table.name);
        old.names.tables.iter().try_for_each(|table| match by_name.get(&*table.name) {
            Some(same) => {
                let (begun, from) = (&begun, &*from);
                Both { old, new, begun, from, table, same }.take_over(tables)
            }
            None => nothing_lost(old, &begun, &from, table),
        })
    })?;
    let by_name = self::by_name(&new.names.counters, |counter| &counter.name);
    for counter in &old.names.counters {
        take_over_counter(old, new, counter, by_name.get(&*counter.name).copied())?;
    }
    let by_name = self::by_name(&new.names.registers, |register| &register.name);
    for register in &old.names.registers {
        take_over_register(old, new, register, by_name.get(&*register.name).copied())?;
    }
    Ok(())
}

/// A table in both programs.
struct Both<'b> {
    old: &'b Pipeline,
    new: &'b Pipeline,
    /// What the old program began with.
    begun: &'b Tables,
    from: &'b Tables,
    table: &'b Table,
    same: &'b Table,
}

impl Both<'_> {
    fn take_over(&self, tables: &mut Tables) -> Result<(), Lost> {
        let Both { from, table, same, .. } = *self;
        let id = same.table;
        let fields = self.fields();
        let actions = self.actions();
        let counts_alike = table.counts == same.counts;
        let (own, of_program): (Vec<&Arc<Entry>>, Vec<&Arc<Entry>>) =
            from.entries(table.table).partition(|entry| is_own(self.begun, entry));
        if fields.is_none() && !own.is_empty() {
            let (table, entries) = (Arc::clone(&table.name), own.len());
            return Err(Lost::Key { table, entries });
        }
        let place = |entry: &Entry| -> Option<EntryKey> {
            let matches = fields.as_ref()?.iter().map(|old| entry.key.matches.get(*old).copied());
            let matches = matches.collect::<Option<Matches>>()?;
            Some(EntryKey { table: id, matches, priority: entry.key.priority })
        };
        // What the new program begins with goes where it was changed or deleted before.
        let begun = self.begun.entries(table.table);
        let deleted = begun.filter(|entry| from.find(&entry.key).is_none());
        let changed = deleted.chain(own.iter().copied()).filter_map(|entry| place(entry));
        for key in changed {
            if tables.find(&key).is_some_and(|entry| !entry.is_const) {
                tables.perform(&Write::Delete(key))?;
            }
        }
        for entry in of_program {
            // Where it is not any more, what it has counted is of the program that was.
            let key = place(entry).filter(|key| tables.find(key).is_some());
            if let Some(key) = key.filter(|_| counts_alike) {
                tables.set_counter(&key, Arc::clone(&entry.counter))?;
            }
        }
        for entry in own {
            let Some(key) = place(entry) else { continue };
            let action = actions.get(entry.action).copied().flatten().ok_or_else(|| {
                let (table, action) = (Arc::clone(&table.name), name(table, entry.action));
                Lost::Action { table, action, key: Box::new(entry.key.clone()) }
            })?;
            let arguments = entry.arguments.clone();
            tables.perform(&Write::Insert { key: key.clone(), action, arguments })?;
            if counts_alike {
                // The very counter, so that no packet is missed that comes meanwhile.
                tables.set_counter(&key, Arc::clone(&entry.counter))?;
            } else if table.counts.is_some() && entry.counter.read() != Count::default() {
                let (table, key) = (Arc::clone(&table.name), Box::new(entry.key.clone()));
                return Err(Lost::DirectCounter { table, key });
            }
            if entry.note.is_some() {
                tables.set_note(&key, entry.note.clone())?;
            }
        }
        self.default_action(tables, &actions)
    }

    fn default_action(&self, tables: &mut Tables, actions: &[Option<usize>]) -> Result<(), Lost> {
        let Both { old, from, table, same, .. } = *self;
        let Some((place, arguments)) = changed_default(old, from, table) else { return Ok(()) };
        let lost = || {
            let (table, action) = (Arc::clone(&table.name), name(table, place));
            Lost::Default { table, action }
        };
        let action = actions.get(place).copied().flatten().ok_or_else(lost)?;
        tables.perform(&Write::SetDefault { table: same.table, action, arguments })?;
        tables.set_default_note(same.table, from.default_note(table.table).cloned())?;
        Ok(())
    }

    /// For each field of the new key the place of the same one in the old, if both have the same.
    fn fields(&self) -> Option<Vec<usize>> {
        let Both { table, same, .. } = *self;
        if table.fields.len() != same.fields.len() {
            return None;
        }
        let place = |new: &crate::names::Field| {
            table.fields.iter().position(|old| {
                (&old.name, old.kind, old.width, old.is_signed)
                    == (&new.name, new.kind, new.width, new.is_signed)
            })
        };
        let places: Vec<usize> = same.fields.iter().map(place).collect::<Option<_>>()?;
        let is_each_there = (0..places.len()).all(|place| places.contains(&place));
        is_each_there.then_some(places)
    }

    /// For each action of the old table the place of the same one in the new.
    fn actions(&self) -> Vec<Option<usize>> {
        let Both { old, new, table, same, .. } = *self;
        let shape = |program: &Program, table: TableId, place: usize| {
            let one = program.ir().tables.get(table.index())?.actions.get(place)?;
            let action = program.ir().actions.get(one.action.index())?;
            let parameters = action.control_parameters.iter();
            let parameters = parameters.map(|one| (Arc::clone(&one.name), one.width));
            Some((Arc::clone(&action.name), parameters.collect::<Vec<_>>()))
        };
        let (program, other) = (old.switch.program(), new.switch.program());
        let others: Vec<_> =
            (0..same.actions.len()).map(|place| shape(other, same.table, place)).collect();
        let place = |place| {
            let wanted = shape(program, table.table, place)?;
            others.iter().position(|other| other.as_ref() == Some(&wanted))
        };
        (0..table.actions.len()).map(place).collect()
    }
}

/// The default action of a table, if it is another than the program says.
fn changed_default(
    pipeline: &Pipeline,
    tables: &Tables,
    table: &Table,
) -> Option<(usize, Arguments)> {
    let declared: &ir::Table = pipeline.switch.program().ir().tables.get(table.table.index())?;
    let (initial, initial_arguments) = &declared.default_action;
    let (action, arguments) = tables.default_action(table.table);
    let has_changed = action != *initial
        || arguments != initial_arguments.as_slice()
        || tables.default_note(table.table).is_some();
    has_changed.then(|| (action, arguments.iter().copied().collect()))
}

/// Whether a table can go without anything being lost with it.
fn nothing_lost(old: &Pipeline, begun: &Tables, from: &Tables, table: &Table) -> Result<(), Lost> {
    let entries = from.entries(table.table).filter(|entry| is_own(begun, entry)).count();
    if entries > 0 {
        return Err(Lost::Entries { table: Arc::clone(&table.name), entries });
    }
    match changed_default(old, from, table) {
        Some(_) => Err(Lost::DefaultOf { table: Arc::clone(&table.name) }),
        None => Ok(()),
    }
}

/// Whether an entry is not as the program begins with it.
fn is_own(begun: &Tables, entry: &Entry) -> bool {
    !begun.find(&entry.key).is_some_and(|initial| {
        let Entry { key: _, action, arguments, is_const: _, counter: _, note } = &**initial;
        *action == entry.action && *arguments == entry.arguments && *note == entry.note
    })
}

fn take_over_counter(
    old: &Pipeline,
    new: &Pipeline,
    counter: &Counter,
    same: Option<&Counter>,
) -> Result<(), Lost> {
    let counts = counts(&old.switch, counter.counter);
    let same = same.filter(|same| self::counts(&new.switch, same.counter) == counts);
    for index in 0..counter.size {
        let count = old.switch.counter(counter.counter, index).unwrap_or_default();
        if count == Count::default() {
            continue;
        }
        if !same.is_some_and(|same| new.switch.set_counter(same.counter, index, count)) {
            return Err(Lost::Counter { name: Arc::clone(&counter.name), index });
        }
    }
    Ok(())
}

fn take_over_register(
    old: &Pipeline,
    new: &Pipeline,
    register: &Register,
    same: Option<&Register>,
) -> Result<(), Lost> {
    let same = same.filter(|same| same.element == register.element);
    for index in 0..register.size {
        let value = old.switch.register(register.register, index).unwrap_or_default();
        if value == 0 {
            continue;
        }
        if !same.is_some_and(|same| new.switch.set_register(same.register, index, value)) {
            return Err(Lost::Register { name: Arc::clone(&register.name), index });
        }
    }
    Ok(())
}

fn counts(switch: &Switch, counter: ExternId) -> Option<CounterType> {
    match switch.program().ir().externs.get(counter.index())?.kind {
        ExternKind::Counter { counts, .. } => Some(counts),
        ExternKind::DirectCounter { .. } | ExternKind::Register { .. } => None,
    }
}

fn name(table: &Table, place: usize) -> Arc<str> {
    table.actions.get(place).map_or_else(|| Arc::from(""), |action| Arc::clone(&action.name))
}

fn by_name<T>(all: &[T], name: impl Fn(&T) -> &Arc<str>) -> HashMap<&str, &T> {
    all.iter().map(|one| (&**name(one), one)).collect()
}
