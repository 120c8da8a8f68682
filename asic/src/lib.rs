//! Match-action tables, the writes that change them and the devices that hold them.
//!
//! A switch forwards by tables. A [`Table`] is described by its [`TableSpec`]: key fields, matched
//! exactly, by a range or by a prefix, and the actions that a row can name. A [`Row`] is a [`RowKey`] (the
//! [`MatchKey`] says which packets it is for, the priority which row wins where several match) and
//! an [`Action`] with its arguments. All of them are built against the specification, so what
//! exists fits its table, and are a few dozen bytes each, because a table may hold a million rows.
//!
//! A [`TableWrite`] inserts, modifies or deletes one row. A device is an [`Asic`]: it takes a batch
//! of writes and answers with one [`Outcome`] for each, reads a table back and reads its counters.
//! An outcome is `Ok`, refused with the reason, unknown, or not attempted; nothing is ever reported
//! as done that the device has not confirmed. How many rows a table has and what a row costs there
//! is for the device to say ([`Asic::size_rows`], [`Capabilities`]).
//!
//! Four devices are here: [`MemoryAsic`] holds the tables in memory, [`SoftAsic`] runs the P4 program,
//! [`P4RuntimeAsic`] drives any switch that speaks P4Runtime, and [`ChaosAsic`] wraps any other and
//! lets it fail, by chance or as told. The rules that every device keeps are tests in [`contract`].
//!
//! [`soft_ports`] moves packets between Linux interfaces and whatever forwards them.
//!
//! Nothing here knows of groups or generations. Nor does it know of HTTP, an async runtime, the
//! clock or chance, with two exceptions: the ports look at the clock, to say since when one is down,
//! and behind [`P4RuntimeAsic`] there is a thread with an async runtime that keeps a connection,
//! watches for silence and comes back after a while and a little chance. Everywhere else a timeout,
//! a seed and a way to sleep are given by the caller.
//!
//! ```
//! use std::net::{Ipv4Addr, Ipv6Addr};
//! use std::time::Duration;
//! use asic::{
//!     Action, Asic, MatchKey, MemoryAsic, MemoryConfig, Refusal, Row, Table, TableWrite, WriteError,
//! };
//!
//! let table = Table::NatIngressIpv4;
//! let key = MatchKey::builder(table)
//!     .exact(Ipv4Addr::new(203, 0, 113, 7))
//!     .range(0, 16383)
//!     .build()?;
//! let action = Action::builder(table, "forward_ipv4_to")
//!     .argument("fd00:1122:3344:101::1".parse::<Ipv6Addr>()?)
//!     .argument([0xa8, 0x40, 0x25, 0xf0, 0x00, 0x01])
//!     .argument(100_u32)
//!     .build()?;
//! let row = Row::new(key, action)?;
//!
//! let mut asic = MemoryAsic::new(MemoryConfig::default());
//! let timeout = Duration::from_secs(1);
//! assert_eq!(asic.write(&[TableWrite::Insert(row)], timeout), [Ok(())]);
//! assert_eq!(asic.read(table, timeout)?, [row]);
//!
//! // Every write of a batch has its own outcome, and no failure hides what was done.
//! assert_eq!(
//!     asic.write(&[TableWrite::Insert(row), TableWrite::Delete(row.key())], timeout),
//!     [
//!         Err(WriteError::Refused(Refusal::Exists { key: row.key() })),
//!         Err(WriteError::NotAttempted),
//!     ],
//! );
//!
//! // A row reads as a line of text or, in a dump, field by field.
//! assert_eq!(
//!     row.to_string(),
//!     "dst_addr=203.0.113.7 l4_dst_port=0-16383 -> forward_ipv4_to(\
//!      target=fd00:1122:3344:101::1, inner_mac=a8:40:25:f0:00:01, vni=100)",
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod spec;
mod table;

mod action;
mod invalid;
mod key;
mod packed;
mod row;
mod value;

mod device;
mod outcome;
mod range_expansion;

mod difference;

mod chaos;
mod memory;
mod p4runtime;
mod soft;

pub mod contract;
pub mod soft_ports;

pub use crate::p4runtime::{
    CountersError, InvalidSwitchAddress, NotWritable, P4InfoOf, P4RuntimeAsic, P4RuntimeConfig,
    P4RuntimeError, P4RuntimeHandle, SwitchAddress, SwitchEvent,
};
pub use action::{Action, ActionBuilder};
pub use chaos::{
    BlockedWrites, ChaosAsic, ChaosConfig, ChaosConfigError, ChaosSwitch, FaultCounts, Rate, Step,
};
pub use device::{Asic, Atomicity, Capabilities, Counter};
pub use difference::Difference;
pub use invalid::InvalidRow;
pub use key::{DEFAULT_PRIORITY, FieldMatch, MatchKey, MatchKeyBuilder, RowKey};
pub use memory::{BrokenRule, MemoryAsic, MemoryConfig, MemoryHandle};
pub use outcome::{NoAnswer, Outcome, ReadError, Refusal, WriteError};
pub use range_expansion::RangeExpansion;
pub use row::{Row, TableWrite};
pub use soft::{DropCount, PortCount, SoftAsic, SoftConfig, SoftError, SoftHandle, Traced};
pub use spec::{ActionSpec, ArgumentSpec, Format, KeyField, MatchKind, TableSpec};
pub use table::{PerTable, Table};
pub use value::Value;
