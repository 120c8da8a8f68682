//! Which of several prefixes wins.

use super::probe::{holds, meets, perform, refused, same};
use super::{Breach, Factory, sample};
use crate::key::MatchKey;
use crate::outcome::Refusal;
use crate::row::{Row, TableWrite};
use crate::spec::KeyField;
use crate::table::Table;
use crate::value::Value;

const SIZE_ROWS: u32 = 64;

pub(super) fn the_longest_prefix_wins(factory: &mut Factory<'_>) -> Result<(), Breach> {
    for (table, field) in sample::tables_with_prefix() {
        let width = field.width_bits;
        let address = sample::packet(table, 1, 0);
        let [value] = address.as_slice() else { continue };
        // In which order they come must not matter, nor in which order they go.
        let orders: [[u32; 5]; 3] =
            [[0, 1, 8, width - 1, width], [width, width - 1, 8, 1, 0], [8, width, 0, width - 1, 1]];
        for lengths in orders {
            let mut subject = factory(SIZE_ROWS);
            let mut rows = Vec::new();
            for (length, number) in lengths.into_iter().zip(1..) {
                rows.push((length, prefix_row(table, *value, length, number)?));
            }
            let writes: Vec<TableWrite> =
                rows.iter().map(|(_, row)| TableWrite::Insert(*row)).collect();
            perform(&mut subject.asic, &writes)?;
            while !rows.is_empty() {
                // The address, one that differs in its last bit, in its second last and so on.
                for agreeing in [width, width - 1, width - 2, 8, 7, 1, 0] {
                    let packet = [differing_after(field, *value, agreeing)];
                    let longest = rows.iter().filter(|(length, _)| *length <= agreeing);
                    let expected = longest.max_by_key(|(length, _)| *length).map(|(_, row)| *row);
                    let door = &mut *subject.back_door;
                    meets(door, "a packet for several prefixes", (table, &packet), expected)?;
                }
                let (_, gone) = rows.remove(rows.len() / 2);
                perform(&mut subject.asic, &[TableWrite::Delete(gone.key())])?;
            }
        }
    }
    Ok(())
}

pub(super) fn a_prefix_is_known_by_its_value_and_its_length(
    factory: &mut Factory<'_>,
) -> Result<(), Breach> {
    for (table, field) in sample::tables_with_prefix() {
        let mut subject = factory(SIZE_ROWS);
        let width = field.width_bits;
        let zero = Value::from_bits(field.format, 0).unwrap_or(Value::Number(0));
        // One value, three lengths.
        let mut rows = [
            prefix_row(table, zero, 0, 1)?,
            prefix_row(table, zero, 9, 2)?,
            prefix_row(table, zero, width, 3)?,
        ];
        perform(&mut subject.asic, &rows.map(TableWrite::Insert))?;
        holds(&mut subject, "prefixes of one value", table, &rows)?;
        let absent = prefix_row(table, zero, 10, 4)?;
        for write in [TableWrite::Modify(absent), TableWrite::Delete(absent.key())] {
            let what = "a write to a length that is not there";
            let refusal = refused(&mut subject.asic, what, write)?;
            same(what, Refusal::NotFound { key: absent.key() }, refusal)?;
        }
        rows[1] = prefix_row(table, zero, 9, 5)?;
        perform(&mut subject.asic, &[TableWrite::Modify(rows[1])])?;
        holds(&mut subject, "prefixes of one value, one modified", table, &rows)?;
        perform(&mut subject.asic, &[TableWrite::Delete(rows[0].key())])?;
        holds(&mut subject, "prefixes of one value, one deleted", table, &rows[1..])?;
    }
    Ok(())
}

/// A row for the first `length` bits of `value`.
fn prefix_row(table: Table, value: Value, length: u32, number: u32) -> Result<Row, Breach> {
    let width = table.spec().lpm_field().map_or(0, |field| field.width_bits);
    let key = MatchKey::builder(table).prefix(value, width).build()?;
    Ok(Row::new(key.with_prefix_length(length), sample::action(table, number)?)?)
}

/// A value that agrees with `value` in its first bits, this many, and not in the next.
fn differing_after(field: &KeyField, value: Value, agreeing: u32) -> Value {
    let next = match agreeing < field.width_bits {
        true => 1_u128 << (field.width_bits - 1 - agreeing),
        false => 0,
    };
    Value::from_bits(field.format, value.to_bits() ^ next).unwrap_or(value)
}
