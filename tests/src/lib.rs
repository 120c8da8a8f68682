//! What the end-to-end tests of dpd stand on.
//!
//! A [`Testbed`] is a daemon in this process, on a port of its own, over a switch that a
//! test can look into, send packets through and let fail ([`Device`]). Requests go over real HTTP
//! as raw JSON ([`Client`]), or byte by byte ([`Connection`]), so that it is the wire contract that
//! is tested and not two ends of one library. What should come back is computed here a second time
//! and as plainly as can be: entries ([`Entry`]), digests ([`digest`]), sets and what one of them
//! changes in another ([`changes`]).
//!
//! Nothing waits for time to pass: [`eventually()`] looks at the real state until it is as it should
//! be, and gives up loudly.

// A fixture whose expectation fails is a test that fails.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod entry;
mod set;
mod workload;

mod client;
mod connection;

mod device;
mod records;
mod switch;
mod testbed;

mod eventually;

pub use asic::{ChaosConfig, RangeExpansion, Rate, Step, Table};
pub use client::{Answer, Client, With, request};
pub use connection::Connection;
pub use device::{Device, DeviceRow};
pub use entry::{Entry, Target, entry, entry_list, target};
pub use eventually::{PATIENCE, eventually, soon, stalled, until};
pub use records::{Record, Records};
pub use set::{changes, digest, ensured};
pub use switch::{Backend, Switch, between_outside_and_sleds};
pub use testbed::{Everything, Settings, Testbed, ungrouped};
pub use workload::{instances, services};
