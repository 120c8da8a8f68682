//! Rows for any table, made from its specification.

use crate::action::Action;
use crate::invalid::InvalidRow;
use crate::key::MatchKey;
use crate::row::Row;
use crate::spec::{Format, KeyField, MatchKind};
use crate::table::Table;
use crate::value::Value;

/// All ports: of all ranges the one that costs least on any device.
pub(super) const ALL_PORTS: (u16, u16) = (0, u16::MAX);

/// How many of a value's last bits the prefixes of samples leave open.
const OPEN_BITS: u32 = 4;

/// The tables that have a range.
pub(super) fn tables_with_range() -> impl Iterator<Item = Table> {
    Table::ALL.iter().copied().filter(|table| table.spec().has_range())
}

/// The tables that match a prefix, with the field that does.
pub(super) fn tables_with_prefix() -> impl Iterator<Item = (Table, &'static KeyField)> {
    Table::ALL.iter().filter_map(|&table| Some((table, table.spec().lpm_field()?)))
}

/// How many numbers have a key of their own, counted from 0.
pub(super) fn distinct_keys(table: Table) -> u32 {
    let bits = table.spec().keys.iter().map(|field| match field.kind {
        MatchKind::Exact => field.width_bits,
        MatchKind::Range => 0,
        MatchKind::Lpm => field.width_bits.saturating_sub(OPEN_BITS),
    });
    1_u32.checked_shl(bits.max().unwrap_or(0)).unwrap_or(u32::MAX)
}

/// The key of this number, with these ports if the table has a range: keys of different numbers
/// differ in their exact fields.
pub(super) fn key(table: Table, number: u32, ports: (u16, u16)) -> Result<MatchKey, InvalidRow> {
    let keys = table.spec().keys.iter();
    keys.fold(MatchKey::builder(table), |builder, field| match field.kind {
        MatchKind::Exact => builder.exact(value(field.format, field.width_bits, number)),
        MatchKind::Range => builder.range(ports.0, ports.1),
        MatchKind::Lpm => {
            let length = field.width_bits.saturating_sub(OPEN_BITS);
            builder.prefix(open_value(field, number, 0), length)
        }
    })
    .build()
}

/// One action of the table after the other as the number rises, with arguments of this number.
pub(super) fn action(table: Table, number: u32) -> Result<Action, InvalidRow> {
    let actions = table.spec().actions;
    let Some(spec) = actions.get(number as usize % actions.len()) else {
        return Err(InvalidRow::NoSuchAction { table, action: String::new() });
    };
    let arguments = spec.arguments.iter();
    arguments
        .fold(Action::builder(table, spec.name), |builder, argument| {
            builder.argument(value(argument.format, argument.width_bits, number))
        })
        .build()
}

/// A row of the default priority; rows of different numbers differ in their keys, and rows of a
/// number and the next in their actions too, if the table has more than one without arguments.
pub(super) fn row(table: Table, number: u32, ports: (u16, u16)) -> Result<Row, InvalidRow> {
    Row::new(key(table, number, ports)?, action(table, number)?)
}

/// The values of a packet for the keys of this number, at this port.
pub(super) fn packet(table: Table, number: u32, port: u16) -> Vec<Value> {
    let keys = table.spec().keys.iter();
    keys.map(|field| match field.kind {
        MatchKind::Exact => value(field.format, field.width_bits, number),
        MatchKind::Range => Value::from(port),
        MatchKind::Lpm => open_value(field, number, port),
    })
    .collect()
}

/// A value of the field within the sample prefix of this number.
fn open_value(field: &KeyField, number: u32, port: u16) -> Value {
    let open = (1 << OPEN_BITS) - 1;
    let begin = value(field.format, field.width_bits, number << OPEN_BITS).to_bits();
    let bits = begin | u128::from(port) & open;
    Value::from_bits(field.format, bits).unwrap_or(Value::Number(number.into()))
}

/// The number at the low end of the field and a mark at its high end, so that a value that was
/// cut or turned round differs.
fn value(format: Format, width_bits: u32, number: u32) -> Value {
    let mark = 0xa_u128 << width_bits.saturating_sub(4);
    let mask = u128::MAX >> (u128::BITS - width_bits.clamp(1, u128::BITS));
    let bits = (mark ^ u128::from(number)) & mask;
    Value::from_bits(format, bits).unwrap_or(Value::Number(number.into()))
}
