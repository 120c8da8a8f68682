//! The operation Read.

use std::ops::Range;
use std::sync::Arc;

use futures::stream::{self, BoxStream, StreamExt as _};
use p4::table::EntryKey;
use p4runtime::{batch_failed, v1};
use tonic::{Code, Status};
use v1::entity::Entity;

use crate::answer::{Choice, Form, Messages, Moment, Part};
use crate::batch::{check_support, table, unsupported};
use crate::blocking::blocking;
use crate::decode;
use crate::names::Table;
use crate::refusal::{Refusal, errors};
use crate::switch::Shared;

/// How many things a read may ask for.
const MAX_REQUESTS: usize = 65_536;

type Answer = BoxStream<'static, Result<v1::ReadResponse, Status>>;

impl Shared {
    /// Reads what is asked for: tables as they are at this moment, all of them, and what counters
    /// and registers are at when it is told. What is asked for in a wrong way is told when the rest
    /// has been answered.
    pub(crate) async fn read(self: &Arc<Self>, request: v1::ReadRequest) -> Result<Answer, Status> {
        self.check_device(request.device_id)?;
        let pipeline = self.running()?;
        let count = request.entities.len();
        if count > MAX_REQUESTS {
            return Err(Status::resource_exhausted(format!(
                "the read asks for {count} things; the most is {MAX_REQUESTS}"
            )));
        }
        let moment = Moment { tables: pipeline.switch.tables(), pipeline };
        let mut parts = Vec::new();
        let mut refused = Vec::new();
        for (place, entity) in request.entities.iter().enumerate() {
            match moment.part(entity) {
                Ok(part) => parts.extend(part),
                Err(refusal) => refused.push((place, refusal)),
            }
        }
        let end = (!refused.is_empty()).then(|| {
            let message = format!("{} of {count} reads failed", refused.len());
            Err(batch_failed(&message, errors(count, Code::Ok, &refused)))
        });
        let is_quick = parts.len() <= 1 && parts.iter().all(Part::is_one);
        let messages = Messages::new(moment, parts);
        Ok(match is_quick {
            true => stream::iter(messages.map(Ok).chain(end)).boxed(),
            false => apart(messages).chain(stream::iter(end)).boxed(),
        })
    }
}

/// Messages that are made on a thread of their own, one whenever the last has been taken.
fn apart(messages: Messages) -> impl stream::Stream<Item = Result<v1::ReadResponse, Status>> {
    stream::unfold(Some(messages), |messages| async {
        let mut messages = messages?;
        match blocking(move || (messages.next(), messages)).await {
            Ok((message, messages)) => Some((Ok(message?), Some(messages))),
            Err(status) => Some((Err(status), None)),
        }
    })
}

impl Part {
    /// Whether it is one entity at most.
    fn is_one(&self) -> bool {
        match self {
            Part::Entry { .. } => true,
            Part::Defaults { tables: places, .. }
            | Part::Counters { arrays: places, index: Some(_) }
            | Part::Registers { arrays: places, index: Some(_) } => places.len() <= 1,
            Part::Entries { .. }
            | Part::Counters { index: None, .. }
            | Part::Registers { index: None, .. } => false,
        }
    }
}

