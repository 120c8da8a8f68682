//! Rows of the list as entries of the switch, and back.

use p4runtime::v1::{self, entity, field_match, table_action, update};
use p4runtime::{InvalidBytes, canonical};
use thiserror::Error;

use super::binding::TableBinding;
use crate::action::Action;
use crate::invalid::InvalidRow;
use crate::key::{DEFAULT_PRIORITY, FieldMatch, MatchKey, RowKey};
use crate::row::{Row, TableWrite};
use crate::spec::{KeyField, MatchKind};
use crate::table::Table;
use crate::value::Value;

/// An entry that is no row of the list.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum ForeignEntry {
    #[error("an answer has an entity that was not asked for")]
    OtherEntity,
    #[error("an entry is of table {id:#010x}, which was not asked for")]
    OtherTable { id: u32 },
    #[error("the entry of {table} for {key} is fixed by the program")]
    Constant { table: Table, key: RowKey },
    #[error("an entry of {table} matches a field {id}, which the table has not or which is twice")]
    OtherField { table: Table, id: u32 },
    #[error("an entry of {table} does not match {field}, which is matched as exact")]
    NoField { table: Table, field: &'static str },
    #[error("an entry of {table} matches {field} as {kind}, not {expected}")]
    OtherKind { table: Table, field: &'static str, kind: &'static str, expected: MatchKind },
    #[error("an entry of {table} has priority {priority}, and the smallest is 1")]
    Priority { table: Table, priority: i32 },
    #[error("the entry of {table} for {key} has no action of its own")]
    NoAction { table: Table, key: RowKey },
    #[error("the entry of {table} for {key} has action {id:#010x}, which the table has not")]
    OtherAction { table: Table, key: RowKey, id: u32 },
    #[error("the entry of {table} for {key} has other arguments than {action} takes")]
    OtherArguments { table: Table, key: RowKey, action: &'static str },
    #[error("an entry of {table}: {field}: {invalid}")]
    Bytes { table: Table, field: &'static str, invalid: InvalidBytes },
    #[error("the switch tells of the entry of {table} for {key} twice")]
    Twice { table: Table, key: RowKey },
    #[error("an entry of {table} has no counter with it")]
    NoCounter { table: Table },
    #[error(transparent)]
    Row(#[from] InvalidRow),
}

/// The write as an update.
pub(super) fn lower(binding: &TableBinding, write: &TableWrite) -> v1::Update {
    let (r#type, entry) = match write {
        TableWrite::Insert(row) => (update::Type::Insert, lower_row(binding, row)),
        TableWrite::Modify(row) => (update::Type::Modify, lower_row(binding, row)),
        TableWrite::Delete(key) => (update::Type::Delete, lower_key(binding, key)),
    };
    let entity = v1::Entity { entity: Some(entity::Entity::TableEntry(entry)) };
    v1::Update { r#type: r#type.into(), entity: Some(entity) }
}

fn lower_row(binding: &TableBinding, row: &Row) -> v1::TableEntry {
    let action = row.action();
    let action = binding.actions.get(usize::from(action.id())).map(|bound| v1::Action {
        action_id: bound.id,
        params: {
            let mut params = Vec::with_capacity(bound.parameters.len());
            params.extend(bound.parameters.iter().zip(action.arguments()).map(
                |(param_id, (_, value))| v1::action::Param {
                    param_id: *param_id,
                    value: canonical(value.to_bits()),
                },
            ));
            params
        },
    });
    let action = v1::TableAction { r#type: action.map(table_action::Type::Action) };
    v1::TableEntry { action: Some(action), ..lower_key(binding, &row.key()) }
}

/// The key as an entry without an action. What matches everything is left out, as the
/// specification demands; where nothing but a priority could say which entry wins, there is one.
fn lower_key(binding: &TableBinding, RowKey { key, priority }: &RowKey) -> v1::TableEntry {
    let mut matches = Vec::with_capacity(binding.fields.len());
    for (field_id, (_, said)) in binding.fields.iter().zip(key.fields()) {
        let field_match_type = match said {
            FieldMatch::Exact(value) => {
                let value = canonical(value.to_bits());
                field_match::FieldMatchType::Exact(field_match::Exact { value })
            }
            FieldMatch::Range { low: 0, high: u16::MAX } => continue,
            FieldMatch::Range { low, high } => {
                let (low, high) = (canonical(low.into()), canonical(high.into()));
                field_match::FieldMatchType::Range(field_match::Range { low, high })
            }
            FieldMatch::Prefix { length: 0, .. } => continue,
            FieldMatch::Prefix { value, length } => {
                let (value, prefix_len) = (canonical(value.to_bits()), length as i32);
                field_match::FieldMatchType::Lpm(field_match::Lpm { value, prefix_len })
            }
        };
        let (field_id, field_match_type) = (*field_id, Some(field_match_type));
        matches.push(v1::FieldMatch { field_id, field_match_type });
    }
    let takes_priorities = key.table().spec().takes_priorities();
    v1::TableEntry {
        table_id: binding.id,
        r#match: matches,
        // Larger ones are refused before.
        priority: if takes_priorities { i32::try_from(*priority).unwrap_or(i32::MAX) } else { 0 },
        ..v1::TableEntry::default()
    }
}

/// The entry as a row of the list; none if it is the table's default entry, which is no row.
pub(super) fn raise(
    table: Table,
    binding: &TableBinding,
    entry: &v1::TableEntry,
) -> Result<Option<Row>, ForeignEntry> {
    if entry.is_default_action {
        return Ok(None);
    }
    let key = raise_key(table, binding, entry)?;
    if entry.is_const {
        return Err(ForeignEntry::Constant { table, key });
    }
    let Some(v1::TableAction { r#type: Some(table_action::Type::Action(action)) }) = &entry.action
    else {
        return Err(ForeignEntry::NoAction { table, key });
    };
    Ok(Some(Row::new(key, raise_action(table, binding, key, action)?)?))
}

/// The key of an entry as the list has it.
pub(super) fn raise_key(
    table: Table,
    binding: &TableBinding,
    entry: &v1::TableEntry,
) -> Result<RowKey, ForeignEntry> {
    if entry.table_id != binding.id {
        return Err(ForeignEntry::OtherTable { id: entry.table_id });
    }
    let mut builder = MatchKey::builder(table);
    let mut found_fields = 0;
    for (field, id) in table.spec().keys.iter().zip(&binding.fields) {
        let found = entry.r#match.iter().find(|said| said.field_id == *id);
        found_fields += usize::from(found.is_some());
        let place = Place { table, field };
        builder = match (field.kind, found.and_then(|found| found.field_match_type.as_ref())) {
            (MatchKind::Exact, Some(field_match::FieldMatchType::Exact(said))) => {
                builder.exact(place.value(&said.value)?)
            }
            (MatchKind::Exact, None) => {
                return Err(ForeignEntry::NoField { table, field: field.name });
            }
            (MatchKind::Range, Some(field_match::FieldMatchType::Range(said))) => {
                builder.range(place.port(&said.low)?, place.port(&said.high)?)
            }
            (MatchKind::Range, None) => builder.range(0, u16::MAX),
            (MatchKind::Lpm, Some(field_match::FieldMatchType::Lpm(said))) => {
                let length = u32::try_from(said.prefix_len).unwrap_or(u32::MAX);
                builder.prefix(place.value(&said.value)?, length)
            }
            (MatchKind::Lpm, None) => builder.prefix(place.of_bits(0), 0),
            (expected, Some(other)) => {
                let (field, kind) = (field.name, kind_text(other));
                return Err(ForeignEntry::OtherKind { table, field, kind, expected });
            }
        };
    }
    if found_fields != entry.r#match.len() {
        let mut others = entry.r#match.iter().map(|said| said.field_id);
        let id = others.find(|id| !binding.fields.contains(id)).or_else(|| twice(&entry.r#match));
        return Err(ForeignEntry::OtherField { table, id: id.unwrap_or_default() });
    }
    let priority = match (table.spec().takes_priorities(), entry.priority) {
        (true, ..=0) => {
            return Err(ForeignEntry::Priority { table, priority: entry.priority });
        }
        (true, priority) => priority.unsigned_abs(),
        // Nothing competes there, whatever a switch says.
        (false, _) => DEFAULT_PRIORITY,
    };
    Ok(builder.build()?.at_priority(priority))
}

fn raise_action(
    table: Table,
    binding: &TableBinding,
    key: RowKey,
    action: &v1::Action,
) -> Result<Action, ForeignEntry> {
    let id = action.action_id;
    let other_action = || ForeignEntry::OtherAction { table, key, id };
    let place = binding.actions.iter().position(|bound| bound.id == id).ok_or_else(other_action)?;
    let (spec, bound) =
        table.spec().actions.get(place).zip(binding.actions.get(place)).ok_or_else(other_action)?;
    let other_arguments = || ForeignEntry::OtherArguments { table, key, action: spec.name };
    if action.params.len() != bound.parameters.len() {
        return Err(other_arguments());
    }
    let mut builder = Action::builder(table, spec.name);
    for (argument, id) in spec.arguments.iter().zip(&bound.parameters) {
        let found = action.params.iter().find(|param| param.param_id == *id);
        let bytes = &found.ok_or_else(other_arguments)?.value;
        let bits = p4runtime::value(bytes, argument.width_bits)
            .map_err(|invalid| ForeignEntry::Bytes { table, field: argument.name, invalid })?;
        builder = builder.argument(
            Value::from_bits(argument.format, bits).unwrap_or(Value::Number(bits as u64)),
        );
    }
    Ok(builder.build()?)
}

/// The first field that is matched twice.
fn twice(matches: &[v1::FieldMatch]) -> Option<u32> {
    let mut later = matches.iter().enumerate();
    later
        .find(|(place, said)| {
            matches[..*place].iter().any(|before| before.field_id == said.field_id)
        })
        .map(|(_, said)| said.field_id)
}

/// A key field of a table.
struct Place {
    table: Table,
    field: &'static KeyField,
}

impl Place {
    fn bits(&self, bytes: &[u8]) -> Result<u128, ForeignEntry> {
        let &Place { table, field } = self;
        p4runtime::value(bytes, field.width_bits).map_err(|invalid| ForeignEntry::Bytes {
            table,
            field: field.name,
            invalid,
        })
    }

    fn value(&self, bytes: &[u8]) -> Result<Value, ForeignEntry> {
        Ok(self.of_bits(self.bits(bytes)?))
    }

    /// The widths agree with the formats, so the bits, which fit the width, fit the format.
    fn of_bits(&self, bits: u128) -> Value {
        Value::from_bits(self.field.format, bits).unwrap_or(Value::Number(bits as u64))
    }

    /// The bound of a range, which is always one of 16-bit ports.
    fn port(&self, bytes: &[u8]) -> Result<u16, ForeignEntry> {
        Ok(self.bits(bytes)? as u16)
    }
}

fn kind_text(said: &field_match::FieldMatchType) -> &'static str {
    match said {
        field_match::FieldMatchType::Exact(_) => "exact",
        field_match::FieldMatchType::Ternary(_) => "ternary",
        field_match::FieldMatchType::Lpm(_) => "lpm",
        field_match::FieldMatchType::Range(_) => "range",
        field_match::FieldMatchType::Optional(_) => "optional",
        field_match::FieldMatchType::Other(_) => "something else",
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use p4runtime::v1::field_match::FieldMatchType;
    use proptest::prelude::*;

    use super::super::binding::Binding;
    use super::super::error::P4InfoOf;
    use super::*;

    fn binding() -> Binding {
        let text = include_str!("../../../p4/programs/nat.p4info.txtpb");
        let info = p4runtime::p4info_from_text(text).unwrap();
        Binding::new(&info, P4InfoOf::Program).unwrap()
    }

    fn nat_row(address: u32, (low, high): (u16, u16), priority: u32) -> Row {
        let table = Table::NatIngressIpv4;
        let key = MatchKey::builder(table).exact(Ipv4Addr::from_bits(address)).range(low, high);
        let action = Action::builder(table, "forward_ipv4_to")
            .argument(Ipv6Addr::LOCALHOST)
            .argument([0, 0, 0, 0, 1, 2])
            .argument(0_u32);
        Row::new(key.build().unwrap().at_priority(priority), action.build().unwrap()).unwrap()
    }

    fn route_row(address: u32, length: u32) -> Row {
        let table = Table::RouteIpv4;
        let key = MatchKey::builder(table).prefix(Ipv4Addr::from_bits(address), length);
        let action =
            Action::builder(table, "forward_ipv4").argument(7_u16).argument(Ipv4Addr::LOCALHOST);
        Row::new(key.build().unwrap(), action.build().unwrap()).unwrap()
    }

    fn entry_of(write: &TableWrite) -> v1::TableEntry {
        let update = lower(&binding().tables[write.table()], write);
        match update.entity.unwrap().entity.unwrap() {
            entity::Entity::TableEntry(entry) => entry,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_row_is_an_entry_of_canonical_byte_strings() {
        let row = nat_row(0x0a00_0001, (0, 1023), 3);
        let entry = entry_of(&TableWrite::Insert(row));
        assert_eq!((entry.table_id, entry.priority), (47_654_611, 3));
        let exact = field_match::Exact { value: vec![10, 0, 0, 1] };
        let range = field_match::Range { low: vec![0], high: vec![3, 255] };
        let fields = [FieldMatchType::Exact(exact), FieldMatchType::Range(range)];
        let expected = fields
            .into_iter()
            .zip(1..)
            .map(|(field, field_id)| v1::FieldMatch { field_id, field_match_type: Some(field) });
        assert_eq!(entry.r#match, expected.collect::<Vec<_>>());
        let Some(table_action::Type::Action(action)) = entry.action.unwrap().r#type else {
            panic!("an action");
        };
        assert_eq!(action.action_id, 18_784_167);
        let values: Vec<_> =
            action.params.into_iter().map(|param| (param.param_id, param.value)).collect();
        assert_eq!(values, [(1, vec![1]), (2, vec![1, 2]), (3, vec![0])]);
    }

    #[test]
    fn what_matches_everything_is_left_out() {
        let entry = entry_of(&TableWrite::Insert(nat_row(1, (0, 65535), 1)));
        assert_eq!(entry.r#match.len(), 1);
        let entry = entry_of(&TableWrite::Insert(route_row(0, 0)));
        assert_eq!((entry.r#match.len(), entry.priority), (0, 0));
        let entry = entry_of(&TableWrite::Insert(route_row(0, 1)));
        assert_eq!(entry.r#match.len(), 1);
    }

    #[test]
    fn a_deletion_names_no_action() {
        let entry = entry_of(&TableWrite::Delete(nat_row(1, (5, 5), 2).key()));
        assert_eq!((entry.action, entry.priority), (None, 2));
    }

    proptest! {
        #[test]
        fn a_row_comes_back_however_its_values_are_padded(
            address: u32, a: u16, b: u16, priority in 1..=i32::MAX as u32, length in 0..=32_u32,
            zeros in 0..20_usize,
        ) {
            let cut = address & u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let nat = nat_row(address, (a.min(b), a.max(b)), priority);
            for row in [nat, nat_row(address, (0, 65535), priority), route_row(cut, length)] {
                let mut entry = entry_of(&TableWrite::Modify(row));
                pad(&mut entry, zeros);
                let table = row.table();
                prop_assert_eq!(raise(table, &binding().tables[table], &entry), Ok(Some(row)));
            }
        }
    }

    /// Puts zeros before every value.
    fn pad(entry: &mut v1::TableEntry, zeros: usize) {
        let pad = |value: &mut Vec<u8>| *value = [vec![0; zeros], std::mem::take(value)].concat();
        for field in &mut entry.r#match {
            match field.field_match_type.as_mut().unwrap() {
                FieldMatchType::Exact(said) => pad(&mut said.value),
                FieldMatchType::Lpm(said) => pad(&mut said.value),
                FieldMatchType::Range(said) => {
                    pad(&mut said.low);
                    pad(&mut said.high);
                }
                other => panic!("{other:?}"),
            }
        }
        if let Some(table_action::Type::Action(action)) =
            entry.action.as_mut().and_then(|action| action.r#type.as_mut())
        {
            action.params.iter_mut().for_each(|param| pad(&mut param.value));
        }
    }
}
