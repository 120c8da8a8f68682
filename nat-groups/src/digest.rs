//! A fingerprint of a set of mappings that does not depend on their order.

use crate::mapping::Mapping;
use sha2::{Digest as _, Sha256};
use std::fmt;

/// A 256-bit fingerprint of a set of mappings, kept up as mappings come and go.
///
/// It is the sum, modulo 2^256, of the SHA-256 of each mapping's canonical bytes read as a
/// little-endian integer; the empty set's is zero. Canonical bytes are: family (1 byte, 4 or 6),
/// external address (16; IPv4 in the last four), first and last port (2 each, big-endian), internal
/// address (16), inner MAC (6), VNI (4, big-endian).
///
/// It tells apart two honest parties' sets. It is no defence against someone who forges sets:
/// finding sets whose sums collide is much easier than breaking SHA-256.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Digest {
    /// From the least significant.
    words: [u64; 4],
}

impl Digest {
    /// The digest of the empty set.
    pub const EMPTY: Digest = Digest { words: [0; 4] };

    /// Takes a mapping in.
    pub fn add(&mut self, mapping: &Mapping) {
        let mut carry = false;
        for (word, term) in self.words.iter_mut().zip(hash(mapping)) {
            (*word, carry) = word.carrying_add(term, carry);
        }
    }

    /// Takes a mapping out that was taken in before.
    pub fn subtract(&mut self, mapping: &Mapping) {
        let mut borrow = false;
        for (word, term) in self.words.iter_mut().zip(hash(mapping)) {
            (*word, borrow) = word.borrowing_sub(term, borrow);
        }
    }

    /// The 32 bytes of the sum, least significant first.
    pub fn to_bytes(self) -> [u8; 32] {
        let mut bytes = [0; 32];
        for (chunk, word) in bytes.chunks_exact_mut(8).zip(self.words) {
            chunk.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }
}

impl fmt::Display for Digest {
    /// 64 hexadecimal digits.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn hash(mapping: &Mapping) -> [u64; 4] {
    let hash: [u8; 32] = Sha256::digest(canonical_bytes(mapping)).into();
    let mut words = [0; 4];
    for (word, chunk) in words.iter_mut().zip(hash.as_chunks::<8>().0) {
        *word = u64::from_le_bytes(*chunk);
    }
    words
}

/// Short enough, with SHA-256's padding, for a single block.
fn canonical_bytes(Mapping { slot, target }: &Mapping) -> [u8; 47] {
    let mut bytes = [0; 47];
    let mut rest = bytes.as_mut_slice();
    let mut put = |field: &[u8]| {
        let (head, tail) = std::mem::take(&mut rest).split_at_mut(field.len());
        head.copy_from_slice(field);
        rest = tail;
    };
    put(&[slot.family() as u8]);
    put(&slot.external.octets());
    put(&slot.ports.low().to_be_bytes());
    put(&slot.ports.high().to_be_bytes());
    put(&target.internal_ip.octets());
    put(&target.inner_mac.0);
    put(&target.vni.get().to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::slot::{PortRange, Slot};
    use crate::target::{MacAddr, Target, Vni};
    use std::net::IpAddr;

    fn mapping(external: &str, low: u16, high: u16) -> Mapping {
        Mapping {
            slot: Slot::new(
                external.parse::<IpAddr>().unwrap(),
                PortRange::new(low, high).unwrap(),
            ),
            target: Target {
                internal_ip: "fd00:1122:3344:101::1".parse().unwrap(),
                inner_mac: MacAddr([0xa8, 0x40, 0x25, 0xff, 0x00, 0x01]),
                vni: Vni::new(100).unwrap(),
            },
        }
    }

    #[test]
    fn canonical_bytes_are_laid_out_as_published() {
        let hex: String = canonical_bytes(&mapping("203.0.113.7", 0, 16383))
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        assert_eq!(
            hex,
            concat!(
                "04",
                "000000000000000000000000cb007107",
                "0000",
                "3fff",
                "fd001122334401010000000000000001",
                "a84025ff0001",
                "00000064",
            )
        );
    }

    /// Computed with another implementation:
    /// `hashlib.sha256(bytes.fromhex("04...64")).hexdigest()` of the bytes above.
    #[test]
    fn one_mapping_has_the_sha256_of_its_bytes() {
        let mut digest = Digest::EMPTY;
        digest.add(&mapping("203.0.113.7", 0, 16383));
        assert_eq!(digest.to_string(), SHA256_OF_EXAMPLE);
    }

    /// The sum of both terms modulo 2^256, computed with Python's integers.
    #[test]
    fn two_mappings_have_the_sum() {
        let mut digest = Digest::EMPTY;
        digest.add(&mapping("203.0.113.7", 0, 16383));
        digest.add(&mapping("2001:db8::7", 80, 80));
        assert_eq!(digest.to_string(), SUM_OF_TWO);
    }

    #[test]
    fn the_empty_set_is_zeros_and_order_does_not_matter() {
        let [a, b, c] =
            [mapping("192.0.2.1", 0, 1), mapping("192.0.2.1", 2, 3), mapping("2001:db8::1", 0, 1)];
        let mut one = Digest::EMPTY;
        [a, b, c].iter().for_each(|m| one.add(m));
        let mut other = Digest::EMPTY;
        [c, a, b].iter().for_each(|m| other.add(m));
        assert_eq!(one, other);
        [b, c, a].iter().for_each(|m| other.subtract(m));
        assert_eq!(other.to_string(), "0".repeat(64));
    }

    const SHA256_OF_EXAMPLE: &str =
        "1ca6c540a6ab2cbdf7bb1b98f7e621d3c8f358f62b192ad0b63bc62361f63ad1";
    const SUM_OF_TWO: &str = "147cecc669c63689cf289cebd49a9389953b773c5af58a885bab62ecccde8ccb";
}
