//! Hashes and checksums, with the results of BMv2: data is laid out bit by bit in the order of its
//! fields and filled up with zeros to a whole byte, and what is in an invalid header is left out.

use crate::ir::HashAlgorithm;

use super::bits::BitWriter;
use super::code::{DataPart, Digest};
use super::layout::Slot;
use super::machine::Machine;
use super::operators::mask;
use super::packets::write_varbit;
use crate::trace::Tracer;

impl<T: Tracer> Machine<'_, T> {
    pub(super) fn hash(&mut self, hash: u32) {
        let hash = self.around.code.hashes[hash as usize];
        let digest = u128::from(self.digest(hash.digest));
        let base = self.get(hash.base);
        let offset = digest.checked_rem(self.get(hash.max)).unwrap_or(0);
        self.set(hash.to, base.wrapping_add(offset) & mask(hash.width));
    }

    /// The value that an algorithm gives for data.
    pub(super) fn digest(&mut self, digest: u32) -> u64 {
        let digest = &self.around.code.digests[digest as usize];
        let payload = match digest.with_payload {
            true => self.packet.get(self.cursor.div_ceil(8)..).unwrap_or_default(),
            false => &[],
        };
        let slots = &*self.slots;
        if digest.algorithm == HashAlgorithm::Csum16 {
            return u64::from(internet_checksum(digest, slots, payload));
        }
        let data = &mut self.room.data;
        let mut writer = BitWriter::new(data, 0);
        for part in present(&digest.parts, slots) {
            match part.width {
                Some(width) => writer.write(slots[part.slot as usize], width),
                None => write_varbit(&mut writer, slots, part.slot),
            }
        }
        data.extend_from_slice(payload);
        compute(digest.algorithm, data)
    }
}

/// What does not lie in an invalid header.
fn present<'a>(parts: &'a [DataPart], slots: &'a [u128]) -> impl Iterator<Item = &'a DataPart> {
    let is_there = |valid: Option<Slot>| valid.is_none_or(|slot| slots[slot as usize] != 0);
    parts.iter().filter(move |part| is_there(part.valid))
}

/// The Internet checksum (RFC 1071), without laying the data out: since 2^16 is 1 modulo
/// 2^16 - 1, a field adds its value times a power of two by the place of its last bit.
fn internet_checksum(digest: &Digest, slots: &[u128], payload: &[u8]) -> u16 {
    let (mut sum, mut bits) = (0_u64, 0_u32);
    let mut add = |value: u128, width: u32, bits: &mut u32| {
        *bits = bits.wrapping_add(width);
        let words = (value as u64, (value >> 64) as u64);
        let halves = [words.0 & 0xffff_ffff, words.0 >> 32, words.1 & 0xffff_ffff, words.1 >> 32];
        let folded = halves.iter().sum::<u64>();
        sum = fold(sum.wrapping_add(folded << (bits.wrapping_neg() % 16)));
    };
    for part in present(&digest.parts, slots) {
        let at = part.slot as usize;
        match part.width {
            Some(width) => add(slots[at], width, &mut bits),
            None => {
                let mut left = slots[at] as u32;
                for slot in &slots[at + 1..][..left.div_ceil(128) as usize] {
                    let take = left.min(128);
                    add(slot.checked_shr(128 - take).unwrap_or(0), take, &mut bits);
                    left -= take;
                }
            }
        }
    }
    bits = bits.wrapping_add(7) & !7;
    let (words, rest) = payload.as_chunks::<2>();
    let words = words.iter().map(|word| u64::from(u16::from_be_bytes(*word))).sum::<u64>();
    add(u128::from(words), 16, &mut bits);
    if let [last] = rest {
        add(u128::from(*last), 8, &mut bits);
    }
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}

/// Keeps a sum small: its value modulo 2^16 - 1 stays, and it becomes zero only if it was.
fn fold(sum: u64) -> u64 {
    (sum & 0xffff_ffff) + (sum >> 32)
}

/// What an algorithm gives for bytes.
fn compute(algorithm: HashAlgorithm, data: &[u8]) -> u64 {
    match algorithm {
        HashAlgorithm::Crc32 | HashAlgorithm::Crc32Custom => {
            let update = |crc: u32, byte: &u8| {
                (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                    (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
                })
            };
            u64::from(!data.iter().fold(u32::MAX, update))
        }
        HashAlgorithm::Crc16 | HashAlgorithm::Crc16Custom => {
            let update = |crc: u16, byte: &u8| {
                (0..8).fold(crc ^ u16::from(*byte), |crc, _| {
                    (crc >> 1) ^ (0xa001 & (crc & 1).wrapping_neg())
                })
            };
            u64::from(data.iter().fold(0, update))
        }
        HashAlgorithm::Identity => {
            data.iter().take(8).fold(0, |value, byte| (value << 8) | u64::from(*byte))
        }
        HashAlgorithm::Csum16 | HashAlgorithm::Xor16 => {
            let (words, rest) = data.as_chunks::<2>();
            let whole = words.iter().fold(0, |value, word| value ^ u16::from_be_bytes(*word));
            u64::from(rest.iter().fold(whole, |value, byte| value ^ (u16::from(*byte) << 8)))
        }
        // The checker lets no program have it.
        HashAlgorithm::Random => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn algorithms_give_the_check_values_of_their_catalogues() {
        let digits = b"123456789";
        assert_eq!(compute(HashAlgorithm::Crc32, digits), 0xcbf4_3926);
        assert_eq!(compute(HashAlgorithm::Crc16, digits), 0xbb3d);
        assert_eq!(compute(HashAlgorithm::Identity, digits), 0x3132_3334_3536_3738);
        assert_eq!(compute(HashAlgorithm::Identity, &digits[..2]), 0x3132);
        assert_eq!(compute(HashAlgorithm::Xor16, &[0x12, 0x34, 0xff]), 0xed34);
        assert_eq!(compute(HashAlgorithm::Xor16, &[]), 0);
    }

    #[test]
    fn the_internet_checksum_is_that_of_the_bytes_however_fields_are_cut() {
        // The header of RFC 1071's example of words, cut into fields of odd widths.
        let bytes = 0x0001_f203_f4f5_f6f7_u64;
        for cuts in [vec![64], vec![1, 63], vec![3, 13, 17, 31], vec![16, 16, 16, 16]] {
            let (mut left, mut slots, mut parts) = (64, Vec::new(), Vec::new());
            for width in cuts {
                left -= width;
                parts.push(DataPart { slot: slots.len() as u32, width: Some(width), valid: None });
                slots.push(u128::from(bytes >> left) & mask(width));
            }
            let algorithm = HashAlgorithm::Csum16;
            let digest = Digest { parts, algorithm, with_payload: true };
            assert_eq!(internet_checksum(&digest, &slots, &[]), !0xddf2);
            let odd = internet_checksum(&digest, &slots, &[0x10]);
            assert_eq!(odd, !(0xddf2 + 0x1000));
        }
        let digest =
            Digest { parts: vec![], algorithm: HashAlgorithm::Csum16, with_payload: false };
        assert_eq!(internet_checksum(&digest, &[], &[]), 0xffff);
        assert_eq!(internet_checksum(&digest, &[], &[0xff; 65_536]), 0);
    }
}
