//! Why a program cannot be the switch behind the list of tables.

use thiserror::Error;

use crate::difference::Difference;
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