impl Moment {
    /// What is asked for; nothing if it is an entry that is not there.
    fn part(&self, entity: &v1::Entity) -> Result<Option<Part>, Refusal> {
        let entity = entity.entity.as_ref().ok_or(Refusal::NoEntity)?;
        let names = &self.pipeline.names;
        match entity {
            Entity::TableEntry(entry) => self.table_entry(entry),
            Entity::DirectCounterEntry(entry) => self.direct_counter(entry.table_entry.as_ref()),
            Entity::CounterEntry(v1::CounterEntry { counter_id: id, index, data: _ }) => {
                let (arrays, index) = if *id == 0 {
                    (0..names.counters.len(), None)
                } else {
                    let place = names.counters.iter().position(|array| array.id == *id);
                    let found = place.and_then(|place| Some((place, names.counters.get(place)?)));
                    let (place, array) =
                        found.ok_or(Refusal::UnknownId { kind: "counter", id: *id })?;
                    (one(place), decode::index(&array.name, array.size, *index)?)
                };
                Ok(Some(Part::Counters { arrays, index }))
            }
            Entity::RegisterEntry(v1::RegisterEntry { register_id: id, index, data: _ }) => {
                let (arrays, index) = if *id == 0 {
                    (0..names.registers.len(), None)
                } else {
                    let place = names.registers.iter().position(|array| array.id == *id);
                    let found = place.and_then(|place| Some((place, names.registers.get(place)?)));
                    let (place, array) =
                        found.ok_or(Refusal::UnknownId { kind: "register", id: *id })?;
                    (one(place), decode::index(&array.name, array.size, *index)?)
                };
                Ok(Some(Part::Registers { arrays, index }))
            }
            other if is_for_all(other) => Ok(None),
            other => Err(Refusal::Unsupported(unsupported(other).unwrap_or("such entities"))),
        }
    }

    fn table_entry(&self, entry: &v1::TableEntry) -> Result<Option<Part>, Refusal> {
        let form = Form::Entry { with_counter: entry.counter_data.is_some() };
        if entry.table_id == 0 {
            check_choice_of_all(entry)?;
            let (tables, choice) = (0..self.pipeline.names.tables.len(), Arc::default());
            return Ok(Some(match entry.is_default_action {
                true => Part::Defaults { tables, choice },
                false => Part::Entries { tables, choice, form },
            }));
        }
        let (place, table) = self.named(entry.table_id)?;
        check_support(table, entry)?;
        let choice = choice(table, entry)?;
        if entry.is_default_action {
            let name = || Arc::clone(&table.name);
            if choice.matches.is_some() {
                return Err(Refusal::DefaultWith { table: name(), what: "match" });
            }
            if choice.priority.is_some() {
                return Err(Refusal::DefaultWith { table: name(), what: "priority" });
            }
            return Ok(Some(Part::Defaults { tables: one(place), choice: Arc::new(choice) }));
        }
        self.entries(place, table, choice, form)
    }

    fn direct_counter(&self, entry: Option<&v1::TableEntry>) -> Result<Option<Part>, Refusal> {
        let form = Form::Counter;
        let Some(entry) = entry.filter(|entry| entry.table_id != 0) else {
            entry.map_or(Ok(()), check_choice_of_all)?;
            let (tables, choice) = (0..self.pipeline.names.tables.len(), Arc::default());
            return Ok(Some(Part::Entries { tables, choice, form }));
        };
        let (place, table) = self.named(entry.table_id)?;
        let name = || Arc::clone(&table.name);
        if table.counts.is_none() {
            return Err(Refusal::NoDirectCounter { table: name() });
        }
        if entry.is_default_action {
            return Err(Refusal::DefaultCounter);
        }
        let choice = choice(table, entry)?;
        let is_one = choice.matches.is_some();
        match self.entries(place, table, choice, form)? {
            None if is_one => Err(Refusal::NoEntry { table: name() }),
            part => Ok(part),
        }
    }

    /// The entries of a table, or the one that is meant.
    fn entries(
        &self,
        place: usize,
        table: &Table,
        choice: Choice,
        form: Form,
    ) -> Result<Option<Part>, Refusal> {
        let Some(matches) = &choice.matches else {
            return Ok(Some(Part::Entries { tables: one(place), choice: Arc::new(choice), form }));
        };
        if table.has_priorities && choice.priority.is_none() {
            // With each priority there is another entry.
            let key = EntryKey { table: table.table, matches: matches.clone(), priority: 1 };
            self.tables.check_key(&key)?;
            return Ok(Some(Part::Entries { tables: one(place), choice: Arc::new(choice), form }));
        }
        let priority = choice.priority.unwrap_or(0);
        let key = EntryKey { table: table.table, matches: matches.clone(), priority };
        self.tables.check_key(&key)?;
        let found = self.tables.find(&key).filter(|entry| choice.has(entry));
        let entry = found.map(Arc::clone);
        Ok(entry.map(|entry| Part::Entry { table: place, entry, form }))
    }

