//! Packets by a socket in the file system, for tests and tools: no interface, and no right to open
//! one, is needed.
//!
//! A client connects to a Unix stream socket and sends frames, each as if it came in by some port.
//! For each it gets one answer, in order: everything that left the switch because of that frame.
//! The frames are real ones, and counted; but what leaves goes to the client and out of no
//! interface. What goes to the controllers' port goes to the controllers and is in the answer too,
//! with the program's header in front.
//!
//! Numbers are unsigned and big-endian. A request is
//!
//! | bytes | what |
//! |---|---|
//! | 1 | flags: bit 0 asks for the trace; all others are 0 |
//! | 2 | the port |
//! | 2 | the length of the frame |
//! | | the frame |
//!
//! and an answer
//!
//! | bytes | what |
//! |---|---|
//! | 1 | 0 |
//! | 4 | how many frames left the switch |
//! | 2 + 4 + ... | for each the port, its length and the frame |
//! | 1 | 1 if the frame was dropped, else 0 |
//! | 4 + ... | if it was: the length of the reason, and the reason as text |
//! | 4 | how many steps the trace has: none if it was not asked for |
//! | 4 + ... | for each its length and the step as text |
//!
//! A request that is none gets the answer 1, then the length (4 bytes) of what is wrong with it and
//! that as text, and the connection ends. [`PacketSocket`] is a client.

mod client;
mod listener;
mod protocol;

pub use client::{PacketSocket, PacketSocketError};
pub use listener::{PacketListener, PacketService};
