//! The daemon that is measured: this program, run again.

mod child;
mod serve;

pub(crate) use child::DaemonProcess;
pub(crate) use serve::serve;
