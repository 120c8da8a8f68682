//! The updates of one write, on the tables of a pipeline.
//!
//! Table entries change on a copy of the tables, which packets get as a whole. What else changes,
//! counters and registers, is looked at in its turn and written when all is decided.

use std::ops::Range;
use std::sync::Arc;

use p4::ir::ExternId;
use p4::table::{Count, Counter, EntryKey, Tables, Write, WriteError};
use p4runtime::v1;
use v1::entity::Entity;
use v1::update::Type;

use crate::decode;
use crate::names::{Names, Table};
use crate::pipeline::Pipeline;
use crate::refusal::Refusal;

/// How many elements of counters and registers the updates of one write may be for, so that nobody
/// waits for long: twice as many as a program can have.
const MAX_ELEMENTS: u64 = 1 << 25;

/// What becomes of the updates if some are refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mode {
    /// The others are done.
    Each,
    /// Nothing is done.
    AllOrNothing,
}

/// The updates that were refused, by their places.
pub(crate) type Refused = Vec<(usize, Refusal)>;

/// Does the updates in their order. Packets see the changes of tables all at once.
///
/// # Errors
///
/// Which were refused: one if it is all or nothing, and then nothing was done.
pub(crate) fn perform(
    pipeline: &Pipeline,
    mode: Mode,
    updates: &[v1::Update],
) -> Result<(), Refused> {
    let Pipeline { switch, names, .. } = pipeline;
    let changed = switch.change_tables(|tables| {
        let mut batch = Batch { names, tables, later: Vec::new(), elements: 0 };
        let mut refused = Refused::new();
        for (place, update) in updates.iter().enumerate() {
            let Err(refusal) = batch.update(update) else { continue };
            refused.push((place, refusal));
            if mode == Mode::AllOrNothing {
                return Err(refused);
            }
        }
        Ok((batch.later, refused))
    });
    let (later, refused) = changed?;
    for write in later {
        write.perform(&pipeline.switch);
    }
    if refused.is_empty() { Ok(()) } else { Err(refused) }
}

/// The kind of the first update that packets could see without the others.
pub(crate) fn seen_alone(updates: &[v1::Update]) -> Option<&'static str> {
    updates.iter().find_map(|update| match update.entity.as_ref()?.entity.as_ref()? {
        Entity::CounterEntry(_) => Some("counters"),
        Entity::RegisterEntry(_) => Some("registers"),
        _ => None,
    })
}

/// Whether an update is for all elements of an array, which may be many.
pub(crate) fn has_whole_array(updates: &[v1::Update]) -> bool {
    let entities = updates.iter().filter_map(|update| update.entity.as_ref()?.entity.as_ref());
    entities.into_iter().any(|entity| match entity {
        Entity::CounterEntry(entry) => entry.index.is_none(),
        Entity::RegisterEntry(entry) => entry.index.is_none(),
        _ => false,
    })
}

/// What the switch has none of, by its name.
pub(crate) fn unsupported(entity: &Entity) -> Option<&'static str> {
    match entity {
        Entity::TableEntry(_)
        | Entity::CounterEntry(_)
        | Entity::DirectCounterEntry(_)
        | Entity::RegisterEntry(_) => None,
        Entity::ExternEntry(_) => Some("externs of its own (extern_entry)"),
        Entity::ActionProfileMember(_) => Some("action profiles (action_profile_member)"),
        Entity::ActionProfileGroup(_) => Some("action selectors (action_profile_group)"),
        Entity::MeterEntry(_) => Some("meters (meter_entry)"),
        Entity::DirectMeterEntry(_) => Some("direct meters (direct_meter_entry)"),
        Entity::PacketReplicationEngineEntry(_) => {
            Some("packet replication (packet_replication_engine_entry)")
        }
        Entity::ValueSetEntry(_) => Some("parser value sets (value_set_entry)"),
        Entity::DigestEntry(_) => Some("digests (digest_entry)"),
    }
}

/// A write to something that is no table. It has been looked at, and cannot fail.
enum Later {
    Counters { counter: ExternId, elements: Range<u64>, count: Count },
    Registers { register: ExternId, elements: Range<u64>, value: u128 },
}

impl Later {
    fn perform(self, switch: &p4::Switch) {
        match self {
            Later::Counters { counter, elements, count } => {
                for index in elements {
                    switch.set_counter(counter, index, count);
                }
            }
            Later::Registers { register, elements, value } => {
                for index in elements {
                    switch.set_register(register, index, value);
                }
            }
        }
    }
}

