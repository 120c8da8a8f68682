//! Pipelines, writes and reads as a controller has them: over a socket.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs)]

mod common;
mod pipelines;
mod writes;
