//! How the fields of a header lie in a packet, settled once for each type.
//!
//! Fields that together fill whole bytes form a group of at most eight bytes where that is
//! possible (at most sixteen where not), which is read and written as one number. Where a header
//! or the place in the packet does not keep to bytes, fields are read and written bit by bit.

use crate::ir::{Program, Type};

use super::bits::{BitReader, BitWriter};
use super::layout::{Sizes, Slot};
use super::operators::mask;

/// The fields of a header or of a value that is looked at ahead.
#[derive(Clone, Debug)]
pub(super) struct Packing {
    /// Slots from the header's beginning that become 1: those of validity.
    pub(super) valid: Box<[u32]>,
    /// The fields before the varbit, all if there is none.
    pub(super) before: Fields,
    /// The varbit.
    pub(super) varbit: Option<Varbit>,
    /// The fields behind it.
    pub(super) after: Fields,
}

/// A field whose size is known when it is extracted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Varbit {
    /// The slot of its length, from the header's beginning.
    pub(super) slot: u32,
    /// The most bits that it can have.
    pub(super) max_bits: u32,
}

/// Fields of fixed sizes next to each other.
#[derive(Clone, Debug, Default)]
pub(super) struct Fields {
    pub(super) bits: u32,
    all: Box<[Field]>,
    /// All of them, in groups; empty if that is not possible.
    groups: Box<[Group]>,
}

#[derive(Clone, Copy, Debug)]
struct Field {
    /// From the header's beginning.
    slot: u32,
    width: u32,
    /// How far it is shifted in its group.
    shift: u32,
}

#[derive(Clone, Copy, Debug)]
struct Group {
    /// Where it begins and how many bytes it has.
    start: u32,
    bytes: u32,
    /// Its fields, by their places in [`Fields::all`].
    first: u32,
    end: u32,
}

impl Packing {
    /// How values of the type, a header or anything of fixed size, are packed.
    pub(super) fn new(program: &Program, sizes: &Sizes<'_>, ty: &Type) -> Packing {
        let mut leaves = Leaves { program, sizes, valid: Vec::new(), fields: Vec::new() };
        leaves.collect(ty, 0);
        let varbit_at = leaves.fields.iter().position(|leaf| matches!(leaf, Leaf::Varbit(_)));
        let (before, rest) = leaves.fields.split_at(varbit_at.unwrap_or(leaves.fields.len()));
        let (varbit, after) = match rest.split_first() {
            Some((Leaf::Varbit(varbit), after)) => (Some(*varbit), after),
            _ => (None, rest),
        };
        Packing {
            valid: leaves.valid.into(),
            before: Fields::new(before),
            varbit,
            after: Fields::new(after),
        }
    }

    /// The bits of all fields but the varbit.
    pub(super) fn fixed_bits(&self) -> u32 {
        self.before.bits.saturating_add(self.after.bits)
    }
}

enum Leaf {
    Field { slot: u32, width: u32 },
    Varbit(Varbit),
}

struct Leaves<'a> {
    program: &'a Program,
    sizes: &'a Sizes<'a>,
    valid: Vec<u32>,
    fields: Vec<Leaf>,
}

impl Leaves<'_> {
    fn collect(&mut self, ty: &Type, slot: u32) {
        match ty {
            Type::Varbit(max_bits) => {
                self.fields.push(Leaf::Varbit(Varbit { slot, max_bits: *max_bits }));
            }
            Type::Header(id) | Type::Struct(id) => {
                let composite = &self.program.composites[id.index()];
                if composite.is_header {
                    self.valid.push(slot);
                }
                let mut slot = slot + u32::from(composite.is_header);
                for field in &composite.fields {
                    self.collect(&field.ty, slot);
                    slot += self.sizes.of(&field.ty);
                }
            }
            Type::Tuple(types) => {
                let mut slot = slot;
                for ty in types.iter() {
                    self.collect(ty, slot);
                    slot += self.sizes.of(ty);
                }
            }
            _ => {
                if let Some(width) = width_of(self.program, ty) {
                    self.fields.push(Leaf::Field { slot, width });
                }
            }
        }
    }
}

/// The width of a scalar in a packet; none if it is no scalar.
pub(super) fn width_of(program: &Program, ty: &Type) -> Option<u32> {
    match ty {
        Type::Bool => Some(1),
        Type::Bit(width) | Type::Int(width) => Some(*width),
        // An error or a member has no width of its own; these never stand in a packet.
        Type::Error => Some(32),
        Type::Enum(id) => match &program.enums[id.index()].underlying {
            Some(ty) => width_of(program, ty),
            None => Some(32),
        },
        _ => None,
    }
}

