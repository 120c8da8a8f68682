//! The laws of the core, each a named test, over random histories in a world so small that
//! everything collides with everything.
//!
//! In reading order: [`universe`] is that world, [`naive_store`] and [`naive_device`] are oracles made to be
//! obvious, [`store_walk`] and [`device_walk`] take the crate and the oracles through histories, and
//! the rest are the laws.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs, unreachable_pub)]

mod universe;

mod naive_device;
mod naive_store;

mod command;
mod device_walk;
mod store_walk;

mod differences;
mod gaps;
mod large_sets;
mod plans;
mod reach;
mod regressions;
mod restores;
mod stores;
