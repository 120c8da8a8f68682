//! The tables of a program: what they hold at one moment, and lookups in them.
//!
//! [`Tables`] is a value. A clone costs next to nothing, since tables and what is in them are
//! shared, and a [`Write`] on a clone copies only the way to the entry that it changes. So whoever
//! runs packets keeps a clone and sees all tables as of one moment, while another writes.
//!
//! An entry for a packet is found, by the kinds of the key's elements, in a hash map (exact), by
//! longest prefix in a trie (one lpm element, the others exact), in an interval tree (one range
//! element, the others exact), or by trying entries in the order of their priorities (ternary,
//! optional, and mixtures). Where several entries of the largest priority are for a packet, which
//! P4Runtime does not decide, the one with the earliest key wins (of signed ranges, that with the
//! least numbers).

mod crossing;
mod entry;
mod error;
mod group;
mod hash_trie;
mod index;
mod interval;
mod intervals;
mod prefixes;
mod shape;
mod treap;

use std::sync::Arc;

pub use entry::{Arguments, Count, Counter, Entry, EntryKey, Match, Matches, Note, Write};
pub use error::{BrokenInvariant, WriteError};

use crate::ir::{self, TableId};
use index::Index;
use shape::{Layout, Shape};

/// All tables of a program at one moment.
#[derive(Clone, Debug)]
pub struct Tables {
    tables: Vec<Arc<Table>>,
}

/// What a lookup finds.
#[derive(Clone, Copy, Debug)]
pub struct Lookup<'a> {
    /// The entry; none on a miss.
    pub entry: Option<&'a Arc<Entry>>,
    /// The action of the entry or the default action: its place in [`ir::Table::actions`].
    pub action: usize,
    /// The arguments of the action.
    pub arguments: &'a [u128],
}

#[derive(Clone, Debug)]
struct Table {
    shape: Arc<Shape>,
    size: u64,
    len: usize,
    index: Index,
    default: Arc<OnMiss>,
}

/// What is done on a miss.
#[derive(Clone, Debug)]
struct OnMiss {
    action: usize,
    arguments: Arguments,
    note: Option<Arc<Note>>,
}

impl Tables {
    /// Tables with the entries and default actions of the program. How many entries a table has
    /// room for is what `size_of` says, but no less than the program has.
    ///
    /// Of two entries of the program with one key the first is taken.
    pub fn new(program: &ir::Program, size_of: impl Fn(&ir::Table) -> u64) -> Tables {
        let tables = (0..).zip(&program.tables).map(|(number, table)| {
            let shape = Shape::new(program, table);
            let mut new = Table {
                size: size_of(table).max(table.entries.len() as u64),
                len: 0,
                index: Index::new(Layout::of(&shape.keys)),
                default: Arc::new(default_of(&shape)),
                shape: Arc::new(shape),
            };
            for entry in &table.entries {
                let entry = new.shape.program_entry(TableId(number), entry);
                if new.find(&entry.key).is_none() {
                    new.put(Arc::new(entry));
                    new.len += 1;
                }
            }
            Arc::new(new)
        });
        Tables { tables: tables.collect() }
    }

