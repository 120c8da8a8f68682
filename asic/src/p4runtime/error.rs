//! Why there is no switch to drive.

use std::io;
use std::time::Duration;

use thiserror::Error;

use super::SwitchAddress;
use crate::difference::Difference;
use crate::table::Table;

/// Why there is no switch to drive.
#[derive(Debug, Error)]
pub enum P4RuntimeError {
    /// The election id 0 means none at all, so with it nothing could be written.
    #[error("the election id 0 can never be that of the primary controller; the smallest is 1")]
    ElectionIdZero,
    /// The system has no thread to give.
    #[error("cannot start the thread that speaks with the switch: {0}")]
    Thread(#[source] io::Error),
    /// Nothing answers there.
    #[error("no switch at {address}: {error}")]
    Unreachable {
        /// Where the switch should be.
        address: SwitchAddress,
        /// The system's words.
        error: io::Error,
    },
    /// What listens there speaks something else, or the connection broke.
    #[error("the connection to the switch at {address} broke while {doing}: {why}")]
    Broken {
        /// Where the switch is.
        address: SwitchAddress,
        /// What was being done.
        doing: &'static str,
        /// How it broke.
        why: String,
    },
    /// Something listens, and does not answer in time.
    #[error("the switch at {address} did not answer within {timeout:?} while {doing}")]
    NoAnswer {
        /// Where the switch is.
        address: SwitchAddress,
        /// What was being done.
        doing: &'static str,
        /// The time for all of it.
        timeout: Duration,
    },
    /// The switch said no.
    #[error("the switch at {address} refused while {doing}: {words}")]
    Refused {
        /// Where the switch is.
        address: SwitchAddress,
        /// What was being done.
        doing: &'static str,
        /// The code and the switch's own words.
        words: String,
    },
    /// The switch has another number.
    #[error(
        "the switch at {address} is not device {device_id} ({words}); give its own with --device-id"
    )]
    WrongDevice {
        /// Where the switch is.
        address: SwitchAddress,
        /// The number it was called by.
        device_id: u64,
        /// The code and the switch's own words.
        words: String,
    },
    /// Another controller writes to this switch.
    #[error(
        "another controller, with election id {}, is primary at the switch at {address}, and ours \
         is {}; stop it, or give a larger --election-id to take over",
        election_id_text(*.primary), election_id_text(*.election_id)
    )]
    OtherPrimary {
        /// Where the switch is.
        address: SwitchAddress,
        /// The election id of the other.
        primary: u128,
        /// Ours.
        election_id: u128,
    },
    /// No controller is primary, and ours cannot be: the switch has had one with a larger election
    /// id.
    #[error(
        "no controller is primary at the switch at {address}, and ours, with election id {}, \
         cannot be: there was one with {}; give a larger --election-id",
        election_id_text(*.election_id), election_id_text(*.largest)
    )]
    NoPrimary {
        /// Where the switch is.
        address: SwitchAddress,
        /// The largest election id that the switch has seen.
        largest: u128,
        /// Ours.
        election_id: u128,
    },
    /// The switch has no pipeline, and was not to be given one.
    #[error(
        "the switch at {address} has no pipeline to keep ({words}); without --keep-pipeline it is \
         given one"
    )]
    NoPipeline {
        /// Where the switch is.
        address: SwitchAddress,
        /// What the switch said.
        words: String,
    },
    /// The P4Info lacks a table that is to be written.
    #[error(
        "the P4Info of {of} has no table {table}, which dpd writes; it has {}",
        if there.is_empty() { "none".to_owned() } else { there.join(", ") }
    )]
    NoSuchTable {
        /// Whose P4Info it is.
        of: P4InfoOf,
        /// The table of the list.
        table: Table,
        /// The tables that it has.
        there: Vec<String>,
    },
    /// A table is there, and not as it is in the list.
    #[error("table {table} in the P4Info of {of} is not as dpd knows it: {difference}")]
    Differs {
        /// Whose P4Info it is.
        of: P4InfoOf,
        /// The table.
        table: Table,
        /// In what they differ.
        difference: Difference,
    },
    /// The program fixes the rows of a table, or has it share actions.
    #[error("table {table} in the P4Info of {of} cannot be written row by row: {reason}")]
    NotWritable {
        /// Whose P4Info it is.
        of: P4InfoOf,
        /// The table.
        table: Table,
        /// Why not.
        reason: NotWritable,
    },
}

/// Whose P4Info is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum P4InfoOf {
    /// The one that was given.
    #[error("the program to be run")]
    Program,
    /// The one that the switch has.
    #[error("the pipeline that the switch runs")]
    Switch,
}

/// Why rows of a table cannot be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotWritable {
    /// They stand in the program.
    #[error("its rows are fixed by the program")]
    Constant,
    /// They name members of an action profile.
    #[error("its actions are in an action profile")]
    ActionProfile,
}

/// As `--election-id` takes it: one number or, where it needs more than 64 bits, both halves.
pub(super) fn election_id_text(election_id: u128) -> String {
    match election_id >> 64 {
        0 => election_id.to_string(),
        high => format!("{high}:{}", election_id as u64),
    }
}