    fn named(&self, id: u32) -> Result<(usize, &Table), Refusal> {
        let names = &self.pipeline.names;
        let found = table(names, id)?;
        let place = names.tables.iter().position(|table| table.id == found.id).unwrap_or(0);
        Ok((place, found))
    }
}

/// Whether all of a kind is meant that the switch has none of. None is what there is then: who
/// cleans a switch up asks for all of everything.
fn is_for_all(entity: &Entity) -> bool {
    use v1::packet_replication_engine_entry::Type;
    match entity {
        Entity::ExternEntry(v1::ExternEntry { extern_type_id: id, .. })
        | Entity::ActionProfileMember(v1::ActionProfileMember { action_profile_id: id, .. })
        | Entity::ActionProfileGroup(v1::ActionProfileGroup { action_profile_id: id, .. })
        | Entity::MeterEntry(v1::MeterEntry { meter_id: id, .. })
        | Entity::ValueSetEntry(v1::ValueSetEntry { value_set_id: id, .. })
        | Entity::DigestEntry(v1::DigestEntry { digest_id: id, .. }) => *id == 0,
        Entity::DirectMeterEntry(v1::DirectMeterEntry { table_entry: entry, .. }) => {
            entry.as_ref().is_none_or(|entry| entry.table_id == 0)
        }
        Entity::PacketReplicationEngineEntry(engine) => match &engine.r#type {
            Some(Type::MulticastGroupEntry(group)) => group.multicast_group_id == 0,
            Some(Type::CloneSessionEntry(session)) => session.session_id == 0,
            None => false,
        },
        Entity::TableEntry(_)
        | Entity::CounterEntry(_)
        | Entity::DirectCounterEntry(_)
        | Entity::RegisterEntry(_) => false,
    }
}

/// What is said about the entries that are meant.
fn choice(table: &Table, entry: &v1::TableEntry) -> Result<Choice, Refusal> {
    let action =
        match decode::direct_action(table, entry.action.as_ref())? {
            None => None,
            Some(v1::Action { action_id: id, .. }) => Some(table.action(*id).ok_or_else(|| {
                Refusal::UnknownAction { table: Arc::clone(&table.name), id: *id }
            })?),
        };
    let priority = Some(decode::priority(entry)?).filter(|priority| *priority > 0);
    let matches = match entry.r#match.as_slice() {
        [] => None,
        given => Some(decode::matches(table, given)?),
    };
    #[expect(deprecated, reason = "older controllers use it")]
    let cookie = Some(entry.controller_metadata).filter(|cookie| *cookie != 0);
    let metadata = Some(entry.metadata.clone()).filter(|metadata| !metadata.is_empty());
    Ok(Choice { matches, action, priority, cookie, metadata })
}

/// Whether nothing is said about the entries of all tables that only those of one can be asked.
fn check_choice_of_all(entry: &v1::TableEntry) -> Result<(), Refusal> {
    #[expect(deprecated, reason = "older controllers use it")]
    let cookie = entry.controller_metadata;
    let chosen = [
        (!entry.r#match.is_empty(), "match"),
        (entry.action.is_some(), "action"),
        (entry.priority != 0, "priority"),
        (cookie != 0, "controller_metadata"),
        (!entry.metadata.is_empty(), "metadata"),
    ];
    match chosen.into_iter().find(|(is_chosen, _)| *is_chosen) {
        Some((_, what)) => Err(Refusal::ChoiceOfAll(what)),
        None => Ok(()),
    }
}

fn one(place: usize) -> Range<usize> {
    place..place + 1
}
