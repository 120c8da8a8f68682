//! The key of a row: which packets it is for.

use std::cmp::Ordering;
use std::fmt;

use crate::invalid::InvalidRow;
use crate::packed::{Packer, Place, Unpacker, range_bounds};
use crate::spec::{KEY_BYTES, KeyField, MatchKind, field_bytes};
use crate::table::Table;
use crate::value::Value;

/// The priority of a row that needs no other.
pub const DEFAULT_PRIORITY: u32 = 1;

/// A value, a range or a prefix for each key field of a table: 24 bytes, whatever the table.
///
/// It knows its table, so it can be read and printed on its own. Keys are ordered by table, then
/// by their fields in order; a range by its lower bound first, a prefix by its value first.
///
/// ```
/// use std::net::Ipv4Addr;
/// use asic::{MatchKey, Table};
///
/// let key = MatchKey::builder(Table::NatIngressIpv4)
///     .exact(Ipv4Addr::new(203, 0, 113, 7))
///     .range(0, 16383)
///     .build()?;
/// assert_eq!(key.to_string(), "dst_addr=203.0.113.7 l4_dst_port=0-16383");
/// assert_eq!(key.range(), Some((0, 16383)));
/// # Ok::<(), asic::InvalidRow>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct MatchKey {
    table: Table,
    bytes: [u8; KEY_BYTES],
}

/// What a key says of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldMatch {
    /// This value.
    Exact(Value),
    /// Any value from `low` to `high`, both included.
    Range {
        /// The smallest value that matches.
        low: u16,
        /// The largest value that matches.
        high: u16,
    },
    /// Any value whose first `length` bits are those of `value`.
    Prefix {
        /// The bits, zero beyond the length.
        value: Value,
        /// How many of them count, from 0 to the width of the field.
        length: u32,
    },
}

/// A row's identity: its key and its priority.
///
/// Rows may have the same key, or overlapping ones, at different priorities; a packet goes to the
/// one with the larger priority. The smallest is 1.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RowKey {
    /// Which packets the row is for.
    pub key: MatchKey,
    /// Which row wins where several match: the one where this is larger. From 1.
    pub priority: u32,
}

/// Takes the fields of a key in the order of the table's [`TableSpec::keys`].
///
/// The first mistake is kept and is what [`MatchKeyBuilder::build`] returns.
///
/// [`TableSpec::keys`]: crate::TableSpec::keys
#[derive(Clone, Debug)]
#[must_use]
pub struct MatchKeyBuilder(Result<PartialKey, InvalidRow>);

impl MatchKey {
    /// Starts a key of `table`.
    pub const fn builder(table: Table) -> MatchKeyBuilder {
        MatchKeyBuilder(Ok(PartialKey { table, given: 0, packer: Packer::new() }))
    }

    /// The table this is a key of.
    pub const fn table(&self) -> Table {
        self.table
    }

    /// Each key field with what this key says of it, in the table's order.
    pub fn fields(&self) -> impl Iterator<Item = (&'static KeyField, FieldMatch)> {
        let table = self.table;
        let mut packed = Unpacker::new(&self.bytes);
        table.spec().keys.iter().map(move |field| {
            let mut next = || packed.next(field.width_bits);
            let said = match field.kind {
                MatchKind::Exact => FieldMatch::Exact(place(table, field).value_of(next())),
                MatchKind::Range => FieldMatch::Range { low: next() as u16, high: next() as u16 },
                MatchKind::Lpm => {
                    let value = place(table, field).value_of(next());
                    FieldMatch::Prefix { value, length: packed.next(8) as u32 }
                }
            };
            (field, said)
        })
    }

    /// The value of the exact field `name`; `None` if the table has no such field.
    pub fn exact(&self, name: &str) -> Option<Value> {
        self.fields().find(|(field, _)| field.name == name).and_then(|(_, said)| match said {
            FieldMatch::Exact(value) => Some(value),
            FieldMatch::Range { .. } | FieldMatch::Prefix { .. } => None,
        })
    }

    /// The bounds of the table's range field; `None` if the table has none.
    pub fn range(&self) -> Option<(u16, u16)> {
        let spec = self.table.spec();
        if !spec.has_range() {
            return None;
        }
        let mut packed = Unpacker::new(&self.bytes[range_bounds(spec.exact_bytes())]);
        Some((packed.next(16) as u16, packed.next(16) as u16))
    }

