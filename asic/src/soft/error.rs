//! Why a program cannot be the switch behind the list of tables.

use thiserror::Error;

use crate::spec::MatchKind;
use crate::table::Table;

/// Why there is no such switch.
#[derive(Debug, Error)]
pub enum SoftError {
    /// The program has errors, or says what the interpreter does not support.
    #[error("the program is not accepted:\n{0}")]
    Program(Box<p4::InvalidProgram>),
    /// The list of tables has a table that the program lacks.
    #[error(
        "the program {program} has no table {table}, which dpd writes; it has {}",
        there.join(", ")
    )]
    NoSuchTable {
        /// What the program is called.
        program: String,
        /// The table of the list.
        table: Table,
        /// The tables of the program.
        there: Vec<String>,
    },
    /// The program has a table that the list lacks.
    #[error("the program {program} has a table {name}, which dpd does not know")]
    UnknownTable {
        /// What the program is called.
        program: String,
        /// The table of the program.
        name: String,
    },
    /// A table of both is not the same in both.
    #[error("table {table} of the program {program} is not as dpd knows it: {difference}")]
    Differs {
        /// What the program is called.
        program: String,
        /// The table.
        table: Table,
        /// In what they differ.
        difference: Difference,
    },
    /// The program lacks a counter that the switch reads, or has it with fewer elements.
    #[error(
        "the program {program} has no counter {name} with {size} elements for packets and bytes, \
         which dpd reads"
    )]
    NoSuchCounter {
        /// What the program is called.
        program: String,
        /// The counter.
        name: &'static str,
        /// How many elements it has to have.
        size: u64,
    },
}

/// In what a table of the program differs from the list of tables.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[expect(missing_docs, reason = "the sentences say what the fields are")]
pub enum Difference {
    /// Another number of rows.
    #[error("it has {program} rows there and {list} here")]
    Size { program: u64, list: u32 },
    /// Other key fields.
    #[error("its key is {} there and {} here", program.join(", "), list.join(", "))]
    Keys { program: Vec<String>, list: Vec<String> },
    /// Other actions.
    #[error("its actions are {} there and {} here", program.join(", "), list.join(", "))]
    Actions { program: Vec<String>, list: Vec<String> },
    /// A direct counter in one of them.
    #[error("its rows {} there and {} here", has_counters(*.program), has_counters(*.list))]
    Counters { program: bool, list: bool },
}

fn has_counters(has: bool) -> &'static str {
    if has { "have counters" } else { "have no counters" }
}

/// A key field as messages show it.
pub(super) fn key_text(name: &str, kind: MatchKind, width_bits: u32) -> String {
    format!("{name}: {kind} of {width_bits} bits")
}
