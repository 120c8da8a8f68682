//! What the threads need of the system, as a trait, so that faults can come through it in tests.

use rustix::io::Errno;
use std::os::fd::AsFd;

/// The longest frame that a port takes, in bytes, from the destination address to the end of the
/// payload and without a VLAN tag.
pub const GREATEST_FRAME_BYTES: usize = 65_535;

/// Space in front of a frame, for the VLAN tag that the kernel hands out apart.
pub(super) const TAG_BYTES: usize = 4;

/// A network interface as it is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// Its name.
    pub name: String,
    /// Its number in the system. An interface that is made anew has another.
    pub index: u32,
    /// Its MAC address; zeros if it has none.
    pub mac: [u8; 6],
    /// Its MTU in bytes, without the Ethernet header, where the system tells it.
    pub mtu: Option<u32>,
    /// It has been set up.
    pub up: bool,
    /// It has a carrier.
    pub carrier: bool,
}

/// Where interfaces are looked for and opened.
pub(super) trait Links: Send + 'static {
    type Socket: PacketSocket;

    /// All interfaces, in no order.
    fn interfaces(&self) -> Result<Vec<Interface>, Errno>;

    /// Opens an interface that is up for that many threads. Each frame that comes in reaches one of
    /// the sockets, and all frames of a flow the same.
    fn open(&self, index: u32, threads: usize) -> Result<Vec<Self::Socket>, Errno>;
}

/// One thread's socket on an interface. Nothing here waits.
pub(super) trait PacketSocket: AsFd + Send + Sync + 'static {
    /// Takes the next frame that came in, if there is one.
    fn receive(&self, buffer: &mut FrameBuffer) -> Result<Received, Errno>;

    /// Sends a frame.
    fn send(&self, frame: &[u8]) -> Result<(), Errno>;

    /// How many frames were lost because the socket's queue was full, since this was last asked.
    fn take_dropped(&self) -> u64;
}

/// What was received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Received {
    /// Nothing is there now.
    Nothing,
    /// A frame, which is in the buffer from `start` to `end`.
    Frame { start: usize, end: usize, checksum_missing: bool },
    /// A frame that was too long, and is lost.
    TooLong,
}

/// Space for one frame.
pub(super) struct FrameBuffer(pub(super) Box<[u8]>);

impl FrameBuffer {
    pub(super) fn new() -> Self {
        Self(vec![0; TAG_BYTES + GREATEST_FRAME_BYTES].into_boxed_slice())
    }
}
