//! Streams of controllers, packets, and the server around, through gRPC as a controller sees them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

mod arbitration;
mod packet_socket;
mod packets;
mod server;
