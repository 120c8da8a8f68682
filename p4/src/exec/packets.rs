//! What a parser takes from a packet and a deparser puts together.

use super::bits::{BitReader, BitWriter};
use super::code::Extract;
use super::layout::Slot;
use super::machine::{Machine, Room};
use super::packing::{Packing, Varbit};
use crate::trace::{Event, Tracer};

/// The most bytes that the writing of a group of fields overwrites behind itself.
const ROOM: usize = 16;

impl<T: Tracer> Machine<'_, T> {
    /// Extracts a header. What fails leaves it as it was; the error is returned.
    #[inline]
    pub(super) fn extract(&mut self, extract: &Extract) -> Result<(), u128> {
        let packing = &self.around.code.packings[extract.packing as usize];
        let base = self.at(extract.address, extract.offset);
        let varbit_bits = match extract.varbit_size {
            Some(size) => self.whole_bytes(self.get(size))?,
            None => 0,
        };
        let bits = (packing.fixed_bits() as usize).saturating_add(varbit_bits);
        if bits > self.left() {
            return Err(self.around.errors.packet_too_short);
        }
        if varbit_bits > packing.varbit.map_or(0, |varbit| varbit.max_bits as usize) {
            return Err(self.around.errors.header_too_short);
        }
        self.read(packing, base, varbit_bits);
        self.cursor += bits;
        if let Some(stack) = extract.next_of {
            let next = self.around.code.stacks[stack as usize].next;
            self.set(next, self.get(next) + 1);
        }
        let bytes = bits / 8;
        self.trace_header(extract.name, base, |header| Event::Extracted { header, bytes });
        Ok(())
    }

    /// The bits of the packet that have not been parsed.
    fn left(&self) -> usize {
        (self.packet.len() * 8).saturating_sub(self.cursor)
    }

    /// A number of bits that is one of bytes.
    pub(super) fn whole_bytes(&self, bits: u128) -> Result<usize, u128> {
        match usize::try_from(bits) {
            Ok(bits) if bits % 8 == 0 => Ok(bits),
            _ => Err(self.around.errors.parser_invalid_argument),
        }
    }

    /// Reads fields, for which there is enough of the packet.
    #[inline]
    fn read(&mut self, packing: &Packing, base: Slot, varbit_bits: usize) {
        let slots = &mut *self.slots;
        for valid in &packing.valid {
            slots[(base + valid) as usize] = 1;
        }
        if self.cursor.is_multiple_of(8) && packing.varbit.is_none() && packing.before.is_grouped()
        {
            packing.before.read(&self.packet[self.cursor / 8..], slots, base);
            return;
        }
        let mut reader = BitReader::new(self.packet, self.cursor);
        packing.before.read_bits(&mut reader, slots, base);
        if let Some(varbit) = packing.varbit {
            read_varbit(&mut reader, slots, base + varbit.slot, varbit, varbit_bits);
        }
        packing.after.read_bits(&mut reader, slots, base);
    }

    pub(super) fn advance(&mut self, bits: usize) -> Result<(), u128> {
        if bits > self.left() {
            return Err(self.around.errors.packet_too_short);
        }
        self.cursor += bits;
        Ok(())
    }

    pub(super) fn lookahead(&mut self, packing: &Packing, to: Slot) -> Result<(), u128> {
        if packing.fixed_bits() as usize > self.left() {
            return Err(self.around.errors.packet_too_short);
        }
        self.read(packing, to, 0);
        Ok(())
    }

    /// Appends a valid header.
    #[inline]
    pub(super) fn emit(&mut self, packing: &Packing, base: Slot) {
        let slots = &*self.slots;
        if self.emitted.is_multiple_of(8) && packing.varbit.is_none() && packing.before.is_grouped()
        {
            let (start, bytes) = (self.emitted / 8, packing.before.bits as usize / 8);
            if self.room.output.len() < start + bytes + ROOM {
                self.room.output.resize(start + bytes + ROOM, 0);
            }
            packing.before.write(&mut self.room.output[start..], slots, base);
            self.emitted += bytes * 8;
            return;
        }
        let mut writer = BitWriter::new(&mut self.room.output, self.emitted);
        packing.before.write_bits(&mut writer, slots, base);
        if let Some(varbit) = packing.varbit {
            write_varbit(&mut writer, slots, base + varbit.slot);
        }
        packing.after.write_bits(&mut writer, slots, base);
        self.emitted = writer.bit();
    }

    /// Appends what the parser left of the packet, and zeros to a whole byte.
    pub(super) fn emit_payload(&mut self) {
        let rest = self.packet.get(self.cursor / 8..).unwrap_or_default();
        if self.emitted.is_multiple_of(8) && self.cursor.is_multiple_of(8) {
            let start = self.emitted / 8;
            let end = start + rest.len();
            if self.room.output.len() < end {
                self.room.output.resize(end, 0);
            }
            self.room.output[start..end].copy_from_slice(rest);
            self.emitted = end * 8;
        } else {
            let mut reader = BitReader::new(self.packet, self.cursor);
            let mut writer = BitWriter::new(&mut self.room.output, self.emitted);
            for _ in 0..self.packet.len() * 8 - self.cursor {
                writer.write(reader.read(1), 1);
            }
            self.emitted = writer.bit();
        }
    }
}

impl Room {
    /// The bytes that have been emitted, of so many bits.
    pub(super) fn emitted(&self, bits: usize) -> &[u8] {
        &self.output[..bits.div_ceil(8)]
    }
}

fn read_varbit(
    reader: &mut BitReader<'_>,
    slots: &mut [u128],
    at: Slot,
    varbit: Varbit,
    bits: usize,
) {
    let at = at as usize;
    slots[at] = bits as u128;
    let mut left = bits as u32;
    for slot in &mut slots[at + 1..][..varbit.max_bits.div_ceil(128) as usize] {
        let take = left.min(128);
        *slot = reader.read(take).checked_shl(128 - take).unwrap_or(0);
        left -= take;
    }
}

pub(super) fn write_varbit(writer: &mut BitWriter<'_>, slots: &[u128], at: Slot) {
    let at = at as usize;
    let mut left = slots[at] as u32;
    for slot in &slots[at + 1..][..left.div_ceil(128) as usize] {
        let take = left.min(128);
        writer.write(slot.checked_shr(128 - take).unwrap_or(0), take);
        left -= take;
    }
}