    /// The value and the length of the table's prefix field; `None` if the table has none.
    pub fn prefix(&self) -> Option<(Value, u32)> {
        let field = self.table.spec().lpm_field()?;
        let (bits, length) = self.prefix_bits(field);
        Some((place(self.table, field).value_of(bits), length))
    }

    /// Each key field's name with its text, as a table dump shows it: a range as `low-high`, a
    /// prefix as `value/length`.
    pub fn render(&self) -> impl Iterator<Item = (&'static str, String)> {
        self.fields().map(|(field, said)| (field.name, said.to_string()))
    }

    /// The identity of the row that has this key at `priority`.
    pub const fn at_priority(self, priority: u32) -> RowKey {
        RowKey { key: self, priority }
    }

    /// Whether some packet would match both keys.
    ///
    /// ```
    /// # use std::net::Ipv4Addr;
    /// # use asic::{InvalidRow, MatchKey, Table};
    /// let ports = |low, high| {
    ///     let address = Ipv4Addr::new(203, 0, 113, 7);
    ///     MatchKey::builder(Table::NatIngressIpv4).exact(address).range(low, high).build()
    /// };
    /// assert!(ports(0, 1023)?.overlaps(&ports(1023, 65535)?));
    /// assert!(!ports(0, 1023)?.overlaps(&ports(1024, 65535)?));
    /// # Ok::<(), InvalidRow>(())
    /// ```
    pub fn overlaps(&self, other: &MatchKey) -> bool {
        if !self.has_exact_fields_of(other) {
            return false;
        }
        if let (Some((low, high)), Some((other_low, other_high))) = (self.range(), other.range()) {
            return low <= other_high && other_low <= high;
        }
        let Some(field) = self.table.spec().lpm_field() else { return true };
        let (bits, length) = self.prefix_bits(field);
        let (other_bits, other_length) = other.prefix_bits(field);
        let common = prefix_mask(field.width_bits, length.min(other_length));
        bits & common == other_bits & common
    }

    /// Whether both cannot be rows of one priority: some packet would match both, and nothing says
    /// which of them wins. Prefixes of two lengths can.
    pub(crate) fn conflicts_with(&self, other: &MatchKey) -> bool {
        match self.table.spec().lpm_field() {
            Some(_) => self == other,
            None => self.overlaps(other),
        }
    }

    /// This key with its prefix cut to `length` bits; of a table without one, the key itself.
    pub(crate) fn with_prefix_length(mut self, length: u32) -> MatchKey {
        let Some(field) = self.table.spec().lpm_field() else { return self };
        let (bits, _) = self.prefix_bits(field);
        let mut packer = Packer::<KEY_BYTES>::new();
        packer.push(field.width_bits, bits & prefix_mask(field.width_bits, length));
        packer.push(8, length.into());
        let exact_bytes = self.table.spec().exact_bytes();
        let packed = field_bytes(field.width_bits) + 1;
        self.bytes[exact_bytes..exact_bytes + packed]
            .copy_from_slice(&packer.into_bytes()[..packed]);
        self
    }

    /// The bits and the length of the prefix field.
    fn prefix_bits(&self, field: &KeyField) -> (u128, u32) {
        let mut packed = Unpacker::new(&self.bytes[self.table.spec().exact_bytes()..]);
        (packed.next(field.width_bits), packed.next(8) as u32)
    }

    /// The table and all bytes of the fields, ordered as they are.
    fn words(&self) -> [u64; 3] {
        let mut bytes = [0; KEY_BYTES + 1];
        bytes[0] = self.table as u8;
        bytes[1..].copy_from_slice(&self.bytes);
        let (words, _) = bytes.as_chunks();
        [0, 1, 2].map(|index| u64::from_be_bytes(words[index]))
    }

    /// Whether both keys are of one table and say the same of every exact field.
    pub(crate) fn has_exact_fields_of(&self, other: &MatchKey) -> bool {
        let exact_bytes = self.table.spec().exact_bytes();
        self.table == other.table && self.bytes[..exact_bytes] == other.bytes[..exact_bytes]
    }