struct Batch<'b> {
    names: &'b Names,
    tables: &'b mut Tables,
    later: Vec<Later>,
    /// How many elements those are for.
    elements: u64,
}

impl Batch<'_> {
    fn update(&mut self, update: &v1::Update) -> Result<(), Refusal> {
        let entity = update.entity.as_ref().and_then(|entity| entity.entity.as_ref());
        let entity = entity.ok_or(Refusal::NoEntity)?;
        if let Some(what) = unsupported(entity) {
            return Err(Refusal::Unsupported(what));
        }
        let kind = match Type::try_from(update.r#type) {
            Ok(Type::Unspecified) | Err(_) => return Err(Refusal::NoUpdateType),
            Ok(kind) => kind,
        };
        match entity {
            Entity::TableEntry(entry) => self.table_entry(kind, entry),
            Entity::DirectCounterEntry(entry) => {
                only_modified(kind, "direct counter")?;
                self.direct_counter(entry)
            }
            Entity::CounterEntry(entry) => {
                only_modified(kind, "counter")?;
                self.counter(entry)
            }
            Entity::RegisterEntry(entry) => {
                only_modified(kind, "register")?;
                self.register(entry)
            }
            _ => Err(Refusal::NoEntity),
        }
    }

    fn table_entry(&mut self, kind: Type, entry: &v1::TableEntry) -> Result<(), Refusal> {
        let table = table(self.names, entry.table_id)?;
        if entry.is_const {
            return Err(Refusal::IsConst);
        }
        if entry.is_default_action {
            return self.default_action(kind, table, entry);
        }
        let key = decode::key(table, entry)?;
        match kind {
            // Of an entry that goes nothing but its key matters.
            Type::Delete => Ok(self.tables.perform(&Write::Delete(key))?),
            Type::Insert => self.insert(table, key, entry),
            Type::Modify | Type::Unspecified => self.modify(table, key, entry),
        }
    }

    fn insert(
        &mut self,
        table: &Table,
        key: EntryKey,
        entry: &v1::TableEntry,
    ) -> Result<(), Refusal> {
        let extras = Extras::new(table, entry)?;
        let (action, arguments) = decode::action(table, entry.action.as_ref())?;
        let write = Write::Insert { key, action, arguments };
        self.tables.perform(&write)?;
        let Write::Insert { key, .. } = write else { return Ok(()) };
        extras.put(self.tables, &key)
    }

    fn modify(
        &mut self,
        table: &Table,
        key: EntryKey,
        entry: &v1::TableEntry,
    ) -> Result<(), Refusal> {
        let extras = Extras::new(table, entry)?;
        if decode::direct_action(table, entry.action.as_ref())?.is_some() {
            let (action, arguments) = decode::action(table, entry.action.as_ref())?;
            let write = Write::Modify { key, action, arguments };
            self.tables.perform(&write)?;
            let Write::Modify { key, .. } = write else { return Ok(()) };
            return extras.put(self.tables, &key);
        }
        // Without an action it stays what it is, and only what belongs to it changes. Of entries
        // that are constant that is the counter.
        let is_const = find(self.tables, table, &key)?;
        if is_const && extras.note.is_some() {
            let (table, key) = (Arc::clone(&table.name), Box::new(key));
            return Err(WriteError::ConstEntry { table, key }.into());
        }
        extras.put(self.tables, &key)
    }

    fn default_action(
        &mut self,
        kind: Type,
        table: &Table,
        entry: &v1::TableEntry,
    ) -> Result<(), Refusal> {
        let name = || Arc::clone(&table.name);
        if kind != Type::Modify {
            return Err(Refusal::DefaultInserted { table: name() });
        }
        if !entry.r#match.is_empty() {
            return Err(Refusal::DefaultWith { table: name(), what: "match" });
        }
        if entry.priority != 0 {
            return Err(Refusal::DefaultWith { table: name(), what: "priority" });
        }
        let Extras { counter, note } = Extras::new(table, entry)?;
        if counter.is_some() {
            return Err(Refusal::DefaultCounter);
        }
        let id = table.table;
        if decode::direct_action(table, entry.action.as_ref())?.is_none() {
            return Ok(self.tables.perform(&Write::ResetDefault { table: id })?);
        }
        let (action, arguments) = decode::action(table, entry.action.as_ref())?;
        self.tables.perform(&Write::SetDefault { table: id, action, arguments })?;
        if note.is_some() {
            self.tables.set_default_note(id, note)?;
        }
        Ok(())
    }

    fn direct_counter(&mut self, entry: &v1::DirectCounterEntry) -> Result<(), Refusal> {
        let Some(which) = &entry.table_entry else {
            return Err(Refusal::UnknownId { kind: "table", id: 0 });
        };
        let table = table(self.names, which.table_id)?;
        if table.counts.is_none() {
            return Err(Refusal::NoDirectCounter { table: Arc::clone(&table.name) });
        }
        if which.is_default_action {
            return Err(Refusal::DefaultCounter);
        }
        let key = decode::key(table, which)?;
        let count = entry.data.map(decode::count).transpose()?;
        find(self.tables, table, &key)?;
        match count {
            Some(count) => Ok(self.tables.set_counter(&key, Arc::new(Counter::with(count)))?),
            None => Ok(()),
        }
    }

    fn counter(&mut self, entry: &v1::CounterEntry) -> Result<(), Refusal> {
        let id = entry.counter_id;
        let array = self.names.counter(id).ok_or(Refusal::UnknownId { kind: "counter", id })?;
        let index = decode::index(&array.name, array.size, entry.index)?;
        if let Some(count) = entry.data.map(decode::count).transpose()? {
            let (counter, elements) = (array.counter, self.elements(index, array.size)?);
            self.later.push(Later::Counters { counter, elements, count });
        }
        Ok(())
    }

    fn register(&mut self, entry: &v1::RegisterEntry) -> Result<(), Refusal> {
        let id = entry.register_id;
        let array = self.names.register(id).ok_or(Refusal::UnknownId { kind: "register", id })?;
        let index = decode::index(&array.name, array.size, entry.index)?;
        let value = decode::element(array, &entry.data.clone().unwrap_or_default())?;
        let (register, elements) = (array.register, self.elements(index, array.size)?);
        self.later.push(Later::Registers { register, elements, value });
        Ok(())
    }

    /// One element or all of them.
    fn elements(&mut self, index: Option<u64>, size: u64) -> Result<Range<u64>, Refusal> {
        let elements = index.map_or(0..size, |index| index..index + 1);
        let all = self.elements.saturating_add(elements.end - elements.start);
        if all > MAX_ELEMENTS {
            return Err(Refusal::TooManyElements { most: MAX_ELEMENTS });
        }
        self.elements = all;
        Ok(elements)
    }
}

