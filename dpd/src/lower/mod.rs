//! From what the core plans to what a device is told, and back.
//!
//! This is the single place where the address families part: each has a table of its own.

mod forwarding;
mod nat;

pub use forwarding::{FORWARDING_TABLES, forwarding_rows};
pub use nat::{LowerError, family_of, raise_row, row, table_of, write};
