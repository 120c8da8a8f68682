//! The measurements. Each drives a daemon and gives back numbers.

pub(crate) mod cpu;
pub(crate) mod durable;
pub(crate) mod memory;
pub(crate) mod p4runtime;
pub(crate) mod packets;
pub(crate) mod passes;
pub(crate) mod progress;
pub(crate) mod readers;

use anyhow::Context as _;
use tokio::runtime::{Builder, Runtime};

/// A runtime for a client: one thread, as a client has that does one thing after the other.
fn runtime() -> anyhow::Result<Runtime> {
    Builder::new_current_thread().enable_all().build().context("cannot start a runtime")
}
