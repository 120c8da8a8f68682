//! What is measured: this program, run again.

mod child;
mod serve;
mod switch;

pub(crate) use child::DaemonProcess;
pub(crate) use serve::serve;
pub(crate) use switch::{SwitchProcess, serve_switch};
