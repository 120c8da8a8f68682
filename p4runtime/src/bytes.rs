//! Values as byte strings: P4Runtime specification 1.5, section 8.4, "Bytestrings".

use thiserror::Error;

/// Why a byte string is no value.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidBytes {
    /// Even 0 takes a byte.
    #[error("the byte string is empty; 0 is one byte of zeros")]
    Empty,
    /// The value has more bits than there is room for.
    #[error("{} does not fit {width_bits} bits", hex(bytes))]
    TooWide {
        /// The byte string, without the zeros that lead it.
        bytes: Vec<u8>,
        /// The room.
        width_bits: u32,
    },
}

/// The canonical byte string of a value: the most significant byte first, and no more bytes than it
/// takes, but one.
pub fn canonical(value: u128) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let zeros = (value.leading_zeros() / 8).min(15) as usize;
    bytes[zeros..].to_vec()
}

/// The value of a byte string, which need not be canonical: zeros may lead it.
///
/// # Errors
///
/// If it is empty, or the value does not fit `width_bits` (at most 128).
pub fn value(bytes: &[u8], width_bits: u32) -> Result<u128, InvalidBytes> {
    if bytes.is_empty() {
        return Err(InvalidBytes::Empty);
    }
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    let rest = &bytes[zeros..];
    let too_wide = || InvalidBytes::TooWide { bytes: rest.to_vec(), width_bits };
    if rest.len() > 16 {
        return Err(too_wide());
    }
    let value = rest.iter().fold(0, |value, byte| value << 8 | u128::from(*byte));
    match value.checked_shr(width_bits).unwrap_or_default() {
        0 => Ok(value),
        _ => Err(too_wide()),
    }
}

/// As in `0x0a000001`; the first bytes of very long ones.
fn hex(bytes: &[u8]) -> String {
    const SHOWN: usize = 20;
    let shown: String = bytes.iter().take(SHOWN).map(|byte| format!("{byte:02x}")).collect();
    match bytes.len().checked_sub(SHOWN) {
        None | Some(0) => format!("0x{shown}"),
        Some(_) => format!("0x{shown}... ({} bytes)", bytes.len()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::*;

    /// The examples of the specification and the ends of the range.
    #[rstest]
    #[case(0, &[0])]
    #[case(99, &[0x63])]
    #[case(12_388, &[0x30, 0x64])]
    #[case(0x0a00_0001, &[0x0a, 0, 0, 1])]
    #[case(u128::MAX, &[0xff; 16])]
    fn canonical_byte_strings_are_the_shortest(#[case] number: u128, #[case] bytes: &[u8]) {
        assert_eq!(canonical(number), bytes);
        assert_eq!(value(bytes, 128), Ok(number));
    }

    #[rstest]
    #[case(&[0, 0, 0x63], 8, Ok(99))]
    #[case(&[0; 100], 1, Ok(0))]
    #[case(&[1, 0xff], 9, Ok(511))]
    #[case(&[2, 0], 9, Err("0x0200 does not fit 9 bits"))]
    #[case(&[], 9, Err("the byte string is empty; 0 is one byte of zeros"))]
    #[case(&[1; 17], 128, Err("0x0101010101010101010101010101010101 does not fit 128 bits"))]
    #[case(&[1; 30], 128, Err("0x0101010101010101010101010101010101010101... (30 bytes) does not fit 128 bits"))]
    fn byte_strings_are_values(
        #[case] bytes: &[u8],
        #[case] width_bits: u32,
        #[case] expected: Result<u128, &str>,
    ) {
        let found = value(bytes, width_bits).map_err(|invalid| invalid.to_string());
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    proptest! {
        #[test]
        fn every_value_comes_back(number: u128, shift in 0_u32..128, zeros in 0_usize..4) {
            let number = number >> shift;
            let bytes = [vec![0; zeros], canonical(number)].concat();
            prop_assert_eq!(value(&bytes, 128 - shift), Ok(number));
            prop_assert!(number < 2 || value(&bytes, 127 - number.leading_zeros()).is_err());
        }
    }
}
