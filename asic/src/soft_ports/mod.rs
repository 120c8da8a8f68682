//! Ports on real interfaces: threads that move frames between Linux interfaces and a forwarder.
//!
//! A [`Forwarder`] says where a frame goes: a [`SoftHandle`](crate::SoftHandle), which runs the P4
//! program, or anything else. A port has a number and is one Linux interface. [`Ports::start`] opens
//! the interfaces and starts the threads; each thread has one socket of its own for every port, and
//! the kernel spreads the frames that come in by a port over its sockets by a hash of the flow. So
//! every thread can serve every port, nothing is shared between threads, and the frames of one flow
//! stay in order: one thread receives them, forwards them and sends them.
//!
//! Frames are whole: with their VLAN tag, which the kernel hands out apart, and up to
//! [`GREATEST_FRAME_BYTES`] long. What cannot be sent is dropped and counted by its cause, and
//! nothing waits for a device. Interfaces that go down or away, and come back, perhaps as another
//! device of the same name, are looked after by one more thread, which reports each change as a
//! [`PortEvent`].
//!
//! The kernel also hands each frame to its own network stack. Interfaces that serve as ports should
//! have no addresses there, so that it stays silent.

mod counters;
mod forwarder;
mod state;

mod link;
mod system;

mod keeper;
mod ports;
mod sender;
mod worker;

#[cfg(test)]
mod tests;

pub use counters::{PortCounters, ReceiveDrops, SendDrops, Traffic};
pub use forwarder::Forwarder;
pub use link::{GREATEST_FRAME_BYTES, Interface};
pub use ports::{PortConfig, Ports, PortsError};
pub use sender::PortSender;
pub use state::{DownReason, PortEvent, PortState, PortStatus};
