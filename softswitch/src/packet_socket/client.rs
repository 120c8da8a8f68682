//! The client's side.

use std::io::{self, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use asic::Traced;
use thiserror::Error;

use super::protocol::{HEADER_BYTES, Header, read_answer};

/// A connection to a switch, by which frames come in and what leaves because of them is told. It
/// waits for each answer.
#[derive(Debug)]
pub struct PacketSocket {
    socket: BufReader<UnixStream>,
}

/// What became of a frame is not known.
#[derive(Debug, Error)]
pub enum PacketSocketError {
    /// The connection does not work, or the switch has ended.
    #[error("the switch cannot be reached at its packet socket: {0}")]
    Broken(#[from] io::Error),
    /// The switch knows no such request, and has ended the connection.
    #[error("the switch refuses the request: {0}")]
    Refused(String),
    /// Nothing was sent.
    #[error("the frame has {bytes} bytes; the most is 65535")]
    TooLong {
        /// Its length.
        bytes: usize,
    },
}

impl PacketSocket {
    /// Connects to the switch that listens there.
    ///
    /// # Errors
    ///
    /// If none does.
    pub fn connect(path: impl AsRef<Path>) -> io::Result<PacketSocket> {
        Ok(PacketSocket { socket: BufReader::new(UnixStream::connect(path)?) })
    }

    /// Lets a frame come in by a port, and waits for what leaves because of it.
    ///
    /// # Errors
    ///
    /// If that is not known.
    pub fn send(&mut self, port: u16, frame: &[u8]) -> Result<Traced, PacketSocketError> {
        self.ask(false, port, frame)
    }

    /// As [`PacketSocket::send`], and tells what the program did, step by step.
    ///
    /// # Errors
    ///
    /// If what became of the frame is not known.
    pub fn trace(&mut self, port: u16, frame: &[u8]) -> Result<Traced, PacketSocketError> {
        self.ask(true, port, frame)
    }

    fn ask(
        &mut self,
        is_traced: bool,
        port: u16,
        frame: &[u8],
    ) -> Result<Traced, PacketSocketError> {
        let bytes = frame.len();
        let length = u16::try_from(bytes).map_err(|_| PacketSocketError::TooLong { bytes })?;
        let mut request = Vec::with_capacity(HEADER_BYTES + bytes);
        request.extend(Header { is_traced, port, length }.encode());
        request.extend_from_slice(frame);
        self.socket.get_mut().write_all(&request)?;
        read_answer(&mut self.socket)?.map_err(PacketSocketError::Refused)
    }
}