    /// What a packet with these values meets. Does not allocate.
    ///
    /// The values are those of the key's elements in their order, each no wider than its element.
    pub fn lookup(&self, table: TableId, values: &[u128]) -> Lookup<'_> {
        let Some(table) = self.tables.get(table.index()) else {
            return Lookup { entry: None, action: 0, arguments: &[] };
        };
        match table.index.lookup(&table.shape.keys, values) {
            Some(entry) => {
                Lookup { entry: Some(entry), action: entry.action, arguments: &entry.arguments }
            }
            None => {
                let OnMiss { action, arguments, note: _ } = &*table.default;
                Lookup { entry: None, action: *action, arguments }
            }
        }
    }

    /// Does one write.
    ///
    /// # Errors
    ///
    /// If the write does not fit the table or what is in it; nothing has changed then.
    pub fn perform(&mut self, write: &Write) -> Result<(), WriteError> {
        let table = self.table_mut(write.table())?;
        match write {
            Write::Insert { key, action, arguments } => table.insert(key, *action, arguments),
            Write::Modify { key, action, arguments } => table.modify(key, *action, arguments),
            Write::Delete(key) => table.delete(key),
            Write::SetDefault { action, arguments, .. } => {
                table.shape.check_default_changes()?;
                table.shape.check_default(*action, arguments)?;
                let (action, arguments, note) = (*action, arguments.clone(), None);
                table.default = Arc::new(OnMiss { action, arguments, note });
                Ok(())
            }
            Write::ResetDefault { .. } => {
                table.shape.check_default_changes()?;
                table.default = Arc::new(default_of(&table.shape));
                Ok(())
            }
        }
    }

    /// The entries of a table in the order of their keys. They are sorted for each call.
    pub fn entries(&self, table: TableId) -> impl Iterator<Item = &Arc<Entry>> {
        let mut entries = Vec::with_capacity(self.len(table));
        if let Some(table) = self.tables.get(table.index()) {
            table.index.visit(&mut |entry| entries.push(entry));
        }
        entries.sort_by(|one, other| one.key.cmp(&other.key));
        entries.into_iter()
    }

    /// The entry with this key.
    pub fn find(&self, key: &EntryKey) -> Option<&Arc<Entry>> {
        let table = self.tables.get(key.table.index())?;
        table.shape.check_key(key).ok()?;
        table.find(key)
    }

    /// An entry of the same priority that is for some of the packets that this key is for: which
    /// of them wins, P4Runtime does not say. It can be the one with this very key. None in tables
    /// without priorities. Costs a logarithm in tables of exact elements and a range.
    pub fn overlapping(&self, key: &EntryKey) -> Option<&Arc<Entry>> {
        let table = self.tables.get(key.table.index())?;
        table.shape.check_key(key).ok()?;
        table.index.overlapping(&table.shape.keys, key)
    }

    /// How many entries a table has.
    pub fn len(&self, table: TableId) -> usize {
        self.tables.get(table.index()).map_or(0, |table| table.len)
    }

    /// Whether a table has no entries.
    pub fn is_empty(&self, table: TableId) -> bool {
        self.len(table) == 0
    }

    /// How many entries a table has room for.
    pub fn size(&self, table: TableId) -> u64 {
        self.tables.get(table.index()).map_or(0, |table| table.size)
    }

    /// The default action of a table, by its place in [`ir::Table::actions`], and its arguments.
    pub fn default_action(&self, table: TableId) -> (usize, &[u128]) {
        self.tables.get(table.index()).map_or((0, &[]), |table| {
            let OnMiss { action, arguments, note: _ } = &*table.default;
            (*action, arguments)
        })
    }

    /// What the control plane keeps with the default action of a table.
    pub fn default_note(&self, table: TableId) -> Option<&Arc<Note>> {
        self.tables.get(table.index())?.default.note.as_ref()
    }

    /// Whether there can be an entry with this key.
    ///
    /// # Errors
    ///
    /// What the table would refuse the key for.
    pub fn check_key(&self, key: &EntryKey) -> Result<(), WriteError> {
        let unknown = WriteError::UnknownTable { table: key.table };
        self.tables.get(key.table.index()).ok_or(unknown)?.shape.check_key(key)
    }

    /// Gives an entry, be it constant or not, another counter. Snapshots from before keep the one
    /// that they have.
    ///
    /// # Errors
    ///
    /// If there is no such entry; nothing has changed then.
    pub fn set_counter(&mut self, key: &EntryKey, counter: Arc<Counter>) -> Result<(), WriteError> {
        self.replace(key, |entry| entry.counter = counter)
    }

    /// Keeps a note with an entry instead of the one that it has.
    ///
    /// # Errors
    ///
    /// If there is no such entry; nothing has changed then.
    pub fn set_note(&mut self, key: &EntryKey, note: Option<Arc<Note>>) -> Result<(), WriteError> {
        self.replace(key, |entry| entry.note = note)
    }

    /// Keeps a note with the default action of a table, until there is another one.
    ///
    /// # Errors
    ///
    /// If there is no such table.
    pub fn set_default_note(
        &mut self,
        table: TableId,
        note: Option<Arc<Note>>,
    ) -> Result<(), WriteError> {
        Arc::make_mut(&mut self.table_mut(table)?.default).note = note;
        Ok(())
    }

    fn table_mut(&mut self, table: TableId) -> Result<&mut Table, WriteError> {
        let unknown = WriteError::UnknownTable { table };
        self.tables.get_mut(table.index()).map(Arc::make_mut).ok_or(unknown)
    }

    /// Puts an entry with a change in the place of the one that is there.
    fn replace(
        &mut self,
        key: &EntryKey,
        change: impl FnOnce(&mut Entry),
    ) -> Result<(), WriteError> {
        let table = self.table_mut(key.table)?;
        table.shape.check_key(key)?;
        let Some(entry) = table.find(key) else {
            return Err(WriteError::NotFound { table: table.name(), key: Box::new(key.clone()) });
        };
        let mut entry = Entry::clone(entry);
        change(&mut entry);
        table.put(Arc::new(entry));
        Ok(())
    }

    /// Whether everything that has to hold between the parts of the store does. This visits all
    /// entries; it is for tests.
    ///
    /// # Errors
    ///
    /// The first thing that does not hold.
    pub fn validate(&self) -> Result<(), BrokenInvariant> {
        self.tables.iter().try_for_each(|table| table.validate())
    }
}

