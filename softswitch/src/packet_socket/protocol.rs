//! Requests and answers as bytes.

use std::io::{self, ErrorKind, Read};

use asic::Traced;

/// How many bytes a request has before its frame.
pub(super) const HEADER_BYTES: usize = 5;

/// The flag that asks for the trace.
const TRACED: u8 = 1;

const ANSWERED: u8 = 0;
const REFUSED: u8 = 1;

/// What comes before a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) is_traced: bool,
    pub(super) port: u16,
    pub(super) length: u16,
}

impl Header {
    /// Reads the header of a request, or says what is wrong with it.
    pub(super) fn decode(bytes: [u8; HEADER_BYTES]) -> Result<Header, String> {
        let [flags, p0, p1, l0, l1] = bytes;
        if flags & !TRACED != 0 {
            return Err(format!("there are no flags {flags:#04x}; bit 0 asks for the trace"));
        }
        let (port, length) = (u16::from_be_bytes([p0, p1]), u16::from_be_bytes([l0, l1]));
        Ok(Header { is_traced: flags & TRACED != 0, port, length })
    }

    pub(super) fn encode(self) -> [u8; HEADER_BYTES] {
        let ([p0, p1], [l0, l1]) = (self.port.to_be_bytes(), self.length.to_be_bytes());
        [if self.is_traced { TRACED } else { 0 }, p0, p1, l0, l1]
    }
}

/// Writes an answer.
pub(super) fn encode_answer(answer: &Traced, bytes: &mut Vec<u8>) {
    let Traced { outputs, dropped, steps } = answer;
    bytes.push(ANSWERED);
    put_count(bytes, outputs.len());
    for (port, frame) in outputs {
        bytes.extend(port.to_be_bytes());
        put_block(bytes, frame);
    }
    bytes.push(u8::from(dropped.is_some()));
    if let Some(reason) = dropped {
        put_block(bytes, reason.as_bytes());
    }
    put_count(bytes, steps.len());
    for step in steps {
        put_block(bytes, step.as_bytes());
    }
}

/// Writes the answer to what is no request.
pub(super) fn encode_refusal(reason: &str, bytes: &mut Vec<u8>) {
    bytes.push(REFUSED);
    put_block(bytes, reason.as_bytes());
}

/// Reads an answer, or what was wrong with the request.
pub(super) fn read_answer(from: &mut impl Read) -> io::Result<Result<Traced, String>> {
    match get_byte(from)? {
        ANSWERED => {}
        REFUSED => return Ok(Err(get_text(from)?)),
        other => return Err(malformed(format!("there is no answer {other}"))),
    }
    let mut outputs = Vec::new();
    for _ in 0..get_count(from)? {
        let port = u16::from_be_bytes(get_array(from)?);
        outputs.push((port, get_block(from)?));
    }
    let dropped = match get_byte(from)? {
        0 => None,
        1 => Some(get_text(from)?),
        other => return Err(malformed(format!("{other} says neither dropped nor not"))),
    };
    let mut steps = Vec::new();
    for _ in 0..get_count(from)? {
        steps.push(get_text(from)?);
    }
    Ok(Ok(Traced { outputs, dropped, steps }))
}

fn put_count(bytes: &mut Vec<u8>, count: usize) {
    bytes.extend(u32::try_from(count).unwrap_or(u32::MAX).to_be_bytes());
}

fn put_block(bytes: &mut Vec<u8>, block: &[u8]) {
    put_count(bytes, block.len());
    bytes.extend_from_slice(block);
}

fn get_array<const N: usize>(from: &mut impl Read) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn get_byte(from: &mut impl Read) -> io::Result<u8> {
    get_array(from).map(|[byte]| byte)
}

fn get_count(from: &mut impl Read) -> io::Result<u32> {
    get_array(from).map(u32::from_be_bytes)
}

fn get_block(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let length = get_count(from)?;
    let mut block = Vec::new();
    // What is not there takes no memory, whatever the length says.
    from.take(length.into()).read_to_end(&mut block)?;
    match block.len() == length as usize {
        true => Ok(block),
        false => Err(ErrorKind::UnexpectedEof.into()),
    }
}

fn get_text(from: &mut impl Read) -> io::Result<String> {
    String::from_utf8(get_block(from)?).map_err(|error| malformed(error.to_string()))
}

fn malformed(reason: String) -> io::Error {
    io::Error::new(ErrorKind::InvalidData, reason)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(
            outputs in vec((any::<u16>(), vec(any::<u8>(), 0..100)), 0..4),
            dropped in option::of(".{0,20}"),
            steps in vec(".{0,20}", 0..4),
        ) {
            let answer = Traced { outputs, dropped, steps };
            let mut bytes = Vec::new();
            encode_answer(&answer, &mut bytes);
            let mut rest = bytes.as_slice();
            prop_assert_eq!(read_answer(&mut rest).unwrap(), Ok(answer));
            prop_assert!(rest.is_empty());
            // Without its last byte it is none.
            let all_but_one = bytes.len() - 1;
            prop_assert!(read_answer(&mut &bytes[..all_but_one]).is_err());
        }

        #[test]
        fn no_bytes_let_the_reader_fail(bytes in vec(any::<u8>(), 0..64)) {
            let _ = read_answer(&mut bytes.as_slice());
        }

        #[test]
        fn headers_come_back(is_traced: bool, port: u16, length: u16) {
            let header = Header { is_traced, port, length };
            prop_assert_eq!(Header::decode(header.encode()), Ok(header));
        }

        #[test]
        fn flags_that_are_none_are_refused(flags in 2_u8..) {
            let refusal = Header::decode([flags, 0, 0, 0, 0]).unwrap_err();
            prop_assert!(refusal.contains("bit 0"), "{}", refusal);
        }
    }
}
