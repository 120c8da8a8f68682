//! Fields packed into a short array of bytes, big-endian and in order, so that comparing the
//! bytes compares the fields.

use std::ops::Range;

use crate::invalid::InvalidRow;
use crate::spec::{Format, field_bytes};
use crate::table::Table;
use crate::value::Value;

/// Fields written so far; `N` is enough for any table (`TableSpec::assert_well_formed`).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Packer<const N: usize> {
    bytes: [u8; N],
    used: usize,
}

impl<const N: usize> Packer<N> {
    pub(crate) const fn new() -> Packer<N> {
        Packer { bytes: [0; N], used: 0 }
    }

    /// Appends the low `width_bits` of `bits`.
    pub(crate) fn push(&mut self, width_bits: u32, bits: u128) {
        let length = field_bytes(width_bits);
        let big_endian = bits.to_be_bytes();
        self.bytes[self.used..self.used + length]
            .copy_from_slice(&big_endian[big_endian.len() - length..]);
        self.used += length;
    }

    /// The array, zero after the last field.
    pub(crate) const fn into_bytes(self) -> [u8; N] {
        self.bytes
    }
}

/// Reads the fields of a packed array one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Unpacker<'a> {
    rest: &'a [u8],
}

impl<'a> Unpacker<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Unpacker<'a> {
        Unpacker { rest: bytes }
    }

    /// The next field of `width_bits`.
    pub(crate) fn next(&mut self, width_bits: u32) -> u128 {
        let (field, rest) = self.rest.split_at(field_bytes(width_bits));
        self.rest = rest;
        field.iter().fold(0, |bits, byte| bits << 8 | u128::from(*byte))
    }
}

/// The field that a value is meant for; finds out whether the value may go there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) table: Table,
    pub(crate) field: &'static str,
    pub(crate) width_bits: u32,
    pub(crate) format: Format,
}

impl Place {
    /// The bits to pack for `value`.
    pub(crate) fn bits_of(&self, value: Value) -> Result<u128, InvalidRow> {
        let &Place { table, field, width_bits, format } = self;
        if value.format() != format {
            return Err(InvalidRow::OtherFormat { table, field, expected: format, value });
        }
        let bits = value.to_bits();
        if width_bits < u128::BITS && bits >> width_bits != 0 {
            return Err(InvalidRow::TooWide { table, field, width_bits, value });
        }
        Ok(bits)
    }

    /// The value whose bits were packed.
    ///
    /// `bits_of` let only bits through that the format has room for, so the fallback, the bits as
    /// a number, is never taken.
    pub(crate) fn value_of(&self, bits: u128) -> Value {
        Value::from_bits(self.format, bits).unwrap_or(Value::Number(bits as u64))
    }
}

/// The place of the two bounds of a range behind `exact_bytes` of other fields.
pub(crate) const fn range_bounds(exact_bytes: usize) -> Range<usize> {
    exact_bytes..exact_bytes + 4
}