/// What comes with an entry beside its key and its action.
struct Extras {
    counter: Option<Arc<Counter>>,
    note: Option<Arc<p4::table::Note>>,
}

impl Extras {
    fn new(table: &Table, entry: &v1::TableEntry) -> Result<Extras, Refusal> {
        let name = || Arc::clone(&table.name);
        check_support(table, entry)?;
        if entry.counter_data.is_some() && table.counts.is_none() {
            return Err(Refusal::NoDirectCounter { table: name() });
        }
        let count = entry.counter_data.map(decode::count).transpose()?;
        let counter = count.map(|count| Arc::new(Counter::with(count)));
        Ok(Extras { counter, note: decode::note(entry)? })
    }

    fn put(self, tables: &mut Tables, key: &EntryKey) -> Result<(), Refusal> {
        let Extras { counter, note } = self;
        if let Some(counter) = counter {
            tables.set_counter(key, counter)?;
        }
        if note.is_some() {
            tables.set_note(key, note)?;
        }
        Ok(())
    }
}

/// Whether an entry asks for nothing that no table has.
pub(crate) fn check_support(table: &Table, entry: &v1::TableEntry) -> Result<(), Refusal> {
    if entry.idle_timeout_ns != 0 || entry.time_since_last_hit.is_some() {
        return Err(Refusal::IdleTimeout { table: Arc::clone(&table.name) });
    }
    if entry.meter_config.is_some() || entry.meter_counter_data.is_some() {
        return Err(Refusal::Meter { table: Arc::clone(&table.name) });
    }
    Ok(())
}

/// The table of an id.
pub(crate) fn table(names: &Names, id: u32) -> Result<&Table, Refusal> {
    names.table(id).ok_or(Refusal::UnknownId { kind: "table", id })
}

/// Whether the entry, which has to be there, is constant.
fn find(tables: &Tables, table: &Table, key: &EntryKey) -> Result<bool, Refusal> {
    tables.check_key(key)?;
    let entry = tables.find(key).ok_or_else(|| {
        let (table, key) = (Arc::clone(&table.name), Box::new(key.clone()));
        WriteError::NotFound { table, key }
    })?;
    Ok(entry.is_const)
}

fn only_modified(kind: Type, what: &'static str) -> Result<(), Refusal> {
    if kind == Type::Modify { Ok(()) } else { Err(Refusal::OnlyModified(what)) }
}
