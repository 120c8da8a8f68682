//! Rows for any table, made from its specification.

use crate::action::Action;
use crate::invalid::InvalidRow;
use crate::key::MatchKey;
use crate::row::Row;
use crate::spec::{Format, MatchKind};
use crate::table::Table;
use crate::value::Value;

/// All ports: of all ranges the one that costs least on any device.
pub(super) const ALL_PORTS: (u16, u16) = (0, u16::MAX);

/// The tables that have a range.
pub(super) fn tables_with_range() -> impl Iterator<Item = Table> {
    Table::ALL.iter().copied().filter(|table| table.spec().has_range())
}

/// The key of this number, with these ports if the table has a range: keys of different numbers
/// differ in their exact fields.
pub(super) fn key(table: Table, number: u32, ports: (u16, u16)) -> Result<MatchKey, InvalidRow> {
    let keys = table.spec().keys.iter();
    keys.fold(MatchKey::builder(table), |builder, field| match field.kind {
        MatchKind::Exact => builder.exact(value(field.format, field.width_bits, number)),
        MatchKind::Range => builder.range(ports.0, ports.1),
    })
    .build()
}

/// The first action of the table with arguments of this number.
pub(super) fn action(table: Table, number: u32) -> Result<Action, InvalidRow> {
    let Some(spec) = table.spec().actions.first() else {
        return Err(InvalidRow::NoSuchAction { table, action: String::new() });
    };
    let arguments = spec.arguments.iter();
    arguments
        .fold(Action::builder(table, spec.name), |builder, argument| {
            builder.argument(value(argument.format, argument.width_bits, number))
        })
        .build()
}

/// A row of the default priority; rows of different numbers differ in key and action.
pub(super) fn row(table: Table, number: u32, ports: (u16, u16)) -> Result<Row, InvalidRow> {
    Row::new(key(table, number, ports)?, action(table, number)?)
}

/// The values of a packet for the keys of this number, at this port.
pub(super) fn packet(table: Table, number: u32, port: u16) -> Vec<Value> {
    let keys = table.spec().keys.iter();
    keys.map(|field| match field.kind {
        MatchKind::Exact => value(field.format, field.width_bits, number),
        MatchKind::Range => Value::from(port),
    })
    .collect()
}

/// The number at the low end of the field and a mark at its high end, so that a value that was
/// cut or turned round differs.
fn value(format: Format, width_bits: u32, number: u32) -> Value {
    let mark = 0xa_u128 << width_bits.saturating_sub(4);
    let mask = u128::MAX >> (u128::BITS - width_bits.clamp(1, u128::BITS));
    let bits = (mark ^ u128::from(number)) & mask;
    Value::from_bits(format, bits).unwrap_or(Value::Number(number.into()))
}
