//! What the program holds, as messages: byte strings are canonical, matches in the order of P4Info,
//! and fields that match any value are left out.

use p4::ir::CounterType;
use p4::table::{Count, Entry, Match, Note, Tables};
use p4runtime::v1::field_match::{Exact, FieldMatchType, Lpm, Optional, Range, Ternary};
use p4runtime::{canonical, v1};

use crate::names::{Element, Field, Table};

/// An entry, with what it has counted if that is asked for.
pub(crate) fn entry(table: &Table, entry: &Entry, with_counter: bool) -> v1::Entity {
    let Entry { key: _, action, arguments, is_const, counter, note } = entry;
    let message = v1::TableEntry {
        action: self::action(table, *action, arguments),
        is_const: *is_const,
        counter_data: table
            .counts
            .filter(|_| with_counter)
            .map(|counts| count(counted(counts, counter.read()))),
        ..key(table, entry)
    };
    table_entry(noted(message, note.as_deref()))
}

/// What an entry has counted.
pub(crate) fn direct_counter(table: &Table, entry: &Entry, counts: CounterType) -> v1::Entity {
    let data = count(counted(counts, entry.counter.read()));
    entity(v1::entity::Entity::DirectCounterEntry(v1::DirectCounterEntry {
        table_entry: Some(key(table, entry)),
        data: Some(data),
    }))
}

/// The default action of a table.
pub(crate) fn default_action(table: &Table, tables: &Tables) -> v1::Entity {
    let (action, arguments) = tables.default_action(table.table);
    let message = v1::TableEntry {
        table_id: table.id,
        action: self::action(table, action, arguments),
        is_default_action: true,
        is_const: table.has_const_default,
        ..v1::TableEntry::default()
    };
    table_entry(noted(message, tables.default_note(table.table).map(|note| &**note)))
}

/// An element of an array of counters.
pub(crate) fn counter(id: u32, index: u64, value: Count) -> v1::Entity {
    entity(v1::entity::Entity::CounterEntry(v1::CounterEntry {
        counter_id: id,
        index: Some(v1::Index { index: number(index) }),
        data: Some(count(value)),
    }))
}

/// An element of a register.
pub(crate) fn register(id: u32, index: u64, element: Element, value: u128) -> v1::Entity {
    let data = match element {
        Element::Bool => v1::p4_data::Data::Bool(value != 0),
        Element::Bits(_) => v1::p4_data::Data::Bitstring(canonical(value)),
        Element::Enum(_) => v1::p4_data::Data::EnumValue(canonical(value)),
    };
    entity(v1::entity::Entity::RegisterEntry(v1::RegisterEntry {
        register_id: id,
        index: Some(v1::Index { index: number(index) }),
        data: Some(v1::P4Data { data: Some(data) }),
    }))
}

fn entity(entity: v1::entity::Entity) -> v1::Entity {
    v1::Entity { entity: Some(entity) }
}

fn table_entry(entry: v1::TableEntry) -> v1::Entity {
    entity(v1::entity::Entity::TableEntry(entry))
}

/// A message that says which entry it is, and no more.
fn key(table: &Table, entry: &Entry) -> v1::TableEntry {
    let mut matches = Vec::with_capacity(table.fields.len());
    let fields = table.fields.iter().zip(&entry.key.matches);
    matches.extend(fields.filter_map(|(field, found)| field_match(field, *found)));
    v1::TableEntry {
        table_id: table.id,
        r#match: matches,
        priority: i32::try_from(entry.key.priority).unwrap_or(i32::MAX),
        ..v1::TableEntry::default()
    }
}

fn field_match(field: &Field, found: Match) -> Option<v1::FieldMatch> {
    let kind = match found {
        Match::Exact(value) => FieldMatchType::Exact(Exact { value: canonical(value) }),
        Match::Lpm { prefix_length: 0, .. }
        | Match::Ternary { mask: 0, .. }
        | Match::Optional(None) => return None,
        Match::Lpm { value, prefix_length } => {
            let prefix_len = i32::try_from(prefix_length).unwrap_or(i32::MAX);
            FieldMatchType::Lpm(Lpm { value: canonical(value), prefix_len })
        }
        Match::Ternary { value, mask } => {
            FieldMatchType::Ternary(Ternary { value: canonical(value), mask: canonical(mask) })
        }
        Match::Range { low, high } if (low, high) == field.whole() => return None,
        Match::Range { low, high } => {
            FieldMatchType::Range(Range { low: canonical(low), high: canonical(high) })
        }
        Match::Optional(Some(value)) => {
            FieldMatchType::Optional(Optional { value: canonical(value) })
        }
    };
    Some(v1::FieldMatch { field_id: field.id, field_match_type: Some(kind) })
}

fn action(table: &Table, place: usize, arguments: &[u128]) -> Option<v1::TableAction> {
    let action = table.actions.get(place)?;
    let params = action.parameters.iter().zip(arguments).map(|(parameter, value)| {
        v1::action::Param { param_id: parameter.id, value: canonical(*value) }
    });
    let action = v1::Action { action_id: action.id, params: params.collect() };
    Some(v1::TableAction { r#type: Some(v1::table_action::Type::Action(action)) })
}

#[expect(deprecated, reason = "older controllers use the number")]
fn noted(mut entry: v1::TableEntry, note: Option<&Note>) -> v1::TableEntry {
    if let Some(Note { cookie, bytes }) = note {
        entry.controller_metadata = *cookie;
        entry.metadata = bytes.to_vec();
    }
    entry
}

/// What is told of a count: of what the counter does not count, nothing.
fn counted(counts: CounterType, Count { packets, bytes }: Count) -> Count {
    match counts {
        CounterType::Packets => Count { packets, bytes: 0 },
        CounterType::Bytes => Count { packets: 0, bytes },
        CounterType::PacketsAndBytes => Count { packets, bytes },
    }
}

fn count(Count { packets, bytes }: Count) -> v1::CounterData {
    v1::CounterData { byte_count: number(bytes), packet_count: number(packets) }
}

fn number(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
