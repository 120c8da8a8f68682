//! Why values do not make a row of a table.

use thiserror::Error;

use crate::spec::{Format, MatchKind};
use crate::table::Table;
use crate::value::Value;

/// The values given for a key or an action are not those that the table takes.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum InvalidRow {
    /// A key field or argument was not given.
    #[error("{table}: {field} is missing")]
    Missing {
        /// The table the row is for.
        table: Table,
        /// The first field that was not given.
        field: &'static str,
    },
    /// More key fields or arguments were given than there are.
    #[error("{table}: only {count} values are expected here")]
    TooMany {
        /// The table the row is for.
        table: Table,
        /// How many there are.
        count: usize,
    },
    /// An exact value was given for a range or a prefix, or the other way round.
    #[error("{table}: {field} is matched as {expected}, not {given}")]
    OtherMatch {
        /// The table the row is for.
        table: Table,
        /// The key field.
        field: &'static str,
        /// How the table matches it.
        expected: MatchKind,
        /// What was given.
        given: MatchKind,
    },
    /// The value is of another kind than the field.
    #[error("{table}: {field} is {expected}, which {value} is not")]
    OtherFormat {
        /// The table the row is for.
        table: Table,
        /// The key field or argument.
        field: &'static str,
        /// What the field holds.
        expected: Format,
        /// What was given.
        value: Value,
    },
    /// The number is larger than the field.
    #[error("{table}: {field} has {width_bits} bits, too few for {value}")]
    TooWide {
        /// The table the row is for.
        table: Table,
        /// The key field or argument.
        field: &'static str,
        /// The width of the field.
        width_bits: u32,
        /// What was given.
        value: Value,
    },
    /// The range has no value in it.
    #[error("{table}: the range {low}-{high} of {field} runs backwards")]
    BackwardRange {
        /// The table the row is for.
        table: Table,
        /// The key field.
        field: &'static str,
        /// The lower bound given.
        low: u16,
        /// The upper bound given, below the lower one.
        high: u16,
    },
    /// The prefix is longer than the field.
    #[error("{table}: {field} has {width_bits} bits, too few for a prefix of {length}")]
    LongPrefix {
        /// The table the row is for.
        table: Table,
        /// The key field.
        field: &'static str,
        /// The width of the field.
        width_bits: u32,
        /// The length given.
        length: u32,
    },
    /// Bits are set that the prefix does not reach to.
    #[error("{table}: {field} is {value}/{length}, which has bits set beyond its length")]
    HostBits {
        /// The table the row is for.
        table: Table,
        /// The key field.
        field: &'static str,
        /// What was given.
        value: Value,
        /// The length given.
        length: u32,
    },
    /// The table has no action of this name.
    #[error("{table} has no action named {action}")]
    NoSuchAction {
        /// The table the row is for.
        table: Table,
        /// The name given.
        action: String,
    },
    /// The key is one of a table and the action one of another.
    #[error("a key of {key_table} cannot have an action of {action_table}")]
    OtherTable {
        /// The table of the key.
        key_table: Table,
        /// The table of the action.
        action_table: Table,
    },
}
