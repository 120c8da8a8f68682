//! The soft switch as a process of its own, which any P4Runtime controller can drive.
//!
//! A [`SoftSwitch`] runs a P4 program for v1model, which a controller sets or which it is given at
//! start ([`Pipeline`]), and serves the P4Runtime service of the specification 1.5: arbitration
//! between controllers, pipelines, writes in all three atomicities, reads of one moment, packets in
//! and out. What the specification has and the switch has not is refused by name.
//!
//! The device configuration of a pipeline is the source of the program: one text, in which `core.p4`
//! and `v1model.p4` can be included.
//!
//! Packets come from ports on real interfaces ([`asic::soft_ports`], for which the switch is the
//! forwarder), from controllers, and from a socket for tests and tools.

mod switch;

mod difference;
mod names;
mod pipeline;
mod reconcile;

mod decode;
mod encode;
mod refusal;

mod batch;
mod write;

mod answer;
mod read;

mod blocking;
mod configure;

mod arbitration;
mod controllers;
mod election_id;
mod outbox;
mod stream;

mod forwarder;
mod losses;
mod packet_io;
mod port_role;

mod accept;
mod unix_socket;

mod packet_socket;
mod server;
mod service;

pub use difference::Difference;
pub use forwarder::PacketRun;
pub use losses::Losses;
pub use packet_io::InvalidPacketHeader;
pub use packet_socket::{PacketListener, PacketService, PacketSocket, PacketSocketError};
pub use pipeline::{Pipeline, PipelineError};
pub use port_role::NoSuchRole;
pub use server::{InvalidListen, Listen, ListenError, Server};
pub use switch::{Config, SoftSwitch};
