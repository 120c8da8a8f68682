//! What a read answers: the tables of one moment, counters and registers, as entities that are made
//! when they are to be sent.

use std::ops::Range;
use std::sync::Arc;

use p4::table::{Entry, Matches, Tables};
use p4runtime::v1;

use crate::encode;
use crate::names::Table;
use crate::pipeline::Pipeline;

/// How many entities go into one message.
const MAX_ENTITIES: usize = 1_000;

/// With how many bytes of metadata a message takes no more entities: clients take 4 MiB by default.
const MAX_METADATA_BYTES: usize = 1 << 20;

/// A pipeline with the tables of one moment.
#[derive(Clone)]
pub(crate) struct Moment {
    pub(crate) pipeline: Arc<Pipeline>,
    pub(crate) tables: Arc<Tables>,
}

/// A part of an answer. Tables and arrays go by their places in the names of the pipeline.
pub(crate) enum Part {
    /// One entry.
    Entry { table: usize, entry: Arc<Entry>, form: Form },
    /// Entries in the order of their keys, table by table.
    Entries { tables: Range<usize>, choice: Arc<Choice>, form: Form },
    /// Default actions.
    Defaults { tables: Range<usize>, choice: Arc<Choice> },
    /// Elements of arrays of counters.
    Counters { arrays: Range<usize>, index: Option<u64> },
    /// Elements of registers.
    Registers { arrays: Range<usize>, index: Option<u64> },
}

/// What is told of an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Entry { with_counter: bool },
    Counter,
}

/// Which entries are meant: those that are as all that is given says.
#[derive(Debug, Default)]
pub(crate) struct Choice {
    pub(crate) matches: Option<Matches>,
    /// By its place in the table.
    pub(crate) action: Option<usize>,
    pub(crate) priority: Option<u32>,
    pub(crate) cookie: Option<u64>,
    pub(crate) metadata: Option<Vec<u8>>,
}

/// Entities, one after another.
type Entities = Box<dyn Iterator<Item = v1::Entity> + Send>;

/// The messages of an answer, each made when it is asked for.
pub(crate) struct Messages {
    entities: std::iter::Peekable<Entities>,
}

impl Messages {
    pub(crate) fn new(moment: Moment, parts: Vec<Part>) -> Messages {
        let entities = parts.into_iter().flat_map(move |part| part.entities(&moment));
        let entities: Entities = Box::new(entities);
        Messages { entities: entities.peekable() }
    }
}

impl Iterator for Messages {
    type Item = v1::ReadResponse;

    fn next(&mut self) -> Option<v1::ReadResponse> {
        self.entities.peek()?;
        let mut entities = Vec::new();
        let mut metadata_bytes = 0;
        while entities.len() < MAX_ENTITIES && metadata_bytes < MAX_METADATA_BYTES {
            let Some(entity) = self.entities.next() else { break };
            metadata_bytes += match &entity.entity {
                Some(v1::entity::Entity::TableEntry(entry)) => entry.metadata.len(),
                _ => 0,
            };
            entities.push(entity);
        }
        Some(v1::ReadResponse { entities })
    }
}

impl Choice {
    pub(crate) fn has(&self, entry: &Entry) -> bool {
        let Choice { matches, action, priority, cookie, metadata } = self;
        matches.as_ref().is_none_or(|matches| entry.key.matches == *matches)
            && action.is_none_or(|action| entry.action == action)
            && priority.is_none_or(|priority| entry.key.priority == priority)
            && has_note(entry.note.as_deref(), *cookie, metadata.as_deref())
    }

    fn has_default(&self, table: &Table, tables: &Tables) -> bool {
        let Choice { matches: _, action, priority: _, cookie, metadata } = self;
        action.is_none_or(|action| tables.default_action(table.table).0 == action)
            && has_note(
                tables.default_note(table.table).map(|note| &**note),
                *cookie,
                metadata.as_deref(),
            )
    }
}

fn has_note(note: Option<&p4::table::Note>, cookie: Option<u64>, metadata: Option<&[u8]>) -> bool {
    cookie.is_none_or(|cookie| note.is_some_and(|note| note.cookie == cookie))
        && metadata.is_none_or(|metadata| note.is_some_and(|note| *note.bytes == *metadata))
}

impl Part {
    fn entities(self, moment: &Moment) -> Entities {
        let moment = moment.clone();
        match self {
            Part::Entry { table, entry, form } => {
                Box::new(moment.table(table).and_then(|table| form.of(table, &entry)).into_iter())
            }
            Part::Entries { tables, choice, form } => Box::new(tables.flat_map(move |place| {
                let (moment, choice) = (moment.clone(), Arc::clone(&choice));
                let entries = moment.entries_of(place).into_iter();
                entries.filter_map(move |entry| {
                    let table = moment.table(place).filter(|_| choice.has(&entry))?;
                    form.of(table, &entry)
                })
            })),
            Part::Defaults { tables, choice } => Box::new(tables.filter_map(move |place| {
                let table = moment.table(place)?;
                let is_meant = choice.has_default(table, &moment.tables);
                is_meant.then(|| encode::default_action(table, &moment.tables))
            })),
            Part::Counters { arrays, index } => Box::new(arrays.flat_map(move |place| {
                let moment = moment.clone();
                let size = moment.pipeline.names.counters.get(place).map_or(0, |one| one.size);
                elements(index, size).filter_map(move |index| {
                    let array = moment.pipeline.names.counters.get(place)?;
                    let count = moment.pipeline.switch.counter(array.counter, index)?;
                    Some(encode::counter(array.id, index, count))
                })
            })),
            Part::Registers { arrays, index } => Box::new(arrays.flat_map(move |place| {
                let moment = moment.clone();
                let size = moment.pipeline.names.registers.get(place).map_or(0, |one| one.size);
                elements(index, size).filter_map(move |index| {
                    let array = moment.pipeline.names.registers.get(place)?;
                    let value = moment.pipeline.switch.register(array.register, index)?;
                    Some(encode::register(array.id, index, array.element, value))
                })
            })),
        }
    }
}

impl Form {
    /// None if it is the counter of an entry that has none.
    fn of(self, table: &Table, entry: &Entry) -> Option<v1::Entity> {
        match self {
            Form::Entry { with_counter } => Some(encode::entry(table, entry, with_counter)),
            Form::Counter => {
                table.counts.map(|counts| encode::direct_counter(table, entry, counts))
            }
        }
    }
}

impl Moment {
    fn table(&self, place: usize) -> Option<&Table> {
        self.pipeline.names.tables.get(place)
    }

    fn entries_of(&self, place: usize) -> Vec<Arc<Entry>> {
        let table = self.table(place);
        table.map_or_else(Vec::new, |table| self.tables.entries(table.table).cloned().collect())
    }
}

fn elements(index: Option<u64>, size: u64) -> Range<u64> {
    index.map_or(0..size, |index| index..index + 1)
}
