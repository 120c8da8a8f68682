//! A single packet.

use crate::forwarding::{InvalidPortNumber, PortNumber};
use asic::Traced;
use dpd_types::{PacketOutput, PacketRequest, PacketTrace};
use thiserror::Error;

/// Why a body speaks of no packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidPacket {
    /// There is no such port.
    #[error("port: {0}")]
    Port(InvalidPortNumber),
    /// The frame is not written in hexadecimal.
    #[error(
        "frame: has to be pairs of hexadecimal digits, which the character at {position} is not"
    )]
    Digits {
        /// Where the first other character stands, or where one is missing, from 0.
        position: usize,
    },
    /// No frame is so long.
    #[error("frame: {bytes} bytes are too many, the most is {max}", max = MOST_BYTES)]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

/// The most bytes that a packet can have.
const MOST_BYTES: usize = 65_535;

impl InvalidPacket {
    /// Where it stands in the body.
    pub fn path(&self) -> &'static str {
        match self {
            InvalidPacket::Port(_) => "port",
            InvalidPacket::Digits { .. } | InvalidPacket::TooLong { .. } => "frame",
        }
    }
}

/// The port that a packet comes in by, the packet, and whether it counts.
///
/// # Errors
///
/// The first value that cannot be.
pub fn packet(request: PacketRequest) -> Result<(PortNumber, Vec<u8>, bool), InvalidPacket> {
    let PacketRequest { port, frame, count } = request;
    let number = PortNumber::new(port.into()).map_err(InvalidPacket::Port)?;
    let bytes = frame.len() / 2;
    if bytes > MOST_BYTES {
        return Err(InvalidPacket::TooLong { bytes });
    }
    let digit = |(position, character): (usize, u8)| {
        let value = char::from(character).to_digit(16).and_then(|value| u8::try_from(value).ok());
        value.ok_or(InvalidPacket::Digits { position })
    };
    let digits: Vec<u8> = frame.bytes().enumerate().map(digit).collect::<Result<_, _>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    if !rest.is_empty() {
        return Err(InvalidPacket::Digits { position: frame.len() });
    }
    let frame = pairs.iter().map(|[high, low]| (high << 4) | low).collect();
    Ok((number, frame, count))
}

/// What became of a packet.
pub fn packet_trace(Traced { outputs, dropped, steps }: Traced) -> PacketTrace {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let outputs =
        outputs.iter().map(|(port, frame)| PacketOutput { port: *port, frame: hex(frame) });
    PacketTrace { outputs: outputs.collect(), dropped, steps }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn request(port: u16, frame: &str) -> PacketRequest {
        PacketRequest { port, frame: frame.to_owned(), count: false }
    }

    #[test]
    fn digits_of_both_cases_are_bytes() {
        let (port, frame, count) = packet(request(511, "00fFa8")).unwrap();
        assert_eq!((port.get(), frame, count), (511, vec![0x00, 0xff, 0xa8], false));
        assert!(packet(request(0, "")).unwrap().1.is_empty());
    }

    #[rstest]
    #[case::no_such_port(512, "00", "port: there is no port 512; ports are numbered from 0 to 511")]
    #[case::half_a_byte(1, "000", "the character at 3 is not")]
    #[case::another_character(1, "00g0", "the character at 2 is not")]
    #[case::a_sign(1, "+1", "the character at 0 is not")]
    #[case::a_letter_of_several_bytes(1, "ää", "the character at 0 is not")]
    fn what_is_no_packet_is_refused_in_words(
        #[case] port: u16,
        #[case] frame: &str,
        #[case] words: &str,
    ) {
        let refused = packet(request(port, frame)).unwrap_err().to_string();
        assert!(refused.contains(words), "{refused}");
    }

    #[test]
    fn the_longest_packet_is_taken_and_a_longer_one_is_not() {
        assert_eq!(packet(request(1, &"00".repeat(65_535))).unwrap().1.len(), 65_535);
        let refused = packet(request(1, &"00".repeat(65_536))).unwrap_err();
        assert_eq!(refused, InvalidPacket::TooLong { bytes: 65_536 });
    }
}