impl Table {
    fn find(&self, key: &EntryKey) -> Option<&Arc<Entry>> {
        self.index.find(&self.shape.keys, key)
    }

    fn put(&mut self, entry: Arc<Entry>) {
        self.index.insert(&self.shape.keys, entry);
    }

    fn insert(
        &mut self,
        key: &EntryKey,
        action: usize,
        arguments: &Arguments,
    ) -> Result<(), WriteError> {
        self.shape.check_key(key)?;
        self.shape.check_entries_change()?;
        self.shape.check_action(action, arguments)?;
        if self.find(key).is_some() {
            return Err(WriteError::Exists { table: self.name(), key: Box::new(key.clone()) });
        }
        if self.len as u64 >= self.size {
            return Err(WriteError::Full { table: self.name(), size: self.size });
        }
        self.put(Arc::new(Entry {
            key: key.clone(),
            action,
            arguments: arguments.clone(),
            is_const: false,
            counter: Arc::default(),
            note: None,
        }));
        self.len += 1;
        Ok(())
    }

    fn modify(
        &mut self,
        key: &EntryKey,
        action: usize,
        arguments: &Arguments,
    ) -> Result<(), WriteError> {
        self.shape.check_key(key)?;
        let counter = Arc::clone(&self.changeable(key)?.counter);
        self.shape.check_action(action, arguments)?;
        self.put(Arc::new(Entry {
            key: key.clone(),
            action,
            arguments: arguments.clone(),
            is_const: false,
            counter,
            note: None,
        }));
        Ok(())
    }

    fn delete(&mut self, key: &EntryKey) -> Result<(), WriteError> {
        self.shape.check_key(key)?;
        self.changeable(key)?;
        self.index.remove(&self.shape.keys, key);
        self.len -= 1;
        Ok(())
    }

    /// The entry with this key, if it is there and can be changed.
    fn changeable(&self, key: &EntryKey) -> Result<&Arc<Entry>, WriteError> {
        self.shape.check_entries_change()?;
        let Some(entry) = self.find(key) else {
            return Err(WriteError::NotFound { table: self.name(), key: Box::new(key.clone()) });
        };
        if entry.is_const {
            return Err(WriteError::ConstEntry { table: self.name(), key: Box::new(key.clone()) });
        }
        Ok(entry)
    }

    fn name(&self) -> Arc<str> {
        Arc::clone(&self.shape.name)
    }

    fn validate(&self) -> Result<(), BrokenInvariant> {
        let mut entries = Vec::new();
        self.index.visit(&mut |entry| entries.push(entry));
        let (table, counted, found) = (self.name(), self.len, entries.len());
        if counted != found {
            return Err(BrokenInvariant::Length { table, counted, found });
        }
        if found as u64 > self.size {
            return Err(BrokenInvariant::Size { table, entries: found, size: self.size });
        }
        for entry in entries {
            self.shape.check_key(&entry.key)?;
            self.shape.check_action(entry.action, &entry.arguments)?;
            if !self.find(&entry.key).is_some_and(|found| Arc::ptr_eq(found, entry)) {
                return Err(BrokenInvariant::Lost { table, key: Box::new(entry.key.clone()) });
            }
        }
        let OnMiss { action, arguments, note: _ } = &*self.default;
        self.shape.check_default(*action, arguments)?;
        match self.index.broken_rule(&self.shape.keys) {
            Some(rule) => Err(BrokenInvariant::Structure { table, rule }),
            None => Ok(()),
        }
    }
}

fn default_of(shape: &Shape) -> OnMiss {
    let (action, arguments) = &shape.default_action;
    OnMiss { action: *action, arguments: arguments.iter().copied().collect(), note: None }
}
