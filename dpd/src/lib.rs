//! dpd: the daemon that owns the match-action tables of a P4 switch.
//!
//! A request comes in through `api`, is checked and turned into a command of the core by
//! [`convert`], and goes to the [`controller`]: one thread that owns the desired state and the
//! device, decides, plans, performs and publishes. [`lower`] turns what was planned into rows of
//! the device's tables. Readers take the published snapshot and wait for nobody.
//!
//! [`Daemon`] puts it together. [`SwitchProcess`] is a switch for it, or for others, in software.
//! [`cli`] and [`logger`] are for the program's `main`.

pub mod forwarding;

pub mod lower;

pub mod controller;

pub mod metrics;

pub mod convert;

pub mod packets;
mod soft;
mod switch;

mod api;

mod daemon;
mod switch_process;

pub mod cli;
mod logging;

pub use daemon::{Daemon, Options, StartError};
pub use logging::{LogFormat, LogSettings, logger};
pub use packets::{Alarm, Device};
pub use soft::SoftPackets;
pub use switch_process::{SwitchError, SwitchProcess};