    /// The largest key with these exact fields whose range begins at `low` or before; of a table
    /// without a range, the key itself.
    ///
    /// What an ordered map holds at or before it is the one candidate for a row at port `low`, if
    /// the map's rows do not overlap each other.
    pub(crate) fn upper_bound_at(mut self, low: u16) -> MatchKey {
        let spec = self.table.spec();
        if spec.has_range() {
            let [a, b] = low.to_be_bytes();
            self.bytes[range_bounds(spec.exact_bytes())].copy_from_slice(&[a, b, 0xff, 0xff]);
        }
        self
    }
}

/// Compares the bytes, in words: a table of a million rows is searched by little else.
impl Ord for MatchKey {
    fn cmp(&self, other: &MatchKey) -> Ordering {
        self.words().cmp(&other.words())
    }
}

impl PartialOrd for MatchKey {
    fn partial_cmp(&self, other: &MatchKey) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl MatchKeyBuilder {
    /// The value of the next field, which is an exact one.
    pub fn exact(self, value: impl Into<Value>) -> MatchKeyBuilder {
        MatchKeyBuilder(self.0.and_then(|partial| partial.exact(value.into())))
    }

    /// The bounds, both included, of the next field, which is a range.
    pub fn range(self, low: u16, high: u16) -> MatchKeyBuilder {
        MatchKeyBuilder(self.0.and_then(|partial| partial.range(low, high)))
    }

    /// The value, zero beyond the first `length` bits, of the next field, which is a prefix.
    pub fn prefix(self, value: impl Into<Value>, length: u32) -> MatchKeyBuilder {
        MatchKeyBuilder(self.0.and_then(|partial| partial.prefix(value.into(), length)))
    }

    /// The key.
    ///
    /// # Errors
    ///
    /// The first value that the table does not take where it was given, or the first field that
    /// was left out.
    pub fn build(self) -> Result<MatchKey, InvalidRow> {
        self.0.and_then(PartialKey::finish)
    }
}

impl From<MatchKey> for RowKey {
    fn from(key: MatchKey) -> RowKey {
        key.at_priority(DEFAULT_PRIORITY)
    }
}

impl RowKey {
    /// The table this is a row of.
    pub const fn table(&self) -> Table {
        self.key.table
    }
}

impl fmt::Display for FieldMatch {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FieldMatch::Exact(value) => value.fmt(formatter),
            FieldMatch::Range { low, high } => write!(formatter, "{low}-{high}"),
            FieldMatch::Prefix { value, length } => write!(formatter, "{value}/{length}"),
        }
    }
}

/// The fields as `name=text`, without the table.
impl fmt::Display for MatchKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (field, said)) in self.fields().enumerate() {
            let separator = if index == 0 { "" } else { " " };
            write!(formatter, "{separator}{}={said}", field.name)?;
        }
        Ok(())
    }
}

impl fmt::Debug for MatchKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "MatchKey({} {self})", self.table)
    }
}

/// The key, and the priority unless it is the default one.
impl fmt::Display for RowKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RowKey { key, priority } = self;
        key.fmt(formatter)?;
        match *priority {
            DEFAULT_PRIORITY => Ok(()),
            priority => write!(formatter, " priority={priority}"),
        }
    }
}

impl fmt::Debug for RowKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "RowKey({} {} priority={})", self.table(), self.key, self.priority)
    }
}

/// A key of which the first `given` fields are packed.
#[derive(Clone, Debug)]
struct PartialKey {
    table: Table,
    given: usize,
    packer: Packer<KEY_BYTES>,
}

impl PartialKey {
    fn exact(mut self, value: Value) -> Result<PartialKey, InvalidRow> {
        let field = self.next_field(MatchKind::Exact)?;
        self.packer.push(field.width_bits, place(self.table, field).bits_of(value)?);
        Ok(self)
    }

    fn range(mut self, low: u16, high: u16) -> Result<PartialKey, InvalidRow> {
        let table = self.table;
        let field = self.next_field(MatchKind::Range)?;
        if high < low {
            return Err(InvalidRow::BackwardRange { table, field: field.name, low, high });
        }
        self.packer.push(field.width_bits, low.into());
        self.packer.push(field.width_bits, high.into());
        Ok(self)
    }

