//! What a table looks like: its key fields, its actions and how their values read as text.

use std::fmt;

/// Bytes that the key of one row may take, all fields together.
///
/// An IPv6 address with a port range takes 20; an IPv6 prefix takes 17.
pub(crate) const KEY_BYTES: usize = 23;

/// Bytes that the arguments of one action may take together.
///
/// The widest today, an IPv6 target with a MAC address and a VNI, takes 25.
pub(crate) const ARGUMENT_BYTES: usize = 30;

/// One table: its control-plane name, its size and what its rows consist of.
///
/// The same values stand in the P4 program (`p4/programs/nat.p4`); the names are those that the
/// program gives its tables, keys and actions with `@name`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSpec {
    /// The control-plane name, as in `Ingress.nat_ingress.ingress_ipv4`.
    pub name: &'static str,
    /// How many rows the table has where the device does not say otherwise.
    pub size_rows: u32,
    /// The key fields, in the order of the program. A range or a prefix, if there is one, is the
    /// last, and there is no other.
    pub keys: &'static [KeyField],
    /// What a row of this table can do; a row names one of them.
    pub actions: &'static [ActionSpec],
    /// Whether each row has a direct counter of packets and bytes.
    pub has_counters: bool,
}

/// One field of a table's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyField {
    /// The control-plane name of the field.
    pub name: &'static str,
    /// The width, from 1 to 128 bits.
    pub width_bits: u32,
    /// How a packet's value is compared with the row's.
    pub kind: MatchKind,
    /// How a value of this field reads as text.
    pub format: Format,
}

/// One action that rows of a table can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActionSpec {
    /// The control-plane name of the action.
    pub name: &'static str,
    /// The arguments that a row gives the action, in the order of the program.
    pub arguments: &'static [ArgumentSpec],
}

/// One argument of an action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ArgumentSpec {
    /// The control-plane name of the argument.
    pub name: &'static str,
    /// The width, from 1 to 128 bits.
    pub width_bits: u32,
    /// How a value of this argument reads as text.
    pub format: Format,
}

/// How a key field is compared with a packet (P4_16 `match_kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchKind {
    /// The packet's value equals the row's.
    Exact,
    /// The packet's value lies between the row's two bounds, both included.
    Range,
    /// The packet's value begins with the row's prefix; of several rows, the one with the longest
    /// prefix wins.
    Lpm,
}

/// How the bits of a value read as text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// 32 bits, as `203.0.113.7`.
    Ipv4,
    /// 128 bits, as `fd00:1122:3344:101::1`.
    Ipv6,
    /// 48 bits, as `a8:40:25:f0:00:01`.
    Mac,
    /// Up to 64 bits, in decimal.
    Number,
}

impl TableSpec {
    /// Whether rows of this table can be ordered by priority: where several could match and
    /// nothing else says which of them wins. In all other tables a row has the default priority.
    pub const fn takes_priorities(&self) -> bool {
        self.has_range()
    }

    /// The bytes that this table's keys take up to, and without, their range or prefix.
    pub(crate) const fn exact_bytes(&self) -> usize {
        let mut bytes = 0;
        let mut index = 0;
        while index < self.keys.len() {
            if matches!(self.keys[index].kind, MatchKind::Exact) {
                bytes += field_bytes(self.keys[index].width_bits);
            }
            index += 1;
        }
        bytes
    }

    /// Whether the last key field is a range.
    pub(crate) const fn has_range(&self) -> bool {
        match self.keys.last() {
            Some(field) => matches!(field.kind, MatchKind::Range),
            None => false,
        }
    }

    /// The last key field, if it is a prefix.
    pub(crate) const fn lpm_field(&self) -> Option<&'static KeyField> {
        match self.keys.last() {
            Some(field) if matches!(field.kind, MatchKind::Lpm) => Some(field),
            _ => None,
        }
    }

    /// Fails the build if rows of this table could not be held: called in a constant for each.
    ///
    /// That a range comes last and is 16 bits wide is what lets an ordered map find the rows that
    /// overlap a range without looking at the others; that a prefix comes last, what lets it find
    /// the longest.
    pub(crate) const fn assert_well_formed(&self) {
        assert!(!self.keys.is_empty(), "a table has at least one key field");
        assert!(!self.actions.is_empty(), "a table has at least one action");
        assert!(self.actions.len() <= u8::MAX as usize, "an action is numbered in one byte");
        let mut index = 0;
        while index < self.keys.len() {
            let field = &self.keys[index];
            assert_width(field.format, field.width_bits);
            if matches!(field.kind, MatchKind::Range) {
                assert!(index + 1 == self.keys.len(), "a range is the last key field");
                assert!(field.width_bits == 16, "a range is one of 16-bit ports");
                assert!(matches!(field.format, Format::Number), "a range is one of numbers");
            }
            if matches!(field.kind, MatchKind::Lpm) {
                assert!(index + 1 == self.keys.len(), "a prefix is the last key field");
            }
            index += 1;
        }
        let last_bytes = match self.lpm_field() {
            Some(field) => field_bytes(field.width_bits) + 1,
            None if self.has_range() => 4,
            None => 0,
        };
        assert!(self.exact_bytes() + last_bytes <= KEY_BYTES, "the key does not fit");
        let mut index = 0;
        while index < self.actions.len() {
            self.actions[index].assert_fits();
            index += 1;
        }
    }
}

impl ActionSpec {
    const fn assert_fits(&self) {
        let mut bytes = 0;
        let mut index = 0;
        while index < self.arguments.len() {
            let argument = &self.arguments[index];
            assert_width(argument.format, argument.width_bits);
            bytes += field_bytes(argument.width_bits);
            index += 1;
        }
        assert!(bytes <= ARGUMENT_BYTES, "the arguments do not fit");
    }
}

impl fmt::Display for MatchKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            MatchKind::Exact => "exact",
            MatchKind::Range => "range",
            MatchKind::Lpm => "lpm",
        })
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Format::Ipv4 => "an IPv4 address",
            Format::Ipv6 => "an IPv6 address",
            Format::Mac => "a MAC address",
            Format::Number => "a number",
        })
    }
}

/// The whole bytes that a field of `width_bits` is packed into.
pub(crate) const fn field_bytes(width_bits: u32) -> usize {
    width_bits.div_ceil(8) as usize
}

const fn assert_width(format: Format, width_bits: u32) {
    let right = match format {
        Format::Ipv4 => width_bits == 32,
        Format::Ipv6 => width_bits == 128,
        Format::Mac => width_bits == 48,
        Format::Number => 1 <= width_bits && width_bits <= 64,
    };
    assert!(right, "the width of a field agrees with its format");
}
