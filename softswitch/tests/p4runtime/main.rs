//! Pipelines, writes and reads as a controller has them: over a socket.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;
mod model;
mod packets;
mod pipelines;
mod reads;
mod reconciling;
mod writes;
