//! Rows of the list as entries of the program, and back.

use p4::table::{Arguments, Entry, EntryKey, Match, Matches, Write};

use super::binding::TableBinding;
use crate::action::Action;
use crate::invalid::InvalidRow;
use crate::key::{DEFAULT_PRIORITY, FieldMatch, MatchKey, RowKey};
use crate::row::{Row, TableWrite};
use crate::spec::Format;
use crate::table::Table;
use crate::value::Value;

/// The write as the program's tables take it.
pub(super) fn lower(binding: &TableBinding, write: &TableWrite) -> Write {
    match write {
        TableWrite::Insert(row) => {
            let (key, action, arguments) = lower_row(binding, row);
            Write::Insert { key, action, arguments }
        }
        TableWrite::Modify(row) => {
            let (key, action, arguments) = lower_row(binding, row);
            Write::Modify { key, action, arguments }
        }
        TableWrite::Delete(key) => Write::Delete(lower_key(binding, key)),
    }
}

fn lower_row(binding: &TableBinding, row: &Row) -> (EntryKey, usize, Arguments) {
    let action = row.action();
    let arguments = action.arguments().map(|(_, value)| value.to_bits()).collect();
    (lower_key(binding, &row.key()), binding.action_in_program(action.id()), arguments)
}

/// The key as the program's tables take it. Where nothing else but a priority could say which row
/// wins, entries have one, and else they have none.
pub(super) fn lower_key(binding: &TableBinding, RowKey { key, priority }: &RowKey) -> EntryKey {
    let matches: Matches = key
        .fields()
        .map(|(_, said)| match said {
            FieldMatch::Exact(value) => Match::Exact(value.to_bits()),
            FieldMatch::Range { low, high } => Match::Range { low: low.into(), high: high.into() },
            FieldMatch::Prefix { value, length } => {
                Match::Lpm { value: value.to_bits(), prefix_length: length }
            }
        })
        .collect();
    let has_priority = key.table().spec().takes_priorities();
    EntryKey { table: binding.id(), matches, priority: if has_priority { *priority } else { 0 } }
}

/// The key of an entry as the list has it.
pub(super) fn raise_key(table: Table, key: &EntryKey) -> Result<RowKey, InvalidRow> {
    let fields = table.spec().keys.iter().zip(&key.matches);
    let raised = fields.fold(MatchKey::builder(table), |builder, (field, said)| {
        let value = |bits| value(field.format, bits);
        match *said {
            Match::Exact(bits) => builder.exact(value(bits)),
            Match::Lpm { value: bits, prefix_length } => builder.prefix(value(bits), prefix_length),
            Match::Range { low, high } => builder.range(port(low), port(high)),
            // No table that is bound has such an element; as an exact value it is refused.
            Match::Ternary { value: bits, mask: _ } => builder.exact(value(bits)),
            Match::Optional(bits) => builder.exact(value(bits.unwrap_or_default())),
        }
    });
    let priority = if key.priority == 0 { DEFAULT_PRIORITY } else { key.priority };
    Ok(raised.build()?.at_priority(priority))
}

/// The entry as a row of the list.
pub(super) fn raise(
    table: Table,
    binding: &TableBinding,
    entry: &Entry,
) -> Result<Row, InvalidRow> {
    let place = binding.action_in_list(entry.action).unwrap_or(usize::MAX);
    let action = raise_action(table, place, &entry.arguments)?;
    Row::new(raise_key(table, &entry.key)?, action)
}

/// An action of the list, by its place there.
pub(super) fn raise_action(
    table: Table,
    place: usize,
    arguments: &[u128],
) -> Result<Action, InvalidRow> {
    let spec = table.spec().actions.get(place);
    let no_action = || InvalidRow::NoSuchAction { table, action: format!("number {place}") };
    let spec = spec.ok_or_else(no_action)?;
    let arguments = spec.arguments.iter().zip(arguments);
    arguments
        .fold(Action::builder(table, spec.name), |builder, (argument, bits)| {
            builder.argument(value(argument.format, *bits))
        })
        .build()
}

/// Bits as a value; those that are too wide stay a number, which the row then refuses.
fn value(format: Format, bits: u128) -> Value {
    let too_wide = || Value::Number(u64::try_from(bits).unwrap_or(u64::MAX));
    Value::from_bits(format, bits).unwrap_or_else(too_wide)
}

fn port(bits: u128) -> u16 {
    u16::try_from(bits).unwrap_or(u16::MAX)
}