impl Fields {
    fn new(leaves: &[Leaf]) -> Fields {
        let mut all: Vec<Field> = Vec::new();
        for leaf in leaves {
            if let Leaf::Field { slot, width } = leaf {
                all.push(Field { slot: *slot, width: *width, shift: 0 });
            }
        }
        let bits = all.iter().fold(0_u32, |sum, field| sum.saturating_add(field.width));
        let groups = group(&mut all).unwrap_or_default();
        Fields { bits, all: all.into(), groups: groups.into() }
    }

    /// Reads the fields of a header whose slots begin at `base`, if they are in groups.
    #[inline]
    pub(super) fn read(&self, data: &[u8], slots: &mut [u128], base: Slot) {
        for group in &self.groups {
            let fields = &self.all[group.first as usize..group.end as usize];
            let bytes = &data[group.start as usize..];
            if group.bytes <= 8 {
                let word = word_at(bytes, group.bytes as usize);
                for field in fields {
                    let value = (word >> field.shift) & (u64::MAX >> (64 - field.width));
                    slots[(base + field.slot) as usize] = u128::from(value);
                }
            } else {
                let word = wide_word_at(bytes, group.bytes as usize);
                for field in fields {
                    let value = (word >> field.shift) & mask(field.width);
                    slots[(base + field.slot) as usize] = value;
                }
            }
        }
    }

    /// Whether [`Fields::read`] and [`Fields::write`] can be used, at a place at a whole byte.
    #[inline]
    pub(super) fn is_grouped(&self) -> bool {
        !self.groups.is_empty() || self.bits == 0
    }

    /// Writes the fields to `data`, which has sixteen bytes more than they take: what lies behind
    /// them is overwritten.
    #[inline]
    pub(super) fn write(&self, data: &mut [u8], slots: &[u128], base: Slot) {
        for group in &self.groups {
            let fields = &self.all[group.first as usize..group.end as usize];
            let start = group.start as usize;
            if group.bytes <= 8 {
                let mut word = 0_u64;
                for field in fields {
                    word |= (slots[(base + field.slot) as usize] as u64) << field.shift;
                }
                let word = word << (64 - 8 * group.bytes);
                data[start..start + 8].copy_from_slice(&word.to_be_bytes());
            } else {
                let mut word = 0_u128;
                for field in fields {
                    word |= slots[(base + field.slot) as usize] << field.shift;
                }
                let word = word << (128 - 8 * group.bytes);
                data[start..start + 16].copy_from_slice(&word.to_be_bytes());
            }
        }
    }

    pub(super) fn read_bits(&self, from: &mut BitReader<'_>, slots: &mut [u128], base: Slot) {
        for field in &self.all {
            slots[(base + field.slot) as usize] = from.read(field.width);
        }
    }

    pub(super) fn write_bits(&self, to: &mut BitWriter<'_>, slots: &[u128], base: Slot) {
        for field in &self.all {
            to.write(slots[(base + field.slot) as usize], field.width);
        }
    }
}

/// The first bytes, at least one and at most eight, as a number.
#[inline]
fn word_at(bytes: &[u8], count: usize) -> u64 {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return u64::from_be_bytes(*eight) >> (64 - 8 * count);
    }
    bytes[..count].iter().fold(0, |word, byte| (word << 8) | u64::from(*byte))
}

/// The first bytes, at least nine and at most sixteen, as a number.
#[inline]
fn wide_word_at(bytes: &[u8], count: usize) -> u128 {
    if let Some(sixteen) = bytes.first_chunk::<16>() {
        return u128::from_be_bytes(*sixteen) >> (128 - 8 * count);
    }
    bytes[..count].iter().fold(0, |word, byte| (word << 8) | u128::from(*byte))
}

/// Puts all fields into groups, as large as they can be without going beyond eight bytes.
fn group(fields: &mut [Field]) -> Option<Vec<Group>> {
    let mut groups = Vec::new();
    let (mut first, mut start) = (0, 0);
    while first < fields.len() {
        let (end, bits) = next_group(&fields[first..])?;
        let end = first + end;
        let mut shift = bits;
        for field in &mut fields[first..end] {
            shift -= field.width;
            field.shift = shift;
        }
        let place = |index: usize| u32::try_from(index).ok();
        groups.push(Group { start, bytes: bits / 8, first: place(first)?, end: place(end)? });
        start += bits / 8;
        first = end;
    }
    Some(groups)
}

/// How many fields the next group takes, and how many bits that is: as many as fit eight bytes,
/// else the fewest that fit sixteen.
fn next_group(fields: &[Field]) -> Option<(usize, u32)> {
    let (mut bits, mut best) = (0_u32, None);
    for (index, field) in fields.iter().enumerate() {
        bits += field.width;
        if bits > 128 || (bits > 64 && best.is_some()) {
            break;
        }
        if bits % 8 == 0 {
            best = Some((index + 1, bits));
        }
    }
    best
}
