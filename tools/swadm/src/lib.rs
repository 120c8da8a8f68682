//! The command line for dpd.
//!
//! A command is parsed ([`Args`]), resolved into a [`Session`] to work with, and carried out; what
//! it prints is made of rows and lines that know nothing of the terminal. [`run`] is all of it.

mod args;
mod session;

mod input;

mod output;
mod progress;
mod render;

mod packet;

mod command;

mod trouble;

pub use args::Args;
pub use command::run;
pub use session::Session;