    fn prefix(mut self, value: Value, length: u32) -> Result<PartialKey, InvalidRow> {
        let table = self.table;
        let field = self.next_field(MatchKind::Lpm)?;
        let bits = place(table, field).bits_of(value)?;
        let &KeyField { name: field, width_bits, .. } = field;
        if length > width_bits {
            return Err(InvalidRow::LongPrefix { table, field, width_bits, length });
        }
        if bits & !prefix_mask(width_bits, length) != 0 {
            return Err(InvalidRow::HostBits { table, field, value, length });
        }
        self.packer.push(width_bits, bits);
        self.packer.push(8, length.into());
        Ok(self)
    }

    fn next_field(&mut self, given: MatchKind) -> Result<&'static KeyField, InvalidRow> {
        let table = self.table;
        let keys = table.spec().keys;
        let field = keys.get(self.given).ok_or(InvalidRow::TooMany { table, count: keys.len() })?;
        if field.kind != given {
            let expected = field.kind;
            return Err(InvalidRow::OtherMatch { table, field: field.name, expected, given });
        }
        self.given += 1;
        Ok(field)
    }

    fn finish(self) -> Result<MatchKey, InvalidRow> {
        let PartialKey { table, given, packer } = self;
        match table.spec().keys.get(given) {
            Some(field) => Err(InvalidRow::Missing { table, field: field.name }),
            None => Ok(MatchKey { table, bytes: packer.into_bytes() }),
        }
    }
}

/// The first `length` of `width_bits` bits.
const fn prefix_mask(width_bits: u32, length: u32) -> u128 {
    let all = u128::MAX >> (u128::BITS - width_bits);
    match u128::MAX.checked_shr(u128::BITS - width_bits + length) {
        Some(beyond) => all & !beyond,
        None => all,
    }
}

