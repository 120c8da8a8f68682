//! How a port is, and what is told when that changes.

use super::PortCounters;
use std::fmt;
use std::io;
use std::time::SystemTime;

/// Whether a port can carry frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortState {
    /// It can.
    Up,
    /// It cannot.
    Down(DownReason),
}

/// Why a port carries no frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DownReason {
    /// The interface has been set down.
    SetDown,
    /// The interface has no carrier: the other end is down or not connected.
    NoCarrier,
    /// There is no interface of this name.
    Gone,
    /// The interface is there, but the system refuses to open it. It is tried again.
    Refused {
        /// The system's error number.
        os_error: i32,
    },
}

/// One port as it is.
#[derive(Clone, Debug)]
pub struct PortStatus {
    /// Its number.
    pub number: u16,
    /// The name of its interface.
    pub interface: String,
    /// The interface's MAC address; while it is away, the one that it had last.
    pub mac: [u8; 6],
    /// The interface's MTU in bytes, without the Ethernet header, where the system tells it.
    pub mtu: Option<u32>,
    /// Whether it can carry frames.
    pub state: PortState,
    /// Since when it is in this state.
    pub since: SystemTime,
    /// What it counted.
    pub counters: PortCounters,
}

/// What happened to the ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortEvent {
    /// A port came up, went down, or is down for another reason.
    State {
        /// The port.
        number: u16,
        /// Its interface.
        interface: String,
        /// How it is now.
        state: PortState,
    },
    /// Frames come in by this port with a transport checksum still to be filled in; whoever gets
    /// them will find them damaged. Told once.
    ChecksumMissing {
        /// The port.
        number: u16,
        /// Its interface.
        interface: String,
    },
    /// The interfaces cannot be looked at. It is tried again.
    Unseen {
        /// The system's error number.
        os_error: i32,
    },
    /// A thread that moves frames has failed and no longer does. The others take its share.
    ThreadFailed,
}

impl fmt::Display for PortState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Up => formatter.write_str("up"),
            Self::Down(reason) => write!(formatter, "down: {reason}"),
        }
    }
}

impl fmt::Display for DownReason {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::SetDown => formatter.write_str("the interface has been set down"),
            Self::NoCarrier => formatter.write_str("the interface has no carrier"),
            Self::Gone => formatter.write_str("there is no such interface"),
            Self::Refused { os_error } => {
                write!(formatter, "cannot open it: {}", io::Error::from_raw_os_error(os_error))
            }
        }
    }
}

impl fmt::Display for PortEvent {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State { number, interface, state } => {
                write!(formatter, "port {number} ({interface}) is {state}")
            }
            Self::ChecksumMissing { number, interface } => write!(
                formatter,
                "frames come in by port {number} ({interface}) without their transport checksum; \
                 turn its offload off at the sender, as in `ethtool -K INTERFACE tx off`",
            ),
            Self::Unseen { os_error } => write!(
                formatter,
                "cannot look at the interfaces: {}",
                io::Error::from_raw_os_error(*os_error)
            ),
            Self::ThreadFailed => {
                formatter.write_str("a thread that moves frames has failed; the others take over")
            }
        }
    }
}
