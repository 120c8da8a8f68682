//! Why a write is not done.

use std::sync::Arc;

use thiserror::Error;

use super::entry::EntryKey;
use crate::ir::{MatchKind, TableId};

/// Why a write is not done. Nothing has changed then.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum WriteError {
    /// The program has no table of this number.
    #[error("there is no table number {}", table.0)]
    UnknownTable { table: TableId },
    /// A table without key is its default action.
    #[error("table {table} has no key and so no entries")]
    NoKey { table: Arc<str> },
    /// Too few or too many matches.
    #[error("table {table} has {expected} key elements, not {found}")]
    KeyCount { table: Arc<str>, expected: usize, found: usize },
    /// A match of another kind than the element's.
    #[error("key {key} of table {table} is matched {expected}, not {found}")]
    WrongMatchKind { table: Arc<str>, key: Arc<str>, expected: MatchKind, found: MatchKind },
    /// A value that does not fit the element.
    #[error("{value:#x} does not fit the {width} bits of key {key} of table {table}")]
    KeyTooWide { table: Arc<str>, key: Arc<str>, width: u32, value: u128 },
    /// A prefix longer than the element.
    #[error("key {key} of table {table} has {width} bits, less than a prefix of {prefix_length}")]
    PrefixTooLong { table: Arc<str>, key: Arc<str>, width: u32, prefix_length: u32 },
    /// Ones where they are not compared.
    #[error("{value:#x} for key {key} of table {table} has bits outside its mask {mask:#x}")]
    BitsOutsideMask { table: Arc<str>, key: Arc<str>, value: u128, mask: u128 },
    /// A range that holds nothing.
    #[error("{low:#x} is above {high:#x} for key {key} of table {table}")]
    LowAboveHigh { table: Arc<str>, key: Arc<str>, low: u128, high: u128 },
    /// Entries of such a table are in an order.
    #[error("an entry of table {table} needs a priority of at least 1")]
    PriorityMissing { table: Arc<str> },
    /// Entries of such a table are in no order.
    #[error("an entry of table {table} cannot have a priority, here {priority}")]
    PriorityNotAllowed { table: Arc<str>, priority: u32 },
    /// The table has no action of this number.
    #[error("table {table} has {actions} actions, none of number {action}")]
    UnknownAction { table: Arc<str>, action: usize, actions: usize },
    /// Too few or too many arguments.
    #[error("action {action} has {expected} arguments, not {found}")]
    ArgumentCount { action: Arc<str>, expected: usize, found: usize },
    /// An argument that does not fit its parameter.
    #[error("{value:#x} does not fit the {width} bits of {parameter} of action {action}")]
    ArgumentTooWide { action: Arc<str>, parameter: Arc<str>, width: u32, value: u128 },
    /// `@defaultonly`
    #[error("action {action} of table {table} can only be the default action")]
    DefaultOnly { table: Arc<str>, action: Arc<str> },
    /// `@tableonly`
    #[error("action {action} of table {table} cannot be the default action")]
    TableOnly { table: Arc<str>, action: Arc<str> },
    /// `const entries`
    #[error("the entries of table {table} are constant")]
    ConstEntries { table: Arc<str> },
    /// `const` before one of the entries.
    #[error("entry {key} of table {table} is constant")]
    ConstEntry { table: Arc<str>, key: Box<EntryKey> },
    /// `const default_action`
    #[error("the default action of table {table} is constant")]
    ConstDefault { table: Arc<str> },
    /// There is one with this key.
    #[error("table {table} has entry {key}")]
    Exists { table: Arc<str>, key: Box<EntryKey> },
    /// There is none with this key.
    #[error("table {table} has no entry {key}")]
    NotFound { table: Arc<str>, key: Box<EntryKey> },
    /// There is no room for one more.
    #[error("table {table} is full with {size} entries")]
    Full { table: Arc<str>, size: u64 },
}

/// An invariant of the store that does not hold; see [`Tables::validate`](super::Tables::validate).
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum BrokenInvariant {
    /// An entry that the table would have refused.
    #[error("an entry is not valid: {0}")]
    Invalid(#[from] WriteError),
    /// The table counts its entries wrong.
    #[error("table {table} says it has {counted} entries and has {found}")]
    Length { table: Arc<str>, counted: usize, found: usize },
    /// More entries than there is room for.
    #[error("table {table} has {entries} entries, {size} at most")]
    Size { table: Arc<str>, entries: usize, size: u64 },
    /// An entry that is not found by its key.
    #[error("entry {key} of table {table} is not found by its key")]
    Lost { table: Arc<str>, key: Box<EntryKey> },
    /// A structure for lookups is not as it has to be.
    #[error("table {table}: {rule} does not hold")]
    Structure { table: Arc<str>, rule: &'static str },
}