fn place(table: Table, field: &KeyField) -> Place {
    Place { table, field: field.name, width_bits: field.width_bits, format: field.format }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, Ipv6Addr};

    use proptest::prelude::*;

    use super::*;

    fn ipv4(address: u32, low: u16, high: u16) -> Result<MatchKey, InvalidRow> {
        MatchKey::builder(Table::NatIngressIpv4)
            .exact(Ipv4Addr::from_bits(address))
            .range(low, high)
            .build()
    }

    #[test]
    fn a_row_key_is_small() {
        assert_eq!(size_of::<MatchKey>(), 24);
        assert_eq!(size_of::<RowKey>(), 28);
    }

    #[test]
    fn a_key_renders_by_field_name() {
        let key = MatchKey::builder(Table::NatIngressIpv6)
            .exact(Ipv6Addr::LOCALHOST)
            .range(49152, 65535)
            .build()
            .unwrap();
        let fields: Vec<_> = key.render().collect();
        assert_eq!(
            fields,
            [("dst_addr", "::1".to_owned()), ("l4_dst_port", "49152-65535".to_owned())]
        );
        assert_eq!(
            key.at_priority(2).to_string(),
            "dst_addr=::1 l4_dst_port=49152-65535 priority=2"
        );
        assert_eq!(RowKey::from(key).to_string(), "dst_addr=::1 l4_dst_port=49152-65535");
    }

    #[test]
    fn a_field_is_read_by_its_name() {
        let key = ipv4(7, 1, 2).unwrap();
        assert_eq!(key.exact("dst_addr"), Some(Value::Ipv4(Ipv4Addr::from_bits(7))));
        assert_eq!(key.exact("l4_dst_port"), None);
        assert_eq!(key.exact("src_addr"), None);
        assert_eq!(key.range(), Some((1, 2)));
    }

    #[test]
    fn every_mistake_in_a_key_is_named() {
        let table = Table::NatIngressIpv4;
        let address = Ipv4Addr::new(203, 0, 113, 7);
        let start = || MatchKey::builder(table);
        let cases = [
            (start(), "dst_addr is missing"),
            (start().exact(address), "l4_dst_port is missing"),
            (start().range(0, 1), "dst_addr is matched as exact, not range"),
            (start().exact(address).exact(1_u16), "l4_dst_port is matched as range, not exact"),
            (start().exact(Ipv6Addr::LOCALHOST), "dst_addr is an IPv4 address, which ::1 is not"),
            (start().exact(7_u32), "dst_addr is an IPv4 address, which 7 is not"),
            (start().exact(address).range(2, 1), "the range 2-1 of l4_dst_port runs backwards"),
            (start().exact(address).range(1, 2).range(1, 2), "only 2 values are expected here"),
        ];
        for (builder, reason) in cases {
            assert_eq!(builder.build().unwrap_err().to_string(), format!("{table}: {reason}"));
        }
    }

    fn prefix(address: [u8; 4], length: u32) -> Result<MatchKey, InvalidRow> {
        MatchKey::builder(Table::RouteIpv4).prefix(Ipv4Addr::from(address), length).build()
    }

    #[test]
    fn a_prefix_reads_as_its_value_and_its_length() {
        let key = prefix([203, 0, 113, 0], 24).unwrap();
        assert_eq!(key.to_string(), "dst_addr=203.0.113.0/24");
        assert_eq!(key.prefix(), Some((Value::Ipv4(Ipv4Addr::new(203, 0, 113, 0)), 24)));
        assert_eq!((key.exact("dst_addr"), key.range()), (None, None));
        assert_eq!(prefix([0; 4], 0).unwrap().to_string(), "dst_addr=0.0.0.0/0");
        assert_eq!(ipv4(7, 1, 2).unwrap().prefix(), None);
        let last = MatchKey::builder(Table::RouteIpv6).prefix(Ipv6Addr::LOCALHOST, 128);
        assert_eq!(last.build().unwrap().to_string(), "dst_addr=::1/128");
    }

    #[test]
    fn every_mistake_in_a_prefix_is_named() {
        let start = || MatchKey::builder(Table::RouteIpv4);
        let address = Ipv4Addr::new(203, 0, 113, 7);
        let cases = [
            (
                start().prefix(address, 24),
                "dst_addr is 203.0.113.7/24, which has bits set beyond its length",
            ),
            (start().prefix(address, 33), "dst_addr has 32 bits, too few for a prefix of 33"),
            (start().exact(address), "dst_addr is matched as lpm, not exact"),
            (
                start().prefix(Ipv6Addr::LOCALHOST, 8),
                "dst_addr is an IPv4 address, which ::1 is not",
            ),
        ];
        for (builder, reason) in cases {
            let expected = format!("{}: {reason}", Table::RouteIpv4);
            assert_eq!(builder.build().unwrap_err().to_string(), expected);
        }
    }

    proptest! {
        #[test]
        fn prefixes_overlap_if_one_is_the_beginning_of_the_other(
            bits in any::<u32>(), flipped in 0..40_u32, length in 0..=32_u32, other_length in 0..=32_u32,
        ) {
            let other_bits = bits ^ 1_u32.checked_shl(flipped).unwrap_or(0);
            let cut = |bits: u32, length| bits & u32::MAX.checked_shl(32 - length).unwrap_or(0);
            let of = |bits, length| prefix(cut(bits, length).to_be_bytes(), length).unwrap();
            let (one, other) = (of(bits, length), of(other_bits, other_length));
            let shorter = length.min(other_length);
            prop_assert_eq!(one.overlaps(&other), cut(bits, shorter) == cut(other_bits, shorter));
            prop_assert_eq!(of(bits, 32).with_prefix_length(length), one);
            let order = (cut(bits, length), length).cmp(&(cut(other_bits, other_length), other_length));
            prop_assert_eq!(one.cmp(&other), order);
        }

        #[test]
        fn keys_are_ordered_as_their_fields_are(
            (a, a_ports) in (any::<u32>(), any::<(u16, u16)>()),
            (b, b_ports) in (any::<u32>(), any::<(u16, u16)>()),
            same_address in any::<bool>(),
        ) {
            let b = if same_address { a } else { b };
            let sorted = |(x, y): (u16, u16)| (x.min(y), x.max(y));
            let (a_ports, b_ports) = (sorted(a_ports), sorted(b_ports));
            let left = ipv4(a, a_ports.0, a_ports.1).unwrap();
            let right = ipv4(b, b_ports.0, b_ports.1).unwrap();
            prop_assert_eq!(left.cmp(&right), (a, a_ports).cmp(&(b, b_ports)));
            prop_assert_eq!(left.range(), Some(a_ports));
            prop_assert_eq!(left.exact("dst_addr"), Some(Value::Ipv4(Ipv4Addr::from_bits(a))));
            let ports_meet = (b_ports.0..=b_ports.1).any(|port| a_ports.0 <= port && port <= a_ports.1);
            prop_assert_eq!(left.overlaps(&right), a == b && ports_meet);
        }
    }
}
